"""Connecting members and pages at the sandbox's LinkedIn."""

from datetime import timedelta
from itertools import product
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.contract.faults import Call, matrix
from tests.contract.job import picture
from tests.contract.on_linkedin import PERSON, REDIRECT, OnLinkedIn
from tests.contract.on_platform import VERIFIER

from presswork.platforms.errors import CredentialInvalid, FailureCode, Rejected, TryLater
from presswork.platforms.linkedin.description import OF_MEMBERS
from presswork.platforms.port import Mode


async def test_login_gives_the_member_and_the_pages(as_member: OnLinkedIn) -> None:
    """One login grants access to the member and to each page, by one token, which belongs to the person."""
    member, page = await as_member.grants()
    assert member.external_id.startswith("urn:li:person:")
    assert page.external_id.startswith("urn:li:organization:")
    assert (page.handle, page.tokens) == ("brand", member.tokens)
    assert member.grantor_id == page.grantor_id == member.external_id
    needs = as_member.platform.required_scopes[Mode.PUBLISH] | as_member.platform.comment_scopes
    assert needs <= member.scopes
    assert needs <= page.scopes


async def test_token_lasts_60_days_without_a_refresh(as_member: OnLinkedIn) -> None:
    """An ordinary app gets no refresh token: nothing is due, and a refresh says that a login is needed."""
    tokens = (await as_member.connect()).tokens
    assert tokens.refresh_token is None
    assert tokens.expires_at == tokens.issued_at + timedelta(days=60)
    assert as_member.platform.login.refresh_due_at(tokens) is None
    with pytest.raises(CredentialInvalid, match="Connect the account again"):
        await as_member.platform.login.refresh(tokens, now=as_member.clock.now())


async def test_partner_refreshes(as_member: OnLinkedIn) -> None:
    """An app of an approved partner gets refresh tokens, and the new token publishes."""
    await as_member.sandbox.linkedin(refreshTokens=True)
    grant = await as_member.connect()
    due_at = as_member.platform.login.refresh_due_at(grant.tokens)
    assert due_at == grant.tokens.issued_at + timedelta(days=45)
    fresh = await as_member.platform.login.refresh(grant.tokens, now=as_member.clock.now())
    assert fresh.access_token != grant.tokens.access_token
    assert (fresh.refresh_token, fresh.refresh_expires_at) != (None, None)
    job = await as_member.job(picture(), grant=grant)
    job.tokens = fresh
    await as_member.publish(job)


async def test_expired_token_ends_the_post(as_member: OnLinkedIn) -> None:
    """After 60 days a post fails with the advice to connect the account again, and nothing is live."""
    job = await as_member.job(picture())
    await job.sleep(timedelta(days=61))
    end = await as_member.drive(job)
    assert isinstance(end, CredentialInvalid)
    assert "Connect the account again" in end.message
    assert await as_member.live() == []


async def test_page_of_which_the_person_may_not_post(as_member: OnLinkedIn) -> None:
    """A role that may not post as the page offers no page."""
    await as_member.sandbox.account("linkedin", "brand", pageRole="ANALYST")
    assert [grant.external_id[:13] for grant in await as_member.grants()] == ["urn:li:person"]


async def test_member_permissions_alone(as_member: OnLinkedIn) -> None:
    """A grant without the permissions of pages connects the member."""
    await as_member.sandbox.account("linkedin", PERSON, tier="creator", grantedScopes=list(OF_MEMBERS))
    [member] = await as_member.grants()
    assert as_member.platform.required_scopes[Mode.PUBLISH] <= member.scopes
    assert not as_member.platform.comment_scopes & member.scopes


async def test_refused_login(as_member: OnLinkedIn) -> None:
    """A person who cancels ends the login with LinkedIn's own code for it."""
    url = as_member.platform.login.authorize_url(redirect_uri=REDIRECT, state="st_1", verifier=VERIFIER)
    location = await as_member.sandbox.approve(url, account="brand", decision="deny")
    assert parse_qs(urlsplit(location).query)["error"] == ["user_cancelled_authorize"]


async def test_code_works_once(as_member: OnLinkedIn) -> None:
    """A code that was used is refused with advice."""
    code = await as_member.code()
    login, now = as_member.platform.login, as_member.clock.now()
    await login.connect(code=code, redirect_uri=REDIRECT, verifier=VERIFIER, now=now)
    with pytest.raises(Rejected, match="used before") as refused:
        await login.connect(code=code, redirect_uri=REDIRECT, verifier=VERIFIER, now=now)
    assert refused.value.failure is not FailureCode.ACCOUNT_NOT_ELIGIBLE


FAULTS = ("http_500", "html_502", "malformed_json", "drop_after_effect")


@pytest.mark.parametrize(("operation", "fault"), matrix(product(["token", "userinfo", "organization_acls"], FAULTS)))
async def test_passing_error_of_a_login(as_member: OnLinkedIn, operation: str, fault: str) -> None:
    """A passing error of LinkedIn is one that a second login cures."""
    await as_member.fault(operation, fault)
    with pytest.raises(TryLater):
        await as_member.grants()
    assert len(await as_member.grants()) == 2


@pytest.mark.parametrize("fault", matrix(FAULTS, at=Call.READ))
async def test_page_whose_name_can_not_be_read(as_member: OnLinkedIn, fault: str) -> None:
    """Such a page is called by its number, and can be connected."""
    await as_member.fault("organizations", fault)
    _, page = await as_member.grants()
    assert page.external_id == f"urn:li:organization:{page.handle}"


async def test_revoke(as_member: OnLinkedIn) -> None:
    """A revoked token publishes nothing any more, and revoking it again is no error."""
    job = await as_member.job(picture())
    for _ in range(2):
        await as_member.platform.login.revoke(job.tokens)
    assert isinstance(await as_member.drive(job), CredentialInvalid)
    assert await as_member.live() == []
