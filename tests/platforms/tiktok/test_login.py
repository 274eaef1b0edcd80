"""Connecting and refreshing, against a TikTok that responds by a script."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from pydantic import JsonValue
from tests.platforms.tiktok.driving import CREATOR, CutConnection, Respond, Script, ok, refused

from presswork.platforms.errors import CredentialInvalid, PlatformError, Rejected, TryLater
from presswork.platforms.port import Grant, Platform, Tokens

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BACK = "https://presswork.example/oauth/callback/c"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
TOKENS: dict[str, JsonValue] = {
    "access_token": "act.1",
    "expires_in": 7200,
    "open_id": "open-1",
    "refresh_expires_in": 15_552_000,
    "refresh_token": "rft.1",
    "scope": "user.info.basic,video.publish,video.upload",
    "token_type": "Bearer",
}
USER = ok(user={"open_id": "open-1", "display_name": "The Brand", "avatar_url": "https://a/1.jpg"})
OLD = Tokens(
    access_token="act.0",
    issued_at=NOW - timedelta(hours=1),
    expires_at=NOW + timedelta(hours=1),
    refresh_token="rft.0",
    refresh_expires_at=NOW + timedelta(days=100),
)


def oauth(status: int, code: str) -> Respond:
    """An OAuth error, which is flat."""
    return Respond(status, {"error": code, "error_description": "words", "log_id": "L"})


async def connect(platform: Platform, code: str = "c0de*1") -> Grant:
    """Complete a login."""
    return await platform.login.connect(code=code, redirect_uri=BACK, verifier=VERIFIER, now=NOW)


def test_authorize_url(platform: Platform) -> None:
    """The URL contains `client_key`, the scopes separated by commas, and the verifier's SHA-256 in hex."""
    url = platform.login.authorize_url(redirect_uri=BACK, state="st4te", verifier=VERIFIER)
    assert urlsplit(url).path == "/v2/auth/authorize/"
    assert parse_qs(urlsplit(url).query) == {
        "client_key": ["the-key"],
        "scope": ["user.info.basic,video.publish,video.upload"],
        "response_type": ["code"],
        "redirect_uri": [BACK],
        "state": ["st4te"],
        "code_challenge": ["13d31e961a1ad8ec2f16b10c4c982e0876a878ad6df144566ee1894acb70f9c3"],
        "code_challenge_method": ["S256"],
    }


async def test_connect(platform: Platform, script: Script) -> None:
    """The code is exchanged for tokens with the lifetimes in the response, and a profile with the posting name."""
    script.answers |= {"token": [Respond(200, TOKENS)], "user_info": [USER]}
    assert await connect(platform, "c0de%2A1") == Grant(
        tokens=Tokens(
            access_token="act.1",
            issued_at=NOW,
            expires_at=NOW + timedelta(hours=2),
            refresh_token="rft.1",
            refresh_expires_at=NOW + timedelta(days=180),
        ),
        external_id="open-1",
        handle="brand",
        display_name="The Brand",
        avatar_url="https://a/1.jpg",
        scopes=frozenset({"user.info.basic", "video.publish", "video.upload"}),
    )
    call = script.sent("token")[0]
    assert call.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert dict(parse_qsl(call.body.decode())) == {
        "client_key": "the-key",
        "client_secret": "the-secret",
        "code": "c0de*1",
        "grant_type": "authorization_code",
        "redirect_uri": BACK,
        "code_verifier": VERIFIER,
    }
    assert script.sent("user_info")[0].query == {"fields": "open_id,display_name,avatar_url"}


async def test_only_granted_permissions_are_used(platform: Platform, script: Script) -> None:
    """A field or call without its permission would fail the login, so the handle comes from what is available."""
    script.answers |= {
        "token": [Respond(200, {**TOKENS, "scope": "user.info.basic"})],
        "user_info": [USER],
    }
    assert (await connect(platform)).handle == "The Brand"
    script.answers["token"] = [Respond(200, {**TOKENS, "scope": "user.info.basic,user.info.profile"})]
    script.answers["user_info"] = [ok(user={"display_name": "The Brand", "username": "brand.name"})]
    assert (await connect(platform)).handle == "brand.name"
    assert script.sent("user_info")[-1].query == {"fields": "open_id,display_name,avatar_url,username"}
    assert not script.sent("creator_info")


@pytest.mark.parametrize(
    "failure", [Respond(500), CutConnection(), refused(200, "spam_risk_too_many_posts"), Respond(200, b"<")], ids=str
)
async def test_an_unreadable_profile_does_not_fail_the_login(
    platform: Platform, script: Script, failure: Respond | CutConnection
) -> None:
    """The code works once, so a login does not fail for a missing name: another one replaces it."""
    script.answers |= {"token": [Respond(200, TOKENS)], "user_info": [USER], "creator_info": [failure]}
    assert (await connect(platform)).handle == "The Brand"
    script.answers |= {"user_info": [failure], "creator_info": [CREATOR]}
    assert (await connect(platform)).handle == "brand"
    script.answers |= {"user_info": [failure], "creator_info": [failure]}
    assert (await connect(platform)).handle == "open-1"


@pytest.mark.parametrize("status", [200, 400, 401])
@pytest.mark.parametrize(
    "code", ["invalid_grant", "invalid_request", "invalid_client", "access_denied", "invalid_scope"]
)
async def test_a_refused_login(platform: Platform, script: Script, status: int, code: str) -> None:
    """OAuth errors are recognized by the key `error`, whatever the HTTP status."""
    script.answers["token"] = [oauth(status, code)]
    with pytest.raises(Rejected) as failed:
        await connect(platform)
    assert (failed.value.platform_code, failed.value.platform_message) == (code, "words")
    assert "c0de" not in failed.value.message


AWAY = [
    Respond(500),
    Respond(502, b"<html>"),
    CutConnection(),
    oauth(200, "server_error"),
    oauth(503, "temporarily_unavailable"),
    Respond(200, b"{"),
]


@pytest.mark.parametrize("failure", [*AWAY, Respond(200, {"open_id": "open-1"})], ids=str)
async def test_errors_of_the_login(platform: Platform, script: Script, failure: Respond | CutConnection) -> None:
    """Neither tokens nor a refusal: a temporary error."""
    script.answers["token"] = [failure]
    with pytest.raises(TryLater):
        await connect(platform)


async def test_refresh(platform: Platform, script: Script) -> None:
    """Both tokens are new; what the response omits stays the same."""
    script.answers["token"] = [Respond(200, TOKENS), Respond(200, {"access_token": "act.2", "expires_in": 86400})]
    fresh = await platform.login.refresh(OLD, now=NOW)
    assert (fresh.access_token, fresh.refresh_token) == ("act.1", "rft.1")
    assert (fresh.expires_at, fresh.refresh_expires_at) == (NOW + timedelta(hours=2), NOW + timedelta(days=180))
    kept = await platform.login.refresh(OLD, now=NOW)
    assert (kept.access_token, kept.refresh_token) == ("act.2", "rft.0")
    assert (kept.expires_at, kept.refresh_expires_at) == (NOW + timedelta(days=1), OLD.refresh_expires_at)
    assert dict(parse_qsl(script.sent("token")[0].body.decode())) == {
        "client_key": "the-key",
        "client_secret": "the-secret",
        "grant_type": "refresh_token",
        "refresh_token": "rft.0",
    }


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (oauth(200, "invalid_grant"), CredentialInvalid),
        (oauth(400, "invalid_grant"), CredentialInvalid),
        (oauth(401, "invalid_client"), TryLater),
        (oauth(400, "invalid_request"), TryLater),
        *((failure, TryLater) for failure in AWAY),
        (refused(429, "rate_limit_exceeded"), TryLater),
    ],
    ids=str,
)
async def test_a_refused_refresh(
    platform: Platform, script: Script, answer: Respond | CutConnection, expected: type[PlatformError]
) -> None:
    """Only `invalid_grant` disconnects the account; a wrong app secret is the operator's to fix."""
    script.answers["token"] = [answer]
    with pytest.raises(expected) as failed:
        await platform.login.refresh(OLD, now=NOW)
    assert "rft." not in failed.value.message


async def test_nothing_to_refresh_with(platform: Platform, script: Script) -> None:
    """Without a refresh token TikTok is not called."""
    with pytest.raises(CredentialInvalid):
        await platform.login.refresh(Tokens(access_token="a", issued_at=NOW, expires_at=None), now=NOW)
    assert not script.calls


async def test_revoke(platform: Platform, script: Script) -> None:
    """The response is empty; a grant that is invalid already counts as revoked."""
    script.answers["revoke"] = [
        Respond(200),
        oauth(400, "invalid_grant"),
        oauth(400, "unsupported_grant_type"),
        Respond(500),
    ]
    await platform.login.revoke(OLD)
    assert dict(parse_qsl(script.calls[0].body.decode())) == {
        "client_key": "the-key",
        "client_secret": "the-secret",
        "token": "act.0",
    }
    await platform.login.revoke(OLD)
    with pytest.raises(Rejected):
        await platform.login.revoke(OLD)
    with pytest.raises(TryLater):
        await platform.login.revoke(OLD)
