"""Connecting, refreshing and revoking at the sandbox's Google, with every fault that these calls can have."""

from dataclasses import replace
from datetime import timedelta
from itertools import product
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.contract.faults import Call, matrix
from tests.contract.job import Sample
from tests.contract.on_platform import VERIFIER
from tests.contract.on_youtube import REDIRECT, OnYouTube

from presswork.platforms.errors import CredentialInvalid, Rejected, TryLater
from presswork.platforms.youtube.description import MANAGE, PUBLISH, UPLOAD

AWAY = ["http_500", "html_502", "malformed_json", "drop_before_effect", "drop_after_effect"]


async def test_connect(on_youtube: OnYouTube) -> None:
    """A login returns the channel's id and handle, its permissions, and tokens of an hour with a refresh token."""
    now = on_youtube.clock.now()
    grant = await on_youtube.connect("brand")
    assert grant.handle == "brand"
    assert grant.external_id.startswith("UC")
    assert grant.scopes == PUBLISH
    assert grant.display_name
    assert grant.tokens.refresh_token is not None
    assert grant.tokens.expires_at is not None
    assert timedelta(minutes=58) < grant.tokens.expires_at - now < timedelta(minutes=61)
    assert (await on_youtube.connect("brand")).external_id == grant.external_id


async def test_owner_declines(on_youtube: OnYouTube) -> None:
    """A denied login redirects with an error and the state, and without a code."""
    url = on_youtube.platform.login.authorize_url(redirect_uri=REDIRECT, state="st_9", verifier=VERIFIER)
    query = parse_qs(urlsplit(await on_youtube.sandbox.approve(url, account="brand", decision="deny")).query)
    assert (query["state"], query["error"]) == (["st_9"], ["access_denied"])
    assert "code" not in query


async def test_code_works_once(on_youtube: OnYouTube) -> None:
    """A used code and one that was never issued are refused with a plain message."""
    login, code = on_youtube.platform.login, await on_youtube.code()
    await login.connect(code=code, redirect_uri=REDIRECT, verifier=VERIFIER, now=on_youtube.clock.now())
    for dead in (code, "made-up"):
        with pytest.raises(Rejected, match="Connect the account again") as refused:
            await login.connect(code=dead, redirect_uri=REDIRECT, verifier=VERIFIER, now=on_youtube.clock.now())
        assert refused.value.platform_code == "invalid_grant"


async def test_code_is_bound_to_its_verifier(on_youtube: OnYouTube) -> None:
    """Google accepts the code with the verifier of its challenge only."""
    login, code = on_youtube.platform.login, await on_youtube.code()
    with pytest.raises(Rejected):
        await login.connect(code=code, redirect_uri=REDIRECT, verifier=VERIFIER + "x", now=on_youtube.clock.now())


async def test_unticked_permission(on_youtube: OnYouTube) -> None:
    """Without the upload permission the channel connects, and is not ready to publish."""
    await on_youtube.sandbox.account("youtube", "brand", grantedScopes=[MANAGE])
    assert (await on_youtube.connect("brand")).scopes == {MANAGE}
    await on_youtube.sandbox.account("youtube", "brand", grantedScopes=[UPLOAD])
    with pytest.raises(Rejected, match="every permission ticked"):
        await on_youtube.connect("brand")


async def test_refresh_keeps_the_refresh_token(on_youtube: OnYouTube, sample_clip: Sample) -> None:
    """A refresh returns another access token; the refresh token stays valid, and the new token publishes."""
    login, grant = on_youtube.platform.login, await on_youtube.connect("brand")
    fresh = await login.refresh(grant.tokens, now=on_youtube.clock.now())
    assert fresh.access_token != grant.tokens.access_token
    assert fresh.refresh_token == grant.tokens.refresh_token
    assert (await login.refresh(grant.tokens, now=on_youtube.clock.now())).access_token
    await on_youtube.publish(await on_youtube.job(sample_clip, grant=replace(grant, tokens=fresh)))


async def test_token_that_expires_during_the_post(on_youtube: OnYouTube, sample_clip: Sample) -> None:
    """When the refresh is due the token still works, and an expired token is refreshed during the call."""
    login, grant = on_youtube.platform.login, await on_youtube.connect("brand")
    due = login.refresh_due_at(grant.tokens)
    assert due is not None
    assert grant.tokens.expires_at is not None
    assert due < grant.tokens.expires_at
    await on_youtube.clock.sleep(timedelta(hours=1, minutes=1))
    job = await on_youtube.job(sample_clip, grant=grant)
    await on_youtube.publish(job)
    assert job.renewals == 1


@pytest.mark.parametrize(("operation", "fault"), matrix(product(["token", "channels"], AWAY)))
async def test_errors_of_the_login(on_youtube: OnYouTube, operation: str, fault: str) -> None:
    """No clear response to a call of the login: it raises TryLater, without the code."""
    code = await on_youtube.code()
    await on_youtube.fault(operation, fault)
    with pytest.raises(TryLater) as away:
        await on_youtube.platform.login.connect(
            code=code, redirect_uri=REDIRECT, verifier=VERIFIER, now=on_youtube.clock.now()
        )
    assert code not in away.value.message


@pytest.mark.parametrize("fault", matrix(AWAY, at=Call.WRITE))
async def test_errors_of_the_refresh(on_youtube: OnYouTube, fault: str) -> None:
    """An error of Google never disconnects the account: the next refresh works."""
    login, grant = on_youtube.platform.login, await on_youtube.connect("brand")
    await on_youtube.fault("refresh", fault)
    with pytest.raises(TryLater):
        await login.refresh(grant.tokens, now=on_youtube.clock.now())
    assert (await login.refresh(grant.tokens, now=on_youtube.clock.now())).access_token


async def test_dead_refresh_token(on_youtube: OnYouTube) -> None:
    """An invalid refresh token stays invalid."""
    grant = await on_youtube.connect("brand")
    await on_youtube.fault("refresh", "token_expired")
    with pytest.raises(CredentialInvalid):
        await on_youtube.platform.login.refresh(grant.tokens, now=on_youtube.clock.now())


async def test_revoke(on_youtube: OnYouTube, sample_clip: Sample) -> None:
    """A revoked grant neither posts nor refreshes, and revoking it twice is no error."""
    login, grant = on_youtube.platform.login, await on_youtube.connect("brand")
    await login.revoke(grant.tokens)
    with pytest.raises(CredentialInvalid):
        await on_youtube.platform.connector.prepare(await on_youtube.job(sample_clip, grant=grant))
    with pytest.raises(CredentialInvalid):
        await login.refresh(grant.tokens, now=on_youtube.clock.now())
    await login.revoke(grant.tokens)


async def test_google_account_without_a_channel(on_youtube: OnYouTube) -> None:
    """A login without a channel is refused with advice."""
    await on_youtube.sandbox.account("youtube", "newcomer", hasChannel=False)
    with pytest.raises(Rejected, match="no YouTube channel"):
        await on_youtube.connect("newcomer")


async def test_several_channels(on_youtube: OnYouTube) -> None:
    """A login that shows several channels grants each of them, for the person to choose from."""
    await on_youtube.sandbox.account("youtube", "brand", otherChannels=["side.project"])
    grant = await on_youtube.connect("brand")
    assert [other.handle for other in grant.others] == ["side.project"]
    assert grant.external_id != grant.others[0].external_id
