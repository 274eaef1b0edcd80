"""Pins on the sandbox's Pinterest: what each content and option becomes, and what a lost answer leads to."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from tests.contract.faults import LATENCY, LOST, Fault, assert_consistent, code, matrix
from tests.contract.job import Sample, picture, slideshow
from tests.contract.on_pinterest import SETTINGS, OnPinterest

from presswork.platforms.errors import CredentialInvalid, FailureCode, OutcomeUnknown, Rejected, TryLater
from presswork.platforms.port import Absent, Ambiguous, Draft, LiveEdit, MediaType, Mode, PostOptions, Present

PUBLISH = "pins"
AFTER = "drop_after_effect"


def settings(**members: object) -> PostOptions:
    """Return options of a Pin."""
    document: Any = {SETTINGS: members}
    return PostOptions(document)


async def test_a_picture_a_carousel_and_a_video(on_pinterest: OnPinterest, sample_clip: Sample) -> None:
    """Each is live once, at the address that the connector returned, with its caption."""
    grant = await on_pinterest.connect()
    assert grant.handle == "brand"
    content: Sequence[Sequence[Sample]] = ([picture()], slideshow(3), [sample_clip])
    for count, samples in enumerate(content, 1):
        end = await on_pinterest.drive(await on_pinterest.job(samples, grant=grant))
        assert isinstance(end, Present), repr(end)
        posts = await on_pinterest.live()
        [post] = [one for one in posts if one["externalId"] == end.external_id]
        assert (post["url"], post["caption"], len(posts)) == (end.external_url, on_pinterest.caption, count)
    assert await on_pinterest.calls(PUBLISH) == 3


async def test_options(on_pinterest: OnPinterest, sample_clip: Sample) -> None:
    """They arrive by Pinterest's names; a link has a mark, unless it has a fragment."""
    board = await on_pinterest.sandbox.board("brand", "Bread")
    options = settings(boardId=board, title="Rye", link="https://bakery.example/rye", coverTimestampMs=1500)
    job = await on_pinterest.job(sample_clip, options=options)
    _, post = await on_pinterest.publish(job)
    sent: Any = post["params"]
    assert (sent["board_id"], sent["title"]) == (board, "Rye")
    assert sent["link"] == f"https://bakery.example/rye#pw-{job.post_id.hex[-10:]}"
    assert sent["media_source"]["cover_image_key_frame_time"] == 1.5
    end = await on_pinterest.drive(
        await on_pinterest.job(picture(), options=settings(link="https://bakery.example/#rye"), handle="other")
    )
    assert isinstance(end, Present), repr(end)
    [other] = await on_pinterest.live("other")
    found: Any = other["params"]
    assert found["link"] == "https://bakery.example/#rye"


async def test_boards_are_checked(on_pinterest: OnPinterest) -> None:
    """One is required, and it has to be the account's; lists of boards have pages."""
    job = await on_pinterest.job(picture())
    made = [await on_pinterest.sandbox.board("brand", name) for name in ("Bread", "Rolls")]
    first, cursor = await on_pinterest.connector.fetch_boards(job.account, job, limit=2, cursor=None)
    assert [board.id for board in first] == made[::-1]
    rest, end = await on_pinterest.connector.fetch_boards(job.account, job, limit=2, cursor=cursor)
    assert ([board.name for board in rest], end) == (["Quick Saves"], None)
    validate = await on_pinterest.connector.fetch_constraints(job.account, job)
    reasons = []
    for options in (settings(boardId=made[0]), settings(boardId="1"), settings()):
        draft = Draft(
            mode=Mode.PUBLISH, media_type=MediaType.IMAGE, caption="", media=[picture().media], options=options
        )
        errors = [*on_pinterest.connector.check(draft).errors, *validate(draft).errors]
        reasons.append([error.details["reason"] for error in errors])
    assert reasons == [[], ["board_unknown"], ["board_missing"]]


@pytest.mark.parametrize("link", ["https://bakery.example/", None])
@pytest.mark.parametrize("fault", [AFTER, "drop_before_effect"])
async def test_a_lost_answer(on_pinterest: OnPinterest, fault: str, link: str | None) -> None:
    """The Pin is found, or created by another call: once, although the account has the same already."""
    options = settings(link=link)
    before = await on_pinterest.drive(await on_pinterest.job(picture(), options=options))
    assert isinstance(before, Present)
    await on_pinterest.clock.sleep(timedelta(seconds=5))
    await on_pinterest.fault(PUBLISH, fault, times=1)
    end = await on_pinterest.drive(await on_pinterest.job(picture(), options=options))
    assert isinstance(end, Present), repr(end)
    assert {end.external_id, before.external_id} == {one["externalId"] for one in await on_pinterest.live()}


async def test_pins_that_nothing_distinguishes(on_pinterest: OnPinterest) -> None:
    """Of several Pins that may be this one, none is taken for it."""
    job = await on_pinterest.job(picture())
    job.prepared = await on_pinterest.connector.prepare(job)
    job.live_call_at = job.now()
    for expected in (Present, Ambiguous):
        await on_pinterest.connector.make_live(job, job.prepared)
        await job.sleep(timedelta(seconds=5))
        assert isinstance(await on_pinterest.connector.look_up(job, job.prepared), expected)


@pytest.mark.parametrize("link", ["https://bakery.example/", None])
async def test_the_pin_of_the_post_before(on_pinterest: OnPinterest, link: str | None) -> None:
    """A Pin that the list did not show yet when this post was prepared is not taken for this one, unless a mark says so."""
    job = await on_pinterest.job(picture(), options=settings(link=link))
    job.prepared = await on_pinterest.connector.prepare(job)
    await on_pinterest.connector.make_live(job, job.prepared)
    job.published = [job.now()]
    await job.sleep(timedelta(seconds=5))
    job.live_call_at = job.now()
    assert isinstance(await on_pinterest.connector.look_up(job, job.prepared), Present if link else Ambiguous)


async def test_errors_of_pinterest(on_pinterest: OnPinterest) -> None:
    """Trial access, a board of another account, media that can't be fetched and limits: each has its own end."""
    job = await on_pinterest.job(picture())
    prepared = await on_pinterest.connector.prepare(job)
    await on_pinterest.sandbox.pinterest(access="trial")
    with pytest.raises(Rejected, match="Trial access") as refused:
        await on_pinterest.connector.make_live(job, prepared)
    assert "api-sandbox" in refused.value.advice
    await on_pinterest.sandbox.pinterest(access="standard", writesPerMinute=0)
    with pytest.raises(TryLater) as limited:
        await on_pinterest.connector.make_live(job, prepared)
    assert limited.value.is_throttled
    assert limited.value.retry_after is not None
    await on_pinterest.sandbox.pinterest(writesPerMinute=None)
    pin: Any = prepared["pin"]
    away = {"source_type": "image_url", "url": "http://127.0.0.1:9/x"}
    gone: Any = {**prepared, "pin": {**pin, "media_source": away}}
    with pytest.raises(TryLater) as unreachable:
        await on_pinterest.connector.make_live(job, gone)
    assert unreachable.value.starts_over
    assert unreachable.value.failure is FailureCode.MEDIA_REJECTED
    other = await on_pinterest.job(picture(), options=settings(boardId="549755000000999999"))
    with pytest.raises(Rejected, match="no such board"):
        await on_pinterest.connector.make_live(other, await on_pinterest.connector.prepare(other))


async def test_change_and_take_down(on_pinterest: OnPinterest) -> None:
    """A change keeps the rest; a second deletion changes nothing."""
    job = await on_pinterest.job(picture(), options=settings(title="Bread"))
    live, before = await on_pinterest.publish(job)
    assert live.external_id is not None
    await on_pinterest.connector.edit_live(job, live.external_id, LiveEdit(caption="Rye"))
    [after] = await on_pinterest.live()
    assert (after["caption"], after["media"]) == ("Rye", before["media"])
    for _ in range(2):
        await on_pinterest.connector.take_down(job, live.external_id)
    assert isinstance(await on_pinterest.connector.see_live(job, live.external_id), Absent)


async def test_refreshes(on_pinterest: OnPinterest) -> None:
    """A refresh token serves once; the app's own error ends no access."""
    grant = await on_pinterest.connect()
    login = on_pinterest.platform.login
    fresh = await login.refresh(grant.tokens, now=on_pinterest.clock.now())
    assert fresh.refresh_token != grant.tokens.refresh_token
    with pytest.raises(CredentialInvalid):
        await login.refresh(grant.tokens, now=on_pinterest.clock.now())
    await on_pinterest.sandbox.settings(requireSecret="another")
    with pytest.raises(TryLater, match="secret key"):
        await login.refresh(fresh, now=on_pinterest.clock.now())


async def test_many_newer_pins(on_pinterest: OnPinterest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that ends before the Pin could be there proves nothing."""
    monkeypatch.setattr("presswork.platforms.pinterest.prepare.A_READ", 1)
    job = await on_pinterest.job(picture())
    job.prepared = await on_pinterest.connector.prepare(job)
    job.live_call_at = job.now()
    for text in ("One", "Two"):
        other = await on_pinterest.job(picture(), caption=text, grant=None)
        assert isinstance(await on_pinterest.drive(other), Present)
    await job.sleep(timedelta(seconds=5))
    assert isinstance(await on_pinterest.connector.look_up(job, job.prepared), Ambiguous)


async def test_unreadable_answers(on_pinterest: OnPinterest) -> None:
    """An answer without a body does not say whether the Pin is live."""
    job = await on_pinterest.job(picture())
    await on_pinterest.fault(PUBLISH, "http_500", times=1)
    with pytest.raises(OutcomeUnknown):
        await on_pinterest.connector.make_live(job, await on_pinterest.connector.prepare(job))


@pytest.mark.parametrize(
    ("operation", "fault"),
    matrix(
        product(("pins", "pins_list", "media", "upload", "media_status"), (LATENCY, *LOST, Fault("token_expired"))),
        publishing={"pins"},
    ),
    ids=str,
)
async def test_passing_faults_cost_time_only(
    on_pinterest: OnPinterest, sample_clip: Sample, operation: str, fault: Fault
) -> None:
    """Whatever call of a video meets a passing fault: one Pin is live."""
    job = await on_pinterest.job(sample_clip)
    if operation == "pins_list":
        await on_pinterest.fault("pins", AFTER)
    if (operation, fault.name) != ("upload", "token_expired"):  # the storage gets no token
        await on_pinterest.fault(operation, fault.name, **fault.more())
    end = await on_pinterest.drive(job)
    assert isinstance(end, Present), repr(end)
    assert_consistent(end, await on_pinterest.live())


@pytest.mark.parametrize("fault", [code(1), code(29), code(40)], ids=str)
async def test_refusals_are_final(on_pinterest: OnPinterest, fault: Fault) -> None:
    """What Pinterest refuses is not sent again."""
    job = await on_pinterest.job(picture())
    await on_pinterest.fault("pins", fault.name, **fault.more())
    assert isinstance(await on_pinterest.drive(job), Rejected)
    assert (await on_pinterest.calls("pins"), await on_pinterest.live()) == (1, [])


async def test_a_video_that_can_not_be_processed(on_pinterest: OnPinterest, sample_clip: Sample) -> None:
    """It is uploaded a few times, and then it is the file's fault."""
    await on_pinterest.fault("media_status", "media_error", times=50)
    end = await on_pinterest.drive(await on_pinterest.job(sample_clip))
    assert isinstance(end, Rejected)
    assert end.failure is FailureCode.MEDIA_REJECTED
    assert await on_pinterest.calls("upload") == 3
