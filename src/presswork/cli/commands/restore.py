"""`presswork restore`: restore a backup into an empty place."""

import asyncio
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.filesize import decimal

from presswork.backup.archive import examine
from presswork.backup.model import Contents
from presswork.backup.restore import Restored, Target, restore_backup
from presswork.backup.restore_reconciliation import Reconciliation
from presswork.cli.commands.backup import PART_NAMES, described
from presswork.cli.options import AsJSON, DataDir
from presswork.cli.output import (
    own_command,
    plain_refusals,
    print_json,
    print_result,
    print_table,
    say,
)
from presswork.cli.own_process import stop_as_interrupt
from presswork.cli.progress import byte_counts
from presswork.cli.run.data_dir_lock import claimed
from presswork.cli.run.setup import absolute, read_settings, sandbox_file, set_up_admin
from presswork.core.clock import Clock, SystemClock
from presswork.core.settings import Settings
from presswork.core.timestamps import read_instant, write_instant
from presswork.db.one_connection import connected
from presswork.db.queries import load

app: Final = typer.Typer(add_completion=False)

_SQL: Final = load("presswork.cli")

COUNTED: Final = ("reconciledPosts", "reconciledTexts", "droppedScheduleCalls", "revokedPostingLinks", "lostAccounts")
_SENTENCES: Final = {
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
_CHECKING: Final = {name: f"{shown}, checked" for name, shown in PART_NAMES.items()}


@app.command()
def main(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `presswork backup` wrote.")],
    check: Annotated[
        bool, typer.Option("--check", help="Only check that the file is complete, and show what is in it.")
    ] = False,
    ran_until: Annotated[
        str | None,
        typer.Option(
            metavar="INSTANT",
            help="When the service of the backup ended, like 2026-11-24T18:30:00Z. Posts due later are published.",
            show_default="now",
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Nothing ran after the backup was taken: all posts continue as they were.")
    ] = False,
    keys_are_lost: Annotated[
        bool,
        typer.Option(
            "--keys-are-lost", help="Restore without the secret keys: each account has to be connected again."
        ),
    ] = False,
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """Restore a backup into an empty data folder, or the empty database that PRESSWORK_DATABASE_URL names.

    All of it, or nothing. A backup of an earlier version is migrated. Posts that may have gone live after the backup was
    taken are not published again; they end as failed with OUTCOME_UNKNOWN unless their platform reports them as live.
    """
    stop_as_interrupt()
    if resume and ran_until is not None:
        raise typer.BadParameter("--resume and --ran-until exclude each other. Use one of them.")
    ended_at = _instant(ran_until)
    with plain_refusals(as_json=as_json):
        settings = read_settings(data_dir=data_dir)
        set_up_admin(settings)
        source = absolute(file)
        with byte_counts(_CHECKING) as progress:
            contents = examine(source, progress)
        if check:
            _print_contents(source, contents, as_json=as_json)
            return
        now = asyncio.run(latest_now(settings, SystemClock()))
        reconciliation = Reconciliation(
            ran_until=None if resume else ended_at or max(now, contents.facts.taken_at), are_keys_lost=keys_are_lost
        )
        target = Target(settings=settings, connect=connected, sandbox=sandbox_file(settings).parent)
        with claimed(settings.data_dir), byte_counts(PART_NAMES) as progress:
            restored = restore_backup(source, contents, target, reconciliation, now=now, progress=progress)
    print_result(_as_json(restored), *_lines(settings, restored), as_json=as_json)


async def latest_now(settings: Settings, clock: Clock) -> datetime:
    """Return the time by the later of two clocks, this machine's and the database server's, UTC.

    The service may have run until then: a slow clock of this machine must not make posts due again that it published.
    """
    if settings.database_url is None:
        return clock.now()  # the embedded server uses the clock of this machine
    async with connected(settings.database_url.get_secret_value()) as connection:
        server_time: datetime = await connection.fetchval(_SQL["server_time"])
    return max(clock.now(), server_time)


def _instant(text: str | None) -> datetime | None:
    try:
        return None if text is None else read_instant(text)
    except ValueError as error:
        raise typer.BadParameter(f"--ran-until {error}") from error


def _print_contents(file: Path, contents: Contents, *, as_json: bool) -> None:
    if as_json:
        print_json({"file": str(file), **described(contents)})
        return
    facts = contents.facts
    say(f"{file} is complete: a backup of {write_instant(facts.taken_at)} by Presswork {facts.presswork}.")
    rows = [(name, part.files, decimal(part.size_bytes)) for name, part in contents.parts.items()]
    print_table(("part", "files", "size"), rows, empty="It is empty.")


def _as_json(restored: Restored) -> dict[str, object]:
    return {
        **described(restored.contents),
        "migrationsApplied": list(restored.migrated),
        "posts": restored.posts,
        "waitingPosts": restored.waiting,
        "nextDueAt": None if restored.next_due_at is None else write_instant(restored.next_due_at),
        "connectedAccounts": restored.accounts,
        "workingKeys": restored.keys,
        **{name: restored.counts.get(name, 0) for name in COUNTED},
    }


def _lines(settings: Settings, restored: Restored) -> Iterator[str]:
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
