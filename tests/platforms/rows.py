"""A table as the parameters of one test, which runs every row and reports each that fails."""

import inspect
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any

from tests.every_row import every_row


def each_row(names: str | Sequence[str], rows: Iterable[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Run a test with every row, as `parametrize` does, in one case, by `every_row`.

    For functions without fixtures: a case of its own, and its collection, take longer than what they test.
    """
    keys = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    table = [row if len(keys) > 1 else (row,) for row in rows]

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        @wraps(test)
        def run(**given: Any) -> None:  # Any: values of a table around this one
            with every_row() as row:
                for values in table:
                    with row(*values):
                        test(**given, **dict(zip(keys, values, strict=True)))

        plain = inspect.signature(test)
        left = [parameter for name, parameter in plain.parameters.items() if name not in keys]
        run.__signature__ = plain.replace(parameters=left)  # type: ignore[attr-defined]  # inspect and pytest read it
        return run

    return decorate
