"""A post as the worker reads it from the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg
from pydantic import Json, JsonValue, TypeAdapter, ValidationError

from presswork.accounts.model import AccountStatus
from presswork.accounts.tokens import TokensRow
from presswork.core.enums import Environment, MediaType, Mode
from presswork.media.link_card import LinkCard, parse_card
from presswork.media.model import Probe
from presswork.platforms.names import LoginName, PlatformName
from presswork.platforms.option_registry import OPTIONS, unknown_options
from presswork.platforms.parts import StoredPart, parse_parts
from presswork.platforms.port import PostOptions, TargetAccount
from presswork.posts.fill_in import PostTexts
from presswork.posts.model import Event, PostExtra, Status
from presswork.posts.parts import PartOutcome, live_parts, parse_outcomes
from presswork.projects.model import FillValues
from presswork.worker.newer_rows import NewerValue, known

State = Mapping[str, JsonValue]

_NEWER_NAMES_AND_CHOICES: Final = frozenset({"extra_forbidden", "literal_error", "enum"})
"""Types of Pydantic's errors about what a newer version may have added. Others are rules that a value does not meet."""
_STATE: Final[TypeAdapter[dict[str, JsonValue]]] = TypeAdapter(dict[str, JsonValue])


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One stored media file of a container."""

    asset_id: UUID
    object_key: str
    probe: Json[Probe]
    alt_text: str | None = None
    filename: str | None = None


_ASSETS: Final = TypeAdapter(list[Asset])
_EXTRAS: Final = TypeAdapter(list[PostExtra])


@dataclass(slots=True, kw_only=True)
class PostRow:
    """A leased post with everything that its delivery needs. Fields such as `version` and `state` mirror the stored row."""

    id: UUID
    version: int
    environment: Environment
    organization_id: UUID
    container_id: UUID
    platform: PlatformName
    login: LoginName
    mode: Mode
    lane: UUID
    cancel_asked_at: datetime | None
    status: Status
    account: TargetAccount
    account_status: AccountStatus
    tokens: TokensRow = field(repr=False)
    """The account's encrypted tokens."""
    app_id: UUID | None
    """The customer's app that issued the account's tokens, or None for the installation's."""
    reduced_privacy: str | None
    is_project_archived: bool
    caption: str
    first_comment: str | None
    media_type: MediaType
    link: LinkCard | None
    content_parts: Sequence[StoredPart]
    """The parts of its content, or none."""
    assets: Sequence[Asset]
    options: PostOptions
    refused_options: Sequence[tuple[str, str]]
    """Paths of the options that this version refuses, each with its reason: a rule has become stricter since it was sent."""
    recent_posts: int
    state: State
    live_call_at: datetime | None
    live_at: datetime | None
    error_count: int
    first_error_at: datetime | None
    last_error_at: datetime | None
    external_id: str | None
    external_url: str | None
    parts: Sequence[PartOutcome]
    """What became of each part of a thread of posts."""
    extras: Sequence[PostExtra]
    """What is added to the live post; empty until it is settled."""
    leased_until: datetime | None
    waits_for: str | None
    """The reason for its wait in its last timeline entry."""
    run_at: datetime
    """When it was due, or due again after a snooze."""
    attempted_at: datetime | None
    """When a worker claimed it for the first time."""
    missing_since: datetime | None
    """When it, or a post ahead of it, started to wait for a missing setting."""
    entries: list[Mapping[str, JsonValue]] = field(default_factory=list)
    """Timeline entries that its next write stores."""

    def add(self, event: Event, message: str, detail: State, *, at: datetime) -> None:
        """Add a timeline entry, which the next write stores."""
        self.entries.append({"at": at.isoformat(), "event": event.value, "message": message, "detail": dict(detail)})

    def add_location(self, external_id: str | None, external_url: str | None, *, at: datetime) -> None:
        """Add where the live post is, which the next write stores with its timeline entry."""
        self.add(Event.PERMALINK, *located_entry(external_id, external_url), at=at)
        self.external_id, self.external_url = external_id, external_url

    @property
    def live_parts(self) -> int:
        """How many parts of its thread are live. From 1 on, it can't be canceled and can't fail."""
        return len(live_parts(self.parts))

    def why_canceled(self) -> str | None:
        """Return why it must not go live any more, or None if it may.

        Archiving a project and disconnecting an account cancel the queued posts; this check finds a post that was
        accepted at the same time.
        """
        if self.live_parts and (self.is_project_archived or self.account_status is AccountStatus.DISCONNECTED):
            return "The account was disconnected, or the project archived, before all parts were live."
        if self.account_status is AccountStatus.DISCONNECTED:
            return "The account was disconnected before this post went live. Connect it again and publish again."
        if self.is_project_archived:
            return "The project was archived before this post went live. Publish the content in another project."
        return None


def located_entry(external_id: str | None, external_url: str | None) -> tuple[str, State]:
    """Return the message and the details of a timeline entry about where a live post is."""
    message = (
        "The platform returned the post's public URL."
        if external_url
        else "The platform returned the post's id, but no public URL yet."
    )
    return message, {"externalId": external_id, "externalUrl": external_url}


def post_of(row: asyncpg.Record) -> PostRow:
    """Return a post as `load` of queries.sql reads it.

    Raises NewerValue if it has a value that this version does not know; ValueError, KeyError or TypeError if it is damaged.
    """
    platform = known(PlatformName, row, "platform")
    texts = _texts_of(row, platform)
    options = PostOptions(texts.options)
    return PostRow(
        id=row["id"],
        version=row["version"],
        environment=known(Environment, row, "environment"),
        organization_id=row["organization_id"],
        container_id=row["container_id"],
        platform=platform,
        login=known(LoginName, row, "login"),
        mode=known(Mode, row, "mode"),
        lane=row["lane"],
        cancel_asked_at=row["cancel_asked_at"],
        status=known(Status, row, "status"),
        account=TargetAccount(
            id=row["account_id"],
            external_id=row["account_external_id"],
            handle=row["handle"],
            scopes=frozenset(row["scopes"]),
        ),
        account_status=known(AccountStatus, row, "account_status"),
        tokens=TokensRow(
            status=row["account_status"],
            sealed_tokens=row["sealed_tokens"],
            tokens_version=row["tokens_version"],
            refresh_due_at=row["refresh_due_at"],
            refresh_leased_until=row["refresh_leased_until"],
        ),
        app_id=row["app_id"],
        reduced_privacy=row["reduced_privacy"],
        is_project_archived=row["project_status"] == "archived",
        caption=texts.caption,
        first_comment=texts.first_comment or None,
        media_type=known(MediaType, row, "media_type"),
        link=texts.link,
        content_parts=texts.parts,
        assets=_ASSETS.validate_json(row["media"] or "[]"),
        options=options,
        refused_options=_find_refused(options),
        recent_posts=row["recent_posts"],
        state=_STATE.validate_json(row["platform_state"]),
        live_call_at=row["live_call_at"],
        live_at=row["live_at"],
        error_count=row["error_count"],
        first_error_at=row["first_error_at"],
        last_error_at=row["last_error_at"],
        external_id=row["external_id"],
        external_url=row["external_url"],
        parts=parse_outcomes(row["parts"]),
        extras=_EXTRAS.validate_json(row["extras"]),
        leased_until=row["leased_until"],
        waits_for=row["waits_for"],
        run_at=row["run_at"],
        attempted_at=row["attempted_at"],
        missing_since=row["missing_since"],
    )


def has_comment(row: asyncpg.Record) -> bool:
    """Return whether a post has a first comment, also where it can't be filled in."""
    own = row["first_comment_override"]
    return bool(row["first_comment"] if own is None else own)


def _texts_of(row: asyncpg.Record, platform: PlatformName) -> PostTexts:
    """Return the texts that go out. Raises UnknownVariables, a ValueError."""
    texts = PostTexts(
        caption=row["caption"] if row["caption_override"] is None else row["caption_override"],
        first_comment=row["first_comment"] if row["first_comment_override"] is None else row["first_comment_override"],
        parts=parse_parts(row["content_parts"]),
        link=parse_card(row["link"]),
        options=PostOptions.read(row["options"]).document,
    )
    return texts if row["fill"] is None else texts.filled(FillValues.parse(row["fill"]), platform)


def _find_refused(options: PostOptions) -> Sequence[tuple[str, str]]:
    """Return the options that a rule of this version refuses. Raises NewerValue if a name or a choice is not known."""
    if not (suspects := unknown_options(options)):
        return ()
    schemas = {option.name: option.schema for option in OPTIONS}
    newer, refused = [name for name in suspects if name in options.document and name not in schemas], []
    for name in options.document.keys() & schemas.keys():
        try:
            TypeAdapter(schemas[name]).validate_python(options.document[name])
        except ValidationError as error:
            for issue in error.errors(include_url=False, include_input=False):
                path = ".".join(map(str, (name, *issue["loc"])))
                if issue["type"] in _NEWER_NAMES_AND_CHOICES:
                    newer.append(path)
                else:
                    refused.append((path, issue["msg"]))
    if newer:
        raise NewerValue(f"it has options that this version does not know: {', '.join(newer)}")
    return refused


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """What is missing for a live post."""

    post_id: UUID
    needs_location: bool
    needs_comment: bool
    needs_extras: bool
    gives_up_at: datetime
    attempts: int
    """The current attempt included."""
    claimed_at: datetime
    """When it was claimed, by the database's clock."""
