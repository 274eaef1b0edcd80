"""What X counts: calls in windows of 15 minutes, posts of an account and of an app in a day, and what each call costs.

Source: xdevplatform/docs (2026-08), "Rate limits" and "Pricing" (2026-04-20), read 2026-11; the limits of `me`, of reads by id and of
the status of media are general knowledge. The daily posts of an account are those of X's help page, at second hand.
What is read twice on one day of UTC is charged once; a call that is refused is not charged.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.clock import DAY
from presswork_sandbox.core import Sandbox
from presswork_sandbox.tokens import Token
from presswork_sandbox.x.errors import CAPPED, NO_CREDITS, RATE_LIMITED, XRefusal
from presswork_sandbox.x.rules import Rules

WINDOW: Final = 15 * 60.0
HALF_HOUR: Final = 30 * 60.0
USER_LIMITS: Final[Mapping[str, int]] = {
    "me": 75,
    "media_initialize": 1875,
    "media_append": 1875,
    "media_finalize": 1875,
    "media_status": 1875,
    "media_upload": 500,
    "media_metadata": 500,
    "tweets": 100,
    "tweet": 900,
    "tweets_lookup": 900,
    "user_tweets": 900,
    "search_recent": 300,
    "hide_reply": 50,
    "delete": 50,
}
"""Calls of a user in 15 minutes; the rules have that of `tweets`."""
DAILY_POSTS: Final = 50  # of an account without a subscription
DAILY_REPLIES: Final = 200
SUBSCRIBER_POSTS: Final = 2400
POST: Final = 15_000
LINK_POST: Final = 200_000
SUMMONED_REPLY: Final = 10_000
ALT_TEXT: Final = 5_000
DELETION: Final = 10_000
READ: Final = 5_000
OWN_READ: Final = 1_000
USER_READ: Final = 10_000
"""Prices, in millionths of a dollar."""
FREE: Final = "None"


def subscription_of(account: Account) -> str:
    """Return what an account subscribes to: None, Basic, Premium or PremiumPlus."""
    value = account.settings.get("subscriptionType")
    return value if isinstance(value, str) else FREE


@dataclass(frozen=True, slots=True, kw_only=True)
class _Window:
    limit: int
    used: int
    ends_at: float

    def headers(self, prefix: str) -> Mapping[str, str]:
        return {
            f"{prefix}-limit": str(self.limit),
            f"{prefix}-remaining": str(max(0, self.limit - self.used)),
            f"{prefix}-reset": str(int(self.ends_at)),
        }


class Limits:
    """Count calls, posts and money."""

    def __init__(self, sandbox: Sandbox, rules: Rules) -> None:
        self._sandbox = sandbox
        self._rules = rules

    def count_call(self, operation: str, token: Token, account: Account) -> dict[str, str]:
        """Count a call, and return the headers that say what is left. Raises XRefusal with HTTP 429."""
        limit = self._rules.count("userPostsPerWindow") if operation == "tweets" else USER_LIMITS[operation]
        with self._sandbox.store.transaction():
            user = self._count(f"{operation} {token.client_id} {account.id}", limit, WINDOW)
            headers = dict(user.headers("x-rate-limit"))
            over = user.used > limit
            if operation == "tweets":
                limit = self._rules.count("appPostsPerDay")
                app = self._count(f"{operation} {token.client_id}", limit, DAY)
                headers |= app.headers("x-app-limit-24hour")
                over = over or app.used > limit
        if over:
            raise XRefusal(RATE_LIMITED, headers)
        return headers

    def _count(self, key: str, limit: int, seconds: float) -> _Window:
        store, now = self._sandbox.store, self._sandbox.clock.now()
        store.run("DELETE FROM x_windows WHERE key = ? AND ends_at <= ?", key, now)
        sql = (
            "INSERT INTO x_windows VALUES (?, 1, ?) ON CONFLICT (key) DO UPDATE SET used = min(used, ?) + 1"
            " RETURNING used, ends_at"
        )
        row = store.one(sql, key, now + seconds, limit)
        return _Window(limit=limit, used=row["used"], ends_at=row["ends_at"])

    def check_daily(self, account: Account, headers: Mapping[str, str], *, is_reply: bool) -> None:
        """Raise XRefusal if the account has posted as much as it may in a day, by all clients together."""
        now, is_subscriber = self._sandbox.clock.now(), subscription_of(account) != FREE
        own = account.settings.get("replyQuotaTotal" if is_reply else "quotaTotal")
        limit, seconds = (DAILY_REPLIES if is_reply else DAILY_POSTS), DAY
        if is_subscriber:
            limit, seconds = int(SUBSCRIBER_POSTS * HALF_HOUR / DAY), HALF_HOUR
        if isinstance(own, int):
            limit, seconds = own, DAY
        row = self._sandbox.store.one(
            "SELECT count(*) AS n, min(created_at) AS first FROM x_posts"
            " WHERE account_id = ? AND created_at > ? AND (replied_to IS NOT NULL) = ?",
            account.id,
            now - seconds,
            is_reply,
        )
        if row["n"] >= limit:
            window = _Window(limit=limit, used=limit, ends_at=(row["first"] or now) + seconds)
            raise XRefusal(RATE_LIMITED, {**headers, **window.headers("x-user-limit-24hour")})

    # Money

    def check_credits(self) -> None:
        """Raise XRefusal if no credit is left, or the spending limit is reached."""
        spent = self._rules.spent()
        for name, problem in (("creditsUsd", NO_CREDITS), ("spendingLimitUsd", CAPPED)):
            amount = self._rules.amount(name)
            if amount is not None and spent >= amount:
                raise XRefusal(problem)

    def charge(self, token: Token, account: Account, item: str, amount: int, resource: str) -> None:
        """Charge an amount, in millionths of a dollar. Belongs in a transaction."""
        self._sandbox.store.insert(
            "x_charges",
            client_id=token.client_id,
            account_id=account.id,
            item=item,
            resource=resource,
            amount=amount,
            day=int(self._sandbox.clock.now() // DAY),
        )

    def charge_reads(self, token: Token, account: Account, item: str, reads: Iterable[tuple[str, int]]) -> None:
        """Charge what was read and its price, each thing once a day."""
        store, day = self._sandbox.store, int(self._sandbox.clock.now() // DAY)
        sql = "SELECT 1 FROM x_charges WHERE client_id = ? AND item = ? AND resource = ? AND day = ?"
        with store.transaction():
            for resource, amount in reads:
                if store.first(sql, token.client_id, item, resource, day) is None:
                    self.charge(token, account, item, amount, resource)
