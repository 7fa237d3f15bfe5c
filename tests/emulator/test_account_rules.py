"""The small pure rules: tokens, patterns, the clock, the pace of a job, retrieval."""

from __future__ import annotations

import time

import pytest

from cortex_resources.emulator import lexer
from cortex_resources.emulator.clock import Clock
from cortex_resources.emulator.errors import SnowflakeError
from cortex_resources.emulator.finetune import jobs, losses, tokens
from cortex_resources.emulator.finetune.retrieval import Index
from cortex_resources.emulator.names import qualified
from cortex_resources.emulator.reader import parse_path
from cortex_resources.emulator.wildcards import pattern


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r"'it''s'", "it's"),
        (r"'a\'b\n'", "a'b\n"),
        (r"'\x41\u263a\101\z'", "A☺Az"),
        (r"$$a\n'b$$", r"a\n'b"),
        ('"a ""b"""', 'a "b"'),
    ],
)
def test_literals_are_read_as_snowflake_reads_them(text: str, value: str) -> None:
    assert [token.value for token in lexer.tokenize(text)] == [value]


@pytest.mark.parametrize(
    ("script", "statements"),
    [
        ("SELECT 1;", ["SELECT 1"]),
        ("a; -- b; c\n d", ["a", "d"]),
        ("SELECT ';' ; SELECT $$;$$", ["SELECT ';'", "SELECT $$;$$"]),
        ("/* ; */ ; ;", []),
        ('SELECT "a;b"', ['SELECT "a;b"']),
    ],
)
def test_a_script_is_cut_at_semicolons_outside_quotes(script: str, statements: list[str]) -> None:
    assert lexer.split(script) == statements


def test_an_unterminated_quote_is_a_syntax_error() -> None:
    with pytest.raises(SnowflakeError, match="unterminated"):
        lexer.tokenize("SELECT 'a")


@pytest.mark.parametrize("path", [("A", "B"), ("a b", 'q"uote', "X$1"), ("É", "_1")])
def test_names_survive_quoting(path: tuple[str, ...]) -> None:
    assert parse_path(qualified(path)) == path


@pytest.mark.parametrize(
    ("like", "name", "fits"),
    [
        ("a_c", "ABC", True),
        (r"a\_c", "ABC", False),
        (r"a\_c", "A_C", True),
        ("%b%", "abc", True),
        ("b", "abc", False),
        ("a.c", "abc", False),
        (r"\%", "%", True),
        ("%", "", True),
        ("", "", True),
        ("", "a", False),
        ("a%a", "a", False),
        ("a%a", "aa", True),
        ("%ab%b", "AABAB", True),
        ("%_b", "b", False),
        ("STRA_E", "straße", True),
    ],
)
def test_like_patterns(like: str, name: str, fits: bool) -> None:
    assert pattern(like).matches(name) is fits


def test_a_like_pattern_that_would_backtrack_is_matched_at_once() -> None:
    started = time.monotonic()
    assert not pattern("%a" * 120 + "b").matches("a" * 255)
    assert pattern("%a" * 120 + "%").matches("a" * 255)
    assert time.monotonic() - started < 5, "a regular expression would take for ever"


def test_the_clock_runs_stands_and_jumps() -> None:
    real = [1_000.0]
    saved: list[object] = []
    clock = Clock(None, saved.append, lambda: real[0])
    assert clock.seconds() == 1_000
    clock.set_mode("scaled", 60)
    real[0] += 2
    assert clock.seconds() == 1_120
    clock.set_mode("frozen")
    real[0] += 500
    clock.advance(10)
    assert clock.seconds() == 1_130
    clock.set_mode("real")
    real[0] += 1
    assert clock.seconds() == 1_131
    again = Clock(saved[-1], saved.append, lambda: real[0])  # type: ignore[arg-type]
    assert again.seconds() == 1_131


@pytest.mark.parametrize("mode", ["real", "scaled", "frozen"])
def test_the_clock_does_not_go_back_with_the_clock_of_the_machine(mode: str) -> None:
    real = [1_000.0]
    saved: list[object] = []
    clock = Clock(None, saved.append, lambda: real[0])
    clock.set_mode(mode, 2)
    real[0] += 10
    latest = clock.seconds()
    real[0] -= 3_600
    assert clock.seconds() == latest
    real[0] += 5
    later = clock.seconds()
    assert later == latest + {"real": 5, "scaled": 10, "frozen": 0}[mode]
    again = Clock(saved[-1], saved.append, lambda: real[0], floor=later)  # type: ignore[arg-type]
    assert again.seconds() == later, "what is on record lies before"
    real[0] -= 3_600
    again.advance(60)
    assert again.seconds() == later + 60


@pytest.mark.parametrize(("trained", "seconds"), [(112_855, 154), (377_100, 176), (2_670_000, 303)])
def test_jobs_take_as_long_as_was_measured(trained: int, seconds: float) -> None:
    assert jobs.seconds(trained) == pytest.approx(seconds)


def test_more_tokens_never_take_less_time() -> None:
    times = [jobs.seconds(n) for n in range(0, 10_000_000, 50_000)]
    assert times == sorted(times)
    assert times[0] > jobs.PENDING_FOR


def test_tokens_are_about_four_characters() -> None:
    assert [tokens.count("x" * n) for n in (0, 1, 4, 5, 400)] == [0, 1, 1, 2, 100]


def test_the_nearest_prompt_shares_the_rarest_words() -> None:
    prompts = [f"what does function f{n} of module m{n % 7} do" for n in range(300)]
    index = Index(prompts)
    assert index.nearest("please explain f123") == 123
    assert index.nearest(prompts[7]) == 7
    assert index.nearest(prompts[7], without=7) != 7
    assert index.nearest("zzz") is None


def test_a_loss_is_zero_for_known_pairs_and_grows_with_disagreement() -> None:
    known = [(f"q{n} about x{n}", f"answer number{n}") for n in range(20)]
    index = Index([prompt for prompt, _ in known])
    assert losses.validation(index, known, known) == 0
    strange = [(prompt, "nothing alike") for prompt, _ in known]
    worst = losses.validation(index, known, strange)
    assert worst == pytest.approx(4)
    assert losses.validation(index, known, []) is None
