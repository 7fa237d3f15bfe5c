"""OpenTofu with the Snowflake provider applies, plans no changes, sees drift, destroys."""

import json
import os
import shutil
import urllib.request
from pathlib import Path

from claims import ADDRESS, LOGIN, claim, ended, run

HOME = Path(os.environ["ORACLE_HOME"])
SCRATCH = Path(os.environ["ORACLE_SCRATCH"])
NO_CHANGE, CHANGES = 0, 2


def tofu(*arguments: str, exit_code: int = 0) -> str:
    settings = SCRATCH / "tofu.rc"
    settings.write_text(
        "provider_installation {\n"
        f'  dev_overrides {{ "registry.invalid/local/snowflake" = "{HOME}" }}\n'
        '  filesystem_mirror { path = "/nonexistent" }\n}\n'
    )
    return run(
        [str(HOME / "tofu"), f"-chdir={SCRATCH}", *arguments],
        exit_code,
        TF_CLI_CONFIG_FILE=str(settings),
        TF_VAR_port=str(ADDRESS["port"]),
        TF_VAR_password=LOGIN["password"],
        TF_IN_AUTOMATION="1",
        CHECKPOINT_DISABLE="1",
        SNOWFLAKE_CONFIG_PATH="/dev/null",
    )


def plan(exit_code: int) -> str:
    return tofu("plan", "-no-color", "-input=false", "-detailed-exitcode", exit_code=exit_code)


def sql(statement: str) -> None:
    """Behind the tool's back, with nothing but the protocol."""
    url = f"http://{ADDRESS['host']}:{ADDRESS['port']}"

    def post(path: str, body: dict, headers: dict) -> dict:
        request = urllib.request.Request(
            url + path,
            json.dumps(body).encode(),
            {"Content-Type": "application/json", "Accept": "application/snowflake", **headers},
        )
        with urllib.request.urlopen(request, timeout=30) as reply:
            answer = json.loads(reply.read())
        assert answer["success"], answer
        return answer["data"]

    login = {"LOGIN_NAME": LOGIN["user"], "PASSWORD": LOGIN["password"]}
    opened = post("/session/v1/login-request?roleName=ACCOUNTADMIN", {"data": login}, {})
    token = {"Authorization": f'Snowflake Token="{opened["token"]}"'}
    post("/queries/v1/query-request?requestId=1", {"sqlText": statement}, token)


def main() -> None:
    shutil.copy("main.tf", SCRATCH)
    with claim("tofu apply makes databases, roles, grants, a view and database-role grants"):
        tofu("apply", "-no-color", "-input=false", "-auto-approve")
    with claim("tofu plan shows no changes afterwards"):
        plan(NO_CHANGE)
    with claim("tofu plan shows a privilege that was revoked behind its back"):
        sql("REVOKE CREATE MODEL ON SCHEMA DOCS.ML FROM ROLE DOCS_TRAINER")
        assert "CREATE MODEL" in plan(CHANGES)
    with claim("tofu apply repairs it"):
        tofu("apply", "-no-color", "-input=false", "-auto-approve")
        plan(NO_CHANGE)
    with claim("tofu destroy removes everything"):
        tofu("destroy", "-no-color", "-input=false", "-auto-approve")
    ended()


main()
