"""Which errors of the database pass by themselves: the one place that decides between "try again" and "a bug".

Order of locks. A transaction that locks existing rows of several tables takes them in this order, and rows of one table by
ascending id (`ORDER BY id FOR UPDATE`), so that no two transactions wait for each other:

1. `idempotency_keys`, but for the publish statement, which holds the container before it; 2. `organizations`, `operators`,
`api_keys`, `oauth_states`; 3. `content_containers`, then their `media_assets`; 4. `projects`; 5. `layers`;
6. `social_accounts`; 7. `schedule_intents`; 8. `scheduled_posts`; 9. `webhook_endpoints`; 10. `webhook_deliveries` and other
rows that belong to one of the above.

Workers take rows of several lanes with SKIP LOCKED, which never waits. tests/db/test_lock_order.py holds the statements that
lock many rows to it. A cycle that is left costs one transaction, which PostgreSQL rolls back: ROLLED_BACK_ERRORS.
"""

import errno
from typing import Final

import asyncpg

DATABASE_ERRORS: Final = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""Everything that connecting or a statement may raise, whatever the reason."""

ROLLED_BACK_ERRORS: Final = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)
"""PostgreSQL has undone the transaction because of another one: nothing was written, and the same one may run again."""

TRANSIENT_ERRORS: Final = (
    OSError,  # refused, reset, no route; TimeoutError is one too
    asyncpg.InterfaceError,  # the connection or the pool is closed
    asyncpg.InternalClientError,  # the server ended the connection just as it was to be used
    asyncpg.PostgresConnectionError,
    asyncpg.exceptions.InvalidAuthorizationSpecificationError,  # on connecting: the password is being rotated
    asyncpg.exceptions.OperatorInterventionError,  # shutting down, starting up, canceled by an administrator
    asyncpg.exceptions.InsufficientResourcesError,
    asyncpg.exceptions.TransactionRollbackError,  # deadlock, serialization failure
    asyncpg.LockNotAvailableError,
    asyncpg.exceptions.InvalidCachedStatementError,  # the schema was migrated within the transaction's sight
    asyncpg.exceptions.ReadOnlySQLTransactionError,  # the server is a standby now: another one has taken over
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
"""The answer to a COMMIT was lost: the transaction may have been committed."""

_NETWORK: Final = frozenset(
    {errno.EHOSTUNREACH, errno.EHOSTDOWN, errno.ENETUNREACH, errno.ENETDOWN, errno.ENETRESET, errno.ENOTCONN}
)
_CLOSED: Final = ("is closed", "is closing", "has been released back to the pool")
"""Parts of the driver's messages about a connection or pool that has ended, also in the middle of a transaction. Its other
InterfaceErrors are mistakes of the caller."""


def is_transient(error: BaseException) -> bool:
    """Return whether the same transaction may succeed a moment later.

    Stricter than `isinstance(error, TRANSIENT_ERRORS)`: a wrong use of the driver and an error of a file are not.
    """
    if not isinstance(error, TRANSIENT_ERRORS):
        return False
    if isinstance(error, asyncpg.InterfaceError):
        return any(sentence in str(error) for sentence in _CLOSED)
    if isinstance(error, OSError):
        return isinstance(error, (ConnectionError, TimeoutError)) or error.errno in _NETWORK
    return True
