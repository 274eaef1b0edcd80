"""What was not given, which is something else than null."""

from enum import Enum
from typing import Final


class NotGiven(Enum):
    """The type of NOT_GIVEN; an enumeration, so that type checkers can tell it from every other value."""

    NOT_GIVEN = "not given"

    def __bool__(self) -> bool:
        """Nothing was given."""
        return False

    def __repr__(self) -> str:
        """As it is written."""
        return "NOT_GIVEN"


NOT_GIVEN: Final = NotGiven.NOT_GIVEN
"""A parameter that is left out: the field is not sent. None is sent as null."""
