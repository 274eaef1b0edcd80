"""Connecting, refreshing and revoking at the sandbox's TikTok, with every fault that these calls can have."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.contract.faults import Call, matrix
from tests.contract.job import picture
from tests.contract.on_platform import VERIFIER
from tests.contract.on_tiktok import REDIRECT, OnTikTok
from tests.tiers import exhaustive

from presswork.platforms.errors import CredentialInvalid, Rejected, TryLater

AWAY = ["http_500", "html_502", "malformed_json", "drop_before_effect", "drop_after_effect"]


async def test_connect(on_tiktok: OnTikTok) -> None:
    """A login returns the account's id, its posting name, its permissions, and tokens with the reported lifetimes."""
    now = on_tiktok.clock.now()
    grant = await on_tiktok.connect("brand")
    assert grant.handle == "brand"
    assert grant.external_id
    assert grant.scopes == {"user.info.basic", "video.publish", "video.upload"}
    assert grant.display_name
    tokens = grant.tokens
    assert tokens.expires_at is not None
    assert tokens.refresh_expires_at is not None
    assert timedelta(hours=1, minutes=59) < tokens.expires_at - now < timedelta(hours=2, minutes=1)
    assert timedelta(days=179) < tokens.refresh_expires_at - now < timedelta(days=181)
    again = await on_tiktok.connect("brand")
    assert again.external_id == grant.external_id


async def test_owner_declines(on_tiktok: OnTikTok) -> None:
    """A denied login redirects with an error and the state, and without a code."""
    url = on_tiktok.platform.login.authorize_url(redirect_uri=REDIRECT, state="st_9", verifier=VERIFIER)
    query = parse_qs(urlsplit(await on_tiktok.sandbox.approve(url, account="brand", decision="deny")).query)
    assert query["state"] == ["st_9"]
    assert "error" in query
    assert "code" not in query


async def test_code_works_once(on_tiktok: OnTikTok) -> None:
    """A used code and one that was never issued are refused with a plain message."""
    login = on_tiktok.platform.login
    code = await on_tiktok.sandbox.code(
        login.authorize_url(redirect_uri=REDIRECT, state="s", verifier=VERIFIER), account="brand"
    )
    await login.connect(code=code, redirect_uri=REDIRECT, verifier=VERIFIER, now=on_tiktok.clock.now())
    for dead in (code, "made-up"):
        with pytest.raises(Rejected, match="Connect the account again") as refused:
            await login.connect(code=dead, redirect_uri=REDIRECT, verifier=VERIFIER, now=on_tiktok.clock.now())
        assert refused.value.platform_code == "invalid_grant"


async def test_redirect_address_must_be_the_same(on_tiktok: OnTikTok) -> None:
    """The code is bound to the redirect URL that it was sent to."""
    login = on_tiktok.platform.login
    code = await on_tiktok.sandbox.code(
        login.authorize_url(redirect_uri=REDIRECT, state="s", verifier=VERIFIER), account="brand"
    )
    with pytest.raises(Rejected):
        await login.connect(code=code, redirect_uri=REDIRECT + "/other", verifier=VERIFIER, now=on_tiktok.clock.now())


async def test_code_is_bound_to_its_verifier(on_tiktok: OnTikTok) -> None:
    """TikTok accepts the code with the verifier of its challenge only: with another or none, it issues no token."""
    login = on_tiktok.platform.login
    url = login.authorize_url(redirect_uri=REDIRECT, state="s", verifier=VERIFIER)
    code, now = await on_tiktok.sandbox.code(url, account="brand"), on_tiktok.clock.now()
    for wrong in (VERIFIER + "x", None):
        with pytest.raises(Rejected):
            await login.connect(code=code, redirect_uri=REDIRECT, verifier=wrong, now=now)
    assert (await login.connect(code=code, redirect_uri=REDIRECT, verifier=VERIFIER, now=now)).handle == "brand"


async def test_permission_not_given(on_tiktok: OnTikTok) -> None:
    """Without the permission to post the account connects under its display name, and posting is refused."""
    await on_tiktok.sandbox.account("tiktok", "brand", grantedScopes=["user.info.basic"])
    grant = await on_tiktok.connect("brand")
    assert grant.scopes == {"user.info.basic"}
    assert grant.handle
    with pytest.raises(CredentialInvalid, match="permission to post"):
        await on_tiktok.platform.connector.prepare(await on_tiktok.job(picture(), grant=grant))


async def test_refresh_rotates(on_tiktok: OnTikTok) -> None:
    """Both tokens are new, the old refresh token is invalid, and the new ones work."""
    login = on_tiktok.platform.login
    grant = await on_tiktok.connect("brand")
    fresh = await login.refresh(grant.tokens, now=on_tiktok.clock.now())
    assert fresh.access_token != grant.tokens.access_token
    assert fresh.refresh_token != grant.tokens.refresh_token
    with pytest.raises(CredentialInvalid) as dead:
        await login.refresh(grant.tokens, now=on_tiktok.clock.now())
    assert dead.value.platform_code == "invalid_grant"
    await on_tiktok.publish(await on_tiktok.job(picture(), grant=replace(grant, tokens=fresh)))


async def test_tokens_are_due_before_they_expire(on_tiktok: OnTikTok) -> None:
    """When the refresh is due the token still works, and an expired token is refreshed during the call."""
    login = on_tiktok.platform.login
    grant = await on_tiktok.connect("brand")
    due = login.refresh_due_at(grant.tokens)
    assert due is not None
    await on_tiktok.clock.sleep(due - on_tiktok.clock.now())
    await on_tiktok.platform.connector.prepare(await on_tiktok.job(picture(), grant=grant))
    await on_tiktok.clock.sleep(timedelta(hours=1))
    job = await on_tiktok.job(picture(), grant=grant)
    await on_tiktok.publish(job)
    assert job.renewals == 1


@pytest.mark.parametrize("fault", matrix(AWAY, at=Call.WRITE))
async def test_errors_of_the_code_exchange(on_tiktok: OnTikTok, fault: str) -> None:
    """Neither tokens nor a refusal: the login raises TryLater."""
    login = on_tiktok.platform.login
    code = await on_tiktok.sandbox.code(
        login.authorize_url(redirect_uri=REDIRECT, state="s", verifier=VERIFIER), account="brand"
    )
    await on_tiktok.fault("token", fault)
    with pytest.raises(TryLater) as away:
        await login.connect(code=code, redirect_uri=REDIRECT, verifier=VERIFIER, now=on_tiktok.clock.now())
    assert code not in away.value.message


@pytest.mark.parametrize("fault", matrix([*AWAY, "latency"], at=Call.PUBLISH))
async def test_errors_of_the_refresh(on_tiktok: OnTikTok, fault: str) -> None:
    """An error of TikTok never disconnects the account; where it kept the old token, the next attempt works."""
    login = on_tiktok.platform.login
    grant = await on_tiktok.connect("brand")
    if fault == "latency":
        await on_tiktok.fault("refresh", fault, value={"ms": 20})
        assert (await login.refresh(grant.tokens, now=on_tiktok.clock.now())).access_token
        return
    await on_tiktok.fault("refresh", fault)
    with pytest.raises(TryLater) as away:
        await login.refresh(grant.tokens, now=on_tiktok.clock.now())
    assert "rft" not in away.value.message
    if fault in ("http_500", "html_502", "drop_before_effect"):
        assert (await login.refresh(grant.tokens, now=on_tiktok.clock.now())).access_token


@pytest.mark.parametrize(
    ("code", "expected"),
    [("invalid_grant", CredentialInvalid), ("invalid_client", TryLater), ("temporarily_unavailable", TryLater)],
)
@pytest.mark.parametrize("status", [200, *exhaustive([400])])
async def test_refused_refresh(on_tiktok: OnTikTok, code: str, expected: type[Exception], status: int) -> None:
    """Only an invalid grant means that the account must be connected again, whatever the HTTP status."""
    grant = await on_tiktok.connect("brand")
    await on_tiktok.fault("refresh", "platform_error", value={"code": code, "status": status})
    with pytest.raises(expected):
        await on_tiktok.platform.login.refresh(grant.tokens, now=on_tiktok.clock.now())


async def test_dead_refresh_token(on_tiktok: OnTikTok) -> None:
    """An invalid refresh token stays invalid."""
    grant = await on_tiktok.connect("brand")
    await on_tiktok.fault("refresh", "token_expired")
    with pytest.raises(CredentialInvalid):
        await on_tiktok.platform.login.refresh(grant.tokens, now=on_tiktok.clock.now())


async def test_revoke(on_tiktok: OnTikTok) -> None:
    """A revoked grant neither posts nor refreshes, and revoking it twice is no error."""
    login = on_tiktok.platform.login
    grant = await on_tiktok.connect("brand")
    await login.revoke(grant.tokens)
    with pytest.raises(CredentialInvalid):
        await on_tiktok.platform.connector.prepare(await on_tiktok.job(picture(), grant=grant))
    with pytest.raises(CredentialInvalid):
        await login.refresh(grant.tokens, now=on_tiktok.clock.now())
    await login.revoke(grant.tokens)
