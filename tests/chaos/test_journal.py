"""The calls to the platforms in a chaos run are counted from the sandbox's journal."""

import json
from pathlib import Path

import uvloop
from chaos.journal import JournalReader, count_stored_refreshes

from presswork.accounts.tokens import REFRESHED
from presswork_sandbox.journal import Journal
from presswork_sandbox.store import Store


def test_each_call_is_counted_once_with_the_fault_that_hit_it(tmp_path: Path) -> None:
    """Calls, faults, token refreshes and rate limit refusals are counted over several reads."""
    store = Store(tmp_path / "sandbox.sqlite3")
    journal = Journal(store)

    def call(operation: str, status: int | None, *, fault: str | None = None, code: str = "ok") -> None:
        journal.write(
            at=0, platform="tiktok", host="", method="", path="", operation=operation, handle="ada", status=status,
            fault=fault, request={}, response={"error": {"code": code}},
        )  # fmt: skip

    reader = JournalReader(store.path)
    uvloop.run(reader.catch_up())
    call("upload", 201)
    call("upload", None, fault="drop_after_effect")
    uvloop.run(reader.catch_up())
    call("video_init", 429, code="rate_limit_exceeded")
    call("video_init", 429, fault="platform_error", code="rate_limit_exceeded")
    call("refresh", 200)
    call("refresh", None, fault="drop_after_effect")
    call("refresh", None, fault="drop_before_effect")
    call("refresh", 400)
    call("refresh", None, fault="late_effect")
    call("refresh", 400, fault="late_effect")
    call("creator_info", 401, fault="token_expired")
    uvloop.run(reader.catch_up())
    store.close()

    counts = reader.counts
    assert (counts.calls["tiktok", "upload"], counts.faults["tiktok", "upload", "drop_after_effect"]) == (2, 1)
    assert counts.over_limit == {("tiktok", "video_init", "rate_limit_exceeded"): 1}
    assert (counts.refreshes, counts.late_refusals, counts.expired) == ({"ada": 2}, {"ada": 1}, {"ada": 1})
    assert counts.unread == 0


def test_deleted_lines_are_counted_as_unread(tmp_path: Path) -> None:
    """The journal keeps only its last lines; lines that were deleted before they were read are counted as unread."""
    store = Store(tmp_path / "sandbox.sqlite3")
    journal = Journal(store)
    for _ in range(3):
        journal.write(
            at=0, platform="sms", host="", method="", path="", operation="messages", handle=None, status=200, fault=None,
            request={}, response={},
        )  # fmt: skip
    store.run("DELETE FROM journal WHERE id < 3")
    reader = JournalReader(store.path)
    uvloop.run(reader.catch_up())
    store.close()
    assert (reader.counts.calls["sms", "messages"], reader.counts.unread) == (1, 2)


def test_a_refresh_during_the_check_is_not_stored_more_often_than_made(tmp_path: Path) -> None:
    """Workers go on while the check reads: what the logs have, the journal has too."""
    store = Store(tmp_path / "sandbox.sqlite3")
    journal = Journal(store)

    class ReaderBesideWorker(JournalReader):
        async def catch_up(self) -> None:
            await super().catch_up()
            journal.write(
                at=0, platform="tiktok", host="", method="", path="", operation="refresh", handle="ada", status=200,
                fault=None, request={}, response={},
            )  # fmt: skip
            (tmp_path / "worker-1.log").write_text(json.dumps({"event": REFRESHED, "account": "sa_1"}) + "\n")

    reader = ReaderBesideWorker(store.path)
    stored = uvloop.run(count_stored_refreshes(tmp_path, reader))
    assert stored["sa_1"] <= reader.counts.refreshes["ada"]
    assert uvloop.run(count_stored_refreshes(tmp_path, reader)) == {"sa_1": 1}
    store.close()
    assert reader.counts.refreshes["ada"] == 1
