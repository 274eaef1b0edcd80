"""Why a post whose time has come is not out, in the list of posts and in the timeline: each reason, and until when."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.databases import owner_of
from tests.posts.conftest import bare
from tests.posts.conftest import ready_project as ready_project
from tests.tiers import exhaustive
from tests.worker.attempt_world import AttemptWorld, Scripted, failing
from tests.worker.attempt_world import attempt_world as attempt_world

from presswork.core.errors import Unavailable
from presswork.core.timestamps import write_instant
from presswork.db.one_connection import connected
from presswork.db.pool import MAX_ROLLBACKS
from presswork.platforms.errors import OutcomeUnknown, TryLater
from presswork.platforms.port import Processing
from presswork.posts.model import WaitReason
from presswork.worker.missing_setting import wait_for_setting

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


async def waits(attempt_world: AttemptWorld) -> dict[str, Mapping[str, Any] | None]:
    """Return the wait of each post of the list, which is the same in its timeline."""
    client = attempt_world.ready_project.client
    listed = (await client.get("/v1/scheduled-posts")).json()["items"]
    for post in listed:
        timeline = (await client.get(f"/v1/scheduled-posts/{post['id']}/timeline")).json()
        assert timeline["waiting"] == post["waiting"]
    return {post["id"]: post["waiting"] for post in listed}


async def deadlock_releases(dsn: str, *, times: int) -> None:
    """Have the next statements that release a post fail as the victim of a deadlock does."""
    async with connected(owner_of(dsn)) as owner:
        await owner.execute(
            f"""CREATE SEQUENCE deadlocks;
                CREATE FUNCTION deadlock() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
                    IF nextval('deadlocks') <= {times} THEN
                        RAISE EXCEPTION 'deadlock detected' USING ERRCODE = 'deadlock_detected';
                    END IF;
                    RETURN NEW;
                END $$;
                CREATE TRIGGER deadlock BEFORE UPDATE ON scheduled_posts FOR EACH ROW
                   WHEN (OLD.leased_by IS NOT NULL AND NEW.leased_by IS NULL AND NEW.status = 'publishing')
                   EXECUTE FUNCTION deadlock()"""
        )


@pytest.mark.parametrize("times", [MAX_ROLLBACKS - 1, *exhaustive([1])])
@pytest.mark.parametrize("wait", ["rate_limit", "setting"])
async def test_a_deadlock_shortens_no_wait(attempt_world: AttemptWorld, dsn: str, wait: str, times: int) -> None:
    """The release until later is rolled back, and made again: the post is not claimed again at once, and nothing is repeated."""
    (post,) = await attempt_world.accept()
    await deadlock_releases(dsn, times=times)
    connector = Scripted(prepare_with=failing(TryLater("Too many.", step="x", retry_after=HOUR, is_throttled=True)))
    if wait == "rate_limit":
        await attempt_world.attempt(connector)
    else:
        now = attempt_world.clock.now()
        (row,) = await attempt_world.bench.store.claim(now=now, lease=HOUR, limit=1)
        await wait_for_setting(attempt_world.bench, row, Unavailable("Not set up."), now=now)
    assert ((await waits(attempt_world))[post] or {})["reason"] == wait
    await attempt_world.attempt(connector)
    assert connector.calls == ["prepare"] * (wait == "rate_limit")


async def test_a_post_and_those_behind_it_wait_for_the_same(attempt_world: AttemptWorld) -> None:
    """At a limit, the one behind names the one ahead; one that is not due, and one of another account, wait for nothing."""
    first, second = await attempt_world.accept(2)
    ready = attempt_world.ready_project
    at = write_instant(attempt_world.clock.now() + 2 * HOUR)
    later = await ready.client.post(
        f"/v1/content/{ready.image}/schedule",
        json={"scheduledFor": at, "targets": [{"socialAccountId": ready.tiktok, "mode": "publish"}]},
    )
    unclaimed = {"reason": "worker", "until": None, "behind": None}
    assert await waits(attempt_world) == {
        first: unclaimed,
        second: unclaimed,
        later.json()["scheduledPostIds"][0]: None,
    }
    limit = TryLater("Too many.", step="x", retry_after=HOUR, is_throttled=True)
    await attempt_world.attempt(Scripted(prepare_with=failing(limit, times=1)))
    until = write_instant(attempt_world.clock.now() + HOUR)
    found = await waits(attempt_world)
    assert found[first] == {"reason": "rate_limit", "until": until, "behind": None}
    assert found[second] == {"reason": "rate_limit", "until": until, "behind": first}
    assert len(found) == 3
    attempt_world.clock.advance(HOUR)
    assert {wait and wait["reason"] for wait in (await waits(attempt_world)).values()} == {"worker", None}
    await attempt_world.attempt(Scripted())
    assert (await waits(attempt_world))[first] is None


@pytest.mark.parametrize(
    ("reason", "connector"),
    [
        (
            WaitReason.RETRY,
            lambda: Scripted(prepare_with=failing(TryLater("It is down.", step="x", retry_after=MINUTE))),
        ),
        (
            WaitReason.PROCESSING,
            lambda: Scripted(make_live_with=lambda: Processing(message="It works on it.", check_after=MINUTE)),
        ),
        (
            WaitReason.OUTCOME_UNKNOWN,
            lambda: Scripted(
                make_live_with=failing(OutcomeUnknown("The answer was lost.", step="x")),
                look_up_with=failing(TryLater("It is down.", step="x", retry_after=MINUTE)),
            ),
        ),
    ],
)
async def test_a_snoozed_post_says_why(attempt_world: AttemptWorld, reason: WaitReason, connector: Any) -> None:
    """After an error, while the platform works, and while it is asked for the outcome of a call."""
    (post,) = await attempt_world.accept()
    patient = replace(attempt_world.platform.retry_policy, fault_limit=HOUR)  # the sandbox's errors last for seconds
    attempt_world = replace(attempt_world, platform=replace(attempt_world.platform, retry_policy=patient))
    await attempt_world.attempt(connector())
    until = write_instant(attempt_world.clock.now() + MINUTE)
    assert await waits(attempt_world) == {post: {"reason": reason.value, "until": until, "behind": None}}


async def test_a_leased_post_waits_only_for_an_unknown_outcome(attempt_world: AttemptWorld) -> None:
    """A worker has it: those behind it wait for the lane. Once its call has to be reconciled, that is the reason for all."""
    first, second = await attempt_world.accept(2)
    (post,) = await attempt_world.bench.store.claim(now=attempt_world.clock.now(), lease=HOUR, limit=1)
    assert await waits(attempt_world) == {first: None, second: {"reason": "lane", "until": None, "behind": first}}
    await attempt_world.bench.store.go_live(post, {}, "Asking.", now=attempt_world.clock.now())
    assert (await waits(attempt_world))[first] is None
    await attempt_world.ready_project.pool.execute(
        "INSERT INTO post_events (post_id, at, event, message, detail) VALUES ($1, $2, 'reconciled', 'Lost.', '{}')",
        post.id,
        attempt_world.clock.now(),
    )
    found = await waits(attempt_world)
    assert found[first] == {"reason": "outcome_unknown", "until": None, "behind": None}
    assert found[second] == {"reason": "outcome_unknown", "until": None, "behind": first}
    attempt_world.clock.advance(HOUR)
    assert (await waits(attempt_world))[first] == {"reason": "worker", "until": None, "behind": None}


async def test_a_post_waits_for_a_provider_or_a_setting(attempt_world: AttemptWorld) -> None:
    """A managed post that its provider has; a post whose platform is not set up."""
    (first,) = await attempt_world.accept()
    await attempt_world.attempt(
        Scripted(make_live_with=lambda: Processing(message="It works on it.", check_after=MINUTE))
    )
    await attempt_world.ready_project.change("scheduled_posts", first, mode="managed")
    assert (await waits(attempt_world))[first] == {
        "reason": "provider",
        "until": write_instant(attempt_world.clock.now() + MINUTE),
        "behind": None,
    }
    await attempt_world.ready_project.pool.execute(
        "UPDATE scheduled_posts SET status = 'failed', mode = 'publish', leased_until = NULL WHERE id = $1", bare(first)
    )
    (second,) = await attempt_world.accept()
    (row,) = await attempt_world.bench.store.claim(now=attempt_world.clock.now(), lease=HOUR, limit=1)
    await wait_for_setting(attempt_world.bench, row, Unavailable("Not set up."), now=attempt_world.clock.now())
    found = await waits(attempt_world)
    assert found[first] is None
    assert found[second] == {
        "reason": "setting",
        "until": write_instant(attempt_world.clock.now() + MINUTE),
        "behind": None,
    }


async def test_edited_content_holds_its_posts(attempt_world: AttemptWorld) -> None:
    """Whether they are due or not, they wait for the approval."""
    (post,) = await attempt_world.accept()
    await attempt_world.ready_project.change("scheduled_posts", post, is_held=True)
    assert await waits(attempt_world) == {post: {"reason": "approval", "until": None, "behind": None}}


def test_every_reason_is_tested() -> None:
    """No reason is added without a test above."""
    tested = {
        "rate_limit",
        "worker",
        "retry",
        "processing",
        "outcome_unknown",
        "lane",
        "provider",
        "setting",
        "approval",
    }
    assert {reason.value for reason in WaitReason} == tested
