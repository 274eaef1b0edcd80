"""A backup is restored that is older than what has happened since: nothing is posted, sent or handed over once more."""

from datetime import timedelta
from pathlib import Path
from typing import Final

import httpx2
import pytest
from pydantic import SecretStr
from tests.backup.backups import Backups
from tests.conftest import serving
from tests.worker.conftest import WorkerWorld
from tests.worker.in_flight import fill, go_on

from presswork.backup.restore import Restored
from presswork.core.clock import SystemClock
from presswork.core.settings import Settings
from presswork.db.one_connection import connected

LATER: Final = timedelta(minutes=2)
RESTORED_AFTER: Final = LATER + timedelta(seconds=10)
"""Everything of the scene is due by then, and other services still bear a clock that is as far ahead."""
UNKNOWN = ("failed", "OUTCOME_UNKNOWN")


@pytest.mark.slow
async def test_what_happened_since_the_backup_does_not_happen_again(
    worker_world: WorkerWorld, picture: bytes, bare_dsn: str, tmp_path: Path
) -> None:
    """What the platforms know ends as it is there; the rest ends as not known; the world stays exactly as it was."""
    ready_project = await fill(worker_world, picture, later=LATER)
    backups, now = Backups(tmp_path), SystemClock().now()
    settings = worker_world.settings.model_copy(update={"database_url": SecretStr(worker_world.dsn)})
    file = await backups.take(settings, now=now)
    await ready_project.calm()
    await go_on(worker_world, ahead=RESTORED_AFTER)
    visible = await ready_project.visible()
    assert len(visible["live"]) == 13
    to = settings.model_copy(update={"database_url": SecretStr(bare_dsn), "data_dir": tmp_path / "restored"})
    restored = await backups.restore(file, to, now=now + RESTORED_AFTER, ran_until=now + RESTORED_AFTER)
    _check_report(restored)
    await _check_not_canceled(to, ready_project.posts["queued"], worker_world.world.client, bare_dsn)
    await go_on(
        worker_world, ahead=RESTORED_AFTER + timedelta(seconds=5), database_url=to.database_url, data_dir=to.data_dir
    )
    assert await ready_project.visible() == visible
    ends = await ready_project.read(bare_dsn)
    live = ("published", "commented", "live", "made", "unmade", "made-photo", "made-managed")
    not_known = ("prepared", "unmade-photo", "snoozed", "behind", "later", "queued")
    assert ends == {
        **dict.fromkeys(live, ("published", None)),
        **dict.fromkeys(not_known, UNKNOWN),
        **dict.fromkeys(("draft", "made-text"), ("draft", None)),
        "failed": ("failed", "PLATFORM_REJECTED"),
        "canceled": ("canceled", None),
    }
    async with connected(bare_dsn) as connection:
        rows = await connection.fetch("SELECT status FROM text_messages ORDER BY position LIMIT 10")
        errors = await connection.fetch(
            "SELECT last_error::json ->> 'message' AS message, last_error::json ->> 'step' AS step FROM scheduled_posts"
            " WHERE last_error LIKE '%OUTCOME_UNKNOWN%' ORDER BY id LIMIT 10"
        )
    assert [row["status"] for row in rows] == ["delivered", "unknown", "unknown"]
    assert {row["step"] for row in errors} == {"restore"}
    assert all("Presswork was restored from a backup of 20" in row["message"] for row in errors)


def _check_report(restored: Restored) -> None:
    assert restored.counts == {"reconciledPosts": 12, "reconciledTexts": 2, "droppedScheduleCalls": 1}
    assert (restored.posts, restored.waiting, restored.next_due_at, restored.keys) == (17, 0, None, 1)


async def _check_not_canceled(settings: Settings, post_id: str, client: httpx2.AsyncClient, dsn: str) -> None:
    """What may be live is not answered as canceled."""
    async with serving(settings, dsn=dsn, clock=SystemClock()) as api:
        again = await api.anonymous(headers=dict(client.headers))
        answer = await again.delete(f"/v1/scheduled-posts/{post_id}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "CONFLICT"), answer.text
