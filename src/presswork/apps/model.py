"""The credentials of platform apps: where they come from, and by what their owner recognizes them. Pure."""

from enum import StrEnum
from typing import Final

HINT_CHARACTERS: Final = 4


class AppSource(StrEnum):
    """Where the credentials of an app come from."""

    ENVIRONMENT = "environment"
    STORED = "stored"


def hint_of(client_id: str) -> str:
    """Return the end of an app's ID, by which its owner recognizes it. Short IDs show half of it at most."""
    shown = min(HINT_CHARACTERS, len(client_id) // 2)
    return client_id[len(client_id) - shown :]
