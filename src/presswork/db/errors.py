"""Classify database errors: transient, so that a retry may succeed, or a bug.

Lock order. A transaction that locks existing rows of several tables locks them in this order, and rows of one table by
ascending id (`ORDER BY id FOR UPDATE`), so that transactions do not deadlock:

1. `idempotency_keys`, except in the publish statement, which locks the container first; 2. `organizations`, `operators`,
`api_keys`, `oauth_states`; 3. `content_containers`, then their `media_assets`; 4. `projects`, then their `page_links`; 5. `layers`;
6. `social_accounts`; 7. `queues`; 8. `schedule_intents`; 9. `scheduled_posts`, then `queue_holds`; 10. `webhook_endpoints`;
11. `webhook_deliveries`, `media_usage`, `organization_limits` and other rows that belong to one of the above.

The advisory lock of an organization's limits (orgs/limits.py) is shared by triggers, at the end of the statement that makes a row.
The advisory lock of a phone number (`orgs/phone_events.py`) comes after the rows of `organizations` and `projects`.

Workers lock rows of several lanes with SKIP LOCKED, which never waits. tests/db/test_lock_order.py checks the statements
that lock many rows. In a remaining deadlock PostgreSQL rolls one transaction back: ROLLED_BACK_ERRORS. A worker's write of one
post is then made again (`pool.py: fetchval_again`): its error would release the post, and repeat the call without its wait.
"""

import errno
import json
from typing import Final, Self

import asyncpg

from presswork.core.errors import Code, PressworkError

DATABASE_ERRORS: Final = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""Every error that connecting or a statement may raise."""

ROLLED_BACK_ERRORS: Final = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)
"""PostgreSQL rolled the transaction back because of another one. Nothing was written; a retry may succeed."""

PLAN_LIMIT_STATE: Final = "PW001"
"""The SQLSTATE that the triggers of limits raise."""

BUDGET_STATE: Final = "PW002"
"""The SQLSTATE of a cost that exceeds a project's budget."""


class PlanLimitReached(PressworkError):
    """What the organization has, with what this call would add, exceeds a limit that the installation set for it."""

    code = Code.PLAN_LIMIT

    def __init__(self, *, limit: str, maximum: int, used: int, resets_at: str | None = None) -> None:
        """`resets_at` is an instant in the form of the API, of a limit that begins again each month."""
        until = "" if resets_at is None else f", until {resets_at}"
        super().__init__(
            f"This organization may have {maximum} of what the limit {limit} counts, and has {used}{until}. Nothing was written. "
            "Remove what is not needed, or ask the operator of this service for a higher limit.",
            limit=limit,
            maximum=maximum,
            used=used,
            resetsAt=resets_at,
        )
        self.details.setdefault("resetsAt", None)

    @classmethod
    def of(cls, detail: str | None) -> Self:
        """Return the error that the detail of a trigger's exception describes."""
        facts = json.loads(detail or "{}")
        return cls(limit=facts["limit"], maximum=facts["maximum"], used=facts["used"], resets_at=facts.get("resetsAt"))


TRANSIENT_ERRORS: Final = (
    OSError,  # refused, reset, no route; TimeoutError is one too
    asyncpg.InterfaceError,  # the connection or the pool is closed
    asyncpg.InternalClientError,  # the server closed the connection at the moment of its use
    asyncpg.PostgresConnectionError,
    asyncpg.exceptions.InvalidAuthorizationSpecificationError,  # on connecting: the password is being rotated
    asyncpg.exceptions.OperatorInterventionError,  # shutting down, starting up, canceled by an administrator
    asyncpg.exceptions.InsufficientResourcesError,
    asyncpg.exceptions.TransactionRollbackError,  # deadlock, serialization failure
    asyncpg.LockNotAvailableError,
    asyncpg.exceptions.InvalidCachedStatementError,  # the schema was migrated during the transaction
    asyncpg.exceptions.ReadOnlySQLTransactionError,  # the server has become a standby
)
"""For `except` clauses: the database is not available, or the transaction may be retried."""

COMMIT_UNKNOWN_ERRORS: Final = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.exceptions.OperatorInterventionError,
    asyncpg.exceptions.StatementCompletionUnknownError,
)
"""The response to COMMIT was lost: the transaction may have been committed."""

_NETWORK: Final = frozenset(
    {errno.EHOSTUNREACH, errno.EHOSTDOWN, errno.ENETUNREACH, errno.ENETDOWN, errno.ENETRESET, errno.ENOTCONN}
)
_CLOSED: Final = ("is closed", "is closing", "has been released back to the pool")
"""Parts of the driver's messages about a closed connection or pool, also during a transaction. Its other InterfaceErrors are
bugs of the caller."""


def is_transient(error: BaseException) -> bool:
    """Return whether the same transaction may succeed a moment later.

    Stricter than `isinstance(error, TRANSIENT_ERRORS)`: misuse of the driver and file errors are not transient.
    """
    if not isinstance(error, TRANSIENT_ERRORS):
        return False
    if isinstance(error, asyncpg.InterfaceError):
        return any(sentence in str(error) for sentence in _CLOSED)
    if isinstance(error, OSError):
        return isinstance(error, (ConnectionError, TimeoutError)) or error.errno in _NETWORK
    return True
