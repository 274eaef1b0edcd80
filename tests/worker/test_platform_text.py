"""What a platform says, stored: no character of it keeps a clean rejection from being one."""

import pytest
from tests.worker.attempt_world import AttemptWorld, Scripted, failing
from tests.worker.attempt_world import attempt_world as attempt_world
from tests.worker.attempt_world import ready_project as ready_project

from presswork.platforms.errors import Rejected
from presswork.platforms.transport import Reply

NASTY = {
    "NUL": rb"bad \u0000 picture",
    "lone surrogate": rb"bad \ud800 picture",
    "half a pair, the wrong way round": rb"bad \udc00\ud83d picture",
    "control characters": rb"bad \u0001\u001b[31m\u009f picture",
    "raw bytes that are no UTF-8": b"bad \xff picture",
    "a very long one": b"bad picture" + b"!" * 1_000_000,
}


@pytest.mark.parametrize("words", NASTY.values(), ids=NASTY)
async def test_a_rejection_in_any_words_is_a_rejection(attempt_world: AttemptWorld, words: bytes) -> None:
    """The platform refuses a post in words that PostgreSQL can't store: the post fails at once with its own code."""
    reply = Reply(
        status=400,
        headers={},
        body=b'{"error": {"code": "4\\u00007", "message": "' + words + b'", "id": "t\\u0000r"}}',
    )
    said = reply.json_object()
    assert said is not None
    error = said["error"]
    assert isinstance(error, dict)
    rejected = Rejected(
        f"TikTok says: {error['message']}.",
        step="make_live",
        advice="Send another picture.",
        platform_code=str(error["code"]),
        platform_message=str(error["message"]),
        trace_id=str(error["id"]),
    )
    (post,) = await attempt_world.accept()
    await attempt_world.attempt(Scripted(make_live_with=failing(rejected)))
    assert await attempt_world.status(post) == ("failed", "PLATFORM_REJECTED")
    shown = (await attempt_world.world.post(post))["lastError"]
    assert "bad" in shown["message"]
    assert "Send another picture." in shown["message"]
    assert len(shown["message"]) < 2000


async def test_a_rejection_that_a_connector_put_together_is_cleaned_too(attempt_world: AttemptWorld) -> None:
    """Words that did not come as JSON, say in a header, are cleaned where the error is made."""
    rejected = Rejected("No \0 way.", step="make_live", platform_message="\ud800", platform_code="\0", trace_id="\x1b")
    (post,) = await attempt_world.accept()
    await attempt_world.attempt(Scripted(make_live_with=failing(rejected)))
    assert await attempt_world.status(post) == ("failed", "PLATFORM_REJECTED")
