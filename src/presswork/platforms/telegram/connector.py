"""Publishing in Telegram channels: prepare, make live once, change, take down.

Nothing can be read back: a bot has no history, gets no update for what it posts, and no call has a key. So a post whose answer was lost
has an unknown outcome, except where the connection broke before the whole file was sent.
Source: Telegram, "Bot API" (10.0), read 2026-12.
"""

import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Final

from pydantic import JsonValue

from presswork.platforms.access import AccountAccess, LivePost
from presswork.platforms.api_client import ApiError, JsonObject, UnreadableResponse, refusal
from presswork.platforms.errors import CredentialInvalid, Rejected, TryLater
from presswork.platforms.findings import Findings
from presswork.platforms.insights import AccountRead, PostsRead
from presswork.platforms.job_state import JobState
from presswork.platforms.json_values import items_of, number_of, part_of
from presswork.platforms.port import (
    Ambiguous,
    Credentials,
    Draft,
    Job,
    LiveEdit,
    Located,
    Media,
    MediaFile,
    MediaType,
    Present,
    TargetAccount,
    Validator,
    draft_of,
)
from presswork.platforms.rate_limits import reserve
from presswork.platforms.rules import text_with
from presswork.platforms.telegram import insights
from presswork.platforms.telegram.api import RESULT, Api, bot_id_of, step_of, url_of
from presswork.platforms.telegram.description import TO_PUBLISH
from presswork.platforms.telegram.error_mapping import GONE, NOT_MODIFIED, TELEGRAM
from presswork.platforms.telegram.login import rights_of
from presswork.platforms.telegram.options import message_fields, preview_fields, settings_of
from presswork.platforms.telegram.rules import IMAGE, MAX_VIDEO_BYTES, MESSAGES, VIDEO, check
from presswork.platforms.transport import CallFailed
from presswork.platforms.uploads.form import Form

PREPARE: Final = "prepare"
DELETE: Final = "deleteMessage"
_UNREADABLE: Final = "Telegram lets no bot read a channel, so Presswork can't find out whether the post is live."
_METHODS: Final = {MediaType.TEXT: "sendMessage", MediaType.IMAGE: "sendPhoto", MediaType.VIDEO: "sendVideo"}
_ALBUM: Final = "sendMediaGroup"


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages(JobState):
    """What is stored of a live post."""

    message_ids: list[int] = field(default_factory=list)
    """Of an album, the ids of its messages."""


class TelegramConnector:
    """The port's `Connector` for Telegram."""

    can_comment: Final = False

    def __init__(self, api: Api) -> None:
        """Store the API client."""
        self._api: Final = api

    def check(self, draft: Draft) -> Findings:
        """Check a post."""
        return check(draft)

    async def fetch_constraints(self, account: TargetAccount, credentials: Credentials) -> Validator:
        """Ask whether the bot may still post in the channel. Raises Rejected, CredentialInvalid, TryLater."""
        asked: JsonValue = {
            "chat_id": account.external_id,
            "user_id": bot_id_of(await credentials.access_token()),
        }
        method = "getChatMember"
        member = await self._api.ask(credentials, "POST", method, step=step_of(method), now=None, body=asked)
        if not rights_of(part_of(member, RESULT)) >= TO_PUBLISH:
            raise CredentialInvalid(
                "The bot may no longer post in the channel.",
                advice="Make it an administrator that may post messages, and connect the channel again.",
                step=step_of(method),
            )
        return check

    async def prepare(self, job: Job) -> Mapping[str, JsonValue]:
        """Check the post, make the copies of its media that Telegram needs, and reserve its messages.

        Returns the `method` and the `fields` of the call that `make_live` sends. Raises Rejected, TryLater.
        """
        check(draft_of(job)).require_none(step=PREPARE)
        for one in job.media:
            async with _open_copy(job, one) as file:
                if one.is_video and file.size_bytes > MAX_VIDEO_BYTES:
                    raise Rejected("The copy of the video that Telegram needs is too large.", step=PREPARE)
        await reserve(job, MESSAGES, step=PREPARE, calls=max(len(job.media), 1))
        settings, link = settings_of(job.options), job.link
        fields: dict[str, JsonValue] = {"chat_id": job.account.external_id, **message_fields(settings)}
        if job.media_type is MediaType.TEXT:
            fields |= {"text": text_with(job.caption, link), **preview_fields(settings, link)}
        elif len(job.media) == 1:
            fields |= {"caption": job.caption, **_describe(job.media[0])}
        else:
            items = [
                {"type": _kind_of(one), "media": f"attach://file{one.position}", **_describe(one)} for one in job.media
            ]
            fields["media"] = [{"caption": job.caption, **items[0]}, *items[1:]]
        return {"method": _METHODS.get(job.media_type, _ALBUM), "fields": fields}

    async def make_live(self, job: Job, prepared: Mapping[str, JsonValue]) -> Present:
        """Send the message, with its files. See the port for the errors."""
        method, fields = str(prepared["method"]), prepared["fields"]
        step = step_of(method)
        unknown = partial(TELEGRAM.publish_unknown, step=step)
        async with AsyncExitStack() as files:
            form = await _open_form(files, job, fields if isinstance(fields, dict) else {})
            send = partial(self._api.send, job, "POST", method, step=step, is_fresh=True)
            try:
                _, response = await (
                    send(body=fields) if form is None else send(upload=form.stream, headers=form.headers)
                )
            except CallFailed as error:
                if error.was_sent and (form is None or form.is_whole):
                    raise unknown(error.reason) from error
                raise TELEGRAM.no_response(error, step=step) from error
        if isinstance(response, UnreadableResponse):
            raise unknown("its response was unreadable")
        if isinstance(response, ApiError):
            if not response.proves_nothing_changed:
                raise unknown(f"it answered HTTP {response.status}", response)
            raise refusal(response, step=step, now=job.now())
        return _report(job, response)

    async def look_up(self, job: Job, prepared: Mapping[str, JsonValue]) -> Ambiguous:  # noqa: ARG002  nothing can be read
        """Report that the outcome can't be found out."""
        return Ambiguous(message=_UNREADABLE, is_final=True)

    async def locate(self, job: Job, prepared: Mapping[str, JsonValue], external_id: str | None) -> Located:  # noqa: ARG002  the answer had all there is
        """Return the id: the answer to the call had the address with it."""
        return Located(external_id=external_id, external_url=None)

    async def comment(self, job: Job, external_id: str, text: str, *, may_be_there: bool) -> None:  # noqa: ARG002  see `can_comment`
        """Raise Rejected: a channel has no comments of the bot."""
        raise Rejected("Channels have no first comments.", step="comment")

    async def see_live(self, job: Job, external_id: str) -> Ambiguous:  # noqa: ARG002  nothing can be read
        """Report that the post can't be read."""
        return Ambiguous(message=_UNREADABLE)

    async def take_down(self, job: Job, external_id: str) -> None:
        """Delete the message, or all of an album, the last first. Raises TryLater, Rejected, CredentialInvalid."""
        first = int(external_id)
        # Without what the answer said, the messages of an album have ids in a row.
        stored = Messages.load(job.state).message_ids or list(range(first, first + max(len(job.media), 1)))
        with TELEGRAM.changing_live(None):
            for place, message_id in enumerate(reversed(stored)):
                try:
                    await self._change(job, DELETE, {"message_id": message_id}, done=GONE)
                except TryLater as error:
                    if place and error.is_throttled:  # a part is deleted, so this is no refusal of the whole
                        raise TryLater(error.what, step=error.step, retry_after=error.retry_after) from error
                    raise

    async def edit_live(self, job: Job, external_id: str, edit: LiveEdit) -> None:
        """Change the text. Raises as `take_down`."""
        settings, text, link = settings_of(job.options), edit.caption or "", job.link
        fields: dict[str, JsonValue] = {"message_id": int(external_id), "caption": text}
        method = "editMessageCaption"
        if job.media_type is MediaType.TEXT:
            method = "editMessageText"
            fields = {
                "message_id": int(external_id),
                "text": text_with(text, link),
                **preview_fields(settings, link),
            }
        with TELEGRAM.changing_live("Edit"):
            await self._change(job, method, fields, done=NOT_MODIFIED)

    async def read_posts(
        self,
        access: AccountAccess,  # noqa: ARG002  there is nothing to ask for
        posts: Sequence[LivePost],
        *,
        removed: AbstractSet[str],  # noqa: ARG002  Telegram removes none
    ) -> PostsRead:
        """Return that no number is known: Telegram shows a bot none."""
        return insights.read_posts(posts)

    async def read_account(self, access: AccountAccess, *, since: date, removed: AbstractSet[str]) -> AccountRead:  # noqa: ARG002  the port's
        """Read the channel's subscribers. Raises TryLater, CredentialInvalid, Rejected."""
        return await insights.read_account(self._api, access)

    async def _change(self, job: Job, method: str, fields: Mapping[str, JsonValue], *, done: object) -> None:
        """Make a call that changes a message and is safe to repeat; `done` is the error that says that there is nothing to change.

        Raises TryLater, Rejected, CredentialInvalid.
        """
        step, body = step_of(method), {"chat_id": job.account.external_id, **fields}
        with TELEGRAM.lost(step=step):
            _, response = await self._api.send(job, "POST", method, step=step, body=body)
        if not (isinstance(response, ApiError) and response.meaning is done):
            TELEGRAM.object_of(response, step=step, now=job.now())


def _kind_of(media: Media) -> str:
    return "video" if media.is_video else "photo"


def _open_copy(job: Job, media: Media) -> AbstractAsyncContextManager[MediaFile]:
    return job.media_file(media, VIDEO if media.is_video else IMAGE)


def _describe(media: Media) -> dict[str, JsonValue]:
    """Return what is said of a video beside its file, so that apps know its form before they load it."""
    if not media.is_video:
        return {}
    seconds = 0 if media.duration is None else round(media.duration.total_seconds())
    return {"width": media.width, "height": media.height, "duration": seconds, "supports_streaming": True}


async def _open_form(files: AsyncExitStack, job: Job, fields: Mapping[str, JsonValue]) -> Form | None:
    """Return the form with the files of the post, which stay open as long as the stack; None without media."""
    if not job.media:
        return None
    is_album = len(job.media) > 1
    opened = {
        f"file{one.position}" if is_album else _kind_of(one): await files.enter_async_context(_open_copy(job, one))
        for one in job.media
    }
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in fields.items()}
    return Form(fields=texts, files=opened)


def _report(job: Job, response: JsonObject) -> Present:
    """Return where the message is, or the first one of an album."""
    album = items_of(response, RESULT)
    first = album[0] if album else part_of(response, RESULT)
    ids = [number for message in album if (number := number_of(message.get("message_id"))) is not None]
    Messages(message_ids=ids).save_later(job)
    message_id = number_of(first.get("message_id"))
    if message_id is None:
        return Present(external_id=None)
    return Present(external_id=str(message_id), external_url=url_of(part_of(first, "chat"), str(message_id)))
