"""The state diagrams of the guide, drawn from the tables of legal moves.

`python -m presswork.posts.diagrams docs/from-pending-to-published.md` draws them anew in that page.
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

_BIRTHS: Final[Mapping[Status, str]] = {Status.QUEUED: "publish, schedule, or approval of what was scheduled"}
_MOVES: Final[Mapping[tuple[Status, Status], str]] = {
    (Status.QUEUED, Status.PUBLISHING): "a worker takes it when it is due",
    (Status.QUEUED, Status.CANCELED): "by a call, or with its project or account",
    (Status.PUBLISHING, Status.PUBLISHED): "it is live",
    (Status.PUBLISHING, Status.DRAFT): "it is in the creator's app or phone",
    (Status.PUBLISHING, Status.FAILED): "refused, or nobody can tell",
    (Status.PUBLISHING, Status.CANCELED): "by a call, before its platform was asked to make it live",
}
_APPROVAL_BIRTHS: Final[Mapping[ApprovalStatus, str]] = {
    ApprovalStatus.NOT_REQUIRED: "auto_approve",
    ApprovalStatus.PENDING: "review_all, or review_first_n before N decisions",
    ApprovalStatus.APPROVED: "review_first_n after N decisions",
}
_APPROVAL_MOVES: Final[Mapping[tuple[ApprovalStatus, ApprovalStatus], str]] = {
    (ApprovalStatus.PENDING, ApprovalStatus.APPROVED): "approve",
    (ApprovalStatus.PENDING, ApprovalStatus.REJECTED): "reject",
}


def post_diagram() -> str:
    """Return the life of a post as a Mermaid state diagram."""
    return diagram(MOVES, births=_BIRTHS, words=_MOVES)


def approval_diagram() -> str:
    """Return a container's way through approval as a Mermaid state diagram."""
    return diagram(APPROVAL_MOVES, births=_APPROVAL_BIRTHS, words=_APPROVAL_MOVES)


def diagram(
    moves: Mapping[State, Set[State]], *, births: Mapping[State, str], words: Mapping[tuple[State, State], str]
) -> str:
    """Return a Mermaid state diagram: the states that things are born in, every move, every end.

    `words` says what makes each move; a move that it does not know is drawn without.
    """
    return "\n".join(["stateDiagram-v2", *(f"    {line}" for line in _lines(moves, births, words))]) + "\n"


def _lines(
    moves: Mapping[State, Set[State]], births: Mapping[State, str], words: Mapping[tuple[State, State], str]
) -> Iterator[str]:
    for state, why in births.items():
        yield f"[*] --> {state.value}: {why}"
    for state, targets in moves.items():
        for target in (other for other in moves if other in targets):  # in the table's order: a set has none
            why = words.get((state, target), "")
            yield f"{state.value} --> {target.value}" + (f": {why}" if why else "")
    for state, targets in moves.items():
        if not targets:
            yield f"{state.value} --> [*]"


def with_diagrams(page: str) -> str:
    """Return a page with its diagrams drawn anew: each is the `mermaid` block below a comment that names it.

    Raises ValueError unless each diagram is there once.
    """
    return _with(_with(page, "post", post_diagram()), "approval", approval_diagram())


def _with(page: str, name: str, drawn: str) -> str:
    place = re.compile(rf"(?<=^<!-- diagram: {name} -->\n\n```mermaid\n)[^`]*", re.MULTILINE)
    page, count = place.subn(lambda _: drawn, page)
    if count != 1:
        raise ValueError(f"The page has {count} diagrams named {name}; one is wanted.")
    return page


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(with_diagrams(file.read_text(encoding="utf-8")), encoding="utf-8")
