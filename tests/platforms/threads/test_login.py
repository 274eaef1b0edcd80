"""Threads' login: its URLs, its calls, and the permissions that were granted."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import JsonValue

from presswork.platforms.errors import CredentialInvalid, Rejected
from presswork.platforms.port import AppCredentials, Tokens
from presswork.platforms.threads.description import REQUESTED, Endpoints
from presswork.platforms.threads.login import ThreadsLogin
from presswork.platforms.transport import Transport

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BACK = "https://presswork.example/oauth/callback/d"
SHORT: JsonValue = {"access_token": "THshort", "user_id": 17841405793187218}
LONG: JsonValue = {"access_token": "THlong", "token_type": "bearer", "expires_in": 5183944}
ME: JsonValue = {"id": "17841405793187218", "username": "brand", "name": "The Brand"}


class Host(Protocol):
    """The part of the loopback server that these tests use."""

    address: str
    seen: list[tuple[str, Mapping[str, str], Mapping[str, str]]]

    def give(self, path: str, body: JsonValue, *, status: int = 200) -> None: ...


@pytest.fixture
async def login(answers: Host) -> AsyncIterator[ThreadsLogin]:
    """A login whose hosts are both the loopback server."""
    async with Transport(name="threads") as transport:
        yield ThreadsLogin(
            endpoints=Endpoints(graph=f"{answers.address}/", www=answers.address),
            app=AppCredentials(client_id="77", client_secret="hush"),
            transport=transport,
            timeout=timedelta(seconds=5),
            permissions=REQUESTED,
        )


def test_authorize_url_asks_for_all_permissions(login: ThreadsLogin) -> None:
    """The URL contains the app, the redirect URL, the state and comma-separated permissions; no secret."""
    url = urlsplit(login.authorize_url(redirect_uri=BACK, state="st_1"))
    assert url.path == "/oauth/authorize"
    assert {name: values[0] for name, values in parse_qs(url.query).items()} == {
        "client_id": "77",
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": "threads_basic,threads_content_publish,threads_manage_replies,threads_read_replies,threads_delete",
        "state": "st_1",
    }


DEBUG: list[tuple[JsonValue, int, frozenset[str]]] = [
    ({"data": {"is_valid": True, "scopes": ["threads_basic"]}}, 200, frozenset({"threads_basic"})),
    ({"data": {"is_valid": True}}, 200, frozenset(REQUESTED)),
    ({"error": {"message": "no", "code": 100}}, 400, frozenset(REQUESTED)),
]


@pytest.mark.parametrize(("debug", "status", "scopes"), DEBUG, ids=["reported", "without scopes", "refused"])
async def test_connect(
    login: ThreadsLogin, answers: Host, debug: JsonValue, status: int, scopes: frozenset[str]
) -> None:
    """The code without `#_` is exchanged twice; the number becomes the account's id; scopes are what Threads reports."""
    answers.give("/oauth/access_token", SHORT)
    answers.give("/access_token", LONG)
    answers.give("/v1.0/me", ME)
    answers.give("/v1.0/debug_token", debug, status=status)
    grant = await login.connect(code="abc#_", redirect_uri=BACK, now=NOW)
    assert (grant.external_id, grant.handle, grant.display_name) == ("17841405793187218", "brand", "The Brand")
    assert grant.scopes == scopes
    assert (grant.tokens.access_token, grant.tokens.expires_at) == ("THlong", NOW + timedelta(seconds=5183944))
    (_, exchange, _), (_, upgrade, _), (_, me, headers), *_ = answers.seen
    assert exchange["code"] == "abc"
    assert upgrade == {"grant_type": "th_exchange_token", "client_secret": "hush", "access_token": "THshort"}
    assert "access_token" not in me
    assert headers["Authorization"] == "Bearer THlong"


async def test_refused_code_starts_again(login: ThreadsLogin, answers: Host) -> None:
    """A used code becomes a message that says to start again."""
    answers.give("/oauth/access_token", {"error": {"message": "This code was used", "code": 100}}, status=400)
    with pytest.raises(Rejected, match="“This code was used”") as refused:
        await login.connect(code="abc", redirect_uri=BACK, now=NOW)
    assert "Start connecting the account again" in refused.value.message


async def test_refresh(login: ThreadsLogin, answers: Host) -> None:
    """The token is exchanged for another one; a refusal means that the account must be connected again."""
    old = Tokens(access_token="THlong", issued_at=NOW, expires_at=NOW + timedelta(days=60))
    answers.give("/refresh_access_token", {"access_token": "THnew", "expires_in": 5183944})
    answers.give("/refresh_access_token", {"error": {"message": "too young", "code": 100}}, status=400)
    assert login.refresh_due_at(old) == NOW + timedelta(days=50)
    fresh = await login.refresh(old, now=NOW)
    assert (fresh.access_token, fresh.issued_at) == ("THnew", NOW)
    assert answers.seen[-1][1] == {"grant_type": "th_refresh_token", "access_token": "THlong"}
    with pytest.raises(CredentialInvalid, match="Threads does not renew this account's access"):
        await login.refresh(old, now=NOW)
