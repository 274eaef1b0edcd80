"""`presswork key`: create, list, revoke and kill API keys."""

from collections.abc import Mapping
from typing import Final

from presswork.audit.model import Action
from presswork.callers.model import Tier
from presswork.cli.administration import Admin, on_database, read_id
from presswork.cli.command import Commands, Output, sentences, table_of_rows, value_alone
from presswork.cli.options import OnlyOrg, argument, option
from presswork.core.enums import Environment
from presswork.core.ids import KEY, OPERATOR, public_id
from presswork.orgs.keys import change_key_status, create_key, list_keys

commands: Final = Commands(on_database, "Create, list, revoke and kill API keys.")

_TIERS: Final = ", ".join(Tier)
_KEY: Final = argument("KEY", "Key id (key_…), its lookup value in the list, or the key itself.", ...)


@commands.command()
async def create(
    admin: Admin,
    org: str = option("--org NAME", "Organization of the key; created if it does not exist.", ...),
    env: Environment = option("--env", "`test` uses the sandbox, `live` the real platforms.", Environment.TEST),
    scopes: list[str] | None = option(
        "--scopes SCOPE,…",
        "Scopes, separated by commas; can be repeated.",
        show_default="*, all except org:admin, metrics:read and installation:admin",
    ),
    return_domain: list[str] | None = option(
        "--return-domain HOST", "Host that a login may return to; can be repeated."
    ),
    tier: Tier = option("--tier TIER", f"Rate limit of the key: {_TIERS}.", Tier.UNLIMITED),
    operator: str | None = option(
        "--operator ID", "Operator that the key belongs to.", show_default="the organization's primary operator"
    ),
    name: str = option("--name TEXT", "Name of the key.", ""),
) -> Output:
    """Create a key, and its organization if it does not exist.

    The key is shown only once, as the only line on standard output; a hash of it is stored.
    """
    key = await create_key(
        admin.connection,
        organization=org,
        environment=env,
        scopes=_split_values(scopes) or ["*"],
        tier=tier,
        return_domains=_split_values(return_domain),
        operator_id=None if operator is None else read_id(OPERATOR, operator, "operator", is_bare_allowed=False),
        name=name,
        now=admin.now,
        by=admin.by,
    )
    document = {
        "key": key.token.text,
        "keyId": key.key_id,
        "organizationId": key.organization_id,
        "environment": key.environment,
        "scopes": list(key.scopes),
        "tier": key.tier,
    }
    about = f"{key.key_id}, {key.environment}, {', '.join(key.scopes)}. Store the key: it is not shown again."
    return value_alone(document, key.token.text, about)


@commands.listing("list")
async def list_all(admin: Admin, org: OnlyOrg = None) -> Output:
    """List keys, oldest first, without their secrets."""
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
            "createdAt": row["created_at"],
            "lastUsedAt": row["last_used_at"],
            "revokedAt": row["revoked_at"],
            "killedAt": row["killed_at"],
        }
        for row in await list_keys(admin.connection, organization=org)
    ]
    hidden = {"returnDomains", "createdAt", "lastUsedAt", "revokedAt", "killedAt"}
    return table_of_rows(
        ("key", "lookup", "name", "organization", "environment", "scopes", "tier", "state"),
        [[*(value for name, value in item.items() if name not in hidden), _name_state(item)] for item in items],
        document={"items": items},
        empty="There are no such keys. Create one with `presswork key create --org NAME`.",
        drop=("tier", "lookup", "scopes", "organization", "environment", "name"),
        cut=("name", "organization", "scopes"),
    )


def _name_state(item: Mapping[str, object]) -> str:
    return "revoked" if item["revokedAt"] else "killed" if item["killedAt"] else "active"


@commands.command()
async def revoke(admin: Admin, key: str = _KEY) -> Output:
    """Revoke a key permanently, on every API process at once. Calls with it return 401."""
    return await _change_status(admin, key, Action.KEY_REVOKE, "revoked")


@commands.command()
async def kill(admin: Admin, key: str = _KEY) -> Output:
    """Disable a key in an emergency, on every API process at once. Calls with it return 503."""
    return await _change_status(admin, key, Action.KEY_KILL, "killed")


@commands.command()
async def revive(admin: Admin, key: str = _KEY) -> Output:
    """Enable a killed key again."""
    return await _change_status(admin, key, Action.KEY_REVIVE, "revived")


async def _change_status(admin: Admin, key: str, action: Action, outcome: str) -> Output:
    key_id = await change_key_status(admin.connection, key, action, now=admin.now, by=admin.by)
    return sentences({"keyId": key_id, "outcome": outcome}, f"{key_id} is {outcome}.")


def _split_values(given: list[str] | None) -> list[str]:
    """Split values that are repeated or separated by commas. An empty one stays, so that it is refused."""
    return [part.strip() for text in given or [] for part in text.split(",")]
