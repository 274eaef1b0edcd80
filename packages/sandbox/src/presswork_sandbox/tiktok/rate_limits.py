"""TikTok's limits per user token and minute, as a sliding window of sandbox time.

Source: TikTok, rate limits of each endpoint of the Content Posting API, read 2026-11.
"""

from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.core import Sandbox
from presswork_sandbox.tiktok.errors import TikTokRefusal

PER_MINUTE: Final = {
    "creator_info": 20,
    "video_init": 6,
    "inbox_init": 6,
    "content_init": 6,
    "status_fetch": 30,
    "user_info": 600,
    "video_list": 600,
    "video_query": 600,
}
MINUTE: Final = 60.0


def count_call(sandbox: Sandbox, account: Account, operation: str) -> None:
    """Count one call. Raises TikTokRefusal with rate_limit_exceeded where it is one too many for the minute."""
    max_calls = PER_MINUTE.get(operation)
    if max_calls is None:
        return
    store, now = sandbox.store, sandbox.clock.now()
    with store.transaction():
        store.run(
            "DELETE FROM hits WHERE account_id = ? AND operation = ? AND at <= ?", account.id, operation, now - MINUTE
        )
        row = store.one("SELECT count(*) AS n FROM hits WHERE account_id = ? AND operation = ?", account.id, operation)
        if row["n"] >= max_calls:
            raise TikTokRefusal("rate_limit_exceeded", f"More than {max_calls} calls a minute.")
        store.insert("hits", account_id=account.id, operation=operation, at=now)
