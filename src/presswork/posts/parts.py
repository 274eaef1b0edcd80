"""What became of each part of a thread of posts, as a post stores and shows it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import ClassVar, Final

from pydantic import ConfigDict, TypeAdapter
from pydantic.alias_generators import to_camel

from presswork.core.json_text import JSONText
from presswork.platforms.port import Located


class PartStatus(StrEnum):
    """The state of one part."""

    QUEUED = "queued"  # not written yet
    PUBLISHED = "published"
    FAILED = "failed"  # it is not live, and will not be
    UNKNOWN = "unknown"


class ThreadStatus(StrEnum):
    """How a thread of posts ended of which at least one part is live."""

    COMPLETE = "complete"
    PARTIAL = "partial"  # the parts after a failed one are missing
    UNKNOWN = "unknown"  # it is not known whether a part is live


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOutcome:
    """One part of a post."""

    __pydantic_config__: ClassVar = ConfigDict(alias_generator=to_camel)

    index: int
    """From 0."""
    external_id: str | None = None
    external_url: str | None = None
    status: PartStatus = PartStatus.QUEUED


_OUTCOMES: Final = TypeAdapter(tuple[PartOutcome, ...])


def parse_outcomes(text: str | None) -> Sequence[PartOutcome]:
    """Return the stored parts of a post; none for a single post. Raises pydantic.ValidationError on anything else."""
    return () if text is None else _OUTCOMES.validate_json(text)


def serialize_outcomes(parts: Sequence[PartOutcome]) -> JSONText | None:
    """Return parts in the form that is stored and shown."""
    return JSONText(_OUTCOMES.dump_json(tuple(parts), by_alias=True).decode()) if parts else None


def add_live(parts: Sequence[PartOutcome], located: Sequence[Located]) -> Sequence[PartOutcome]:
    """Return the parts after the next ones went live, where `located` says."""
    live = len(live_parts(parts))
    added = [
        replace(part, status=PartStatus.PUBLISHED, external_id=at.external_id, external_url=at.external_url)
        for part, at in zip(parts[live:], located, strict=False)
    ]
    return [*parts[:live], *added, *parts[live + len(added) :]]


def end_parts(parts: Sequence[PartOutcome], *, is_unknown: bool) -> Sequence[PartOutcome]:
    """Return the parts of a post that ended before all were live: the next one failed, or is not known to be live, and the others
    were not written. If none is live, one call may have been for all.
    """
    live = len(live_parts(parts))
    first = PartStatus.UNKNOWN if is_unknown else PartStatus.FAILED
    others = first if live == 0 else PartStatus.FAILED
    return [
        *parts[:live],
        *(replace(part, status=others if place else first) for place, part in enumerate(parts[live:])),
    ]


def live_parts(parts: Sequence[PartOutcome]) -> Sequence[PartOutcome]:
    """Return the parts that are live: the first ones."""
    return [part for part in parts if part.status is PartStatus.PUBLISHED]
