"""Which interpreter runs the program and its providers."""

import sysconfig
import venv
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.toolchain.engine_fixture import Project

pytestmark = pytest.mark.engine

WHERE = """
    import os, sys
    from small_provider import Thing

    print("running in", sys.prefix, os.environ["VIRTUAL_ENV"])
    Thing("one", prefix=sys.prefix)
"""


@pytest.fixture
def other_virtualenv(tmp_path: Path) -> Path:
    """A second environment that sees this one's packages."""
    folder = tmp_path / "project" / "other"
    venv.create(folder, with_pip=False, symlinks=True)
    packages = sysconfig.get_path("purelib", vars={"base": str(folder)})
    Path(packages, "borrowed.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return folder


@pytest.mark.parametrize("main", ["", "infra"])
def test_the_named_virtualenv_runs_program_and_provider(
    project: Project, other_virtualenv: Path, main: str
) -> None:
    project.describe(virtualenv="other", main=main)
    project.program(WHERE, name=f"{main or '.'}/__main__.py")
    outcome = project.up()
    assert outcome.code == 0, outcome.text
    assert f"running in {other_virtualenv} {other_virtualenv}" in outcome.diagnostics
    assert project.names() == {"one"}


def test_failures_are_as_clean_in_another_virtualenv(
    project: Project, other_virtualenv: Path
) -> None:
    project.describe(virtualenv="other")
    project.program("import pulumi\nraise pulumi.RunError('no role')")
    outcome = project.up()
    assert outcome.code == 1
    assert outcome.diagnostics.count("no role") == 1
    assert "Traceback" not in outcome.text


def test_a_missing_virtualenv_is_one_clear_message(project: Project) -> None:
    project.describe(virtualenv="nowhere")
    project.program("print('not reached')")
    outcome = project.up()
    assert outcome.code == 1
    expected = f"{project.folder}/nowhere/bin/python does not exist"
    assert outcome.diagnostics.count(expected) == 1
    assert "Traceback" not in outcome.text


def test_a_virtualenv_without_the_sdk_is_named(project: Project) -> None:
    venv.create(project.folder / "bare", with_pip=False, symlinks=True)
    project.describe(virtualenv="bare")
    project.program("print('not reached')")
    outcome = project.up()
    assert outcome.code == 1
    assert "bare/bin/python has no package" in outcome.text
    assert "Traceback" not in outcome.text


def test_install_says_that_it_leaves_the_packages_alone(project: Project) -> None:
    outcome = project.succeed("install")
    assert "nothing installed: packages are taken as they are in" in outcome.text


def test_about_names_the_interpreter_and_the_packages(
    project: Project, other_virtualenv: Path
) -> None:
    project.describe(virtualenv="other")
    project.program("")
    text = project.succeed("about", "--transitive").text
    assert f"executable='{other_virtualenv}/bin/python'" in text
    assert f"pulumi {version('pulumi')}" in " ".join(text.partition("Dependencies")[2].split())
