"""A leased post as a connector sees it (`platforms.port.Job`), with fenced writes."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar
from uuid import UUID

import structlog
from pydantic import JsonValue

from presswork.accounts import tokens
from presswork.accounts.tokens import TokensRow
from presswork.core.errors import MediaUnreachable, MediaUnsupported, Unavailable
from presswork.core.logging import redact
from presswork.jobs.runner import LeaseLost
from presswork.media.fetch import MediaServerFailed
from presswork.media.specs import ImageSpec, StillSpec, VideoSpec
from presswork.platforms.errors import CredentialInvalid, FailureCode, PlatformError, Rejected, TryLater
from presswork.platforms.parts import StoredPart
from presswork.platforms.port import (
    DeliveryContext,
    Draft,
    Limit,
    LinkCard,
    Media,
    MediaFile,
    MediaType,
    Mode,
    Platform,
    PostOptions,
    PostPart,
    ReportedEvent,
    TargetAccount,
    Thread,
)
from presswork.platforms.text_splitter import Unsplittable
from presswork.posts.model import Event
from presswork.posts.parts import live_parts
from presswork.worker.context import WorkerContext
from presswork.worker.delivery_context import delivery_context_of
from presswork.worker.post_row import Asset, PostRow

log = structlog.get_logger()
Result = TypeVar("Result")


TOKEN_KEPT: Final = timedelta(seconds=10)
"""How long a job uses a token without reading it again; a token is valid for 30 s or more when it is read."""
MAX_RENEWALS: Final = 3
"""Rejected tokens of one job that are replaced before the account counts as one to connect again."""


SPLIT: Final = "keep_split"
"""The texts into which `autoSplit` has split the post's text."""


class ActiveJob:
    """A post that this worker has leased. Writes are serialized, and each compares the version of the one before."""

    def __init__(self, context: WorkerContext, post: PostRow, platform: Platform) -> None:
        self._context: Final = context
        self._platform: Final = platform
        self._assets: Final[dict[UUID, Asset]] = {asset.asset_id: asset for asset in post.assets}
        self._writing: Final = asyncio.Lock()
        self._token: tuple[str, datetime] | None = None
        self._needs_lease = False  # during a call that must end with the lease
        self._renewals = 0  # tokens that replaced one that the platform had rejected
        self._started_at: Final = context.clock.now()
        self._read_tokens: TokensRow | None = post.tokens
        """The tokens as they were read with the post, until they are used."""
        self.post: Final = post
        self._thread_parts: Sequence[PostPart] | None = None
        self._all_media: Final[Sequence[Media]] = tuple(
            Media.of(asset.asset_id, place, asset.probe, alt_text=asset.alt_text, filename=asset.filename)
            for place, asset in enumerate(post.assets)
        )
        self.link_picture: Final[Media | None] = self._add_link_picture()

    def _add_link_picture(self) -> Media | None:
        picture = None if self.post.link is None else self.post.link.picture
        if picture is None:
            return None
        asset = Asset(asset_id=picture.asset_id, object_key=picture.object_key, probe=picture.probe)
        self._assets[asset.asset_id] = asset
        return Media.of(asset.asset_id, 0, asset.probe)

    @property
    def post_id(self) -> UUID:
        """The post's id."""
        return self.post.id

    def naming_app(self, error: PlatformError) -> PlatformError:
        """Return an error of a call for it with the name of the customer's app, if the account has one."""
        return self._platform.naming_app(error)

    @property
    def mode(self) -> Mode:
        """How it is delivered."""
        return self.post.mode

    @property
    def account(self) -> TargetAccount:
        """The social account that it goes to."""
        return self.post.account

    @property
    def thread(self) -> Thread | None:
        """Its parts and which are live, or None for a single post. Raises Rejected where its text can't be split."""
        if self._thread_parts is None:
            self._thread_parts = self._find_parts()
        if not self._thread_parts:
            return None
        live_ids = [part.external_id for part in live_parts(self.post.parts)]
        return Thread(parts=self._thread_parts, live_ids=live_ids)

    def _make_draft(self) -> Draft:
        """Return the post with all that its parts have."""
        return Draft(
            mode=self.mode,
            media_type=self.post.media_type,
            caption=self.post.caption,
            media=self._all_media,
            options=self.options,
            link=self.post.link,
        )

    async def settle_cost(self) -> None:
        """Settle what the post costs at most, before it goes live. Raises Rejected where the project's budget has no room for it."""
        thread = self.thread
        if thread is not None and thread.is_begun:
            return  # settled with the first part
        draft = replace(self._make_draft(), parts=() if thread is None else thread.parts)
        cost = self._platform.cost_of(draft, self.post.first_comment or "")
        if cost is not None:
            await self._context.store.settle_cost(self.post.id, cost.amount, now=self.now())

    def _find_parts(self) -> Sequence[PostPart]:
        draft = self._make_draft()
        split = self.post.state.get(SPLIT)
        texts = [text for text in split if isinstance(text, str)] if isinstance(split, list) else []
        stored = [StoredPart(text=text, media=0 if place else len(self._all_media)) for place, text in enumerate(texts)]
        try:
            return self._platform.parts_of(draft, self.post.content_parts or stored)
        except Unsplittable as error:
            raise Rejected(error.sentence, step="split", failure=FailureCode.PLATFORM_LIMIT) from error

    def keep_split(self) -> Mapping[str, JsonValue]:
        """Return what is stored before the first part of a split text may be live: another version could split it otherwise."""
        thread = self.thread
        if thread is None or self.post.content_parts:
            return {}
        return {SPLIT: [part.text for part in thread.parts]}

    @property
    def _part(self) -> PostPart | None:
        """The part to work on; of a thread that is over, the first, which the post's id and URL name."""
        thread = self.thread
        return None if thread is None else thread.parts[0 if self.post.live_at is not None else thread.current]

    @property
    def media(self) -> Sequence[Media]:
        """Its media; of a thread, those of the part to work on."""
        return self._all_media if self._part is None else self._part.media

    @property
    def caption(self) -> str:
        """Its caption, the override included; of a thread, that of the part to work on."""
        return self.post.caption if self._part is None else self._part.text

    @property
    def media_type(self) -> MediaType:
        """The type of its media."""
        return self.post.media_type if self._part is None else self._part.media_type

    @property
    def options(self) -> PostOptions:
        """The platform options of the target."""
        return self.post.options

    @property
    def link(self) -> LinkCard | None:
        """The link of a post without media."""
        return self.post.link if self._part is None else self._part.link

    @property
    def recent_posts(self) -> int:
        """How many posts went live on the platform account within the last day, of each project RECENT_POSTS_COUNTED at most."""
        return self.post.recent_posts

    @property
    def state(self) -> Mapping[str, JsonValue]:
        """The connector's stored progress."""
        return self.post.state

    @property
    def live_call_at(self) -> datetime | None:
        """When `live_call_at` was committed, UTC."""
        return self.post.live_call_at

    def now(self) -> datetime:
        """Return the current instant, UTC."""
        return self._context.clock.now()

    async def sleep(self, duration: timedelta) -> None:
        """Wait; the runner renews the lease meanwhile."""
        await self._context.clock.sleep(duration)

    async def while_leased(self, call: Coroutine[Any, Any, Result]) -> Result:  # Any: as asyncio's own
        """Return a call's outcome, and stop the call when the lease ends: an upload can last longer than the wait after
        which the next worker takes "not live" as final. Raises LeaseLost.

        A process that was suspended continues with the response that came meanwhile before it notices the end, so the call
        gets no token for its next request then.
        """
        loop = asyncio.get_running_loop()
        timer: asyncio.TimerHandle | None = None

        def check() -> None:
            """Check again at the end of the lease, which renewals extend."""
            nonlocal timer
            if (left := self._lease_left().total_seconds()) > 0:
                timer = loop.call_later(left, check)
            else:
                limit.reschedule(loop.time())

        if self._lease_left() <= timedelta():
            call.close()
            raise LeaseLost("the lease ended before the call")
        limit = asyncio.timeout(None)
        self._needs_lease = True
        try:
            async with limit:
                check()
                return await call
        except TimeoutError as error:
            if limit.expired():
                raise LeaseLost("the lease ended during the call") from error
            raise
        finally:
            self._needs_lease = False
            if timer is not None:
                timer.cancel()

    def _check_lease(self) -> None:
        if self._needs_lease and self._lease_left() <= timedelta():
            raise LeaseLost("the lease ended during the call")

    def _lease_left(self) -> timedelta:
        """Return how long the lease, which renewals extend, is still valid."""
        until = self.post.leased_until
        return timedelta() if until is None else until - self.now()

    async def save(self, **changes: JsonValue) -> None:
        """Store progress; None removes a key. Raises LeaseLost."""
        async with self._writing:
            await self._context.store.save(self.post, self._merge_state(changes), now=self.now())

    def save_later(self, **changes: JsonValue) -> None:
        """Store progress with the next write of the post's state."""
        self.post.state = self._merge_state(changes)

    def _merge_state(self, changes: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        return {name: value for name, value in {**self.post.state, **changes}.items() if value is not None}

    async def note(self, event: str, message: str, **detail: JsonValue) -> None:
        """Add a timeline entry. Raises LeaseLost, and ValueError on an unknown event."""
        async with self._writing:
            await self._context.store.note(
                self.post, Event(event), redact(message), _redact_detail(detail), now=self.now()
            )

    def note_later(self, event: str, message: str, **detail: JsonValue) -> None:
        """Add a timeline entry with the next write of the post. Raises ValueError on an unknown event."""
        self.post.add(Event(event), redact(message), _redact_detail(detail), at=self.now())

    async def access_token(self) -> str:
        """Return a token that is not about to expire.

        Raises CredentialInvalid, TryLater, and LeaseLost in a call that ends with the lease.
        """
        token = await self._stored_token()
        self._check_lease()
        return token

    async def _stored_token(self) -> str:
        if self._token is not None and self.now() - self._token[1] < TOKEN_KEPT:
            return self._token[0]
        row, self._read_tokens = self._read_tokens, None
        token = await tokens.access_token(
            self._context.pool,
            self._context.keyring,
            self._platform,
            self.account.id,
            clock=self._context.clock,
            row=row if self.now() - self._started_at < TOKEN_KEPT else None,
        )
        self._token = (token, self.now())
        return token

    async def renew_token(self, refused: str) -> str:
        """Return another token than the refused one. Raises as `access_token`."""
        token = await tokens.renew_token(
            self._context.pool,
            self._context.keyring,
            self._platform,
            self.account.id,
            refused=refused,
            clock=self._context.clock,
        )
        self._token = (token, self.now())
        self._renewals += 1
        await self.note(
            Event.TOKEN_REFRESHED, "The platform rejected the account's token. Presswork refreshed it and continues."
        )
        self._check_lease()
        return token

    async def access_has_ended(self) -> bool:
        """Mark the account after the platform rejected the token of this job; False if another token may be accepted.

        A platform may reject a token right after its refresh, for example where not all of its servers know it yet. So the
        token is refreshed once more before that counts, also if one was rejected earlier in this job.
        """
        if self._token is not None and 0 < self._renewals < MAX_RENEWALS:
            try:
                await self.renew_token(self._token[0])
            except CredentialInvalid:
                return True  # marked there
            except TryLater:
                self._token = None
            return False
        return await self.end_access()

    async def end_access(self) -> bool:
        """Mark the account as one to connect again; False if it has a newer token than this job used."""
        used = None if self._token is None else self._token[0]
        context = self._context
        if await tokens.mark_refused(context.pool, context.keyring, self.account.id, token=used, now=self.now()):
            return True
        self._token = None
        return False

    async def media_url(
        self,
        media: Media,
        spec: ImageSpec | VideoSpec | None,
        *,
        is_one_off: bool = False,
        until: datetime | None = None,
    ) -> str:
        """Return a signed URL of the media in the form that `spec` asks for. Raises Rejected, TryLater."""
        key, content_type = await self._rendition(media, spec)
        return await self._context.renditions.url(
            key, content_type, post_id=self.post_id, is_one_off=is_one_off, now=self.now(), until=until
        )

    @asynccontextmanager
    async def media_file(
        self, media: Media, spec: ImageSpec | VideoSpec | StillSpec | None
    ) -> AsyncIterator[MediaFile]:
        """Open the media for an upload. Raises Rejected, TryLater."""
        key, content_type = await self._rendition(media, spec)
        yield await self._context.renditions.file(key, content_type)

    @asynccontextmanager
    async def fetched_file(
        self, url: str, *, max_bytes: int, spec: ImageSpec | None = None
    ) -> AsyncIterator[MediaFile]:
        """Fetch an untrusted URL for an upload. Raises Rejected, TryLater."""
        owner = self.post.organization_id
        try:
            async with self._context.renditions.fetched(url, max_bytes=max_bytes, spec=spec, owner=owner) as file:
                yield file
        except (MediaServerFailed, Unavailable) as error:
            raise TryLater(error.message, step="fetch") from error
        except (MediaUnreachable, MediaUnsupported) as error:
            raise Rejected(error.message, step="fetch", failure=FailureCode.MEDIA_REJECTED) from error

    @asynccontextmanager
    async def pictures_file(self) -> AsyncIterator[MediaFile]:
        """Open one PDF of the post's pictures for an upload. Raises Rejected, TryLater."""
        with _converting("The pictures could not be put into a PDF."):
            rendition = await self._context.renditions.of_pictures(self.post.assets)
        if rendition.is_new:
            sentence = f"Made a PDF of the {len(self.media)} pictures for this platform. The originals are unchanged."
            await self.note(Event.MEDIA_CONVERTED, sentence)
        yield await self._context.renditions.file(rendition.object_key, rendition.content_type)

    async def delivery_context(self) -> DeliveryContext:
        """Return what this post's delivery channel needs besides the account. Raises TryLater, LeaseLost."""
        return await delivery_context_of(self._context, self.post)

    async def notices(self, since: datetime) -> Sequence[ReportedEvent]:
        """Return webhooks for this account since then that match no known post."""
        return await self._context.store.stray_notices(self.post_id, since=since)

    async def reserve(self, limit: Limit, *, calls: int = 1) -> datetime:
        """Reserve calls under a rate limit of the account or its app; return when they may be made."""
        return await self._context.store.reserve_call(self.account.id, limit, calls=calls, now=self.now())

    async def report_privacy(self, reduced: str | None) -> None:
        """Store the privacy level of posts that request none, for the next calls."""
        if reduced != self.post.reduced_privacy:
            await self._context.store.set_reduced_privacy(self.account.id, reduced)
            self.post.reduced_privacy = reduced

    async def published_since(self, since: datetime) -> Sequence[datetime]:
        """Return when posts went live on the platform account since then."""
        return await self._context.store.published_since(self.account.id, since=since)

    async def revoke_media_urls(self) -> bool:
        """Disable the one-off URLs for good unless one was fetched; True: none was."""
        return await self._context.renditions.withdraw(self.post_id, now=self.now())

    async def _rendition(self, media: Media, spec: ImageSpec | VideoSpec | StillSpec | None) -> tuple[str, str]:
        asset = self._assets[media.asset_id]
        with _converting(f"Item {media.position + 1} could not be converted into a format that this platform accepts."):
            rendition = await self._context.renditions.of(asset, spec)
        if rendition.is_new and not isinstance(spec, StillSpec):
            await self.note(
                Event.MEDIA_CONVERTED,
                f"Converted item {media.position + 1} from {asset.probe.content_type} to {rendition.content_type} "
                "for this platform. The original is unchanged.",
                assetId=f"ast_{asset.asset_id}",
            )
        return rendition.object_key, rendition.content_type


@contextmanager
def _converting(failure: str) -> Iterator[None]:
    """Let the errors of a conversion become those of a platform; `failure` is the sentence for media that can't be converted."""
    try:
        yield
    except MediaUnsupported as error:
        raise Rejected(f"{failure} {error.message}", step="convert", failure=FailureCode.MEDIA_REJECTED) from error
    except Unavailable as error:
        raise TryLater(error.message, step="convert", failure=FailureCode.INTERNAL) from error


def _redact_detail(detail: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    """Return the details of a timeline entry without secrets."""
    return {name: redact(value) if isinstance(value, str) else value for name, value in detail.items()}
