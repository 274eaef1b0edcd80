"""Drafts by text message against the sandbox: the delivered message, every fault, and never a second text."""

from dataclasses import replace
from datetime import timedelta
from itertools import product
from uuid import uuid4

import pytest
from tests.contract.faults import AFTER_EFFECT, LATENCY, LOST, LOST_NAMES, Call, Fault, code, matrix
from tests.contract.job import Sample, decide, picture, slideshow
from tests.contract.on_sms import PAGE, PHONE, OnSMS
from tests.tiers import exhaustive, sampled

from presswork.platforms.errors import FailureCode, OutcomeUnknown, Rejected, TryLater
from presswork.platforms.findings import Advice
from presswork.platforms.port import Absent, Draft, MediaType, Mode, Present, Processing
from presswork.platforms.sms_port import LONGEST_BODY, RECEIPT_WAIT, length_of, reference_of
from presswork.worker.reconciliation import Unknown

MASKED = "+1555•••••01"


async def test_one_text_has_media_caption_steps_and_link(on_sms: OnSMS, sample_clip: Sample) -> None:
    """The operator gets one message: the video itself, the steps, the app and the account, and the texts to paste."""
    job = await on_sms.job(sample_clip, comment="First!")
    end = await on_sms.drive(job)
    (text,) = await on_sms.sandbox.messages()
    assert (text["to"], text["status"], text["mediaUrls"]) == (PHONE, "delivered", job.urls)
    body = str(text["body"])
    for part in ("Open Instagram as @brand.", "Reel", "\n\nCaption:\nFresh from the oven\n", "First!", PAGE):
        assert part in body
    assert reference_of(job.post_id) in body
    assert isinstance(end, Present)
    assert (end.external_id, end.message) == (text["sid"], f"The text was delivered to {MASKED}.")
    assert text["statusCallback"] == job.context.callback_url
    assert PHONE not in str(job.notes)


@pytest.mark.parametrize(("count", "word"), [(1, "pick the picture"), (3, "carousel")])
async def test_steps_fit_the_media(on_sms: OnSMS, count: int, word: str) -> None:
    """A picture and a carousel each have their own steps; without a caption there is no step to paste one."""
    await on_sms.drive(await on_sms.job(slideshow(count), caption=""))
    (text,) = await on_sms.sandbox.messages()
    assert word in str(text["body"])
    assert "aption" not in str(text["body"])
    assert len(text["mediaUrls"]) == count  # type: ignore[arg-type]  # a list


async def test_no_verified_phone(on_sms: OnSMS) -> None:
    """Without a verified phone the draft is refused before anything is sent."""
    end = await on_sms.drive(await on_sms.job(picture(), phone=None))
    assert isinstance(end, Rejected)
    assert end.failure is FailureCode.OPERATOR_PHONE_UNVERIFIED
    assert await on_sms.sandbox.messages() == []


async def test_large_media_are_linked(on_sms: OnSMS) -> None:
    """Media over 5 MB are not attached: the text links to them, and the timeline and preflight say why."""
    small = picture()
    large = replace(small, media=replace(small.media, size_bytes=5_000_001))
    job = await on_sms.job(large)
    assert isinstance(await on_sms.drive(job), Present)
    (text,) = await on_sms.sandbox.messages()
    assert text["mediaUrls"] == []
    assert "from the page behind the link" in str(text["body"])
    assert any("the media" in note.message for note in job.notes)
    draft = Draft(mode=Mode.DRAFT, media_type=MediaType.IMAGE, caption="", media=[large.media])
    assert [warning.code for warning in on_sms.connector.check(draft).warnings] == [Advice.MEDIA_LINKED]
    fitting = replace(draft, media=[replace(large.media, size_bytes=5_000_000)])
    assert on_sms.connector.check(fitting).warnings == []


@pytest.mark.parametrize(
    ("media", "reason"), [(picture("WEBP"), "no WebP pictures"), (slideshow(11), "11 files, more than the 10")]
)
async def test_media_that_a_text_does_not_carry_are_linked(
    on_sms: OnSMS, media: Sample | list[Sample], reason: str
) -> None:
    """A WebP picture, and more files than a message may have: the service would refuse them, so the text links to them."""
    job = await on_sms.job(media)
    assert isinstance(await on_sms.drive(job), Present)
    (text,) = await on_sms.sandbox.messages()
    assert text["mediaUrls"] == []
    draft = Draft(mode=Mode.DRAFT, media_type=job.media_type, caption="", media=list(job.media))
    (warning,) = on_sms.connector.check(draft).warnings
    assert warning.code is Advice.MEDIA_LINKED
    assert reason in warning.message


@pytest.mark.parametrize("letter", ["a", "é", "🗞"])
@pytest.mark.parametrize("length", sampled([0, 1, 300, 700, 1000, 1100, 1600, 2200, 4000], 700, 1000))
async def test_no_text_is_too_long_and_preflight_knows(on_sms: OnSMS, letter: str, length: int) -> None:
    """However long the texts, the message is within the limit; what does not fit is reported to be on the page."""
    caption = letter * (length // length_of(letter))
    job = await on_sms.job(picture(), caption=caption, comment=caption or None)
    assert isinstance(await on_sms.drive(job), Present)
    (text,) = await on_sms.sandbox.messages()
    body = str(text["body"])
    assert length_of(body) <= LONGEST_BODY
    assert PAGE in body
    is_in = not caption or f"Caption:\n{caption}" in body
    assert is_in is (length <= 700)
    assert is_in or "too long for this text" in body
    draft = Draft(mode=Mode.DRAFT, media_type=MediaType.IMAGE, caption=caption, media=[picture().media])
    warned = [warning.code for warning in on_sms.connector.check(draft).warnings]
    assert warned == ([] if is_in else [Advice.CAPTION_ON_PAGE])


@pytest.mark.parametrize(
    "fault",
    matrix(
        [
            *LOST,
            AFTER_EFFECT,
            Fault("html_502", {"afterEffect": True}),
            code(20429),
            code(20503),
            Fault("platform_error", {"code": 20500, "afterEffect": True}),
            LATENCY,
        ],
        at=Call.PUBLISH,
    ),
    ids=str,
)
@pytest.mark.parametrize("times", [1, 2, *exhaustive([3])])
async def test_a_lost_response_never_makes_two_texts_or_none(on_sms: OnSMS, fault: Fault, times: int) -> None:
    """Whatever happens to the response, the draft is delivered by exactly one text."""
    await on_sms.fault("messages", fault.name, **fault.more(times=times))
    end = await on_sms.drive(await on_sms.job(picture()))
    assert isinstance(end, Present), end
    assert len(await on_sms.sandbox.messages()) == 1


@pytest.mark.parametrize(("operation", "fault"), matrix(product(["messages_list", "message_status"], LOST_NAMES)))
async def test_a_look_up_that_fails_proves_nothing(on_sms: OnSMS, operation: str, fault: str) -> None:
    """While the service can't be reached nothing is sent again; if that lasts, the outcome is unknown."""
    await on_sms.fault("messages", "drop_after_effect")
    await on_sms.fault(operation, fault, times=3)
    assert isinstance(await on_sms.drive(await on_sms.job(picture())), Present)
    assert len(await on_sms.sandbox.messages()) == 1
    await on_sms.fault("messages", "drop_after_effect")
    await on_sms.fault(operation, fault, times=-1)
    end = await on_sms.drive(await on_sms.job(picture(seed=1)))
    assert isinstance(end, Unknown)
    assert len(await on_sms.sandbox.messages()) == 2


async def test_one_failed_read_of_a_queued_text_does_not_decide(on_sms: OnSMS) -> None:
    """The service holds the text for long and one read fails: the look-up continues, and the text is not sent again."""
    await on_sms.fault("messages", "stuck_processing")
    job = await on_sms.job(picture())
    prepared = await on_sms.connector.prepare(job)
    job.live_call_at = job.now()
    await on_sms.connector.make_live(job, prepared)
    for _ in range(2):
        assert isinstance(await on_sms.connector.look_up(job, prepared), Processing)
        await job.sleep(on_sms.retry_policy.unknown_after + timedelta(seconds=1))
        await on_sms.fault("message_status", "http_500", times=1)
        with pytest.raises(TryLater):
            await on_sms.connector.look_up(job, prepared)
    assert len(await on_sms.sandbox.messages()) == 1


@pytest.mark.parametrize("code", [20003, 21211, 21408, 21606, 21610, 21614, 4711])
async def test_a_refused_text_fails_with_advice(on_sms: OnSMS, code: int) -> None:
    """The service refuses: the draft fails at once with the service's code and a message, and nothing was sent."""
    await on_sms.fault("messages", "platform_error", value={"code": code})
    end = await on_sms.drive(await on_sms.job(picture()))
    assert isinstance(end, Rejected)
    assert (end.failure, end.platform_code) == (FailureCode.DELIVERY_FAILED, str(code))
    assert end.message.endswith(".")
    assert await on_sms.sandbox.messages() == []


@pytest.mark.parametrize(
    ("phone", "code"), [("+15005550011", "30003"), ("+15005550012", "30005"), ("+15005550013", "30008")]
)
async def test_a_text_that_does_not_arrive_fails(on_sms: OnSMS, phone: str, code: str) -> None:
    """The carrier could not deliver it: the draft fails with the carrier's code, after one text."""
    end = await on_sms.drive(await on_sms.job(picture(), phone=phone))
    assert isinstance(end, Rejected)
    assert (end.failure, end.platform_code) == (FailureCode.DELIVERY_FAILED, code)
    assert phone not in str(end)
    assert len(await on_sms.sandbox.messages()) == 1


async def test_media_that_cannot_be_fetched_fail_the_draft(on_sms: OnSMS) -> None:
    """The service can't fetch the media: the draft fails and names the setting to check."""
    job = await on_sms.job(picture())
    on_sms.host.serves = False
    end = await on_sms.drive(job)
    assert isinstance(end, Rejected)
    assert (end.failure, end.platform_code) == (FailureCode.DELIVERY_FAILED, "11200")
    assert "PRESSWORK_PUBLIC_URL" in end.message


async def test_a_carrier_without_receipts_counts_as_delivered(on_sms: OnSMS) -> None:
    """A text that stays with the carrier counts as delivered after the bounded wait, and not before."""
    job = await on_sms.job(picture(), phone="+15005550010")
    end = await on_sms.drive(job)
    assert isinstance(end, Present)
    assert end.message is not None
    assert "no receipt for 10 min; it counts as delivered" in end.message
    assert job.live_call_at is not None
    assert job.now() - job.live_call_at >= RECEIPT_WAIT


async def test_the_carrier_has_its_time_from_when_it_has_the_text(on_sms: OnSMS) -> None:
    """In test projects that is as long as a post may be processed, which begins while the service still has the text."""
    quick = on_sms.paced(
        replace(
            on_sms.retry_policy,
            poll_first=timedelta(milliseconds=100),
            poll_max=timedelta(milliseconds=10),
            processing_limit=timedelta(seconds=6),
            unknown_after=timedelta(seconds=2),
        )
    )
    end = await quick.drive(await quick.job(picture(), phone="+15005550010"))
    assert isinstance(end, Present), end


async def test_a_text_that_stays_queued_ends_as_unknown(on_sms: OnSMS) -> None:
    """A message that the service never sends may still arrive, so the outcome is unknown; it is not sent again."""
    await on_sms.fault("messages", "stuck_processing")
    end = await on_sms.drive(await on_sms.job(picture()))
    assert isinstance(end, Unknown)
    assert len(await on_sms.sandbox.messages()) == 1


async def test_another_text_to_the_phone_does_not_match(on_sms: OnSMS) -> None:
    """A lost response is not resolved by a message about another post, however similar."""
    await on_sms.drive(await on_sms.job(picture()))
    await on_sms.fault("messages", "drop_before_effect")
    assert isinstance(await on_sms.drive(await on_sms.job(picture())), Present)
    assert len(await on_sms.sandbox.messages()) == 2


async def test_not_listed_counts_only_after_a_while(on_sms: OnSMS) -> None:
    """A text that is not listed is looked for over the whole wait, however long ago the call was."""
    job = await on_sms.job(picture())
    job.prepared = await on_sms.connector.prepare(job)
    job.live_call_at = job.now() - timedelta(hours=1)
    began = job.now()
    assert isinstance(await decide(on_sms.connector, job, on_sms.retry_policy), Absent)
    assert job.now() - began >= on_sms.retry_policy.republish_after


async def test_send_errors_by_certainty(on_sms: OnSMS) -> None:
    """A throttle is TryLater, an ambiguous response is OutcomeUnknown, a refused connection had no effect."""
    await on_sms.fault("messages", "platform_error", value={"code": 20429})
    with pytest.raises(TryLater) as throttled:
        await on_sms.texts.send(to=PHONE, body="Hello", media_urls=[], callback_url=None)
    assert throttled.value.is_throttled
    await on_sms.fault("messages", "http_500")
    with pytest.raises(OutcomeUnknown):
        await on_sms.texts.send(to=PHONE, body="Hello", media_urls=[], callback_url=None)
    nowhere = type(on_sms.texts)(
        replace(on_sms.texts._access, api_url="http://127.0.0.1:9"),
        transport=on_sms.texts._transport,
        retry_policy=on_sms.retry_policy,
    )
    with pytest.raises(TryLater):
        await nowhere.send(to=PHONE, body="Hello", media_urls=[], callback_url=None)
    elsewhere = type(on_sms.texts)(
        replace(on_sms.texts._access, api_url=on_sms.host.address),
        transport=on_sms.texts._transport,
        retry_policy=on_sms.retry_policy,
    )
    with pytest.raises(Rejected, match="PRESSWORK_SMS_API_URL"):
        await elsewhere.send(to=PHONE, body="Hello", media_urls=[], callback_url=None)


async def test_a_message_is_found_behind_many_others(on_sms: OnSMS) -> None:
    """The list is read page by page until the message is found; other phones' messages don't count."""
    wanted = await on_sms.texts.send(to=PHONE, body="the one", media_urls=[], callback_url=None)
    for number in range(205):
        await on_sms.texts.send(to=PHONE, body=str(number), media_urls=[], callback_url=None)
    await on_sms.texts.send(to="+15551230002", body="the one", media_urls=[], callback_url=None)
    found = await on_sms.texts.find(to=PHONE, since=on_sms.clock.now(), is_it=lambda body: body == "the one")
    assert [message.id for message in found] == [wanted.id]
    later = on_sms.clock.now() + timedelta(hours=1)
    assert await on_sms.texts.find(to=PHONE, since=later, is_it=lambda body: body == "the one") == []


async def test_a_messaging_service_can_be_the_sender(on_sms: OnSMS) -> None:
    """An id that begins with MG is sent as MessagingServiceSid."""
    texts = type(on_sms.texts)(
        replace(on_sms.texts._access, sender="MG" + "1" * 32),
        transport=on_sms.texts._transport,
        retry_policy=on_sms.retry_policy,
    )
    await texts.send(to=PHONE, body="Hello", media_urls=[], callback_url=None)
    (text,) = await on_sms.sandbox.messages()
    assert text["messagingServiceSid"] == "MG" + "1" * 32


def test_references_differ() -> None:
    """References of many posts are all different, short, and stable."""
    ids = [uuid4() for _ in range(1000)]
    assert len({reference_of(identity) for identity in ids}) == 1000
    assert reference_of(ids[0]) == reference_of(ids[0])
    assert len(reference_of(ids[0])) == 11
