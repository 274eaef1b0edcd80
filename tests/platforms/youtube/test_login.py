"""Connecting, refreshing and revoking, against a Google that responds by a script."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from pydantic import JsonValue
from tests.platforms.tiktok.driving import CutConnection, Respond
from tests.platforms.youtube.driving import CHANNELS, NO_ITEMS, Script, refused

from presswork.platforms.errors import CredentialInvalid, FailureCode, PlatformError, Rejected, TryLater
from presswork.platforms.port import Grant, Platform, SupportsAppCheck, Tokens
from presswork.platforms.youtube.description import MANAGE, UPLOAD

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BACK = "https://presswork.example/oauth/callback/f"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
TOKENS: dict[str, JsonValue] = {
    "access_token": "ya29.1",
    "expires_in": 3599,
    "refresh_token": "1//1",
    "scope": f"{UPLOAD} {MANAGE}",
    "token_type": "Bearer",
}
OLD = Tokens(
    access_token="ya29.0",
    issued_at=NOW - timedelta(hours=1),
    expires_at=NOW,
    refresh_token="1//0",
    refresh_expires_at=NOW + timedelta(days=6),
)


def oauth(status: int, code: str) -> Respond:
    """An error of the token endpoint."""
    return Respond(status, {"error": code, "error_description": "words"})


async def connect(platform: Platform) -> Grant:
    """Complete a login."""
    return await platform.login.connect(code="4/0Ab_c", redirect_uri=BACK, verifier=VERIFIER, now=NOW)


def test_authorize_url(platform: Platform) -> None:
    """The URL asks for offline access and consent, so that a refresh token is issued, and has the base64url challenge."""
    url = platform.login.authorize_url(redirect_uri=BACK, state="st4te", verifier=VERIFIER)
    assert urlsplit(url).path == "/o/oauth2/v2/auth"
    assert parse_qs(urlsplit(url).query) == {
        "client_id": ["the-id"],
        "redirect_uri": [BACK],
        "response_type": ["code"],
        "scope": [f"{UPLOAD} {MANAGE}"],
        "state": ["st4te"],
        "access_type": ["offline"],
        "prompt": ["consent"],
        "code_challenge": ["E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"],  # from RFC 7636, appendix B
        "code_challenge_method": ["S256"],
    }


async def test_connect(platform: Platform, script: Script) -> None:
    """The code is exchanged with its verifier, and the grant is the channel's."""
    script.answers |= {"token": [Respond(200, TOKENS)], "channels": [CHANNELS]}
    assert await connect(platform) == Grant(
        tokens=Tokens(
            access_token="ya29.1",
            issued_at=NOW,
            expires_at=NOW + timedelta(seconds=3599),
            refresh_token="1//1",
        ),
        external_id="UCbrand",
        handle="brand",
        display_name="The Brand",
        avatar_url="https://yt3.example/m.jpg",
        scopes=frozenset({UPLOAD, MANAGE}),
    )
    assert dict(parse_qsl(script.sent("token")[0].body.decode())) == {
        "client_id": "the-id",
        "client_secret": "the-secret",
        "code": "4/0Ab_c",
        "grant_type": "authorization_code",
        "redirect_uri": BACK,
        "code_verifier": VERIFIER,
    }
    assert script.sent("channels")[0].headers["Authorization"] == "Bearer ya29.1"


async def test_access_of_an_app_in_testing(platform: Platform, script: Script) -> None:
    """An app in testing gets a refresh token of 7 days, and the account shows when it ends."""
    tokens: dict[str, JsonValue] = {**TOKENS, "refresh_token_expires_in": 604_799}
    script.answers |= {"token": [Respond(200, tokens)], "channels": [CHANNELS]}
    assert (await connect(platform)).tokens.refresh_expires_at == NOW + timedelta(seconds=604_799)


async def test_several_channels(platform: Platform, script: Script) -> None:
    """The person chooses among the channels of a login, and the grants share one grantor, since they share one token."""
    assert isinstance(CHANNELS.body, dict)
    first = CHANNELS.body["items"]
    assert isinstance(first, list)
    items: list[JsonValue] = [*first, {"id": "UCside", "snippet": {"title": "Side project"}}]
    script.answers |= {"token": [Respond(200, TOKENS)], "channels": [Respond(200, {"items": items})]}
    grant = await connect(platform)
    [other] = grant.others
    assert (other.external_id, other.handle) == ("UCside", "Side project")
    assert grant.grantor_id == other.grantor_id == "UCbrand"


@pytest.mark.parametrize("answer", [NO_ITEMS, refused(401, "youtubeSignupRequired")], ids=["empty", "signup"])
async def test_google_account_without_a_channel(platform: Platform, script: Script, answer: Respond) -> None:
    """A login without a channel is not eligible, and the message says how to get one."""
    script.answers |= {"token": [Respond(200, TOKENS)], "channels": [answer]}
    with pytest.raises(Rejected, match="Create") as end:
        await connect(platform)
    assert end.value.failure is FailureCode.ACCOUNT_NOT_ELIGIBLE


async def test_unticked_permission(platform: Platform, script: Script) -> None:
    """Without the upload permission the account connects with what it has; without the other its channel can't be read."""
    script.answers |= {"token": [Respond(200, {**TOKENS, "scope": MANAGE})], "channels": [CHANNELS]}
    assert (await connect(platform)).scopes == {MANAGE}
    script.answers["token"] = [Respond(200, {**TOKENS, "scope": UPLOAD})]
    script.restart()
    with pytest.raises(Rejected, match="every permission ticked"):
        await connect(platform)


@pytest.mark.parametrize(
    ("answer", "expected", "words"),
    [
        (oauth(400, "invalid_grant"), Rejected, "used before"),
        (oauth(401, "invalid_client"), Rejected, "PRESSWORK_YOUTUBE_CLIENT_SECRET"),
        (oauth(400, "redirect_uri_mismatch"), Rejected, "redirect URI"),
        (oauth(503, "temporarily_unavailable"), TryLater, "temporary"),
        (Respond(502, b"<html>"), TryLater, "temporary"),
        (Respond(200, b"<html>"), TryLater, "unreadable"),
        (Respond(200, {}), TryLater, "no access token"),
        (CutConnection(), TryLater, "did not answer"),
    ],
)
async def test_refused_exchange(
    platform: Platform, script: Script, answer: Respond | CutConnection, expected: type[PlatformError], words: str
) -> None:
    """Each answer to the code is explained, without the code and the secret."""
    script.answers["token"] = [answer]
    with pytest.raises(expected, match=words) as end:
        await connect(platform)
    assert "4/0Ab_c" not in str(end.value)
    assert "the-secret" not in str(end.value)


async def test_refresh_keeps_the_refresh_token(platform: Platform, script: Script) -> None:
    """Google does not rotate: the old refresh token stays, with its end; a new one in the answer replaces it."""
    script.answers["token"] = [
        Respond(200, {"access_token": "ya29.2", "expires_in": 3599}),
        Respond(200, {"access_token": "ya29.3", "expires_in": 3599, "refresh_token": "1//3"}),
    ]
    fresh = await platform.login.refresh(OLD, now=NOW)
    assert fresh == Tokens(
        access_token="ya29.2",
        issued_at=NOW,
        expires_at=NOW + timedelta(seconds=3599),
        refresh_token="1//0",
        refresh_expires_at=OLD.refresh_expires_at,
    )
    assert (await platform.login.refresh(fresh, now=NOW)).refresh_token == "1//3"


def test_refresh_is_due_before_the_token_expires(platform: Platform) -> None:
    """After 45 of 60 minutes; never where there is no refresh token."""
    assert platform.login.refresh_due_at(OLD) == NOW - timedelta(minutes=15)
    assert platform.login.refresh_due_at(replace(OLD, refresh_token=None)) is None


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (oauth(400, "invalid_grant"), CredentialInvalid),
        (oauth(401, "invalid_client"), TryLater),
        (oauth(500, "internal_failure"), TryLater),
        (Respond(404, b""), TryLater),
        (CutConnection(), TryLater),
    ],
)
async def test_refused_refresh(
    platform: Platform, script: Script, answer: Respond | CutConnection, expected: type[PlatformError]
) -> None:
    """Only a dead grant disconnects the account."""
    script.answers["token"] = [answer]
    with pytest.raises(expected):
        await platform.login.refresh(OLD, now=NOW)


@pytest.mark.parametrize("answer", [Respond(200, {}), Respond(200, b""), oauth(400, "invalid_token")])
async def test_revoke(platform: Platform, script: Script, answer: Respond) -> None:
    """The refresh token is revoked, which ends the whole grant; one that is invalid already counts as revoked."""
    script.answers["revoke"] = [answer]
    await platform.login.revoke(OLD)
    assert script.sent("revoke")[0].body == b"token=1%2F%2F0"


@pytest.mark.parametrize(("answer", "expected"), [(Respond(503, b""), TryLater), (oauth(400, "unsupported"), Rejected)])
async def test_refused_revocation(
    platform: Platform, script: Script, answer: Respond, expected: type[PlatformError]
) -> None:
    """Everything else is reported."""
    script.answers["revoke"] = [answer]
    with pytest.raises(expected):
        await platform.login.revoke(OLD)


async def test_app_check(platform: Platform, script: Script) -> None:
    """A wrong secret is refused before anything else is looked at; any other refusal means that the app is accepted."""
    assert isinstance(platform.login, SupportsAppCheck)
    script.answers["token"] = [oauth(400, "invalid_grant"), oauth(401, "invalid_client"), Respond(503, b"")]
    await platform.login.check_app()
    with pytest.raises(Rejected, match="PRESSWORK_YOUTUBE_CLIENT_ID"):
        await platform.login.check_app()
    with pytest.raises(TryLater):
        await platform.login.check_app()
