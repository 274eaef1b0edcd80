"""Reads the status of a post by its publish id, derives its outcome, and counts the attempts of a post that TikTok did not publish."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from pydantic import AwareDatetime, JsonValue

from presswork.platforms.api_client import Action
from presswork.platforms.errors import Rejected, TryLater, unavailable
from presswork.platforms.findings import in_seconds
from presswork.platforms.job_state import JobState
from presswork.platforms.json_values import instant_of, text_of
from presswork.platforms.port import REFERENCE, Failed, Job, Located, Mode, Present, Processing, RetryPolicy, Sighting
from presswork.platforms.rate_limits import reserve
from presswork.platforms.tiktok.api import STATUS_FETCH, Api, whole
from presswork.platforms.tiktok.error_mapping import fail_reason
from presswork.platforms.tiktok.rules import MAX_STATUS_WAIT, STATUS_READS, with_wait_until_room

STEP: Final = "status_fetch"
PUBLISH_ID: Final = REFERENCE
FEW_RESTARTS: Final = 3
"""Minimum number of attempts, however long the platform took to fail."""
MAX_RESTARTS: Final = 12
"""Maximum number of attempts, however fast the platform fails."""
COMPLETE: Final = "PUBLISH_COMPLETE"
IN_INBOX: Final = "SEND_TO_USER_INBOX"
FAILED: Final = "FAILED"
UPLOADING: Final = "PROCESSING_UPLOAD"
DOWNLOADING: Final = "PROCESSING_DOWNLOAD"
_USERNAME: Final = re.compile(r"[\w.]{1,24}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostStatus:
    """One status read. `uploaded_bytes` is None if it is not reported. `post_ids` is empty until moderation is over, and may stay so."""

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


@dataclass(frozen=True, slots=True)
class StatusPoller:
    """Polls a post that has a publish id until its outcome is known."""

    api: Api

    async def read(self, job: Job, publish_id: str) -> PostStatus:
        """Read the status within its rate limit. Raises TryLater, CredentialInvalid, and Rejected where TikTok refuses it."""
        await reserve(job, STATUS_READS, step=STEP, max_wait=MAX_STATUS_WAIT)
        return await fetch_status(self.api, job, publish_id)

    async def sighting(self, job: Job, prepared: Mapping[str, JsonValue], status: PostStatus) -> Sighting:
        """Return what a status shows."""
        if job.mode is Mode.DRAFT and status.name in (IN_INBOX, COMPLETE):
            return _describe_draft(job, prepared)
        if status.name == COMPLETE:
            return self.live(prepared, status)
        if status.name == FAILED:
            return await self._explain_failure(job, status)
        waited = job.now() - asked_at(job, prepared)
        is_overdue = waited >= self.api.retry_policy.processing_limit
        if is_overdue and status.name == DOWNLOADING and await job.revoke_media_urls():
            what = f"TikTok accepted it {in_seconds(waited)} ago, has not downloaded anything since, and now no longer can."
            return start_over(job, self.api.retry_policy, f"The post is not live: {what}")
        return Processing(message="TikTok is processing the post.")

    def live(self, prepared: Mapping[str, JsonValue], status: PostStatus) -> Present:
        """Return a live post, with its id and address if TikTok has returned an id already."""
        external_id = status.post_ids[0] if status.post_ids else None
        return Present(external_id=external_id, external_url=self.link(prepared, external_id))

    def link(self, prepared: Mapping[str, JsonValue], external_id: str | None) -> str | None:
        """Return the public address of a post. Source: the form of TikTok's own share links."""
        username, kind = prepared.get("username"), prepared.get("kind")
        if external_id is None or not isinstance(username, str) or not isinstance(kind, str):
            return None
        return self.api.endpoints.post(username, kind, external_id)

    async def locate(self, job: Job, prepared: Mapping[str, JsonValue], publish_id: str | None) -> Located:
        """Fetch the id of a live post. Raises TryLater, Rejected, CredentialInvalid."""
        if publish_id is None:
            return Located(external_id=None, external_url=None)
        await reserve(job, STATUS_READS, step=STEP)
        live = self.live(prepared, await fetch_status(self.api, job, publish_id))
        return Located(external_id=live.external_id, external_url=live.external_url)

    async def _explain_failure(self, job: Job, status: PostStatus) -> Failed:
        reason = fail_reason(status.fail_reason)
        named = f" ({status.fail_reason})" if status.fail_reason else ""
        what = f"The post is not live: TikTok reported that it failed{named}. {reason.sentence}"
        match reason.action:
            case Action.RECREATE:
                return start_over(job, self.api.retry_policy, what, advice=reason.advice)
            case Action.THROTTLE:
                capped = TryLater(
                    what,
                    step=STEP,
                    advice=reason.advice,
                    starts_over=True,
                    is_throttled=True,
                    failure=reason.failure,
                    platform_code=status.fail_reason,
                )
                return Failed(reason=await with_wait_until_room(job, capped))
            case _:
                failure, code = reason.failure, status.fail_reason
                return Failed(
                    reason=Rejected(what, advice=reason.advice, step=STEP, failure=failure, platform_code=code)
                )


def _describe_draft(job: Job, prepared: Mapping[str, JsonValue]) -> Present:
    """Return a delivered draft; if its creator has posted it already, `locate` reports that."""
    publish_id = job.state.get(PUBLISH_ID, prepared.get(PUBLISH_ID))
    handle = job.account.handle
    # An account without the permission to post returns no user name; then the handle is the display name.
    name = f"@{handle}" if _USERNAME.fullmatch(handle) else handle
    return Present(
        external_id=publish_id if isinstance(publish_id, str) else None,
        message=f"The draft is in the TikTok inbox of {name}. Its creator finishes and posts it in the TikTok app.",
    )


def post_ids(data: Mapping[str, JsonValue]) -> list[str]:
    """Return the public ids of a post, oldest first; empty until moderation is over and for posts that aren't public.

    The field is spelled `publicaly_available_post_id`; lists of numbers are documented, single values and strings occur.
    """
    value = data.get("publicaly_available_post_id", data.get("publicly_available_post_id"))
    values = value if isinstance(value, list) else [value]
    texts = (str(one) for one in values if isinstance(one, int | str) and not isinstance(one, bool))
    return [text for text in texts if text.isascii() and text.isdigit() and text.strip("0")]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Restarts:
    """How often the post started over."""

    count: int
    since: AwareDatetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempts(JobState):
    """What is stored of the attempts before this one."""

    keep_restarts: _Restarts | None = None
    keep_not_before: AwareDatetime | None = None
    """When the next attempt is due, UTC."""


def asked_at(job: Job, prepared: Mapping[str, JsonValue]) -> datetime:
    """Return since when this attempt has been waiting for the platform, UTC: the irreversible call, or the prepare."""
    known = [at for at in (job.live_call_at, instant_of(prepared.get("prepared_at"))) if at is not None]
    return max(known, default=job.now())


def begin_attempt(job: Job, *, step: str) -> None:
    """Check that the next attempt is due after one that ended without a post. Raises TryLater until then."""
    if (wait := wait_until_next(job)) > timedelta():
        raise TryLater("TikTok did not publish the post at the last try.", step=step, retry_after=wait)


def start_over(job: Job, retry_policy: RetryPolicy, message: str, *, advice: str = "Publish again later.") -> Failed:
    """Return the end of this attempt, of which nothing is live or can become live, and schedule the next one.

    After too many attempts, the post ends.
    """
    restarts = _Attempts.load(job.state).keep_restarts or _Restarts(count=0, since=job.now())
    count, is_long = restarts.count, job.now() - restarts.since >= retry_policy.fault_limit
    if count >= MAX_RESTARTS or (count >= FEW_RESTARTS and is_long):
        what = f"{message} Presswork tried {count + 1} times and gave up; nothing was published."
        return Failed(reason=unavailable(what, advice=advice, step=STEP))
    next_at = job.now() + retry_policy.backoff(count)
    again = _Attempts(keep_restarts=replace(restarts, count=count + 1), keep_not_before=next_at)
    reason = TryLater(message, advice=advice, step=STEP, starts_over=True)
    return Failed(reason=reason, changes=again.as_state())


def wait_until_next(job: Job) -> timedelta:
    """Return the wait until the next attempt, after `start_over`."""
    not_before = _Attempts.load(job.state).keep_not_before
    return timedelta() if not_before is None else max(timedelta(), not_before - job.now())
