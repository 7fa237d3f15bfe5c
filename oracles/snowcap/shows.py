"""snowcap creates what a team declares, sees it all, and sees a change."""

import json
import os
import sys
from pathlib import Path

import snowflake.connector
from claims import ADDRESS, LOGIN, claim, ended, run

SCRATCH = Path(os.environ["ORACLE_SCRATCH"])
SNOWCAP = [sys.executable, "../through.py", "snowcap"]
SETTINGS = {f"SNOWFLAKE_{key.upper()}": value for key, value in LOGIN.items()}


def plan(name: str = "plan.yml") -> list[dict]:
    out = SCRATCH / "plan.json"
    run([*SNOWCAP, "plan", "--config", name, "--out", str(out)], **SETTINGS)
    return json.loads(out.read_text())["changes"]


def main() -> None:
    with claim("snowcap plans everything on an empty account"):
        assert len(plan()) > 20
    with claim("snowcap applies its plan"):
        run([*SNOWCAP, "apply", "--config", "plan.yml"], **SETTINGS)
    with claim("snowcap's second plan is empty"):
        assert plan() == [], plan()
    with claim("snowcap's plan shows a grant that was revoked behind its back"):
        with snowflake.connector.connect(**ADDRESS, **LOGIN) as connection:
            connection.cursor().execute(
                "REVOKE CREATE MODEL ON SCHEMA DOCS.ML FROM ROLE DOCS_TRAINER"
            )
        (change,) = plan()
        assert "CREATE%20MODEL" in json.dumps(change) or "CREATE MODEL" in json.dumps(change), (
            change
        )
    with claim("snowcap repairs it and its plan is empty again"):
        run([*SNOWCAP, "apply", "--config", "plan.yml"], **SETTINGS)
        assert plan() == []
    ended()


main()
