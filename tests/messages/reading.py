"""Every sentence that the code of a paid job's life can say, read from its syntax trees."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from cortex_resources import errors
from cortex_resources.cli import engine_state

PACKAGE = Path(__file__).resolve().parents[2] / "cortex_resources"

ROOMS = {
    "Before a job is paid": (
        "model/base_models.py",
        "model/datasets.py",
        "plan/guard.py",
        "preflight/datasets.py",
        "preflight/guard.py",
        "preflight/privileges.py",
    ),
    "Submitting and adopting": (
        "plan/adoption.py",
        "plan/forecasts.py",
        "plan/jobs.py",
        "plan/job_life.py",
        "plan/job_failures.py",
        "plan/privileges.py",
        "preflight/submit.py",
        "preflight/view_texts.py",
        "preflight/ownership.py",
        "providers/cancelling.py",
        "providers/fine_tune_job.py",
        "providers/job_properties.py",
        "backends/*.py",
        "sql/finetune.py",
    ),
    "Waiting": ("plan/waiting.py", "resources/waiting.py", "resources/fine_tuned_model.py"),
    "The model: harvest, keep, destroy": ("plan/artifacts.py", "providers/fine_tuned_artifact.py"),
    "The gate": (
        "plan/gates.py",
        "preflight/evaluations.py",
        "providers/model_gate.py",
        "resources/clearance.py",
        "sql/evaluations.py",
    ),
    "Data": (
        "plan/staleness.py",
        "plan/snapshots.py",
        "preflight/data_watch.py",
        "preflight/presence.py",
        "preflight/training_data.py",
        "providers/dataset_snapshot.py",
        "providers/watched_rows.py",
    ),
    "The alias": ("plan/aliases.py", "preflight/serving.py", "providers/model_alias.py"),
    "Views and grants": (
        "plan/views.py",
        "preflight/leaving.py",
        "plan/grants.py",
        "plan/privilege_grants.py",
        "plan/role_grants.py",
        "providers/grants_lifecycle.py",
        "providers/privilege_grants.py",
        "providers/training_view.py",
    ),
    "The stack and its account": ("resources/stack.py", "providers/lifecycle.py"),
    "Looking around": (
        "cli/engine_state.py",
        "cli/jobs.py",
        "plan/inventory.py",
        "preflight/inventory.py",
    ),
}
"""What the user was doing → the modules that speak then."""

ERRORS = {
    name: found
    for name, found in vars(errors).items()
    if inspect.isclass(found) and issubclass(found, errors.CortexError)
} | {"StateError": engine_state.StateError}
_FEWEST_WORDS = 4
_NO_SENTENCES = frozenset(
    {
        "plan/guard.__str__",
        "plan/guard.ceiling",
        "plan/gates._shortfall",
        "plan/adoption.key_of",
        "preflight/guard._way_out",
        "plan/job_failures._after_failure",
        "plan/job_failures.legacy",
        "plan/job_failures.unseen",
        "plan/job_life.exceeded",
        "plan/aliases._missing",
        "plan/situations.exceeded",
        "plan/waiting._clock",
        "providers/fine_tune_job._if_missing",
        "sql/finetune",
        "sql/finetune.create",
        "cli/engine_state.from_engine",
        "cli/jobs",
        "cli/jobs.jobs",
        "cli/jobs._row",
        "cli/jobs._what",
        "model/datasets",
        "plan/inventory._adoption",
        "plan/inventory._orphan",
    }
)
"""Functions whose texts are parts of a sentence, a key or a statement; their errors still count."""
ADVICE = {
    *(
        "add",
        "adopt",
        "allow",
        "bring",
        "cancel",
        "change",
        "check",
        "choose",
        "declare",
        "filter",
        "give",
    ),
    *(
        "grant",
        "let",
        "look",
        "mend",
        "name",
        "raise",
        "run",
        "set",
        "shorten",
        "state",
        "take",
        "train",
        "use",
        "where",
        "write",
    ),
}
"""The words that begin what a user can do."""
_SQL = re.compile(r"[A-Z]{4,} |.*\[cortex-resources")


@dataclass(frozen=True, slots=True)
class Message:
    """One sentence for a user.

    Arguments:
        group: what the user was doing.
        where: module and function, for those who look it up.
        what: the sentence, what varies shown as `…`.
        kind: the class of the error, or "note".
        cause: what the error means, and what the function that says it is for.
        remedy: the next step.
    """

    group: str
    where: str
    what: str
    kind: str
    cause: str
    remedy: str


def messages() -> list[Message]:
    """Every message, sorted within its group."""
    found = {
        message
        for group, patterns in ROOMS.items()
        for pattern in patterns
        for file in sorted(PACKAGE.glob(pattern))
        for message in _Module(group, file).messages()
    }
    order = list(ROOMS)
    return sorted(found, key=lambda m: (order.index(m.group), m.what.lower(), m.where))


def said_in(file: Path) -> list[Message]:
    """What one module says, wherever it belongs."""
    return list(_Module("", file).messages())


def files() -> list[Path]:
    """Every module that is read."""
    return [
        file
        for patterns in ROOMS.values()
        for pattern in patterns
        for file in sorted(PACKAGE.glob(pattern))
    ]


class _Module:
    """The messages of one module."""

    def __init__(self, group: str, file: Path) -> None:
        self.group, self.name = group, file.relative_to(PACKAGE).as_posix()
        self.tree = ast.parse(file.read_text(encoding="utf-8"))
        told = (ast.get_docstring(self.tree) or "").split("\n\n")[0]
        self.about = " ".join(told.split())
        local = (n for n in self.tree.body if isinstance(n, ast.ClassDef))
        self.local = {
            n.name: (ast.get_docstring(n) or "").splitlines()[0]
            for n in local
            if any(isinstance(b, ast.Name) and b.id in ERRORS for b in n.bases)
        }

        named = (n for n in ast.walk(self.tree) if isinstance(n, ast.FunctionDef))
        self.functions = {n.name: n for n in named}
        self.remedies: set[str] = set()
        """Sentences that were given as the hint of an error."""
        self.of_faults = ""
        """The hint of the error that tells all faults of a module at once."""

    def messages(self) -> Iterator[Message]:
        """Those of one module; a fault without a remedy of its own has that of all faults."""
        for message in list(self._inside(self.tree, "", self.about)):
            if message.kind != "note":
                yield message
            elif message.what not in self.remedies:
                is_fault = message.where.endswith("faults") and not message.remedy
                yield replace(message, remedy=self.of_faults if is_fault else message.remedy)

    def _inside(self, node: ast.AST, function: str, purpose: str) -> Iterator[Message]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                told = (ast.get_docstring(child) or "").split("\n\n")[0]
                is_public = bool(told)
                yield from self._inside(
                    child, child.name, " ".join(told.split()) if is_public else purpose
                )
            elif isinstance(child, ast.Call):
                yield from self._call(child, function, purpose)
            elif isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
                continue  # a docstring
            elif isinstance(child, ast.JoinedStr | ast.Constant | ast.BinOp) and _text(child):
                yield from self._note(_text(child), function, purpose)
            else:
                yield from self._inside(child, function, purpose)

    def _call(self, call: ast.Call, function: str, purpose: str) -> Iterator[Message]:
        name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        if name in ("Statement", "compile"):
            return
        if name not in ERRORS and name not in self.local and name != "Doubt":
            yield from self._inside(call, function, purpose)
            return
        hints = [k.value for k in call.keywords if k.arg == "hint"]
        hints = list(call.args[1:2]) if name == "Doubt" else hints
        remedy = " / ".join(text for hint in hints for text in self._remedy(hint, function))
        what = _text(call.args[0]) if call.args else ""
        if not what:
            # It passes on what others said; they are read where they say it.
            self.of_faults = remedy
            return
        about = self.local.get(name) or _meaning(name)
        purpose = _sentence(purpose)
        cause = about if about == purpose else f"{about} {purpose}"
        yield self._message(what, name, cause, remedy, function)

    def _remedy(self, hint: ast.expr, function: str) -> list[str]:
        """A hint in words; one that is computed is every sentence that it can be."""
        name, rest = self._asked(hint)
        if not name and (text := _text(hint)):
            return [text]
        texts = _texts(self.functions[name or function])
        told = {text for text in texts if text.endswith(".")}
        self.remedies.update(told)
        return [f"{text} {rest}".strip() for text in sorted(told)]

    def _asked(self, hint: ast.expr) -> tuple[str, str]:
        """The function that begins a hint, and the words behind its own."""
        rest = ""
        if isinstance(hint, ast.JoinedStr) and isinstance(hint.values[0], ast.FormattedValue):
            rest = _text(ast.JoinedStr(hint.values[1:]))
            hint = hint.values[0].value
        if isinstance(hint, ast.Call) and isinstance(hint.func, ast.Name):
            name = hint.func.id
            return (name, rest) if name in self.functions else ("", "")
        return "", ""

    def _note(self, text: str, function: str, purpose: str) -> Iterator[Message]:
        where = f"{self.name.removesuffix('.py')}{f'.{function}' if function else ''}"
        is_part = where in _NO_SENTENCES or len(text.split()) < _FEWEST_WORDS or text[0] in ",. "
        if is_part or _SQL.match(text):
            return
        yield self._message(text, "note", _sentence(purpose), _advice(text), function)

    def _message(self, what: str, kind: str, cause: str, remedy: str, function: str) -> Message:
        where = f"{self.name.removesuffix('.py')}{f'.{function}' if function else ''}"
        return Message(self.group, where, what, kind, cause.strip(), remedy)


def _advice(text: str) -> str:
    """What a sentence says to do: from the first part on that begins so."""
    for break_ in re.finditer(r"(?:[;:,] |, and |, or )(?=\w+)", text):
        rest = text[break_.end() :]
        if rest.split(maxsplit=1)[0].rstrip(":") in ADVICE:
            return rest
    return ""


def _meaning(name: str) -> str:
    if name == "Doubt":
        return "Something in the account may be ours and cannot be proved."
    return (inspect.getdoc(ERRORS[name]) or "").splitlines()[0]


def _sentence(text: str) -> str:
    return text if not text or text.endswith(".") else f"{text}."


def _texts(node: ast.AST) -> Iterator[str]:
    """The texts of a function, whole ones only, its docstring left out."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue
        if text := _text(child):
            yield text
        else:
            yield from _texts(child)


def _constants() -> dict[str, str]:
    """Words and numbers that have a name; one name with two values says neither."""
    found: dict[str, set[str]] = {}
    for file in [*files(), *sorted(PACKAGE.glob("model/*.py"))]:
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                value = node.value
                text = _text(value)
                if isinstance(value, ast.Constant) and isinstance(value.value, int):
                    text = str(value.value)
                found.setdefault(node.targets[0].id, set()).add(text)
    return {name: text for name, texts in found.items() for text in texts if len(texts) == 1}


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.Constant):
        return " ".join(node.value.split()) if isinstance(node.value, str) else ""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return " ".join(filter(None, (_text(node.left), _text(node.right))))
    if isinstance(node, ast.IfExp):
        return " / ".join(filter(None, (_text(node.body), _text(node.orelse))))
    if not isinstance(node, ast.JoinedStr):
        return ""
    parts = (p.value if isinstance(p, ast.Constant) else _hole(p) for p in node.values)
    return " ".join("".join(str(part) for part in parts).split())


def _hole(part: ast.expr) -> str:
    """The short name of what is filled in."""
    value = part.value if isinstance(part, ast.FormattedValue) else part
    name = value.attr if isinstance(value, ast.Attribute) else getattr(value, "id", "")
    if name in CONSTANTS:
        return CONSTANTS[name]
    return f"{{{name.strip('_').replace('_', ' ')}}}" if name else "…"


CONSTANTS: dict[str, str] = {}
CONSTANTS.update(_constants())
