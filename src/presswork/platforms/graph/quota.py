"""How many posts an account may still publish within 24 hours, and when it may publish the next.

The total differs between accounts and between Meta's pages, so only the numbers that the platform returns count. It does not
return when the quota has room again; that is computed from when the posts went live that Presswork published.
Source: Meta, "Content Publishing Limit" (Instagram API), "Overview", rate limiting (Threads API), read 2026-11.
"""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import datetime, timedelta
from typing import Final

from pydantic import JsonValue

from presswork.platforms.errors import FailureCode, PlatformError, Rejected, TryLater
from presswork.platforms.findings import Advice, Findings, Problem, Warned, found
from presswork.platforms.graph.client import Graph, first_of
from presswork.platforms.limits import LimitEffect
from presswork.platforms.port import AccountQuota, Credentials, Draft, Job, TargetAccount
from presswork.platforms.rules import Stated

_DAY: Final = timedelta(hours=24)
NEARLY_USED_UP: Final = 5
"""With so few posts left, another client may use the last one while the platform processes the media."""
QUOTA_ADVICE: Final = 5
"""Preflight warns when at most this many posts are left within 24 hours."""
_SPARE: Final = timedelta(seconds=2)
"""Margin for the difference between the platform's clock and ours."""


def quota_limits(platform: str) -> Sequence[Stated]:
    """Return what the documentation says about the quota."""
    left = f"more than {QUOTA_ADVICE}"
    return (
        Stated(what="Posts within 24 hours", limit=f"what {platform} reports of the account"),
        Stated(what="Posts left within 24 hours", limit=left, effect=LimitEffect.WARNING),
    )


@dataclass(frozen=True, slots=True)
class Quota:
    """Posts published within the last 24 hours, and the maximum."""

    used: int
    total: int
    platform: str
    call: str
    """The step of the call that reports it."""
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
        usage = f"{self._describe_usage()}; {before}"
        if left <= 0:
            sentence = f"{usage}it would wait until the quota has room. Publish it later."
            return found(Problem(FailureCode.PLATFORM_RATE_LIMITED, sentence, {**numbers, "left": 0}))
        if left <= QUOTA_ADVICE:
            sentence = f"{usage}{left} {'is' if left == 1 else 'are'} left, this one included."
            return found(Warned(Advice.QUOTA_LOW, sentence, {**numbers, "left": left}))
        return Findings()

    def _describe_usage(self) -> str:
        return (
            f"The account has published {self.used} of the {self.total} posts that {self.platform} lets it publish within "
            "24 hours"
        )

    def explain_exhausted(self, own: Sequence[datetime], *, now: datetime) -> TryLater:
        """Return TryLater (throttled) for a used-up quota; `own`: when posts went live from here, oldest first.

        Where these are all that the platform counts, the wait is exact. Where other tools published too, their posts may
        leave the window sooner, at unknown times.
        """
        counted = [at for at in own if at > now - self.window][-max(self.used, 1) :]
        leaving = self.used - self.total  # index of the post that has to leave the window first, the oldest being 0
        wait = None
        if leaving < len(counted):
            wait = max(counted[leaving] + self.window - now, timedelta()) + _SPARE
        is_exact = len(counted) >= self.used
        return TryLater(
            f"{self._describe_usage()}.",
            advice="Publish again when some of them are older than 24 hours.",
            step=self.call,
            retry_after=wait if is_exact else None,
            at_latest=wait,
            is_throttled=True,
        )


@dataclass(frozen=True, slots=True)
class QuotaCall:
    """The call that reports one quota of an account."""

    graph: Graph
    call: str
    """Its name, which is also that of the step."""
    _: KW_ONLY
    used_field: str = "quota_usage"
    config_field: str = "config"

    async def read(self, account: TargetAccount, credentials: Credentials) -> Quota | None:
        """Fetch the quota; None where the response has no total. Raises TryLater, Rejected, CredentialInvalid."""
        fields = {"fields": f"{self.used_field},{self.config_field}"}
        path = f"{account.external_id}/{self.call}"
        body = first_of(await self.graph.read(credentials, path, fields, step=self.call))
        config, used = body.get(self.config_field), body.get(self.used_field)
        if not isinstance(config, dict) or not isinstance(used, int):
            return None
        total, seconds = config.get("quota_total"), config.get("quota_duration")
        if not isinstance(total, int) or total <= 0:
            return None
        window = timedelta(seconds=seconds) if isinstance(seconds, int) and seconds > 0 else _DAY
        return Quota(used, total, self.graph.brand.name, self.call, window)

    async def find_room(self, job: Job) -> Quota | None:
        """Return the quota if it has room, or None where it can't be read: that blocks nothing. Raises TryLater (throttled)
        when it is used up.
        """
        try:
            quota = await self.read(job.account, job)
        except PlatformError:
            return None  # the call that publishes is refused when the quota is used up
        if quota is not None and quota.is_full:
            now = job.now()
            raise quota.explain_exhausted(await job.published_since(now - quota.window), now=now)
        return quota

    async def with_wait(self, job: Job, refused: TryLater) -> TryLater:
        """Return the error for a used-up quota with the computed wait, where that is possible."""
        try:
            await self.find_room(job)
        except TryLater as full:
            return refused.with_timing(retry_after=full.retry_after, at_latest=full.at_latest)
        return refused

    async def fetch(self, account: TargetAccount, credentials: Credentials) -> Quota:
        """Fetch the quota for preflight; errors that do not concern publishing become TryLater.

        Raises Rejected and CredentialInvalid only where the account may not publish at all.
        """
        unknown = f"{self.graph.brand.name} did not report how many posts are left"
        try:
            quota = await self.read(account, credentials)
        except Rejected as error:
            if error.failure in {FailureCode.ACCOUNT_NOT_ELIGIBLE, FailureCode.CREDENTIAL_INVALID}:
                raise
            raise TryLater(f"{unknown}: {error.what}", step=self.call) from error
        if quota is None:
            raise TryLater(f"{unknown}.", step=self.call)
        return quota

    async def fetch_usage(self, account: TargetAccount, credentials: Credentials) -> AccountQuota | None:
        """Fetch the quota for `SupportsQuota`. Raises Rejected, CredentialInvalid, TryLater."""
        quota = await self.read(account, credentials)
        return None if quota is None else AccountQuota(used=quota.used, limit=quota.total, window=quota.window)
