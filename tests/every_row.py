"""Try all rows of a table in one test, and report every row that fails."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest


@contextmanager
def every_row() -> Iterator[Callable[..., AbstractContextManager[None]]]:
    """Yield `row`. An error in `with row(*values):` is kept, the others are tried, and the end raises all as one group.

    For tables whose rows share one set-up. Rows of which each is a story belong in `pytest.mark.parametrize`.
    """
    errors: list[BaseException] = []

    @contextmanager
    def row(*values: object) -> Iterator[None]:
        try:
            yield
        except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001  raised at the end of the table
            error.add_note("Row: " + ", ".join(f"{value!r:.300}" for value in values))
            errors.append(error)

    yield row
    if errors:
        raise BaseExceptionGroup("rows of a table failed", errors)
