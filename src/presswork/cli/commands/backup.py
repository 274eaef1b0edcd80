"""`presswork backup` and `restore`: everything in one file, and from it into an empty place."""

import asyncio
import socket
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

import typer
from rich.filesize import decimal

from presswork.backup.archive import DUMP, KEY, MEDIA, SANDBOX, examine
from presswork.backup.model import Contents, MediaPlace, NothingToBackUp
from presswork.backup.restore import Restored, Target, restore_backup
from presswork.backup.restore_reconciliation import Reconciliation
from presswork.backup.take import Source, take_backup
from presswork.cli.administration import on_settings
from presswork.cli.command import Commands, Output, sentences
from presswork.cli.database import database
from presswork.cli.options import argument, option
from presswork.cli.output import own_command, print_table, say
from presswork.cli.own_process import stop_as_interrupt
from presswork.cli.progress import byte_counts
from presswork.cli.run.data_dir_lock import claimed
from presswork.cli.run.setup import absolute, sandbox_file
from presswork.core.clock import Clock, SystemClock
from presswork.core.errors import PressworkError
from presswork.core.timestamps import read_instant, write_instant
from presswork.db.embedded import describe
from presswork.db.errors import DATABASE_ERRORS
from presswork.db.one_connection import connected
from presswork.db.queries import load
from presswork.doctor.model import Backup
from presswork.doctor.store import record_backup
from presswork.platforms.settings import Settings

commands: Final = Commands(on_settings)

_SQL: Final = load("presswork.cli")
_PARTS: Final = {DUMP: "Database", MEDIA: "Media", SANDBOX: "Sandbox"}
"""Names of the parts of a backup in the output for people."""
_CHECKED_PARTS: Final = {name: f"{shown}, checked" for name, shown in _PARTS.items()}
_NOT_RECORDED: Final = (
    "The database could not record this backup, so GET /v1/system does not show it: the role or the server may be read-only, "
    "or migrations are pending."
)
_SENTENCES: Final = {  # about what a restore counts
    "reconciledPosts": "{:,} posts were being published or were due, and may have gone live after the backup. None is "
    "published again: a worker looks them up on their platforms where it can, and ends the others as failed "
    "(OUTCOME_UNKNOWN).",
    "reconciledTexts": "{:,} text messages may have been sent after the backup, and are not sent again.",
    "droppedScheduleCalls": "{:,} overdue schedule calls that waited for approval were dropped: if they were approved after "
    "the backup, they were published. Schedule them again if they were not.",
    "revokedPostingLinks": "{:,} TikTok posting links were revoked: one that posted after the backup would post again. Make new "
    "ones where the post is missing.",
    "lostAccounts": "{:,} accounts have to be connected again, because their secret keys are lost.",
}


@commands.command()
def backup(
    settings: Settings,
    file: Path = argument("FILE", "The file to write. An earlier backup is replaced.", ...),
    without_keys: bool = option("--without-keys", "Leave the generated secret key out. Keep it elsewhere.", False),
) -> Output:
    """Write the database, local media, the sandbox's state and the secret key into one file. Works while Presswork runs.

    The file appears when it is complete. With the key in it, it gives access to every account: protect it like a password.
    """
    stop_as_interrupt()
    target = absolute(file)
    if settings.database_url is None and not describe(settings.data_dir).is_initialised:
        raise NothingToBackUp(f"{settings.data_dir} holds no database, so there is nothing to back up.")
    with database(settings) as dsn, byte_counts(_PARTS) as progress:
        source = Source(settings=settings, dsn=dsn, connect=connected, sandbox=sandbox_file(settings).parent)
        contents = take_backup(source, target, with_keys=not without_keys, now=SystemClock().now(), progress=progress)
        size_bytes = target.stat().st_size
        is_recorded = asyncio.run(_try_to_record(dsn, target, size_bytes, contents))
    return sentences(
        {"file": str(target), "sizeBytes": size_bytes, **_describe_contents(contents)},
        f"{target}: {decimal(size_bytes)}, as of {write_instant(contents.facts.taken_at)}.",
        *_advise_on_keys(settings, contents),
        *([] if is_recorded else [_NOT_RECORDED]),
    )


async def _try_to_record(dsn: str, target: Path, size_bytes: int, contents: Contents) -> bool:
    """Record a backup in the database it is of. The file is complete in any case."""
    taken = Backup(
        taken_at=contents.facts.taken_at,
        finished_at=SystemClock().now(),
        file=str(target),
        host=socket.gethostname(),
        size_bytes=size_bytes,
        has_keys=KEY in contents.parts,
        media=contents.facts.media.value,
    )
    try:
        async with connected(dsn) as connection:
            await record_backup(connection, taken)
    except (PressworkError, *DATABASE_ERRORS):
        return False
    return True


def _describe_contents(contents: Contents) -> dict[str, object]:
    """Return a manifest as a JSON document."""
    facts = contents.facts
    return {
        "takenAt": facts.taken_at,
        "presswork": facts.presswork,
        "migration": max(facts.migrations, default=None),
        "postgresql": facts.server,
        "workersSeen": facts.workers,
        "media": facts.media.value,
        "hasKeys": KEY in contents.parts,
        "parts": {name: {"files": part.files, "sizeBytes": part.size_bytes} for name, part in contents.parts.items()},
    }


def _advise_on_keys(settings: Settings, contents: Contents) -> Iterator[str]:
    if contents.facts.media is MediaPlace.BUCKET:
        yield "Media is in a bucket and not in this file. Enable versioning on the bucket."
    if KEY in contents.parts:
        yield "It holds the secret key, which gives access to every account. Protect the file like a password."
    elif settings.secret_keys is not None:
        yield "The secret keys are in PRESSWORK_SECRET_KEYS and not in this file. Keep them: no account works without them."
    elif contents.facts.keys:
        yield f"The secret key is not in this file. Keep {settings.data_dir / KEY}: no account works without it."


@commands.command()
def restore(
    settings: Settings,
    file: Path = argument("FILE", "What `presswork backup` wrote.", ...),
    check: bool = option("--check", "Only check that the file is complete, and show what is in it.", False),
    ran_until: str | None = option(
        "--ran-until INSTANT",
        "When the service of the backup ended, like 2026-11-24T18:30:00Z. Posts due later are published.",
        show_default="now",
    ),
    resume: bool = option(
        "--resume", "Nothing ran after the backup was taken: all posts continue as they were.", False
    ),
    keys_are_lost: bool = option(
        "--keys-are-lost", "Restore without the secret keys: each account has to be connected again.", False
    ),
) -> Output:
    """Restore a backup into an empty data folder, or the empty database that PRESSWORK_DATABASE_URL names.

    All of it, or nothing. A backup of an earlier version is migrated. Posts that may have gone live after the backup was
    taken are not published again; they end as failed with OUTCOME_UNKNOWN unless their platform reports them as live.
    """
    stop_as_interrupt()
    if resume and ran_until is not None:
        raise typer.BadParameter("--resume and --ran-until exclude each other. Use one of them.")
    ended_at = _read_instant(ran_until)
    source = absolute(file)
    with byte_counts(_CHECKED_PARTS) as progress:
        contents = examine(source, progress)
    if check:
        document = {"file": str(source), **_describe_contents(contents)}
        return Output(document=document, show=lambda **_: _print_contents(source, contents))
    now = asyncio.run(latest_now(settings, SystemClock()))
    reconciliation = Reconciliation(
        ran_until=None if resume else ended_at or max(now, contents.facts.taken_at), are_keys_lost=keys_are_lost
    )
    target = Target(settings=settings, connect=connected, sandbox=sandbox_file(settings).parent)
    with claimed(settings.data_dir), byte_counts(_PARTS) as progress:
        restored = restore_backup(source, contents, target, reconciliation, now=now, progress=progress)
    return sentences(_describe_restored(restored), *_report_restored(settings, restored))


async def latest_now(settings: Settings, clock: Clock) -> datetime:
    """Return the time by the later of two clocks, this machine's and the database server's, UTC.

    The service may have run until then: a slow clock of this machine must not make posts due again that it published.
    """
    if settings.database_url is None:
        return clock.now()  # the embedded server uses the clock of this machine
    async with connected(settings.database_url.get_secret_value()) as connection:
        server_time: datetime = await connection.fetchval(_SQL["server_time"])
    return max(clock.now(), server_time)


def _read_instant(text: str | None) -> datetime | None:
    try:
        return None if text is None else read_instant(text)
    except ValueError as error:
        raise typer.BadParameter(f"--ran-until {error}") from error


def _print_contents(file: Path, contents: Contents) -> None:
    facts = contents.facts
    say(f"{file} is complete: a backup of {write_instant(facts.taken_at)} by Presswork {facts.presswork}.")
    rows = [(name, part.files, decimal(part.size_bytes)) for name, part in contents.parts.items()]
    print_table(("part", "files", "size"), rows, empty="It is empty.")


def _describe_restored(restored: Restored) -> dict[str, object]:
    return {
        **_describe_contents(restored.contents),
        "migrationsApplied": list(restored.migrated),
        "posts": restored.posts,
        "waitingPosts": restored.waiting,
        "nextDueAt": restored.next_due_at,
        "connectedAccounts": restored.accounts,
        "workingKeys": restored.keys,
        **{name: restored.counts.get(name, 0) for name in _SENTENCES},
    }


def _report_restored(settings: Settings, restored: Restored) -> Iterator[str]:
    """Yield what the operator needs to know, the most urgent first."""
    facts, counts = restored.contents.facts, restored.counts
    yield f"Restored as of {write_instant(facts.taken_at)}: {restored.posts:,} posts, {restored.accounts:,} connected accounts."
    if restored.migrated:
        yield f"The schema was migrated: {len(restored.migrated)} migration(s)."
    yield from (sentence.format(counts[name]) for name, sentence in _SENTENCES.items() if counts.get(name))
    if restored.waiting and restored.next_due_at is not None:
        yield (
            f"{restored.waiting:,} posts are scheduled, the next for {write_instant(restored.next_due_at)}. Posts canceled or "
            "rescheduled after the backup are scheduled as before: review them first."
        )
    if restored.keys:
        yield (
            f"{restored.keys:,} API keys are active. Keys revoked or killed after the backup are among them: check "
            f"`{own_command()} key list`, and revoke them again."
        )
    if restored.accounts:
        yield "Accounts whose tokens were refreshed after the backup may have to be connected again: check the list of accounts."
    yield f"Start it with `{own_command()} up`." if settings.database_url is None else "Start the API and the workers."
