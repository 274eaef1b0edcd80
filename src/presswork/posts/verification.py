"""What a publish call may ask of the worker so that a connector is verified with a real platform: `presswork verify-live`."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from pydantic import JsonValue

from presswork.callers.model import Principal, Scope
from presswork.core.errors import Invalid, Issue, IssueCode

HEADER: Final = "Presswork-Verify"
STATE_KEY: Final = "keep_verify"
"""In the state of a post. `keep_`: it survives when a worker starts the post over."""


class Verification(StrEnum):
    """What the worker does differently with a post."""

    LOSE_RESPONSE = "lose-response"
    """Once: the response to the call that makes the post live is treated as lost, after the platform has acted."""
    RECORD = "record"
    """The shapes of the platform's answers are noted in the timeline: names and types, no values."""


def read_verification(header: str | None, caller: Principal) -> frozenset[Verification]:
    """Parse the header of a call; most have none. Raises ScopeMissing unless the caller administers its organization, and Invalid."""
    if header is None:
        return frozenset()
    caller.require(Scope.ORG_ADMIN)
    try:
        return frozenset(Verification(name.strip()) for name in header.split(","))
    except ValueError as error:
        known = " or ".join(Verification)
        raise Invalid([Issue.at(HEADER, f"is not known. Send {known}.", IssueCode.INVALID_VALUE)]) from error


def state_of(wanted: frozenset[Verification]) -> Mapping[str, JsonValue]:
    """Return the entries of a new post's state."""
    names: list[JsonValue] = [one.value for one in sorted(wanted)]
    return {STATE_KEY: names} if names else {}


def is_wanted(state: Mapping[str, JsonValue], one: Verification) -> bool:
    """Return whether a post's state asks for it."""
    wanted = state.get(STATE_KEY)
    return isinstance(wanted, list) and one.value in wanted


def forget(state: Mapping[str, JsonValue], one: Verification) -> dict[str, JsonValue]:
    """Return a state that no longer asks for it."""
    wanted = state.get(STATE_KEY)
    if not isinstance(wanted, list):
        return dict(state)
    left: list[JsonValue] = [name for name in wanted if name != one.value]
    rest = {name: value for name, value in state.items() if name != STATE_KEY}
    return {**rest, STATE_KEY: left} if left else rest
