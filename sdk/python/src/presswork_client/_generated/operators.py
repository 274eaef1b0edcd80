"""People who are reached by phone.

Written by `python -m generator`; change the API or the generator, not this file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from presswork_client import models
from presswork_client._absent import NOT_GIVEN, NotGiven
from presswork_client._calls import Options
from presswork_client._generated import calls
from presswork_client._pages import AsyncPages, Page

if TYPE_CHECKING:
    from presswork_client._client import AsyncPresswork, Presswork


class Operators:
    """People who are reached by phone."""

    def __init__(self, client: Presswork) -> None:
        """Take the client that makes the calls."""
        self._client = client

    def create(
        self,
        *,
        name: str,
        phone: str | NotGiven | None = NOT_GIVEN,
        is_primary: bool | NotGiven = NOT_GIVEN,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.Operator:
        """Make an operator.

        Make a person known who may be texted. Operators belong to the organization, in both environments.

        Scope: `org:admin`.

        Args:
            name: What people call this person.
            phone: In E.164: a plus, the country, the number, nothing between.
            is_primary: Whether drafts by text go to this person; it replaces the primary operator so far.

        Raises: ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return self._client.call(
            calls.CREATE_OPERATOR,
            path={},
            query={},
            body={"name": name, "phone": phone, "isPrimary": is_primary},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def list(
        self,
        *,
        limit: int | NotGiven = NOT_GIVEN,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> Page[models.Operator, models.OperatorPage]:
        """List operators.

        List the organization's operators, oldest first.

        Scope: `org:admin`.

        Args:
            limit: Rows on a page.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, RateLimitedError, UnauthenticatedError,
        UnavailableError, ValidationError.
        """
        return self._client.page(
            calls.LIST_OPERATORS,
            lambda answer: answer.items,
            path={},
            query={"limit": limit},
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def get(
        self,
        *,
        operator_id: str,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.Operator:
        """Read an operator.

        Read one operator.

        Scope: `org:admin`.

        Args:
            operator_id: Id of the operator, with or without its prefix.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
        UnauthenticatedError, UnavailableError.
        """
        return self._client.call(
            calls.GET_OPERATOR,
            path={"operatorId": operator_id},
            query={},
            body=None,
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def update(
        self,
        *,
        operator_id: str,
        name: str | NotGiven = NOT_GIVEN,
        phone: str | NotGiven | None = NOT_GIVEN,
        is_primary: Literal[True] | NotGiven = NOT_GIVEN,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.Operator:
        """Change an operator.

        Change what is named, leave the rest. Another phone has to be verified before anything is texted to it.

        Scope: `org:admin`.

        Args:
            operator_id: Id of the operator, with or without its prefix.
            name: What people call this person.
            phone: Another phone, which has to be verified again; null removes it.
            is_primary: `true` makes this the primary operator, in place of the one so far.

        Raises: ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError, NotFoundError,
        PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return self._client.call(
            calls.UPDATE_OPERATOR,
            path={"operatorId": operator_id},
            query={},
            body={"name": name, "phone": phone, "isPrimary": is_primary},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def verify_phone(
        self,
        *,
        operator_id: str,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.SentCode:
        """Text a code to an operator's phone.

        Text a code of six digits to the operator's phone, once a minute at most. It is good for ten minutes.

        With a key of the test environment the text goes to the sandbox, which shows it under
        /sandbox/control/messages, and the phone counts as verified in test projects only. A code takes the
        place of the one before it, of either environment.

        Scope: `org:admin`.

        Args:
            operator_id: Id of the operator, with or without its prefix.

        Raises: ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        NotFoundError, PayloadTooLargeError, PhoneRequiredError, RateLimitedError, UnauthenticatedError,
        UnavailableError, UnsupportedMediaTypeError, ValidationError.
        """
        return self._client.call(
            calls.VERIFY_OPERATOR_PHONE,
            path={"operatorId": operator_id},
            query={},
            body={},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def confirm_phone(
        self,
        *,
        operator_id: str,
        code: str,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.Operator:
        """Confirm an operator's phone.

        Verify the phone by the code that came to it. After five wrong codes a new one has to be sent.

        Only keys of the environment that the code was sent in can confirm it. In `live` the phone is verified
        for test projects, too.

        Scope: `org:admin`.

        Args:
            operator_id: Id of the operator, with or without its prefix.
            code: Six digits, as a string: it may begin with 0.

        Raises: ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return self._client.call(
            calls.CONFIRM_OPERATOR_PHONE,
            path={"operatorId": operator_id},
            query={},
            body={"code": code},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )


class AsyncOperators:
    """People who are reached by phone."""

    def __init__(self, client: AsyncPresswork) -> None:
        """Take the client that makes the calls."""
        self._client = client

    async def create(
        self,
        *,
        name: str,
        phone: str | NotGiven | None = NOT_GIVEN,
        is_primary: bool | NotGiven = NOT_GIVEN,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.Operator:
        """Make an operator.

        Make a person known who may be texted. Operators belong to the organization, in both environments.

        Scope: `org:admin`.

        Args:
            name: What people call this person.
            phone: In E.164: a plus, the country, the number, nothing between.
            is_primary: Whether drafts by text go to this person; it replaces the primary operator so far.

        Raises: ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return await self._client.call(
            calls.CREATE_OPERATOR,
            path={},
            query={},
            body={"name": name, "phone": phone, "isPrimary": is_primary},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def list(
        self,
        *,
        limit: int | NotGiven = NOT_GIVEN,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> AsyncPages[models.Operator, models.OperatorPage]:
        """List operators.

        List the organization's operators, oldest first.

        Scope: `org:admin`.

        Args:
            limit: Rows on a page.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, RateLimitedError, UnauthenticatedError,
        UnavailableError, ValidationError.
        """
        return self._client.page(
            calls.LIST_OPERATORS,
            lambda answer: answer.items,
            path={},
            query={"limit": limit},
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    async def get(
        self,
        *,
        operator_id: str,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.Operator:
        """Read an operator.

        Read one operator.

        Scope: `org:admin`.

        Args:
            operator_id: Id of the operator, with or without its prefix.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
        UnauthenticatedError, UnavailableError.
        """
        return await self._client.call(
            calls.GET_OPERATOR,
            path={"operatorId": operator_id},
            query={},
            body=None,
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    async def update(
        self,
        *,
        operator_id: str,
        name: str | NotGiven = NOT_GIVEN,
        phone: str | NotGiven | None = NOT_GIVEN,
        is_primary: Literal[True] | NotGiven = NOT_GIVEN,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.Operator:
        """Change an operator.

        Change what is named, leave the rest. Another phone has to be verified before anything is texted to it.

        Scope: `org:admin`.

        Args:
            operator_id: Id of the operator, with or without its prefix.
            name: What people call this person.
            phone: Another phone, which has to be verified again; null removes it.
            is_primary: `true` makes this the primary operator, in place of the one so far.

        Raises: ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError, NotFoundError,
        PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return await self._client.call(
            calls.UPDATE_OPERATOR,
            path={"operatorId": operator_id},
            query={},
            body={"name": name, "phone": phone, "isPrimary": is_primary},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    async def verify_phone(
        self,
        *,
        operator_id: str,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.SentCode:
        """Text a code to an operator's phone.

        Text a code of six digits to the operator's phone, once a minute at most. It is good for ten minutes.

        With a key of the test environment the text goes to the sandbox, which shows it under
        /sandbox/control/messages, and the phone counts as verified in test projects only. A code takes the
        place of the one before it, of either environment.

        Scope: `org:admin`.

        Args:
            operator_id: Id of the operator, with or without its prefix.

        Raises: ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        NotFoundError, PayloadTooLargeError, PhoneRequiredError, RateLimitedError, UnauthenticatedError,
        UnavailableError, UnsupportedMediaTypeError, ValidationError.
        """
        return await self._client.call(
            calls.VERIFY_OPERATOR_PHONE,
            path={"operatorId": operator_id},
            query={},
            body={},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    async def confirm_phone(
        self,
        *,
        operator_id: str,
        code: str,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.Operator:
        """Confirm an operator's phone.

        Verify the phone by the code that came to it. After five wrong codes a new one has to be sent.

        Only keys of the environment that the code was sent in can confirm it. In `live` the phone is verified
        for test projects, too.

        Scope: `org:admin`.

        Args:
            operator_id: Id of the operator, with or without its prefix.
            code: Six digits, as a string: it may begin with 0.

        Raises: ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return await self._client.call(
            calls.CONFIRM_OPERATOR_PHONE,
            path={"operatorId": operator_id},
            query={},
            body={"code": code},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )
