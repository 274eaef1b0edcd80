"""Which errors of the database pass by themselves: the one place that decides between "try again" and "a bug".

Order of locks. A transaction that locks rows of several tables takes them in this order, and rows of one table by
ascending id (`ORDER BY id FOR UPDATE`), so that no two transactions wait for each other:

1. `idempotency_keys`, 2. `organizations`, 3. `api_keys` and `operators`, 4. `projects`, 5. `layers`, 6. `social_accounts`,
7. `content_containers`, 8. `media_assets`, 9. `schedule_intents`, 10. `scheduled_posts`, 11. `webhook_endpoints`, 12. rows
that belong to one of the above (timeline, deliveries, audit log).

Workers take rows of several lanes with SKIP LOCKED, which never waits. A cycle that is left costs one transaction:
PostgreSQL rolls it back with DeadlockDetectedError, which is one of ROLLED_BACK_ERRORS.
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
_CLOSED: Final = ("is closed", "is closing")
"""What the driver says of a connection or pool that has ended; its other InterfaceErrors are mistakes of the caller."""


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
