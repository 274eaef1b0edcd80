"""`presswork audit`: the audit log of the whole installation."""

from datetime import UTC, date, datetime, time
from typing import Annotated, Final

import typer

from presswork.audit.model import Action, ActorKind
from presswork.audit.prune import prune
from presswork.audit.read import StoredEntry, latest_entries
from presswork.cli.actor import here
from presswork.cli.database import with_database
from presswork.cli.options import AsJSON, DataDir
from presswork.cli.output import console, plain_refusals, print_json, print_table
from presswork.cli.run.setup import read_settings, set_up_admin
from presswork.core.clock import SystemClock
from presswork.core.errors import Invalid, Issue
from presswork.core.ids import AUDIT, KEY, OPERATOR, public_id
from presswork.core.timestamps import read_instant, write_instant

app: Final = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Read the audit log, and drop old lines of it."
)


@app.command("list")
def list_latest(
    org: Annotated[str | None, typer.Option("--org", metavar="NAME", help="Only this organization's.")] = None,
    action: Annotated[
        Action | None, typer.Option("--action", metavar="ACTION", help="Only this action, like key.create.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many lines.")] = 100,
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """Show the latest lines, newest first, of every organization and of what belongs to none."""
    with plain_refusals(as_json=as_json):
        settings = read_settings(data_dir=data_dir)
        set_up_admin(settings)
        found = with_database(
            settings, lambda connection: latest_entries(connection, organization=org, action=action, limit=limit)
        )
    if as_json:
        print_json({"items": [_as_json(one) for one in found]})
        return
    print_table(
        ("at", "organization", "environment", "action", "object", "by", "request"),
        [
            (
                write_instant(one.entry.at),
                one.organization,
                None if one.entry.environment is None else one.entry.environment.value,
                one.entry.action.value,
                one.entry.object_id,
                _by(one),
                one.entry.actor.request_id,
            )
            for one in found
        ],
        empty="There are no such lines.",
    )


@app.command("prune")
def drop_old(
    before: Annotated[
        str,
        typer.Option("--before", metavar="INSTANT", help="Lines older than this: 2026-01-01, or 2026-01-01T00:00:00Z."),
    ],
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """Delete old lines for good. Only the owner of the tables can; the log says that it was done."""
    with plain_refusals(as_json=as_json):
        instant = _instant(before)
        settings = read_settings(data_dir=data_dir)
        set_up_admin(settings)
        now = SystemClock().now()
        count = with_database(settings, lambda connection: prune(connection, before=instant, by=here(), now=now))
    if as_json:
        print_json({"before": write_instant(instant), "lines": count})
    else:
        console().print(f"{count} lines are gone.")


def _instant(text: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    except ValueError:
        pass
    try:
        return read_instant(text)
    except ValueError as error:
        sentence = "It must be a date like 2026-01-01, or an instant like 2026-01-01T00:00:00Z."
        raise Invalid([Issue("before", sentence, "bad_instant")]) from error


def _by(one: StoredEntry) -> str:
    actor = one.entry.actor
    if actor.kind is ActorKind.API_KEY and actor.key_id is not None:
        return public_id(KEY, actor.key_id)
    return " ".join(part for part in (actor.kind.value, actor.name) if part)


def _as_json(one: StoredEntry) -> dict[str, object]:
    entry, actor = one.entry, one.entry.actor
    return {
        "id": public_id(AUDIT, one.id),
        "at": write_instant(entry.at),
        "organization": one.organization,
        "environment": None if entry.environment is None else entry.environment.value,
        "action": entry.action.value,
        "actor": {
            "kind": actor.kind.value,
            "keyId": None if actor.key_id is None else public_id(KEY, actor.key_id),
            "operatorId": None if actor.operator_id is None else public_id(OPERATOR, actor.operator_id),
            "name": actor.name,
        },
        "objectId": entry.object_id,
        "requestId": actor.request_id,
        "detail": dict(entry.detail),
    }
