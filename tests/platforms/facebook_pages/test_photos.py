"""Pictures: how the post that has them is recognized."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

import pytest
from pydantic import JsonValue
from tests.clocks import JumpingClock
from tests.contract.job import MediaHost, MemoryJob
from tests.platforms.rows import each_row

from presswork.platforms import plugin
from presswork.platforms.errors import TryLater
from presswork.platforms.facebook_pages.error_mapping import FACEBOOK
from presswork.platforms.facebook_pages.login import PAGES
from presswork.platforms.facebook_pages.photos import PhotoStatus, feed_parameters
from presswork.platforms.graph.client import Graph
from presswork.platforms.graph.containers import StatusCode
from presswork.platforms.port import MediaType, TargetAccount, Tokens
from presswork.platforms.settings import Settings
from presswork.platforms.transport import Transport

CALLED_AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
PHOTO, LIST = "/v26.0/71", "/v26.0/1027/published_posts"
PREPARED: dict[str, JsonValue] = {
    "containerId": "71",
    "photoIds": ["71", "72"],
    "uploadedAt": "2026-11-24T11:59:00+00:00",
    "knownPosts": ["1027_1"],
}


class Host(Protocol):
    """The part of the loopback server that these tests use."""

    address: str
    seen: list[tuple[str, Mapping[str, str], Mapping[str, str]]]

    def give(self, path: str, body: JsonValue, *, status: int = 200) -> None: ...


@pytest.fixture
async def graph(answers: Host) -> AsyncIterator[Graph]:
    """Graph, at the loopback server."""
    policy = plugin.test_retry_policy(Settings())
    async with Transport(name="facebook_pages") as transport:
        yield Graph(FACEBOOK, base=answers.address, api_version="v26.0", transport=transport, retry_policy=policy)


@pytest.fixture
def job() -> MemoryJob:
    """A post whose live call was made at noon."""
    return MemoryJob(
        account=TargetAccount(id=UUID(int=1), external_id="1027", handle="brand", scopes=frozenset()),
        samples=[],
        media_type=MediaType.MULTI,
        caption="Hello ",
        tokens=Tokens(access_token="EAA", issued_at=CALLED_AT, expires_at=None),
        clock=JumpingClock(),
        host=MediaHost(),
        live_call_at=CALLED_AT,
    )


def post(post_id: str, *targets: str, message: str = "Hello", at: str = "2026-11-24T12:00:01+0000") -> JsonValue:
    """Return an entry of the list: with one picture as attachment, with several as its parts."""
    shown: list[JsonValue] = [{"target": {"id": target}} for target in targets]
    attachments: JsonValue = {"data": shown}
    if len(targets) > 1:
        attachments = {"data": [{"target": {"id": "album"}, "subattachments": {"data": shown}}]}
    item: dict[str, JsonValue] = {"id": post_id, "message": message, "created_time": at}
    return item | {"attachments": attachments} if targets else item


LISTS: list[tuple[str, list[JsonValue], str | None]] = [
    ("none", [], None),
    ("by its pictures", [post("1027_8", "71", "72"), post("1027_7", "5")], "1027_8"),
    ("by one of them", [post("1027_8", "72")], "1027_8"),
    ("whatever its text", [post("1027_8", "71", message="Edited")], "1027_8"),
    ("the same text with other pictures", [post("1027_8", "5")], None),
    ("by its text", [post("1027_8"), post("1027_7", message="Other")], "1027_8"),
    ("two of the same text", [post("1027_8"), post("1027_7")], None),
    ("one that was there before", [post("1027_1")], None),
    ("an old one", [post("1027_8", at="2026-11-24T11:50:00+0000")], None),
]


@pytest.mark.parametrize(("posts", "found"), [case[1:] for case in LISTS], ids=[case[0] for case in LISTS])
async def test_the_post_in_the_pages_list(
    graph: Graph, answers: Host, job: MemoryJob, posts: list[JsonValue], found: str | None
) -> None:
    """A post with the pictures is it; without knowing pictures, only one of its text and time that was not there before."""
    answers.give(PHOTO, {"id": "71"})
    answers.give(LIST, {"data": posts})
    status = await PhotoStatus.of(graph, job, PREPARED).read("71")
    expected = StatusCode.FINISHED if found is None else StatusCode.PUBLISHED
    assert (status.code, status.post_id) == (expected, found)
    assert int(answers.seen[-1][1]["since"]) == int(datetime(2026, 11, 24, 11, 57, tzinfo=UTC).timestamp())


async def test_the_picture_names_its_post(graph: Graph, answers: Host, job: MemoryJob) -> None:
    """`page_story_id` decides alone."""
    answers.give(PHOTO, {"id": "71", "page_story_id": "1027_8"})
    status = await PhotoStatus.of(graph, job, PREPARED).read("71")
    assert (status.code, status.post_id) == (StatusCode.PUBLISHED, "1027_8")
    assert len(answers.seen) == 1


@pytest.mark.parametrize("is_listed", [True, False])
async def test_a_picture_that_can_not_be_read(graph: Graph, answers: Host, job: MemoryJob, *, is_listed: bool) -> None:
    """The list may still show the post; if it does not, that is no proof of anything."""
    answers.give(PHOTO, {"error": {"code": 100, "error_subcode": 33, "message": "gone"}}, status=400)
    answers.give(LIST, {"data": [post("1027_8", "71")] if is_listed else []})
    report = PhotoStatus.of(graph, job, PREPARED)
    if is_listed:
        assert (await report.read("71")).post_id == "1027_8"
    else:
        with pytest.raises(TryLater):
            await report.read("71")


def test_the_call_has_all_pictures_in_order(job: MemoryJob) -> None:
    """Each is a parameter of the documented form."""
    assert feed_parameters(job, PREPARED) == {
        "message": "Hello ",
        "attached_media[0]": '{"media_fbid": "71"}',
        "attached_media[1]": '{"media_fbid": "72"}',
    }


@each_row(
    ("page", "handle"),
    [
        ({"id": "1", "tasks": ["CREATE_CONTENT"], "username": "brand"}, "brand"),
        ({"id": "1", "tasks": ["CREATE_CONTENT", "MANAGE"]}, "1"),
        ({"id": 1}, "1"),
        ({"id": "1", "tasks": ["MODERATE"]}, None),
        ({"tasks": ["CREATE_CONTENT"]}, None),
    ],
)
def test_a_page_of_a_person(page: dict[str, JsonValue], handle: str | None) -> None:
    """The handle is the user name, or else the id; a person without the task can't publish there."""
    account = PAGES.account_of(page)
    assert (account and account.handle) == handle


def test_the_picture_of_a_page() -> None:
    """It is nested in the response."""
    account = PAGES.account_of({"id": "1", "picture": {"data": {"url": "https://x.example/p.jpg"}}})
    assert account is not None
    assert account.avatar_url == "https://x.example/p.jpg"
