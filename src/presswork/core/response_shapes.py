"""The shapes of a platform's answers, recorded while a connector is verified: names and types, never a value.

A shape has no token, id or text of a person in it, and can be kept in the repository: tests/recorded compares it with what the sandbox
answers to the same call.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self, cast

from pydantic import JsonValue

NAME: Final = re.compile(r"(?!.*[0-9]{5})[A-Za-z$@_][A-Za-z0-9$@_.:-]{0,59}", re.ASCII)
"""Of a member or a header; what has long numbers may be an id."""
_ANY_NAME: Final = "*"
"""Stands for names that are ids, or otherwise not the platform's own words."""
_MAX_DEPTH: Final = 12

Shape = JsonValue
"""Of an object: an object of shapes. Of a list: a list of one shape, that of all items together, or an empty list. Of anything else: its
types, such as `string` or `null|number`."""


def shape_of(value: JsonValue, depth: int = 0) -> Shape:
    """Return the shape of a value; what is nested deeper than 12 levels is left out."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, int | float):
        return "number"
    if depth >= _MAX_DEPTH:
        return {} if isinstance(value, dict) else []
    if isinstance(value, list):
        whole: list[JsonValue] = []
        for item in value:
            whole = cast("list[JsonValue]", merge_shapes(whole, [shape_of(item, depth + 1)]))
        return whole
    members: dict[str, JsonValue] = {}
    for name, member in value.items():
        own, shape = name if NAME.fullmatch(name) else _ANY_NAME, shape_of(member, depth + 1)
        members[own] = merge_shapes(members[own], shape) if own in members else shape
    return members


def merge_shapes(one: Shape, other: Shape) -> Shape:
    """Return the shape of values that have either shape. Of an object and a text, the object: platforms answer errors so."""
    if isinstance(one, str) and isinstance(other, str):
        return "|".join(sorted({*one.split("|"), *other.split("|")}))
    if isinstance(one, dict) and isinstance(other, dict):
        merged = {
            name: merge_shapes(one[name], other[name])
            if name in one and name in other
            else one.get(name, other.get(name))
            for name in [*one, *(name for name in other if name not in one)]
        }
        return cast("Shape", merged)
    if isinstance(one, list) and isinstance(other, list):
        return [merge_shapes(one[0], other[0])] if one and other else one or other
    return other if isinstance(one, str) else one


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedResponse:
    """What a platform answered to one call, without its values."""

    operation: str
    """As in the metrics and the log."""
    method: str
    status: int
    headers: frozenset[str]
    """The names of the headers, in lower case."""
    body: Shape
    """`empty` or `other` where it is no JSON."""

    @classmethod
    def load(cls, document: Mapping[str, JsonValue]) -> Self:
        """Read it as `as_json` wrote it. Raises KeyError and TypeError for anything else."""
        return cls(
            operation=str(document["operation"]),
            method=str(document["method"]),
            status=cast("int", document["status"]),
            headers=frozenset(cast("Sequence[str]", document["headers"])),
            body=document["body"],
        )

    def as_json(self) -> Mapping[str, JsonValue]:
        """Return it as JSON."""
        return {
            "operation": self.operation,
            "method": self.method,
            "status": self.status,
            "headers": cast("JsonValue", sorted(self.headers)),
            "body": self.body,
        }


def merge_responses(answers: Iterable[RecordedResponse]) -> Sequence[RecordedResponse]:
    """Return one answer for each operation, method and status, which has the members and headers of all of them."""
    merged: dict[tuple[str, str, int], RecordedResponse] = {}
    for one in answers:
        key = one.operation, one.method, one.status
        before = merged.get(key)
        if before is None:
            merged[key] = one
            continue
        body, headers = merge_shapes(before.body, one.body), before.headers | one.headers
        merged[key] = RecordedResponse(operation=key[0], method=key[1], status=key[2], headers=headers, body=body)
    return [merged[key] for key in sorted(merged)]
