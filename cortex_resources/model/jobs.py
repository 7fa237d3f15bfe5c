"""A paid fine-tuning job and the model it makes: what is declared and what is found.

Snowflake's word for where a job stands is its *status*, ours for where the resource stands is its
*phase*. Source of keys and statuses: *FINETUNE ('DESCRIBE')*.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum

from cortex_resources.errors import InvalidNameError
from cortex_resources.model import sqltext
from cortex_resources.model.cost import Replaces, Retrains, Updates
from cortex_resources.model.datasets import DatasetVersion
from cortex_resources.model.guard import Rate
from cortex_resources.model.names import QualifiedName, versioned

HASH_VERSION = 1
"""Part of every hash. Raising it retrains every user: a golden test pins the result."""

FINETUNE = "finetune"
"""The service that trains where a declaration names none; part of every hash, too."""


class Status(StrEnum):
    """Snowflake's word for a job, synonyms folded."""

    PENDING = "PENDING"
    IN_PROGRESS = "IN_PROGRESS"
    SUCCESS = "SUCCESS"
    ERROR = "ERROR"
    CANCELLED = "CANCELLED"
    UNKNOWN = "UNKNOWN"
    """A word we have not met: not terminal, a deadline ends the wait."""

    @property
    def is_terminal(self) -> bool:
        """Whether the job can never change again."""
        return self in (Status.SUCCESS, Status.ERROR, Status.CANCELLED)


class Phase(StrEnum):
    """Where a model stands for its users."""

    TRAINING = "TRAINING"
    READY = "READY"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    LOST = "LOST"
    MISSING = "MISSING"
    """The model was dropped by somebody else; training again is the user's decision."""


@dataclass(frozen=True, slots=True)
class TrainingJob:
    """What is trained, and on what. Equal hashes mean there is nothing to train.

    `definitions` holds the declared text of each view that the queries read through
    `training: {view: …}`, so that editing a view is a retrain. `max_epochs` None leaves the
    number to Snowflake. `model` is the wish; the model's real name carries the hash. The case of a
    base model does not count: it is kept in lower case, as Snowflake lists it.
    """

    model: Replaces[QualifiedName]
    base_model: Retrains[str]
    training_query: Retrains[str] = ""
    validation_query: Retrains[str | None] = None
    max_epochs: Retrains[int | None] = None
    definitions: Retrains[tuple[str, ...]] = ()
    retrain_token: Retrains[str] = ""
    data_fingerprint: Retrains[str] = ""
    """The state of the rows, where it is watched; part of the hash only then."""
    training_dataset: Retrains[DatasetVersion | None] = None
    """In place of the query, for a base model that is tuned on documents."""
    validation_dataset: Retrains[DatasetVersion | None] = None
    max_trained_tokens: Updates[int | None] = None
    max_credits: Updates[float | None] = None
    max_rows: Updates[int | None] = None
    rate: Updates[Rate | None] = None
    role: Updates[str | None] = None
    warehouse: Updates[str | None] = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "base_model", self.base_model.lower())

    @property
    def spec_hash(self) -> str:
        """SHA-256 over what decides the weights, 64 hex digits; names and policies are left out."""
        content: dict[str, object] = {
            "version": HASH_VERSION,
            "backend": FINETUNE,
            "base_model": self.base_model,
            "training_query": sqltext.canonical(self.training_query),
            "validation_query": self.validation_query and sqltext.canonical(self.validation_query),
            "options": {} if self.max_epochs is None else {"max_epochs": self.max_epochs},
            "definitions": [sqltext.canonical(text) for text in self.definitions],
            "retrain_token": self.retrain_token,
        }
        for name in ("data_fingerprint", "training_dataset", "validation_dataset"):
            # Part of the hash only where there is one, so that no older hash changes.
            if value := getattr(self, name):
                content[name] = str(value)
        text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def training_data(self) -> str:
        """What FINETUNE is told to train on: a query, or the address of a dataset's version."""
        return str(self.training_dataset or self.training_query.strip())

    @property
    def validation_data(self) -> str | None:
        """The same for the validation; None leaves the split to Snowflake."""
        if self.validation_dataset is not None:
            return str(self.validation_dataset)
        return self.validation_query and self.validation_query.strip()

    def is_same_content(self, other: TrainingJob) -> bool:
        """Whether both would train the same model under the same name."""
        return (self.model, self.spec_hash) == (other.model, other.spec_hash)

    @property
    def model_name(self) -> QualifiedName:
        """`<WISH>__<first ten digits of the hash>`: the name the job is submitted under."""
        return versioned(self.model, self.spec_hash)


@dataclass(frozen=True, slots=True)
class JobRecord:
    """What DESCRIBE or SHOW told about a job; None where Snowflake did not say."""

    id: str
    status: Status
    word: str
    """The status as Snowflake spelled it."""
    base_model: str | None = None
    progress: float | None = None
    """Between 0 and 1."""
    model: QualifiedName | None = None
    """The name the model was really saved under; it may carry Snowflake's suffix."""
    trained_tokens: int | None = None
    training_loss: float | None = None
    validation_loss: float | None = None
    training_data: str | None = None
    created_on: int | None = None
    """Milliseconds since 1970."""
    finished_on: int | None = None
    error_code: str | None = None
    error_message: str | None = None


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """What SHOW MODELS told about one model."""

    name: QualifiedName
    model_type: str
    owner: str
    comment: str
    created_on: int | None = None
    """Milliseconds since 1970."""


@dataclass(frozen=True, slots=True)
class Marker:
    """The proof that a model is ours, kept in its comment: who declared it and from which job."""

    project: str
    stack: str
    model: str
    """The key under `models:`."""
    spec_hash: str
    job: str = ""

    def __post_init__(self) -> None:
        # What the marker cannot carry would not be found again, and the job be paid twice.
        for text, refused in ((self.project, "/]*"), (self.stack, "/]*"), (self.model, "]*")):
            if not text.isprintable() or text != text.strip() or set(refused) & set(text):
                raise InvalidNameError(
                    f"{text!r} cannot be part of the marker that proves a model ours",
                    hint="Name projects, stacks and resources with letters, digits, _ and -.",
                )

    def __str__(self) -> str:
        return (
            f"[cortex-resources {self.project}/{self.stack}/{self.model}"
            f" spec={self.spec_hash} job={self.job or '-'}]"
        )

    @property
    def key(self) -> str:
        """The same without the job: what a training query carries before the job has an id."""
        return f"cortex-resources {self.project}/{self.stack}/{self.model} spec={self.spec_hash}"

    def is_same_stack(self, other: Marker | None) -> bool:
        """Whether both were declared by the same stack, perhaps under another key."""
        return other is not None and (self.project, self.stack) == (other.project, other.stack)

    def is_same_spec(self, other: Marker | None) -> bool:
        """Whether both were declared by the same stack with equal content.

        The key does not count: a model that is only called otherwise in the stack file must not be
        paid for again.
        """
        return other is not None and self.is_same_stack(other) and self.spec_hash == other.spec_hash
