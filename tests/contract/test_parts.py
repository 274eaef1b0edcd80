"""Threads of posts on every platform that has them: each part once and in order, whatever happens between any two."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest
from pydantic import JsonValue
from tests.contract.faults import AFTER_EFFECT, LATENCY, LOST, Call, Fault, code, matrix
from tests.contract.job import End, MemoryJob, Sample, picture, slideshow
from tests.contract.on_platform import OnPlatform

from presswork.platforms.errors import CredentialInvalid, FailureCode, Rejected, TryLater
from presswork.platforms.port import Absent, Present

PARTS: Final = ("Six new loaves are in", "Rye, with caraway", "Spelt: from Saturday on")
PUBLISH: Final[Mapping[str, str]] = {
    "on_threads": "threads_publish",
    "on_bluesky": "apply_writes",
    "on_mastodon": "statuses",
}
LOOK: Final[Mapping[str, str]] = {
    "on_threads": "container_status",
    "on_bluesky": "get_record",
    "on_mastodon": "account_statuses",
}
ONE_BY_ONE: Final = frozenset({"on_threads", "on_mastodon"})
"""Platforms where each part has a call of its own."""
NOT_VISIBLE: Final = code(24, 4279009)


@pytest.fixture
def on_platform(name: str, request: pytest.FixtureRequest) -> OnPlatform:
    """The platform that the parameter names."""
    platform: OnPlatform = request.getfixturevalue(name)
    return platform


async def _texts(on_platform: OnPlatform) -> list[str]:
    """Return the texts of the live parts, in the order of the thread."""
    return [str(post["caption"]) for post in await on_platform.sandbox.parts(on_platform.name, on_platform.handle)]


async def _thread(on_platform: OnPlatform, texts: Sequence[str] = PARTS) -> MemoryJob:
    return await on_platform.thread(*((text, []) for text in texts))


def _ids(job: MemoryJob, end: End) -> list[str | None]:
    assert isinstance(end, Present), repr(end)
    return [part.external_id for part in end.parts] or [*job.live_ids, end.external_id]


@pytest.mark.parametrize("name", PUBLISH)
async def test_parts_are_live_in_order(on_platform: OnPlatform, name: str) -> None:
    """Each part is live once and replies to the one before; pictures stand in their part."""
    job = await on_platform.thread((PARTS[0], []), (PARTS[1], slideshow(2)), (PARTS[2], [picture(seed=9)]))
    end = await on_platform.drive_thread(job)
    posts = await on_platform.sandbox.parts(on_platform.name, on_platform.handle)
    assert [post["caption"] for post in posts] == list(PARTS)
    assert [post["externalId"] for post in posts] == _ids(job, end)
    assert [len(post["media"]) for post in posts if isinstance(post["media"], list)] == [0, 2, 1]
    parents = [_find_parent(post["params"]) for post in posts]
    assert parents == [None, *_ids(job, end)[:-1]]
    assert await on_platform.calls(PUBLISH[name]) == (3 if name in ONE_BY_ONE else 1)


def _find_parent(params: JsonValue) -> JsonValue:
    """Return the id of what a part replies to."""
    assert isinstance(params, dict)
    reply = params.get("reply")
    if isinstance(reply, dict) and isinstance(reply["parent"], dict):
        return reply["parent"]["uri"]
    return params.get("reply_to_id") or params.get("in_reply_to_id")


@pytest.mark.parametrize(
    ("name", "part", "fault"),
    matrix(
        (
            (name, part, fault)
            for name in PUBLISH
            for part in range(len(PARTS) if name in ONE_BY_ONE else 1)
            for fault in (LATENCY, *LOST, AFTER_EFFECT)
        ),
        at=Call.PUBLISH,
    ),
    ids=str,
)
async def test_lost_response_of_a_part_costs_time_only(
    on_platform: OnPlatform, name: str, part: int, fault: Fault
) -> None:
    """Whatever happens to the call of one part, each part is live once and in order, and their ids are known."""
    job = await _thread(on_platform)
    await on_platform.fault(PUBLISH[name], fault.name, **fault.more(skip=part, times=1))
    end = await on_platform.drive_thread(job)
    assert await _texts(on_platform) == list(PARTS)
    assert None not in _ids(job, end)


@pytest.mark.parametrize("name", PUBLISH)
@pytest.mark.parametrize("part", [0, 1, 2])
async def test_worker_that_dies_after_the_call_of_a_part(on_platform: OnPlatform, name: str, part: int) -> None:
    """A worker that was killed before it stored the response: the next one finds the part, and writes no second one."""
    job, connector = await _thread(on_platform), on_platform.platform.connector
    while name in ONE_BY_ONE and len(job.live_ids) < part:
        live = await on_platform.drive(job)
        assert isinstance(live, Present)
        job.go_on(live)
    job.prepared = await connector.prepare(job)
    job.live_call_at = job.now()
    await connector.make_live(replace(job, state=dict(job.state)), job.prepared)
    end = await on_platform.drive_thread(job)
    assert await _texts(on_platform) == list(PARTS)
    assert None not in _ids(job, end)


@pytest.mark.parametrize("name", PUBLISH)
async def test_equal_parts_are_distinguished(on_platform: OnPlatform, name: str) -> None:
    """Parts with the same text are found by what they reply to."""
    job = await _thread(on_platform, ["Loaf"] * 3)
    await on_platform.fault(PUBLISH[name], "drop_after_effect", times=-1)
    end = await on_platform.drive_thread(job)
    assert await _texts(on_platform) == ["Loaf"] * 3
    assert len(set(_ids(job, end))) == 3


@pytest.mark.parametrize("name", ["on_threads"])
async def test_parent_that_is_not_visible_yet(on_platform: OnPlatform) -> None:
    """A part that was just published is not found for a while: the next one waits, and is written once."""
    await on_platform.connect()
    await on_platform.sandbox.account(on_platform.name, on_platform.handle, replyDelaySeconds=5)
    job = await _thread(on_platform)
    assert isinstance(await on_platform.drive_thread(job), Present)
    assert await _texts(on_platform) == list(PARTS)


@pytest.mark.parametrize("name", ["on_threads"])
async def test_refused_part_leaves_those_before(on_platform: OnPlatform) -> None:
    """A part that Threads refuses for good ends the thread: the parts before it stay, and none follows."""
    job = await _thread(on_platform)
    await on_platform.fault("threads", "platform_error", value={"code": 10}, skip=1, times=-1)
    end = await on_platform.drive_thread(job)
    assert isinstance(end, Rejected | CredentialInvalid)
    assert len(job.live_ids) == 1
    assert await _texts(on_platform) == [PARTS[0]]


@pytest.mark.parametrize("name", ["on_threads"])
async def test_nothing_is_written_where_the_replies_do_not_suffice(on_platform: OnPlatform) -> None:
    """Without the permission for replies, or room for all of them, not even the first part is published."""
    job = await _thread(on_platform)
    job.account = replace(job.account, scopes=job.account.scopes - {"threads_manage_replies"})
    refused = await on_platform.drive_thread(job)
    assert isinstance(refused, Rejected)
    assert refused.failure is FailureCode.CREDENTIAL_INVALID
    await on_platform.sandbox.account(on_platform.name, on_platform.handle, replyQuotaTotal=1)
    full = await on_platform.drive_thread(await _thread(on_platform))
    assert isinstance(full, TryLater)
    assert full.is_throttled
    assert await _texts(on_platform) == []


@pytest.mark.parametrize("name", ["on_bluesky"])
async def test_nothing_or_all_on_bluesky(on_platform: OnPlatform) -> None:
    """A refused call writes no part; what the last part shows is true of all."""
    job, connector = await _thread(on_platform), on_platform.platform.connector
    await on_platform.fault("apply_writes", "platform_error", value={"code": "InvalidRequest"}, times=1)
    assert isinstance(await on_platform.drive_thread(job), Rejected)
    assert await _texts(on_platform) == []
    job = await _thread(on_platform)
    job.prepared = await connector.prepare(job)
    assert isinstance(await connector.look_up(job, job.prepared), Absent)
    sent = await connector.make_live(job, job.prepared)
    assert await connector.look_up(job, job.prepared) == sent
    results = (await on_platform.requests("apply_writes"))[-1]
    assert results
    assert not [note for note in job.notes if note.event == "reconciled"]  # the server computes the same CIDs


@pytest.mark.parametrize("name", ["on_bluesky"])
async def test_videos_of_parts_on_bluesky(on_platform: OnPlatform, sample_clip: Sample) -> None:
    """Each part has its own video, which is uploaded once."""
    other = Sample(replace(sample_clip.media, asset_id=picture().media.asset_id), sample_clip.body)
    job = await on_platform.thread((PARTS[0], [sample_clip]), (PARTS[1], [picture()]), (PARTS[2], [other]))
    end = await on_platform.drive_thread(job)
    assert isinstance(end, Present), repr(end)
    assert await _texts(on_platform) == list(PARTS)


@pytest.mark.parametrize("name", PUBLISH)
async def test_first_comment_replies_to_the_first_part(on_platform: OnPlatform, name: str) -> None:
    """A first comment is written once, as a reply to the first part."""
    job = await _thread(on_platform)
    end = await on_platform.drive_thread(job)
    root = str(_ids(job, end)[0])
    for is_there in (False, True):
        await on_platform.platform.connector.comment(job, root, "Open from six", may_be_there=is_there)
        await job.sleep(timedelta(minutes=10))
    [post] = [one for one in await on_platform.live() if one["externalId"] == root]
    assert isinstance(post["comments"], list)
    assert post["comments"].count("Open from six") == 1
