"""What a stack allows: the permission that spending and destroying statements need."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """The permissions of one stack; the defaults lose nothing and pay nothing twice.

    Arguments:
        allow_training: FINETUNE CREATE may be sent.
        allow_drop: DROP VIEW and DROP MODEL may be sent; without it objects are kept.
        allow_revoke: REVOKE may be sent for privileges that this stack granted.
        protect: Pulumi refuses to delete or replace views, jobs and models.
        retain: models stay in the account when they leave the stack.
    """

    allow_training: bool = True
    allow_drop: bool = False
    allow_revoke: bool = True
    protect: bool = False
    retain: bool = False
