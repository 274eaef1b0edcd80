"""Posts on the sandbox's X: what each content and option becomes, what it costs, and what a lost answer leads to."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest
from pydantic import JsonValue
from tests.contract.faults import LATENCY, LOST, Call, Fault, assert_explained, code, matrix
from tests.contract.job import Sample, picture, slideshow
from tests.contract.on_platform import OnPlatform

from presswork.platforms.errors import CredentialInvalid, FailureCode, Rejected, TryLater
from presswork.platforms.port import Absent, PostOptions, Present, draft_of
from presswork.platforms.x.description import SCOPES
from presswork.platforms.x.prices import PRICE

PUBLISH: Final = "tweets"
CALLS: Final = ("media_initialize", "media_append", "media_finalize", "media_metadata", PUBLISH)
PASSING: Final[Sequence[Fault]] = (
    LATENCY,
    *LOST,
    Fault("token_expired"),
    code("503"),
    code("429"),
    code("88"),
    code("CreditsDepleted"),
)


def described(sample: Sample) -> Sample:
    """Return the same picture with an alternative text."""
    return replace(sample, media=replace(sample.media, alt_text="A loaf of rye"))


async def test_pictures_and_a_video(on_x: OnPlatform, sample_clip: Sample) -> None:
    """Each is live once, at the address that the connector returned, and costs what preflight says."""
    grant = await on_x.connect()
    assert (grant.handle, grant.scopes) == ("brand", frozenset(SCOPES))
    cost = 0
    for count, samples in enumerate([[described(picture())], slideshow(4), [sample_clip], []], 1):
        job = await on_x.job(samples, grant=grant, caption=f"{on_x.caption} {count}")
        end = await on_x.drive(job)
        assert isinstance(end, Present), repr(end)
        cost += PRICE.of_post(draft_of(job), None)
        posts = await on_x.live()
        [post] = [one for one in posts if one["externalId"] == end.external_id]
        assert (post["url"], post["caption"], len(posts)) == (end.external_url, job.caption, count)
    assert await on_x.calls(PUBLISH) == 4
    charged = [one for one in await on_x.sandbox.charges() if one["item"] not in {"user_read", "post_read"}]
    assert sum(round(float(str(one["amountUsd"])) * 1_000_000) for one in charged) == cost


async def test_options(on_x: OnPlatform) -> None:
    """They arrive by X's names; what is false is left out."""
    settings: JsonValue = {
        "replySettings": "following",
        "madeWithAi": True,
        "paidPartnership": False,
        "communityId": "12",
    }
    _, post = await on_x.publish(await on_x.job(picture(), options=PostOptions({"xPostSettings": settings})))
    assert isinstance(post["params"], dict)
    sent = {name: value for name, value in post["params"].items() if name not in {"text", "media"}}
    assert sent == {"reply_settings": "following", "made_with_ai": True, "community_id": "12"}


@pytest.mark.parametrize(
    ("operation", "fault"), matrix(((one, fault) for one in CALLS for fault in PASSING), at=Call.PUBLISH)
)
async def test_a_passing_fault_costs_time_only(on_x: OnPlatform, operation: str, fault: Fault) -> None:
    """Whatever happens once to any call: one post in the end."""
    await on_x.fault(operation, fault.name, **fault.more(times=1))
    job = await on_x.job(described(picture()))
    end = await on_x.drive(job)
    assert isinstance(end, Present), repr(end)
    assert len(await on_x.live()) == 1
    assert_explained(end, job, "app-secret")


async def test_a_repeated_call_that_is_a_duplicate_is_live(on_x: OnPlatform) -> None:
    """X lists the post late, so the call is repeated: X refuses it, which shows that the first one worked. The post is found later."""
    await on_x.sandbox.x(timelineDelaySeconds=30)
    await on_x.fault(PUBLISH, "drop_after_effect")
    job = await on_x.job([])
    end = await on_x.drive(job)
    assert isinstance(end, Present), repr(end)
    assert (end.external_id, await on_x.calls(PUBLISH), len(await on_x.live())) == (None, 2, 1)
    await job.sleep(timedelta(minutes=1))
    located = await on_x.platform.connector.locate(job, job.prepared or {}, None)
    assert located.external_id == (await on_x.live())[0]["externalId"]


async def test_the_same_text_twice_is_refused(on_x: OnPlatform) -> None:
    """Without a lost answer, a duplicate is a refusal."""
    grant = await on_x.connect()
    await on_x.publish(await on_x.job([], grant=grant))
    end = await on_x.drive(await on_x.job([], grant=grant))
    assert isinstance(end, Rejected)
    assert (end.failure, len(await on_x.live())) == (FailureCode.PLATFORM_REJECTED, 1)


async def test_media_that_x_has_removed_are_uploaded_again(on_x: OnPlatform) -> None:
    """A post that waited for more than a day starts over."""
    job = await on_x.job(picture())
    job.prepared = await on_x.platform.connector.prepare(job)
    await job.sleep(timedelta(days=2))
    with pytest.raises(TryLater) as raised:
        await on_x.platform.connector.make_live(job, job.prepared)
    assert raised.value.starts_over


async def test_a_first_comment_is_a_reply(on_x: OnPlatform) -> None:
    """The comment is below the post once, however often it is written."""
    job = await on_x.job(picture())
    live, _ = await on_x.publish(job)
    assert live.external_id is not None
    for may_be_there in (False, True):
        await job.sleep(timedelta(seconds=5))
        await on_x.platform.connector.comment(
            job, live.external_id, "More: https://bread.example", may_be_there=may_be_there
        )
    [post] = await on_x.live()
    assert post["comments"] == ["More: https://bread.example"]


async def test_an_answer_to_a_stranger_is_refused(on_x: OnPlatform) -> None:
    """Where X lets apps reply only to who mentioned the account, the error says so."""
    await on_x.sandbox.x(summonedReplies=True)
    job = await on_x.job(picture())
    live, _ = await on_x.publish(job)
    comment = await on_x.sandbox.comment("x", str(live.external_id), "Open on Sunday?", author="anna")
    with pytest.raises(Rejected, match="mentioned the account"):
        await on_x.platform.connector.comment(job, str(comment["id"]), "Yes", may_be_there=False)


async def test_a_login_that_ended(on_x: OnPlatform) -> None:
    """A refresh token serves once; after its revocation the account has to be connected again."""
    login = on_x.platform.login
    grant = await on_x.connect()
    fresh = await login.refresh(grant.tokens, now=on_x.clock.now())
    assert fresh.refresh_token != grant.tokens.refresh_token
    await login.revoke(fresh)
    with pytest.raises(CredentialInvalid):
        await login.refresh(fresh, now=on_x.clock.now())
    await login.revoke(fresh)  # it is revoked already


async def test_an_absent_post_counts_repeats(on_x: OnPlatform) -> None:
    """Only after a look that did not find the post does a duplicate mean that it is live."""
    job = await on_x.job([])
    job.prepared = await on_x.platform.connector.prepare(job)
    seen = await on_x.platform.connector.look_up(job, job.prepared)
    assert isinstance(seen, Absent)
    assert seen.changes["repeats"] == 1
