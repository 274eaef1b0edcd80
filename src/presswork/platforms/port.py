"""The interface of a platform: all that the rest of Presswork knows about it.

A platform is one folder that provides a `Platform`: a `Connector` (publishing) and a `Login` (connecting accounts). The
worker calls connectors, the accounts domain calls logins; neither names a platform.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Final, Protocol, Self, runtime_checkable
from uuid import UUID

from pydantic import JsonValue

from presswork.core.enums import WITH_MEDIA
from presswork.core.enums import EditField as EditField
from presswork.core.enums import Environment as Environment
from presswork.core.enums import MediaType as MediaType
from presswork.core.enums import Mode as Mode
from presswork.core.errors import Unavailable
from presswork.media.link_card import LinkCard as LinkCard
from presswork.media.model import ContentType, Kind, Probe, kind_of
from presswork.media.specs import ImageSpec, StillSpec, VideoSpec
from presswork.platforms.bounds import Bounds as Bounds
from presswork.platforms.customer_app import CustomerApp
from presswork.platforms.errors import OutcomeUnknown, PlatformError, Rejected, TryLater
from presswork.platforms.findings import Findings, Problem
from presswork.platforms.inbound_webhooks import REFERENCE as REFERENCE
from presswork.platforms.inbound_webhooks import CommentWebhookReader
from presswork.platforms.inbound_webhooks import ReportedEvent as ReportedEvent
from presswork.platforms.inbound_webhooks import UserRequest as UserRequest
from presswork.platforms.inbound_webhooks import UserRequestReader as UserRequestReader
from presswork.platforms.inbound_webhooks import WebhookReader as WebhookReader
from presswork.platforms.live_support import CommentsSupport, InsightsSupport, ReadLimit
from presswork.platforms.login import AppCredentials as AppCredentials
from presswork.platforms.login import CodePage as CodePage
from presswork.platforms.login import Grant as Grant
from presswork.platforms.login import Login as Login
from presswork.platforms.login import PushedRequest as PushedRequest
from presswork.platforms.login import SupportsAppCheck as SupportsAppCheck
from presswork.platforms.login import SupportsIssuerCheck as SupportsIssuerCheck
from presswork.platforms.login import SupportsPostedCode as SupportsPostedCode
from presswork.platforms.login import SupportsPushedRequest as SupportsPushedRequest
from presswork.platforms.login import SupportsServers as SupportsServers
from presswork.platforms.login import Tokens as Tokens
from presswork.platforms.names import LoginName as LoginName
from presswork.platforms.names import PlatformName as PlatformName
from presswork.platforms.options import Extra as Extra
from presswork.platforms.options import PostOptions as PostOptions
from presswork.platforms.part_options import AUTO_SPLIT, AutoSplit
from presswork.platforms.parts import MIN_PARTS, StoredPart
from presswork.platforms.retry_policy import Limit as Limit
from presswork.platforms.retry_policy import RetryPolicy as RetryPolicy
from presswork.platforms.retry_policy import Timeouts as Timeouts
from presswork.platforms.text_splitter import TextSplitter


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAccess:
    """A managed provider as the operator configured it: its base URL and the secret (`whsec_…`) that both sides sign with."""

    name: str
    base_url: str
    secret: str = field(repr=False)
    former_secret: str | None = field(default=None, repr=False)
    """The previous secret, while it is still valid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """A track of the music catalogue; `link` is its public address."""

    id: UUID
    title: str
    author: str | None
    link: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryContext:
    """What some delivery channels need beyond the account."""

    operator_phone: str | None
    """The verified phone of the organization's primary operator, in E.164; None where there is none."""
    provider: ProviderAccess | None
    """The provider of the account's layer, or None if the account is in no managed layer, or its provider is not configured."""
    track: Track | None
    """The track that the target requested with `manual`."""
    first_comment: str | None
    page_url: str
    """Signed, expiring page with the media and the caption, made for a phone."""
    callback_url: str
    """Where the provider or SMS service may report progress of this post."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """One stored picture, video or document, as probed. Sizes in bytes and pixels (as displayed); of a document, in points."""

    asset_id: UUID
    position: int
    content_type: str
    size_bytes: int
    sha256: str
    width: int
    height: int
    duration: timedelta | None
    video_codec: str | None
    frame_rate: float | None
    pages: int | None = None
    """Of a document."""
    alt_text: str | None = None
    filename: str | None = None

    @classmethod
    def of(
        cls,
        asset_id: UUID,
        position: int,
        probe: Probe,
        *,
        alt_text: str | None = None,
        filename: str | None = None,
    ) -> Self:
        """Build a media item from its probe and its position in the container, from 0."""
        return cls(
            asset_id=asset_id,
            position=position,
            content_type=probe.content_type.value,
            size_bytes=probe.size_bytes,
            sha256=probe.sha256,
            width=probe.width,
            height=probe.height,
            duration=probe.duration if probe.kind is Kind.VIDEO else None,
            video_codec=probe.video_codec,
            frame_rate=probe.frame_rate,
            pages=probe.pages,
            alt_text=alt_text,
            filename=filename,
        )

    @property
    def is_video(self) -> bool:
        """Whether this is a video."""
        return self.kind is Kind.VIDEO

    @property
    def kind(self) -> Kind:
        """What it is."""
        return kind_of(ContentType(self.content_type))


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFile:
    """Bytes to upload, read by range."""

    size_bytes: int
    content_type: str
    reader: Callable[[int, int], AsyncIterator[bytes]]
    """`reader(first, last)` yields bytes first…last, both inclusive, in pieces."""


RECENT_POSTS_COUNTED: Final = 5
"""An account with fewer posts within 24 hours is far from any platform's quota."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetAccount:
    """The social account that a post is published to."""

    id: UUID
    external_id: str
    """The platform's id of the account: Instagram's professional-account id, TikTok's open_id."""
    handle: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PostPart:
    """One part of a thread of posts. Its media count from 0."""

    text: str
    media: Sequence[Media] = ()
    link: LinkCard | None = None
    """Only without media."""

    @property
    def media_type(self) -> MediaType:
        """The type of its media."""
        if len(self.media) > 1:
            return MediaType.MIXED if any(media.is_video for media in self.media) else MediaType.MULTI
        return MediaType(self.media[0].kind.value) if self.media else MediaType.TEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A thread of posts, and how much of it is live."""

    parts: Sequence[PostPart]
    live_ids: Sequence[str | None] = ()
    """The platform's ids of the parts that are live, in order; None where one is not known."""

    @property
    def current(self) -> int:
        """The part to work on, from 0: the first one that is not live."""
        return min(len(self.live_ids), len(self.parts) - 1)

    @property
    def is_begun(self) -> bool:
        """Whether a part is live."""
        return bool(self.live_ids)

    @property
    def follows_more(self) -> bool:
        """Whether a part comes after the one to work on."""
        return self.current + 1 < len(self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A post as it would be published, to be validated before any work on it. `media` is empty while there is none yet."""

    mode: Mode
    media_type: MediaType
    caption: str
    media: Sequence[Media]
    options: PostOptions = field(default_factory=PostOptions)
    link: LinkCard | None = None
    reduced_privacy: str | None = None
    """As of `Grant`, where it is known without asking the platform."""
    ahead: int = 0
    """Posts to the same account that would be published before this one."""
    parts: Sequence[PostPart] = ()
    """The parts, if it is published as a thread of posts. Then `caption` and `media` are those of all."""

    def each_part(self) -> "Sequence[Draft]":
        """Return each part as a post of its own; the options belong to the first."""
        return [
            replace(
                self,
                parts=(),
                caption=part.text,
                media=part.media,
                media_type=part.media_type,
                link=part.link,
                options=PostOptions() if place else self.options,
            )
            for place, part in enumerate(self.parts)
        ]


class Credentials(Protocol):
    """Access to an account on its platform."""

    async def access_token(self) -> str:
        """Return a token that is not about to expire, refreshed if necessary. Raises CredentialInvalid or TryLater."""
        ...

    async def renew_token(self, refused: str) -> str:
        """Return another token than the one that the platform refused.

        Raises CredentialInvalid when there is none, TryLater when it can't be refreshed now.
        """
        ...


class Job(Credentials, Protocol):
    """One post that a worker has claimed, as a connector sees it. All access to storage is fenced.

    `save` and `renew_token` raise `LeaseLost` (not a PlatformError: connectors do not catch it) when another worker
    has claimed the post.
    """

    @property
    def post_id(self) -> UUID: ...
    @property
    def mode(self) -> Mode: ...
    @property
    def account(self) -> TargetAccount: ...
    @property
    def caption(self) -> str: ...
    @property
    def media_type(self) -> MediaType: ...
    @property
    def media(self) -> Sequence[Media]: ...
    @property
    def options(self) -> PostOptions: ...
    @property
    def link(self) -> LinkCard | None: ...
    @property
    def link_picture(self) -> Media | None:
        """The stored picture of the link's card, or None without one."""
        ...

    @property
    def thread(self) -> Thread | None:
        """The thread of posts that this is, or None for a single post. Then caption, media, their type, and link are those of
        the part to work on. Raises Rejected where the text can't be split.
        """
        ...

    @property
    def recent_posts(self) -> int:
        """How many posts went live on the same account of the platform within the last 24 hours, in all projects of this
        installation. At most RECENT_POSTS_COUNTED of a project are counted.
        """
        ...

    @property
    def state(self) -> Mapping[str, JsonValue]:
        """What `save` stored, in this or an earlier attempt (ids of containers and uploads, for example).

        When a post starts over, only keys that begin with `keep_` remain.
        """
        ...

    @property
    def live_call_at(self) -> datetime | None:
        """When the irreversible call was (about to be) sent, UTC, or None if it was not yet."""
        ...

    def now(self) -> datetime:
        """Return the current instant, UTC."""
        ...

    async def sleep(self, duration: timedelta) -> None:
        """Wait while the worker renews the lease."""
        ...

    async def save(self, **changes: JsonValue) -> None:
        """Store progress durably before continuing; None removes a key."""
        ...

    def save_later(self, **changes: JsonValue) -> None:
        """Store progress with the next write of the post: only what the next attempt can find out again."""
        ...

    async def note(self, event: str, message: str, **detail: JsonValue) -> None:
        """Add an event to the post's timeline: an event name of the API, a plain sentence, platform ids. No secrets."""
        ...

    def note_later(self, event: str, message: str, **detail: JsonValue) -> None:
        """Add an event with the next write of the post, which is a `save` or a step of the worker."""
        ...

    async def media_url(
        self,
        media: Media,
        spec: ImageSpec | VideoSpec | None,
        *,
        is_one_off: bool = False,
        until: datetime | None = None,
    ) -> str:
        """Return a signed, expiring URL of the media, converted to `spec` where it does not conform.

        A one-off URL is valid for this attempt only: see `revoke_media_urls`. With `until` it is valid at least until then.
        Raises Rejected (MEDIA_REJECTED) when it can't be converted.
        """
        ...

    def media_file(
        self, media: Media, spec: ImageSpec | VideoSpec | StillSpec | None
    ) -> AbstractAsyncContextManager[MediaFile]:
        """Open the media for an upload, converted to `spec` where it does not conform."""
        ...

    def fetched_file(
        self, url: str, *, max_bytes: int, spec: ImageSpec | None = None
    ) -> AbstractAsyncContextManager[MediaFile]:
        """Fetch an untrusted URL for an upload; with `spec`, as a picture that conforms to it. Raises Rejected, TryLater."""
        ...

    def pictures_file(self) -> AbstractAsyncContextManager[MediaFile]:
        """Open a PDF for an upload that has a page for each picture of the post. Raises as `media_url`."""
        ...

    async def delivery_context(self) -> DeliveryContext:
        """Return what this post's delivery channel needs beyond the account, as stored now."""
        ...

    async def notices(self, since: datetime) -> Sequence[ReportedEvent]:
        """Return the events that the platform reported about this account's deliveries since then that match no known post.

        Returns none while the match is ambiguous: while another post of the account has no reference either.
        """
        ...

    async def reserve(self, limit: Limit, *, calls: int = 1) -> datetime:
        """Reserve the account's next rate-limited call, or several at once; return when it may be made, UTC.

        That is now as long as the limit allows it. All workers share the reservations, and so do all projects and
        organizations that post to the same account of the platform, or, where the limit is the app's, to any account by
        that app. An unused reservation is not returned.
        """
        ...

    async def report_privacy(self, reduced: str | None) -> None:
        """Store what the platform reports now: `reduced_privacy` of `Grant`."""
        ...

    async def published_since(self, since: datetime) -> Sequence[datetime]:
        """Return when posts went live on the same account of the platform since then, oldest first, UTC.

        This includes other projects and organizations of this installation, but not what other tools published.
        """
        ...

    async def revoke_media_urls(self) -> bool:
        """Revoke this post's one-off URLs permanently, if none has been fetched yet.

        True: none was fetched and none ever will be. False: at least one was fetched.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """The post is live; in the mode `draft`, it is delivered. Its id or address may be unknown."""

    external_id: str | None
    external_url: str | None = None
    message: str | None = None
    """The timeline message, or None for the worker's default."""
    parts: "Sequence[Located]" = ()
    """Where each part of a thread is that one call has made live; the id above is that of the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Processing:
    """The platform reports that it has the post and is not done with it."""

    message: str
    check_after: timedelta | None = None
    """How soon another look is of use, or None if the worker decides."""
    until: datetime | None = None
    """Until when the platform may take its time, UTC, or None for `processing_limit`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """The platform was read, completely, and does not have the post. The call may still arrive: the worker decides how long
    that must be so before it calls once more.
    """

    message: str
    advice: str = "Publish again later."
    """What a person has to do if this happens too often."""
    evidence: str = ""
    """What was seen, where it can change: absence lasts for as long as this stays the same."""
    instead: Rejected | TryLater | OutcomeUnknown | None = None
    """What the worker has to do instead of calling once more: Rejected or OutcomeUnknown ends the post, TryLater with
    `starts_over` prepares it again."""
    changes: Mapping[str, JsonValue] = field(default_factory=dict)
    """Progress to store with that decision; None removes a key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The platform reports that the post is not live, and that nothing that was sent can make it live any more."""

    reason: Rejected | TryLater
    """Rejected ends the post. TryLater: `starts_over` says whether what was prepared is still of use; where a limit is the
    reason, the call counts as refused, and the post waits for the limit."""
    changes: Mapping[str, JsonValue] = field(default_factory=dict)
    """As of `Absent`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """The platform could not be asked, or did not answer. Raising the error from `look_up` is the same."""

    error: PlatformError
    until: datetime | None = None
    """As of `Processing`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ambiguous:
    """The platform answered, and the answer does not show whether the post is live: a list that was cut off, for example."""

    message: str
    is_final: bool = False
    """Whether no later answer can show it."""
    until: datetime | None = None
    """As of `Processing`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CanceledByPlatform:
    """The provider canceled the delivery for good: nothing went live, and nothing will."""

    message: str
    why: Rejected | None = None
    """Why Presswork itself requested it, or None if it did not, unless an API call did."""


Sighting = Present | Processing | Absent | Failed | Unreadable | Ambiguous | CanceledByPlatform
"""What a connector saw of a post at its platform. What follows from it, the worker decides (`worker.reconciliation`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """Where a live post is: its platform id and public address, as far as the platform reports them."""

    external_id: str | None
    external_url: str | None


Validator = Callable[[Draft], Findings]
"""Checks a post against what a platform reported about an account."""


def draft_of(job: Job) -> Draft:
    """Return the properties of a claimed post that the rules validate."""
    return Draft(
        mode=job.mode,
        media_type=job.media_type,
        caption=job.caption,
        media=job.media,
        options=job.options,
        link=job.link,
        parts=() if job.thread is None else job.thread.parts,
    )


class Connector(Protocol):
    """Publishing on one platform. Raises only PlatformError: Rejected, TryLater, CredentialInvalid, OutcomeUnknown."""

    @property
    def can_comment(self) -> bool:
        """Whether the platform offers a first comment at all."""
        ...

    def check(self, draft: Draft) -> Findings:
        """Check a post against the platform's fixed limits, after the conversions that are made for it.

        `prepare` refuses a post for the same errors.
        """
        ...

    async def fetch_constraints(self, account: TargetAccount, credentials: Credentials) -> Validator:
        """Fetch what the account may post now, without changing anything, and return a validator for it.

        Raises Rejected or CredentialInvalid when it may post nothing, TryLater when the platform does not respond, or
        (then `is_throttled`) when it may post later.
        """
        ...

    async def prepare(self, job: Job) -> Mapping[str, JsonValue]:
        """Check and upload. Nothing is public; safe to repeat, and resumes from `job.state`.

        Returns what `make_live` and `look_up` need; it is stored before `make_live` is called. Raises Rejected,
        TryLater, CredentialInvalid, and OutcomeUnknown where a call of an earlier attempt may still make the post live.
        """
        ...

    async def make_live(self, job: Job, prepared: Mapping[str, JsonValue]) -> Present | Processing:
        """Make the one irreversible call. Never repeated unless look-ups report Absent for `republish_after`, or Failed.

        Raises Rejected, TryLater and CredentialInvalid only where the platform's response proves that nothing went
        live; everything else is OutcomeUnknown.
        """
        ...

    async def look_up(self, job: Job, prepared: Mapping[str, JsonValue]) -> Sighting:
        """Report what the platform has of the post. Safe to repeat; an error means `Unreadable`, whichever it is.

        It keeps no count of its looks: how long absence or doubt may last, the worker decides.
        """
        ...

    async def locate(self, job: Job, prepared: Mapping[str, JsonValue], external_id: str | None) -> Located:
        """Fetch the id and public address of a live post; unknown ones are None. Raises TryLater, Rejected,
        CredentialInvalid."""
        ...

    async def comment(self, job: Job, external_id: str, text: str, *, may_be_there: bool) -> None:
        """Write the first comment as the account; with `may_be_there`, look for it first (an earlier try may have
        succeeded). Raises TryLater, Rejected, CredentialInvalid, OutcomeUnknown (then it is called again, looking first).
        """
        ...


@runtime_checkable
class SupportsProviderCancel(Protocol):
    """A connector whose provider can cancel a delivery for a while after the call that started it."""

    async def cancel_with_provider(
        self, post_id: UUID, provider: ProviderAccess, *, reason: str, now: datetime
    ) -> bool:
        """Request the cancellation. True: canceled for good. False: too late, or unknown to the provider. Raises TryLater."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """An extra that the platform has: a sentence for the timeline, and the platform's id of it, if it has one."""

    message: str
    external_id: str | None = None


@runtime_checkable
class SupportsExtras(Protocol):
    """A connector whose options add something to live posts (`OptionField.extras`)."""

    async def add_extra(self, job: Job, external_id: str, extra: Extra, *, may_be_there: bool) -> Added:
        """Add one extra to a live post; with `may_be_there`, look for it first (an earlier try may have succeeded).

        Raises TryLater, Rejected, CredentialInvalid, OutcomeUnknown (then it is called again, looking first).
        """
        ...


@runtime_checkable
class SupportsTakeDown(Protocol):
    """A connector whose platform has a call that deletes a live post."""

    async def see_live(self, job: Job, external_id: str) -> Present | Absent | Ambiguous:
        """Report what the platform has of a live post, or of one part of a thread.

        Absent only where the platform was read with a token that it just accepted, and does not have it; Ambiguous where its
        posts can't be read. Raises TryLater, Rejected, CredentialInvalid.
        """
        ...

    async def take_down(self, job: Job, external_id: str) -> None:
        """Delete a live post, or one part of a thread. Safe to repeat: it also returns where the platform reports that the post no
        longer exists. Raises TryLater (`is_throttled` proves that nothing was deleted), Rejected, CredentialInvalid, OutcomeUnknown
        (then it is called again).
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveEdit:
    """What is changed in a live post; None is left as it is. Never empty, and only fields of `Platform.edit_fields`."""

    caption: str | None = None
    title: str | None = None
    privacy_level: str | None = None
    """By the platform's own name."""


@runtime_checkable
class SupportsLiveEdit(Protocol):
    """A connector whose platform can change a live post."""

    async def edit_live(self, job: Job, external_id: str, edit: LiveEdit) -> None:
        """Change a live post. Safe to repeat. Raises as `SupportsTakeDown.take_down`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaCost:
    """What a post uses of a quota that the operator's app has for all accounts together, in the platform's units."""

    units: int
    units_per_day: int


@runtime_checkable
class SupportsQuotaCost(Protocol):
    """A connector whose platform charges the operator's app units for each call."""

    def quota_cost(self, draft: Draft, *, has_comment: bool) -> QuotaCost:
        """Return what a post uses, its first comment and its extras included. Pure."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An amount of money."""

    amount: int
    """Millionths of the currency."""
    currency: str
    """Its ISO 4217 code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a platform charges the operator of the app for posts in the mode `publish`."""

    currency: str
    """Its ISO 4217 code."""
    of_post: Callable[[Draft, str | None], int]
    """Returns what a post costs at most, with all its parts and its first comment, in millionths of the currency. Pure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Playlist:
    """A list of an account to which posts can be added."""

    id: str
    title: str


@runtime_checkable
class SupportsPlaylists(Protocol):
    """A connector whose platform has playlists."""

    async def fetch_playlists(self, account: TargetAccount, credentials: Credentials) -> Sequence[Playlist]:
        """Fetch the account's own playlists. Raises Rejected, CredentialInvalid, TryLater."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A board of an account, to one of which each post belongs."""

    id: str
    name: str


@runtime_checkable
class SupportsBoards(Protocol):
    """A connector whose platform has boards."""

    async def fetch_boards(
        self, account: TargetAccount, credentials: Credentials, *, limit: int, cursor: str | None
    ) -> tuple[Sequence[Board], str | None]:
        """Fetch at most `limit` of the account's boards, and where the next ones begin: None after the last. Raises Rejected,
        CredentialInvalid, TryLater.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountQuota:
    """How many posts an account has published within a window of time that ends now, and the most that it may."""

    used: int
    limit: int
    window: timedelta


@runtime_checkable
class SupportsQuota(Protocol):
    """A connector whose platform reports how many posts an account may publish."""

    async def fetch_quota(self, account: TargetAccount, credentials: Credentials) -> AccountQuota | None:
        """Fetch the quota, without changing anything; None where the platform does not report it about this account.

        Raises Rejected, CredentialInvalid, TryLater.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatorInfo:
    """What the platform lets an account's owner choose for a post now."""

    nickname: str | None
    username: str | None
    avatar_url: str | None
    privacy_levels: Sequence[str]
    """By the platform's names."""
    is_comment_disabled: bool
    is_duet_disabled: bool
    is_stitch_disabled: bool
    max_video_duration: timedelta | None


@runtime_checkable
class SupportsCreatorInfo(Protocol):
    """A connector whose platform requires that the form of a post shows what the account may choose at that moment."""

    async def fetch_creator_info(self, account: TargetAccount, credentials: Credentials) -> CreatorInfo:
        """Fetch it, without changing anything. Raises Rejected, CredentialInvalid, TryLater."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadSupport:
    """How a platform publishes threads of posts, in the mode `publish`."""

    splitter: TextSplitter
    """Counts as the platform does."""
    is_one_call: bool
    """Whether one call of `make_live` makes all parts live, or none. Otherwise `prepare`, `make_live` and `look_up` are for one part
    at a time, `Job.thread.current`, and the worker continues with the next part once one is known to be live."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryChannel:
    """How the posts of one mode are delivered."""

    connector: Connector
    retry_policy: RetryPolicy
    has_own_lane: bool = False
    """Whether a post may be published while another one of its account is."""
    follows_drafts: bool = False
    """Whether `locate` can later report that a creator has posted a draft."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """One platform in one environment."""

    name: PlatformName
    connector: Connector
    login: Login
    retry_policy: RetryPolicy
    required_scopes: Mapping[Mode, frozenset[str]]
    """Permissions that an account must have granted, per mode. A missing mode is not offered."""
    login_name: LoginName
    channels: Mapping[Mode, DeliveryChannel | Unavailable] = field(default_factory=dict)
    """Modes with a delivery channel other than `connector`; or the error why such a mode can't be used now."""
    drafts_by_text: bool = False
    """Whether a draft reaches its creator by a text message, since the platform has no inbox for drafts."""
    webhook_reader: WebhookReader | None = None
    """Reads the webhooks that the platform sends, or is None where it sends none."""
    comment_webhook_reader: CommentWebhookReader | None = None
    """Reads the webhooks about comments that the platform sends, or is None where it sends none."""
    user_request_reader: UserRequestReader | None = None
    """Reads requests of people about their data that the platform passes on, or is None where it passes none on."""
    comment_scopes: frozenset[str]
    """Permissions that the first comment needs in addition."""
    extra_scopes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Permissions that extras need, by their kind."""
    take_down_scopes: frozenset[str] | None = None
    """Permissions that deleting a live post needs, or None where the platform has no call for it. Then `connector` is a
    `SupportsTakeDown`."""
    take_down_advice: str = ""
    """What a person does where the platform has no call, or a permission is missing: a sentence in the imperative."""
    edit_scopes: frozenset[str] = frozenset()
    """Permissions that changing a live post needs."""
    edit_fields: frozenset[EditField] = frozenset()
    """What can be changed in a live post. Then `connector` is a `SupportsLiveEdit`."""
    can_look_up: bool = True
    """Whether the platform can be asked about live posts of at least some accounts; else `Connector.look_up` never finds one."""
    check_comment: Callable[[str], Problem | None] = lambda _text: None
    """Returns the reason for which the platform would refuse a first comment in mode `publish`. It never fails the post,
    so it is not among the rules of `Connector.check`."""
    media_types: frozenset[MediaType] = WITH_MEDIA
    """Content that the platform has posts for. Preflight and publishing refuse all other content, in every mode."""
    bounds: Mapping[tuple[Mode, MediaType], Bounds] = field(default_factory=dict)
    """Bounds within which `check` reports no error. Missing: `check` reports none at all."""
    documents: Mapping[str, JsonValue] = field(default_factory=dict)
    """Public documents that the platform reads about the operator's app, by their paths below /oauth/<name>/."""
    offers_music: bool = False
    """Whether `tiktokMusic` applies to this platform, so that its track must be in the catalogue."""
    insights: InsightsSupport | None = None
    """How numbers are read, or None where the platform has none. Then `connector` is a `SupportsInsights`."""
    comments: CommentsSupport | None = None
    """What can be done with comments, or None where the platform has no API for them. Then `connector` is a `SupportsComments`."""
    read_limit: ReadLimit | None = None
    """How many calls the platform allows. Set where there are numbers or comments."""
    price: Price | None = None
    """What posts cost, or None where they are free."""
    thread_support: ThreadSupport | None = None
    """How threads of posts are published, or None where the platform has none."""
    app: CustomerApp | None = None
    """The customer's app with which it is called, or None for the installation's."""

    def naming_app(self, error: PlatformError) -> PlatformError:
        """Return an error of one of its calls with the name of the customer's app: its secret may be wrong, or the platform has
        blocked it."""
        if self.app is None:
            return error
        return error.advising(f"{error.advice} The account uses the platform app “{self.app.name}”.".lstrip())

    def parts_of(self, draft: Draft, stored: Sequence[StoredPart]) -> Sequence[PostPart]:
        """Return the parts of the thread that a post is here, by its content's stored parts or by `autoSplit`; none: a single post.

        Raises Unsplittable.
        """
        if self.thread_support is None or draft.mode is not Mode.PUBLISH:
            return ()
        if not stored and AUTO_SPLIT in draft.options.document:
            numbering = draft.options.of(AUTO_SPLIT, AutoSplit).numbering
            texts = self.thread_support.splitter.split(draft.caption, is_numbered=bool(numbering))
            media = (len(draft.media), *[0] * (len(texts) - 1))
            stored = [StoredPart(text=text, media=own) for text, own in zip(texts, media, strict=True)]
        if len(stored) < MIN_PARTS:
            return ()
        ends = list(accumulate(part.media for part in stored))
        return [
            PostPart(
                text=part.text,
                media=[
                    replace(media, position=position)
                    for position, media in enumerate(draft.media[end - part.media : end])
                ],
                link=None if place else draft.link,
            )
            for place, (part, end) in enumerate(zip(stored, ends, strict=True))
        ]

    def charges_for(self, mode: Mode) -> bool:
        """Whether posts of a mode cost the operator of the app money."""
        return self.price is not None and mode is Mode.PUBLISH

    def cost_of(self, draft: Draft, comment: str) -> Money | None:
        """Return what a post with its first comment costs at most, or None where it is free."""
        if self.price is None or not self.charges_for(draft.mode):
            return None
        return Money(amount=self.price.of_post(draft, comment or None), currency=self.price.currency)

    def can_take_down(self, mode: Mode) -> bool:
        """Whether there is a call that deletes live posts of a mode."""
        return self.take_down_scopes is not None and isinstance(self._connector_of(mode), SupportsTakeDown)

    def editable(self, mode: Mode) -> frozenset[EditField]:
        """Return what can be changed in live posts of a mode."""
        return self.edit_fields if isinstance(self._connector_of(mode), SupportsLiveEdit) else frozenset()

    def _connector_of(self, mode: Mode) -> Connector | None:
        channel = self.channels.get(mode)
        if channel is None:
            return self.connector
        return channel.connector if isinstance(channel, DeliveryChannel) else None

    def channel(self, mode: Mode) -> DeliveryChannel:
        """Return how posts of a mode are delivered. Raises Unavailable where a required setting is missing."""
        channel = self.channels.get(mode)
        if isinstance(channel, Unavailable):
            # a copy: raising the same exception again keeps its old traceback
            raise Unavailable(channel.message, **channel.details)
        return channel or DeliveryChannel(connector=self.connector, retry_policy=self.retry_policy)
