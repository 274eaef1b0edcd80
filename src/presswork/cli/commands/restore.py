"""`presswork restore`: what a backup holds, brought back where nothing is yet."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.filesize import decimal

from presswork.backup.archive import Contents
from presswork.backup.reading import examine
from presswork.backup.restore import Choices, Restored, Target, restore_backup
from presswork.backup.restore_reconciliation import Doubt
from presswork.cli.commands.backup import PART_NAMES, described
from presswork.cli.database import connected
from presswork.cli.options import AsJSON, DataDir
from presswork.cli.output import byte_counts, console, own_command, plain_refusals, print_json, print_table
from presswork.cli.run.data_dir_lock import claimed
from presswork.cli.run.processes import stop_as_interrupt
from presswork.cli.run.setup import read_settings, sandbox_file, set_up_admin
from presswork.core.clock import SystemClock
from presswork.core.settings import Settings
from presswork.core.timestamps import read_instant, write_instant

app: Final = typer.Typer(add_completion=False)

COUNTED: Final = ("doubtedPosts", "doubtedTexts", "droppedScheduleCalls", "lostAccounts")
_SENTENCES: Final = {
    "doubtedPosts": "{:,} posts were at work or due, and may have gone live after the backup. None is posted again: when a "
    "worker runs, it asks the platforms where it can, and ends the others as failed (OUTCOME_UNKNOWN).",
    "doubtedTexts": "{:,} text messages may have been sent after the backup, and are not sent again.",
    "droppedScheduleCalls": "{:,} schedule calls that waited for approval are overdue, and were dropped: approved after the "
    "backup, they were posted. Schedule them again if they were not.",
    "lostAccounts": "{:,} accounts have to be connected again, since their secret keys are gone.",
}
_CHECKING: Final = {name: f"{shown}, checked" for name, shown in PART_NAMES.items()}


@app.command()
def main(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `presswork backup` wrote.")],
    check: Annotated[
        bool, typer.Option("--check", help="Only see whether the file is whole, and what is in it.")
    ] = False,
    ran_until: Annotated[
        str | None,
        typer.Option(
            metavar="INSTANT",
            help="When the service of the backup ended, like 2026-11-24T18:30:00Z. Posts that were due later go out.",
            show_default="now",
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Nothing ran after the backup was taken: all posts go on as they were.")
    ] = False,
    keys_are_lost: Annotated[
        bool,
        typer.Option("--keys-are-lost", help="Go on without the secret keys: each account has to be connected again."),
    ] = False,
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """Restore a backup into an empty data folder, or the empty database that PRESSWORK_DATABASE_URL names.

    All of it, or nothing. A backup of an earlier version is brought up to date. Posts that may have gone live after the
    backup was taken are not posted again; they end as failed with OUTCOME_UNKNOWN unless their platform knows them.
    """
    stop_as_interrupt()
    if resume and ran_until is not None:
        raise typer.BadParameter("--resume says that nothing ran after the backup, --ran-until that something did.")
    ended_at = _instant(ran_until)
    with plain_refusals(as_json=as_json):
        settings = read_settings(data_dir=data_dir)
        set_up_admin(settings)
        source = file.expanduser().absolute()
        with byte_counts(_CHECKING) as told:
            contents = examine(source, told)
        if check:
            _tell_contents(source, contents, as_json=as_json)
            return
        now = SystemClock().now()
        doubt = Doubt(None if resume else ended_at or max(now, contents.facts.taken_at))
        target = Target(settings=settings, connect=connected, sandbox=sandbox_file(settings).parent)
        with claimed(settings.data_dir), byte_counts(PART_NAMES) as told:
            restored = restore_backup(
                source, contents, target, Choices(doubt=doubt, are_keys_lost=keys_are_lost), now=now, told=told
            )
    if as_json:
        print_json(_as_json(restored))
        return
    out = console()
    for line in _lines(settings, restored):
        out.print(line, markup=False)


def _instant(text: str | None) -> datetime | None:
    try:
        return None if text is None else read_instant(text)
    except ValueError as error:
        raise typer.BadParameter(f"--ran-until {error}.") from error


def _tell_contents(file: Path, contents: Contents, *, as_json: bool) -> None:
    if as_json:
        print_json({"file": str(file), **described(contents)})
        return
    facts = contents.facts
    out = console()
    taken = f"{file} is whole: a backup of {write_instant(facts.taken_at)} by Presswork {facts.presswork}."
    out.print(taken, markup=False)
    rows = [(name, part.files, decimal(part.size_bytes), part.sha256) for name, part in contents.parts.items()]
    print_table(("part", "files", "size", "sha256 of its list"), rows, empty="It is empty.")


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
    """Yield what a person has to know, the most pressing first."""
    facts, counts = restored.contents.facts, restored.counts
    yield f"Restored as of {write_instant(facts.taken_at)}: {restored.posts:,} posts, {restored.accounts:,} connected accounts."
    if restored.migrated:
        yield f"The schema was brought up to date: {len(restored.migrated)} step(s)."
    yield from (sentence.format(counts[name]) for name, sentence in _SENTENCES.items() if counts.get(name))
    if restored.waiting and restored.next_due_at is not None:
        yield (
            f"{restored.waiting:,} posts wait for their time, the next until {write_instant(restored.next_due_at)}. What was "
            "canceled or rescheduled after the backup is as it was before: look through them first."
        )
    if restored.keys:
        yield (
            f"{restored.keys:,} API keys work. Keys that were revoked or killed after the backup are among them: compare "
            f"`{own_command()} key list`, and revoke them again."
        )
    if restored.accounts:
        yield "Accounts whose tokens were renewed after the backup may have to be connected again: see the list of accounts."
    yield f"Start it with `{own_command()} up`." if settings.database_url is None else "Start the API and the workers."
