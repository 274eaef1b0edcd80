"""Projects: each groups the content and accounts of one customer. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Final, Literal, Required, Self, TypedDict
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import JsonValue, TypeAdapter

from presswork.core.enums import Environment
from presswork.core.errors import Conflict, FieldError, IssueCode, NotFound
from presswork.core.ids import PROJECT, public_id
from presswork.core.json_text import JSONText
from presswork.projects.branding import Branding
from presswork.projects.review_steps import ApprovalStep, Reminder


class ReviewPolicy(StrEnum):
    """Which new content of a project needs approval."""

    AUTO_APPROVE = "auto_approve"
    REVIEW_FIRST_N = "review_first_n"
    REVIEW_ALL = "review_all"


class Covers(StrEnum):
    """What an approval covers."""

    CONTENT = "content"  # texts may be edited and overridden afterwards
    CONTENT_AND_TEXT = "content_and_text"


MAX_METADATA_BYTES: Final = 16 * 1024
"""Bound of the metadata as JSON without white space, in UTF-8."""

MAX_VARIABLES: Final = 100
"""The most variables of a project."""
MAX_VARIABLE_CHARACTERS: Final = 2_000
"""Of the value of one."""
MAX_UTM_DOMAINS: Final = 50
MAX_BUDGET_USD: Final = 1_000_000
_MICRO: Final = 1_000_000
VARIABLE_NAME: Final = "[a-zA-Z][a-zA-Z0-9_]{0,63}"
"""The names of variables, as a regular expression."""

_NOT_ZONES: Final = frozenset({"Factory", "localtime"})
"""Names in the time zone database that are not places."""


class ProjectStatus(StrEnum):
    """Whether a project accepts content and posts. Archived is final."""

    ACTIVE = "active"
    ARCHIVED = "archived"


class ProjectNotFound(NotFound):
    """The project does not exist, or the key can't see it."""

    sentence = "This project does not exist, or this key can't see it. List projects with GET /v1/projects."


class ProjectArchived(Conflict):
    """The project is archived, which is final."""

    def __init__(self, project_id: UUID) -> None:
        super().__init__(
            "This project is archived, which is final. Use another project, or create one.",
            projectId=public_id(PROJECT, project_id),
            status=ProjectStatus.ARCHIVED.value,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class UTM:
    """Parameters that are added to the links of some domains and their subdomains. `{platform}` stands for the platform's name."""

    domains: Sequence[str]
    """In lower case."""
    source: str | None = None
    medium: str | None = None
    campaign: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FillValues:
    """What is filled into the texts of posts."""

    variables: Mapping[str, str] | None = None
    """Values of variables, or None while braces have no meaning."""
    utm: UTM | None = None

    def text(self) -> JSONText | None:
        """Return the stored document; None where nothing is filled in."""
        if self.variables is None and self.utm is None:
            return None
        return JSONText(_FILL.dump_json(self).decode())

    @classmethod
    def parse(cls, text: str | None) -> "FillValues":
        """Return the values of a stored document."""
        return cls() if text is None else _FILL.validate_json(text)


_FILL: Final = TypeAdapter(FillValues)


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """The most that posts of a project to one platform may cost in a month (UTC)."""

    amount: int
    """Millionths of a dollar."""

    @classmethod
    def of_usd(cls, usd: float) -> Self:
        """Build it from an amount of dollars."""
        return cls(amount=round(usd * _MICRO))

    @property
    def monthly_usd(self) -> float:
        """The amount in dollars."""
        return self.amount / _MICRO


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """One project. Instants in UTC."""

    id: UUID
    organization_id: UUID
    environment: Environment
    name: str
    timezone: str
    customer_external_id: str | None
    metadata: JSONText
    owner_email: str | None
    primary_language: str | None
    app_name: str | None
    app_description: str | None
    branding: Branding | None
    fill: FillValues
    budgets: Mapping[str, Budget] | None
    """By platform. Without any, the project may spend any amount."""
    status: ProjectStatus
    review_links: bool  # whether events about content that waits for a decision carry a review link, asked for by
    review_links_by_key: UUID | None  # this key, or
    review_links_by_user: UUID | None  # this user
    review_policy: ReviewPolicy
    review_first_n: int | None
    review_covers: Covers
    review_updated_at: datetime | None
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None
    review_steps: Sequence[ApprovalStep] = ()  # none: one decision is enough
    review_reminder: Reminder | None = None

    @property
    def requires_approval(self) -> bool:
        """Whether new content may require approval."""
        return self.review_policy is not ReviewPolicy.AUTO_APPROVE

    @property
    def variables(self) -> Mapping[str, str] | None:
        """The values of `{{name}}` in texts; None where braces have no meaning."""
        return self.fill.variables

    @property
    def utm(self) -> UTM | None:
        """The parameters that links get."""
        return self.fill.utm

    def require_active(self) -> Self:
        """Return this project. Raises ProjectArchived."""
        if self.status is ProjectStatus.ARCHIVED:
            raise ProjectArchived(self.id)
        return self


class ReviewChanges(TypedDict, total=False):
    """A new review policy. What is missing stays as it is, but `first_n`, which only REVIEW_FIRST_N has."""

    policy: Required[ReviewPolicy]
    first_n: int
    covers: Covers
    steps: Sequence[ApprovalStep]
    reminder: Reminder | None


class Profile(TypedDict, total=False):
    """What a client says about the customer of a project. It is stored and returned, and used for nothing else."""

    owner_email: str | None
    primary_language: str | None
    app_name: str | None
    app_description: str | None


class PlainChanges(Profile, total=False):
    """Changes to the fields of a project that are stored one by one."""

    name: str
    timezone: str
    customer_external_id: str | None
    metadata: JSONText
    branding: Branding | None
    review_links: bool
    status: Literal[ProjectStatus.ARCHIVED]


class ProjectChanges(PlainChanges, total=False):
    """Changes to a project."""

    variables: Mapping[str, str] | None
    utm: UTM | None
    budgets: Mapping[str, Budget] | None


def is_timezone(name: str) -> bool:
    """Return whether this is the exact name of a place in the IANA time zone database."""
    return name in _zones()


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    # Cached: this reads about 600 files.
    return frozenset(available_timezones()) - _NOT_ZONES


def metadata_text(metadata: Mapping[str, JsonValue]) -> JSONText:
    """Return metadata as JSON text. Raises FieldError if it can't be stored.

    It is bounded by MAX_METADATA_BYTES. PostgreSQL stores no NUL characters and only finite numbers, and returns them
    without exponents: 1e300 has 301 digits.
    """
    try:
        text = json.dumps(metadata, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except ValueError as error:
        raise FieldError("has NaN or a number beyond 1e308. Send such values as strings.") from error
    size_bytes = len(text.encode())
    if size_bytes > MAX_METADATA_BYTES:
        raise FieldError(
            f"has {size_bytes:,} bytes as JSON. Send at most {MAX_METADATA_BYTES:,} (16 KiB).", IssueCode.TOO_LARGE
        )
    leaves = list(_iterate_leaves(metadata))
    size_bytes += sum(_count_added_characters(leaf) for leaf in leaves if isinstance(leaf, float))
    if size_bytes > MAX_METADATA_BYTES:
        raise FieldError(
            f"has {size_bytes:,} bytes as JSON with its numbers written out (1e300 has 301 digits). "
            f"Send at most {MAX_METADATA_BYTES:,} (16 KiB).",
            IssueCode.TOO_LARGE,
        )
    if any(isinstance(leaf, str) and "\x00" in leaf for leaf in leaves):
        raise FieldError("contains a NUL character. Remove it.", IssueCode.INVALID_CHARACTER)
    return JSONText(text)


def _iterate_leaves(value: JsonValue | Mapping[str, JsonValue]) -> Iterator[str | float | None]:
    """Yield every key and every value of a JSON value that contains no other."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield name
            yield from _iterate_leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _iterate_leaves(inner)
    else:
        yield value


def _count_added_characters(number: float) -> int:
    """Return by how many characters a number becomes longer without its exponent."""
    written = repr(number)
    return len(f"{Decimal(written):f}") - len(written) if "e" in written else 0
