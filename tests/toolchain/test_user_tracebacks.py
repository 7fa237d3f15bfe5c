"""Which frames of an exception the user sees."""

import asyncio
from pathlib import Path

import pytest

from toolchain.language_host.failures import user_traceback


def raised_by(source: str, filename: str) -> BaseException:
    names: dict[str, object] = {}
    exec(compile(source, filename, "exec"), names)  # a program, as the host would run it
    program = names["program"]
    assert callable(program)
    with pytest.raises(Exception) as caught:  # noqa: PT011 whatever the program raises
        asyncio.run(program())
    error = caught.value
    # The test's own frames come first and would not be there in a host.
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_frame.f_code.co_filename == __file__:
        traceback = traceback.tb_next
    return error.with_traceback(traceback)


def frames(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.lstrip().startswith("File ")]


def test_frames_of_the_machinery_before_the_program_are_left_out() -> None:
    error = raised_by("async def program():\n    raise ValueError('no')", "/home/me/app.py")
    text = user_traceback(error)
    assert frames(text) == ['File "/home/me/app.py", line 2, in program']
    assert text.endswith("ValueError: no\n")


def test_frames_below_the_program_stay_because_they_explain_it() -> None:
    source = "import json\nasync def program():\n    json.loads('{')"
    shown = frames(user_traceback(raised_by(source, "/home/me/app.py")))
    assert shown[0] == 'File "/home/me/app.py", line 3, in program'
    assert any("json" in Path(line.split('"')[1]).parts for line in shown[1:])


def test_the_cause_of_an_exception_is_shown_in_the_same_way() -> None:
    source = (
        "async def program():\n"
        "    try:\n"
        "        {}['missing']\n"
        "    except KeyError as error:\n"
        "        raise ValueError('no') from error\n"
    )
    text = user_traceback(raised_by(source, "/home/me/app.py"))
    assert frames(text) == [
        'File "/home/me/app.py", line 3, in program',
        'File "/home/me/app.py", line 5, in program',
    ]
    assert "direct cause" in text


def test_a_syntax_error_shows_its_place_and_no_frame_of_the_host() -> None:
    with pytest.raises(SyntaxError) as caught:
        compile("x = = 1", "/home/me/app.py", "exec")
    error = caught.value.with_traceback(None)
    assert frames(user_traceback(error)) == ['File "/home/me/app.py", line 1']


def test_an_exception_of_the_machinery_alone_is_shown_whole() -> None:
    async def program() -> None:
        await asyncio.wait_for(asyncio.Event().wait(), timeout=0)

    with pytest.raises(TimeoutError) as caught:
        asyncio.run(program())
    traceback = caught.value.__traceback__
    while traceback is not None and traceback.tb_frame.f_code.co_filename == __file__:
        traceback = traceback.tb_next
    assert frames(user_traceback(caught.value.with_traceback(traceback)))
