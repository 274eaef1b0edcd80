"""Connect Instagram and TikTok accounts.

Written by `python -m generator`; change the API or the generator, not this file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from presswork_client import choices, models
from presswork_client._absent import NOT_GIVEN, NotGiven
from presswork_client._calls import Options
from presswork_client._generated import calls
from presswork_client._pages import AsyncPages, Page

if TYPE_CHECKING:
    from presswork_client._client import AsyncPresswork, Presswork


class SocialAccounts:
    """Connect Instagram and TikTok accounts."""

    def __init__(self, client: Presswork) -> None:
        """Take the client that makes the calls."""
        self._client = client

    def list(
        self,
        *,
        project_id: str,
        platform: choices.PlatformName | NotGiven = NOT_GIVEN,
        status: choices.AccountStatus | NotGiven = NOT_GIVEN,
        limit: int | NotGiven = NOT_GIVEN,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> Page[models.SocialAccount, models.SocialAccountPage]:
        """List a project's accounts.

        Return accounts in the order in which they first came, disconnected ones too, each with its readiness.

        Scope: `social:read`.

        Args:
            project_id: Id of the project, with or without its prefix.
            platform: Only this platform.
            status: Only this status.
            limit: Rows on a page.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
        UnauthenticatedError, UnavailableError, ValidationError.
        """
        return self._client.page(
            calls.LIST_SOCIAL_ACCOUNTS,
            lambda answer: answer.items,
            path={"projectId": project_id},
            query={"platform": platform, "status": status, "limit": limit},
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def get(
        self,
        *,
        social_account_id: str,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.SocialAccount:
        """Read an account.

        Return one account with its readiness.

        Scope: `social:read`.

        Args:
            social_account_id: Id of the social account, with or without its prefix.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
        UnauthenticatedError, UnavailableError.
        """
        return self._client.call(
            calls.GET_SOCIAL_ACCOUNT,
            path={"socialAccountId": social_account_id},
            query={},
            body=None,
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def disconnect(
        self,
        *,
        social_account_id: str,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.DisconnectedAccount:
        """Give an account back.

        Revoke the access at the platform, wipe the tokens and cancel the account's queued posts.

        A second call tells the same facts, with no post canceled. The account stays listed as `disconnected`
        and comes back under its id when it is connected again.

        Scope: `social:write`.

        Args:
            social_account_id: Id of the social account, with or without its prefix.

        Raises: ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError, NotFoundError,
        RateLimitedError, UnauthenticatedError, UnavailableError, ValidationError.
        """
        return self._client.call(
            calls.DELETE_SOCIAL_ACCOUNT,
            path={"socialAccountId": social_account_id},
            query={},
            body=None,
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def create_oauth_url(
        self,
        *,
        project_id: str,
        platform: choices.PlatformName,
        return_url: str,
        login: choices.LoginName | NotGiven | None = NOT_GIVEN,
        usage_note: str | NotGiven | None = NOT_GIVEN,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.OAuthUrl:
        """Begin connecting an account.

        Return the page where an account's owner logs in and agrees. It works once, for ten minutes.

        Afterwards the owner is sent to `returnUrl`: exactly as given when all went well, else with
        `layers_oauth_error=<code>` added to its query. An account that the project has already is connected
        anew and keeps its id.

        Scope: `social:write`.

        Args:
            project_id: Id of the project, with or without its prefix.
            return_url: Where the person goes afterwards: an absolute https URL on one of the key's return
                domains (plain http on this machine), without a fragment.
            login: Instagram only: `instagram` (the usual one) or `facebook`, by the Page that the account is
                linked to.
            usage_note: What the account is for, in your own words; kept with the login.

        Raises: ConflictError, ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError,
        PayloadTooLargeError, RateLimitedError, ReturnUrlNotAllowedError, UnauthenticatedError,
        UnavailableError, UnsupportedMediaTypeError, ValidationError.
        """
        return self._client.call(
            calls.CREATE_OAUTH_URL,
            path={"projectId": project_id},
            query={},
            body={"platform": platform, "login": login, "returnUrl": return_url, "usageNote": usage_note},
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def create_reauth_url(
        self,
        *,
        project_id: str,
        social_account_id: str,
        return_url: str,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.OAuthUrl:
        """Begin connecting an account again.

        Return the page where the owner of an account that the project has logs in again; the account keeps its
        id.

        The same platform account must come back, else the login fails as `account_mismatch`.

        Scope: `social:write`.

        Args:
            project_id: Id of the project, with or without its prefix.
            return_url: Where the person goes afterwards: an absolute https URL on one of the key's return
                domains (plain http on this machine), without a fragment.

        Raises: ConflictError, ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError,
        PayloadTooLargeError, RateLimitedError, ReturnUrlNotAllowedError, UnauthenticatedError,
        UnavailableError, UnsupportedMediaTypeError, ValidationError.
        """
        return self._client.call(
            calls.CREATE_REAUTH_URL,
            path={"projectId": project_id},
            query={},
            body={"socialAccountId": social_account_id, "returnUrl": return_url},
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def get_oauth_status(
        self,
        *,
        state: str,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.OAuthStatus:
        """What became of a login.

        Return where a login is. It is kept for a day.

        Scope: `social:read`.

        Args:
            state: The `state` that began the login.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
        UnauthenticatedError, UnavailableError.
        """
        return self._client.call(
            calls.GET_OAUTH_STATUS,
            path={"state": state},
            query={},
            body=None,
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )


class AsyncSocialAccounts:
    """Connect Instagram and TikTok accounts."""

    def __init__(self, client: AsyncPresswork) -> None:
        """Take the client that makes the calls."""
        self._client = client

    def list(
        self,
        *,
        project_id: str,
        platform: choices.PlatformName | NotGiven = NOT_GIVEN,
        status: choices.AccountStatus | NotGiven = NOT_GIVEN,
        limit: int | NotGiven = NOT_GIVEN,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> AsyncPages[models.SocialAccount, models.SocialAccountPage]:
        """List a project's accounts.

        Return accounts in the order in which they first came, disconnected ones too, each with its readiness.

        Scope: `social:read`.

        Args:
            project_id: Id of the project, with or without its prefix.
            platform: Only this platform.
            status: Only this status.
            limit: Rows on a page.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
        UnauthenticatedError, UnavailableError, ValidationError.
        """
        return self._client.page(
            calls.LIST_SOCIAL_ACCOUNTS,
            lambda answer: answer.items,
            path={"projectId": project_id},
            query={"platform": platform, "status": status, "limit": limit},
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    async def get(
        self,
        *,
        social_account_id: str,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.SocialAccount:
        """Read an account.

        Return one account with its readiness.

        Scope: `social:read`.

        Args:
            social_account_id: Id of the social account, with or without its prefix.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
        UnauthenticatedError, UnavailableError.
        """
        return await self._client.call(
            calls.GET_SOCIAL_ACCOUNT,
            path={"socialAccountId": social_account_id},
            query={},
            body=None,
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    async def disconnect(
        self,
        *,
        social_account_id: str,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.DisconnectedAccount:
        """Give an account back.

        Revoke the access at the platform, wipe the tokens and cancel the account's queued posts.

        A second call tells the same facts, with no post canceled. The account stays listed as `disconnected`
        and comes back under its id when it is connected again.

        Scope: `social:write`.

        Args:
            social_account_id: Id of the social account, with or without its prefix.

        Raises: ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError, NotFoundError,
        RateLimitedError, UnauthenticatedError, UnavailableError, ValidationError.
        """
        return await self._client.call(
            calls.DELETE_SOCIAL_ACCOUNT,
            path={"socialAccountId": social_account_id},
            query={},
            body=None,
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    async def create_oauth_url(
        self,
        *,
        project_id: str,
        platform: choices.PlatformName,
        return_url: str,
        login: choices.LoginName | NotGiven | None = NOT_GIVEN,
        usage_note: str | NotGiven | None = NOT_GIVEN,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.OAuthUrl:
        """Begin connecting an account.

        Return the page where an account's owner logs in and agrees. It works once, for ten minutes.

        Afterwards the owner is sent to `returnUrl`: exactly as given when all went well, else with
        `layers_oauth_error=<code>` added to its query. An account that the project has already is connected
        anew and keeps its id.

        Scope: `social:write`.

        Args:
            project_id: Id of the project, with or without its prefix.
            return_url: Where the person goes afterwards: an absolute https URL on one of the key's return
                domains (plain http on this machine), without a fragment.
            login: Instagram only: `instagram` (the usual one) or `facebook`, by the Page that the account is
                linked to.
            usage_note: What the account is for, in your own words; kept with the login.

        Raises: ConflictError, ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError,
        PayloadTooLargeError, RateLimitedError, ReturnUrlNotAllowedError, UnauthenticatedError,
        UnavailableError, UnsupportedMediaTypeError, ValidationError.
        """
        return await self._client.call(
            calls.CREATE_OAUTH_URL,
            path={"projectId": project_id},
            query={},
            body={"platform": platform, "login": login, "returnUrl": return_url, "usageNote": usage_note},
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    async def create_reauth_url(
        self,
        *,
        project_id: str,
        social_account_id: str,
        return_url: str,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.OAuthUrl:
        """Begin connecting an account again.

        Return the page where the owner of an account that the project has logs in again; the account keeps its
        id.

        The same platform account must come back, else the login fails as `account_mismatch`.

        Scope: `social:write`.

        Args:
            project_id: Id of the project, with or without its prefix.
            return_url: Where the person goes afterwards: an absolute https URL on one of the key's return
                domains (plain http on this machine), without a fragment.

        Raises: ConflictError, ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError,
        PayloadTooLargeError, RateLimitedError, ReturnUrlNotAllowedError, UnauthenticatedError,
        UnavailableError, UnsupportedMediaTypeError, ValidationError.
        """
        return await self._client.call(
            calls.CREATE_REAUTH_URL,
            path={"projectId": project_id},
            query={},
            body={"socialAccountId": social_account_id, "returnUrl": return_url},
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    async def get_oauth_status(
        self,
        *,
        state: str,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.OAuthStatus:
        """What became of a login.

        Return where a login is. It is kept for a day.

        Scope: `social:read`.

        Args:
            state: The `state` that began the login.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
        UnauthenticatedError, UnavailableError.
        """
        return await self._client.call(
            calls.GET_OAUTH_STATUS,
            path={"state": state},
            query={},
            body=None,
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )
