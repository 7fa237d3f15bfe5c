"""How a tuned model is asked and judged."""

from __future__ import annotations

import pytest

from cortex_resources.emulator.server import LocalAccount
from samples import answer, stdlib_pairs
from samples.stdlib_pairs import Pair

JOIN = Pair("What does os.path.join do?", "Join paths. It adds a separator.", "os.path", "test")
SPLIT = Pair("What does os.path.split do?", "Split a path in two.", "os.path", "train")
HOMES = {pair.answer: pair.module for pair in (JOIN, SPLIT)}


def judged(given: str) -> answer.Score:
    return answer.score("M", [JOIN], lambda _model, _question: given, HOMES)


def test_only_questions_of_the_test_split_are_asked_in_a_fixed_order() -> None:
    pairs = [Pair(f"q{n}", f"answer {n}", "m", s) for n, s in enumerate(("train", "test") * 9)]
    first, second = answer.held_back(pairs), answer.held_back(list(reversed(pairs)))
    assert first == second
    assert {pair.split for pair in first} == {"test"}
    assert len(first) == 9


def test_the_one_question_is_a_row_of_the_test_split() -> None:
    assert answer.one_question() in answer.held_back(stdlib_pairs.pairs())


@pytest.mark.parametrize("is_local", [True, False])
def test_the_answer_of_the_local_account_is_told_to_be_a_stand_in(is_local: bool) -> None:
    lines = list(answer.report("M", "base", 0, lambda *_: "an answer", is_local=is_local))
    assert lines[1] == "answer:   an answer"
    assert ("no model runs in the local account" in lines[-1]) is is_local


def test_the_truth_scores_full_marks() -> None:
    assert judged(JOIN.answer) == answer.Score("M", 1, 1, 1, 1.0)


def test_an_answer_about_a_neighbour_counts_for_the_module_alone() -> None:
    score = judged(SPLIT.answer)
    assert (score.same_module, score.same_sentence) == (1, 0)
    assert 0 < score.common_words < 1


def test_a_right_first_sentence_counts_whatever_follows() -> None:
    assert judged("Join paths. Then go home.").same_sentence == 1


def test_repeating_the_question_does_not_name_the_module() -> None:
    assert judged(f"You asked: {JOIN.question}").same_module == 0


def test_naming_the_module_counts_but_a_longer_name_does_not() -> None:
    assert judged("See os.path.").same_module == 1
    assert judged("See os.pathological.").same_module == 0


def test_a_score_reads_as_one_line() -> None:
    assert str(answer.Score("DB.ML.M", 4, 3, 1, 0.256)) == (
        "DB.ML.M: 3 of 4 about the right module, 1 with the right first sentence, "
        "26% of the words in common"
    )


def test_a_question_with_a_quote_stays_inside_its_literal() -> None:
    assert answer.completion("DB.ML.M", "Who's it?").text == (
        "SELECT AI_COMPLETE('DB.ML.M', 'Who''s it?') AS ANSWER"
    )


@pytest.mark.parametrize("count", ["0", "201", "-1"])
def test_the_number_of_paid_questions_is_bounded(
    count: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        answer.main(["dev", "--model", "DB.ML.M", "--evaluate", count])
    assert ended.value.code == 2
    assert "is not between 1 and 200" in capsys.readouterr().err


def test_a_model_with_an_alias_is_asked_through_the_function(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with LocalAccount(port=0) as account:
        account.seed(
            "CREATE DATABASE DB; CREATE SCHEMA DB.ML; CREATE FUNCTION DB.ML.ANSWER(PROMPT VARCHAR)"
            " RETURNS VARCHAR AS '''echo: '' || PROMPT'"
        )
        monkeypatch.setenv("CORTEX_RESOURCES_LOCAL_PORT", str(account.port))
        asked = ["dev", "--model", "DB.ML.M__1", "--alias", "DB.ML.ANSWER"]
        assert answer.main(asked) == 0
    assert f"answer:   echo: {answer.one_question().question}\n" in capsys.readouterr().out
