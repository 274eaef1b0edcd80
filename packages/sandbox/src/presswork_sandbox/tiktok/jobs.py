"""Publish jobs: what a publish_id stands for, from init to the post or the person's inbox.

Source: TikTok, "Get Post Status" and "Media Transfer Guide", read 2026-11. There is no publish call: when the last
byte is there, posting starts, with or without a status call. So every step here is also run by the clock.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.calls import Call
from presswork_sandbox.clock import DAY, iso
from presswork_sandbox.core import Sandbox
from presswork_sandbox.faults import Fault
from presswork_sandbox.media import Asset, FetchFailed, MediaTooLarge
from presswork_sandbox.media_info import NotMedia, TooManyPixels
from presswork_sandbox.posts import Post
from presswork_sandbox.tiktok.validation import (
    DRAFT_SECONDS,
    PHOTO_BYTES,
    VIDEO_BYTES,
    Source,
    max_seconds,
    photo_reason,
    reason_of_size,
    video_reason,
)
from presswork_sandbox.tiktok.webhooks import COMPLETE, FAILED, INBOX, NOT_PUBLIC, PUBLIC, Webhooks
from presswork_sandbox.wire import JSONValue, text_of

POSTS_PER_DAY: Final = 15
PENDING_DRAFTS: Final = 5
POST_IDS: Final = 7_570_000_000_000_000_000
PREFIXES: Final = {
    ("direct", "video", "FILE_UPLOAD"): "v_pub_file~v2-1.",
    ("direct", "video", "PULL_FROM_URL"): "v_pub_url~v2-1.",
    ("direct", "photo", "PULL_FROM_URL"): "p_pub_url~v2.",
    ("inbox", "video", "FILE_UPLOAD"): "v_inbox_file~v2.",
    ("inbox", "video", "PULL_FROM_URL"): "v_inbox_url~v2.",
    ("inbox", "photo", "PULL_FROM_URL"): "p_inbox_url~v2.",
}
POLLS: Final = 2  # status calls until a job is over, or…
SECONDS: Final = 2.0  # …this long after its media was there, whichever comes first
MODERATION_POLLS: Final = 2  # answers of PUBLISH_COMPLETE until the post's id is listed, or…
MODERATION_SECONDS: Final = 2.0  # …this long after it went live
OPEN: Final = ("uploading", "fetching", "checking", "processing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One publish job as it is stored."""

    number: int
    publish_id: str
    account_id: int
    mode: str
    kind: str
    source: str
    params: Mapping[str, JSONValue]
    caption: str
    privacy: str
    urls: tuple[str, ...]
    state: str
    fail_reason: str | None
    video_size: int
    chunk_size: int
    chunk_count: int
    stored_bytes: int
    upload_token: str | None
    asset_ids: tuple[int, ...]
    polls: int
    polls_when_over: int
    created_at: float
    received_at: float | None
    completed_at: float | None
    post_ids: tuple[int, ...]
    fault_id: int | None


def new_post_id(sandbox: Sandbox) -> int:
    """Return the id for one more post."""
    return POST_IDS + sandbox.store.next_number("tiktok post") * 1_000_000_007


def _job(row: sqlite3.Row) -> Job:
    values = dict(row)
    values["params"] = json.loads(values["params"])
    for name in ("urls", "asset_ids", "post_ids"):
        values[name] = tuple(json.loads(values[name]))
    return Job(**values)


class Jobs:
    """Start publish jobs, fetch and check their media, and finish them."""

    def __init__(self, sandbox: Sandbox, webhooks: Webhooks) -> None:
        self._sandbox = sandbox
        self._webhooks = webhooks
        sandbox.on_first_request.append(self._resume)
        sandbox.before_reads.append(self.run_due)
        sandbox.due_work.append(self._run_due_work)
        sandbox.next_due.append(self._next_due)

    # Finding

    def find(self, publish_id: str) -> Job | None:
        """Find a job by its publish_id."""
        row = self._sandbox.store.first("SELECT * FROM jobs WHERE publish_id = ?", publish_id)
        return None if row is None else _job(row)

    def by_number(self, number: int) -> Job | None:
        """Find a job by the number that its upload_url carries."""
        row = self._sandbox.store.first("SELECT * FROM jobs WHERE number = ?", number)
        return None if row is None else _job(row)

    def of_post(self, post: Post) -> Job | None:
        """Find the job that a post came of; None for one that a provider published."""
        return self._with_post(post.account_id, post.external_id)

    def _with_post(self, account_id: int, post_id: str) -> Job | None:
        sql = "SELECT * FROM jobs WHERE account_id = ? AND post_ids = ?"
        row = self._sandbox.store.first(sql, account_id, json.dumps([int(post_id)]))
        return None if row is None else _job(row)

    def posted_lately(self, account: Account) -> int:
        """Return how many posts of this account went live in the last 24 hours, up to this instant."""
        self.run_due()
        return self._count_in_a_day(account)

    def _count_in_a_day(self, account: Account) -> int:
        return self._sandbox.posts.count_since(account.id, self._sandbox.clock.now() - DAY)

    def pending_drafts(self, account: Account) -> int:
        """Return how many drafts of the last 24 hours this person has not finished."""
        sql = (
            "SELECT count(*) AS n FROM jobs WHERE account_id = ? AND mode = 'inbox'"
            " AND state IN ('checking', 'fetching', 'processing', 'inbox') AND created_at > ?"
        )
        return int(self._sandbox.store.one(sql, account.id, self._sandbox.clock.now() - DAY)["n"])

    def upload_path(self, job: Job) -> Path:
        """Return where the bytes of an upload are until they have been looked at."""
        return self._sandbox.store.folder / f"upload-{job.number}"

    # Starting

    def start(
        self,
        call: Call,
        account: Account,
        *,
        mode: str,
        kind: str,
        source: Source,
        params: Mapping[str, JSONValue],
        caption: str,
        privacy: str,
    ) -> Job:
        """Make a job, and start fetching where TikTok pulls."""
        store = self._sandbox.store
        with store.transaction():
            number = store.next_number("job")
            publish_id = f"{PREFIXES[mode, kind, source.source]}{7_300_000_000 + number * 7}"
            store.insert(
                "jobs",
                number=number,
                publish_id=publish_id,
                account_id=account.id,
                mode=mode,
                kind=kind,
                source=source.source,
                params=json.dumps(params),
                caption=caption,
                privacy=privacy,
                urls=json.dumps(source.urls),
                state="fetching" if source.urls else "uploading",
                video_size=source.video_size,
                chunk_size=source.chunk_size,
                chunk_count=source.chunk_count,
                upload_token=None if source.urls else store.secret("upload", number, 40),
                created_at=self._sandbox.clock.now(),
            )
            self.apply_fault(call, publish_id)
        job = self.find(publish_id)
        if job is None:
            raise LookupError(publish_id)
        if job.state == "fetching":
            self._fetch(job)
        return job

    def apply_fault(self, call: Call, publish_id: str) -> None:
        """Let a stuck_processing or media_error fault that hit this call act on its job."""
        fault = call.job_fault
        if fault is None:
            return
        if fault.kind == "stuck_processing":
            self._sandbox.store.run("UPDATE jobs SET fault_id = ? WHERE publish_id = ?", fault.id, publish_id)
        else:
            self._fail(publish_id, reason_of(fault))

    # Media

    def _resume(self) -> None:
        for row in self._sandbox.store.all(
            "SELECT * FROM jobs WHERE state IN ('fetching', 'checking') ORDER BY number"
        ):
            job = _job(row)
            if job.state == "fetching":
                self._fetch(job)
            else:
                self._check(job)
        if self._next_due() is not None:
            self._sandbox.notify()

    def _fetch(self, job: Job) -> None:
        self._sandbox.start_task(f"fetch {job.publish_id}", self._pull(job))

    def _check(self, job: Job) -> None:
        self._sandbox.start_task(f"check {job.publish_id}", self._check_upload(job))

    async def _pull(self, job: Job) -> None:
        store = self._sandbox.store
        assets: list[Asset] = []
        before = 0

        def progress(size: int) -> None:
            store.run("UPDATE jobs SET stored_bytes = ? WHERE number = ?", before + size, job.number)

        limit = PHOTO_BYTES if job.kind == "photo" else VIDEO_BYTES
        try:
            for url in job.urls:
                asset = await self._sandbox.media_store.fetch(url, limit_bytes=limit, progress=progress)
                before += asset.size_bytes
                assets.append(asset)
        except TooManyPixels as bomb:
            self._fail(job.publish_id, reason_of_size(bomb, job.kind))
        except (MediaTooLarge, NotMedia):
            self._fail(job.publish_id, "file_format_check_failed")
        except FetchFailed:
            self._fail(job.publish_id, "photo_pull_failed" if job.kind == "photo" else "video_pull_failed")
        else:
            self._finish_receiving(job, assets)

    async def _check_upload(self, job: Job) -> None:
        path = self.upload_path(job)
        try:
            asset = await self._sandbox.media_store.keep(path)
        except TooManyPixels as bomb:
            self._fail(job.publish_id, reason_of_size(bomb, job.kind))
        except NotMedia:
            self._fail(job.publish_id, "file_format_check_failed")
        except FileNotFoundError:
            self._fail(job.publish_id, "internal")
        else:
            self._finish_receiving(job, [asset])
        path.unlink(missing_ok=True)

    def upload_complete(self, job: Job) -> None:
        """Start looking at an upload whose last byte was stored."""
        sql = "UPDATE jobs SET state = 'checking', received_at = ? WHERE number = ? AND state = 'uploading'"
        if self._sandbox.store.run(sql, self._sandbox.clock.now(), job.number):
            self._check(job)

    def _finish_receiving(self, job: Job, assets: Sequence[Asset]) -> None:
        account = self._sandbox.accounts.by_id(job.account_id)
        if account is None:  # a reset came in between
            return
        longest = DRAFT_SECONDS if job.mode == "inbox" else max_seconds(account)
        reason = photo_reason(assets) if job.kind == "photo" else video_reason(assets[0], longest)
        if reason is not None:
            self._fail(job.publish_id, reason)
            return
        self._sandbox.store.run(
            "UPDATE jobs SET state = 'processing', asset_ids = ?, received_at = coalesce(received_at, ?)"
            " WHERE number = ? AND state IN ('fetching', 'checking')",
            json.dumps([asset.id for asset in assets]),
            self._sandbox.clock.now(),
            job.number,
        )
        self._sandbox.notify()

    def _fail(self, publish_id: str, reason: str) -> bool:
        sql = "UPDATE jobs SET state = 'failed', fail_reason = ? WHERE publish_id = ? AND state IN (?, ?, ?, ?)"
        with self._sandbox.store.transaction():
            has_failed = self._sandbox.store.run(sql, reason, publish_id, *OPEN) > 0
            job = self.find(publish_id)
            if has_failed and job is not None:
                self._send_webhook(job, FAILED, reason=reason)
        return has_failed

    def _send_webhook(self, job: Job, event: str, **more: JSONValue) -> None:
        account = self._sandbox.accounts.by_id(job.account_id)
        if account is not None:
            share = "INBOX_SHARE" if job.mode == "inbox" else "DIRECT_POST"
            content = {"publish_id": job.publish_id, **more, "publish_type": share}
            self._webhooks.send(account, event, content, job.publish_id)

    # Ending

    def run_due(self) -> None:
        """End every job whose time has come by the clock."""
        now = self._sandbox.clock.now()
        sql = "SELECT * FROM jobs WHERE state = 'processing' AND received_at <= ? ORDER BY received_at, number"
        for row in self._sandbox.store.all(sql, now - SECONDS):
            job = _job(row)
            if not self._sandbox.faults.holds(job.fault_id):
                self._end(job, min(now, (job.received_at or now) + SECONDS))

        self._end_moderations()

    def _end_moderations(self) -> None:
        """Tell of every public post whose moderation is over that it can be seen."""
        store = self._sandbox.store
        sql = "SELECT * FROM moderations WHERE due_at <= ? ORDER BY due_at, job_number"
        for row in store.all(sql, self._sandbox.clock.now()):
            with store.transaction():
                store.run("DELETE FROM moderations WHERE job_number = ?", row["job_number"])
                job = self.by_number(row["job_number"])
                if job is not None:
                    self._send_webhook(job, PUBLIC, post_id=str(row["post_id"]))

    def _run_due_work(self) -> None:
        """Finish posts by the clock while a webhook URL is set, without a status call."""
        if self._webhooks.is_on:
            self.run_due()

    def _next_due(self) -> float | None:
        if not self._webhooks.is_on:
            return None
        store, holds = self._sandbox.store, self._sandbox.faults.holds
        sql = "SELECT received_at, fault_id FROM jobs WHERE state = 'processing' ORDER BY received_at"
        jobs = (row["received_at"] + SECONDS for row in store.all(sql) if not holds(row["fault_id"]))
        public = (row["due"] for row in store.all("SELECT min(due_at) AS due FROM moderations") if row["due"])
        return min((*jobs, *public), default=None)

    def poll(self, call: Call, job: Job) -> Job:
        """Count one status call, let the job go as far as it may, and return it."""
        store = self._sandbox.store
        with store.transaction():
            over = job.state in {"complete", "inbox", "discarded"}
            if over:
                store.run("UPDATE jobs SET polls_when_over = polls_when_over + 1 WHERE number = ?", job.number)
            else:
                store.run("UPDATE jobs SET polls = polls + 1 WHERE number = ?", job.number)
                self.apply_fault(call, job.publish_id)
            job = self._reload(job)
            held = self._sandbox.faults.holds(job.fault_id)
            due = job.received_at is not None and self._sandbox.clock.now() >= job.received_at + SECONDS
            if job.state == "processing" and not held and (job.polls >= POLLS or due):
                self._end(job, self._sandbox.clock.now())
                store.run("UPDATE jobs SET polls_when_over = 1 WHERE number = ?", job.number)
                job = self._reload(job)
            if job.polls_when_over >= MODERATION_POLLS:
                store.run("UPDATE moderations SET due_at = ? WHERE job_number = ?", 0.0, job.number)
                self._end_moderations()
        return job

    def _reload(self, job: Job) -> Job:
        return self.find(job.publish_id) or job

    def _end(self, job: Job, now: float) -> None:
        """Make the post live, or put the draft into the inbox, in one transaction."""
        store = self._sandbox.store
        account = self._sandbox.accounts.by_id(job.account_id)
        if account is None:
            return
        with store.transaction():
            if job.mode == "inbox":
                store.run("UPDATE jobs SET state = 'inbox', completed_at = ? WHERE number = ?", now, job.number)
                self._send_webhook(job, INBOX)
            elif self._count_in_a_day(account) >= POSTS_PER_DAY:
                self._fail(job.publish_id, "spam_risk_too_many_posts")
            else:
                self._go_live(account, job, now)

    def _go_live(self, account: Account, job: Job, now: float) -> int:
        store = self._sandbox.store
        post_id = new_post_id(self._sandbox)
        self._sandbox.posts.add(
            "tiktok",
            account.id,
            kind=f"tiktok_{job.kind}",
            external_id=str(post_id),
            url=f"https://www.tiktok.com/@{account.handle}/{job.kind}/{post_id}",
            caption=job.caption,
            params=job.params,
            asset_ids=job.asset_ids,
            now=now,
            privacy=job.privacy,
        )
        store.run(
            "UPDATE jobs SET state = 'complete', completed_at = ?, post_ids = ? WHERE number = ?",
            now,
            json.dumps([post_id]),
            job.number,
        )
        self._send_webhook(job, COMPLETE)
        if self._webhooks.is_on and job.privacy != "SELF_ONLY":
            store.insert("moderations", job_number=job.number, post_id=post_id, due_at=now + MODERATION_SECONDS)
        return post_id

    def listed_ids(self, job: Job) -> list[int]:
        """Return the post ids that the status shows: none for private posts, and none before moderation is over."""
        if job.state != "complete" or job.privacy == "SELF_ONLY" or job.completed_at is None:
            return []
        waited = self._sandbox.clock.now() >= job.completed_at + MODERATION_SECONDS
        return list(job.post_ids) if waited or job.polls_when_over >= MODERATION_POLLS else []

    def cancel(self, job: Job) -> bool:
        """Stop a job that TikTok is still downloading for; False where it is too late."""
        canceled = job.state == "fetching" and self._fail(job.publish_id, "publish_cancelled")
        if canceled:
            self._sandbox.cancel_task(f"fetch {job.publish_id}")
        return canceled

    # Drafts

    def post_draft(self, publish_id: str) -> str | None:
        """Do what the person does in the app: post a draft from the inbox. Returns the post's id."""
        job = self.find(publish_id)
        account = None if job is None else self._sandbox.accounts.by_id(job.account_id)
        if job is None or account is None or job.state != "inbox":
            return None
        with self._sandbox.store.transaction():
            return str(self._go_live(account, job, self._sandbox.clock.now()))

    def discard_draft(self, publish_id: str) -> bool:
        """Do what the person does in the app: throw a draft away. TikTok documents no status for it, so it keeps the
        one it has. False where none of that id waits in an inbox."""
        sql = "UPDATE jobs SET state = 'discarded' WHERE publish_id = ? AND state = 'inbox'"
        return self._sandbox.store.run(sql, publish_id) > 0

    def revoke(self, account: Account, reason: int) -> int:
        """Do what the person does in the app's settings: revoke the authorization. Return how many tokens were revoked."""
        store = self._sandbox.store
        with store.transaction():
            killed = self._sandbox.tokens.kill_account(account.id, "revoked")
            sql = "SELECT publish_id FROM jobs WHERE account_id = ? AND state IN (?, ?, ?, ?) ORDER BY number"
            for row in store.all(sql, account.id, *OPEN):
                self._fail(row["publish_id"], "auth_removed")
            self._webhooks.authorization_removed(account, reason)
        return killed

    def taken_down(self, post: Post) -> None:
        """Record that a post was removed: it is no longer listed, and a webhook event is sent."""
        store, job = self._sandbox.store, self._with_post(post.account_id, post.external_id)
        if job is None:
            return
        store.run("UPDATE jobs SET post_ids = '[]' WHERE number = ?", job.number)
        store.run("DELETE FROM moderations WHERE job_number = ?", job.number)
        if job.privacy != "SELF_ONLY":
            self._send_webhook(job, NOT_PUBLIC, post_id=post.external_id)

    def inbox(self, account: Account) -> list[Job]:
        """Return the drafts that wait in a person's inbox, newest first."""
        sql = "SELECT * FROM jobs WHERE account_id = ? AND mode = 'inbox' AND state = 'inbox' ORDER BY number DESC"
        return [_job(row) for row in self._sandbox.store.all(sql, account.id)]

    def drafts(self, handle: str | None) -> Iterator[JSONValue]:
        """Return drafts that arrived, as the control surface shows them, oldest first."""
        rows = self._sandbox.store.pages(
            "SELECT jobs.* FROM jobs JOIN accounts ON accounts.id = jobs.account_id"
            " WHERE mode = 'inbox' AND state IN ('inbox', 'complete', 'discarded') AND (?1 IS NULL OR handle = ?1)",
            "number",
            handle,
        )
        return (self._draft(_job(row)) for row in rows)

    def _draft(self, job: Job) -> JSONValue:
        account = self._sandbox.accounts.by_id(job.account_id)
        post = None
        if job.post_ids:
            post = self._sandbox.posts.by_external_id("tiktok", str(job.post_ids[0]))
        stamp = job.completed_at if post is None else post.created_at
        return {
            "platform": "tiktok",
            "handle": "" if account is None else account.handle,
            "kind": f"tiktok_{job.kind}",
            "publishId": job.publish_id,
            "externalId": None if post is None else post.external_id,
            "url": None if post is None else post.url,
            "status": "PUBLISH_COMPLETE" if job.state == "complete" else "SEND_TO_USER_INBOX",
            "isDiscarded": job.state == "discarded",
            "caption": job.caption,
            "params": job.params,
            "media": [asset.to_json() for asset in self._sandbox.media_store.assets(job.asset_ids)],
            "comments": [],
            "createdAt": iso(stamp or job.created_at),
        }


def reason_of(fault: Fault) -> str:
    """Return the fail_reason of a media_error fault: its value's code."""
    return text_of(fault.value.get("code")) or "file_format_check_failed"
