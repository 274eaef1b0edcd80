"""Taking down and changing live posts, on every platform that has calls for it, with every fault at these calls."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Final, cast

import pytest
from pydantic import JsonValue
from tests.contract.faults import AFTER_EFFECT, LATENCY, LOST, Call, Fault, code, matrix
from tests.contract.job import MemoryJob, Sample, clip, mixture, picture, retrying
from tests.contract.on_platform import OnPlatform

from presswork.platforms.bluesky.options import GATES
from presswork.platforms.bluesky.record import POST
from presswork.platforms.errors import CredentialInvalid, FailureCode, PlatformError, Rejected, TryLater
from presswork.platforms.port import (
    Absent,
    Ambiguous,
    EditField,
    LiveEdit,
    PostOptions,
    Present,
    SupportsLiveEdit,
    SupportsTakeDown,
)
from presswork.platforms.youtube.api import VIDEOS
from presswork.platforms.youtube.connector import YouTubeConnector

STORY: Final = PostOptions({"facebookPostSettings": {"placement": "story"}})
TAGGED: Final = PostOptions(
    {
        "youtubePostSettings": {
            "title": "Fresh",
            "tags": ["paper", "press"],
            "categoryId": "27",
            "license": "creativeCommon",
        }
    }
)
GATED: Final = PostOptions({"blueskyPostSettings": {"replyControl": [], "quoteControl": "none"}})
EDITED: Final = "A new text (with #paper)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One kind of live post on one platform."""

    platform: str
    """The fixture of the platform."""
    make: Callable[[], Sample | Sequence[Sample]] = picture
    delete: str = "delete"
    """The operation that deletes it."""
    edit: str | None = None
    """The operation that changes it, or None where the platform has none."""
    see: str = "permalink"
    """The operation that shows it."""
    throttled: Fault = field(default_factory=partial(code, 4))
    refused: Fault = field(default_factory=partial(code, 100))
    options: PostOptions = field(default_factory=PostOptions)
    limits: Sequence[str] = ()
    """The limits that a deletion counts against."""
    is_readable: bool = True
    """Whether an app can read it."""

    async def publish(self, on_platform: OnPlatform) -> tuple[MemoryJob, str]:
        """Return a live post, and its id."""
        job = await on_platform.job(self.make(), options=self.options, caption="" if self.options is STORY else None)
        end = await on_platform.drive(job)
        assert isinstance(end, Present), repr(end)
        located = await retrying(
            job, lambda: on_platform.platform.connector.locate(job, job.prepared or {}, end.external_id)
        )
        assert located.external_id is not None
        if self.options is STORY:
            await job.sleep(timedelta(minutes=5))  # a new story may be missing from the list
        return job, located.external_id


_YOUTUBE: Final = partial(code, "rateLimitExceeded")
_LINKEDIN: Final = partial(
    Case,
    edit="post_update",
    see="post",
    limits=("app", "member"),
    throttled=code("TOO_MANY_REQUESTS"),
    refused=code("INVALID_VALUE_FOR_FIELD"),
)
CASES: Final[Mapping[str, Case]] = {
    "instagram": Case(platform="by_facebook", delete="media_delete"),
    "threads": Case(platform="on_threads", limits=("delete",)),
    "facebook_picture": Case(platform="on_facebook", edit="post_update"),
    "facebook_video": Case(platform="on_facebook", make=clip, edit="post_update", see="video_status"),
    "facebook_story": Case(platform="on_facebook", options=STORY, see="stories_list"),
    "youtube": Case(
        platform="on_youtube",
        make=clip,
        delete="videos_delete",
        edit="videos_update",
        see="videos_list",
        limits=("writes",),
        throttled=_YOUTUBE(),
        refused=code("forbidden"),
        options=TAGGED,
    ),
    "linkedin_page": _LINKEDIN(platform="as_page"),
    "linkedin_member": _LINKEDIN(platform="as_member", is_readable=False),
    "mastodon": Case(
        platform="on_mastodon",
        delete="status_delete",
        edit="status_update",
        see="status",
        throttled=code("429"),
        refused=code("422"),
    ),
    "x": Case(platform="on_x", see="tweet", throttled=code("429"), refused=code("403")),
    "telegram_text": Case(
        platform="on_telegram",
        make=list,
        delete="delete_message",
        edit="edit_message_text",
        throttled=code("429"),
        refused=code("400"),
        is_readable=False,
    ),
    "telegram_album": Case(
        platform="on_telegram",
        make=mixture,
        delete="delete_message",
        edit="edit_message_caption",
        throttled=code("429"),
        refused=code("400"),
        is_readable=False,
    ),
    "pinterest": Case(
        platform="on_pinterest",
        delete="pin_delete",
        edit="pin_update",
        see="pin",
        throttled=code(8),
        refused=code(1),
    ),
    "bluesky": Case(
        platform="on_bluesky",
        delete="delete_record",
        see="get_record",
        limits=("put_record",),
        throttled=code("RateLimitExceeded"),
        refused=code("AccountSuspended"),
        options=GATED,
    ),
}
EDITABLE: Final = {name: case for name, case in CASES.items() if case.edit is not None}
PASSING: Final[Sequence[Fault]] = (LATENCY, *LOST, AFTER_EFFECT)


@pytest.fixture
def case(name: str) -> Case:
    """The test's kind of post."""
    return CASES[name]


@pytest.fixture
def on_platform(case: Case, request: pytest.FixtureRequest) -> OnPlatform:
    """The connector of the test's platform against the sandbox."""
    platform: OnPlatform = request.getfixturevalue(case.platform)
    return platform


def taker(on_platform: OnPlatform) -> SupportsTakeDown:
    """Return the connector, which can delete posts."""
    assert on_platform.platform.take_down_scopes is not None
    assert isinstance(on_platform.platform.connector, SupportsTakeDown)
    return on_platform.platform.connector


def editor(on_platform: OnPlatform) -> SupportsLiveEdit:
    """Return the connector, which can change posts."""
    assert on_platform.platform.edit_fields
    assert isinstance(on_platform.platform.connector, SupportsLiveEdit)
    return on_platform.platform.connector


async def shown(on_platform: OnPlatform, external_id: str) -> dict[str, JsonValue] | None:
    """Return a post as a viewer sees it, or None where it is gone."""
    return next((post for post in await on_platform.live() if post["externalId"] == external_id), None)


def assert_explained(error: PlatformError, job: MemoryJob) -> None:
    """Check that an error says what to do with a live post, and has no token in it."""
    texts = f"{error.message} {error.platform_message}"
    assert error.message.endswith(".")
    assert "ublish again" not in error.advice
    assert not [token for token in (job.tokens.access_token, job.tokens.refresh_token) if token and token in texts]


@pytest.mark.parametrize("name", CASES)
async def test_is_taken_down(on_platform: OnPlatform, case: Case) -> None:
    """A post is seen, deleted, and seen to be gone; deleting it again, or after a person did, is a success."""
    job, external_id = await case.publish(on_platform)
    seen = await taker(on_platform).see_live(job, external_id)
    assert isinstance(seen, Present if case.is_readable else Ambiguous)
    if isinstance(seen, Present):
        assert (seen.external_id, bool(seen.external_url)) == (external_id, True)
    for _ in range(2):
        job.turns.clear()
        await taker(on_platform).take_down(job, external_id)
        assert [limit for limit, _ in job.turns] == list(case.limits)
        assert await shown(on_platform, external_id) is None
    assert isinstance(await taker(on_platform).see_live(job, external_id), Absent if case.is_readable else Ambiguous)


@pytest.mark.parametrize("name", CASES)
async def test_a_person_was_first(on_platform: OnPlatform, case: Case) -> None:
    """A post that its owner deleted in the app is absent, and the deletion of what is gone is a success, also after an answer
    that can't be read."""
    job, external_id = await case.publish(on_platform)
    await on_platform.sandbox.delete_post(on_platform.name, external_id)
    assert isinstance(await taker(on_platform).see_live(job, external_id), Absent if case.is_readable else Ambiguous)
    await on_platform.fault(case.delete, "malformed_json", times=1)
    with suppress(TryLater):
        await taker(on_platform).take_down(job, external_id)
    await taker(on_platform).take_down(job, external_id)


@pytest.mark.parametrize(
    ("name", "fault"), matrix(((name, fault) for name in CASES for fault in PASSING), at=Call.WRITE), ids=str
)
async def test_passing_fault_of_a_deletion(on_platform: OnPlatform, case: Case, fault: Fault) -> None:
    """Whatever happens once to the call, its repetition ends with the post gone."""
    job, external_id = await case.publish(on_platform)
    await on_platform.fault(case.delete, fault.name, **fault.more(times=1))
    try:
        await taker(on_platform).take_down(job, external_id)
    except TryLater as error:
        assert_explained(error, job)
        await retrying(job, lambda: taker(on_platform).take_down(job, external_id))
    assert await shown(on_platform, external_id) is None


@pytest.mark.parametrize("name", CASES)
async def test_refusals_of_a_deletion(on_platform: OnPlatform, case: Case) -> None:
    """A limit is waited for, a refusal has the platform's code, and a lost access renews or asks to connect; the post stays."""
    job, external_id = await case.publish(on_platform)
    for fault, kind in ((case.throttled, TryLater), (case.refused, Rejected)):
        await on_platform.fault(case.delete, fault.name, **fault.more(times=1))
        with pytest.raises(kind) as caught:
            await taker(on_platform).take_down(job, external_id)
        error = caught.value
        assert_explained(error, job)
        named = cast("Mapping[str, JsonValue]", fault.value)["code"]
        assert (error.platform_code or "").partition("/")[0] == str(named)
        assert not isinstance(error, TryLater) or error.is_throttled
        assert await shown(on_platform, external_id) is not None
    await on_platform.fault(case.delete, "token_expired", times=1)
    job.login = None
    with pytest.raises(CredentialInvalid) as expired:
        await taker(on_platform).take_down(job, external_id)
    assert_explained(expired.value, job)
    assert await shown(on_platform, external_id) is not None


@pytest.mark.parametrize("name", ["bluesky"])
async def test_a_refusal_after_the_deletion(on_platform: OnPlatform, case: Case) -> None:
    """Where a deletion takes several calls, a limit at the second is no limit that proves that nothing was deleted; and what is
    refused there leaves the post deleted."""
    for fault in (case.throttled, case.refused):
        job, external_id = await case.publish(on_platform)
        await on_platform.fault(case.delete, fault.name, **fault.more(times=1, skip=1))
        if fault is case.refused:
            await taker(on_platform).take_down(job, external_id)
        else:
            with pytest.raises(TryLater) as caught:
                await taker(on_platform).take_down(job, external_id)
            assert not caught.value.is_throttled
            await taker(on_platform).take_down(job, external_id)
        assert await shown(on_platform, external_id) is None


@pytest.mark.parametrize("name", CASES)
async def test_what_cannot_be_read_is_not_absent(on_platform: OnPlatform, case: Case) -> None:
    """While reads fail, a post that is there is never reported absent."""
    job, external_id = await case.publish(on_platform)
    if not case.is_readable:
        return
    for fault in (Fault("http_500"), Fault("malformed_json"), Fault("drop_before_effect")):
        await on_platform.fault(case.see, fault.name, times=1)
        with pytest.raises(TryLater):
            await taker(on_platform).see_live(job, external_id)
    assert isinstance(await taker(on_platform).see_live(job, external_id), Present)


@pytest.mark.parametrize(
    ("name", "missing", "own"),
    [
        ("instagram", code(100, 33), "person"),
        ("threads", code(100, 33), "me"),
        ("facebook_picture", code(100, 33), "person"),
        ("linkedin_page", code("NOT_FOUND"), "posts_by_author"),
    ],
)
async def test_absence_needs_a_second_fact(on_platform: OnPlatform, case: Case, missing: Fault, own: str) -> None:
    """A post that can't be found counts as absent only if the same access is accepted elsewhere."""
    job, external_id = await case.publish(on_platform)
    await on_platform.fault(case.see, missing.name, **missing.more(times=2))
    await on_platform.fault(own, "http_500", times=1)
    with pytest.raises(TryLater):
        await taker(on_platform).see_live(job, external_id)
    assert isinstance(await taker(on_platform).see_live(job, external_id), Absent)


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("instagram", code(100, 33)),
        ("threads", code(100, 33)),
        ("facebook_picture", code(100, 33)),
        ("youtube", code("videoNotFound")),
        ("linkedin_page", code("NOT_FOUND")),
    ],
)
async def test_a_deletion_is_not_believed_while_the_post_is_shown(
    on_platform: OnPlatform, case: Case, missing: Fault
) -> None:
    """A platform that does not find a post, and shows it, has not deleted it."""
    job, external_id = await case.publish(on_platform)
    await on_platform.fault(case.delete, missing.name, **missing.more(times=1))
    with pytest.raises(TryLater, match="still"):
        await taker(on_platform).take_down(job, external_id)
    await taker(on_platform).take_down(job, external_id)
    assert await shown(on_platform, external_id) is None


@pytest.mark.parametrize("name", ["instagram", "threads"])
async def test_deleting_has_its_own_permission(on_platform: OnPlatform, case: Case) -> None:
    """An account without the permission publishes, and can't delete: the error asks to connect it again."""
    scopes: list[JsonValue] = [
        scope
        for scope in sorted(on_platform.platform.login.permissions)
        if scope not in {"instagram_manage_contents", "threads_delete"}
    ]
    await on_platform.sandbox.account(on_platform.name, on_platform.handle, grantedScopes=scopes)
    job, external_id = await case.publish(on_platform)
    assert not (on_platform.platform.take_down_scopes or frozenset()) <= job.account.scopes
    with pytest.raises(Rejected) as caught:
        await taker(on_platform).take_down(job, external_id)
    assert caught.value.advice == "Connect the account again with every permission ticked."
    assert caught.value.failure is FailureCode.CREDENTIAL_INVALID


@pytest.mark.parametrize("name", ["threads", "bluesky"])
async def test_a_thread_is_taken_down_from_its_end(on_platform: OnPlatform, case: Case) -> None:
    """Each part is seen and deleted by its own id."""
    job = await on_platform.thread(("One", []), ("Two", []), ("Three", []))
    end = await on_platform.drive_thread(job)
    assert isinstance(end, Present)
    ids = [part.external_id for part in end.parts] or [*job.live_ids, end.external_id]
    assert len(ids) == 3
    for number, part_id in enumerate(reversed(ids)):
        assert part_id is not None
        assert isinstance(await taker(on_platform).see_live(job, part_id), Present)
        await taker(on_platform).take_down(job, part_id)
        assert isinstance(await taker(on_platform).see_live(job, part_id), Absent)
        assert len(await on_platform.sandbox.parts(on_platform.name, on_platform.handle)) == 2 - number


@pytest.mark.parametrize("name", EDITABLE)
async def test_is_changed(on_platform: OnPlatform, case: Case) -> None:
    """The new text is shown, and repeating the change is a success; all else stays as it was."""
    job, external_id = await case.publish(on_platform)
    before = await shown(on_platform, external_id)
    for _ in range(2):
        await editor(on_platform).edit_live(job, external_id, LiveEdit(caption=EDITED))
    after = await shown(on_platform, external_id)
    assert before is not None
    assert after is not None
    assert after["caption"] == EDITED
    assert after["media"] == before["media"]


@pytest.mark.parametrize(
    ("name", "fault"), matrix(((name, fault) for name in EDITABLE for fault in PASSING), at=Call.WRITE), ids=str
)
async def test_passing_fault_of_a_change(on_platform: OnPlatform, case: Case, fault: Fault) -> None:
    """Whatever happens once to the call, its repetition ends with the new text."""
    job, external_id = await case.publish(on_platform)
    await on_platform.fault(case.edit or "", fault.name, **fault.more(times=1))
    edit = LiveEdit(caption=EDITED)
    try:
        await editor(on_platform).edit_live(job, external_id, edit)
    except TryLater as error:
        assert_explained(error, job)
        await retrying(job, lambda: editor(on_platform).edit_live(job, external_id, edit))
    post = await shown(on_platform, external_id)
    assert post is not None
    assert post["caption"] == EDITED


@pytest.mark.parametrize("name", EDITABLE)
async def test_refusals_of_a_change(on_platform: OnPlatform, case: Case) -> None:
    """A limit is waited for, and a refusal says that a person can change the post; its text stays."""
    job, external_id = await case.publish(on_platform)
    for fault, kind in ((case.throttled, TryLater), (case.refused, Rejected)):
        await on_platform.fault(case.edit or "", fault.name, **fault.more(times=1))
        with pytest.raises(kind) as caught:
            await editor(on_platform).edit_live(job, external_id, LiveEdit(caption=EDITED))
        assert_explained(caught.value, job)
    post = await shown(on_platform, external_id)
    assert post is not None
    assert post["caption"] == job.caption


@pytest.mark.parametrize("name", ["youtube"])
async def test_a_video_keeps_what_is_not_changed(on_platform: OnPlatform, case: Case) -> None:
    """Title and visibility change alone: tags, category, description and license stay."""
    assert on_platform.platform.edit_fields == set(EditField)
    job, external_id = await case.publish(on_platform)
    before = _parts_of(await shown(on_platform, external_id))
    edit = LiveEdit(title="Another title", privacy_level="unlisted")
    await editor(on_platform).edit_live(job, external_id, edit)
    after = _parts_of(await shown(on_platform, external_id))
    snippet, status = before
    assert snippet | {"title": "Another title"} == {name: after[0][name] for name in snippet}
    assert status | {"privacyStatus": "unlisted"} == {name: after[1][name] for name in status}
    assert (snippet["tags"], snippet["categoryId"], status["license"]) == (["paper", "press"], "27", "creativeCommon")


@pytest.mark.parametrize("name", ["youtube"])
async def test_a_scheduled_video_can_become_public(on_platform: OnPlatform, case: Case) -> None:
    """A time that a person has set in YouTube Studio, which only private videos may have, does not stop the change."""
    job, external_id = await case.publish(on_platform)
    connector = on_platform.platform.connector
    assert isinstance(connector, YouTubeConnector)
    status: JsonValue = {"privacyStatus": "private", "publishAt": "2030-01-01T00:00:00Z"}
    await connector.api.ask(
        job, "PUT", VIDEOS, {"part": "status"}, step="test", now=None, body={"id": external_id, "status": status}
    )
    await connector.edit_live(job, external_id, LiveEdit(privacy_level="public"))
    assert _parts_of(await shown(on_platform, external_id))[1]["privacyStatus"] == "public"


@pytest.mark.parametrize("name", ["bluesky"])
async def test_gates_are_deleted_with_their_post(on_platform: OnPlatform, case: Case) -> None:
    """Nothing is left of a post whose replies and quotes were limited."""
    job, external_id = await case.publish(on_platform)
    did = job.account.external_id
    kinds = (POST, *GATES)
    assert [await on_platform.sandbox.count_records(did, kind) for kind in kinds] == [1, 1, 1]
    await taker(on_platform).take_down(job, external_id)
    assert [await on_platform.sandbox.count_records(did, kind) for kind in kinds] == [0, 0, 0]


def _parts_of(video: Mapping[str, JsonValue] | None) -> tuple[dict[str, JsonValue], dict[str, JsonValue]]:
    assert video is not None
    params = video["params"]
    assert isinstance(params, dict)
    snippet, status = params["snippet"], params["status"]
    assert isinstance(snippet, dict)
    assert isinstance(status, dict)
    return snippet, status


@pytest.mark.parametrize("name", ["facebook_video"])
async def test_a_video_of_a_page_has_a_title(on_platform: OnPlatform, case: Case) -> None:
    """The title of a video changes alone."""
    job, external_id = await case.publish(on_platform)
    await editor(on_platform).edit_live(job, external_id, LiveEdit(title="Another title"))
    post = await shown(on_platform, external_id)
    assert post is not None
    params = post["params"]
    assert isinstance(params, dict)
    assert (params["title"], post["caption"]) == ("Another title", job.caption)


@pytest.mark.parametrize(
    ("name", "edit", "problem"),
    [
        ("facebook_picture", LiveEdit(title="Title"), "Only videos have a title"),
        ("facebook_story", LiveEdit(caption="Text"), "A story has no text"),
    ],
)
async def test_what_has_no_such_text_is_refused_without_a_call(
    on_platform: OnPlatform, case: Case, edit: LiveEdit, problem: str
) -> None:
    """A title of a picture, and a text of a story, do not exist on Facebook."""
    job, external_id = await case.publish(on_platform)
    with pytest.raises(Rejected, match=problem):
        await editor(on_platform).edit_live(job, external_id, edit)
    assert await on_platform.calls("post_update") == 0


@pytest.mark.parametrize("name", ["facebook_story"])
async def test_a_new_story_is_not_absent(on_platform: OnPlatform, case: Case) -> None:
    """A story that the list does not show yet may be live."""
    job = await on_platform.job(picture(), options=STORY, caption="")
    end = await on_platform.drive(job)
    assert isinstance(end, Present)
    assert isinstance(await taker(on_platform).see_live(job, end.external_id or ""), Ambiguous)


@pytest.mark.parametrize("name", ["instagram"])
async def test_a_fatal_error_is_waited_for(on_platform: OnPlatform, case: Case) -> None:
    """2207085, with which Instagram refused every deletion for weeks, is tried again some hours later."""
    job, external_id = await case.publish(on_platform)
    await on_platform.fault(case.delete, "platform_error", value={"code": -1, "subcode": 2207085}, times=1)
    with pytest.raises(TryLater) as caught:
        await taker(on_platform).take_down(job, external_id)
    assert caught.value.advice == "", "the worker adds what a person does"
    assert caught.value.first_wait is not None
    assert caught.value.first_wait.total_seconds() >= 3600
    await taker(on_platform).take_down(job, external_id)
    assert await shown(on_platform, external_id) is None
