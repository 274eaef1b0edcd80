"""Videos from the last byte of their upload to the end of their processing, and what becomes of their privacy.

Source: Google, "Videos" (status.uploadStatus, failureReason, rejectionReason), read 2026-11. A video exists as soon as its last
byte is there, private or not; processing ends by the clock, or sooner where a person asks for it.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.calls import Call
from presswork_sandbox.clock import DAY, HOUR
from presswork_sandbox.core import Sandbox
from presswork_sandbox.media import Asset
from presswork_sandbox.wire import JSONValue, text_of
from presswork_sandbox.youtube.facts import FACTS
from presswork_sandbox.youtube.validation import instant_of

POLLS: Final = 2  # videos.list calls with the status of a video until it is processed, or…
SECONDS: Final = 2.0  # …this long after its last byte, whichever comes first
CHANNEL_UPLOADS: Final = 100  # of a channel in 24 hours, unless quotaTotal says otherwise; YouTube publishes no number
SHORT_SECONDS: Final = 15 * 60  # longest video of a channel that may not upload long ones
LONGEST_SECONDS: Final = 12 * HOUR
SHORTS_SECONDS: Final = 3 * 60
REJECTIONS: Final = frozenset(
    [
        "claim",
        "copyright",
        "duplicate",
        "inappropriate",
        "legal",
        "length",
        "termsOfUse",
        "trademark",
        "uploaderAccountClosed",
        "uploaderAccountSuspended",
    ]
)
"""Reasons with which a video is rejected. With any other, such as codec or conversion, its processing failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    """One video as it is stored."""

    number: int
    video_id: str
    account_id: int
    params: Mapping[str, JSONValue]
    resource: Mapping[str, Mapping[str, JSONValue]]
    is_locked: bool
    state: str
    reason: str | None
    asset_id: int | None
    size_bytes: int
    thumbnail_id: int | None
    polls: int
    uploaded_at: float
    published_at: float | None
    publish_at: float | None
    fault_id: int | None

    @property
    def privacy(self) -> str:
        """public, unlisted or private."""
        return str(self.resource["status"]["privacyStatus"])

    @property
    def is_watchable(self) -> bool:
        """Whether there is something to watch, for those who may."""
        return self.state in {"uploaded", "processed"}


def _video(row: sqlite3.Row) -> Video:
    values = dict(row)
    values["params"], values["resource"] = json.loads(values["params"]), json.loads(values["resource"])
    values["is_locked"] = bool(values["is_locked"])
    return Video(**values)


def reason_of(value: Mapping[str, JSONValue]) -> str:
    """Return the reason that a media_error fault names."""
    return text_of(value.get("code")) or "conversion"


def is_short(asset: Asset) -> bool:
    """Return whether YouTube shows a video as a Short: square or vertical, and three minutes at most."""
    return asset.height >= asset.width and (asset.duration_seconds or 0.0) <= SHORTS_SECONDS


def watch_url(video_id: str) -> str:
    """Return the permalink of a video; a Short has this one too."""
    return f"https://www.youtube.com/watch?v={video_id}"


class Videos:
    """Create, change and delete videos, and end their processing."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        sandbox.before_reads.append(self.run_due)

    # Finding

    def find(self, video_id: str) -> Video | None:
        """Find a video that is not deleted."""
        row = self._sandbox.store.first("SELECT * FROM youtube_present_videos WHERE video_id = ?", video_id)
        return None if row is None else _video(row)

    def of_channel(self, account_id: int, until: float, max_count: int, skip: int) -> Sequence[Video]:
        """Return the videos of a channel that were uploaded up to an instant, newest first."""
        rows = self._sandbox.store.all(
            "SELECT * FROM youtube_present_videos WHERE account_id = ? AND uploaded_at <= ?"
            " ORDER BY number DESC LIMIT ? OFFSET ?",
            account_id,
            until,
            max_count,
            skip,
        )
        return [_video(row) for row in rows]

    def count(self, account_id: int, until: float) -> int:
        """Return how many videos `of_channel` has in all."""
        sql = "SELECT count(*) AS n FROM youtube_present_videos WHERE account_id = ? AND uploaded_at <= ?"
        return int(self._sandbox.store.one(sql, account_id, until)["n"])

    def is_full(self, account: Account) -> bool:
        """Return whether a channel has used up its uploads of the last 24 hours; deleted videos count."""
        max_videos = account.settings.get("quotaTotal")
        sql = "SELECT count(*) AS n FROM youtube_videos WHERE account_id = ? AND uploaded_at > ?"
        used = self._sandbox.store.one(sql, account.id, self._sandbox.clock.now() - DAY)["n"]
        return int(used) >= (max_videos if isinstance(max_videos, int) else CHANNEL_UPLOADS)

    def new_id(self) -> str:
        """Return the id for one more video."""
        store = self._sandbox.store
        return store.secret("youtube video", store.next_number("youtube video"), 11)

    # Changing

    def create(
        self,
        account: Account,
        *,
        params: Mapping[str, JSONValue],
        resource: Mapping[str, Mapping[str, JSONValue]],
        asset: Asset | None,
        size_bytes: int,
        failure: str | None,
        fault_id: int | None,
    ) -> Video:
        """Make a video of an upload. Belongs in the transaction that ends its session."""
        store, now = self._sandbox.store, self._sandbox.clock.now()
        video_id = self.new_id()
        is_locked = account.settings.get("audited") is False
        resource = _settle_parts(resource, is_locked=is_locked)
        store.insert(
            "youtube_videos",
            video_id=video_id,
            account_id=account.id,
            params=json.dumps(params),
            resource=json.dumps(resource),
            is_locked=is_locked,
            state="uploaded",
            reason=failure or self._problem(account, asset, size_bytes),
            asset_id=None if asset is None else asset.id,
            size_bytes=size_bytes,
            uploaded_at=now,
            published_at=now if resource["status"]["privacyStatus"] == "public" else None,
            publish_at=_publish_at(resource),
            fault_id=fault_id,
        )
        video = self._reload(video_id)
        self._sandbox.posts.add(
            FACTS.name,
            account.id,
            kind="youtube_video",
            external_id=video_id,
            url=watch_url(video_id),
            caption=str(resource["snippet"]["description"]),
            params=_shown_params(video),
            asset_ids=[] if asset is None else [asset.id],
            now=now,
            privacy=video.privacy,
        )
        return video

    def _problem(self, account: Account, asset: Asset | None, size_bytes: int) -> str | None:
        """Return the reason with which processing will end; None where the video is fine."""
        if not size_bytes:
            return "emptyFile"
        if asset is None or not asset.is_video:
            return "invalidFile"
        longest = SHORT_SECONDS if long_uploads_status(account) != "allowed" else LONGEST_SECONDS
        if (asset.duration_seconds or 0.0) > longest:
            return "length"
        if account.settings.get("rejectDuplicates") is True:
            sql = "SELECT 1 FROM youtube_videos WHERE account_id = ? AND asset_id = ? AND state IN ('uploaded', 'processed')"
            if self._sandbox.store.first(sql, account.id, asset.id) is not None:
                return "duplicate"
        return None

    def update(
        self, video: Video, sent: Mapping[str, JSONValue], checked: Mapping[str, Mapping[str, JSONValue]]
    ) -> Video:
        """Replace whole parts of a video: `sent` as the app sent them, `checked` as they will be stored."""
        resource = _settle_parts({**video.resource, **checked}, is_locked=video.is_locked)
        now, is_public = self._sandbox.clock.now(), resource["status"]["privacyStatus"] == "public"
        with self._sandbox.store.transaction():
            self._sandbox.store.run(
                "UPDATE youtube_videos SET params = ?, resource = ?, published_at = ?, publish_at = ? WHERE number = ?",
                json.dumps({**video.params, **sent}),
                json.dumps(resource),
                video.published_at or (now if is_public else None),
                _publish_at(resource),
                video.number,
            )
            video = self._reload(video.video_id)
            self._show(video, edited_at=now)
        return video

    def delete(self, video: Video) -> None:
        """Delete a video for good."""
        with self._sandbox.store.transaction():
            self._sandbox.store.run("UPDATE youtube_videos SET state = 'deleted' WHERE number = ?", video.number)
            self._hide(video)

    def set_thumbnail(self, video: Video, asset: Asset) -> None:
        """Give a video another thumbnail."""
        sql = "UPDATE youtube_videos SET thumbnail_id = ? WHERE number = ?"
        self._sandbox.store.run(sql, asset.id, video.number)

    def _reload(self, video_id: str) -> Video:
        return _video(self._sandbox.store.one("SELECT * FROM youtube_videos WHERE video_id = ?", video_id))

    def _show(self, video: Video, *, edited_at: float | None = None) -> None:
        """Bring the live post of a video up to date."""
        post = self._sandbox.posts.by_external_id(FACTS.name, video.video_id)
        if post is not None:
            caption = str(video.resource["snippet"]["description"])
            self._sandbox.posts.change(
                post,
                caption=caption,
                params=_shown_params(video),
                privacy=video.privacy,
                edited_at=edited_at,
            )

    def _hide(self, video: Video) -> None:
        post = self._sandbox.posts.by_external_id(FACTS.name, video.video_id)
        if post is not None:
            self._sandbox.posts.remove(post, self._sandbox.clock.now())

    # Processing

    def poll(self, call: Call, video: Video) -> Video:
        """Count one call for the status of a video, let a fault of the call hold or break it, and return it."""
        if video.state != "uploaded":
            return video
        store, fault = self._sandbox.store, call.job_fault
        with store.transaction():
            store.run("UPDATE youtube_videos SET polls = polls + 1 WHERE number = ?", video.number)
            if fault is not None and fault.kind == "stuck_processing":
                store.run("UPDATE youtube_videos SET fault_id = ? WHERE number = ?", fault.id, video.number)
            elif fault is not None:
                reason = reason_of(fault.value)
                sql = "UPDATE youtube_videos SET reason = ?, polls = ? WHERE number = ?"
                store.run(sql, reason, POLLS, video.number)
            self.run_due()
        return self._reload(video.video_id)

    def run_due(self) -> None:
        """End every processing whose time has come, and publish what was scheduled."""
        store, now = self._sandbox.store, self._sandbox.clock.now()
        sql = (
            "SELECT * FROM youtube_videos WHERE state = 'uploaded' AND (uploaded_at <= ? OR polls >= ?) ORDER BY number"
        )
        for row in store.all(sql, now - SECONDS, POLLS):
            video = _video(row)
            if not self._sandbox.faults.holds(video.fault_id):
                self._end(video)
        sql = "SELECT * FROM youtube_videos WHERE publish_at <= ? AND state <> 'deleted' ORDER BY publish_at, number"
        for row in store.all(sql, now):
            self._publish(_video(row))

    def _end(self, video: Video) -> None:
        state = "processed"
        if video.reason is not None:
            state = "rejected" if video.reason in REJECTIONS else "failed"
        with self._sandbox.store.transaction():
            self._sandbox.store.run("UPDATE youtube_videos SET state = ? WHERE number = ?", state, video.number)
            if video.reason is not None:
                self._hide(video)

    def _publish(self, video: Video) -> None:
        status = {**video.resource["status"], "privacyStatus": "public"}
        del status["publishAt"]
        with self._sandbox.store.transaction():
            self._sandbox.store.run(
                "UPDATE youtube_videos SET resource = ?, published_at = publish_at, publish_at = NULL WHERE number = ?",
                json.dumps({**video.resource, "status": status}),
                video.number,
            )
            self._show(self._reload(video.video_id))


def long_uploads_status(account: Account) -> str:
    """Return whether a channel may upload long videos, which needs a verified phone number, as `thumbnails.set` does."""
    return text_of(account.settings.get("longUploadsStatus")) or "allowed"


def _settle_parts(
    resource: Mapping[str, Mapping[str, JSONValue]], *, is_locked: bool
) -> dict[str, dict[str, JSONValue]]:
    """Return a video's parts; one of a project without an audit is private, whatever was asked for.

    That an update of such a video has no effect and is no error is not confirmed. Source: jonnekaunisto/simple-youtube-api #22
    ("it immediately re-locked the video as private"), read 2026-11.
    """
    parts = {name: dict(part) for name, part in resource.items()}
    if is_locked:
        parts["status"]["privacyStatus"] = "private"
        parts["status"].pop("publishAt", None)
    return parts


def _publish_at(resource: Mapping[str, Mapping[str, JSONValue]]) -> float | None:
    at = resource["status"].get("publishAt")
    return instant_of(at) if isinstance(at, str) else None


def _shown_params(video: Video) -> Mapping[str, JSONValue]:
    """Return what was sent for a video, with the privacy that it has: what was asked for may have been refused."""
    status = video.params.get("status")
    sent = status if isinstance(status, Mapping) else {}
    return {**video.params, "status": {**sent, "privacyStatus": video.privacy}}
