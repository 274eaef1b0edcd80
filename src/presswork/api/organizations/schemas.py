"""Request and response bodies of organizations, their limits and their usage."""

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Final, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic.config import JsonDict

from presswork.api.http.body import FromDomain, In, Name, Out, with_examples
from presswork.api.http.ids import OrganizationRef, ProjectRef
from presswork.api.http.paging import NoNextPage
from presswork.api.keys.schemas import CreatedApiKey, KeyName, ScopeName
from presswork.api.users.schemas import EmailAddress, InvitedUser
from presswork.callers.model import ALL_BUT_ADMIN, Scope, Tier
from presswork.core.enums import Environment
from presswork.core.errors import FieldError
from presswork.core.timestamps import Instant, read_day, read_instant
from presswork.orgs import usage
from presswork.orgs.limits import LimitChanges, Standing
from presswork.posts.export import csv_lines

_ID: Final = "org_0191f3a2-6b0d-7a51-8c1f-2e5b1d0a7f43"
_LIMITS: Final[JsonDict] = {
    "projects": 5,
    "accounts": 20,
    "postsPerMonth": 500,
    "queued": 200,
    "mediaBytes": 10_737_418_240,
    "users": 5,
    "keys": 3,
}
_ORGANIZATION: Final[JsonDict] = {
    "id": _ID,
    "name": "Corner Bakery",
    "createdAt": "2026-11-24T18:30:00.000Z",
    "limits": _LIMITS,
}
_MAX_LIMIT: Final = 2**53 - 1
Limit = Annotated[int | None, Field(ge=0, le=_MAX_LIMIT, strict=True)]


class Limits(FromDomain):
    """The most that an organization may have; null: any number."""

    model_config = with_examples(_LIMITS)

    projects: int | None = Field(description="Active projects, of each environment.")
    accounts: int | None = Field(description="Accounts that are not disconnected, of each environment.")
    posts_per_month: int | None = Field(description="Posts that are created in a month (UTC), of each environment.")
    queued: int | None = Field(description="Posts that have not ended, of each environment.")
    media_bytes: int | None = Field(description="Bytes of stored media, of both environments.")
    users: int | None = Field(description="Users that are not disabled.")
    keys: int | None = Field(description="API keys that are not revoked, of both environments.")


class LimitsPatch(In):
    """Changes to limits. A limit that is left out is not changed; null removes it."""

    model_config = with_examples({"postsPerMonth": 500, "accounts": None})

    projects: Limit = None
    accounts: Limit = None
    posts_per_month: Limit = None
    queued: Limit = None
    media_bytes: Limit = None
    users: Limit = None
    keys: Limit = None

    def changes(self) -> LimitChanges:
        """Return the limits that were sent."""
        sent: LimitChanges = self.sent()
        return sent


class Organization(FromDomain):
    """An organization: one customer of the installation."""

    model_config = with_examples(_ORGANIZATION)

    id: OrganizationRef
    name: str
    created_at: Instant
    limits: Limits


class FirstAdmin(In):
    """The person who administers the organization. It is invited."""

    model_config = with_examples({"email": "ines@example.com", "name": "Ines"})

    email: EmailAddress
    name: Name | None = None


def _require_own(scopes: list[ScopeName]) -> list[str]:
    for scope in (Scope.METRICS_READ, Scope.INSTALLATION_ADMIN):
        if scope in scopes:
            raise FieldError(f"may not have {scope}, which is about the whole installation. Leave it out.")
    return list(dict.fromkeys(scopes))


class FirstKey(In):
    """A key of the organization, for the program that sets it up."""

    model_config = with_examples({"environment": "live", "name": "Set-up"})

    environment: Environment
    name: KeyName = ""
    scopes: Annotated[list[ScopeName], Field(min_length=1, max_length=50), AfterValidator(_require_own)] = Field(
        default_factory=lambda: [ALL_BUT_ADMIN, Scope.ORG_ADMIN.value],
        description="Permissions of the key. Default: everything, and the administration of the organization.",
    )
    tier: Tier = Field(default=Tier.STANDARD, description="Rate limit of the key.")


class NewOrganization(In):
    """A new organization, with what it needs to begin."""

    model_config = with_examples(
        {
            "name": "Corner Bakery",
            "limits": {"accounts": 20, "postsPerMonth": 500},
            "admin": {"email": "ines@example.com", "name": "Ines"},
        }
    )

    name: Name = Field(description="No other organization of the installation has it.")
    limits: LimitsPatch = Field(default_factory=LimitsPatch, description="What is left out has no limit.")
    admin: FirstAdmin | None = Field(default=None, description="Invite this person as its first administrator.")
    key: FirstKey | None = Field(default=None, description="Make a key of the organization as well.")


class OrganizationPatch(In):
    """Changes to an organization. A field that is left out is not changed."""

    model_config = with_examples({"name": "Corner Bakery Lisbon"})

    name: Name = Field(default_factory=str)


class CreatedOrganization(Out):
    """The organization, and what was made with it. Link and key are shown only here."""

    model_config = with_examples(
        {
            "organization": _ORGANIZATION,
            "admin": InvitedUser.model_config["json_schema_extra"]["examples"][0],  # type: ignore[index]  # with_examples made it
            "key": None,
        }
    )

    organization: Organization
    admin: InvitedUser | None
    key: CreatedApiKey | None


def _read_since(value: object) -> dt.date:
    return read_instant(value).date() if isinstance(value, str) and "t" in value.lower() else read_day(value)


def _read_until(value: object) -> dt.date:
    if not (isinstance(value, str) and "t" in value.lower()):
        return read_day(value)
    instant = read_instant(value)
    is_midnight = instant.time() == dt.time()
    if is_midnight:
        return instant.date()
    try:
        return instant.date() + dt.timedelta(days=1)
    except OverflowError as error:
        raise FieldError("is too late. Send a day before the year 9999.") from error


_DAY_SCHEMA: Final[JsonDict] = {"type": "string", "examples": ["2026-11-01"]}
UsageSince = Annotated[dt.date, BeforeValidator(_read_since), WithJsonSchema(_DAY_SCHEMA)]
UsageUntil = Annotated[dt.date, BeforeValidator(_read_until), WithJsonSchema(_DAY_SCHEMA)]
"""A day, or an instant on it: an instant of the day ends the period after that day."""


class UsedPosts(Out):
    """Posts that ended in the period, by how they ended."""

    model_config = with_examples({"published": 412, "draft": 3, "failed": 2, "canceled": 9})

    published: int
    draft: int
    failed: int
    canceled: int


_USAGE: Final[JsonDict] = {
    "projectId": "prj_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
    "date": None,
    "platform": None,
    "posts": {"published": 412, "draft": 3, "failed": 2, "canceled": 9},
    "accounts": 7,
    "mediaBytes": 1_284_505_600,
    "apiCalls": 0,
    "texts": 3,
    "seats": 0,
}


class UsageItem(Out):
    """What was used by one project, on one day, on one platform, or in total."""

    model_config = with_examples(_USAGE)

    project_id: ProjectRef | None = Field(description="With `groupBy=project`; null: what belongs to no project.")
    date: dt.date | None = Field(description="With `groupBy=day`: a day in UTC.")
    platform: str | None = Field(description="With `groupBy=platform`; null: what belongs to no platform.")
    posts: UsedPosts
    accounts: int = Field(description="Accounts that were connected at the end of the period, or of the day.")
    media_bytes: int = Field(description="Bytes of media that were stored then.")
    api_calls: int = Field(description="Calls of keys and sessions; they belong to no project.")
    texts: int = Field(description="Text messages that the SMS service accepted.")
    seats: int = Field(description="Users that were not disabled at the end; they belong to no project.")

    @classmethod
    def of(cls, used: usage.Usage) -> Self:
        """Convert usage of the domain."""
        return cls(
            project_id=used.project_id,
            date=used.day,
            platform=used.platform,
            posts=UsedPosts(published=used.published, draft=used.draft, failed=used.failed, canceled=used.canceled),
            accounts=used.accounts,
            media_bytes=used.media_bytes,
            api_calls=used.api_calls,
            texts=used.texts,
            seats=used.seats,
        )


_COLUMNS: Final = (
    *("projectId", "date", "platform", "published", "draft", "failed", "canceled"),
    *("accounts", "mediaBytes", "apiCalls", "texts", "seats"),
)
USAGE_HEAD: Final = ",".join(_COLUMNS) + "\r\n"


def write_usage(items: Sequence[usage.Usage]) -> bytes:
    """Return items as a CSV file: what an item is not divided by, or belongs to none of, is empty."""
    rows = []
    for item in items:
        cells = UsageItem.of(item).model_dump(mode="json", by_alias=True)
        cells |= cells.pop("posts")
        rows.append(["" if cells[name] is None else str(cells[name]) for name in _COLUMNS])
    return csv_lines([_COLUMNS, *rows])


class LimitStanding(FromDomain):
    """One limit, and what the organization has of what it counts."""

    model_config = with_examples(
        {"limit": "postsPerMonth", "maximum": 500, "used": 426, "resetsAt": "2026-12-01T00:00:00.000Z"}
    )

    limit: str
    maximum: int | None = Field(description="Null: no limit.")
    used: int | None = Field(description="Null: posts of a month are counted only while they have a limit.")
    resets_at: Instant | None = Field(description="When the count begins again.")

    @classmethod
    def of_all(cls, standings: Sequence[Standing]) -> Sequence[Self]:
        """Convert the limits of an organization."""
        return [cls.of(standing) for standing in standings]


class UsageReport(Out):
    """What an organization used in a period, and what it has now of what is limited."""

    model_config = with_examples(
        {
            "since": "2026-11-01",
            "until": "2026-12-01",
            "items": [_USAGE],
            "nextCursor": None,
            "limits": [{"limit": "postsPerMonth", "maximum": 500, "used": 426, "resetsAt": "2026-12-01T00:00:00.000Z"}],
        }
    )

    since: dt.date
    until: dt.date = Field(description="The day after the last one.")
    items: Sequence[UsageItem]
    next_cursor: NoNextPage = None
    limits: Sequence[LimitStanding] = Field(description="Empty for a user who does not see all projects.")
