"""Who changed what, and when.

Written by `python -m generator`; change the API or the generator, not this file.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from presswork_client import choices, models
from presswork_client._absent import NOT_GIVEN, NotGiven
from presswork_client._calls import Options
from presswork_client._generated import calls
from presswork_client._pages import AsyncPages, Page

if TYPE_CHECKING:
    from presswork_client._client import AsyncPresswork, Presswork


class AuditLog:
    """Who changed what, and when."""

    def __init__(self, client: Presswork) -> None:
        """Take the client that makes the calls."""
        self._client = client

    def list(
        self,
        *,
        action: choices.Action | NotGiven = NOT_GIVEN,
        actor: choices.ActorKind | NotGiven = NOT_GIVEN,
        key_id: str | NotGiven = NOT_GIVEN,
        object_id: str | NotGiven = NOT_GIVEN,
        since: datetime | str | NotGiven = NOT_GIVEN,
        until: datetime | str | NotGiven = NOT_GIVEN,
        limit: int | NotGiven = NOT_GIVEN,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> Page[models.AuditEntry, models.AuditEntryPage]:
        """Read the audit log.

        Tell who did what in the key's organization and environment, newest first. Lines are only ever added.

        What belongs to both environments, such as operators, is told to the keys of each.

        Scope: `org:admin`.

        Args:
            action: Only this action.
            actor: Only what came by this door.
            key_id: Only what this key did.
            object_id: Only what was done to this thing: its whole id.
            since: At that instant or later.
            until: At that instant or earlier.
            limit: Rows on a page.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, RateLimitedError, UnauthenticatedError,
        UnavailableError, ValidationError.
        """
        return self._client.page(
            calls.LIST_AUDIT_LOG,
            lambda answer: answer.items,
            path={},
            query={
                "action": action,
                "actor": actor,
                "keyId": key_id,
                "objectId": object_id,
                "since": since,
                "until": until,
                "limit": limit,
            },
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )


class AsyncAuditLog:
    """Who changed what, and when."""

    def __init__(self, client: AsyncPresswork) -> None:
        """Take the client that makes the calls."""
        self._client = client

    def list(
        self,
        *,
        action: choices.Action | NotGiven = NOT_GIVEN,
        actor: choices.ActorKind | NotGiven = NOT_GIVEN,
        key_id: str | NotGiven = NOT_GIVEN,
        object_id: str | NotGiven = NOT_GIVEN,
        since: datetime | str | NotGiven = NOT_GIVEN,
        until: datetime | str | NotGiven = NOT_GIVEN,
        limit: int | NotGiven = NOT_GIVEN,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> AsyncPages[models.AuditEntry, models.AuditEntryPage]:
        """Read the audit log.

        Tell who did what in the key's organization and environment, newest first. Lines are only ever added.

        What belongs to both environments, such as operators, is told to the keys of each.

        Scope: `org:admin`.

        Args:
            action: Only this action.
            actor: Only what came by this door.
            key_id: Only what this key did.
            object_id: Only what was done to this thing: its whole id.
            since: At that instant or later.
            until: At that instant or earlier.
            limit: Rows on a page.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, RateLimitedError, UnauthenticatedError,
        UnavailableError, ValidationError.
        """
        return self._client.page(
            calls.LIST_AUDIT_LOG,
            lambda answer: answer.items,
            path={},
            query={
                "action": action,
                "actor": actor,
                "keyId": key_id,
                "objectId": object_id,
                "since": since,
                "until": until,
                "limit": limit,
            },
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )
