"""Managed posts from the call to the feed, through the API, the worker and the sandbox's provider."""

import asyncio
import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from tests.sandbox_journal import read_journal
from tests.tiers import exhaustive, sampled
from tests.worker.conftest import HurriedClock, WorkerWorld
from tests.worker.faults import LOST
from tests.worker.test_crashes import EACH_POINT, killed_at, take_over

from presswork.accounts.providers import ProviderBusy, add_provider, remove_provider
from presswork.core.enums import Environment
from presswork.core.ids import new_id
from presswork.crypto.keyring import load_keyring
from presswork.platforms.settings import Settings
from presswork.worker.main import open_worker

MANAGED: Final = "af058068-ad85-4fb8-92a1-f531b40bfcbc"
LINK: Final = "https://www.tiktok.com/music/First-Snow-7301?lang=en&x=%C3%A9"
SANDBOX_SECRET: Final = "whsec_cHJlc3N3b3JrIHNhbmRib3gsIG5vdCBhIHNlY3JldCE="
RACING: Final = 40


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A deadline that a test can live to see, by the hurried clock."""
    return settings.model_copy(update={"managed_deadline_test": timedelta(seconds=80)})


def with_late_deadline(worker_world: WorkerWorld) -> WorkerWorld:
    """Return a world whose next workers do not meet the deadline, however slow the machine is."""
    settings = worker_world.settings.model_copy(update={"managed_deadline_test": timedelta(minutes=30)})
    return replace(worker_world, settings=settings)


async def managed(worker_world: WorkerWorld, project: str, *accounts: str, provider: str = "sandbox") -> dict[str, Any]:
    """Put accounts into a layer with a provider."""
    answer = await worker_world.world.client.post(
        f"/v1/projects/{project}/layers",
        json={"templateId": MANAGED, "config": {"provider": provider}, "socialAccountIds": list(accounts)},
    )
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def set_up(
    worker_world: WorkerWorld,
    *files: bytes,
    platform: str = "tiktok",
    handle: str = "luna",
    content_type: str = "image/jpeg",
) -> tuple[str, str]:
    """Return a container of these files and an account that the sandbox's provider serves."""
    project = await worker_world.world.project()
    account = await worker_world.world.account(project, platform, handle)
    await managed(worker_world, project, account)
    return await worker_world.world.content(project, *files, content_type=content_type, comment="First!"), account


async def dispatches(worker_world: WorkerWorld) -> list[dict[str, Any]]:
    """Return what the provider was handed."""
    browser = await worker_world.world.api.anonymous()
    return list((await browser.get("/sandbox/control/dispatches")).json()["items"])


async def sandbox(worker_world: WorkerWorld, path: str, body: dict[str, Any]) -> None:
    """Use the sandbox's control surface."""
    answer = await (await worker_world.world.api.anonymous()).post(f"/sandbox/control/{path}", json=body)
    assert answer.is_success, answer.text


async def with_provider(worker_world: WorkerWorld, post_id: str) -> None:
    """Wait until the provider has a post."""
    while not any(dispatch["postId"] == post_id for dispatch in await dispatches(worker_world)):
        pass


@pytest.mark.parametrize("platform", ["instagram", *exhaustive(["tiktok"])])
@pytest.mark.parametrize("kind", sampled(["image", "video", "multi"], "multi"))
async def test_a_provider_publishes_what_it_was_handed(
    worker_world: WorkerWorld, picture: bytes, video: bytes, platform: str, kind: str
) -> None:
    """Published once, with the provider's id and address; the first comment went along."""
    files, content_type = {
        "image": ((picture,), "image/jpeg"),
        "video": ((video,), "video/mp4"),
        "multi": ((picture, picture), "image/jpeg"),
    }[kind]
    container, account = await set_up(worker_world, *files, platform=platform, content_type=content_type)
    (post,) = await worker_world.deliver(container, account, mode="managed", captionOverride="Mind the gap")
    (live,), (dispatch,) = await worker_world.world.live(), await dispatches(worker_world)
    assert (post["status"], post["externalId"], post["externalUrl"]) == ("published", live["externalId"], live["url"])
    assert (live["caption"], live["comments"], len(live["media"])) == ("Mind the gap", ["First!"], len(files))
    assert (dispatch["status"], dispatch["postId"]) == ("published", post["id"])
    assert dispatch["payload"]["callbackUrl"] == f"{worker_world.world.api.base_url}/callbacks/managed/{post['id']}"
    deadline = datetime.fromisoformat(dispatch["payload"]["deadline"])
    for medium in dispatch["payload"]["media"]:
        (expires,) = parse_qs(urlsplit(medium["url"]).query)["expires"]
        assert datetime.fromtimestamp(int(expires), UTC) > deadline
    events = await worker_world.events(post["id"])
    assert (events[0], events[-1], events.count("published")) == ("queued", "published", 1)
    assert SANDBOX_SECRET not in json.dumps(await worker_world.world.timeline(post["id"]))


async def test_a_track_reaches_the_provider_as_its_link(worker_world: WorkerWorld, picture: bytes) -> None:
    """The address in the catalogue, to the letter; the settings of TikTok's own API stay out."""
    track = new_id()
    await worker_world.world.api.context.pool.execute(
        "INSERT INTO tiktok_tracks (id, title, user_count, is_commerce_music, link, updated_at)"
        " VALUES ($1, 'First Snow', 1, false, $2, now())",
        track,
        LINK,
    )
    container, account = await set_up(worker_world, picture, picture)
    music = {"mode": "manual", "trackId": str(track)}
    settings = {"privacyLevel": "SELF_ONLY", "disableDuet": True}
    (post,) = await worker_world.deliver(
        container, account, mode="managed", tiktokMusic=music, tiktokPostSettings=settings
    )
    (dispatch,) = await dispatches(worker_world)
    assert (post["status"], dispatch["payload"]["tiktokMusicLink"]) == ("published", LINK)
    assert "SELF_ONLY" not in json.dumps(dispatch["payload"])
    assert "tiktokPostSettings" not in dispatch["payload"]


async def test_a_refusal_quotes_the_provider(worker_world: WorkerWorld, picture: bytes) -> None:
    """Code and message of the provider, in `lastError`."""
    container, account = await set_up(worker_world, picture, handle="luna.reject")
    (post,) = await worker_world.deliver(container, account, mode="managed")
    error = post["lastError"]
    assert (post["status"], error["code"], error["platformCode"]) == ("failed", "PROVIDER_REJECTED", "content_refused")
    assert error["platformMessage"] in error["message"]
    assert await worker_world.world.live() == []


@pytest.mark.exhaustive
async def test_a_provider_that_never_begins_has_the_post_taken_back(worker_world: WorkerWorld, picture: bytes) -> None:
    """At the deadline the post ends, and the provider will not publish it later."""
    container, account = await set_up(worker_world, picture, handle="luna.never_answers")
    (post,) = await worker_world.deliver(container, account, mode="managed")
    (dispatch,) = await dispatches(worker_world)
    assert (post["status"], post["lastError"]["code"], dispatch["status"]) == ("failed", "DELIVERY_FAILED", "canceled")


@pytest.mark.exhaustive
async def test_the_reason_of_an_end_at_the_deadline_outlives_a_lost_answer(
    worker_world: WorkerWorld, picture: bytes
) -> None:
    """The provider takes the post back, but the answer is lost: the post fails for its deadline, which Presswork kept to."""
    container, account = await set_up(worker_world, picture, handle="luna.never_answers")
    await worker_world.world.fault(platform="provider", operation="dispatch_cancel", fault="drop_after_effect")
    (post,) = await worker_world.deliver(container, account, mode="managed")
    (dispatch,) = await dispatches(worker_world)
    assert (post["status"], post["lastError"]["code"], dispatch["status"]) == ("failed", "DELIVERY_FAILED", "canceled")
    assert "deadline" in post["lastError"]["message"]


@pytest.mark.parametrize("fault", LOST)
async def test_a_lost_answer_is_one_dispatch_and_one_post(
    worker_world: WorkerWorld, picture: bytes, fault: str
) -> None:
    """Whatever becomes of the answers of the hand-over and of the first look."""
    container, account = await set_up(worker_world, picture)
    for operation in ("dispatch", "dispatch_status"):
        await worker_world.world.fault(platform="provider", operation=operation, fault=fault)
    (post,) = await worker_world.deliver(container, account, mode="managed")
    assert (post["status"], len(await dispatches(worker_world)), len(await worker_world.world.live())) == (
        "published",
        1,
        1,
    )


@pytest.mark.parametrize("point", EACH_POINT)
async def test_killed_at_a_point_is_one_dispatch_and_one_post(
    worker_world: WorkerWorld, picture: bytes, point: str
) -> None:
    """Wherever the worker dies, the next one asks the provider, and the post goes out once."""
    worker_world = with_late_deadline(worker_world)
    container, account = await set_up(worker_world, picture)
    (post_id,) = await worker_world.world.publish(container, account, mode="managed")
    assert await killed_at(worker_world, point)
    await take_over(worker_world)
    post = await worker_world.world.post(post_id)
    assert (post["status"], len(await dispatches(worker_world)), len(await worker_world.world.live())) == (
        "published",
        1,
        1,
    )


async def test_managed_posts_of_an_account_hold_each_other_up_in_nothing(
    worker_world: WorkerWorld, picture: bytes
) -> None:
    """Two are with the provider at the same time, and a post to the same account is published meanwhile."""
    container, account = await set_up(worker_world, picture, handle="luna.never_answers")
    first, second = await worker_world.world.publish(container, account, account, mode="managed")
    (third,) = await worker_world.world.publish(container, account)
    working = asyncio.create_task(worker_world.worker.work_until_idle())
    await with_provider(worker_world, first)
    await with_provider(worker_world, second)
    while (await worker_world.world.post(third))["status"] != "published":
        pass
    assert {(await worker_world.world.post(post))["status"] for post in (first, second)} == {"publishing"}
    for post in (first, second):
        assert (await worker_world.world.client.delete(f"/v1/scheduled-posts/{post}")).status_code == 200
    await working


async def test_a_post_is_taken_back_from_its_provider(worker_world: WorkerWorld, picture: bytes) -> None:
    """The provider agrees: canceled at once, with the reason passed on, once in the timeline, and never on the feed."""
    container, account = await set_up(worker_world, picture, handle="luna.never_answers")
    (post_id,) = await worker_world.world.publish(container, account, mode="managed")
    working = asyncio.create_task(worker_world.worker.work_until_idle())
    await with_provider(worker_world, post_id)
    path = f"/v1/scheduled-posts/{post_id}"
    answer = await worker_world.world.client.request("DELETE", path, json={"reason": "The campaign was stopped."})
    assert (answer.status_code, answer.json()["status"]) == (200, "canceled")
    assert (await worker_world.world.post(post_id))["status"] == "canceled"
    again = await worker_world.world.client.delete(path)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "CONFLICT")
    await working
    (dispatch,) = await dispatches(worker_world)
    post, events = await worker_world.world.post(post_id), await worker_world.events(post_id)
    assert (post["status"], post["lastError"], dispatch["status"]) == ("canceled", None, "canceled")
    assert (events[-1], events.count("canceled")) == ("canceled", 1)
    browser = await worker_world.world.api.anonymous()
    assert "The campaign was stopped." in str(await read_journal(browser.get, operation="dispatch_cancel"))


async def test_a_parked_post_is_taken_back_without_a_worker(worker_world: WorkerWorld, picture: bytes) -> None:
    """No worker has it in hand: canceled all the same, and none takes it up again."""
    container, account = await set_up(worker_world, picture, handle="luna.never_answers")
    (post_id,) = await worker_world.world.publish(container, account, mode="managed")
    assert await killed_at(worker_world, "before_look_up")
    answer = await worker_world.world.client.delete(f"/v1/scheduled-posts/{post_id}")
    assert answer.status_code == 200, answer.text
    await take_over(worker_world)
    assert (await worker_world.world.post(post_id))["status"] == "canceled"
    assert (await worker_world.events(post_id))[-1] == "canceled"


async def test_what_the_provider_keeps_is_not_canceled(worker_world: WorkerWorld, picture: bytes) -> None:
    """It has started: 409, and the post continues and is published."""
    container, account = await set_up(worker_world, picture)
    (post_id,) = await worker_world.world.publish(container, account, mode="managed")
    assert await killed_at(worker_world, "before_look_up")
    browser = await worker_world.world.api.anonymous()
    while (await dispatches(worker_world))[0]["status"] == "accepted":
        await browser.get("/sandbox/control/posts")
    answer = await worker_world.world.client.delete(f"/v1/scheduled-posts/{post_id}")
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["details"]["reason"]) == (409, "CONFLICT", "provider_keeps_it")
    await take_over(worker_world)
    assert ((await worker_world.world.post(post_id))["status"], len(await worker_world.world.live())) == (
        "published",
        1,
    )


async def test_a_post_that_the_provider_has_not_got_is_not_canceled(worker_world: WorkerWorld, picture: bytes) -> None:
    """The worker has committed to the hand-over, which may be on its way: only the provider's yes would do."""
    worker_world = with_late_deadline(worker_world)
    container, account = await set_up(worker_world, picture)
    (post_id,) = await worker_world.world.publish(container, account, mode="managed")
    assert await killed_at(worker_world, "after_go_live")
    answer = await worker_world.world.client.delete(f"/v1/scheduled-posts/{post_id}")
    assert (answer.status_code, answer.json()["error"]["details"]["reason"]) == (409, "provider_keeps_it")
    await take_over(worker_world)
    assert ((await worker_world.world.post(post_id))["status"], len(await dispatches(worker_world))) == ("published", 1)


@pytest.mark.parametrize(
    ("fault", "status"),
    sampled(
        [("drop_after_effect", "canceled"), ("malformed_json", "canceled"), ("drop_before_effect", "failed")],
        ("drop_after_effect", "canceled"),
    ),
)
async def test_a_cancel_whose_answer_is_lost_is_no_yes(
    worker_world: WorkerWorld, picture: bytes, fault: str, status: str
) -> None:
    """409; if the provider had taken it back nevertheless, the post ends as canceled, since that was asked for."""
    container, account = await set_up(worker_world, picture, handle="luna.never_answers")
    (post_id,) = await worker_world.world.publish(container, account, mode="managed")
    assert await killed_at(worker_world, "before_look_up")
    await worker_world.world.fault(platform="provider", operation="dispatch_cancel", fault=fault)
    answer = await worker_world.world.client.delete(f"/v1/scheduled-posts/{post_id}")
    assert (answer.status_code, answer.json()["error"]["details"]["reason"]) == (409, "provider_unreachable")
    assert (await worker_world.world.post(post_id))["status"] == "publishing"
    await take_over(worker_world)
    post = await worker_world.world.post(post_id)
    assert (post["status"], await worker_world.world.live()) == (status, [])
    assert (post["lastError"] is None) is (status == "canceled")


@pytest.mark.exhaustive
async def test_a_dispatch_that_the_provider_drops_by_itself_fails(worker_world: WorkerWorld, picture: bytes) -> None:
    """No client requested it, so the post is not canceled but failed, and says who did it."""
    container, account = await set_up(worker_world, picture, handle="luna.never_answers")
    (post_id,) = await worker_world.world.publish(container, account, mode="managed")
    assert await killed_at(worker_world, "before_look_up")
    assert (await worker_world.world.client.delete(f"/v1/scheduled-posts/{post_id}")).status_code == 200
    await worker_world.world.api.context.pool.execute(
        "UPDATE scheduled_posts SET status = 'publishing', cancel_asked_at = NULL, canceled_at = NULL,"
        " leased_until = now() - interval '1 hour'"
    )
    await take_over(worker_world)
    post = await worker_world.world.post(post_id)
    assert (post["status"], post["lastError"]["code"]) == ("failed", "CANCELED_BY_PLATFORM")
    assert (await worker_world.events(post_id))[-1] == "failed"


@pytest.mark.exhaustive
@pytest.mark.slow
async def test_of_canceling_and_publishing_exactly_one_happens(worker_world: WorkerWorld, picture: bytes) -> None:
    """Posts are canceled at any moment while the worker and the provider are at them: exactly those that were not
    answered "canceled" are on the feed, once, and nothing is canceled that is on it."""
    dice = random.Random(5)  # noqa: S311  a die
    project = await worker_world.world.project()
    account = await worker_world.world.account(project, "tiktok", "luna")
    await managed(worker_world, project, account)
    container = await worker_world.world.content(project, picture)
    await sandbox(
        worker_world,
        "faults",
        {
            "platform": "provider",
            "operation": "dispatch_cancel",
            "fault": "latency",
            "value": {"ms": 20},
            "times": RACING // 2,
            "skip": RACING // 4,
        },
    )
    await sandbox(
        worker_world,
        "faults",
        {
            "platform": "provider",
            "operation": "dispatch",
            "fault": "drop_after_effect",
            "times": RACING // 4,
            "skip": RACING // 4,
        },
    )
    ids = await worker_world.world.publish(container, *[account] * RACING, mode="managed")
    working = asyncio.create_task(worker_world.worker.work_until_idle())

    async def cancel(post_id: str) -> int:
        for _ in range(dice.randrange(24)):
            await worker_world.world.post(post_id)
        return (await worker_world.world.client.delete(f"/v1/scheduled-posts/{post_id}")).status_code

    statuses = dict(zip(ids, await asyncio.gather(*map(cancel, ids)), strict=True))
    await working
    posts = {post_id: await worker_world.world.post(post_id) for post_id in ids}
    assert {post["status"] for post in posts.values()} <= {"published", "canceled"}
    assert set(statuses.values()) == {200, 409}
    for post_id, status in statuses.items():
        assert status != 200 or posts[post_id]["status"] == "canceled", post_id
    live = [post["params"]["postId"] for post in await worker_world.world.live()]
    assert sorted(live) == sorted(post_id for post_id, post in posts.items() if post["status"] == "published")
    stored = {dispatch["postId"]: dispatch["status"] for dispatch in await dispatches(worker_world)}
    assert all(stored.get(post_id, "canceled") == post["status"] for post_id, post in posts.items())


@pytest.mark.exhaustive
async def test_a_post_stays_with_the_provider_that_took_it(worker_world: WorkerWorld, picture: bytes) -> None:
    """Its layer is changed, taken away, and another provider is named: the first one is asked, and the post ends."""
    container, account = await set_up(worker_world, picture, handle="luna.slow")
    (post_id,) = await worker_world.world.publish(container, account, mode="managed")
    assert await killed_at(worker_world, "before_look_up")
    project = (await worker_world.world.post(post_id))["projectId"]
    (layer,) = (await worker_world.world.client.get(f"/v1/projects/{project}/layers")).json()["items"]
    await worker_world.world.client.delete(f"/v1/projects/{project}/layers/{layer['id']}")
    await managed(worker_world, project, account, provider="another")
    await sandbox(worker_world, "clock", {"advanceSeconds": 100})
    await take_over(worker_world)
    assert ((await worker_world.world.post(post_id))["status"], len(await dispatches(worker_world))) == ("published", 1)


@pytest.mark.exhaustive
async def test_a_layer_that_is_gone_before_the_hand_over_fails_the_post(
    worker_world: WorkerWorld, picture: bytes
) -> None:
    """Nothing was handed over, and the sentence says what to do."""
    container, account = await set_up(worker_world, picture)
    (post_id,) = await worker_world.world.publish(container, account, mode="managed")
    project = (await worker_world.world.post(post_id))["projectId"]
    (layer,) = (await worker_world.world.client.get(f"/v1/projects/{project}/layers")).json()["items"]
    await worker_world.world.client.delete(f"/v1/projects/{project}/layers/{layer['id']}")
    await worker_world.worker.work_until_idle()
    post = await worker_world.world.post(post_id)
    assert (post["status"], post["lastError"]["code"], await dispatches(worker_world)) == (
        "failed",
        "DELIVERY_FAILED",
        [],
    )
    assert "layer" in post["lastError"]["message"]


async def test_a_provider_of_ones_own(worker_world: WorkerWorld, picture: bytes) -> None:
    """One that the operator configured is handed the post; it is not removed while it has one; once removed and added
    again, it is asked what became of the post."""
    pool, keyring = worker_world.world.api.context.pool, load_keyring(worker_world.settings)
    url = f"{worker_world.world.api.base_url}/sandbox/provider"

    async def add() -> None:
        async with pool.acquire() as connection:
            await add_provider(
                connection,
                keyring,
                name="acme",
                environment=Environment.TEST,
                url=url,
                secret=SANDBOX_SECRET,
                now=datetime.now(UTC),
            )

    await add()
    project = await worker_world.world.project()
    account = await worker_world.world.account(project, "tiktok", "luna.slow")
    await managed(worker_world, project, account, provider="acme")
    container = await worker_world.world.content(project, picture)
    (post_id,) = await worker_world.world.publish(container, account, mode="managed")
    assert await killed_at(worker_world, "before_look_up")
    async with pool.acquire() as connection:
        with pytest.raises(ProviderBusy):
            await remove_provider(connection, name="acme", environment=Environment.TEST, now=worker_world.clock.now())
        await remove_provider(
            connection, name="acme", environment=Environment.TEST, now=worker_world.clock.now(), is_forced=True
        )
    answer = await worker_world.world.client.delete(f"/v1/scheduled-posts/{post_id}")
    assert (answer.status_code, answer.json()["error"]["details"]["reason"]) == (409, "provider_gone")
    await sandbox(worker_world, "clock", {"advanceSeconds": 100})
    async with open_worker(
        worker_world.settings,
        dsn=worker_world.dsn,
        base_url=worker_world.world.api.base_url,
        clock=HurriedClock(ahead=worker_world.settings.worker_lease + timedelta(seconds=30)),
    ) as worker:
        working = asyncio.create_task(worker.work_until_idle())
        while (await worker_world.events(post_id)).count("claimed") < 2:
            pass
        await add()
        await working
    assert ((await worker_world.world.post(post_id))["status"], len(await dispatches(worker_world))) == ("published", 1)


@pytest.mark.exhaustive
async def test_a_report_wakes_a_post_that_waits(worker_world: WorkerWorld, picture: bytes) -> None:
    """The provider's own report, signed and posted by it, wakes a snoozed post; the outcome is looked up."""
    container, account = await set_up(worker_world, picture, handle="luna.slow")
    (post_id,) = await worker_world.world.publish(container, account, mode="managed")
    assert await killed_at(worker_world, "before_look_up")
    pool, post = worker_world.world.api.context.pool, UUID(post_id.removeprefix("sp_"))
    await pool.execute(
        "UPDATE scheduled_posts SET leased_by = NULL, leased_until = now() + interval '10 hours' WHERE id = $1", post
    )
    await sandbox(worker_world, "clock", {"advanceSeconds": 100})
    while await pool.fetchval(
        "SELECT leased_until > now() + interval '1 hour' FROM scheduled_posts WHERE id = $1", post
    ):
        pass
    await worker_world.worker.work_until_idle()
    assert (await worker_world.world.post(post_id))["status"] == "published"
