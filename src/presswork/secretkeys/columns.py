"""Every database column that holds encrypted values. A test fails for a bytes column that is in no list."""

from typing import Final

from presswork.secretkeys.model import SealedColumn

SEALED: Final = (
    SealedColumn(table="social_accounts", column="sealed_tokens"),
    SealedColumn(table="oauth_states", column="sealed_grants"),
    SealedColumn(table="oauth_states", column="sealed_verifier", is_short_lived=True),
    SealedColumn(table="oauth_states", column="sealed_page", is_short_lived=True),
    SealedColumn(table="providers", column="sealed_secret"),
    SealedColumn(table="providers", column="former_secret"),
    SealedColumn(table="webhook_endpoints", column="sealed_secret"),
    SealedColumn(table="webhook_endpoints", column="former_secret"),
    SealedColumn(table="platform_credentials", column="sealed_credentials"),
    SealedColumn(table="idempotency_keys", column="body", is_short_lived=True),
)
