"""Reads the status of a post by its publish id, and derives its outcome."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from presswork.platforms.errors import CredentialInvalid, PlatformError, Rejected, TryLater
from presswork.platforms.failed_reads import LONGEST_HINT
from presswork.platforms.findings import in_seconds
from presswork.platforms.json_values import text_of
from presswork.platforms.port import CannotTell, Job, Live, Located, Mode, NotLive, Outcome, Processing, RetryPolicy
from presswork.platforms.rate_limits import reserve
from presswork.platforms.tiktok.api import Api
from presswork.platforms.tiktok.endpoints import STATUS_FETCH
from presswork.platforms.tiktok.progress import (
    OVERDUE_SINCE,
    PUBLISH_ID,
    UNREADABLE_SINCE,
    asked_at,
    instant,
    next_poll_delay,
    start_over,
    start_over_at_limit,
)
from presswork.platforms.tiktok.quota import MAX_STATUS_WAIT, STATUS_READS, with_wait_until_room
from presswork.platforms.tiktok.responses import FailureEffect, fail_reason, post_ids, whole

STEP: Final = "status_fetch"
MAX_HINTS: Final = 3
"""How often in a row a Retry-After may postpone a status read before that counts as no response."""
OVERDUE_POLLS: Final = 4
"""Number of longest waits that a post gets beyond its limit, so that a worker that resumes late polls again."""

COMPLETE: Final = "PUBLISH_COMPLETE"
IN_INBOX: Final = "SEND_TO_USER_INBOX"
FAILED: Final = "FAILED"
UPLOADING: Final = "PROCESSING_UPLOAD"
DOWNLOADING: Final = "PROCESSING_DOWNLOAD"
_USERNAME: Final = re.compile(r"[\w.]{1,24}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostStatus:
    """One status read. `uploaded_bytes` None: not reported. `post_ids`: empty until moderation is over, or for ever."""

    name: str
    fail_reason: str | None
    uploaded_bytes: int | None
    post_ids: Sequence[str]


async def fetch_status(api: Api, job: Job, publish_id: str) -> PostStatus:
    """Read the status of a post. Raises TryLater, CredentialInvalid, and Rejected where TikTok refuses it."""
    data = (await api.ask(job, STATUS_FETCH, {"publish_id": publish_id}, step=STEP)).data
    name = text_of(data.get("status"))
    if name is None:
        raise TryLater("TikTok's response does not contain the post's status.", step=STEP)
    return PostStatus(
        name=name,
        fail_reason=text_of(data.get("fail_reason")),
        uploaded_bytes=whole(data.get("uploaded_bytes")),
        post_ids=post_ids(data),
    )


class StatusPoller:
    """Polls a post that has a publish id until its outcome is known."""

    def __init__(self, api: Api, retry_policy: RetryPolicy) -> None:
        """Store the API client and the retry policy."""
        self._api = api
        self._retry_policy = retry_policy

    async def read(self, job: Job, publish_id: str) -> PostStatus | CannotTell:
        """Read the status, or return Processing or CannotTell when it can't be read.

        No single refusal decides, not even one that looks final (an invalid token, an unknown publish id): the post
        may be live. The account may be connected again, the id may become known; so the status is polled until
        `unknown_after` has passed without a response, and then the outcome can't be determined.
        """
        try:
            await reserve(job, STATUS_READS, step=STEP, max_wait=MAX_STATUS_WAIT)
        except TryLater as throttled:
            return CannotTell(message=throttled.what, check_after=throttled.retry_after)
        try:
            status = await fetch_status(self._api, job, publish_id)
        except (TryLater, CredentialInvalid, Rejected) as error:
            return await self._unreadable(job, error)
        if UNREADABLE_SINCE in job.state:
            await job.save(**{UNREADABLE_SINCE: None})
        return status

    async def _unreadable(self, job: Job, error: PlatformError) -> CannotTell:
        now = job.now()
        since = instant(job.state.get(UNREADABLE_SINCE))
        if since is None:
            since = now
            await job.save(**{UNREADABLE_SINCE: now.isoformat()})
        hint = error.retry_after if isinstance(error, TryLater) else None
        hint = min(hint, LONGEST_HINT) if hint is not None else None
        # A Retry-After may be longer than `unknown_after`; a wait that TikTok requested does not count as a failed read.
        patience = (
            self._retry_policy.unknown_after
            if hint is None
            else max(self._retry_policy.unknown_after, MAX_HINTS * hint)
        )
        if now - since >= patience:
            return CannotTell(
                message=f"TikTok did not report for {in_seconds(now - since)}. The last time: {error.what}",
                check_after=None,
            )
        wait = next_poll_delay(now - since, self._retry_policy)
        what = f"TikTok can't report the outcome of the post now. {error.what}"
        return CannotTell(message=what, check_after=max(wait, hint) if hint is not None else wait, error=error)

    async def settle(self, job: Job, prepared: Mapping[str, JsonValue], status: PostStatus) -> Outcome:
        """Return the outcome for a status. Raises Rejected when the post failed for good."""
        if job.mode is Mode.DRAFT and status.name in (IN_INBOX, COMPLETE):
            return _in_inbox(job, prepared)
        if status.name == COMPLETE:
            return self.live(prepared, status)
        if status.name == FAILED:
            return await self._failed(job, status)
        waited = job.now() - asked_at(job, prepared)
        if waited < self._retry_policy.processing_limit or not await self._is_overdue(job):
            return Processing(
                message="TikTok is processing the post.", check_after=next_poll_delay(waited, self._retry_policy)
            )
        if status.name == DOWNLOADING and await job.revoke_media_urls():
            return await start_over(
                job,
                self._retry_policy,
                f"The post is not live: TikTok accepted it {in_seconds(waited)} ago, has not downloaded anything since, and now "
                "no longer can.",
            )
        return CannotTell(
            message=f"TikTok has been processing the post for {in_seconds(waited)} and has not reported the result. It may "
            "still appear.",
            check_after=None,
        )

    async def _is_overdue(self, job: Job) -> bool:
        """Whether a post that is past its limit has been polled several times since then."""
        since = instant(job.state.get(OVERDUE_SINCE))
        if since is None:
            await job.save(**{OVERDUE_SINCE: job.now().isoformat()})
            return False
        return job.now() - since >= OVERDUE_POLLS * self._retry_policy.poll_max

    def live(self, prepared: Mapping[str, JsonValue], status: PostStatus) -> Live:
        """Return a live post, with its id and address if TikTok has returned an id already."""
        external_id = status.post_ids[0] if status.post_ids else None
        return Live(external_id=external_id, external_url=self.link(prepared, external_id))

    def link(self, prepared: Mapping[str, JsonValue], external_id: str | None) -> str | None:
        """Return the public address of a post. Source: the form of TikTok's own share links."""
        username, kind = prepared.get("username"), prepared.get("kind")
        if external_id is None or not isinstance(username, str) or not isinstance(kind, str):
            return None
        return self._api.endpoints.post(username, kind, external_id)

    async def locate(self, job: Job, prepared: Mapping[str, JsonValue], publish_id: str | None) -> Located:
        """Fetch the id of a live post. Raises TryLater, Rejected, CredentialInvalid."""
        if publish_id is None:
            return Located(external_id=None, external_url=None)
        await reserve(job, STATUS_READS, step=STEP)
        live = self.live(prepared, await fetch_status(self._api, job, publish_id))
        return Located(external_id=live.external_id, external_url=live.external_url)

    async def _failed(self, job: Job, status: PostStatus) -> NotLive:
        reason = fail_reason(status.fail_reason)
        named = f" ({status.fail_reason})" if status.fail_reason else ""
        what = f"The post is not live: TikTok reported that it failed{named}. {reason.sentence}"
        match reason.effect:
            case FailureEffect.AGAIN:
                return await start_over(job, self._retry_policy, what, advice=reason.advice)
            case FailureEffect.CAPPED:
                capped = TryLater(
                    reason.sentence,
                    step=STEP,
                    advice=reason.advice,
                    is_throttled=True,
                    failure=reason.failure,
                    platform_code=status.fail_reason,
                )
                return await start_over_at_limit(job, what, await with_wait_until_room(job, capped))
            case FailureEffect.REJECTED:
                raise Rejected(
                    what,
                    advice=reason.advice,
                    step=STEP,
                    failure=reason.failure,
                    platform_code=status.fail_reason,
                )


def _in_inbox(job: Job, prepared: Mapping[str, JsonValue]) -> Live:
    """Return a delivered draft; if its creator has posted it already, `locate` reports that."""
    publish_id = job.state.get(PUBLISH_ID, prepared.get(PUBLISH_ID))
    handle = job.account.handle
    # An account without the permission to post returns no user name; then the handle is the display name.
    name = f"@{handle}" if _USERNAME.fullmatch(handle) else handle
    return Live(
        external_id=publish_id if isinstance(publish_id, str) else None,
        message=f"The draft is in the TikTok inbox of {name}. Its creator finishes and posts it in the TikTok app.",
    )
