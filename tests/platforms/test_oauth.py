"""What all logins by `platforms/oauth.py` share: times of a refresh, lifetimes, permissions, and what an error is not."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import JsonValue
from tests.platforms.conftest import Answers

from presswork.platforms import plugin
from presswork.platforms.errors import TryLater
from presswork.platforms.oauth import read_scopes, read_tokens, refresh_due_at
from presswork.platforms.port import AppCredentials, SupportsAppCheck, Tokens
from presswork.platforms.settings import Settings
from presswork.platforms.transport import Transport
from presswork.platforms.youtube.api import Endpoints
from presswork.platforms.youtube.login import YouTubeLogin
from presswork.platforms.youtube.plugin import youtube

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
TOKENS = Tokens(
    access_token="a", issued_at=NOW, expires_at=NOW + HOUR, refresh_token="r", refresh_expires_at=NOW + HOUR
)
PROXY_PAGE = "<html>"
"""A body that is no JSON object."""


@pytest.fixture
async def login(answers: Answers) -> AsyncIterator[YouTubeLogin]:
    """A login at a server that responds by a script."""
    async with Transport(name="youtube") as transport:
        platform = youtube(
            endpoints=Endpoints(accounts_url=answers.address, oauth_url=answers.address, api_url=answers.address),
            app=AppCredentials(client_id="the-id", client_secret="the-secret"),
            retry_policy=plugin.test_retry_policy(Settings()),
            transport=transport,
        )
        assert isinstance(platform.login, YouTubeLogin)
        yield platform.login


@pytest.mark.parametrize(("status", "body"), [(403, PROXY_PAGE), (200, PROXY_PAGE), (429, {"error": "too_many"})])
async def test_app_is_not_accepted_by_a_proxy_or_a_limit(
    login: YouTubeLogin, answers: Answers, status: int, body: JsonValue
) -> None:
    """Only the platform's own response about the token shows that it accepts the app."""
    answers.give("/token", body, status=status)
    assert isinstance(login, SupportsAppCheck)
    with pytest.raises(TryLater):
        await login.check_app()


@pytest.mark.parametrize("body", [PROXY_PAGE, {"error": "temporarily_unavailable"}])
async def test_revocation_may_be_refused_for_a_while(login: YouTubeLogin, answers: Answers, body: JsonValue) -> None:
    """A temporary refusal, or none of the platform's own, is no reason to give up."""
    answers.give("/revoke", body, status=400)
    with pytest.raises(TryLater):
        await login.revoke(TOKENS)


def test_refresh_is_due_before_the_end_and_after_the_half() -> None:
    """After three quarters of the life, by the margin before its end if that is earlier, and never before its half."""
    due = [refresh_due_at(TOKENS, margin=timedelta(minutes=minutes)) for minutes in (0, 20, 50)]
    assert due == [NOW + timedelta(minutes=minutes) for minutes in (45, 40, 30)]
    for lasting in (replace(TOKENS, refresh_token=None), replace(TOKENS, expires_at=None)):
        assert refresh_due_at(lasting) is None


def test_tokens_of_a_response() -> None:
    """A lifetime may be a text; without a new refresh token the former one stays, with its end; no lifetime is none."""
    fresh = read_tokens({"access_token": "b", "expires_in": "3600"}, now=NOW, before=TOKENS)
    assert fresh == replace(TOKENS, access_token="b")
    assert read_tokens({"access_token": "b", "expires_in": -1}, now=NOW, before=None) == Tokens(
        access_token="b", issued_at=NOW, expires_at=None
    )
    assert read_tokens({"expires_in": 3600}, now=NOW, before=TOKENS) is None


def test_permissions_of_a_response() -> None:
    """A list, or a text with spaces or commas; none where the response does not name them."""
    forms: list[JsonValue] = ["a b", "a,b", "a, b", ["a", "b", 7, " "]]
    assert [read_scopes(form) for form in forms] == [frozenset({"a", "b"})] * 4
    assert [read_scopes(form) for form in (None, "")] == [frozenset()] * 2
