"""Posts without media on every platform that has them: a text, a link, a poll, and every fault at each of their calls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import pytest
from pydantic import JsonValue
from tests.contract.faults import AFTER_EFFECT, LATENCY, LOST, Call, Fault, assert_consistent, assert_explained, matrix
from tests.contract.job import MemoryJob, Sample, picture
from tests.contract.on_platform import OnPlatform

from presswork.platforms.errors import Rejected
from presswork.platforms.port import LinkCard, PostOptions, Present
from presswork.worker.reconciliation import Unknown

TEXT: Final = "Spring menu: six new loaves (and rye)"
LINK: Final = LinkCard(url="https://bakery.example/menu", title="Spring menu", description="Six new loaves")


@dataclass(frozen=True, slots=True)
class Shape:
    """What a platform calls, and what it keeps, for posts without media."""

    publish: str
    """The operation that makes a post live."""
    others: Sequence[str]
    """The operations before it, in order, of a post with a link and its picture."""
    look: str
    """The operation that shows whether it is live."""
    card: Mapping[str, JsonValue]
    """What is found in the parameters of a post with a link."""


SHAPES: Final[Mapping[str, Shape]] = {
    "on_threads": Shape(
        "threads_publish", ("threads",), "container_status", {"media_type": "TEXT", "link_attachment": LINK.url}
    ),
    "on_facebook": Shape("publish_post", ("feed",), "permalink", {"link": LINK.url}),
    "as_page": Shape(
        "posts",
        ("images_initialize", "upload", "media_status"),
        "posts_by_author",
        {"source": LINK.url, "title": LINK.title, "description": LINK.description},
    ),
    "on_bluesky": Shape(
        "put_record",
        ("upload_blob",),
        "get_record",
        {"uri": LINK.url, "title": LINK.title, "description": LINK.description},
    ),
    "on_mastodon": Shape("statuses", (), "account_statuses", {}),
}
PLATFORMS: Final = [*SHAPES, "as_member"]
_ANSWERS: Final[JsonValue] = ["Rye & spelt", "Nüsse 🥜"]
_LINKEDIN_POLL: Final[Mapping[str, JsonValue]] = {
    "linkedinPostSettings": {"poll": {"question": "Which *loaf*?", "options": _ANSWERS, "duration": "THREE_DAYS"}}
}
POLLS: Final[Mapping[str, PostOptions]] = {
    "on_threads": PostOptions({"threadsPostSettings": {"poll": {"options": _ANSWERS}}}),
    "as_page": PostOptions(_LINKEDIN_POLL),
    "as_member": PostOptions(_LINKEDIN_POLL),
}
SENT_POLLS: Final[Mapping[str, JsonValue]] = {
    "on_threads": {"option_a": "Rye & spelt", "option_b": "Nüsse 🥜"},
    "as_page": {
        "question": "Which *loaf*?",
        "options": [{"text": "Rye & spelt"}, {"text": "Nüsse 🥜"}],
        "settings": {"duration": "THREE_DAYS"},
    },
}
FAULTY: Final = [
    *((name, "link", (*shape.others, shape.publish)) for name, shape in SHAPES.items()),
    ("on_threads", "poll", ("threads", "threads_publish")),
    ("as_page", "poll", ("posts",)),
]
"""Platforms, kinds of posts and the operations of these."""


@pytest.fixture
def on_platform(name: str, request: pytest.FixtureRequest) -> OnPlatform:
    """The platform that the parameter names."""
    platform: OnPlatform = request.getfixturevalue(name)
    return platform


def _contains(sent: object, name: str, value: JsonValue) -> bool:
    """Whether a parameter stands anywhere in what was sent."""
    if isinstance(sent, dict):
        return sent.get(name) == value or any(_contains(part, name, value) for part in sent.values())
    return isinstance(sent, list) and any(_contains(part, name, value) for part in sent)


async def _with_link(on_platform: OnPlatform, *, caption: str = TEXT) -> MemoryJob:
    return await on_platform.job([], caption=caption, link=LINK, link_sample=picture())


def _kind_of_link(name: str) -> str:
    """Return what the sandbox calls a post with a link: on Mastodon it stands in the text, and its server makes the card."""
    return "text" if name == "on_mastodon" else "link"


async def _make(on_platform: OnPlatform, name: str, kind: str) -> MemoryJob:
    if kind == "link":
        return await _with_link(on_platform)
    return await on_platform.job([], caption=TEXT, options=POLLS[name])


@pytest.mark.parametrize("name", PLATFORMS)
async def test_text(on_platform: OnPlatform) -> None:
    """A text is posted once, as it is written, with the id and the URL that the platform shows."""
    end, post = await on_platform.publish(await on_platform.job([], caption=TEXT))
    assert (post["kind"], post["caption"], post["media"], post["externalId"]) == ("text", TEXT, [], end.external_id)


@pytest.mark.parametrize("caption", [TEXT, ""])
@pytest.mark.parametrize("name", PLATFORMS)
async def test_link(on_platform: OnPlatform, name: str, caption: str) -> None:
    """A link is posted with its card, with and without a text."""
    _, post = await on_platform.publish(await _with_link(on_platform, caption=caption))
    assert post["kind"] == _kind_of_link(name)
    shape = SHAPES.get(name, SHAPES["as_page"])
    missing = {part: value for part, value in shape.card.items() if not _contains(post["params"], part, value)}
    assert not missing, post["params"]


@pytest.mark.parametrize("name", POLLS)
async def test_poll(on_platform: OnPlatform, name: str) -> None:
    """A poll is posted with its text."""
    _, post = await on_platform.publish(await _make(on_platform, name, "poll"))
    assert (post["kind"], post["caption"]) == ("poll", TEXT)
    sent = SENT_POLLS.get(name, SENT_POLLS["as_page"])
    assert _contains(post["params"], "poll_attachment", sent) or _contains(post["params"], "poll", sent)


@pytest.mark.parametrize("name", PLATFORMS)
async def test_bare_link(on_platform: OnPlatform, name: str) -> None:
    """A link whose page could not be read is posted all the same."""
    _, post = await on_platform.publish(await on_platform.job([], caption="", link=LinkCard(url=LINK.url)))
    assert post["kind"] == _kind_of_link(name)


@pytest.mark.parametrize(
    ("name", "kind", "operation", "fault"),
    matrix(
        (
            (name, kind, operation, fault)
            for name, kind, operations in FAULTY
            for operation in operations
            for fault in (LATENCY, *LOST, AFTER_EFFECT)
        ),
        publishing={shape.publish for shape in SHAPES.values()},
    ),
    ids=str,
)
async def test_passing_fault_costs_time_only(
    on_platform: OnPlatform, name: str, kind: str, operation: str, fault: Fault
) -> None:
    """Whatever happens once to a call, one post is live in the end, and its id is known."""
    job = await _make(on_platform, name, kind)
    await on_platform.fault(operation, fault.name, **fault.more(times=1))
    end, post = await on_platform.publish(job)
    assert end.external_id == post["externalId"]
    assert_explained(end, job)


@pytest.mark.parametrize(
    ("name", "kind", "fault"),
    matrix(((name, kind, fault) for name, kind, _ in FAULTY for fault in LOST), at=Call.PUBLISH),
    ids=str,
)
async def test_lasting_fault_has_a_true_outcome(on_platform: OnPlatform, name: str, kind: str, fault: Fault) -> None:
    """A call that is lost every time, and a platform that can't be read either: never two posts, nor a false outcome."""
    shape = SHAPES[name]
    job = await _make(on_platform, name, kind)
    await on_platform.fault(shape.publish, fault.name, **fault.more(times=-1))
    await on_platform.fault(shape.look, "http_500", times=-1)
    end = await on_platform.drive(job)
    assert_consistent(end, await on_platform.live())
    assert_explained(end, job)


@pytest.mark.parametrize(("name", "kind"), [(name, kind) for name, kind, _ in FAULTY])
async def test_worker_that_dies_after_the_call(on_platform: OnPlatform, name: str, kind: str) -> None:
    """A worker that was killed before it stored the response: the next one finds the post, and publishes no second one."""
    job = await _make(on_platform, name, kind)
    connector = on_platform.platform.connector
    job.prepared = await connector.prepare(job)
    job.live_call_at = job.now()
    await connector.make_live(replace(job, state=dict(job.state)), job.prepared)
    end, post = await on_platform.publish(job)
    assert end.external_id == post["externalId"]


@pytest.mark.parametrize("name", ["on_facebook"])
@pytest.mark.parametrize("fault", [None, "drop_before_effect", "drop_after_effect", "late_effect"])
async def test_facebook_without_a_second_step(on_platform: OnPlatform, fault: str | None) -> None:
    """Where Facebook refuses to publish an unpublished post, the text is posted at once, and a lost call is looked for by text."""
    job = await _with_link(on_platform)
    await on_platform.fault("publish_post", "platform_error", value={"code": 100}, times=-1)
    if fault is not None:
        value: dict[str, JsonValue] = {"value": {"ms": 900}} if fault == "late_effect" else {}
        await on_platform.fault("feed", fault, skip=1, times=1, **value)
    end = await on_platform.drive(job)
    live = await on_platform.live()
    assert_consistent(end, live)
    assert [post["caption"] for post in live] == [TEXT]
    assert isinstance(end, Present)


@pytest.mark.parametrize("name", ["on_facebook"])
async def test_facebook_after_a_lost_second_step(on_platform: OnPlatform) -> None:
    """A call that may still publish the post is not followed by another way to post the text."""
    job = await _with_link(on_platform)
    await on_platform.fault("publish_post", "drop_before_effect", times=1)
    await on_platform.fault("publish_post", "platform_error", value={"code": 100}, times=-1)
    end = await on_platform.drive(job)
    assert isinstance(end, Rejected)
    assert await on_platform.live() == []
    assert await on_platform.calls("feed") == 1


@pytest.mark.parametrize("name", ["as_member"])
async def test_member_of_linkedin_can_not_be_asked(on_platform: OnPlatform) -> None:
    """Without a witness, doubt is the outcome: one post, and it is not claimed."""
    job = await _with_link(on_platform)
    await on_platform.fault("posts", "drop_after_effect")
    assert isinstance(await on_platform.drive(job), Unknown)
    assert len(await on_platform.live()) == 1


@pytest.mark.parametrize("name", ["as_page"])
@pytest.mark.parametrize("has_picture", [True, False])
async def test_other_post_of_the_page_is_not_taken_for_it(on_platform: OnPlatform, *, has_picture: bool) -> None:
    """The call never arrived, and the page has a post that is alike: the post is published."""
    sample: Sample | None = picture() if has_picture else None
    other = await on_platform.job([], caption=TEXT if has_picture else "Another text", link=LINK, link_sample=sample)
    assert isinstance(await on_platform.drive(other), Present)
    job = await on_platform.job([], caption=TEXT, link=None if has_picture else LINK)
    await on_platform.fault("posts", "drop_before_effect")
    assert isinstance(await on_platform.drive(job), Present)
    assert len(await on_platform.live()) == 2


@pytest.mark.parametrize("name", ["as_page"])
async def test_other_poll_of_the_page_is_not_taken_for_it(on_platform: OnPlatform) -> None:
    """The call never arrived, and the page has a poll with the same text and another question: the poll is published."""
    other: JsonValue = {"question": "Which bread?", "options": _ANSWERS, "duration": "THREE_DAYS"}
    options = PostOptions({"linkedinPostSettings": {"poll": other}})
    assert isinstance(await on_platform.drive(await on_platform.job([], caption=TEXT, options=options)), Present)
    job = await on_platform.job([], caption=TEXT, options=POLLS["as_page"])
    await on_platform.fault("posts", "drop_before_effect")
    assert isinstance(await on_platform.drive(job), Present)
    assert len(await on_platform.live()) == 2


@pytest.mark.parametrize("name", ["as_page"])
async def test_poll_has_no_card(on_platform: OnPlatform) -> None:
    """LinkedIn shows a poll or a link: the post is refused before any call, with what to do."""
    job = await on_platform.job([], caption=TEXT, options=POLLS["as_page"], link=LINK)
    end = await on_platform.drive(job)
    assert isinstance(end, Rejected)
    assert "Omit linkedinPostSettings.poll" in str(end)
    assert await on_platform.calls("posts") == 0
