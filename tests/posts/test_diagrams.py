"""The state diagrams of the guide agree with the tables of legal moves."""

import re
from collections.abc import Mapping, Set
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeVar

import pytest
from tests.posts.diagrams import _APPROVAL_MOVES, _MOVES, diagram, with_diagrams

from presswork.content.model import APPROVAL_MOVES, ApprovalStatus, initial_approval
from presswork.posts.model import MOVES, Status
from presswork.projects.model import ReviewPolicy

State = TypeVar("State", bound=StrEnum)

PAGE: Final = Path(__file__).parents[2] / "docs" / "from-pending-to-published.md"
OUTSIDE: Final = "[*]"


def _arrows(name: str) -> list[tuple[str, str]]:
    """Return the arrows of one diagram of the page."""
    _, found, rest = PAGE.read_text(encoding="utf-8").partition(f"<!-- diagram: {name} -->")
    assert found, name
    shown = rest.partition("```mermaid\n")[2].partition("```")[0]
    return re.findall(r"^ +(\S+) --> ([^\s:]+)(?:: .+)?$", shown, re.MULTILINE)


def _wanted(moves: Mapping[State, Set[State]], initial: Set[State]) -> list[tuple[str, str]]:
    inner = [(state.value, target.value) for state, targets in moves.items() for target in targets]
    ends = [(state.value, OUTSIDE) for state, targets in moves.items() if not targets]
    return sorted([*((OUTSIDE, state.value) for state in initial), *inner, *ends])


def test_the_page_is_current() -> None:
    """The diagrams are up to date; `python -m tests.posts.diagrams PAGE` regenerates them."""
    page = PAGE.read_text(encoding="utf-8")
    assert with_diagrams(page) == page


def test_the_page_shows_every_move_of_a_post() -> None:
    """The arrows on the page are exactly the moves of the table, with initial and final states."""
    assert sorted(_arrows("post")) == _wanted(MOVES, {Status.QUEUED})


def test_the_page_shows_every_move_of_approval() -> None:
    """The arrows on the page are exactly the moves of the table; the initial states are those of the policies."""
    initial = {
        initial_approval(policy, first_n=1, decisions=decisions) for policy in ReviewPolicy for decisions in (0, 1)
    }
    assert sorted(_arrows("approval")) == _wanted(APPROVAL_MOVES, initial)


def test_every_move_has_a_label() -> None:
    """Each arrow has a label, and no label is left over."""
    for moves, words in ((MOVES, set(_MOVES)), (APPROVAL_MOVES, set(_APPROVAL_MOVES))):
        assert words == {(state, target) for state, targets in moves.items() for target in targets}


def test_a_move_without_a_label_is_drawn() -> None:
    """A new move in a table is drawn even without a label."""
    moves = {ApprovalStatus.PENDING: {ApprovalStatus.APPROVED}, ApprovalStatus.APPROVED: set[ApprovalStatus]()}
    assert diagram(moves, initial={}, labels={}) == (
        "stateDiagram-v2\n    pending --> approved\n    approved --> [*]\n"
    )


@pytest.mark.parametrize("count", [0, 2])
def test_each_diagram_appears_exactly_once(count: int) -> None:
    """A page with no or two places for a diagram is refused and not written."""
    place = "<!-- diagram: post -->\n\n```mermaid\n```\n"
    with pytest.raises(ValueError, match=f"has {count} diagrams named post"):
        with_diagrams(place * count)
