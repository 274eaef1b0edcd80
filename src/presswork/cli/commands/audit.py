"""`presswork audit`: read and prune the audit log of the installation."""

import json
from datetime import UTC, date, datetime, time
from typing import Final

from presswork.audit.model import Action, Entry
from presswork.audit.read import latest_entries
from presswork.audit.record import prune
from presswork.callers.model import ActorKind
from presswork.cli.administration import Admin, on_database
from presswork.cli.command import Commands, Output, sentences, table_of_rows
from presswork.cli.options import OnlyOrg, option
from presswork.core.errors import Invalid, Issue
from presswork.core.ids import AUDIT, KEY, OPERATOR, USER, public_id
from presswork.core.timestamps import read_instant

commands: Final = Commands(on_database, "Read and prune the audit log.")


@commands.listing("list")
async def list_latest(
    admin: Admin,
    org: OnlyOrg = None,
    action: Action | None = option("--action ACTION", "Show this action only, such as key.create."),
    limit: int = option("--limit N", "Maximum number of entries.", 100, min=1, max=10_000),
) -> Output:
    """List the latest entries, newest first, of all organizations and of the installation itself."""
    entries = await latest_entries(admin.connection, organization=org, action=action, limit=limit)
    return table_of_rows(
        ("at", "organization", "environment", "action", "object", "by", "request"),
        [
            (
                one.at,
                one.organization,
                one.environment,
                one.action,
                one.object_id,
                _name_actor(one),
                one.actor.request_id,
            )
            for one in entries
        ],
        document={"items": [_describe_entry(one) for one in entries]},
        empty="There are no such entries.",
        drop=("environment", "request", "organization", "by"),
        cut=("organization", "by"),
        below=("object",),
    )


@commands.command("prune")
async def prune_old(
    admin: Admin,
    before: str | None = option(
        "--before INSTANT",
        "Delete entries older than this: 2026-01-01, or 2026-01-01T00:00:00Z. Without it: older than PRESSWORK_KEEP_AUDIT_LOG.",
    ),
) -> Output:
    """Delete old entries permanently. This requires the owner of the tables, and is recorded in the log."""
    instant = _find_cutoff(admin) if before is None else _read_instant(before)
    count = await prune(admin.connection, before=instant, by=admin.by, now=admin.now)
    return sentences({"before": instant, "lines": count}, f"{count} entries deleted.")


def _find_cutoff(admin: Admin) -> datetime:
    if admin.settings.keep_audit_log is None:
        sentence = "It is required while PRESSWORK_KEEP_AUDIT_LOG is not set: entries are kept for ever."
        raise Invalid([Issue("before", sentence, "missing")])
    return admin.now - admin.settings.keep_audit_log


def _read_instant(text: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    except ValueError:
        pass
    try:
        return read_instant(text)
    except ValueError as error:
        sentence = "It must be a date such as 2026-01-01, or a time such as 2026-01-01T00:00:00Z."
        raise Invalid([Issue("before", sentence, "bad_instant")]) from error


def _name_actor(entry: Entry) -> str:
    actor = entry.actor
    if actor.kind is ActorKind.API_KEY and actor.key_id is not None:
        return public_id(KEY, actor.key_id)
    return " ".join(part for part in (actor.kind, actor.name) if part)


def _describe_entry(entry: Entry) -> dict[str, object]:
    actor = entry.actor
    return {
        "id": public_id(AUDIT, entry.id),
        "at": entry.at,
        "organization": entry.organization,
        "environment": entry.environment,
        "action": entry.action,
        "actor": {
            "kind": actor.kind,
            "keyId": None if actor.key_id is None else public_id(KEY, actor.key_id),
            "userId": None if actor.user_id is None else public_id(USER, actor.user_id),
            "operatorId": None if actor.operator_id is None else public_id(OPERATOR, actor.operator_id),
            "name": actor.name,
        },
        "objectId": entry.object_id,
        "requestId": actor.request_id,
        "detail": json.loads(entry.detail),
    }
