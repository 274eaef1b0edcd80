"""What an error of a platform means: a row of the tables that map the platforms' codes to actions and explanations."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Self, TypeVar

from presswork.platforms.errors import FailureCode


class ErrorAction(StrEnum):
    """How Presswork reacts to an error. Each platform has its own actions."""

    failure: FailureCode
    """How a post fails when this ends it."""

    def __new__(cls, value: str, failure: FailureCode) -> Self:
        """Make a member from its value and its failure."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.failure = failure
        return member


ActionT = TypeVar("ActionT", bound=ErrorAction)


@dataclass(frozen=True, slots=True)
class ErrorMeaning(Generic[ActionT]):
    """The meaning of one code."""

    action: ActionT
    sentence: str
    """Explanation for a person."""
    advice: str = ""
    """What to do when it ends the post. Empty where the error is temporary: the worker adds when it retries."""
    fails_as: FailureCode | None = None
    """How the post fails when this ends it; None: as the action implies."""

    @property
    def failure(self) -> FailureCode:
        """How the post fails when this ends it."""
        return self.fails_as or self.action.failure
