"""LinkedIn's login: the URLs, both ways to read the profile, and what each refusal means."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import JsonValue
from tests.platforms.conftest import Answers

from presswork.platforms import plugin
from presswork.platforms.errors import CredentialInvalid, PlatformError, Rejected, TryLater
from presswork.platforms.linkedin.api import Endpoints
from presswork.platforms.linkedin.description import OF_MEMBERS, OF_PAGES
from presswork.platforms.linkedin.login import LinkedInLogin, of_page
from presswork.platforms.linkedin.plugin import linkedin
from presswork.platforms.port import AppCredentials, Tokens
from presswork.platforms.settings import Settings
from presswork.platforms.transport import Transport

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
TOKEN_PATH, REVOKE_PATH = "/oauth/v2/accessToken", "/oauth/v2/revoke"
TOKENS = Tokens(access_token="AQXold", issued_at=NOW, expires_at=NOW + timedelta(days=60), refresh_token="AQWrefresh")
GRANTED: JsonValue = {"access_token": "AQXnew", "expires_in": 5184000, "scope": "openid,profile,w_member_social"}


@pytest.fixture
async def login(answers: Answers) -> AsyncIterator[LinkedInLogin]:
    """A login whose LinkedIn responds by a script, with the permissions of an app for members."""
    async with Transport(name="linkedin") as transport:
        platform = linkedin(
            endpoints=Endpoints(www_url=answers.address, api_url=answers.address),
            app=AppCredentials(client_id="the-id", client_secret="the-secret"),
            retry_policy=plugin.test_retry_policy(Settings()),
            transport=transport,
            version="202609",
            permissions=OF_MEMBERS,
        )
        assert isinstance(platform.login, LinkedInLogin)
        yield platform.login


async def connected(login: LinkedInLogin) -> object:
    """Exchange a code."""
    return await login.connect(code="c", redirect_uri="https://x/back", verifier="v", now=NOW)


def test_authorize_url(login: LinkedInLogin, answers: Answers) -> None:
    """The permissions are separated by %20, and there is no PKCE, which LinkedIn would refuse."""
    url = login.authorize_url(redirect_uri="https://x/back", state="st", verifier="v")
    assert url.startswith(f"{answers.address}/oauth/v2/authorization?response_type=code&client_id=the-id&")
    assert "scope=openid%20profile%20w_member_social" in url
    assert parse_qs(urlsplit(url).query).keys() == {"response_type", "client_id", "redirect_uri", "state", "scope"}


async def test_profile_by_openid(login: LinkedInLogin, answers: Answers) -> None:
    """A token for OpenID Connect reads userinfo; LinkedIn separates the granted permissions by commas."""
    answers.give(TOKEN_PATH, GRANTED)
    answers.give("/v2/userinfo", {"sub": "a-B1", "name": "Ann Lee", "picture": "https://media.licdn.com/p"})
    grant = await login.connect(code="c", redirect_uri="https://x/back", verifier="v", now=NOW)
    assert (grant.external_id, grant.handle, grant.others) == ("urn:li:person:a-B1", "Ann Lee", ())
    assert grant.scopes == {"openid", "profile", "w_member_social"}
    assert grant.tokens.expires_at == NOW + timedelta(days=60)
    path, sent, _ = answers.seen[0]
    assert (path, sent["grant_type"], sent["client_secret"]) == (TOKEN_PATH, "authorization_code", "the-secret")
    assert "code_verifier" not in sent


async def test_profile_of_an_app_with_pages_only(login: LinkedInLogin, answers: Answers) -> None:
    """An app with the Community Management API has no OpenID Connect: the profile is at another address."""
    answers.give(TOKEN_PATH, {"access_token": "AQXnew", "expires_in": 5184000, "scope": " ".join(OF_PAGES)})
    profile: JsonValue = {
        "id": "a-B1",
        "localizedFirstName": "Ann",
        "localizedLastName": "Lee",
        "vanityName": "annlee",
    }
    answers.give("/v2/me", profile)
    administrator: JsonValue = {"role": "ADMINISTRATOR", "state": "APPROVED", "organization": "urn:li:organization:12"}
    others: list[JsonValue] = [
        {"role": "ANALYST", "organization": "urn:li:organization:13"},
        {"role": "ADMINISTRATOR", "state": "REVOKED", "organization": "urn:li:organization:14"},
        {"role": "ADMINISTRATOR", "organization": "urn:li:organizationBrand:15"},
        {"role": "CONTENT_ADMIN", "organizationalTarget": "urn:li:organization:12"},
    ]
    answers.give("/rest/organizationAcls", {"elements": [administrator, *others]})
    answers.give("/rest/organizations/12", {"localizedName": "Acme", "vanityName": "acme"})
    grant = await login.connect(code="c", redirect_uri="https://x/back", verifier="v", now=NOW)
    assert (grant.handle, grant.display_name) == ("annlee", "Ann Lee")
    [page] = grant.others
    assert (page.external_id, page.handle, page.display_name) == ("urn:li:organization:12", "acme", "Acme")
    assert page.scopes >= {"w_member_social", "w_member_social_feed"}
    headers = next(headers for path, _, headers in answers.seen if path == "/rest/organizationAcls")
    assert (headers["LinkedIn-Version"], headers["X-Restli-Protocol-Version"]) == ("202609", "2.0.0")


def test_page_needs_to_read_its_posts() -> None:
    """Without it, a lost answer could never be looked up: such a page is connected and not ready."""
    assert "w_member_social" not in of_page({"w_member_social", "w_organization_social"})
    assert "w_member_social" in of_page({"w_organization_social", "r_organization_social"})
    assert "w_member_social_feed" not in of_page({"w_member_social_feed"})


async def test_app_that_may_not_list_pages(login: LinkedInLogin, answers: Answers) -> None:
    """The member can be connected all the same."""
    answers.give(TOKEN_PATH, {"access_token": "AQXnew", "expires_in": 5184000, "scope": " ".join(OF_PAGES)})
    answers.give("/v2/me", {"id": "a"})
    answers.give("/rest/organizationAcls", {"status": 403, "code": "ACCESS_DENIED", "message": "no"}, status=403)
    grant = await login.connect(code="c", redirect_uri="https://x/back", verifier="v", now=NOW)
    assert grant.others == ()


@pytest.mark.parametrize("body", [{}, {"elements": None}, {"paging": {"total": 0}}])
async def test_pages_without_a_list(login: LinkedInLogin, answers: Answers, body: JsonValue) -> None:
    """A successful response without a list does not show that the person has no pages: the login has to be repeated."""
    answers.give(TOKEN_PATH, {"access_token": "AQXnew", "expires_in": 5184000, "scope": " ".join(OF_PAGES)})
    answers.give("/v2/me", {"id": "a"})
    answers.give("/rest/organizationAcls", body)
    with pytest.raises(TryLater, match="no list"):
        await connected(login)


@pytest.mark.parametrize(
    ("status", "error", "kind", "words"),
    [
        (401, "invalid_client", Rejected, "PRESSWORK_LINKEDIN_CLIENT_SECRET"),
        (400, "invalid_request", Rejected, "redirect URI"),
        (400, "invalid_redirect_uri", Rejected, "redirect URI"),
        (400, "of_tomorrow", Rejected, "of_tomorrow"),
        (503, "server_error", TryLater, "temporary"),
        (429, "too_many", TryLater, "temporary"),
    ],
)
async def test_refused_code(
    login: LinkedInLogin, answers: Answers, status: int, error: str, kind: type[PlatformError], words: str
) -> None:
    """Each refusal says what to do."""
    answers.give(TOKEN_PATH, {"error": error, "error_description": "words"}, status=status)
    with pytest.raises(kind, match=words):
        await connected(login)


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (400, "invalid_grant", CredentialInvalid),
        (400, "invalid_request", CredentialInvalid),
        (401, "invalid_client", TryLater),
        (500, "server_error", TryLater),
        (400, "of_tomorrow", TryLater),
    ],
)
async def test_refused_refresh(
    login: LinkedInLogin, answers: Answers, status: int, error: str, kind: type[PlatformError]
) -> None:
    """Only a refusal of the token ends the account's access."""
    answers.give(TOKEN_PATH, {"error": error, "error_description": "words"}, status=status)
    with pytest.raises(kind):
        await login.refresh(TOKENS, now=NOW)


async def test_refresh_keeps_the_refresh_token(login: LinkedInLogin, answers: Answers) -> None:
    """LinkedIn does not rotate it."""
    answers.give(TOKEN_PATH, {"access_token": "AQXnew", "expires_in": 5184000})
    fresh = await login.refresh(TOKENS, now=NOW)
    assert (fresh.access_token, fresh.refresh_token) == ("AQXnew", "AQWrefresh")
    assert login.refresh_due_at(fresh) == NOW + timedelta(days=45)


@pytest.mark.parametrize(
    ("status", "error", "is_refused"),
    [(401, "invalid_client", True), (400, "access_denied", False), (401, "access_denied", False)],
)
async def test_app_check(
    login: LinkedInLogin,
    answers: Answers,
    status: int,
    error: str,
    is_refused: bool,
) -> None:
    """An app that may not have a token of its own has shown the right ID and secret."""
    answers.give(TOKEN_PATH, {"error": error, "error_description": "words"}, status=status)
    if is_refused:
        with pytest.raises(Rejected, match="ID and secret"):
            await login.check_app()
    else:
        await login.check_app()
    assert answers.seen[0][1]["grant_type"] == "client_credentials"


@pytest.mark.parametrize("error", ["invalid_token", "invalid_request"])
async def test_revoking_what_has_ended(login: LinkedInLogin, answers: Answers, error: str) -> None:
    """A token that LinkedIn does not know counts as revoked."""
    answers.give(REVOKE_PATH, {"error": error, "error_description": "words"}, status=400)
    await login.revoke(TOKENS)
    assert answers.seen[0][1]["token"] == "AQXold"


async def test_refused_revocation(login: LinkedInLogin, answers: Answers) -> None:
    """An unknown refusal says how the person can end the access."""
    answers.give(REVOKE_PATH, {"error": "of_tomorrow", "error_description": "words"}, status=400)
    with pytest.raises(Rejected, match="Permitted services"):
        await login.revoke(TOKENS)
