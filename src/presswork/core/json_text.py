"""JSON that is stored and sent as text."""

from typing import NewType

from pydantic_core import to_json

JSONText = NewType("JSONText", str)
"""A JSON object as text, as the database returns it. Code that only passes it on does not parse it."""


def compact_json(value: object) -> str:
    """Return a value as JSON without white space. Python's own encoder needs three times as long for a list of objects."""
    return to_json(value).decode()
