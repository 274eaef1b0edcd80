"""Comments and addresses of live Instagram posts, and the login, under every fault."""

import pytest
from tests.contract.faults import LOST, Call, Fault, code, matrix
from tests.contract.job import MemoryJob, picture, retrying
from tests.contract.on_instagram import CONNECTED_FOR, PASSING, OnInstagram

from presswork.platforms.errors import CredentialInvalid, OutcomeUnknown, TryLater
from presswork.platforms.port import Present

SHORT = [fault for fault in PASSING if fault.name != "latency"]


async def posted(on_instagram: OnInstagram) -> tuple[MemoryJob, str]:
    """Return a live post and its id."""
    job = await on_instagram.job(picture())
    end = await on_instagram.drive(job)
    assert isinstance(end, Present)
    assert end.external_id is not None
    return job, end.external_id


@pytest.mark.parametrize("fault", matrix(SHORT, at=Call.PUBLISH), ids=str)
async def test_comment_is_never_doubled(on_instagram: OnInstagram, fault: Fault) -> None:
    """Whatever happens to the response, exactly one comment exists in the end."""
    job, media_id = await posted(on_instagram)
    await on_instagram.fault("comments", fault.name, **fault.more(times=1))
    tries = 0

    async def write() -> None:
        nonlocal tries
        tries += 1
        await on_instagram.platform.connector.comment(job, media_id, "First!", may_be_there=tries > 1)

    async def write_over_limits() -> None:
        await retrying(job, write)

    await retrying(job, write_over_limits, over=OutcomeUnknown)
    [post] = await on_instagram.live()
    assert post["comments"] == ["First!"]
    assert tries == 2


async def test_comment_continues_with_another_token(on_instagram: OnInstagram) -> None:
    """An invalid token is renewed before the comment, and exactly one comment exists."""
    job, media_id = await posted(on_instagram)
    job.spare = (await on_instagram.connect("brand")).tokens
    await on_instagram.fault("comments", "token_expired")
    await on_instagram.platform.connector.comment(job, media_id, "First!", may_be_there=False)
    [post] = await on_instagram.live()
    assert (post["comments"], job.renewals) == (["First!"], 1)


@pytest.mark.parametrize("fault", matrix([code(100, 33), *SHORT], at=Call.READ), ids=str)
async def test_missing_permalink_is_asked_for_again(on_instagram: OnInstagram, fault: Fault) -> None:
    """A new post that can't be read for a while is TryLater for `locate`; then its address is returned."""
    job, media_id = await posted(on_instagram)
    await on_instagram.fault("permalink", fault.name, **fault.more(times=1))
    with pytest.raises(TryLater):
        await on_instagram.platform.connector.locate(job, {"containerId": "0"}, media_id)
    located = await on_instagram.platform.connector.locate(job, {"containerId": "0"}, media_id)
    [post] = await on_instagram.live()
    assert located.external_url == post["url"]


@pytest.mark.parametrize("fault", matrix(SHORT, at=Call.PUBLISH), ids=str)
async def test_refresh_distinguishes_a_temporary_error_from_a_refusal(by_instagram: OnInstagram, fault: Fault) -> None:
    """While Instagram is unavailable a refresh raises TryLater, so that no account is disconnected."""
    grant = await by_instagram.connect("brand")
    await by_instagram.clock.sleep(CONNECTED_FOR)
    await by_instagram.fault("refresh", fault.name, **fault.more(times=1))
    with pytest.raises(TryLater):
        await by_instagram.platform.login.refresh(grant.tokens, now=by_instagram.clock.now())
    assert (await by_instagram.platform.login.refresh(grant.tokens, now=by_instagram.clock.now())).access_token


@pytest.mark.parametrize("fault", matrix(LOST, at=Call.WRITE), ids=str)
async def test_connecting_while_instagram_is_unavailable_can_be_tried_again(
    on_instagram: OnInstagram, fault: Fault
) -> None:
    """A code exchange without a response is TryLater, not a refusal."""
    await on_instagram.fault("token", fault.name, **fault.more(times=1))
    with pytest.raises(TryLater):
        await on_instagram.connect("brand")
    assert (await on_instagram.connect("brand")).handle == "brand"


async def test_an_invalid_grant_is_reported_by_the_refresh(by_instagram: OnInstagram) -> None:
    """A refresh that Instagram refuses for good is CredentialInvalid."""
    grant = await by_instagram.connect("brand")
    await by_instagram.clock.sleep(CONNECTED_FOR)
    await by_instagram.fault("refresh", "token_expired")
    with pytest.raises(CredentialInvalid):
        await by_instagram.platform.login.refresh(grant.tokens, now=by_instagram.clock.now())
