"""The managed connector against the sandbox's provider and scripted ones: each behaviour, each fault, one dispatch."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

import pytest
from aiohttp import web
from tests.contract.control import SandboxControl
from tests.contract.job import MediaHost, MovableClock, Sample, picture, slideshow
from tests.contract.on_managed import CAPTION, SECRET, OnManaged, dispatched, handover, refused, scripted

from presswork.crypto.webhook_signatures import verify
from presswork.platforms.errors import FailureCode, OutcomeUnknown, Rejected, TryLater
from presswork.platforms.port import (
    CannotTell,
    Live,
    MediaType,
    PlatformName,
    Processing,
    ProviderAccess,
    RetryPolicy,
    SupportsProviderCancel,
    Track,
    Withdrawn,
)
from presswork.platforms.transport import Transport

LINK: Final = "https://www.tiktok.com/music/First-Snow-7301?lang=en&x=%C3%A9#a"


@pytest.fixture
async def on_managed(
    sandbox: SandboxControl, clock: MovableClock, media_host: MediaHost, retry_policy: RetryPolicy
) -> AsyncIterator[OnManaged]:
    """The connector against the sandbox's provider."""
    async with Transport(name="provider") as transport:
        yield OnManaged(sandbox=sandbox, transport=transport, clock=clock, host=media_host, retry_policy=retry_policy)


def failed(end: object) -> FailureCode:
    """Return why a post failed."""
    assert isinstance(end, Rejected), repr(end)
    return end.failure


@pytest.mark.parametrize("platform", list(PlatformName))
@pytest.mark.parametrize("kind", list(MediaType))
async def test_each_kind_is_handed_over_whole_and_goes_live_once(
    on_managed: OnManaged, sample_clip: Sample, platform: PlatformName, kind: MediaType
) -> None:
    """The provider gets all that it needs, in order, and publishes it; the post knows its id and address."""
    samples = {MediaType.IMAGE: [picture()], MediaType.VIDEO: [sample_clip], MediaType.MULTI: slideshow(3)}[kind]
    job = on_managed.job(samples, first_comment="More in the bio")
    end = await on_managed.drive(job, platform)
    [dispatch], [post] = await on_managed.sandbox.dispatches(), await on_managed.sandbox.posts(platform.value)
    assert isinstance(end, Live), repr(end)
    assert (end.external_id, end.external_url) == (post["externalId"], post["url"])
    payload = dispatch["payload"]
    assert isinstance(payload, dict)
    requested, deadline = (datetime.fromisoformat(str(payload.pop(name))) for name in ("requestedAt", "deadline"))
    assert deadline - requested == on_managed.retry_policy.processing_limit
    assert payload == {
        "postId": f"sp_{job.post_id}",
        "account": {"platform": platform.value, "handle": "luna", "externalId": "-000a1b2c"},
        "mediaType": kind.value,
        "media": [
            {
                "url": url,
                "contentType": sample.media.content_type,
                "sha256": sample.media.sha256,
                "sizeBytes": len(sample.body),
                "width": sample.media.width,
                "height": sample.media.height,
                "durationSeconds": 4.0 if kind is MediaType.VIDEO else None,
            }
            for sample, url in zip(samples, job.urls, strict=True)
        ],
        "caption": CAPTION,
        "firstComment": "More in the bio",
        "callbackUrl": "http://localhost/callbacks",
    }
    assert (post["caption"], post["comments"]) == (CAPTION, ["More in the bio"])
    assert await on_managed.calls("dispatch") == 1


@pytest.mark.parametrize(
    ("platform", "kind", "music", "is_there"),
    [
        (PlatformName.TIKTOK, MediaType.IMAGE, "manual", True),
        (PlatformName.TIKTOK, MediaType.MULTI, "manual", True),
        (PlatformName.TIKTOK, MediaType.IMAGE, "auto", False),
        (PlatformName.TIKTOK, MediaType.IMAGE, "none", False),
        (PlatformName.TIKTOK, MediaType.IMAGE, None, False),
        (PlatformName.TIKTOK, MediaType.VIDEO, "manual", False),
        (PlatformName.INSTAGRAM, MediaType.IMAGE, "manual", False),
    ],
)
async def test_a_track_goes_along_as_its_link_to_the_letter(
    on_managed: OnManaged,
    sample_clip: Sample,
    platform: PlatformName,
    kind: MediaType,
    music: str | None,
    is_there: bool,
) -> None:
    """Only with pictures on TikTok, only where it was chosen by hand."""
    samples = {MediaType.IMAGE: [picture()], MediaType.VIDEO: [sample_clip], MediaType.MULTI: slideshow(2)}[kind]
    track = Track(id=uuid4(), title="First Snow", author=None, link=LINK)
    await on_managed.drive(on_managed.job(samples, music=music, track=track), platform)
    [dispatch] = await on_managed.sandbox.dispatches()
    payload = dispatch["payload"]
    assert isinstance(payload, dict)
    assert payload.get("tiktokMusicLink") == (LINK if is_there else None)
    assert ("tiktokMusicLink" in payload) is is_there


@pytest.mark.parametrize("track", [None, Track(id=UUID(int=1), title="First Snow", author=None, link=None)])
async def test_a_track_without_a_link_is_no_post_without_music(on_managed: OnManaged, track: Track | None) -> None:
    """The wrong sound would be published, so nothing is."""
    end = await on_managed.drive(on_managed.job(picture(), music="manual", track=track))
    assert (failed(end), await on_managed.sandbox.dispatches()) == (FailureCode.DELIVERY_FAILED, [])


async def test_what_the_provider_refuses_is_told_in_its_words(on_managed: OnManaged) -> None:
    """Its code and its sentence, and nothing is live."""
    end = await on_managed.drive(on_managed.job(picture(), handle="luna.reject"))
    assert isinstance(end, Rejected)
    assert (end.failure, end.platform_code) == (FailureCode.PROVIDER_REJECTED, "content_refused")
    assert end.platform_message == "This provider was told to refuse what it gets."
    assert end.platform_message in end.message
    assert await on_managed.sandbox.posts("tiktok") == []


async def test_a_slow_provider_is_asked_less_and_less(on_managed: OnManaged) -> None:
    """Waits grow by half of the time that has passed; nobody asks more than a few times in a minute."""
    job = on_managed.job(picture(), handle="luna.slow")
    end = await on_managed.drive(job)
    waits = on_managed.clock.waits
    assert isinstance(end, Live)
    assert waits == sorted(waits)
    assert await on_managed.calls("dispatch_status") < 30
    assert [note.message for note in job.notes] == [
        "The provider sandbox has taken the post over.",
        "The provider sandbox works on the post.",
    ]


async def test_what_is_not_begun_until_the_deadline_is_taken_back(on_managed: OnManaged) -> None:
    """A provider that never begins: the dispatch is canceled there and the post ends, once it is surely not live."""
    began = on_managed.clock.now()
    end = await on_managed.drive(on_managed.job(picture(), handle="luna.never_answers"))
    [dispatch] = await on_managed.sandbox.dispatches()
    assert (failed(end), dispatch["status"]) == (FailureCode.DELIVERY_FAILED, "canceled")
    assert on_managed.clock.now() - began >= on_managed.retry_policy.processing_limit
    assert await on_managed.calls("dispatch") == 1


async def test_what_is_begun_at_the_deadline_may_end(on_managed: OnManaged) -> None:
    """It is not taken back, and goes live after the deadline."""
    # The sandbox fetches media in real time, however the clocks jump; so there are many looks after the deadline.
    retry_policy = replace(
        on_managed.retry_policy, processing_limit=timedelta(seconds=30), unknown_after=timedelta(minutes=12)
    )
    hasty = replace(on_managed, retry_policy=retry_policy)
    end = await hasty.drive(hasty.job(picture(), handle="luna.slow"))
    assert isinstance(end, Live)
    assert await on_managed.calls("dispatch_cancel") > 0
    assert len(await on_managed.sandbox.posts("tiktok")) == 1


async def test_a_provider_that_began_and_never_tells_leaves_the_outcome_open(on_managed: OnManaged) -> None:
    """Long after the deadline nobody can tell, and nothing is tried again."""
    await on_managed.sandbox.fault("provider", "dispatch_status", "stuck_processing", times=-1, skip=1)
    hasty = replace(on_managed, retry_policy=replace(on_managed.retry_policy, processing_limit=timedelta(seconds=30)))
    end = await hasty.drive(hasty.job(picture()))
    assert isinstance(end, CannotTell), repr(end)
    assert (end.check_after, await on_managed.calls("dispatch")) == (None, 1)


@pytest.mark.parametrize("fault", ["drop_before_effect", "drop_after_effect", "http_500", "html_502", "malformed_json"])
@pytest.mark.parametrize("times", [1, 3])
async def test_a_lost_answer_makes_one_dispatch(on_managed: OnManaged, fault: str, times: int) -> None:
    """Whatever becomes of the answer, the provider is asked first; the post is handed over once, and live once."""
    await on_managed.sandbox.fault("provider", "dispatch", fault, times=times)
    end = await on_managed.drive(on_managed.job(picture()))
    assert isinstance(end, Live), repr(end)
    [dispatch] = await on_managed.sandbox.dispatches()
    assert dispatch["status"] == "published"
    assert len(await on_managed.sandbox.posts("tiktok")) == 1
    has_effect = fault in {"drop_after_effect", "malformed_json"}
    assert await on_managed.calls("dispatch") == (1 if has_effect else 1 + times)


@pytest.mark.parametrize("operation", ["dispatch_status", "dispatch"])
@pytest.mark.parametrize("fault", ["drop_before_effect", "drop_after_effect", "http_500", "html_502", "malformed_json"])
async def test_a_provider_that_can_not_be_asked_is_waited_for(
    on_managed: OnManaged, operation: str, fault: str
) -> None:
    """Ten lost looks in a row, after a good answer or a lost one, change nothing: one post."""
    await on_managed.sandbox.fault("provider", "dispatch_status", fault, times=10)
    if operation == "dispatch":
        await on_managed.sandbox.fault("provider", "dispatch", "drop_after_effect")
    assert isinstance(await on_managed.drive(on_managed.job(picture())), Live)
    assert (len(await on_managed.sandbox.dispatches()), await on_managed.calls("dispatch")) == (1, 1)


@pytest.mark.parametrize("earlier", [0, 4])
async def test_that_it_never_got_a_post_is_not_believed_at_once(on_managed: OnManaged, earlier: int) -> None:
    """The hand-over may still be on its way: only when the provider says so long enough after it, it did not happen.

    Else the post could be canceled, or failed after its last hand-over, and then arrive and be published.
    """

    def answer(method: str, _path: str) -> web.Response:
        return web.Response(status=503) if method == "POST" else refused(404, "unknown_post")

    async with scripted(answer) as provider:
        job = on_managed.job(picture(), access=provider.access)
        job.state = {**job.state, "keep_misses": earlier}
        connector = on_managed.connector()
        job.prepared = await connector.prepare(job)
        job.live_call_at = on_managed.clock.now()
        with pytest.raises(OutcomeUnknown):
            await connector.make_live(job, job.prepared)
        outcome = await connector.look_up(job, job.prepared)
        assert isinstance(outcome, Processing), repr(outcome)
        assert job.now() + outcome.check_after >= job.live_call_at + on_managed.retry_policy.republish_after


async def test_a_provider_that_never_gets_it_ends_the_post(on_managed: OnManaged) -> None:
    """It answers, and says each time that it never got the post: five times, later each time, and nothing is there."""
    await on_managed.sandbox.fault("provider", "dispatch", "http_500", times=-1)
    end = await on_managed.drive(on_managed.job(picture()))
    assert (failed(end), await on_managed.calls("dispatch")) == (FailureCode.DELIVERY_FAILED, 5)
    assert await on_managed.sandbox.dispatches() == []


async def test_a_provider_that_vanishes_after_the_hand_over_leaves_the_outcome_open(on_managed: OnManaged) -> None:
    """Nobody can be asked, so nobody can tell; only long after the deadline that is the end."""
    await on_managed.sandbox.fault("provider", "dispatch_status", "http_500", times=-1)
    began = on_managed.clock.now()
    end = await on_managed.drive(on_managed.job(picture()))
    assert isinstance(end, CannotTell), repr(end)
    assert end.check_after is None
    assert (
        on_managed.clock.now() - began
        >= on_managed.retry_policy.processing_limit + on_managed.retry_policy.unknown_after
    )


async def test_a_provider_that_is_never_reached_fails_the_post(on_managed: OnManaged) -> None:
    """Nothing was sent, so it is sure that nothing is live."""
    nowhere = ProviderAccess(name="nowhere", base_url="http://127.0.0.1:1", secret=SECRET)
    end = await on_managed.drive(on_managed.job(picture(), access=nowhere))
    assert failed(end) is FailureCode.DELIVERY_FAILED


@pytest.mark.parametrize(
    ("value", "failure"),
    [
        ({"code": "account_unknown"}, FailureCode.PROVIDER_REJECTED),
        ({"code": "invalid_body"}, FailureCode.PROVIDER_REJECTED),
        ({"code": "invalid_signature"}, FailureCode.DELIVERY_FAILED),
        ({"code": "not_found"}, FailureCode.DELIVERY_FAILED),
    ],
)
async def test_a_refused_call_fails_the_post_with_the_providers_code(
    on_managed: OnManaged, value: dict[str, str], failure: FailureCode
) -> None:
    """It tells the code, and what to do where that is ours."""
    await on_managed.sandbox.fault("provider", "dispatch", "platform_error", value=dict(value))
    end = await on_managed.drive(on_managed.job(picture()))
    assert isinstance(end, Rejected)
    assert (end.failure, end.platform_code, await on_managed.sandbox.dispatches()) == (failure, value["code"], [])


async def test_a_wrong_secret_tells_the_operator_what_to_do(on_managed: OnManaged) -> None:
    """The provider's own check fails, too; a former secret that fits is enough."""
    other = "whsec_" + "A" * 44
    wrong = replace(on_managed.access, secret=other)
    end = await on_managed.drive(on_managed.job(picture(), access=wrong))
    assert isinstance(end, Rejected)
    assert "rotate-secret" in end.message
    assert other not in end.message
    both = replace(wrong, former_secret=SECRET)
    assert isinstance(await on_managed.drive(on_managed.job(picture(), access=both)), Live)


async def test_a_provider_that_has_too_much_is_given_time(on_managed: OnManaged) -> None:
    """429: as long as it says, then once more."""
    await on_managed.sandbox.fault("provider", "dispatch", "platform_error", value={"code": "rate_limited"})
    job = on_managed.job(picture())
    assert isinstance(await on_managed.drive(job), Live)
    assert timedelta(seconds=1) in on_managed.clock.waits


@pytest.mark.parametrize("operation", ["dispatch", "dispatch_status"])
async def test_what_the_provider_could_not_do_is_told(on_managed: OnManaged, operation: str) -> None:
    """`failed` with its code; but for `outcome_unknown`, nothing is live."""
    await on_managed.sandbox.fault("provider", operation, "media_error", value={"code": "media_mismatch"})
    end = await on_managed.drive(on_managed.job(picture()))
    assert isinstance(end, Rejected)
    assert (end.failure, end.platform_code) == (FailureCode.DELIVERY_FAILED, "media_mismatch")


async def test_what_the_provider_does_not_know_itself_stays_open(on_managed: OnManaged) -> None:
    """`outcome_unknown` is no failure that could be tried again."""
    await on_managed.sandbox.fault("provider", "dispatch", "media_error", value={"code": "outcome_unknown"})
    end = await on_managed.drive(on_managed.job(picture()))
    assert isinstance(end, CannotTell), repr(end)
    assert end.check_after is None


async def test_a_post_is_taken_back_as_long_as_the_provider_agrees(on_managed: OnManaged) -> None:
    """Before it begins: yes, again and again, and the post ends withdrawn. Once it works, or never had it: no."""
    connector, now = on_managed.connector(), on_managed.clock.now()
    assert isinstance(connector, SupportsProviderCancel)
    job = on_managed.job(picture(), handle="luna.never_answers")

    async def take_back() -> bool:
        return await connector.cancel_with_provider(job.post_id, on_managed.access, reason="Stopped.", now=now)

    assert not await take_back()
    job.prepared = await connector.prepare(job)
    job.live_call_at = now
    assert isinstance(await connector.make_live(job, job.prepared), Processing)
    assert [await take_back(), await take_back()] == [True, True]
    assert isinstance(await on_managed.drive(job), Withdrawn)
    [seen] = {
        str(request["request"]) for request in await on_managed.sandbox.requests("provider", "dispatch_cancel")
    } - {"None"} or [""]
    assert "Stopped." in seen

    late = on_managed.job(picture())
    assert isinstance(await on_managed.drive(late), Live)
    assert not await connector.cancel_with_provider(late.post_id, on_managed.access, reason="Stopped.", now=now)
    await on_managed.sandbox.fault("provider", "dispatch_cancel", "http_500")
    with pytest.raises(TryLater):
        await connector.cancel_with_provider(late.post_id, on_managed.access, reason="Stopped.", now=now)


async def test_a_repetition_is_the_same_to_the_byte(on_managed: OnManaged) -> None:
    """What goes out again after "I never got it" is what went out first, through storage as JSON, signed anew."""
    seen = 0

    def answer(method: str, path: str) -> web.Response:
        nonlocal seen
        seen += 1
        if seen <= 2:
            return web.Response(status=503) if method == "POST" else refused(404, "unknown_post")
        return dispatched(f"sp_{job.post_id}", "published", externalUrl="https://www.tiktok.com/@luna/video/1")

    async with scripted(answer) as provider:
        job = on_managed.job(slideshow(2), access=provider.access)
        connector = on_managed.connector()
        job.prepared = json.loads(json.dumps(await connector.prepare(job)))
        job.live_call_at = job.now()
        with pytest.raises(OutcomeUnknown):
            await connector.make_live(job, job.prepared or {})
        await job.sleep(on_managed.retry_policy.republish_after)
        await connector.look_up(job, job.prepared or {})
        job.state = json.loads(json.dumps(job.state, sort_keys=True))
        job.caption = "Edited since"
        await job.sleep(timedelta(minutes=3))
        again = json.loads(json.dumps(await connector.prepare(job)))
        assert isinstance(await connector.make_live(job, again), Live)
        first, second = provider.bodies("/dispatches")
        assert first == second
        assert CAPTION in json.loads(first)["caption"]
        for method, _, headers, body in provider.seen:
            clock = datetime.fromtimestamp(int(headers["webhook-timestamp"]), tz=on_managed.clock.now().tzinfo)
            assert verify(headers, body, secrets=[SECRET], now=clock) == f"sp_{job.post_id}", method


@pytest.mark.parametrize("status", [301, 403, 404, 405, 410, 413])
async def test_an_address_without_a_provider_fails_the_post_at_once(on_managed: OnManaged, status: int) -> None:
    """Something else answers there: the call was not carried out, and the operator has to look."""
    async with scripted(lambda _method, _path: web.Response(status=status, text="<html>")) as provider:
        end = await on_managed.drive(on_managed.job(picture(), access=provider.access))
    assert failed(end) is FailureCode.DELIVERY_FAILED
    assert len(provider.seen) == 1


@pytest.mark.parametrize(
    "not_there",
    [
        lambda: web.Response(status=404, text="<html>no route</html>"),
        lambda: refused(404, "not_found"),
        lambda: refused(401, "invalid_signature"),
        lambda: web.json_response({}, status=200),
        lambda: dispatched("sp_0199f0c2-7a51-7c3e-9d54-5a1f0c7e2b11", "rejected"),
    ],
)
async def test_only_the_providers_own_word_says_that_it_never_got_a_post(
    on_managed: OnManaged, not_there: "web.Response"
) -> None:
    """A proxy's 404, another error, an answer about another post: the lost hand-over is not repeated for that."""

    def answer(method: str, _path: str) -> web.Response:
        return web.Response(status=503) if method == "POST" else not_there()  # type: ignore[operator]  # a factory

    async with scripted(answer) as provider:
        end = await on_managed.drive(on_managed.job(picture(), access=provider.access))
        assert isinstance(end, CannotTell), repr(end)
        assert len(provider.bodies("/dispatches")) == 1


async def test_a_provider_that_forgets_what_it_had_is_not_handed_it_again(on_managed: OnManaged) -> None:
    """It took the post and says later that it never got it: it may have published it, so that stays open."""

    def answer(method: str, _path: str) -> web.Response:
        return dispatched(f"sp_{job.post_id}", "accepted") if method == "POST" else refused(404, "unknown_post")

    async with scripted(answer) as provider:
        job = on_managed.job(picture(), access=provider.access)
        assert isinstance(await on_managed.drive(job), CannotTell)
        assert len(provider.bodies("/dispatches")) == 1


async def test_different_content_is_asked_about(on_managed: OnManaged) -> None:
    """The provider has the post with other content, so it may be live: what it says of it counts."""

    def answer(method: str, _path: str) -> web.Response:
        if method == "POST":
            return refused(409, "different_content")
        return dispatched(f"sp_{job.post_id}", "published", sequence=4, externalId="7\x001")

    async with scripted(answer) as provider:
        job = on_managed.job(picture(), access=provider.access)
        end = await on_managed.drive(job)
        assert isinstance(end, Live), repr(end)
        assert end.external_id == "71"


async def test_an_older_status_changes_nothing(on_managed: OnManaged) -> None:
    """A late answer from behind is no news."""
    told = iter([(3, "working"), (1, "rejected"), (4, "published")])

    def answer(_method: str, _path: str) -> web.Response:
        sequence, status = next(told)
        return dispatched(f"sp_{job.post_id}", status, sequence=sequence)

    async with scripted(answer) as provider:
        job = on_managed.job(picture(), access=provider.access)
        assert isinstance(await on_managed.drive(job), Live)


@pytest.mark.parametrize(
    ("url", "is_kept"),
    [
        ("https://www.tiktok.com/@luna/video/1", True),
        ("javascript:alert(1)", False),
        ("https://[", False),
        ("/video/1", False),
        ("https://a.example/" + "a" * 2_000, False),
    ],
)
async def test_an_address_is_kept_only_where_it_is_one(on_managed: OnManaged, url: str, is_kept: bool) -> None:
    """What a provider tells as the post's address ends up in people's browsers; the post is live all the same."""
    async with scripted(
        lambda _method, _path: dispatched(f"sp_{job.post_id}", "published", externalUrl=url)
    ) as provider:
        job = on_managed.job(picture(), access=provider.access)
        end = await on_managed.drive(job)
        assert isinstance(end, Live), repr(end)
        assert end.external_url == (url if is_kept else None)


async def test_a_post_goes_to_the_provider_that_may_have_it(on_managed: OnManaged) -> None:
    """While that one is not configured it is waited for; nothing is sent to another."""
    job = on_managed.job(picture())
    connector = on_managed.connector()
    job.prepared = await connector.prepare(job)
    job.handed = handover(replace(on_managed.access, name="another"))
    with pytest.raises(TryLater):
        await connector.make_live(job, job.prepared)
    job.live_call_at = job.now()
    job.handed = handover(None)
    waits = await connector.look_up(job, job.prepared)
    assert isinstance(waits, Processing)
    assert "Add it again" in waits.message
    assert isinstance(await on_managed.drive(job), CannotTell)
    assert await on_managed.sandbox.dispatches() == []
