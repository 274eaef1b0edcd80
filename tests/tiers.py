"""Which tests run: those of every change, one platform's or everybody's exhaustive ones, or a tenth of them.

`@pytest.mark.exhaustive` marks a test, or a parameter set, that is not run for every change. `exhaustive` marks the rest of a
matrix. docs/style.md ("A test has a price") says what belongs where.
"""

from collections.abc import Iterable
from typing import Any, Final

import pytest

PARTS: Final = 10
_EVERY_CHANGE: Final = "suite"
_ALL: Final = "all"


def exhaustive(rows: Iterable[Any]) -> "list[Any]":  # Any: values of a parameter, or pytest's own sets of them
    """Return rows of `parametrize` that only the exhaustive tier runs."""
    return [pytest.param(*(row if type(row) is tuple else (row,)), marks=pytest.mark.exhaustive) for row in rows]


def sampled(rows: Iterable[Any], *kept: Any) -> "list[Any]":  # Any: as above
    """Return rows of `parametrize` of which every change runs those in `kept`; the exhaustive tier runs all."""
    return [row if row in kept else exhaustive([row])[0] for row in rows]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that choose tests."""
    parser.addoption(
        "--tier", choices=[_EVERY_CHANGE, _ALL], default=_EVERY_CHANGE, help="all: the exhaustive tests, too"
    )
    parser.addoption(
        "--tenth", metavar="COMMIT", help="the tests of every change, and a tenth of the others, chosen by a commit"
    )
    parser.addoption("--fuzz-examples", type=int, help="examples for each operation and generation mode")


def pytest_configure(config: pytest.Config) -> None:
    """Describe the marker."""
    config.addinivalue_line(
        "markers", "exhaustive: not for every change; `make check-all` runs it, and one gate in ten"
    )


def fuzz_examples(config: pytest.Config) -> int:
    """Return how many examples a fuzz test tries: as many as the option says, one for every change, or five with all tests."""
    chosen: int | None = config.option.fuzz_examples
    return chosen or (5 if config.option.tier == _ALL else 1)


def _runs_exhaustive(config: pytest.Config) -> bool:
    return config.option.tier == _ALL or config.option.tenth is not None


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Leave out the exhaustive rows before pytest makes a test of each: that takes longer than to leave out a test."""
    if _runs_exhaustive(metafunc.config):
        return
    marks = metafunc.definition.own_markers
    for index, mark in enumerate(marks):
        if mark.name != "parametrize":
            continue
        names, rows, *more = mark.args
        rows = list(rows)
        kept = [row for row in rows if not _is_exhaustive(row)]
        if len(kept) < len(rows):
            marks[index] = pytest.mark.parametrize(names, kept or rows[:1], *more, **mark.kwargs).mark
        if rows and not kept:  # its one row is left out with the marker it has
            metafunc.definition.add_marker("exhaustive")


def _is_exhaustive(row: object) -> bool:
    return any(mark.name == "exhaustive" for mark in getattr(row, "marks", ()))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests of the tier."""
    if config.option.tier == _ALL:
        return
    left = [item for item in items if item.get_closest_marker("exhaustive") is not None]
    if config.option.tenth is not None:
        # The long ones first, so that each tenth has its share of them.
        left.sort(key=lambda item: (item.get_closest_marker("slow") is None, item.nodeid))
        first = int(config.option.tenth, 16) % PARTS
        left = [item for index, item in enumerate(left) if index % PARTS != first]
    if left:
        out = {item.nodeid for item in left}
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item.nodeid not in out]
