"""SnowDDL makes what a team declares with its role hierarchy; its second plan suggests nothing."""

import os
import re
import sys

from claims import LOGIN, claim, ended, run

SNOWDDL = [sys.executable, "../through.py", "snowddl.app.base:entry_point"]
OPTIONS = [
    *("-c", f"{os.getcwd()}/config", "-a", LOGIN["account"], "-u", LOGIN["user"]),
    *("-p", LOGIN["password"], "-r", "ACCOUNTADMIN", "--apply-unsafe"),
    *("--include-object-types", "WAREHOUSE,DATABASE,SCHEMA,ROLE,TABLE,VIEW,PRIMARY_KEY"),
]


def resolved(action: str) -> dict[str, str]:
    """What the tool says about each object: CREATE, ALTER, GRANT, NOCHANGE, ERROR, …"""
    log = run([*SNOWDDL, *OPTIONS, "--log-level", "DEBUG", action], log=True)
    return dict(re.findall(r"Resolved (\w+ \[.*?\]): (\w+)", log))


def main() -> None:
    with claim("SnowDDL makes warehouse, database, schemas, roles, table and view"):
        made = resolved("apply")
        assert set(made.values()) <= {"CREATE", "NOCHANGE"}, made
        new = {name for name, what in made.items() if what == "CREATE"}
        assert {"TABLE [DOCS.RAW.DOC_PAIRS]", "VIEW [DOCS.ML.DOCS_TRAIN]"} <= new
    with claim("SnowDDL's second plan finds every object and changes none"):
        found = resolved("plan")
        assert set(found) >= set(made), set(made) - set(found)
        changed = {name: what for name, what in found.items() if what != "NOCHANGE"}
        assert changed == {}, changed
    ended()


main()
