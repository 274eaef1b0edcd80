"""A process that refreshes tokens as a worker does: housekeeping, and posts that need a token, all at the same moment.

Started as `python -m tests.worker.refresher DSN BASE_URL DATA_DIR`; says `ready`, waits for a line, prints one line of JSON:
a digest of the token that each account's post got, or the name of the error.
"""

import asyncio
import hashlib
import json
import random
import sys
from pathlib import Path
from uuid import UUID

from presswork.accounts.account_jobs import AccountJob, RefreshJobs
from presswork.accounts.tokens import access_token
from presswork.core.clock import SystemClock
from presswork.core.enums import Environment
from presswork.crypto.keyring import load_keyring
from presswork.db.pool import pool_of
from presswork.platforms.errors import PlatformError
from presswork.platforms.names import LoginName
from presswork.platforms.registry import Platforms
from presswork.platforms.settings import Settings


def digest(token: str) -> str:
    """Return what can be compared and shown of a token."""
    return hashlib.sha256(token.encode()).hexdigest()[:16]


async def refresh_round(jobs: RefreshJobs, *, limit: int = 500) -> int:
    """Refresh what is due, as a worker does, sixteen at a time; return how many accounts were claimed."""
    turns = asyncio.Semaphore(jobs.concurrency)

    async def run(job: AccountJob) -> None:
        async with turns:
            await jobs.run(job)

    claimed = await jobs.claim(limit)
    async with asyncio.TaskGroup() as group:
        for job in claimed:
            group.create_task(run(job))
    return len(claimed)


async def main(dsn: str, base_url: str, data_dir: str) -> None:
    """Open what a worker has, wait for the word, refresh."""
    settings, clock = Settings(_env_file=None, data_dir=Path(data_dir)), SystemClock()
    keyring = load_keyring(settings)
    async with pool_of(dsn, min_size=2, max_size=8) as pool, Platforms(settings, base_url=base_url) as platforms:
        rows = await pool.fetch("SELECT id, login FROM social_accounts")

        async def post(account_id: UUID, login: str) -> str:
            platform = platforms.get(LoginName(login), Environment.TEST)
            try:
                return digest(await access_token(pool, keyring, platform, account_id, clock=clock))
            except PlatformError as error:
                return type(error).__name__

        print("ready", flush=True)  # noqa: T201  how it speaks to the test
        await asyncio.to_thread(sys.stdin.readline)
        shuffled = random.sample(rows, len(rows))
        got, *_ = await asyncio.gather(
            asyncio.gather(*(post(row["id"], row["login"]) for row in shuffled)),
            refresh_round(RefreshJobs(pool, keyring, platforms, clock)),
        )
    print(json.dumps({str(row["id"]): one for row, one in zip(shuffled, got, strict=True)}), flush=True)  # noqa: T201  as above


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
