"""First comments and addresses of live posts of Pages, and the login, under every fault."""

from datetime import timedelta
from itertools import product

import pytest
from tests.contract.faults import LOST, Call, Fault, code, matrix
from tests.contract.job import MemoryJob, Sample, picture, retrying
from tests.contract.on_graph import PASSING, OnGraph

from presswork.platforms.errors import CredentialInvalid, FailureCode, OutcomeUnknown, Rejected, TryLater
from presswork.platforms.port import Present

SHORT = [fault for fault in PASSING if fault.name != "latency"]


async def posted(on_facebook: OnGraph, sample: Sample | None = None) -> tuple[MemoryJob, str]:
    """Return a live post and its id."""
    job = await on_facebook.job(sample or picture())
    end = await on_facebook.drive(job)
    assert isinstance(end, Present)
    assert end.external_id is not None
    return job, end.external_id


async def write(on_facebook: OnGraph, job: MemoryJob, post_id: str, text: str = "First!") -> None:
    """Write the comment like the worker: again after TryLater and OutcomeUnknown, once the call must have arrived."""
    tries = 0

    async def once() -> None:
        nonlocal tries
        tries += 1
        if tries > 1:
            await job.sleep(on_facebook.retry_policy.republish_after)
        await on_facebook.platform.connector.comment(job, post_id, text, may_be_there=tries > 1)

    async def over_limits() -> None:
        await retrying(job, once)

    await retrying(job, over_limits, over=OutcomeUnknown)


async def comments(on_facebook: OnGraph) -> object:
    """Return the comments of the only post."""
    [post] = await on_facebook.live()
    return post["comments"]


@pytest.mark.parametrize(
    ("operation", "fault"), matrix(product(["comments", "comments_list"], SHORT), publishing={"comments"}), ids=str
)
async def test_comment_is_never_doubled(on_facebook: OnGraph, operation: str, fault: Fault) -> None:
    """Whatever happens to an answer of its calls, exactly one comment exists in the end."""
    job, post_id = await posted(on_facebook)
    await on_facebook.fault(operation, fault.name, **fault.more(times=1))
    if operation == "comments_list":
        await on_facebook.fault("comments", "drop_after_effect")
    await write(on_facebook, job, post_id)
    assert await comments(on_facebook) == ["First!"]


@pytest.mark.parametrize("is_named", [True, False])
async def test_comments_of_a_reel(on_facebook: OnGraph, sample_clip: Sample, *, is_named: bool) -> None:
    """A reel is commented on by its post's id, or by that of the video while Facebook names no post."""
    if not is_named:
        await on_facebook.sandbox.account("facebook", "brand", listDelaySeconds=100_000)
    job, post_id = await posted(on_facebook, sample_clip)
    assert ("_" in post_id) is is_named
    await write(on_facebook, job, post_id)
    await on_facebook.platform.connector.comment(job, post_id, "First!", may_be_there=True)
    assert await comments(on_facebook) == ["First!"]
    [post] = await on_facebook.live()
    assert job.prepared is not None
    located = await on_facebook.platform.connector.locate(job, job.prepared, post_id)
    assert located.external_url is not None
    assert located.external_url.endswith(str(post["url"]).removeprefix("https://www.facebook.com"))


async def test_comment_continues_with_another_token(on_facebook: OnGraph) -> None:
    """An invalid token is renewed before the comment, and exactly one comment exists."""
    job, post_id = await posted(on_facebook)
    job.spare = (await on_facebook.connect("brand")).tokens
    await on_facebook.fault("comments", "token_expired")
    await on_facebook.platform.connector.comment(job, post_id, "First!", may_be_there=False)
    assert (await comments(on_facebook), job.renewals) == (["First!"], 1)


async def test_a_comment_that_facebook_refuses(on_facebook: OnGraph) -> None:
    """Without the task to moderate, the comment is refused with what to do; the post stays live."""
    job, post_id = await posted(on_facebook)
    await on_facebook.sandbox.account("facebook", "brand", tasks=["CREATE_CONTENT"])
    with pytest.raises(Rejected, match="Write this comment manually"):
        await on_facebook.platform.connector.comment(job, post_id, "First!", may_be_there=False)
    assert await comments(on_facebook) == []


async def test_without_the_permission_no_comment_is_tried(on_facebook: OnGraph) -> None:
    """An account that did not allow comments gets advice to connect again, and no call is made."""
    await on_facebook.sandbox.account("facebook", "brand", grantedScopes=on_facebook.without("manage_engagement"))
    job, post_id = await posted(on_facebook)
    with pytest.raises(Rejected, match="connect the account again"):
        await on_facebook.platform.connector.comment(job, post_id, "First!", may_be_there=False)
    assert await on_facebook.calls("comments") == 0


@pytest.mark.parametrize("fault", matrix([code(100, 33), *SHORT], at=Call.READ), ids=str)
async def test_missing_permalink_is_asked_for_again(on_facebook: OnGraph, fault: Fault) -> None:
    """A new post that can't be read for a while is TryLater for `locate`; then its address is returned."""
    job, post_id = await posted(on_facebook)
    assert job.prepared is not None
    await on_facebook.fault("permalink", fault.name, **fault.more(times=1))
    with pytest.raises(TryLater):
        await on_facebook.platform.connector.locate(job, job.prepared, post_id)
    located = await on_facebook.platform.connector.locate(job, job.prepared, post_id)
    [post] = await on_facebook.live()
    assert (located.external_id, located.external_url) == (post_id, post["url"])


@pytest.mark.parametrize("is_video", [False, True])
async def test_a_post_whose_id_was_lost_is_located(
    on_facebook: OnGraph, sample_clip: Sample, *, is_video: bool
) -> None:
    """Without the id, the pictures name their post; of a video it is known anyway."""
    job, post_id = await posted(on_facebook, sample_clip if is_video else picture())
    await job.sleep(timedelta(seconds=10))
    assert job.prepared is not None
    located = await on_facebook.platform.connector.locate(job, job.prepared, None)
    assert located.external_id == (job.prepared["containerId"] if is_video else post_id)
    assert located.external_url is not None


@pytest.mark.parametrize(
    ("operation", "fault"), matrix(product(["token", "exchange", "accounts", "permissions"], LOST)), ids=str
)
async def test_connecting_while_facebook_is_unavailable_can_be_tried_again(
    on_facebook: OnGraph, operation: str, fault: Fault
) -> None:
    """A lost code exchange is TryLater, not a refusal; the reads after it are repeated at once."""
    await on_facebook.fault(operation, fault.name, **fault.more(times=1))
    if operation == "token":
        with pytest.raises(TryLater):
            await on_facebook.connect("brand")
    assert (await on_facebook.connect("brand")).handle == "brand"


async def test_a_code_works_once(on_facebook: OnGraph) -> None:
    """A used code is refused with advice to start again."""
    login, back = on_facebook.platform.login, "http://localhost:8000/oauth/callback/e"
    used = await on_facebook.sandbox.code(
        login.authorize_url(redirect_uri=back, state="st_1", verifier="v"), account="brand"
    )
    await login.connect(code=used, redirect_uri=back, verifier=None, now=on_facebook.clock.now())
    with pytest.raises(Rejected, match="Start connecting the account again"):
        await login.connect(code=used, redirect_uri=back, verifier=None, now=on_facebook.clock.now())


@pytest.mark.parametrize("has_permission", [True, False])
async def test_pages_of_a_business_portfolio(on_facebook: OnGraph, *, has_permission: bool) -> None:
    """They are offered where the person granted `business_management`; otherwise the login has no Page."""
    await on_facebook.sandbox.account("facebook", "brand", businessOnly=True)
    url = on_facebook.platform.login.authorize_url(redirect_uri="http://localhost/back", state="s", verifier="v")
    if has_permission:
        url = url.replace("scope=", "scope=business_management%2C")
    found = await on_facebook.sandbox.code(url, account="brand")

    async def connect() -> str:
        login, now = on_facebook.platform.login, on_facebook.clock.now()
        return (await login.connect(code=found, redirect_uri="http://localhost/back", verifier=None, now=now)).handle

    if has_permission:
        assert await connect() == "brand"
    else:
        with pytest.raises(Rejected) as refused:
            await connect()
        assert refused.value.failure is FailureCode.ACCOUNT_NOT_ELIGIBLE


async def test_a_pages_access_is_not_renewed(on_facebook: OnGraph) -> None:
    """The token does not expire, so there is nothing to refresh: a new login is needed."""
    grant = await on_facebook.connect("brand")
    assert on_facebook.platform.login.refresh_due_at(grant.tokens) is None
    with pytest.raises(CredentialInvalid):
        await on_facebook.platform.login.refresh(grant.tokens, now=on_facebook.clock.now())


async def test_preflight_makes_no_call(on_facebook: OnGraph) -> None:
    """Facebook reports nothing about what a Page may post."""
    job = await on_facebook.job(picture())
    calls = len(await on_facebook.sandbox.requests("facebook"))
    await on_facebook.platform.connector.fetch_constraints(job.account, job)
    assert len(await on_facebook.sandbox.requests("facebook")) == calls
