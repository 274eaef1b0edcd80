"""Connecting, refreshing and revoking at the sandbox's Bluesky, with the faults that these calls can have."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.contract.faults import Call, matrix
from tests.contract.job import picture
from tests.contract.on_bluesky import HANDLE, OnBluesky

from presswork.platforms.errors import CredentialInvalid, Rejected, TryLater
from presswork.platforms.port import Present

AWAY = ["http_500", "html_502", "malformed_json", "drop_before_effect", "drop_after_effect"]


async def test_connect(on_bluesky: OnBluesky) -> None:
    """A login returns the DID, the handle, the permissions, and tokens for an hour."""
    grant = await on_bluesky.connect()
    assert grant.handle == HANDLE
    assert grant.external_id.startswith("did:")
    assert grant.scopes == {"atproto", "transition:generic"}
    assert grant.tokens.expires_at == grant.tokens.issued_at + timedelta(hours=1)
    assert (await on_bluesky.connect()).external_id == grant.external_id


async def test_the_redirect_names_its_server(on_bluesky: OnBluesky) -> None:
    """The redirect has the issuer of the login, and the state."""
    begun = await on_bluesky.begin()
    query = parse_qs(urlsplit(await on_bluesky.sandbox.approve(begun.url, account=HANDLE)).query)
    assert query["state"] == ["st_1"]
    on_bluesky.login.check_issuer(query["iss"][0], verifier=begun.secret)


async def test_owner_declines(on_bluesky: OnBluesky) -> None:
    """A denied login redirects with an error and the state, and without a code."""
    begun = await on_bluesky.begin()
    query = parse_qs(urlsplit(await on_bluesky.sandbox.approve(begun.url, account=HANDLE, decision="deny")).query)
    assert query["error"] == ["access_denied"]
    assert query["state"] == ["st_1"]
    assert "code" not in query


async def test_a_code_works_once_and_for_its_login_only(on_bluesky: OnBluesky) -> None:
    """A used code, one of another login, and one that was never issued are refused."""
    begun, other = await on_bluesky.begin(), await on_bluesky.begin()
    code = await on_bluesky.sandbox.code(begun.url, account=HANDLE)
    await on_bluesky.finish(begun, code)
    for login, dead in ((begun, code), (begun, "made-up")):
        with pytest.raises(Rejected):
            await on_bluesky.finish(login, dead)
    code = await on_bluesky.sandbox.code((await on_bluesky.begin()).url, account=HANDLE)
    with pytest.raises(Rejected):
        await on_bluesky.finish(other, code)


async def test_refresh_rotates(on_bluesky: OnBluesky) -> None:
    """Each refresh returns another pair that works; a used refresh token ends the whole session."""
    grant = await on_bluesky.connect()
    first = await on_bluesky.login.refresh(grant.tokens, now=on_bluesky.clock.now())
    second = await on_bluesky.login.refresh(first, now=on_bluesky.clock.now())
    job = await on_bluesky.job(picture(), grant=grant)
    job.tokens = second
    assert isinstance(await on_bluesky.drive(job), Present)
    with pytest.raises(CredentialInvalid):
        await on_bluesky.login.refresh(first, now=on_bluesky.clock.now())
    with pytest.raises(CredentialInvalid):
        await on_bluesky.login.refresh(second, now=on_bluesky.clock.now())


async def test_tokens_of_hours_ago_are_refreshed(on_bluesky: OnBluesky) -> None:
    """Access that has expired is refused by the server, refreshed, and the post is live."""
    job = await on_bluesky.job(picture())
    await on_bluesky.clock.sleep(timedelta(hours=2))
    assert isinstance(await on_bluesky.drive(job), Present)
    assert job.renewals == 1


async def test_revoke(on_bluesky: OnBluesky) -> None:
    """A revoked grant can't be refreshed, and revoking it again is no error."""
    tokens = (await on_bluesky.connect()).tokens
    await on_bluesky.login.revoke(tokens)
    with pytest.raises(CredentialInvalid):
        await on_bluesky.login.refresh(tokens, now=on_bluesky.clock.now())
    await on_bluesky.login.revoke(tokens)


@pytest.mark.parametrize("fault", matrix(AWAY, at=Call.PUBLISH))
async def test_faults_of_a_refresh(on_bluesky: OnBluesky, fault: str) -> None:
    """A fault is TryLater. The next refresh succeeds, unless the lost one had its effect: then the session is over."""
    tokens = (await on_bluesky.connect()).tokens
    await on_bluesky.fault("refresh", fault)
    with pytest.raises(TryLater):
        await on_bluesky.login.refresh(tokens, now=on_bluesky.clock.now())
    if fault in ("drop_after_effect", "malformed_json"):  # the token was used
        with pytest.raises(CredentialInvalid):
            await on_bluesky.login.refresh(tokens, now=on_bluesky.clock.now())
    else:
        fresh = await on_bluesky.login.refresh(tokens, now=on_bluesky.clock.now())
        assert fresh.access_token != tokens.access_token


@pytest.mark.parametrize("fault", matrix(AWAY, at=Call.PUBLISH))
async def test_faults_of_an_exchange(on_bluesky: OnBluesky, fault: str) -> None:
    """A fault of the code exchange is TryLater."""
    begun = await on_bluesky.begin()
    code = await on_bluesky.sandbox.code(begun.url, account=HANDLE)
    await on_bluesky.fault("token", fault)
    with pytest.raises(TryLater):
        await on_bluesky.finish(begun, code)


async def test_the_client_is_accepted(on_bluesky: OnBluesky) -> None:
    """The check of the client finds nothing wrong."""
    await on_bluesky.login.check_app()
