"""Checks of the work itself: workers, the queue, accounts, and whether the secret keys open what is sealed."""

from datetime import timedelta
from typing import Final

from presswork.accounts.vault import open_tokens
from presswork.cli.doctor.finding import Finding, fail, ok, warn
from presswork.core.clock import SystemClock
from presswork.core.errors import PressworkError
from presswork.core.settings import Settings
from presswork.crypto.keyring import Keyring, SealBroken, find_keyring
from presswork.db.pool import Connection
from presswork.db.queries import load
from presswork.telemetry.queue_metrics import MOST, Backlog, read_backlog

_SQL: Final = load("presswork.cli.doctor", "doctor.sql")

_CLOCK_AHEAD: Final = timedelta(seconds=5)
_MOST_LETTERS: Final = 200
_WEBHOOKS_LATE: Final = timedelta(minutes=5)


async def check_work(settings: Settings, connection: Connection) -> list[Finding]:
    """Look at what there is to do and whether it is done. Needs the current schema."""
    backlog = await read_backlog(connection, now=SystemClock().now())
    return [
        _workers(backlog),
        *[
            fail(
                f"clock of worker {row['id']}",
                f"It is {row['ahead'].total_seconds():.0f} s ahead of the database server's.",
                "Let every machine set its clock by NTP: leases are compared between machines.",
            )
            for row in await connection.fetch(_SQL["workers_ahead"], _CLOCK_AHEAD)
        ],
        queue(backlog, late_after=settings.ready_late_after),
        *await _missing_settings(connection),
        *await _troubles(connection),
        accounts(backlog),
        webhooks(backlog),
        *await _seals(settings, connection),
    ]


def _workers(backlog: Backlog) -> Finding:
    if backlog.workers:
        return ok("workers", f"{backlog.workers} seen lately")
    found, fix = (
        "None was seen in the last 15 seconds",
        "Start one with `presswork worker`, or all with `presswork up`.",
    )
    open_posts = backlog.due + backlog.lapsed + backlog.at_work
    if open_posts:
        return fail("workers", f"{found}, and {_many(open_posts)} post(s) are due.", fix)
    return warn("workers", f"{found}; nothing is due.", fix)


def queue(backlog: Backlog, *, late_after: timedelta) -> Finding:
    """Validator whether posts wait for nothing but a worker."""
    if backlog.late_by <= late_after:
        return ok("queue", f"{_many(backlog.due)} due, {_many(backlog.at_work)} at work, none late")
    late = f"A post has been waiting for a worker for {backlog.late_by.total_seconds():.0f} s"
    if backlog.lapsed:
        return fail(
            "queue",
            f"{late}; {_many(backlog.lapsed)} have a lease that has ended and that nobody takes over.",
            "Start a worker, or see the logs of those that run: docs/operations.md, PressworkPostsLate.",
        )
    return fail(
        "queue",
        f"{late}.",
        "Start more workers, or see the logs of those that run: docs/operations.md, PressworkPostsLate.",
    )


async def _missing_settings(connection: Connection) -> list[Finding]:
    return [
        fail(
            f"setting {place}" if place > 1 else "setting",
            f"{row['posts']} post(s) wait for a setting: {row['waits_for']}",
            "Set it for every worker and start them again; posts that wait end as failed after two days.",
        )
        for place, row in enumerate(await connection.fetch(_SQL["missing_settings"]), start=1)
    ]


async def _troubles(connection: Connection) -> list[Finding]:
    return [
        warn(
            f"posts in trouble on {row['platform']}",
            f"{row['posts']} post(s) are being tried again. One of them was told: {_short(row['message'] or '')}",
            "If it is the platform's, wait: posts are tried again by themselves. docs/why-a-post-failed.md tells the codes.",
        )
        for row in await connection.fetch(_SQL["troubles"])
    ]


def accounts(backlog: Backlog) -> Finding:
    """Tell of accounts whose access has ended."""
    if not backlog.accounts_to_reauth:
        return ok("accounts", "none needs to be connected again")
    return warn(
        "accounts",
        f"{_many(backlog.accounts_to_reauth)} account(s) have to be connected again; until then their posts fail.",
        "Have their owners log in again: POST /v1/social-accounts/{id}/reauth-url makes the link.",
    )


def webhooks(backlog: Backlog) -> Finding:
    """Tell of webhooks that are not delivered."""
    if backlog.webhook_endpoints_paused:
        return warn(
            "webhooks",
            f"{_many(backlog.webhook_endpoints_paused)} endpoint(s) are paused, since deliveries to them failed.",
            "Mend the receiver (GET /v1/webhook-endpoints/{id}/deliveries tells what it answered), then resume it.",
        )
    if backlog.oldest_webhook_for > _WEBHOOKS_LATE:
        waited = f"{backlog.oldest_webhook_for.total_seconds():.0f} s"
        return warn(
            "webhooks",
            f"{_many(backlog.webhooks_pending)} are to be delivered, and the oldest has been due for {waited}.",
            "See that workers run, and how slowly receivers answer: docs/operations.md, PressworkWebhooksLate.",
        )
    return ok("webhooks", f"{_many(backlog.webhooks_pending)} to be delivered, no endpoint paused by failures")


async def _seals(settings: Settings, connection: Connection) -> list[Finding]:
    """See whether the secret keys of this machine open what is sealed in the database."""
    name, sealed = "seals", [row["sealed_tokens"] for row in await connection.fetch(_SQL["some_tokens"])]
    if not sealed:
        return []
    fix = (
        "Put back the keys that this installation had (PRESSWORK_SECRET_KEYS, or secret.key in the data folder; it is in "
        "backups), the same on every machine. Without them every account has to be connected again."
    )
    try:
        keyring = find_keyring(settings)
    except (PressworkError, OSError):
        return []  # what is wrong with the keys themselves is the secret key's own finding
    if keyring is None:
        return [fail(name, "There are connected accounts, and no secret key here to open their tokens with.", fix)]
    unopened = sum(not _opens(keyring, one) for one in sealed)
    if unopened:
        return [fail(name, f"{unopened} of {len(sealed)} sealed tokens can't be opened with the keys here.", fix)]
    return [ok(name, "the secret keys here open what is sealed in the database")]


def _opens(keyring: Keyring, sealed: bytes) -> bool:
    try:
        open_tokens(keyring, sealed)
    except SealBroken:
        return False
    return True


def _many(count: int) -> str:
    return f"{count:,}" if count < MOST else f"{MOST:,} or more"


def _short(text: str) -> str:
    return text if len(text) <= _MOST_LETTERS else f"{text[:_MOST_LETTERS]}…"
