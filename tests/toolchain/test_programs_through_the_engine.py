"""How Python programs run under the engine when the language host is ours."""

import json

import pytest

from tests.toolchain.engine_fixture import CHECKOUT, Project
from toolchain.language_host.imports import REFUSAL

pytestmark = pytest.mark.engine

ONE_THING = """
    import pulumi
    from small_provider import Thing

    thing = Thing("one")
    pulumi.export("id", thing.id)
"""


def test_a_second_up_changes_nothing(project: Project) -> None:
    project.program(ONE_THING)
    first = project.succeed("up", "--yes")
    assert "+ 2 created" in first.text
    second = project.succeed("up", "--yes", "--expect-no-changes")
    assert "2 unchanged" in second.text
    assert project.names() == {"one"}


def test_an_import_is_refused_in_words_that_lead_to_what_takes_over(project: Project) -> None:
    project.program(ONE_THING)
    outcome = project.pulumi("import", "pulumi-python:dynamic:Resource", "two", "an-id", "--yes")
    assert outcome.code != 0
    assert REFUSAL in outcome.diagnostics
    assert "Traceback" not in outcome.text
    page, _, heading = REFUSAL.partition("(")[2].rstrip(")").partition(", ")
    assert f"## {heading.strip(chr(34))}\n" in (CHECKOUT / page).read_text(encoding="utf-8")


def test_nothing_warns_about_the_language_host_beside_the_engine(project: Project) -> None:
    project.program(ONE_THING)
    preview = json.loads(project.succeed("preview", "--json").text)
    assert preview.get("diagnostics", []) == []
    assert project.succeed("preview").warnings == []


def test_an_uncaught_exception_shows_the_programs_frames_once(project: Project) -> None:
    project.program("""
        def outer():
            inner()


        def inner():
            raise ValueError("no such luck")


        outer()
    """)
    outcome = project.up()
    assert outcome.code == 1
    program = project.folder / "__main__.py"
    assert [line.strip() for line in outcome.diagnostics.splitlines() if line.strip()] == [
        "pulumi:pulumi:Stack (small-dev):",
        "error: Program failed with an unhandled exception:",
        "Traceback (most recent call last):",
        f'File "{program}", line 10, in <module>',
        "outer()",
        f'File "{program}", line 3, in outer',
        "inner()",
        f'File "{program}", line 7, in inner',
        'raise ValueError("no such luck")',
        "ValueError: no such luck",
    ]


def test_an_exception_after_an_await_shows_only_the_programs_frames(project: Project) -> None:
    project.program("""
        import asyncio
        from small_provider import Thing


        async def fail(value):
            await asyncio.sleep(0)
            raise KeyError(value)


        Thing("two", label2=Thing("one").id.apply(fail))
    """)
    outcome = project.up()
    assert outcome.code == 1
    frames = [line.strip() for line in outcome.diagnostics.splitlines() if "File " in line]
    assert len(frames) == 1, outcome.text
    assert frames[0].endswith("line 8, in fail")
    assert outcome.diagnostics.count("KeyError: 'thing-one'") == 1
    assert project.names() == {"one"}


def test_a_run_error_is_one_message_without_a_traceback(project: Project) -> None:
    project.program("""
        import pulumi

        raise pulumi.RunError("views.docs: the column COMPLETION is missing")
    """)
    outcome = project.up()
    assert outcome.code == 1
    assert outcome.diagnostics.count("views.docs: the column COMPLETION is missing") == 1
    assert "Traceback" not in outcome.text
    assert "exit code" not in outcome.text


def test_exit_code_zero_is_a_success_that_keeps_what_was_declared(project: Project) -> None:
    project.program(ONE_THING + "\n    raise SystemExit(0)\n")
    outcome = project.up()
    assert outcome.code == 0
    assert project.names() == {"one"}
    assert project.succeed("stack", "output", "id").text.strip() == "thing-one"


def test_another_exit_code_fails_the_run_and_is_named(project: Project) -> None:
    project.program("""
        import sys

        sys.exit(3)
    """)
    outcome = project.up()
    assert outcome.code == 1
    assert outcome.diagnostics.count("program exited with non-zero exit code: 3") == 1
    assert "Traceback" not in outcome.text


def test_a_text_given_to_exit_is_shown(project: Project) -> None:
    project.program("""
        import sys

        sys.exit("the model is not ready")
    """)
    outcome = project.up()
    assert outcome.code == 1
    assert outcome.diagnostics.count("the model is not ready") == 1


def test_what_the_program_prints_is_shown_in_order(project: Project) -> None:
    project.program("""
        import sys

        print("first line")
        print("second line", file=sys.stderr)
        print("third line without an end", end="")
    """)
    shown = project.succeed("preview").diagnostics
    places = [shown.index(word) for word in ("first", "third")]
    assert places == sorted(places)
    assert "second line" in shown


def test_config_and_secrets_arrive_and_secrets_stay_secret(project: Project) -> None:
    project.succeed("config", "set", "greeting", "good day")
    project.succeed("config", "set", "--secret", "word", "open sesame")
    project.program("""
        import pulumi

        config = pulumi.Config()
        print("greeting:", config.require("greeting"))
        print("letters:", len(config.require("word")))
        print("stack:", pulumi.get_project(), pulumi.get_stack(), pulumi.get_organization())
        pulumi.export("word", config.require_secret("word"))
    """)
    outcome = project.up()
    assert outcome.code == 0
    for line in ("greeting: good day", "letters: 11", "stack: small dev organization"):
        assert line in outcome.diagnostics
    assert "open sesame" not in outcome.text
    assert "open sesame" not in json.dumps(project.state())
    assert "open sesame" in project.succeed("stack", "output", "--show-secrets", "word").text


def test_the_program_runs_in_the_main_thread_of_its_own_folder(project: Project) -> None:
    project.program("""
        import os, sys, threading

        print("main thread:", threading.current_thread() is threading.main_thread())
        print("same folder:", os.path.samefile(os.getcwd(), sys.path[0]))
        print("argv:", [os.path.basename(word) for word in sys.argv], __name__)
        print("host visible:", any(os.path.isdir(f"{p}/language_host") for p in sys.path))
    """)
    shown = project.succeed("preview").diagnostics
    assert "main thread: True" in shown
    assert "same folder: True" in shown
    assert "argv: ['__main__.py'] __main__" in shown
    assert "host visible: False" in shown


def test_main_may_name_a_folder(project: Project) -> None:
    project.describe(main="infra")
    project.program("VALUE = 'beside it'", name="infra/neighbour.py")
    project.program("import neighbour; print(neighbour.VALUE)", name="infra/__main__.py")
    assert "beside it" in project.succeed("preview").diagnostics


def test_main_may_name_a_file(project: Project) -> None:
    project.describe(main="infra/application.py")
    project.program("print('the wrong one')", name="infra/__main__.py")
    project.program("print('the right one')", name="infra/application.py")
    shown = project.succeed("preview").diagnostics
    assert "the right one" in shown
    assert "the wrong one" not in shown


def test_a_missing_entry_point_is_named(project: Project) -> None:
    outcome = project.pulumi("preview")
    assert outcome.code == 1
    assert f"entry point does not exist: {project.folder / '__main__.py'}" in outcome.text
    assert "Traceback" not in outcome.text


def test_a_refresh_can_run_the_program(project: Project) -> None:
    project.program(ONE_THING)
    project.succeed("up", "--yes", "--skip-preview")
    assert "2 unchanged" in project.succeed("refresh", "--yes", "--run-program").text
    assert project.names() == {"one"}
    project.succeed("destroy", "--yes", "--run-program")
    assert project.names() == set()
