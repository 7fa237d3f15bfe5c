"""The account from outside: settings, sessions, retry by effect, errors by number."""
