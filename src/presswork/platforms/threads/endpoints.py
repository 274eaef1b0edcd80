"""Threads' addresses, from the settings of the environment."""

from dataclasses import dataclass
from typing import Final

API_VERSION: Final = "v1.0"
"""The only version. Source: Meta, "Overview" (Threads API, 2025-12), read 2026-11."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Base addresses of Threads' two hosts, or of the sandbox's equivalents."""

    graph: str
    """The API and the code exchange, like https://graph.threads.net."""
    www: str
    """The authorize page, like https://threads.com."""
