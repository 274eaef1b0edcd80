"""Every column of the database that holds sealed values. A test finds columns of bytes that nobody has put in a list."""

from typing import Final

from presswork.secretkeys.model import SealedColumn

SEALED: Final = (
    SealedColumn(table="social_accounts", column="sealed_tokens"),
    SealedColumn(table="oauth_states", column="sealed_grants"),
    SealedColumn(table="providers", column="sealed_secret"),
    SealedColumn(table="providers", column="former_secret"),
    SealedColumn(table="webhook_endpoints", column="sealed_secret"),
    SealedColumn(table="webhook_endpoints", column="former_secret"),
    SealedColumn(table="idempotency_keys", column="body", ends_by_itself=True),
)
