"""The catalogue of TikTok tracks.

Written by `python -m generator`; change the API or the generator, not this file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from presswork_client import models
from presswork_client._absent import NOT_GIVEN, NotGiven
from presswork_client._calls import Options
from presswork_client._generated import calls
from presswork_client._pages import AsyncPages, Page

if TYPE_CHECKING:
    from presswork_client._client import AsyncPresswork, Presswork


class Music:
    """The catalogue of TikTok tracks."""

    def __init__(self, client: Presswork) -> None:
        """Take the client that makes the calls."""
        self._client = client

    def list(
        self,
        *,
        q: str | NotGiven = NOT_GIVEN,
        limit: int | NotGiven = NOT_GIVEN,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> Page[models.Track, models.Catalogue]:
        """List TikTok tracks.

        List the catalogue, most used tracks first. The operator fills it with `presswork music import`.

        Scope: `publish:read`.

        Args:
            q: Text within title, author or album; case does not matter.
            limit: Tracks on a page.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, RateLimitedError, UnauthenticatedError,
        UnavailableError, ValidationError.
        """
        return self._client.page(
            calls.LIST_TIKTOK_MUSIC,
            lambda answer: answer.tracks,
            path={},
            query={"q": q, "limit": limit},
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )


class AsyncMusic:
    """The catalogue of TikTok tracks."""

    def __init__(self, client: AsyncPresswork) -> None:
        """Take the client that makes the calls."""
        self._client = client

    def list(
        self,
        *,
        q: str | NotGiven = NOT_GIVEN,
        limit: int | NotGiven = NOT_GIVEN,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> AsyncPages[models.Track, models.Catalogue]:
        """List TikTok tracks.

        List the catalogue, most used tracks first. The operator fills it with `presswork music import`.

        Scope: `publish:read`.

        Args:
            q: Text within title, author or album; case does not matter.
            limit: Tracks on a page.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, RateLimitedError, UnauthenticatedError,
        UnavailableError, ValidationError.
        """
        return self._client.page(
            calls.LIST_TIKTOK_MUSIC,
            lambda answer: answer.tracks,
            path={},
            query={"q": q, "limit": limit},
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )
