"""Compares recorded answers of a platform with those of the sandbox to the same calls."""

from collections.abc import Iterator, Sequence
from typing import Final

from presswork.core.response_shapes import RecordedResponse, Shape

_OF_EVERY_SERVER: Final = frozenset(
    {
        "cache-control",
        "connection",
        "content-length",
        "content-type",
        "date",
        "keep-alive",
        "server",
        "transfer-encoding",
        "x-content-type-options",
        "x-request-id",
    }
)
"""Headers that the sandbox's own server adds, whatever the platform."""
_ANY_NAME: Final = "*"


def list_differences(recorded: Sequence[RecordedResponse], sandbox: Sequence[RecordedResponse]) -> Sequence[str]:
    """Return what the sandbox answers and the platform did not, and which status of a known call the sandbox never has.

    What only the platform has is no difference: no connector reads it. Calls that only one of them got are not compared.
    """
    return [*_list_statuses(recorded, sandbox), *_list_shapes(recorded, sandbox)]


def _list_statuses(recorded: Sequence[RecordedResponse], sandbox: Sequence[RecordedResponse]) -> Iterator[str]:
    known = {(one.operation, one.method): set[int]() for one in sandbox}
    for one in sandbox:
        known[one.operation, one.method].add(one.status)
    for one in recorded:
        has = known.get((one.operation, one.method))
        if has is not None and one.status < 400 and one.status not in has:
            yield f"{one.operation}: the platform answered {one.status}, the sandbox {sorted(has)}"


def _list_shapes(recorded: Sequence[RecordedResponse], sandbox: Sequence[RecordedResponse]) -> Iterator[str]:
    there = {(one.operation, one.method, one.status): one for one in recorded}
    for one in sandbox:
        real = there.get((one.operation, one.method, one.status))
        if real is None:
            continue
        where = f"{one.operation} {one.status}"
        for name in sorted(one.headers - real.headers - _OF_EVERY_SERVER):
            yield f"{where}: the platform has no header {name}"
        yield from _compare(where, real.body, one.body)


def _compare(where: str, real: Shape, fake: Shape) -> Iterator[str]:
    """Yield what the sandbox has in a value and the platform does not."""
    if isinstance(real, dict) and isinstance(fake, dict):
        for name, member in fake.items():
            if name in real:
                yield from _compare(f"{where} {name}", real[name], member)
            elif _ANY_NAME not in real:
                yield f"{where}: the platform has no member {name}"
    elif isinstance(real, list) and isinstance(fake, list):
        if real and fake:
            yield from _compare(f"{where} []", real[0], fake[0])
    elif _types_of(real) and _types_of(fake) and not _types_of(real) & _types_of(fake):
        yield f"{where}: the platform has {_name(real)}, the sandbox {_name(fake)}"


def _types_of(shape: Shape) -> set[str]:
    """Return the types of a shape without null, behind which any type may be."""
    return {_name(shape)} if not isinstance(shape, str) else {*shape.split("|")} - {"null"}


def _name(shape: Shape) -> str:
    return shape if isinstance(shape, str) else "an object" if isinstance(shape, dict) else "a list"
