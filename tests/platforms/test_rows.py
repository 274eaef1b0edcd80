"""A table of rows in one test reports each row that fails."""

import inspect

import pytest
from tests.platforms.rows import each_row


def test_every_row_that_fails_is_reported() -> None:
    """Rows after a failure run, too; each failure names its row, whatever kind it is."""
    ran = []

    @each_row("code, words", [(1, "a"), (2, ""), (3, "c"), (4, "")])
    def table(code: int, words: str) -> None:
        ran.append(code)
        assert words
        with pytest.raises(KeyError):
            raise KeyError(code) if code == 1 else LookupError(code)

    with pytest.raises(BaseExceptionGroup, match="rows of a table") as failed:
        table()
    assert ran == [1, 2, 3, 4]
    assert [(type(error), error.__notes__) for error in failed.value.exceptions] == [
        (AssertionError, ["Row: 2, ''"]),
        (LookupError, ["Row: 3, 'c'"]),
        (AssertionError, ["Row: 4, ''"]),
    ]


def test_tables_can_be_combined() -> None:
    """Two tables run every combination, and no parameter is left for a fixture."""
    seen = []

    @each_row("letter", "ab")
    @each_row(["number"], [1, 2])
    def table(letter: str, number: int) -> None:
        seen.append(f"{letter}{number}")

    assert not inspect.signature(table).parameters
    table()
    assert seen == ["a1", "a2", "b1", "b2"]
