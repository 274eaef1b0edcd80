"""Mermaid state diagrams of the guide, generated from the tables of legal moves.

`python -m tests.posts.diagrams docs/from-pending-to-published.md` updates them in that page.
"""

import re
import sys
from collections.abc import Iterator, Mapping, Set
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeVar

from presswork.content.model import APPROVAL_MOVES, ApprovalStatus
from presswork.posts.model import MOVES, Status

State = TypeVar("State", bound=StrEnum)

_INITIAL: Final[Mapping[Status, str]] = {Status.QUEUED: "publish, schedule, or approval of scheduled content"}
_MOVES: Final[Mapping[tuple[Status, Status], str]] = {
    (Status.QUEUED, Status.PUBLISHING): "a worker claims it when it is due",
    (Status.QUEUED, Status.CANCELED): "canceled through the API, or with its project or account",
    (Status.PUBLISHING, Status.PUBLISHED): "it is live",
    (Status.PUBLISHING, Status.DRAFT): "it is in the creator's app or phone",
    (Status.PUBLISHING, Status.FAILED): "refused, or the outcome is unknown",
    (Status.PUBLISHING, Status.CANCELED): "canceled through the API, before the call that makes it live",
}
_APPROVAL_INITIAL: Final[Mapping[ApprovalStatus, str]] = {
    ApprovalStatus.NOT_REQUIRED: "auto_approve",
    ApprovalStatus.PENDING: "review_all, or review_first_n before N decisions",
    ApprovalStatus.APPROVED: "review_first_n after N decisions",
}
_APPROVAL_MOVES: Final[Mapping[tuple[ApprovalStatus, ApprovalStatus], str]] = {
    (ApprovalStatus.PENDING, ApprovalStatus.APPROVED): "approve",
    (ApprovalStatus.PENDING, ApprovalStatus.REJECTED): "reject",
    (ApprovalStatus.APPROVED, ApprovalStatus.PENDING): "an edit, if the approval covers the texts",
}


def post_diagram() -> str:
    """Return the life of a post as a Mermaid state diagram."""
    return diagram(MOVES, initial=_INITIAL, labels=_MOVES)


def approval_diagram() -> str:
    """Return the approval states of a container as a Mermaid state diagram."""
    return diagram(APPROVAL_MOVES, initial=_APPROVAL_INITIAL, labels=_APPROVAL_MOVES)


def diagram(
    moves: Mapping[State, Set[State]], *, initial: Mapping[State, str], labels: Mapping[tuple[State, State], str]
) -> str:
    """Return a Mermaid state diagram: the initial states, every move, and the final states.

    `labels` names the cause of each move; a move without a label is drawn without one.
    """
    return "\n".join(["stateDiagram-v2", *(f"    {line}" for line in _lines(moves, initial, labels))]) + "\n"


def _lines(
    moves: Mapping[State, Set[State]], initial: Mapping[State, str], labels: Mapping[tuple[State, State], str]
) -> Iterator[str]:
    for state, why in initial.items():
        yield f"[*] --> {state.value}: {why}"
    for state, targets in moves.items():
        for target in (other for other in moves if other in targets):  # in the order of the table: a set has no order
            why = labels.get((state, target), "")
            yield f"{state.value} --> {target.value}" + (f": {why}" if why else "")
    for state, targets in moves.items():
        if not targets:
            yield f"{state.value} --> [*]"


def with_diagrams(page: str) -> str:
    """Return a page with its diagrams regenerated: each is the `mermaid` block below a comment that names it.

    Raises ValueError unless the page has each diagram exactly once.
    """
    return _with(_with(page, "post", post_diagram()), "approval", approval_diagram())


def _with(page: str, name: str, drawn: str) -> str:
    place = re.compile(rf"(?<=^<!-- diagram: {name} -->\n\n```mermaid\n)[^`]*", re.MULTILINE)
    page, count = place.subn(lambda _: drawn, page)
    if count != 1:
        raise ValueError(f"The page has {count} diagrams named {name}. Keep exactly one.")
    return page


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(with_diagrams(file.read_text(encoding="utf-8")), encoding="utf-8")
