"""The errors users meet: each says what is wrong, where, and what to do next.

CortexError
├── InvalidNameError            an identifier or a text that cannot become SQL
├── SpecError              every violation of a stack file at once
├── PolicyError            the stack's policy does not allow it
├── OwnershipError         the object is not provably ours
├── JobError               a training job ended, or cannot end, as wished
│   ├── TrainingFailedError
│   ├── TrainingCancelledError
│   ├── StillTrainingError
│   ├── ModelLostError
│   └── GateError
└── AccountError           the account refused a statement, or could not be asked
    ├── ConnectError  not running, unknown, wrong credentials
    ├── ObjectMissingError      not there, or hidden from this role
    ├── ObjectExistsError
    ├── PrivilegeMissingError
    ├── StatementRefusedError   any other error of the account
    │   ├── InvalidQueryError   wrong in itself, whoever runs it
    │   └── NoDatasetError      nothing there to train on
    └── ReplyLostError          sent, and nobody knows whether it took effect
"""

from __future__ import annotations

from collections.abc import Sequence


class CortexError(Exception):
    """Root of the tree.

    Arguments:
        what: one sentence that stands alone and names the object as the user wrote it.
        hint: the next step, a command or a GRANT where there is one.
    """

    def __init__(self, what: str, *, hint: str = "") -> None:
        super().__init__(f"{what}\n  {hint}" if hint else what)
        self.what = what
        self.hint = hint

    @property
    def line(self) -> str:
        """The message as one sentence on one line, for places that show one row per resource."""
        if not self.hint:
            return " ".join(self.what.split())
        first, *others = self.hint.split()
        # A statement and a name keep their letters; a hint that is a sentence goes on here.
        begun = first.lower() if first.istitle() else first
        return " ".join([f"{' '.join(self.what.split())};", begun, *others])


class InvalidNameError(CortexError):
    """An identifier or a text that cannot be written as SQL safely."""


class SpecError(CortexError):
    """A stack file breaks rules; all violations are in one error, in file order.

    Arguments:
        violations: one line each, `file:line:column: what, and the way out`.
    """

    def __init__(self, violations: Sequence[str]) -> None:
        count = len(violations)
        head = f"{count} violation{'' if count == 1 else 's'}, nothing was changed:"
        super().__init__("\n  ".join([head, *violations]))
        self.violations = tuple(violations)


class PolicyError(CortexError):
    """The stack's policy forbids what was planned."""


class OwnershipError(CortexError):
    """An object stands in the way that this stack cannot prove to be its own."""


class JobError(CortexError):
    """A training job did not give a model."""


class TrainingFailedError(JobError):
    """Snowflake reported ERROR for the job."""


class TrainingCancelledError(JobError):
    """Somebody cancelled the job."""


class StillTrainingError(JobError):
    """The deadline of a wait passed; the job goes on."""


class ModelLostError(JobError):
    """The job's record and its model are both gone."""


class GateError(JobError):
    """A model does not reach what its gate asks, or was not evaluated to the end."""


class AccountError(CortexError):
    """The account refused a statement, or could not be asked.

    Arguments:
        what, hint: as for every error here.
        errno: the account's number, where it gave one.
        statement: the statement that failed, without literals.
    """

    def __init__(
        self, what: str, *, hint: str = "", errno: int | None = None, statement: str = ""
    ) -> None:
        super().__init__(what, hint=hint)
        self.errno = errno
        self.statement = statement


class ConnectError(AccountError):
    """No session: the account is not running, unknown, or refuses the credentials."""


class ObjectMissingError(AccountError):
    """The object is not there, or the role may not see it; Snowflake does not say which."""


class ObjectExistsError(AccountError):
    """The name is taken."""


class PrivilegeMissingError(AccountError):
    """The role sees the object but may not do this."""


class StatementRefusedError(AccountError):
    """Any other refusal of the account."""


class InvalidQueryError(StatementRefusedError):
    """The text of a query is wrong in itself: no role and no grant makes it right."""


class NoDatasetError(StatementRefusedError):
    """A dataset, or its version, is provably not there.

    Arguments:
        what, hint: as for every error here.
        address: of the version that was looked for.
    """

    def __init__(self, what: str, *, hint: str, address: str) -> None:
        super().__init__(what, hint=hint)
        self.address = address


class ReplyLostError(AccountError):
    """The statement was sent and the reply did not come: it may have taken effect."""
