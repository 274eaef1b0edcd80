"""JSON that is stored and sent as text."""

from typing import NewType

JSONText = NewType("JSONText", str)
"""A JSON object as text, as the database returns it. Code that only passes it on does not parse it."""
