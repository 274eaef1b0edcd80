"""The helper that tries all rows of a table."""

import pytest
from tests.every_row import every_row


def fail_by_number(number: int) -> None:
    """Fail an assertion for 1, miss an exception for 2 and divide by zero for 3."""
    assert number != 1
    if number == 2:
        with pytest.raises(KeyError):
            pass
    assert 1 / (3 - number) is not None


def test_every_failure_is_reported() -> None:
    """Failed assertions, missing exceptions and other errors are raised together, each with its row; all rows are tried."""
    tried = []

    def try_rows() -> None:
        with every_row() as row:
            for number in range(5):
                with row(number, "x"):
                    tried.append(number)
                    fail_by_number(number)

    with pytest.raises(BaseExceptionGroup) as failed:
        try_rows()
    assert tried == [0, 1, 2, 3, 4]
    notes = [(type(error).__name__, error.__notes__) for error in failed.value.exceptions]
    assert notes == [
        ("AssertionError", ["Row: 1, 'x'"]),
        ("Failed", ["Row: 2, 'x'"]),
        ("ZeroDivisionError", ["Row: 3, 'x'"]),
    ]


def test_a_table_without_failures_passes() -> None:
    """Nothing is raised."""
    with every_row() as row, row(1):
        assert True
