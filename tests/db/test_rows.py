"""Rows as dataclasses."""

from dataclasses import dataclass
from enum import StrEnum

import pytest

from presswork.db.rows import from_row


class Size(StrEnum):
    """An enum as in the domains."""

    SMALL = "small"


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A dataclass as in the domains."""

    size: Size
    labels: tuple[str, ...]
    note: str | None


def test_a_row_becomes_a_dataclass() -> None:
    """Values get the types of the fields, further columns are ignored, and named values replace columns."""
    row = {"size": "small", "labels": ["a"], "note": "of the row", "weight": 1}
    assert from_row(Box, row, note=None) == Box(size=Size.SMALL, labels=("a",), note=None)


def test_an_error_quotes_no_value() -> None:
    """The error for an unknown or missing value names the fields only, since rows may have phone numbers."""
    with pytest.raises(ValueError, match="Box") as caught:
        from_row(Box, {"size": "+351912345678", "note": "+351912345678"})
    assert str(caught.value) == "the row can't be read as Box: size (enum), labels (missing)"
    assert caught.value.__suppress_context__
