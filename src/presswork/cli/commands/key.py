"""`presswork key`: create, list, revoke and kill API keys."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Final
from uuid import UUID

import typer

from presswork.audit.model import Action
from presswork.callers.model import Tier
from presswork.cli.actor import here
from presswork.cli.database import run_on_database
from presswork.cli.options import AsJSON, DataDir, OnlyOrg, Wide
from presswork.cli.output import print_alone, print_json, print_result, print_table
from presswork.cli.table import Layout
from presswork.core.clock import SystemClock
from presswork.core.enums import Environment
from presswork.core.errors import Invalid, Issue
from presswork.core.ids import KEY, OPERATOR, parse_id, public_id
from presswork.core.settings import Settings
from presswork.core.timestamps import write_instant
from presswork.db.pool import Connection
from presswork.orgs.key_model import NewKey
from presswork.orgs.keys import change_key_status, create_key, list_keys

app: Final = typer.Typer(add_completion=False, no_args_is_help=True, help="Create, list, revoke and kill API keys.")

Key = Annotated[
    str, typer.Argument(metavar="KEY", help="Key id (key_…), its lookup value in the list, or the key itself.")
]


@app.command()
def create(
    org: Annotated[
        str, typer.Option("--org", metavar="NAME", help="Organization of the key; created if it does not exist.")
    ],
    env: Annotated[
        Environment, typer.Option("--env", help="`test` uses the sandbox, `live` the real platforms.")
    ] = Environment.TEST,
    scopes: Annotated[
        list[str] | None,
        typer.Option(
            "--scopes",
            metavar="SCOPE,…",
            help="Scopes, separated by commas; can be repeated.",
            show_default="*, all except org:admin and metrics:read",
        ),
    ] = None,
    return_domain: Annotated[
        list[str] | None,
        typer.Option("--return-domain", metavar="HOST", help="Host that a login may return to; can be repeated."),
    ] = None,
    tier: Annotated[
        Tier, typer.Option("--tier", metavar="TIER", help=f"Rate limit of the key: {', '.join(Tier)}.")
    ] = Tier.UNLIMITED,
    operator: Annotated[
        str | None,
        typer.Option(
            "--operator",
            metavar="ID",
            help="Operator that the key belongs to.",
            show_default="the organization's primary operator",
        ),
    ] = None,
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help="Name of the key.")] = "",
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """Create a key, and its organization if it does not exist.

    The key is shown only once, as the only line on standard output; a hash of it is stored.
    """

    async def work(connection: Connection, _: Settings) -> NewKey:
        return await create_key(
            connection,
            organization=org,
            environment=env,
            scopes=_split(scopes) or ["*"],
            tier=tier,
            return_domains=_split(return_domain),
            operator_id=_operator_id(operator),
            name=name,
            now=SystemClock().now(),
            by=here(),
        )

    key = run_on_database(work, data_dir=data_dir, as_json=as_json)
    if as_json:
        print_json(shown_key(key))
        return
    print_alone(
        key.token.text,
        f"{key.key_id}, {key.environment}, {', '.join(key.scopes)}. Store the key: it is not shown again.",
    )


def shown_key(key: NewKey) -> dict[str, object]:
    """Return a new key as a JSON document, including its secret."""
    return {
        "key": key.token.text,
        "keyId": key.key_id,
        "organizationId": key.organization_id,
        "environment": key.environment.value,
        "scopes": list(key.scopes),
        "tier": key.tier.value,
    }


@app.command("list")
def list_all(
    org: OnlyOrg = None,
    wide: Wide = False,
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """List keys, oldest first, without their secrets."""
    rows = run_on_database(
        lambda connection, _: list_keys(connection, organization=org), data_dir=data_dir, as_json=as_json
    )
    items = [
        {
            "keyId": public_id(KEY, row["id"]),
            "lookup": row["lookup"],
            "name": row["name"],
            "organization": row["organization"],
            "environment": row["environment"],
            "scopes": list(row["scopes"]),
            "tier": row["tier"],
            "returnDomains": list(row["return_domains"]),
            "createdAt": write_instant(row["created_at"]),
            "lastUsedAt": None if row["last_used_at"] is None else write_instant(row["last_used_at"]),
            "revokedAt": None if row["revoked_at"] is None else write_instant(row["revoked_at"]),
            "killedAt": None if row["killed_at"] is None else write_instant(row["killed_at"]),
        }
        for row in rows
    ]
    if as_json:
        print_json({"items": items})
        return
    hidden = {"returnDomains", "createdAt", "lastUsedAt", "revokedAt", "killedAt"}
    print_table(
        ("key", "lookup", "name", "organization", "environment", "scopes", "tier", "state"),
        [[*(value for name, value in item.items() if name not in hidden), _state(item)] for item in items],
        empty="There are no such keys. Create one with `presswork key create --org NAME`.",
        layout=Layout(
            drop=("tier", "lookup", "scopes", "organization", "environment", "name"),
            cut=("name", "organization", "scopes"),
        ),
        wide=wide,
    )


def _state(item: dict[str, object]) -> str:
    return "revoked" if item["revokedAt"] else "killed" if item["killedAt"] else "active"


@app.command()
def revoke(key: Key, data_dir: DataDir = None, as_json: AsJSON = False) -> None:
    """Revoke a key permanently, on every API process at once. Calls with it return 401."""
    now = SystemClock().now()
    _change(
        lambda connection: change_key_status(connection, key, Action.KEY_REVOKE, now=now, by=here()),
        "revoked",
        data_dir=data_dir,
        as_json=as_json,
    )


@app.command()
def kill(key: Key, data_dir: DataDir = None, as_json: AsJSON = False) -> None:
    """Disable a key in an emergency, on every API process at once. Calls with it return 503."""
    now = SystemClock().now()
    _change(
        lambda connection: change_key_status(connection, key, Action.KEY_KILL, now=now, by=here()),
        "killed",
        data_dir=data_dir,
        as_json=as_json,
    )


@app.command()
def revive(key: Key, data_dir: DataDir = None, as_json: AsJSON = False) -> None:
    """Enable a killed key again."""
    now = SystemClock().now()
    _change(
        lambda connection: change_key_status(connection, key, Action.KEY_REVIVE, now=now, by=here()),
        "revived",
        data_dir=data_dir,
        as_json=as_json,
    )


def _change(work: Callable[[Connection], Awaitable[str]], outcome: str, *, data_dir: DataDir, as_json: bool) -> None:
    key_id = run_on_database(lambda connection, _: work(connection), data_dir=data_dir, as_json=as_json)
    print_result({"keyId": key_id, "outcome": outcome}, f"{key_id} is {outcome}.", as_json=as_json)


def _split(given: list[str] | None) -> list[str]:
    """Split values that are repeated or separated by commas. An empty one stays, so that it is refused."""
    return [part.strip() for text in given or [] for part in text.split(",")]


def _operator_id(text: str | None) -> UUID | None:
    if text is None:
        return None
    try:
        return parse_id(OPERATOR, text)
    except ValueError as error:
        raise Invalid([Issue.at("operator", str(error), "bad_id")]) from error
