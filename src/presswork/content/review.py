"""The review history of a container: the decisions on it, and what was edited since the last one."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from presswork.callers.model import Principal
from presswork.content.model import Container, Review, TextChange
from presswork.content.store import find_container, list_reviews
from presswork.db.pool import Pool

_MAX_REVIEWS: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewHistory:
    """A container with the decisions on it, oldest first, and the changes that no decision has covered."""

    container: Container
    reviews: Sequence[Review]
    changes: Sequence[TextChange]


async def read_review(pool: Pool, container_id: UUID, *, visible_to: Principal) -> ReviewHistory:
    """Return the review history of a container. Raises ContainerNotFound."""
    container = await find_container(pool, container_id, visible_to=visible_to)
    reviews = await list_reviews(pool, container_id, limit=_MAX_REVIEWS)
    return ReviewHistory(container=container, reviews=reviews, changes=changes_since_review(container))


def changes_since_review(container: Container) -> Sequence[TextChange]:
    """Return the texts of a container that were edited since the last decision or the creation."""
    if container.reviewed_texts is None:
        return ()
    before: dict[str, str | None] = json.loads(container.reviewed_texts)
    return [
        TextChange(field=field, before=before.get(field), after=text)
        for field, text in container.texts.items()
        if before.get(field) != text
    ]
