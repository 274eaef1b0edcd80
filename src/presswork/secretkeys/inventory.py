"""Every encrypted column, and how many values each key encrypts: the inventory holds key IDs and counts, never a key."""

from collections import defaultdict
from typing import Final

from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.db.rows import from_row
from presswork.secretkeys.model import KeyInventory, KeyPeriod, SealedColumn

SQL: Final = load("presswork.secretkeys")
_MAX_PERIODS: Final = 1_000


def for_column(name: str, column: SealedColumn) -> str:
    """Return a statement about one column of encrypted values; the names come from our own list."""
    return SQL[name].format(
        table=column.table, column=column.column, is_mixed="true" if column.is_short_lived else "false"
    )


async def key_inventory(connection: Connection | Pool) -> KeyInventory:
    """Count the values of each key. Reads every row that has an encrypted value."""
    counts: defaultdict[str | None, dict[str, int]] = defaultdict(dict)
    for column in SEALED:
        for row in await connection.fetch(for_column("count_sealed", column)):
            counts[row["key_id"]][column.place] = row["values"]
    periods = [from_row(KeyPeriod, row) for row in await connection.fetch(SQL["periods"], _MAX_PERIODS)]
    return KeyInventory(periods=periods, counts=dict(counts))


SEALED: Final = (
    SealedColumn(table="social_accounts", column="sealed_tokens"),
    SealedColumn(table="oauth_states", column="sealed_grants"),
    SealedColumn(table="oauth_states", column="sealed_verifier", is_short_lived=True),
    SealedColumn(table="oauth_states", column="sealed_page", is_short_lived=True),
    SealedColumn(table="providers", column="sealed_secret"),
    SealedColumn(table="providers", column="former_secret"),
    SealedColumn(table="webhook_endpoints", column="sealed_secret"),
    SealedColumn(table="webhook_endpoints", column="former_secret"),
    SealedColumn(table="notice_channels", column="sealed_target"),
    SealedColumn(table="push_subscriptions", column="sealed_target"),
    SealedColumn(table="push_keys", column="sealed_key"),
    SealedColumn(table="platform_credentials", column="sealed_credentials"),
    SealedColumn(table="totp_factors", column="sealed_secret"),
    SealedColumn(table="totp_factors", column="sealed_new_secret"),
    SealedColumn(table="platform_apps", column="sealed_credentials"),
    SealedColumn(table="server_apps", column="sealed_credentials"),
    SealedColumn(table="idempotency_keys", column="body", is_short_lived=True),
)
