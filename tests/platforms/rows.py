"""A table as one test: it runs every row and reports each that fails."""

import inspect
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any

import pytest


def each_row(names: str | Sequence[str], rows: Iterable[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Run a test with every row, as `parametrize` does, in one case: its failure has one error per row, with the row.

    For functions without fixtures: a case of its own, and its collection, take longer than what they test.
    """
    keys = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    table = list(rows)

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        @wraps(test)
        def run(**given: Any) -> None:  # Any: values of a table around this one
            errors: list[BaseException] = []
            for row in table:
                values = dict(zip(keys, row if len(keys) > 1 else (row,), strict=True))
                try:
                    test(**given, **values)
                except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001  whatever a row raises is its failure
                    error.add_note(f"with {values}")
                    errors.append(error)
            if errors:
                raise BaseExceptionGroup(f"{len(errors)} of {len(table)} rows", errors)

        plain = inspect.signature(test)
        left = [parameter for name, parameter in plain.parameters.items() if name not in keys]
        run.__signature__ = plain.replace(parameters=left)  # type: ignore[attr-defined]  # inspect and pytest read it
        return run

    return decorate
