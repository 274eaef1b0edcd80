"""Snippets: texts that people insert into posts, shared with the project. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from presswork.core.errors import Conflict, NotFound

MAX_SNIPPETS: Final = 500
"""The most snippets of a project."""
MAX_CHARACTERS: Final = 63_206
"""Of one: as of a caption."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """A text with a name. Instants in UTC."""

    id: UUID
    project_id: UUID
    name: str
    text: str
    created_at: datetime
    updated_at: datetime


class SnippetNotFound(NotFound):
    """There is no such snippet, or the caller does not see it."""

    sentence = "There is no such snippet. List a project's with GET /v1/projects/{projectId}/snippets."


class SnippetNameTaken(Conflict):
    """The project has a snippet with this name."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"This project has a snippet with the name {name!r} already. Change that one, or use another name.",
            reason="name_taken",
        )


class TooManySnippets(Conflict):
    """The project has as many snippets as it may have."""

    def __init__(self) -> None:
        super().__init__(
            f"This project has {MAX_SNIPPETS:,} snippets, and no more are possible. Delete some.",
            reason="too_many_snippets",
            limit=MAX_SNIPPETS,
        )
