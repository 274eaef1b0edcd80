"""How many posts an account may still publish within 24 hours.

That differs between accounts and between Meta's pages, so only the numbers that Instagram tells count.
Source: Meta, "Content Publishing Limit", read 2026-11.
"""

from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from presswork.platforms.errors import CredentialInvalid, FailureCode, PlatformError, Rejected, TryLater
from presswork.platforms.findings import Advice, Findings, Problem, Warned, found
from presswork.platforms.instagram.answers import first_of
from presswork.platforms.instagram.graph import Graph
from presswork.platforms.instagram.media_rules import QUOTA_ADVICE
from presswork.platforms.port import Credentials, Draft, Job, Pace, TargetAccount

STEP: Final = "content_publishing_limit"
_WAIT: Final = 5
"""Times the longest wait: how long until the quota is read again. When it has room can't be asked, only whether."""


@dataclass(frozen=True, slots=True)
class Quota:
    """Posts published within the last 24 hours, and how many there may be."""

    used: int
    total: int

    @property
    def is_full(self) -> bool:
        """Whether no further post is let through now."""
        return self.used >= self.total

    def judge(self, draft: Draft) -> Findings:
        """Tell whether there is room for a post and those to the same account before it."""
        left = self.total - self.used - draft.ahead
        numbers: dict[str, JsonValue] = {"reason": "quota", "value": self.used, "limit": self.total, "unit": "posts"}
        before = f"{draft.ahead} of this call go first; " if draft.ahead else ""
        told = f"{self._told}; {before}"
        if left <= 0:
            sentence = f"{told}it would wait until there is room. Publish it later."
            return found(Problem(FailureCode.PLATFORM_RATE_LIMITED, sentence, {**numbers, "left": 0}))
        if left <= QUOTA_ADVICE:
            sentence = f"{told}{left} {'is' if left == 1 else 'are'} left, this one included."
            return found(Warned(Advice.QUOTA_LOW, sentence, {**numbers, "left": left}))
        return Findings()

    @property
    def _told(self) -> str:
        return (
            f"The account has published {self.used} of the {self.total} posts that Instagram lets it publish within "
            "24 hours"
        )

    def trouble(self, pace: Pace) -> TryLater | None:
        """Return TryLater (throttled) when the account has used up its posts."""
        if not self.is_full:
            return None
        return TryLater(
            f"{self._told}.",
            advice="Publish again when some of them are older than 24 hours.",
            step=STEP,
            retry_after=pace.backoff_max * _WAIT,
            is_throttled=True,
        )


async def read_quota(graph: Graph, account: TargetAccount, credentials: Credentials) -> Quota | None:
    """Ask for the quota; None where the answer names no total. Raises TryLater, Rejected, CredentialInvalid."""
    path = f"{account.external_id}/content_publishing_limit"
    body = first_of(await graph.ask(credentials, "GET", path, step=STEP, params={"fields": "quota_usage,config"}))
    config, used = body.get("config"), body.get("quota_usage")
    total = config.get("quota_total") if isinstance(config, dict) else None
    return Quota(used, total) if isinstance(total, int) and isinstance(used, int) and total > 0 else None


async def quota_trouble(graph: Graph, pace: Pace, job: Job) -> TryLater | None:
    """Return TryLater (throttled) when the account has used up its posts; a quota that can't be read blocks nothing."""
    try:
        quota = await read_quota(graph, job.account, job)
    except PlatformError:
        return None  # media_publish itself answers 9/2207042 when there is no room
    return None if quota is None else quota.trouble(pace)


async def ask_quota(graph: Graph, account: TargetAccount, credentials: Credentials) -> Quota:
    """Ask for the quota, for preflight: what tells nothing of publishing is TryLater.

    Raises Rejected and CredentialInvalid only where the account may not publish at all.
    """
    try:
        quota = await read_quota(graph, account, credentials)
    except CredentialInvalid:
        raise
    except Rejected as error:
        if error.failure in {FailureCode.ACCOUNT_NOT_ELIGIBLE, FailureCode.CREDENTIAL_INVALID}:
            raise
        raise TryLater(f"Instagram did not tell how many posts are left: {error.what}", step=STEP) from error
    if quota is None:
        raise TryLater("Instagram did not tell how many posts are left.", step=STEP)
    return quota
