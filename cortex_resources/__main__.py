"""`python -m cortex_resources`."""

from cortex_resources.cli.main import main

if __name__ == "__main__":
    main()
