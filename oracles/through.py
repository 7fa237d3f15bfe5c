"""Runs a tool that has no option for host and port.

`python through.py MODULE ARGUMENTS…`, or `MODULE:FUNCTION` for what a console script calls.
"""

import importlib
import runpy
import sys

from claims import reach_the_local_account

if __name__ == "__main__":
    reach_the_local_account()
    del sys.argv[0]
    module, _, function = sys.argv[0].partition(":")
    if function:
        getattr(importlib.import_module(module), function)()
    else:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
