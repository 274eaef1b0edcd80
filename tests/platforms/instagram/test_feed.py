"""Finding a live post among the newest ones: only where exactly one matches."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

import pytest
from pydantic import JsonValue
from tests.clocks import JumpingClock
from tests.contract.job import MediaHost, MemoryJob

from presswork.platforms import plugin
from presswork.platforms.errors import FailureCode, Rejected
from presswork.platforms.graph.client import Graph
from presswork.platforms.instagram.connector import first_comments, own_posts
from presswork.platforms.instagram.error_mapping import INSTAGRAM
from presswork.platforms.port import MediaType, TargetAccount, Tokens
from presswork.platforms.settings import Settings
from presswork.platforms.transport import Transport

CALLED_AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
FEED = "/v25.0/1784/media"
COMMENTS = "/v25.0/99/comments"


class Host(Protocol):
    """The part of the loopback server that these tests use."""

    address: str

    def give(self, path: str, body: JsonValue, *, status: int = 200) -> None: ...


@pytest.fixture
async def graph(answers: Host) -> AsyncIterator[Graph]:
    """Graph, at the loopback server."""
    async with Transport(name="instagram") as transport:
        yield Graph(
            INSTAGRAM,
            base=answers.address,
            api_version="v25.0",
            transport=transport,
            retry_policy=plugin.test_retry_policy(Settings()),
        )


@pytest.fixture
def job() -> MemoryJob:
    """A post whose live call was made at noon."""
    return MemoryJob(
        account=TargetAccount(id=UUID(int=1), external_id="1784", handle="Brand", scopes=frozenset()),
        samples=[],
        media_type=MediaType.IMAGE,
        caption="Hello ",
        tokens=Tokens(access_token="IG", issued_at=CALLED_AT, expires_at=None),
        clock=JumpingClock(),
        host=MediaHost(),
        live_call_at=CALLED_AT,
    )


def post(media_id: str, caption: str | None = "Hello", *, at: str = "2026-11-24T12:00:01+0000") -> dict[str, JsonValue]:
    """Return an entry of the list; a caption of None is omitted."""
    item: dict[str, JsonValue] = {"id": media_id, "timestamp": at}
    return item if caption is None else item | {"caption": caption}


FEEDS: list[tuple[str, list[JsonValue], str | None]] = [
    ("one", [post("7"), post("1")], "7"),
    ("unreadable captions", [post("7", None), post("1", None)], "7"),
    ("clocks that differ", [post("7", at="2026-11-24T11:57:00+0000")], "7"),
    ("two", [post("8"), post("7"), post("1")], None),
    ("other words", [post("7", "Goodbye")], None),
    ("two, one with other words", [post("8", "Goodbye"), post("7")], "7"),
    ("without a caption, where captions are shown", [post("7", None), post("1")], None),
    ("two, one without a caption", [post("8", None), post("7")], "7"),
    ("only known", [post("1"), post("2")], None),
    ("only old", [post("7", at="2026-11-24T11:54:00+0000")], None),
    ("no time", [{"id": "7", "caption": "Hello"}, post("9", at="noon"), post("10", at="2026-11-24T12:00:01")], None),
    ("none", [], None),
]


@pytest.mark.parametrize(("feed", "found"), [case[1:] for case in FEEDS], ids=[case[0] for case in FEEDS])
async def test_only_a_post_that_can_be_it_is_found(
    graph: Graph, answers: Host, job: MemoryJob, feed: list[JsonValue], found: str | None
) -> None:
    """The match is new since the preparation, not older than the call, has the caption where one is shown, and is unique."""
    answers.give(FEED, {"data": feed})
    assert await own_posts(graph, job).find_new(["1", "2"]) == found


async def test_without_a_list_from_before_nothing_is_guessed(graph: Graph, answers: Host, job: MemoryJob) -> None:
    """Where the newest posts could not be read before, no post counts as this one."""
    answers.give(FEED, {}, status=500)
    assert await own_posts(graph, job).newest_ids() is None
    assert await own_posts(graph, job).find_new(None) is None


@pytest.mark.parametrize(
    ("answer", "newest"),
    [
        ((500, {}), ["7"]),
        ((400, {"error": {"code": 4, "message": "Too many"}}), None),
        ((401, {"error": {"code": 190, "message": "Expired"}}), None),
    ],
    ids=["a fault", "a limit", "no access"],
)
async def test_a_list_that_fails_once_is_read_again(
    graph: Graph, answers: Host, job: MemoryJob, answer: tuple[int, JsonValue], newest: list[str] | None
) -> None:
    """One fault does not cost the post its address; what another read would not change is not repeated."""
    answers.give(FEED, answer[1], status=answer[0])
    answers.give(FEED, {"data": [{"id": "7"}]})
    assert await own_posts(graph, job).newest_ids() == newest


async def test_own_comment_is_found_on_a_later_page(graph: Graph, answers: Host, job: MemoryJob) -> None:
    """Another account's identical comment does not match; the account's own, on the second page, does."""
    more: JsonValue = {"cursors": {"after": "c2"}, "next": "https://graph.example/next"}
    answers.give(COMMENTS, {"data": [{"id": "1", "text": "First!", "username": "fan"}], "paging": more})
    answers.give(COMMENTS, {"data": [{"id": "2", "text": "First!", "username": "brand"}]})
    assert await first_comments(graph).is_there(job, "99", "First!")


async def test_comments_that_never_end_are_not_read_for_ever(graph: Graph, answers: Host, job: MemoryJob) -> None:
    """The search ends after four pages, and what it did not reach may be there: the comment is not written again."""
    more: JsonValue = {"cursors": {"after": "c2"}, "next": "https://graph.example/next"}
    answers.give(COMMENTS, {"data": [{"id": "1", "text": "Nice", "username": "fan"}], "paging": more})
    with pytest.raises(Rejected) as unknown:
        await first_comments(graph).is_there(job, "99", "First!")
    assert unknown.value.failure is FailureCode.OUTCOME_UNKNOWN
