"""The marker for a parameter that is left out, which is different from null."""

from enum import Enum
from typing import Final


class NotGiven(Enum):
    """The type of NOT_GIVEN: an enumeration, so that type checkers distinguish it from every other value."""

    NOT_GIVEN = "not given"

    def __bool__(self) -> bool:
        """Return False, as None does."""
        return False

    def __repr__(self) -> str:
        """Return the name of the constant."""
        return "NOT_GIVEN"


NOT_GIVEN: Final = NotGiven.NOT_GIVEN
"""A parameter that is left out: the field is not sent. None is sent as null."""
