"""Runs a tool that has no option for host and port: `python through.py MODULE ARGUMENTS…`."""

import runpy
import sys

from claims import reach_the_local_account

if __name__ == "__main__":
    reach_the_local_account()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
