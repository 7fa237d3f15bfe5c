"""The alias of a model: a function of one text under a stable name, which consumers call."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cortex_resources.errors import InvalidNameError
from cortex_resources.model.cost import Replaces, Updates
from cortex_resources.model.grants import Securable, SecurableType
from cortex_resources.model.names import QualifiedName, is_version

ARGUMENTS = ("VARCHAR",)
"""The types of an alias' arguments: the prompt."""

_PIN = re.compile(r"[0-9a-f]{10,64}")


@dataclass(frozen=True, slots=True)
class ModelAlias:
    """An alias as declared or as found.

    `pin` is the beginning of a spec's hash: that version is served in place of the newest. `target`
    is the version that the function calls; where it is declared it follows from model and pin.
    """

    name: Replaces[QualifiedName]
    comment: Updates[str] = ""
    pin: Updates[str] = ""
    target: Updates[QualifiedName | None] = None

    @property
    def function(self) -> Securable:
        """The function, as privileges name it."""
        return function(self.name)


def function(name: QualifiedName) -> Securable:
    """The function of an alias of that name."""
    return Securable(SecurableType.FUNCTION, name, ARGUMENTS)


def pin_of(text: str) -> str:
    """Read the digits of a version as they are written in its name or in its hash.

    Raises:
        InvalidNameError: there are too few, too many, or others than hexadecimal ones.
    """
    digits = text.strip().lower()
    if not _PIN.fullmatch(digits):
        raise InvalidNameError(
            f"{text!r} is no version of a model",
            hint="Write the ten digits behind its name, MODEL__27AA01C9F0, or more of its hash.",
        )
    return digits


def may_move(target: QualifiedName, pin: str, cleared: str) -> bool:
    """Whether the function may call that version now.

    A pinned one is the user's explicit word; any other needs clearance for its hash.
    """
    return bool(pin) or (bool(cleared) and is_version(target, cleared))


_SERVES = " serves="


@dataclass(frozen=True, slots=True)
class AliasMarker:
    """The proof that a function is ours, kept in its comment, and what it calls.

    It stands in users' accounts, so its form never changes.
    """

    project: str
    stack: str
    key: str
    serves: QualifiedName

    def __post_init__(self) -> None:
        refused = ((self.project, "/"), (self.stack, "/"), (self.key, _SERVES))
        for text, separator in refused:
            if not text.isprintable() or text != text.strip() or separator in text:
                raise InvalidNameError(
                    f"{text!r} cannot be part of the marker that proves a function ours",
                    hint="Name projects, stacks and resources with letters, digits, _ and -.",
                )

    def __str__(self) -> str:
        return f"[cortex-resources alias {self.owner}{_SERVES}{self.serves}]"

    @property
    def owner(self) -> str:
        """Whose it is: project, stack and key."""
        return f"{self.project}/{self.stack}/{self.key}"

    def is_same_stack(self, other: AliasMarker | None) -> bool:
        """Whether both were declared by the same stack, perhaps under another key."""
        return other is not None and (self.project, self.stack) == (other.project, other.stack)
