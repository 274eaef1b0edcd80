"""The managed connector against the sandbox's provider and scripted ones: each behaviour, each fault, one dispatch."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

import pytest
from aiohttp import web
from tests.contract.faults import LOST_NAMES, Call, matrix
from tests.contract.job import Sample, document, mixture, picture, slideshow
from tests.contract.on_managed import CAPTION, CARD, SECRET, OnManaged, context_of, dispatched, refused, scripted
from tests.tiers import exhaustive

from presswork.crypto.webhook_signatures import verify
from presswork.platforms.errors import FailureCode, OutcomeUnknown, Rejected, TryLater
from presswork.platforms.port import (
    Absent,
    Ambiguous,
    CanceledByPlatform,
    MediaType,
    PlatformName,
    Present,
    Processing,
    ProviderAccess,
    SupportsProviderCancel,
    Track,
)
from presswork.worker.reconciliation import Unknown, Wait
from presswork_sandbox.registry import PLATFORMS

LINK: Final = "https://www.tiktok.com/music/First-Snow-7301?lang=en&x=%C3%A9#a"


def failed(end: object) -> FailureCode:
    """Return why a post failed."""
    assert isinstance(end, Rejected), repr(end)
    return end.failure


@pytest.mark.parametrize(
    ("platform", "kind"),
    [
        (name, kind) if name is PlatformName.TIKTOK else exhaustive([(name, kind)])[0]
        for name in PlatformName
        for kind in MediaType
        if kind.value in PLATFORMS[name.value].kind_of_media
    ],
)
async def test_each_kind_is_dispatched_complete_and_goes_live_once(
    on_managed: OnManaged, sample_clip: Sample, platform: PlatformName, kind: MediaType
) -> None:
    """The provider gets all that it needs, in order, and publishes it; the post has its id and address."""
    samples = {
        MediaType.TEXT: [],
        MediaType.IMAGE: [picture()],
        MediaType.VIDEO: [sample_clip],
        MediaType.MULTI: slideshow(3),
        MediaType.MIXED: mixture(),
        MediaType.DOCUMENT: [document()],
    }[kind]
    job = on_managed.job(samples, first_comment="More in the bio")
    end = await on_managed.drive(job, platform)
    assert isinstance(end, Present), repr(end)
    [dispatch], [post] = await on_managed.sandbox.dispatches(), await on_managed.sandbox.posts(platform.value)
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
                "durationSeconds": 4.0 if sample.media.is_video else None,
                "altText": None,
            }
            for sample, url in zip(samples, job.urls, strict=True)
        ],
        "caption": CAPTION,
        **({"link": CARD} if kind is MediaType.TEXT else {}),
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
    """A track is sent only with pictures on TikTok, and only if it was chosen explicitly."""
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
    """The wrong sound would be published, so the post is not dispatched."""
    end = await on_managed.drive(on_managed.job(picture(), music="manual", track=track))
    assert (failed(end), await on_managed.sandbox.dispatches()) == (FailureCode.DELIVERY_FAILED, [])


async def test_a_provider_rejection_keeps_its_message(on_managed: OnManaged) -> None:
    """The post fails with the provider's code and message, and nothing is live."""
    end = await on_managed.drive(on_managed.job(picture(), handle="luna.reject"))
    assert isinstance(end, Rejected)
    assert (end.failure, end.platform_code) == (FailureCode.PROVIDER_REJECTED, "content_refused")
    assert end.platform_message == "This provider is set to refuse posts."
    assert end.platform_message in end.message
    assert await on_managed.sandbox.posts("tiktok") == []


async def test_a_slow_provider_is_polled_less_and_less(on_managed: OnManaged) -> None:
    """Waits grow by half of the time that has passed; at most a few calls are made in a minute."""
    job = on_managed.job(picture(), handle="luna.slow")
    end = await on_managed.drive(job)
    waits = on_managed.clock.waits
    assert isinstance(end, Present)
    assert waits == sorted(waits)
    assert await on_managed.calls("dispatch_status") < 30
    assert [note.message for note in job.notes] == [
        "The provider sandbox has accepted the post.",
        "The provider sandbox works on the post.",
    ]


async def test_a_post_not_started_by_the_deadline_is_canceled(on_managed: OnManaged) -> None:
    """A provider that never begins: the dispatch is canceled there and the post ends, once it is certainly not live."""
    began = on_managed.clock.now()
    end = await on_managed.drive(on_managed.job(picture(), handle="luna.never_answers"))
    [dispatch] = await on_managed.sandbox.dispatches()
    assert (failed(end), dispatch["status"]) == (FailureCode.DELIVERY_FAILED, "canceled")
    assert on_managed.clock.now() - began >= on_managed.retry_policy.processing_limit
    assert await on_managed.calls("dispatch") == 1


async def test_a_post_started_by_the_deadline_may_complete(on_managed: OnManaged) -> None:
    """It is not canceled, and goes live after the deadline."""
    # The sandbox fetches media in real time, however the clocks advance; so there are many polls after the deadline.
    retry_policy = replace(
        on_managed.retry_policy, processing_limit=timedelta(seconds=30), unknown_after=timedelta(minutes=12)
    )
    hasty = replace(on_managed, retry_policy=retry_policy)
    end = await hasty.drive(hasty.job(picture(), handle="luna.slow"))
    assert isinstance(end, Present)
    assert await on_managed.calls("dispatch_cancel") > 0
    assert len(await on_managed.sandbox.posts("tiktok")) == 1


async def test_a_provider_that_began_and_never_reports_leaves_the_outcome_unknown(on_managed: OnManaged) -> None:
    """Long after the deadline the outcome is unknown, and no call is repeated."""
    await on_managed.sandbox.fault("provider", "dispatch_status", "stuck_processing", times=-1, skip=13)
    hasty = replace(on_managed, retry_policy=replace(on_managed.retry_policy, processing_limit=timedelta(seconds=30)))
    end = await hasty.drive(hasty.job(picture(), handle="luna.slow"))  # begins after 10 s, would end after 60 s
    assert isinstance(end, Unknown), repr(end)
    assert await on_managed.calls("dispatch") == 1


@pytest.mark.parametrize("fault", matrix(LOST_NAMES, at=Call.PUBLISH))
@pytest.mark.parametrize("times", [1, 3])
async def test_a_lost_response_makes_one_dispatch(on_managed: OnManaged, fault: str, times: int) -> None:
    """Whatever happens to the response, the provider is asked first; the post is dispatched once, and live once."""
    await on_managed.sandbox.fault("provider", "dispatch", fault, times=times)
    end = await on_managed.drive(on_managed.job(picture()))
    assert isinstance(end, Present), repr(end)
    [dispatch] = await on_managed.sandbox.dispatches()
    assert dispatch["status"] == "published"
    assert len(await on_managed.sandbox.posts("tiktok")) == 1
    has_effect = fault in {"drop_after_effect", "malformed_json"}
    assert await on_managed.calls("dispatch") == (1 if has_effect else 1 + times)


@pytest.mark.parametrize("operation", ["dispatch_status", "dispatch"])
@pytest.mark.parametrize("fault", matrix(LOST_NAMES, at=Call.READ))
async def test_a_provider_that_can_not_be_asked_is_waited_for(
    on_managed: OnManaged, operation: str, fault: str
) -> None:
    """Ten failed polls in a row, after a received or a lost response, change nothing: one post."""
    await on_managed.sandbox.fault("provider", "dispatch_status", fault, times=10)
    if operation == "dispatch":
        await on_managed.sandbox.fault("provider", "dispatch", "drop_after_effect")
    assert isinstance(await on_managed.drive(on_managed.job(picture())), Present)
    assert (len(await on_managed.sandbox.dispatches()), await on_managed.calls("dispatch")) == (1, 1)


@pytest.mark.parametrize("earlier", [0, 4])
async def test_never_received_counts_only_after_a_while(on_managed: OnManaged, earlier: int) -> None:
    """The dispatch may still arrive: the provider's report that it did not counts only long enough after the call.

    Else the post could be canceled, or failed after its last dispatch, and then arrive and be published.
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
        seen = await connector.look_up(job, job.prepared)
        assert isinstance(seen, Absent), repr(seen)
        verdict = job.judge(seen, on_managed.retry_policy)
        assert isinstance(verdict, Wait)


async def test_a_provider_that_never_receives_it_ends_the_post(on_managed: OnManaged) -> None:
    """It responds each time that it never received the post: five dispatches, with growing waits, and nothing is live."""
    await on_managed.sandbox.fault("provider", "dispatch", "http_500", times=-1)
    end = await on_managed.drive(on_managed.job(picture()))
    assert (failed(end), await on_managed.calls("dispatch")) == (FailureCode.DELIVERY_FAILED, 5)
    assert await on_managed.sandbox.dispatches() == []


async def test_a_provider_that_vanishes_after_the_dispatch_leaves_the_outcome_unknown(on_managed: OnManaged) -> None:
    """The provider can't be asked, so the outcome is unknown; the post ends only long after the deadline."""
    await on_managed.sandbox.fault("provider", "dispatch_status", "http_500", times=-1)
    began = on_managed.clock.now()
    end = await on_managed.drive(on_managed.job(picture()))
    assert isinstance(end, Unknown), repr(end)
    assert (
        on_managed.clock.now() - began
        >= on_managed.retry_policy.processing_limit + on_managed.retry_policy.unknown_after
    )


async def test_a_provider_that_is_never_reached_fails_the_post(on_managed: OnManaged) -> None:
    """Nothing was sent, so nothing is live."""
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
    """The error has the provider's code, and advice where the cause is ours."""
    await on_managed.sandbox.fault("provider", "dispatch", "platform_error", value=dict(value))
    end = await on_managed.drive(on_managed.job(picture()))
    assert isinstance(end, Rejected)
    assert (end.failure, end.platform_code, await on_managed.sandbox.dispatches()) == (failure, value["code"], [])


async def test_a_wrong_secret_error_advises_the_operator(on_managed: OnManaged) -> None:
    """The provider's signature check fails the post; a former secret that matches is sufficient."""
    other = "whsec_" + "A" * 44
    wrong = replace(on_managed.access, secret=other)
    end = await on_managed.drive(on_managed.job(picture(), access=wrong))
    assert isinstance(end, Rejected)
    assert "rotate-secret" in end.message
    assert other not in end.message
    both = replace(wrong, former_secret=SECRET)
    assert isinstance(await on_managed.drive(on_managed.job(picture(), access=both)), Present)


async def test_a_throttling_provider_is_given_time(on_managed: OnManaged) -> None:
    """429: the post waits for Retry-After, then is dispatched once more."""
    await on_managed.sandbox.fault("provider", "dispatch", "platform_error", value={"code": "rate_limited"})
    job = on_managed.job(picture())
    assert isinstance(await on_managed.drive(job), Present)
    assert timedelta(seconds=1) in on_managed.clock.waits


@pytest.mark.parametrize("operation", ["dispatch", "dispatch_status"])
async def test_a_provider_failure_is_reported(on_managed: OnManaged, operation: str) -> None:
    """`failed` with its code; except for `outcome_unknown`, nothing is live."""
    await on_managed.sandbox.fault("provider", operation, "media_error", value={"code": "media_mismatch"})
    end = await on_managed.drive(on_managed.job(picture()))
    assert isinstance(end, Rejected)
    assert (end.failure, end.platform_code) == (FailureCode.DELIVERY_FAILED, "media_mismatch")


async def test_an_unknown_outcome_at_the_provider_stays_unknown(on_managed: OnManaged) -> None:
    """`outcome_unknown` is not a failure that could be retried."""
    await on_managed.sandbox.fault("provider", "dispatch", "media_error", value={"code": "outcome_unknown"})
    end = await on_managed.drive(on_managed.job(picture()))
    assert isinstance(end, Unknown), repr(end)


async def test_a_post_is_canceled_while_the_provider_agrees(on_managed: OnManaged) -> None:
    """Before it begins: yes, every time, and the post ends withdrawn. Once it works, or never had it: no."""
    connector, now = on_managed.connector(), on_managed.clock.now()
    assert isinstance(connector, SupportsProviderCancel)
    job = on_managed.job(picture(), handle="luna.never_answers")

    async def cancel() -> bool:
        return await connector.cancel_with_provider(job.post_id, on_managed.access, reason="Stopped.", now=now)

    assert not await cancel()
    job.prepared = await connector.prepare(job)
    job.live_call_at = now
    assert isinstance(await connector.make_live(job, job.prepared), Processing)
    assert [await cancel(), await cancel()] == [True, True]
    assert isinstance(await on_managed.drive(job), CanceledByPlatform)
    [seen] = {
        str(request["request"]) for request in await on_managed.sandbox.requests("provider", "dispatch_cancel")
    } - {"None"} or [""]
    assert "Stopped." in seen

    late = on_managed.job(picture())
    assert isinstance(await on_managed.drive(late), Present)
    assert not await connector.cancel_with_provider(late.post_id, on_managed.access, reason="Stopped.", now=now)
    await on_managed.sandbox.fault("provider", "dispatch_cancel", "http_500")
    with pytest.raises(TryLater):
        await connector.cancel_with_provider(late.post_id, on_managed.access, reason="Stopped.", now=now)


async def test_a_repetition_is_the_same_to_the_byte(on_managed: OnManaged) -> None:
    """What is sent again after "never received" is what was sent first, through storage as JSON, signed again."""
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
        missing = await connector.look_up(job, job.prepared or {})
        assert isinstance(missing, Absent)
        await job.revert(missing.changes, starts_over=False)
        job.state = json.loads(json.dumps(job.state, sort_keys=True))
        job.caption = "Edited since"
        await job.sleep(timedelta(minutes=3))
        again = json.loads(json.dumps(await connector.prepare(job)))
        assert isinstance(await connector.make_live(job, again), Present)
        first, second = provider.bodies("/dispatches")
        assert first == second
        assert CAPTION in json.loads(first)["caption"]
        for method, _, headers, body in provider.seen:
            clock = datetime.fromtimestamp(int(headers["webhook-timestamp"]), tz=on_managed.clock.now().tzinfo)
            assert verify(headers, body, secrets=[SECRET], now=clock) == f"sp_{job.post_id}", method


@pytest.mark.parametrize("status", [301, 403, 404, 405, 410, 413])
async def test_an_address_without_a_provider_fails_the_post_at_once(on_managed: OnManaged, status: int) -> None:
    """Another server responds: the call was not carried out, and the operator has to fix the address."""
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
async def test_only_the_providers_own_404_means_never_received(
    on_managed: OnManaged, not_there: "web.Response"
) -> None:
    """A proxy's 404, another error, a response about another post: the lost dispatch is not repeated because of it."""

    def answer(method: str, _path: str) -> web.Response:
        return web.Response(status=503) if method == "POST" else not_there()  # type: ignore[operator]  # a factory

    async with scripted(answer) as provider:
        end = await on_managed.drive(on_managed.job(picture(), access=provider.access))
        assert isinstance(end, Unknown), repr(end)
        assert len(provider.bodies("/dispatches")) == 1


async def test_a_provider_that_forgets_a_post_gets_no_second_dispatch(on_managed: OnManaged) -> None:
    """It accepted the post and reports later that it never received it: it may have published it, so the outcome is unknown."""

    def answer(method: str, _path: str) -> web.Response:
        return dispatched(f"sp_{job.post_id}", "accepted") if method == "POST" else refused(404, "unknown_post")

    async with scripted(answer) as provider:
        job = on_managed.job(picture(), access=provider.access)
        assert isinstance(await on_managed.drive(job), Unknown)
        assert len(provider.bodies("/dispatches")) == 1


async def test_different_content_is_looked_up(on_managed: OnManaged) -> None:
    """The provider has the post with other content, so it may be live: its status of that post counts."""

    def answer(method: str, _path: str) -> web.Response:
        if method == "POST":
            return refused(409, "different_content")
        return dispatched(f"sp_{job.post_id}", "published", sequence=4, externalId="7\x001")

    async with scripted(answer) as provider:
        job = on_managed.job(picture(), access=provider.access)
        end = await on_managed.drive(job)
        assert isinstance(end, Present), repr(end)
        assert end.external_id == "7\N{REPLACEMENT CHARACTER}1", (
            "a NUL is replaced, never dropped: no id turns into another"
        )


async def test_an_older_status_changes_nothing(on_managed: OnManaged) -> None:
    """An older status that arrives late is ignored."""
    statuses = iter([(3, "working"), (1, "rejected"), (4, "published")])

    def answer(_method: str, _path: str) -> web.Response:
        sequence, status = next(statuses)
        return dispatched(f"sp_{job.post_id}", status, sequence=sequence)

    async with scripted(answer) as provider:
        job = on_managed.job(picture(), access=provider.access)
        assert isinstance(await on_managed.drive(job), Present)


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
    """The post's address from a provider is opened in people's browsers; the post is live all the same."""
    async with scripted(
        lambda _method, _path: dispatched(f"sp_{job.post_id}", "published", externalUrl=url)
    ) as provider:
        job = on_managed.job(picture(), access=provider.access)
        end = await on_managed.drive(job)
        assert isinstance(end, Present), repr(end)
        assert end.external_url == (url if is_kept else None)


async def test_a_post_goes_to_the_provider_that_may_have_it(on_managed: OnManaged) -> None:
    """While that provider is not configured the post waits; nothing is sent to another."""
    job = on_managed.job(picture())
    connector = on_managed.connector()
    job.prepared = await connector.prepare(job)
    job.context = context_of(replace(on_managed.access, name="another"))
    with pytest.raises(TryLater):
        await connector.make_live(job, job.prepared)
    job.live_call_at = job.now()
    job.context = context_of(None)
    waits = await connector.look_up(job, job.prepared)
    assert isinstance(waits, Ambiguous)
    assert "Add it again" in waits.message
    assert isinstance(await on_managed.drive(job), Unknown)
    assert await on_managed.sandbox.dispatches() == []
