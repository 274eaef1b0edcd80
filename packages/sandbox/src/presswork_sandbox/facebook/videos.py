"""Videos of Pages: uploaded as a reel, in chunks or in one call, processed, and published afterwards.

Source: Meta, "Reels Publishing" (2026-07), "Page Videos" and "Video" reference, read 2026-11. A reel or chunked video has its
id before anything is published, and goes live some time after the call that asks for it: `publishing_phase` says when.
"""

import asyncio
import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.calls import Call
from presswork_sandbox.clock import DAY
from presswork_sandbox.core import Sandbox
from presswork_sandbox.facebook.errors import BAD_VIDEO, NOT_FETCHED, VIDEO_TOO_SMALL
from presswork_sandbox.facebook.page_posts import NewPost, PagePosts
from presswork_sandbox.facebook.uploads import UploadTarget
from presswork_sandbox.faults import Fault
from presswork_sandbox.instagram.containers import CRAWLER
from presswork_sandbox.instagram.errors import Problem
from presswork_sandbox.media import Asset, FetchFailed, MediaTooLarge
from presswork_sandbox.media_info import NotMedia
from presswork_sandbox.wire import JSONValue, text_of

REELS_PER_DAY: Final = 30
VIDEO_LIFETIME: Final = DAY  # of an upload that is not finished; "expired" is documented, its hour is not
VIDEO_IDS: Final = 1_290_000_000_000_000
SESSION_IDS: Final = 2_290_000_000_000_000
MAX_FETCHED_BYTES: Final = 1_000_000_000  # of a file_url, and of a reel
REEL_SECONDS: Final = (3.0, 90.0)
REEL_SIZE: Final = (540, 960)
STORY_SECONDS: Final = (0.0, 60.0)
REEL_FRAME_RATES: Final = (23.5, 60.5)  # 24 to 60, with room for 23.98 and 59.94
REEL_RATIO_SLACK: Final = 0.01  # whole pixels can't hit 9:16 exactly
UPRIGHT: Final = frozenset({"reel", "story"})
"""Flows whose file comes to the upload host, and is upright."""
VIDEO_SECONDS: Final = {
    "reel": REEL_SECONDS,
    "story": STORY_SECONDS,
    "chunked": (1.0, 4 * 3600.0),
    "direct": (1.0, 20 * 60.0),
}
KINDS: Final = {"reel": "facebook_reel", "story": "story"}
SECONDS_SLACK: Final = 0.1
# A video is processed and then live at this many status calls, or this long after both its file and the request to publish it
# were there, whichever comes first. A video of one call is live "minutes later", a story at once.
PROCESSED: Final = {"reel": (2, 2.0), "story": (0, 0.0), "chunked": (2, 2.0), "direct": (3, 30.0)}
LIVE: Final = {"reel": (3, 3.0), "story": (0, 0.0), "chunked": (3, 3.0), "direct": (5, 60.0)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    """One video as it is stored."""

    id: int
    account_id: int
    client_id: str
    flow: str
    session_id: int | None
    params: Mapping[str, JSONValue]
    file_size: int | None
    stored_bytes: int
    source_url: str | None
    asset_id: int | None
    state: str
    error: Mapping[str, JSONValue] | None
    publication: str | None
    polls: int
    created_at: float
    ready_at: float | None
    finished_at: float | None
    live_at: float | None
    post_id: str | None
    fault_id: int | None

    @property
    def path(self) -> str:
        """The path of its permalink."""
        return f"/reel/{self.id}/"


def _video(row: sqlite3.Row) -> Video:
    values = dict(row)
    values["params"] = json.loads(values["params"])
    values["error"] = None if values["error"] is None else json.loads(values["error"])
    return Video(**values)


class Videos:
    """Store videos, look at their files, and put them on their Pages."""

    def __init__(self, sandbox: Sandbox, posts: PagePosts) -> None:
        self._sandbox = sandbox
        self._posts = posts
        self.locks: Final[dict[int, asyncio.Lock]] = {}
        sandbox.on_first_request.append(self._resume)
        sandbox.before_reads.append(self.run_due)

    def find(self, text: str) -> Video | None:
        """Find a video by its id as a client writes it. One whose post was taken down is gone with it."""
        if not (text.isascii() and text.isdigit() and len(text) < 19):
            return None
        row = self._sandbox.store.first("SELECT * FROM page_videos WHERE id = ? AND state <> 'deleted'", int(text))
        video = None if row is None else _video(row)
        if video is not None and video.live_at is not None and self._posts.find(video.post_id or "") is None:
            return None
        return video

    def by_session(self, account: Account, text: str) -> Video | None:
        """Find the video of an upload session of this account."""
        if not (text.isascii() and text.isdigit() and len(text) < 19):
            return None
        sql = "SELECT * FROM page_videos WHERE session_id = ? AND account_id = ? AND state <> 'deleted'"
        row = self._sandbox.store.first(sql, int(text), account.id)
        return None if row is None else _video(row)

    def of_post(self, post_id: str) -> Video | None:
        """Find the video of a post."""
        row = self._sandbox.store.first("SELECT * FROM page_videos WHERE post_id = ?", post_id)
        return None if row is None else _video(row)

    def reels_lately(self, account: Account) -> int:
        """Return how many reels of the last 24 hours the Page published through the API."""
        sql = (
            "SELECT count(*) AS n FROM page_videos WHERE account_id = ? AND flow = 'reel' AND publication = 'PUBLISHED'"
            " AND finished_at > ?"
        )
        return int(self._sandbox.store.one(sql, account.id, self._sandbox.clock.now() - DAY)["n"])

    # Making

    def start(self, call: Call, account: Account, client_id: str, flow: str, *, file_size: int | None = None) -> Video:
        """Make a video whose file is still to come."""
        store = self._sandbox.store
        with store.transaction():
            number = VIDEO_IDS + store.next_number("page video") * 10_037
            store.insert(
                "page_videos",
                id=number,
                account_id=account.id,
                client_id=client_id,
                flow=flow,
                session_id=SESSION_IDS + number * 3 if flow == "chunked" else None,
                params="{}",
                file_size=file_size,
                state="uploading",
                created_at=self._sandbox.clock.now(),
            )
            self.apply_fault(number, call.job_fault)
        return self._reload(number)

    def keep(self, video: Video, asset: Asset) -> None:
        """Give a video its file, after a look at it."""
        problem = fault_in(video.flow, asset)
        self._settle_file(video.id, asset, problem)

    def ask_to_publish(self, video: Video, params: Mapping[str, JSONValue], publication: str) -> None:
        """Note that a video shall go live, or stay a draft, once its file is processed."""
        self._sandbox.store.run(
            "UPDATE page_videos SET params = ?, publication = ?, finished_at = ? WHERE id = ?",
            json.dumps(params),
            publication,
            self._sandbox.clock.now(),
            video.id,
        )

    def publish_story(self, video: Video, params: Mapping[str, JSONValue]) -> str:
        """Note that a video shall be a story, at once if its file was looked at, and return the id. Belongs in a transaction."""
        post_id = self._posts.new_story_id()
        self.ask_to_publish(video, params, "PUBLISHED")
        self._sandbox.store.run("UPDATE page_videos SET post_id = ? WHERE id = ?", post_id, video.id)
        self._go_live_if_due(self._reload(video.id))
        return post_id

    def edit(self, video: Video, changes: Mapping[str, JSONValue]) -> None:
        """Change the text and the title of a video, live or not. Belongs in a transaction."""
        sql, params = "UPDATE page_videos SET params = ? WHERE id = ?", {**video.params, **changes}
        self._sandbox.store.run(sql, json.dumps(params), video.id)
        post = self._posts.find(video.post_id or "")
        if post is not None:
            caption, now = text_of(params.get("description")), self._sandbox.clock.now()
            self._sandbox.posts.change(post, caption=caption, params={**post.params, **changes}, edited_at=now)

    def delete(self, video: Video) -> None:
        """Delete a video, which never goes live then. It still counts for the quota."""
        self._sandbox.store.run("UPDATE page_videos SET state = 'deleted' WHERE id = ?", video.id)
        self.upload_path(video.id).unlink(missing_ok=True)

    # What an upload needs: see uploads.py

    def target(self, text: str) -> UploadTarget | None:
        """Find a video that its file may be uploaded to."""
        video = self.find(text)
        if video is None or video.flow not in UPRIGHT:
            return None
        return UploadTarget(
            number=video.id,
            account_id=video.account_id,
            fault_id=video.fault_id,
            is_open=video.state == "uploading" and not self.is_expired(video),
            limit_bytes=MAX_FETCHED_BYTES,
        )

    def stored_bytes(self, number: int) -> tuple[int, int | None]:
        """Return how much of an upload is there, and how much there will be: None before that was said."""
        row = self._sandbox.store.one("SELECT stored_bytes, file_size FROM page_videos WHERE id = ?", number)
        return row["stored_bytes"], row["file_size"]

    def store_bytes(self, number: int, stored: int, file_size: int) -> None:
        """Note how much of an upload is there."""
        sql = "UPDATE page_videos SET stored_bytes = ?, file_size = ? WHERE id = ?"
        self._sandbox.store.run(sql, stored, file_size, number)

    def upload_path(self, number: int) -> Path:
        """Return where the bytes of an upload are until they have been looked at."""
        return self._sandbox.store.folder / f"page-video-{number}"

    def fill_from(self, number: int, url: str | None) -> None:
        """Look at a file: the uploaded bytes, or what a URL returns."""
        self._sandbox.store.run(
            "UPDATE page_videos SET state = ?, source_url = ? WHERE id = ? AND state = 'uploading'",
            "checking" if url is None else "fetching",
            url,
            number,
        )
        self._start_check(number)

    def hold(self, number: int, fault: Fault) -> None:
        """Let a stuck_processing or media_error fault act on a video."""
        self.apply_fault(number, fault)

    def apply_fault(self, number: int, fault: Fault | None) -> None:
        """Let a fault act on a video: one that is stuck stays in processing, one with an error fails once its file is there."""
        if fault is None:
            return
        store = self._sandbox.store
        if fault.kind == "stuck_processing":
            store.run("UPDATE page_videos SET fault_id = ? WHERE id = ?", fault.id, number)
            return
        code = text_of(fault.value.get("code")) or text_of(fault.value.get("subcode"))
        problem = Problem(
            code=int(code) if code.isascii() and code.isdigit() and len(code) < 10 else BAD_VIDEO.code,
            message=text_of(fault.value.get("message")) or BAD_VIDEO.message,
        )
        sql = "UPDATE page_videos SET error = ? WHERE id = ? AND live_at IS NULL"
        store.run(sql, json.dumps({"code": problem.code, "message": problem.message}), number)
        store.run("UPDATE page_videos SET state = 'error' WHERE id = ? AND state = 'ready' AND live_at IS NULL", number)

    # Time

    def is_expired(self, video: Video) -> bool:
        """Return whether the upload was not finished in time."""
        return video.publication is None and self._sandbox.clock.now() >= video.created_at + VIDEO_LIFETIME

    def is_processed(self, video: Video) -> bool:
        """Return whether the file is processed: that of a story before it is asked for, all others afterwards."""
        if video.flow == "story":
            return video.state == "ready" and not self._sandbox.faults.holds(video.fault_id)
        return self.has_reached(video, PROCESSED)

    def has_reached(self, video: Video, when: Mapping[str, tuple[int, float]]) -> bool:
        """Return whether processing is as far as PROCESSED or LIVE."""
        if video.state != "ready" or video.ready_at is None or video.finished_at is None:
            return False
        if video.live_at is not None:
            return True
        if self._sandbox.faults.holds(video.fault_id):
            return False
        polls, seconds = when[video.flow]
        return video.polls >= polls or self._sandbox.clock.now() >= max(video.ready_at, video.finished_at) + seconds

    def poll(self, video: Video) -> Video:
        """Count one status call, put the video live if that is due, and return it as it is then."""
        if video.state == "ready" and video.publication is not None:
            self._sandbox.store.run("UPDATE page_videos SET polls = polls + 1 WHERE id = ?", video.id)
        self._go_live_if_due(self._reload(video.id))
        return self._reload(video.id)

    def run_due(self) -> None:
        """Put everything live that is due by the clock."""
        rows = self._sandbox.store.all(
            "SELECT * FROM page_videos WHERE live_at IS NULL AND state <> 'error' AND state <> 'deleted'"
            " AND publication = 'PUBLISHED' ORDER BY id"
        )
        for row in rows:
            self._go_live_if_due(_video(row))

    def _go_live_if_due(self, video: Video) -> None:
        if video.publication != "PUBLISHED" or video.live_at is not None or not self.has_reached(video, LIVE):
            return
        account = self._sandbox.accounts.by_id(video.account_id)
        if account is None or video.asset_id is None:
            return
        now, seconds = self._sandbox.clock.now(), LIVE[video.flow][1]
        live_at = min(now, max(video.ready_at or now, video.finished_at or now) + seconds)
        with self._sandbox.store.transaction():
            post_id = self._posts.make(
                account,
                NewPost(
                    kind=KINDS.get(video.flow, "facebook_video"),
                    post_id=video.post_id,
                    caption=text_of(video.params.get("description")),
                    params=video.params,
                    asset_ids=[video.asset_id],
                    client_id=video.client_id,
                    path=video.path,
                ),
                None,
                live_at,
            )
            sql = "UPDATE page_videos SET live_at = ?, post_id = ? WHERE id = ?"
            self._sandbox.store.run(sql, live_at, post_id, video.id)

    # Files

    def _resume(self) -> None:
        sql = "SELECT id FROM page_videos WHERE state IN ('fetching', 'checking') ORDER BY id"
        for row in self._sandbox.store.all(sql):
            self._start_check(row["id"])

    def _start_check(self, number: int) -> None:
        self._sandbox.start_task(f"check page video {number}", self._look_at_file(number))

    async def _look_at_file(self, number: int) -> None:
        video = self.find(str(number))
        if video is None:
            return
        media_store = self._sandbox.media_store
        path = self.upload_path(number)
        problem: Problem | None = None
        asset: Asset | None = None
        try:
            if video.source_url is not None:
                asset = await media_store.fetch(video.source_url, limit_bytes=MAX_FETCHED_BYTES, agent=CRAWLER)
            else:
                asset = await media_store.keep(path)
            problem = fault_in(video.flow, asset)
        except (NotMedia, MediaTooLarge, FileNotFoundError):
            problem = BAD_VIDEO
        except FetchFailed:
            problem = NOT_FETCHED
        finally:
            path.unlink(missing_ok=True)
        self._settle_file(number, asset, problem)

    def _settle_file(self, number: int, asset: Asset | None, problem: Problem | None) -> None:
        error = None if problem is None else json.dumps({"code": problem.code, "message": problem.message})
        self._sandbox.store.run(
            "UPDATE page_videos SET error = coalesce(error, ?1), asset_id = ?2, ready_at = ?3,"
            " state = CASE WHEN coalesce(error, ?1) IS NULL THEN 'ready' ELSE 'error' END"
            " WHERE id = ?4 AND state IN ('uploading', 'fetching', 'checking')",
            error,
            None if asset is None else asset.id,
            self._sandbox.clock.now(),
            number,
        )

    def _reload(self, number: int) -> Video:
        return _video(self._sandbox.store.one("SELECT * FROM page_videos WHERE id = ?", number))


def fault_in(flow: str, asset: Asset) -> Problem | None:
    """Return what is wrong with the file of a video, or None."""
    seconds = asset.duration_seconds or 0.0
    shortest, longest = VIDEO_SECONDS[flow]
    if not asset.is_video or not shortest - SECONDS_SLACK <= seconds <= longest + SECONDS_SLACK:
        return BAD_VIDEO
    if flow not in UPRIGHT:
        return None
    if asset.width < REEL_SIZE[0] or asset.height < REEL_SIZE[1]:
        return VIDEO_TOO_SMALL
    is_upright = abs(asset.width / asset.height - 9 / 16) <= REEL_RATIO_SLACK
    good = is_upright and REEL_FRAME_RATES[0] <= (asset.fps or 0) <= REEL_FRAME_RATES[1]
    return None if good else BAD_VIDEO
