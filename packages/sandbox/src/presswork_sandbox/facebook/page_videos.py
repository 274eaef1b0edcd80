"""The calls that upload and publish videos and reels of Pages, and report their status.

Source: Meta, "Page Videos" and "Reels Publishing" reference, read 2026-11.
"""

import asyncio
from collections.abc import Mapping
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.calls import Call
from presswork_sandbox.core import Sandbox
from presswork_sandbox.facebook.errors import (
    BAD_VIDEO,
    INCOMPLETE,
    NOT_FETCHED,
    REELS_LIMIT,
    STORY_USED,
    UNKNOWN_SESSION,
    WRONG_OFFSET,
    parameter,
)
from presswork_sandbox.facebook.page_posts import check_message, check_schedule
from presswork_sandbox.facebook.page_reads import PageReads
from presswork_sandbox.facebook.videos import MAX_FETCHED_BYTES, REELS_PER_DAY, Video, Videos, fault_in
from presswork_sandbox.forms import Sent
from presswork_sandbox.instagram.containers import CRAWLER, UPLOAD_HOST, VERSION_IN_PATH
from presswork_sandbox.instagram.errors import GraphRefusal, Problem, missing
from presswork_sandbox.instagram.reads import read_fields
from presswork_sandbox.instagram.validation import check_url
from presswork_sandbox.media import Asset, FetchFailed, MediaTooLarge
from presswork_sandbox.media_info import NotMedia
from presswork_sandbox.tokens import Token
from presswork_sandbox.wire import Reply, base_url, json_reply, text_of

CHUNKED_BYTES: Final = 10_000_000_000
CHUNK_BYTES: Final = 8 * 1024 * 1024  # of the piece that a response asks for; Facebook's are larger for large files
MIN_PIECES: Final = 2  # so that a client that sends the whole file at once is noticed with small files too
DEFAULT_VERSION: Final = "v26.0"
PHASES: Final[Mapping[str, frozenset[str]]] = {
    "videos": frozenset({""}),
    "reel_start": frozenset({"start"}),
    "video_story_start": frozenset({"start"}),
}
STATES: Final = ("PUBLISHED", "DRAFT")


class PageVideos:
    """Answers calls about videos. Every method raises GraphRefusal."""

    def __init__(self, sandbox: Sandbox, videos: Videos, reads: PageReads) -> None:
        self._sandbox = sandbox
        self._videos = videos
        self._reads = reads

    async def answer(self, call: Call, subject: str, token: Token, account: Account, sent: Sent) -> Reply:
        """Answer a call about a video, or one that makes a video."""
        phase = text_of(sent.params.get("upload_phase"))
        if phase not in PHASES.get(call.operation, {phase}):
            raise GraphRefusal(parameter("Param upload_phase must be one of {start, transfer, finish}"))
        match call.operation:
            case "reel_start":
                self._check_quota(account)
                return self._start_upload(call, token, account, "reel")
            case "reel_finish":
                return self._finish_reel(call, account, sent)
            case "video_story_start":
                return self._start_upload(call, token, account, "story")
            case "video_story_finish":
                return self._finish_story(call, account, sent)
            case "video_start":
                return self._start_chunked(call, token, account, sent)
            case "video_transfer":
                return await self._transfer(call, account, sent)
            case "video_finish":
                return self._finish_chunked(call, account, sent)
            case "videos":
                return await self._publish_at_once(call, token, account, sent)
            case _:
                return self._status(call, subject, account, sent)

    # Reels and stories

    def _check_quota(self, account: Account) -> None:
        total = account.settings.get("quotaTotal")
        if self._videos.reels_lately(account) >= (total if isinstance(total, int) else REELS_PER_DAY):
            raise GraphRefusal(REELS_LIMIT)

    def _start_upload(self, call: Call, token: Token, account: Account, flow: str) -> Reply:
        video = self._videos.start(call, account, token.client_id, flow)
        version = VERSION_IN_PATH.match(call.path)
        place = f"video-upload/{version.group(1) if version else DEFAULT_VERSION}/{video.id}"
        url = f"{base_url(call.request, UPLOAD_HOST)}/{place}"
        return json_reply({"video_id": str(video.id), "upload_url": url})

    def _finish_reel(self, call: Call, account: Account, sent: Sent) -> Reply:
        params = sent.params
        video = self._videos.find(text_of(params.get("video_id")))
        if video is None or video.account_id != account.id or video.flow != "reel":
            raise GraphRefusal(missing(call, text_of(params.get("video_id"))))
        state = text_of(params.get("video_state"))
        if state not in STATES:
            raise GraphRefusal(parameter(f"Param video_state must be one of {{{', '.join(STATES)}}}"))
        check_message(params, "description")
        check_schedule(params)
        if video.publication is not None:
            # What a second finish answers is not documented: here the same as the first, and nothing happens.
            return json_reply({"success": True})
        if state == "PUBLISHED":
            self._check_quota(account)
        self._check_complete(video)
        self._videos.apply_fault(video.id, call.job_fault)
        self._videos.ask_to_publish(video, sent.shown, state)
        return json_reply({"success": True})

    def _finish_story(self, call: Call, account: Account, sent: Sent) -> Reply:
        video = self._videos.find(text_of(sent.params.get("video_id")))
        if video is None or video.account_id != account.id or video.flow != "story":
            raise GraphRefusal(missing(call, text_of(sent.params.get("video_id"))))
        if video.publication is not None:
            raise GraphRefusal(STORY_USED)
        self._check_complete(video)
        with self._sandbox.store.transaction():
            self._videos.apply_fault(video.id, call.job_fault)
            post_id = self._videos.publish_story(video, sent.shown)
        return json_reply({"success": True, "post_id": int(post_id)})

    def _check_complete(self, video: Video) -> None:
        if video.state == "error":
            raise GraphRefusal(BAD_VIDEO)
        if video.state in {"uploading", "fetching"} or self._videos.is_expired(video):
            raise GraphRefusal(INCOMPLETE)

    # Videos in chunks

    def _start_chunked(self, call: Call, token: Token, account: Account, sent: Sent) -> Reply:
        size = _number(text_of(sent.params.get("file_size")))
        if not size or size > CHUNKED_BYTES:
            raise GraphRefusal(parameter(f"Param file_size must be between 1 and {CHUNKED_BYTES}"))
        video = self._videos.start(call, account, token.client_id, "chunked", file_size=size)
        ids = {"upload_session_id": str(video.session_id), "video_id": str(video.id)}
        return json_reply(ids | _offsets(0, size))

    def _session(self, account: Account, sent: Sent) -> Video:
        video = self._videos.by_session(account, text_of(sent.params.get("upload_session_id")))
        if video is None or video.file_size is None or self._videos.is_expired(video):
            raise GraphRefusal(UNKNOWN_SESSION)
        if video.publication is not None:
            # What a second finish of a session answers is not documented; a session is over once it is finished.
            raise GraphRefusal(UNKNOWN_SESSION)
        return video

    async def _transfer(self, call: Call, account: Account, sent: Sent) -> Reply:
        number = self._session(account, sent).id
        async with self._videos.locks.setdefault(number, asyncio.Lock()):
            video = self._session(account, sent)
            size, chunk = video.file_size or 0, sent.files.get("video_file_chunk")
            if chunk is None or not chunk.stat().st_size:
                raise GraphRefusal(parameter("The parameter video_file_chunk is required, as a file of the form"))
            if _number(text_of(sent.params.get("start_offset"))) != video.stored_bytes:
                raise GraphRefusal(_with_offsets(WRONG_OFFSET, video.stored_bytes, size))
            stored = video.stored_bytes + chunk.stat().st_size
            if stored > size:
                raise GraphRefusal(BAD_VIDEO.about("The chunk has more bytes than file_size says."))
            path = self._videos.upload_path(video.id)
            with path.open("r+b" if path.exists() else "wb") as whole, chunk.open("rb") as part:
                whole.seek(video.stored_bytes)
                while data := part.read(1024 * 1024):
                    whole.write(data)
            self._videos.store_bytes(video.id, stored, size)
            self._videos.apply_fault(video.id, call.job_fault)
        return json_reply(_offsets(stored, size))

    def _finish_chunked(self, call: Call, account: Account, sent: Sent) -> Reply:
        video = self._session(account, sent)
        check_message(sent.params, "description")
        check_schedule(sent.params)
        if video.stored_bytes != video.file_size:
            raise GraphRefusal(_with_offsets(INCOMPLETE, video.stored_bytes, video.file_size or 0))
        self._videos.apply_fault(video.id, call.job_fault)
        self._videos.fill_from(video.id, None)
        self._videos.ask_to_publish(video, sent.shown, _publication(sent))
        self._videos.locks.pop(video.id, None)
        return json_reply({"success": True})

    # Videos in one call

    async def _publish_at_once(self, call: Call, token: Token, account: Account, sent: Sent) -> Reply:
        check_message(sent.params, "description")
        check_schedule(sent.params)
        asset = await self._asset(sent)
        if (problem := fault_in("direct", asset)) is not None:
            raise GraphRefusal(problem)
        with self._sandbox.store.transaction():
            video = self._videos.start(call, account, token.client_id, "direct", file_size=asset.size_bytes)
            self._videos.keep(video, asset)
            self._videos.ask_to_publish(video, sent.shown, _publication(sent))
        return json_reply({"id": str(video.id)})

    async def _asset(self, sent: Sent) -> Asset:
        url, file = text_of(sent.params.get("file_url")), sent.files.get("source")
        if bool(url) == (file is not None):
            raise GraphRefusal(parameter("Send file_url, or source as a file of the form, and one of them only"))
        media_store = self._sandbox.media_store
        try:
            if file is not None:
                return await media_store.keep(file)
            check_url(url)
            return await media_store.fetch(url, limit_bytes=MAX_FETCHED_BYTES, agent=CRAWLER)
        except (NotMedia, MediaTooLarge) as wrong:
            raise GraphRefusal(BAD_VIDEO) from wrong
        except (GraphRefusal, FetchFailed) as failed:
            raise GraphRefusal(NOT_FETCHED) from failed

    def _status(self, call: Call, subject: str, account: Account, sent: Sent) -> Reply:
        video = self._videos.find(subject)
        if video is None or video.account_id != account.id:
            raise GraphRefusal(missing(call, subject))
        fields = read_fields(sent.params, "updated_time,description,id")
        if "status" in fields:
            self._videos.apply_fault(video.id, call.job_fault)
            video = self._videos.poll(self._videos.find(subject) or video)
        return json_reply(self._reads.video(call.request, video, account, fields))


def _publication(sent: Sent) -> str:
    return "DRAFT" if text_of(sent.params.get("published")).lower() in {"false", "0"} else "PUBLISHED"


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _offsets(stored: int, size: int) -> dict[str, str]:
    """Return the piece to be sent next, from its first byte to the one after its last; both are equal at the end."""
    piece = min(CHUNK_BYTES, -(-size // MIN_PIECES))
    return {"start_offset": str(stored), "end_offset": str(min(size, stored + piece))}


def _with_offsets(problem: Problem, stored: int, size: int) -> Problem:
    offsets = _offsets(stored, size)
    return Problem(
        code=problem.code,
        subcode=problem.subcode,
        message=problem.message,
        data={name: int(value) for name, value in offsets.items()},
    )
