"""Instagram's login: the response formats that its documentation and servers use, and when a token is refreshed."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import JsonValue

from presswork.platforms.errors import CredentialInvalid, Rejected, TryLater
from presswork.platforms.instagram.description import Endpoints
from presswork.platforms.instagram.login import InstagramLogin
from presswork.platforms.port import AppCredentials, Tokens
from presswork.platforms.transport import Transport

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BACK = "https://presswork.example/oauth/callback/instagram"
LONG: JsonValue = {"access_token": "IGlong", "token_type": "bearer", "expires_in": 5183944}
ME: JsonValue = {"user_id": "17841405822304914", "username": "brand", "name": "The Brand", "id": "2477"}
BASIC, PUBLISH = "instagram_business_basic", "instagram_business_content_publish"


class Host(Protocol):
    """The part of the loopback server that these tests use."""

    address: str
    by_path: dict[str, list[tuple[int, JsonValue]]]
    seen: list[tuple[str, Mapping[str, str], Mapping[str, str]]]

    def give(self, path: str, body: JsonValue, *, status: int = 200) -> None: ...


@pytest.fixture
async def login(answers: Host) -> AsyncIterator[InstagramLogin]:
    """A login whose hosts are all the loopback server."""
    async with Transport(name="instagram") as transport:
        yield InstagramLogin(
            endpoints=Endpoints(graph=f"{answers.address}/", api=answers.address, www=answers.address),
            app=AppCredentials(client_id="77", client_secret="hush"),
            transport=transport,
            api_version="v25.0",
            timeout=timedelta(seconds=5),
        )


def tokens(*, lives: timedelta = timedelta(days=60)) -> Tokens:
    """Return tokens issued now."""
    return Tokens(access_token="IGlong", issued_at=NOW, expires_at=NOW + lives)


def test_authorize_url_asks_for_all_permissions(login: InstagramLogin) -> None:
    """The URL contains the app, the redirect URL, the state and comma-separated permissions; no secret."""
    url = urlsplit(login.authorize_url(redirect_uri=BACK, state="st_1"))
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert url.path == "/oauth/authorize"
    assert query == {
        "client_id": "77",
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": f"{BASIC},{PUBLISH},instagram_business_manage_comments",
        "state": "st_1",
    }


SHORT: list[JsonValue] = [
    {"access_token": "IGshort", "user_id": 17841405822304914, "permissions": [BASIC, PUBLISH]},
    {"data": [{"access_token": "IGshort", "user_id": "17841405822304914", "permissions": f"{BASIC},{PUBLISH}"}]},
]


@pytest.mark.parametrize("short", SHORT, ids=["flat", "wrapped"])
@pytest.mark.parametrize("profile", [ME, {"data": [ME]}], ids=["flat", "wrapped"])
async def test_both_response_formats_are_parsed(
    login: InstagramLogin, answers: Host, short: JsonValue, profile: JsonValue
) -> None:
    """Flat or wrapped, permissions as a list or a string, ids as numbers or strings: the same grant."""
    answers.give("/oauth/access_token", short)
    answers.give("/access_token", LONG)
    answers.give("/v25.0/me", profile)
    grant = await login.connect(code="abc#_", redirect_uri=BACK, now=NOW)
    assert (grant.external_id, grant.handle, grant.display_name) == ("17841405822304914", "brand", "The Brand")
    assert grant.scopes == {BASIC, PUBLISH}
    assert (grant.tokens.access_token, grant.tokens.expires_at) == ("IGlong", NOW + timedelta(seconds=5183944))
    (_, exchange, _), (_, upgrade, _), (_, me, headers) = answers.seen
    assert exchange == {
        "client_id": "77",
        "client_secret": "hush",
        "grant_type": "authorization_code",
        "redirect_uri": BACK,
        "code": "abc",
    }
    assert upgrade == {"grant_type": "ig_exchange_token", "client_secret": "hush", "access_token": "IGshort"}
    assert "access_token" not in me
    assert headers["Authorization"] == "Bearer IGlong"


async def test_refused_code_starts_again(login: InstagramLogin, answers: Host) -> None:
    """The unusual envelope of a refused code becomes a message that says to start again."""
    odd: JsonValue = {"error_type": "OAuthException", "code": 400, "error_message": "Matching code was not found"}
    answers.give("/oauth/access_token", odd, status=400)
    with pytest.raises(Rejected, match="Start connecting the account again") as refused:
        await login.connect(code="abc", redirect_uri=BACK, now=NOW)
    assert refused.value.platform_message == "Matching code was not found"


async def test_reads_after_the_exchange_are_repeated(login: InstagramLogin, answers: Host) -> None:
    """The code works once, so a temporary error of the following reads is retried; a lasting one is TryLater."""
    answers.give("/oauth/access_token", SHORT[0])
    answers.give("/access_token", {}, status=500)
    answers.give("/access_token", {}, status=500)
    answers.give("/access_token", LONG)
    answers.give("/v25.0/me", ME)
    assert (await login.connect(code="abc", redirect_uri=BACK, now=NOW)).handle == "brand"
    answers.by_path["/access_token"] = [(500, {})]
    with pytest.raises(TryLater):
        await login.connect(code="abc", redirect_uri=BACK, now=NOW)


def test_refresh_is_due_ten_days_early_but_not_within_a_day(login: InstagramLogin) -> None:
    """Ten days before the expiry; never before it is a day old; never for a token that has expired by then."""
    assert login.refresh_due_at(tokens()) == NOW + timedelta(days=50)
    assert login.refresh_due_at(tokens(lives=timedelta(days=5))) == NOW + timedelta(hours=24)
    assert login.refresh_due_at(tokens(lives=timedelta(hours=1))) is None
    assert login.refresh_due_at(Tokens(access_token="IG", issued_at=NOW, expires_at=None)) is None


async def test_errors_of_the_refresh_keep_the_account_connected(login: InstagramLogin, answers: Host) -> None:
    """A limit is TryLater with its wait; an invalid token is CredentialInvalid; success returns a new token."""
    path = "/refresh_access_token"
    answers.give(path, {"error": {"message": "limit", "code": 4}}, status=400)
    answers.give(path, {"error": {"message": "dead", "code": 190, "error_subcode": 463}}, status=400)
    answers.give(path, {"error": {"message": "too young", "code": 100}}, status=400)
    answers.give(path, {"access_token": "IGnew", "expires_in": 5183944})
    with pytest.raises(TryLater) as limited:
        await login.refresh(tokens(), now=NOW)
    assert limited.value.is_throttled
    for _ in range(2):
        with pytest.raises(CredentialInvalid):
            await login.refresh(tokens(), now=NOW)
    later = NOW + timedelta(days=50)
    fresh = await login.refresh(tokens(), now=later)
    assert (fresh.access_token, fresh.issued_at) == ("IGnew", later)
    assert fresh.expires_at == later + timedelta(seconds=5183944)
    assert answers.seen[-1][1] == {"grant_type": "ig_refresh_token", "access_token": "IGlong"}


async def test_revoke_makes_no_call(login: InstagramLogin, answers: Host) -> None:
    """Instagram documents no call that revokes a grant, so none is made."""
    await login.revoke(tokens())
    assert answers.seen == []
