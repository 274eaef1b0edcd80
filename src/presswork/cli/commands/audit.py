"""`presswork audit`: read and prune the audit log of the installation."""

import json
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated, Final

import typer

from presswork.audit.model import Action, Entry
from presswork.audit.read import latest_entries
from presswork.audit.record import prune
from presswork.callers.model import ActorKind
from presswork.cli.actor import here
from presswork.cli.database import run_on_database
from presswork.cli.options import AsJSON, DataDir, OnlyOrg, Wide
from presswork.cli.output import plain_refusals, print_json, print_result, print_table
from presswork.cli.run.setup import read_settings
from presswork.cli.table import Layout
from presswork.core.clock import SystemClock
from presswork.core.errors import Invalid, Issue
from presswork.core.ids import AUDIT, KEY, OPERATOR, USER, public_id
from presswork.core.timestamps import read_instant, write_instant

app: Final = typer.Typer(add_completion=False, no_args_is_help=True, help="Read and prune the audit log.")


@app.command("list")
def list_latest(
    org: OnlyOrg = None,
    action: Annotated[
        Action | None, typer.Option("--action", metavar="ACTION", help="Show this action only, such as key.create.")
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", min=1, max=10_000, help="Maximum number of entries.")
    ] = 100,
    wide: Wide = False,
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """List the latest entries, newest first, of all organizations and of the installation itself."""
    found = run_on_database(
        lambda connection, _: latest_entries(connection, organization=org, action=action, limit=limit),
        data_dir=data_dir,
        as_json=as_json,
    )
    if as_json:
        print_json({"items": [_as_json(one) for one in found]})
        return
    print_table(
        ("at", "organization", "environment", "action", "object", "by", "request"),
        [
            (
                one.at,
                one.organization,
                None if one.environment is None else one.environment.value,
                one.action.value,
                one.object_id,
                _by(one),
                one.actor.request_id,
            )
            for one in found
        ],
        empty="There are no such entries.",
        layout=Layout(
            drop=("environment", "request", "organization", "by"),
            cut=("organization", "by"),
            below=("object",),
        ),
        wide=wide,
    )


@app.command("prune")
def prune_old(
    before: Annotated[
        str | None,
        typer.Option(
            "--before",
            metavar="INSTANT",
            help="Delete entries older than this: 2026-01-01, or 2026-01-01T00:00:00Z. Without it: older than PRESSWORK_KEEP_AUDIT_LOG.",
        ),
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """Delete old entries permanently. This requires the owner of the tables, and is recorded in the log."""
    now = SystemClock().now()
    with plain_refusals(as_json=as_json):
        instant = _kept_since(data_dir, now) if before is None else _instant(before)
    count = run_on_database(
        lambda connection, _: prune(connection, before=instant, by=here(), now=now), data_dir=data_dir, as_json=as_json
    )
    document = {"before": write_instant(instant), "lines": count}
    print_result(document, f"{count} entries deleted.", as_json=as_json)


def _kept_since(data_dir: Path | None, now: datetime) -> datetime:
    keep = read_settings(data_dir=data_dir).keep_audit_log
    if keep is None:
        sentence = "It is required while PRESSWORK_KEEP_AUDIT_LOG is not set: entries are kept for ever."
        raise Invalid([Issue("before", sentence, "missing")])
    return now - keep


def _instant(text: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    except ValueError:
        pass
    try:
        return read_instant(text)
    except ValueError as error:
        sentence = "It must be a date such as 2026-01-01, or a time such as 2026-01-01T00:00:00Z."
        raise Invalid([Issue("before", sentence, "bad_instant")]) from error


def _by(one: Entry) -> str:
    actor = one.actor
    if actor.kind is ActorKind.API_KEY and actor.key_id is not None:
        return public_id(KEY, actor.key_id)
    return " ".join(part for part in (actor.kind.value, actor.name) if part)


def _as_json(one: Entry) -> dict[str, object]:
    actor = one.actor
    return {
        "id": public_id(AUDIT, one.id),
        "at": write_instant(one.at),
        "organization": one.organization,
        "environment": None if one.environment is None else one.environment.value,
        "action": one.action.value,
        "actor": {
            "kind": actor.kind.value,
            "keyId": None if actor.key_id is None else public_id(KEY, actor.key_id),
            "userId": None if actor.user_id is None else public_id(USER, actor.user_id),
            "operatorId": None if actor.operator_id is None else public_id(OPERATOR, actor.operator_id),
            "name": actor.name,
        },
        "objectId": one.object_id,
        "requestId": actor.request_id,
        "detail": json.loads(one.detail),
    }
