"""What the platforms met in a chaos run is counted from their own journal."""

from pathlib import Path

import uvloop
from chaos.journal import Follower

from presswork_sandbox.journal import Journal
from presswork_sandbox.store import Store


def test_each_call_is_counted_once_with_the_fault_that_hit_it(tmp_path: Path) -> None:
    """Calls, faults, tokens that were rotated and refusals for a limit, over several looks."""
    store = Store(tmp_path / "sandbox.sqlite3")
    journal = Journal(store)

    def call(operation: str, status: int | None, *, fault: str | None = None, code: str = "ok") -> None:
        journal.write(
            at=0, platform="tiktok", host="", method="", path="", operation=operation, handle="ada", status=status,
            fault=fault, request={}, response={"error": {"code": code}},
        )  # fmt: skip

    follower = Follower(store.path)
    uvloop.run(follower.catch_up())
    call("upload", 201)
    call("upload", None, fault="drop_after_effect")
    uvloop.run(follower.catch_up())
    call("video_init", 429, code="rate_limit_exceeded")
    call("video_init", 429, fault="platform_error", code="rate_limit_exceeded")
    call("refresh", 200)
    call("refresh", None, fault="drop_after_effect")
    call("refresh", None, fault="drop_before_effect")
    call("refresh", 400)
    uvloop.run(follower.catch_up())
    store.close()

    met = follower.met
    assert (met.calls["tiktok", "upload"], met.faults["tiktok", "upload", "drop_after_effect"]) == (2, 1)
    assert met.over_limit == {("tiktok", "video_init", "rate_limit_exceeded"): 1}
    assert (met.renewals, met.refused_renewals) == ({"ada": 2}, {"ada": 1})
    assert met.unread == 0


def test_lines_that_were_dropped_are_noticed(tmp_path: Path) -> None:
    """The journal keeps its last lines only; what was dropped before it was read is counted as unread."""
    store = Store(tmp_path / "sandbox.sqlite3")
    journal = Journal(store)
    for _ in range(3):
        journal.write(
            at=0, platform="sms", host="", method="", path="", operation="messages", handle=None, status=200, fault=None,
            request={}, response={},
        )  # fmt: skip
    store.run("DELETE FROM journal WHERE id < 3")
    follower = Follower(store.path)
    uvloop.run(follower.catch_up())
    store.close()
    assert (follower.met.calls["sms", "messages"], follower.met.unread) == (1, 2)
