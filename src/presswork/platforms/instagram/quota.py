"""How many posts an account may still publish within 24 hours, and when it may publish the next.

The total differs between accounts and between Meta's pages, so only the numbers that Instagram returns count. It does not
return when the quota has room again; that is computed from when the posts went live that Presswork published.
Source: Meta, "Content Publishing Limit" and "IG User Media" (containers), read 2026-11.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pydantic import JsonValue

from presswork.platforms.errors import CredentialInvalid, FailureCode, PlatformError, Rejected, TryLater
from presswork.platforms.findings import Advice, Findings, Problem, Warned, found
from presswork.platforms.graph.client import Graph
from presswork.platforms.graph.responses import first_of
from presswork.platforms.instagram.media_rules import QUOTA_ADVICE
from presswork.platforms.port import Credentials, Draft, Job, Limit, TargetAccount

STEP: Final = "content_publishing_limit"
CONTAINERS: Final = Limit(
    call="media",
    most=400,
    window=timedelta(hours=24, minutes=1),
    late_by=timedelta(minutes=10),
    sentence="Instagram accepts 400 uploads within 24 hours from an account, and each item of a carousel is one, as is the "
    "carousel itself. The account has used them up.",
)
USED_UP: Final = 2207042
"""The subcode for a used-up quota."""
_DAY: Final = timedelta(hours=24)
NEARLY_USED_UP: Final = 5
"""With so few posts left, another client may use the last one while Instagram processes the media."""
_SPARE: Final = timedelta(seconds=2)
"""Margin for the difference between Instagram's clock and ours."""


@dataclass(frozen=True, slots=True)
class Quota:
    """Posts published within the last 24 hours, and the maximum."""

    used: int
    total: int
    window: timedelta = _DAY

    @property
    def left(self) -> int:
        """How many more posts may be published."""
        return self.total - self.used

    @property
    def is_full(self) -> bool:
        """Whether the quota is used up."""
        return self.used >= self.total

    def validate(self, draft: Draft) -> Findings:
        """Check that the quota has room for a post and for those to the same account before it."""
        left = self.left - draft.ahead
        numbers: dict[str, JsonValue] = {"reason": "quota", "value": self.used, "limit": self.total, "unit": "posts"}
        before = f"{draft.ahead} of this call go first; " if draft.ahead else ""
        usage = f"{self._usage}; {before}"
        if left <= 0:
            sentence = f"{usage}it would wait until the quota has room. Publish it later."
            return found(Problem(FailureCode.PLATFORM_RATE_LIMITED, sentence, {**numbers, "left": 0}))
        if left <= QUOTA_ADVICE:
            sentence = f"{usage}{left} {'is' if left == 1 else 'are'} left, this one included."
            return found(Warned(Advice.QUOTA_LOW, sentence, {**numbers, "left": left}))
        return Findings()

    @property
    def _usage(self) -> str:
        return (
            f"The account has published {self.used} of the {self.total} posts that Instagram lets it publish within "
            "24 hours"
        )

    def exhausted_error(self, own: Sequence[datetime], *, now: datetime) -> TryLater:
        """Return TryLater (throttled) for a used-up quota; `own`: when posts went live from here, oldest first.

        Where these are all that Instagram counts, the wait is exact. Where other tools published too, their posts may
        leave the window sooner, at unknown times.
        """
        counted = [at for at in own if at > now - self.window][-max(self.used, 1) :]
        leaving = self.used - self.total  # index of the post that has to leave the window first, the oldest being 0
        wait = None
        if leaving < len(counted):
            wait = max(counted[leaving] + self.window - now, timedelta()) + _SPARE
        is_exact = len(counted) >= self.used
        return TryLater(
            f"{self._usage}.",
            advice="Publish again when some of them are older than 24 hours.",
            step=STEP,
            retry_after=wait if is_exact else None,
            at_latest=wait,
            is_throttled=True,
        )


async def read_quota(graph: Graph, account: TargetAccount, credentials: Credentials) -> Quota | None:
    """Fetch the quota; None where the response has no total. Raises TryLater, Rejected, CredentialInvalid."""
    path = f"{account.external_id}/content_publishing_limit"
    body = first_of(await graph.read(credentials, path, {"fields": "quota_usage,config"}, step=STEP))
    config, used = body.get("config"), body.get("quota_usage")
    if not isinstance(config, dict) or not isinstance(used, int):
        return None
    total, seconds = config.get("quota_total"), config.get("quota_duration")
    if not isinstance(total, int) or total <= 0:
        return None
    window = timedelta(seconds=seconds) if isinstance(seconds, int) and seconds > 0 else _DAY
    return Quota(used, total, window)


async def find_room(graph: Graph, job: Job) -> Quota | None:
    """Return the quota if it has room, or None where it can't be read: that blocks nothing. Raises TryLater (throttled)
    when it is used up.
    """
    try:
        quota = await read_quota(graph, job.account, job)
    except PlatformError:
        return None  # media_publish itself returns 9/2207042 when the quota is used up
    if quota is not None and quota.is_full:
        now = job.now()
        raise quota.exhausted_error(await job.published_since(now - quota.window), now=now)
    return quota


async def with_wait(graph: Graph, job: Job, refused: PlatformError) -> PlatformError:
    """Return the error for a used-up quota with the computed wait, where that is possible."""
    try:
        await find_room(graph, job)
    except TryLater as full:
        if isinstance(refused, TryLater):
            return refused.with_timing(retry_after=full.retry_after, at_latest=full.at_latest)
    return refused


async def fetch_quota(graph: Graph, account: TargetAccount, credentials: Credentials) -> Quota:
    """Fetch the quota for preflight; errors that do not concern publishing become TryLater.

    Raises Rejected and CredentialInvalid only where the account may not publish at all.
    """
    try:
        quota = await read_quota(graph, account, credentials)
    except CredentialInvalid:
        raise
    except Rejected as error:
        if error.failure in {FailureCode.ACCOUNT_NOT_ELIGIBLE, FailureCode.CREDENTIAL_INVALID}:
            raise
        raise TryLater(f"Instagram did not report how many posts are left: {error.what}", step=STEP) from error
    if quota is None:
        raise TryLater("Instagram did not report how many posts are left.", step=STEP)
    return quota
