"""Steps of approval: who may decide the current one, and what an approval changes. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from pydantic import TypeAdapter

from presswork.callers.model import Principal
from presswork.core.errors import Code, Conflict, PressworkError
from presswork.core.ids import CONTAINER, USER, public_id
from presswork.core.json_text import JSONText
from presswork.core.timestamps import Instant
from presswork.projects.review_steps import ApprovalStep


class StepStatus(StrEnum):
    """How far a step is."""

    DONE = "done"
    CURRENT = "current"
    WAITING = "waiting"  # for the steps before it, or not reached


@dataclass(frozen=True, slots=True, kw_only=True)
class StepApproval:
    """One approval that counts: by which key, user or review link (public id), when (UTC)."""

    by: str
    name: str | None  # of the user, or what the person at the review link gave
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(ApprovalStep):
    """A step of one container: a copy of the policy's, with its approvals."""

    approvals: Sequence[StepApproval] = ()

    @property
    def is_done(self) -> bool:
        """Whether enough have approved."""
        return len(self.approvals) >= self.quorum

    def approve(self, approval: StepApproval, *, container_id: UUID) -> Self:
        """Return the step with one more approval. Raises AlreadyCounted: each person, link and key counts once."""
        if any(one.by == approval.by for one in self.approvals):
            raise AlreadyCounted(container_id, self)
        return replace(self, approvals=(*self.approvals, approval))

    def require_decider(self, caller: Principal, *, role: str | None, container_id: UUID) -> None:
        """Raise NotDecider unless the caller decides this step. `role` is that of the caller's user."""
        if caller.link is not None:
            is_decider = self.review_link
        elif caller.user_id is not None:
            is_decider = caller.user_id in self.user_ids or role in self.roles
        else:
            is_decider = bool(self.roles)  # a key that may approve acts for a role
        if not is_decider:
            raise NotDecider(container_id, self)


_STEPS: Final = TypeAdapter(tuple[Step, ...])


def begin_steps(steps: Sequence[ApprovalStep]) -> Sequence[Step]:
    """Return the steps of a new container, or those of one whose approval starts again."""
    return tuple(
        Step(
            name=one.name,
            roles=one.roles,
            user_ids=one.user_ids,
            review_link=one.review_link,
            quorum=one.quorum,
        )
        for one in steps
    )


def parse_container_steps(text: str | None) -> Sequence[Step]:
    """Return the stored steps of a container."""
    return () if text is None else _STEPS.validate_json(text)


def serialize_container_steps(steps: Sequence[Step]) -> JSONText | None:
    """Return the stored form of a container's steps; None without any."""
    return JSONText(_STEPS.dump_json(tuple(steps)).decode()) if steps else None


class NotDecider(PressworkError):
    """The current step is decided by others."""

    code = Code.FORBIDDEN_SCOPE

    def __init__(self, container_id: UUID, step: Step) -> None:
        deciders: dict[str, object]
        if step.review_link:
            who, deciders = "a person at the page of a review link", {"reviewLink": True}
        elif step.roles:
            who, deciders = f"the role {' or '.join(step.roles)}", {"roles": list(step.roles)}
        else:
            users = [public_id(USER, user_id) for user_id in step.user_ids]
            who, deciders = "the users that it names", {"userIds": users}
        super().__init__(
            f"The step “{step.name}” is decided by {who}. Ask them, or wait for a step of yours.",
            reason="not_your_step",
            containerId=public_id(CONTAINER, container_id),
            currentStep=step.name,
            **deciders,
        )


class AlreadyCounted(Conflict):
    """The caller has approved this step before."""

    def __init__(self, container_id: UUID, step: Step) -> None:
        super().__init__(
            f"You have approved the step “{step.name}” already. It needs {step.quorum} approvals, each of another person.",
            reason="already_approved",
            containerId=public_id(CONTAINER, container_id),
            approvalStatus="pending",
            currentStep=step.name,
        )
