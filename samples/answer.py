"""Ask a tuned model what it was not trained on: `python -m samples.answer STACK --model NAME`.

The question is one of the test split, the same in every run. `--evaluate N` asks N of them, of the
base model too, and counts how near the answers come to the documentation.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from cortex_resources.errors import CortexError
from cortex_resources.gateway.session import Account, account_for, close_all
from cortex_resources.model.effects import Effect, Statement
from cortex_resources.model.names import QualifiedName
from cortex_resources.sql.literals import literal
from samples import prose
from samples.layout import LAYOUTS, without_sample
from samples.load import one_line
from samples.questions import draw
from samples.stdlib_pairs import Pair, pairs

MOST_QUESTIONS = 200
"""Each question is a paid completion in a real account."""

Ask = Callable[[str, str], str]
"""Gives a model's answer to a question."""


@dataclass(frozen=True, slots=True)
class Score:
    """How near the answers of one model come to the true ones."""

    model: str
    asked: int
    same_module: int
    same_sentence: int
    common_words: float

    def __str__(self) -> str:
        return (
            f"{self.model}: {self.same_module} of {self.asked} about the right module, "
            f"{self.same_sentence} with the right first sentence, "
            f"{self.common_words:.0%} of the words in common"
        )


def held_back(made: Sequence[Pair]) -> list[Pair]:
    """The test split, in an order that mixes modules and is the same in every run."""
    kept = [pair for pair in made if pair.split == "test"]
    return sorted(kept, key=lambda pair: draw(pair.question, "ask", 1 << 32))


def score(model: str, asked: Sequence[Pair], ask: Ask, homes: Mapping[str, str]) -> Score:
    """Ask every question and compare.

    Arguments:
        homes: the module of every known answer; a tuned model may repeat one of them.
    """
    answers = [(pair, ask(model, pair.question)) for pair in asked]
    overlaps = [_overlap(answer, pair.answer) for pair, answer in answers]
    return Score(
        model,
        len(answers),
        sum(_is_about(answer, pair, homes) for pair, answer in answers),
        sum(_first(answer) == _first(pair.answer) for pair, answer in answers),
        sum(overlaps) / max(1, len(overlaps)),
    )


def _is_about(answer: str, pair: Pair, homes: Mapping[str, str]) -> bool:
    # A model that repeats the question has not named the module.
    own = answer.replace(pair.question, "")
    named = re.search(rf"(?<![\w.]){re.escape(pair.module)}(?!\w)", own) is not None
    return homes.get(answer) == pair.module or named


def _first(answer: str) -> str:
    return next(iter(prose.sentences(answer)), "")


def _overlap(answer: str, truth: str) -> float:
    """The share of words in common: twice the common ones over all of both."""
    given, true = (set(re.findall(r"\w+", text.lower())) for text in (answer, truth))
    return 2 * len(given & true) / max(1, len(given) + len(true))


def completion(model: str, question: str) -> Statement:
    """Ask a model one question."""
    return Statement(
        f"SELECT AI_COMPLETE({literal(model)}, {literal(question)}) AS ANSWER", Effect.READ
    )


def call(alias: str, question: str) -> Statement:
    """Ask the function that consumers call."""
    return Statement(f"SELECT {alias}({literal(question)}) AS ANSWER", Effect.READ)


def asker(account: Account, role: str | None, alias: str = "") -> Ask:
    """Ask through an account, as a role; with an alias, whatever model that calls."""

    def ask(model: str, question: str) -> str:
        statement = call(alias, question) if alias else completion(model, question)
        rows = account.run(statement, tag="cortex-resources sample", role=role)
        return str(rows[0]["ANSWER"])

    return ask


def one_question() -> Pair:
    """The shortest question of the test split about a builtin: found without reading the rest."""
    return min(held_back(pairs("builtins")), key=lambda pair: (len(pair.question), pair.question))


STAND_IN = (
    "note:     no model runs in the local account: it repeats the answer of the training pair that"
    " is nearest to the question, which may be about something else"
)


def report(
    model: str, base_model: str, count: int, ask: Ask, *, is_local: bool = False
) -> Iterator[str]:
    """The lines of one answer, or for a count of questions those of the comparison.

    Arguments:
        model, base_model: whom to ask.
        count: how many questions; 0 is the one that `make up` asks.
        ask: gives a model's answer.
        is_local: the answers are those of the local account, where no model runs.
    """
    if not count:
        pair = one_question()
        yield f"question: {pair.question}"
        yield f"answer:   {ask(model, pair.question)}"
        yield f"truth:    {pair.answer}"
        if is_local:
            yield STAND_IN
        return
    made = pairs()
    homes = {pair.answer: pair.module for pair in made}
    for name in (model, base_model):
        yield str(score(name, held_back(made)[:count], ask, homes))


def _count(text: str) -> int:
    number = int(text)
    if not 1 <= number <= MOST_QUESTIONS:
        raise argparse.ArgumentTypeError(f"{number} is not between 1 and {MOST_QUESTIONS}")
    return number


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 when the model answered or has no sample, 1 after an error."""
    parser = argparse.ArgumentParser(prog="python -m samples.answer", description=__doc__)
    parser.add_argument("stack", help="the sample stack the model was trained for")
    parser.add_argument("--model", required=True, help="the tuned model: DB.SCHEMA.NAME")
    parser.add_argument("--base-model", default="llama3.1-8b", help="what to compare with")
    parser.add_argument("--role", help="ask as this role; default: the connection's")
    parser.add_argument("--connection", default="local", help="default: the local account")
    one = parser.add_mutually_exclusive_group()
    one.add_argument("--alias", default="", help="ask the function that consumers call instead")
    one.add_argument(
        "--evaluate", type=_count, default=0, metavar="N", help="ask N questions, compare"
    )
    asked = parser.parse_args(arguments)
    if asked.stack not in LAYOUTS:
        print(without_sample(asked.stack))
        return 0
    try:
        model = str(QualifiedName.parse(asked.model))
        account = account_for(asked.connection)
        alias = str(QualifiedName.parse(asked.alias)) if asked.alias else ""
        ask, is_local = asker(account, asked.role, alias), account.settings.is_local
        for line in report(model, asked.base_model, asked.evaluate, ask, is_local=is_local):
            print(line, flush=True)
    except CortexError as error:
        print(f"error: {one_line(error)}", file=sys.stderr)
        return 1
    finally:
        close_all()
    return 0


if __name__ == "__main__":
    sys.exit(main())
