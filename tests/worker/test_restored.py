"""A backup is restored that is older than what has happened since: nothing is posted, sent or handed over once more."""

from datetime import timedelta
from pathlib import Path
from typing import Final

import httpx2
import pytest
from pydantic import SecretStr
from tests.api_server import serving
from tests.backup.backups import Backups
from tests.databases import owner_of
from tests.posts.conftest import bare
from tests.tiers import sampled
from tests.worker.conftest import WorkerWorld
from tests.worker.in_flight import fill, go_on
from tests.world import World

from presswork.backup.restore import Restored
from presswork.core.clock import SystemClock
from presswork.db.migrate import migrations
from presswork.db.one_connection import connected
from presswork.db.pool import Pool
from presswork.platforms.settings import Settings
from presswork.posts.model import RESTORED

LATER: Final = timedelta(minutes=2)
RESTORED_AFTER: Final = LATER + timedelta(seconds=10)
"""Everything of the scene is due by then, and other services still bear a clock that is as far ahead."""
UNKNOWN = ("failed", "OUTCOME_UNKNOWN")
_RELEASE: Final = "20261201002100"
"""The migration that releases the posts of projects that an older version has archived."""


@pytest.mark.exhaustive
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
    assert restored.counts == {
        "reconciledPosts": 12,
        "reconciledTexts": 2,
        "droppedScheduleCalls": 1,
        "revokedPostingLinks": 0,
    }
    assert (restored.posts, restored.waiting, restored.next_due_at, restored.keys) == (17, 0, None, 1)


async def _check_not_canceled(settings: Settings, post_id: str, client: httpx2.AsyncClient, dsn: str) -> None:
    """What may be live is not answered as canceled."""
    async with serving(settings, dsn=dsn, clock=SystemClock()) as api:
        again = await api.anonymous(headers=dict(client.headers))
        answer = await again.delete(f"/v1/scheduled-posts/{post_id}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "CONFLICT"), answer.text


async def restored_while_held(world: World, pool: Pool, project: str, picture: bytes) -> tuple[str, str]:
    """Return content whose texts wait for another approval, and its post, as a restore leaves what was due."""
    policy = {"policy": "review_all", "covers": "content_and_text"}
    answer = await world.client.patch(f"/v1/projects/{project}/content-review-policy", json=policy)
    assert answer.status_code == 200, answer.text
    content = await world.content(project, picture)
    assert (await world.client.post(f"/v1/content/{content}/approve")).status_code == 200
    (post,) = await world.publish(content, await world.account(project, "instagram", "bakery"))
    assert (await world.client.patch(f"/v1/content/{content}", json={"caption": "Other bread"})).status_code == 200
    await pool.execute(
        """UPDATE scheduled_posts SET live_call_at = now(), platform_state = json_build_object($2::text, now())::text
            WHERE id = $1 AND is_held""",
        bare(post),
        RESTORED,
    )
    return content, post


async def _end(world: World, how: str, *, project: str, content: str, post: str) -> None:
    """Reject the content, archive its project, or disconnect the account of its post."""
    if how == "reject":
        answer = await world.client.post(f"/v1/content/{content}/reject", json={"reason": "The price is wrong."})
    elif how == "archive":
        answer = await world.client.patch(f"/v1/projects/{project}", json={"status": "archived"})
    else:
        answer = await world.client.delete(f"/v1/social-accounts/{(await world.post(post))['socialAccountId']}")
    assert answer.is_success, answer.text


@pytest.mark.parametrize("end", sampled(["reject", "archive", "disconnect", "upgrade"], "archive"))
async def test_the_end_of_its_content_does_not_cancel_what_may_be_live(
    worker_world: WorkerWorld, pool: Pool, picture: bytes, end: str
) -> None:
    """A post was approved and went live after the backup. What ends its wait after the restore ends it as not known."""
    world = worker_world.world
    project = await world.project()
    content, post = await restored_while_held(world, pool, project, picture)
    if end == "upgrade":  # an older version has archived the project
        async with connected(owner_of(worker_world.dsn)) as owner:
            await owner.execute("UPDATE projects SET status = 'archived', archived_at = now()")
            (migration,) = (one for one in migrations() if one.version == _RELEASE)
            await owner.execute(migration.sql)
    else:
        await _end(world, end, project=project, content=content, post=post)
    read = await world.post(post)
    assert (read["status"], read["gateStatus"]) == ("queued", None)
    assert "not canceled" in (await world.timeline(post))[-1]["message"]
    await worker_world.worker.work_until_idle()
    read = await world.post(post)
    assert (read["status"], read["lastError"]["code"]) == UNKNOWN
    assert await world.live() == []
    assert "canceled" not in await worker_world.events(post)
