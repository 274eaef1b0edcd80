"""Taking down and changing live posts: the calls of the API, and the worker that makes them, against a platform in memory."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final, cast

import pytest
from tests.clocks import MovableClock
from tests.posts.conftest import ReadyProject, bare, insert_account

from presswork.core.enums import EditField
from presswork.core.ids import new_id
from presswork.jobs.runner import LeaseLost
from presswork.media.links import PageLinks
from presswork.platforms.errors import CredentialInvalid, OutcomeUnknown, Rejected, TryLater
from presswork.platforms.names import LoginName
from presswork.platforms.port import Absent, Ambiguous, Job, LiveEdit, Platform, Present
from presswork.posts.bulk import BulkRun
from presswork.worker.bulk_jobs import BulkJobs
from presswork.worker.context import WorkerContext
from presswork.worker.follow_up_jobs import FollowUpJobs
from presswork.worker.live_change_jobs import LiveChangeJobs
from presswork.worker.live_changes import LiveChangeStore
from presswork.worker.renditions import Renditions
from presswork.worker.store import WorkStore

DELETE: Final = "may.delete"
LEASE: Final = timedelta(seconds=30)
URL: Final = "https://social.example.com/p/1"


class Killed(BaseException):
    """The worker dies here."""


@dataclass
class FakePlatform:
    """A platform in memory, with the calls of a connector that can delete and change posts. The rest is a real connector's."""

    real: Any  # the connector of a real platform, for everything else
    live: dict[str, str] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    faults: list[tuple[str, Exception | None]] = field(default_factory=list)
    """For the next calls: `before` or `after` their effect, and the error."""
    is_readable: bool = True

    def __getattr__(self, name: str) -> Any:  # as `real`
        return getattr(self.real, name)

    async def see_live(self, job: Job, external_id: str) -> Present | Absent | Ambiguous:
        """Report whether the post is there."""
        self.calls.append(f"see {external_id}")
        if not self.is_readable:
            return Ambiguous(message="Posts can't be read.")
        if external_id in self.live:
            return Present(external_id=external_id, external_url=None)
        return Absent(message="It is not there.")

    async def take_down(self, job: Job, external_id: str) -> None:
        """Delete it."""
        self.calls.append(f"delete {external_id}")
        when, error = self.faults.pop(0) if self.faults else ("", None)
        if when != "before":
            self.live.pop(external_id, None)
        if error is not None:
            raise error

    async def edit_live(self, job: Job, external_id: str, edit: LiveEdit) -> None:
        """Change its text."""
        self.calls.append(f"edit {external_id}")
        when, error = self.faults.pop(0) if self.faults else ("", None)
        if when != "before":
            self.live[external_id] = edit.caption or f"{edit.title} {edit.privacy_level}"
        if error is not None:
            raise error


@dataclass(frozen=True)
class LivePosts:
    """Published posts of a project, and workers for them."""

    ready_project: ReadyProject
    clock: MovableClock
    platform: FakePlatform
    account: str

    async def insert(self, account: str | None = None, /, **columns: object) -> str:
        """Insert a published post, live as `ext-1`, or with other columns."""
        post, now = new_id(), self.clock.now()
        values: dict[str, object] = {
            "status": "published",
            "mode": "publish",
            "external_id": "ext-1",
            "external_url": URL,
            "live_at": now,
            "live_call_at": now,
            "published_at": now,
            "container_id": bare(self.ready_project.image),
            **columns,
        }
        names = list(values)
        await self.ready_project.pool.execute(
            f"""INSERT INTO scheduled_posts (id, project_id, organization_id, environment, social_account_id, platform,
                    scheduled_for, run_at, platform_state, error_count, version, created_at, updated_at, {", ".join(names)})
                SELECT $1, project_id, organization_id, environment, id, platform, $3, $3, '{{}}', 0, 1, $3, $3,
                       {", ".join(f"${number}" for number in range(4, 4 + len(names)))}
                  FROM social_accounts WHERE id = $2""",  # noqa: S608  the names come from the tests
            post,
            bare(account or self.account),
            now,
            *values.values(),
        )
        if isinstance(values["external_id"], str):
            self.platform.live[values["external_id"]] = "Hello"
        return f"sp_{post}"

    def context(self, at_point: Any = lambda _point: None, worker_id: str = "w1") -> WorkerContext:  # as the context's
        """Return what a worker uses."""
        context = self.ready_project.world.api.context
        return WorkerContext(
            pool=self.ready_project.pool,
            store=WorkStore(self.ready_project.pool, worker_id=worker_id),
            clock=self.clock,
            keyring=context.keyring,
            renditions=cast("Renditions", None),  # nothing here needs media or a page
            pages=cast("PageLinks", None),
            base_url="http://localhost",
            at_point=at_point,
        )

    def jobs(self, at_point: Any = lambda _point: None, worker_id: str = "w1") -> LiveChangeJobs:
        """Return the job source of a worker."""
        store = LiveChangeStore(self.ready_project.pool, worker_id=worker_id)
        return LiveChangeJobs(
            self.context(at_point, worker_id),
            store,
            self.ready_project.world.api.context.platforms,
            concurrency=10,
            lease=LEASE,
            leases=store,
        )

    async def work(self, jobs: LiveChangeJobs | None = None) -> int:
        """Make every change that is due; return how many were."""
        jobs = jobs or self.jobs()
        claimed = await jobs.claim(10)
        for job in claimed:
            await jobs.run(job)
        return len(claimed)

    async def take_down(self, post: str, **body: str) -> str:
        """Ask for it; return the `liveStatus` of the response."""
        response = await self.ready_project.client.post(f"/v1/scheduled-posts/{post}/take-down", json=body)
        assert response.status_code == 202, response.text
        return str(response.json()["liveStatus"])

    async def status(self, post: str) -> str | None:
        """Return the `liveStatus` of a post."""
        found: str | None = (await self.ready_project.world.post(post))["liveStatus"]
        return found

    async def events(self, post: str) -> list[str]:
        """Return the names of a post's timeline."""
        return [line["event"] for line in await self.ready_project.world.timeline(post)]

    async def sent(self) -> list[str]:
        """Return the types of the events that were written, with the `liveStatus` in their data."""
        rows = await self.ready_project.pool.fetch("SELECT event_type, data FROM event_outbox ORDER BY occurred_at")
        return [f"{row['event_type']} {json.loads(row['data'])['liveStatus']}" for row in rows]


@pytest.fixture
async def live_posts(ready_project: ReadyProject, clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> LivePosts:
    """A LinkedIn account whose platform is in memory, and an event stream."""
    context = ready_project.world.api.context
    account = await insert_account(ready_project.pool, ready_project.project, "linkedin", [DELETE, "w_member_social"])
    real: Platform = context.platforms.described()[LoginName.LINKEDIN]
    fake = FakePlatform(real.connector)
    platform = replace(
        real,
        connector=fake,
        take_down_scopes=frozenset({DELETE}),
        take_down_advice="Open the post and delete it there.",
        edit_scopes=frozenset({DELETE}),
        edit_fields=frozenset({EditField.CAPTION}),
    )
    monkeypatch.setitem(cast("dict[LoginName, Platform]", context.platforms.described()), LoginName.LINKEDIN, platform)
    await ready_project.pool.execute(
        """INSERT INTO event_listeners (id, organization_id, environment, events, is_stream, kept_until)
           SELECT $1, organization_id, environment, '{}', true, 'infinity' FROM projects WHERE id = $2""",
        new_id(),
        bare(ready_project.project),
    )
    return LivePosts(ready_project, clock, fake, account)


def refusal(platform_code: str = "77") -> Rejected:
    """Return a permanent refusal."""
    return Rejected("Boosted posts can't be deleted.", advice="End the ad.", step="delete", platform_code=platform_code)


async def test_a_post_is_looked_at_deleted_and_reported_once(live_posts: LivePosts) -> None:
    """A repeated call does nothing more, before and after the worker."""
    post = await live_posts.insert()
    assert await live_posts.status(post) == "live"
    assert [await live_posts.take_down(post, reason="The offer has ended") for _ in range(2)] == ["taking_down"] * 2
    assert await live_posts.work() == 1
    assert live_posts.platform.calls == ["see ext-1", "delete ext-1"]
    assert await live_posts.take_down(post) == "taken_down"
    assert await live_posts.work() == 0
    shown = await live_posts.ready_project.world.post(post)
    assert (shown["status"], shown["liveStatus"], shown["liveAdvice"]) == ("published", "taken_down", None)
    assert await live_posts.events(post) == ["taking_down", "taken_down"]
    assert await live_posts.sent() == ["post.taken_down taken_down"]
    first = (await live_posts.ready_project.world.timeline(post))[0]
    assert (first["message"], first["detail"]["reason"]) == (
        "Presswork takes the post down: The offer has ended",
        "The offer has ended",
    )


async def test_two_calls_at_once_are_one_take_down(live_posts: LivePosts) -> None:
    """Both answer, and the timeline has one entry."""
    post = await live_posts.insert()
    async with asyncio.TaskGroup() as group:
        calls = [group.create_task(live_posts.take_down(post)) for _ in range(5)]
    assert {call.result() for call in calls} == {"taking_down"}
    assert await live_posts.events(post) == ["taking_down"]


async def test_gone_is_what_a_person_deleted_and_seen_twice(live_posts: LivePosts) -> None:
    """One look is no proof: a post that is back at the second one is deleted. Posts that can't be read are deleted at once."""
    gone, back = await live_posts.insert(), await live_posts.insert(external_id="ext-2")
    unreadable = await live_posts.insert(external_id="ext-3")
    live_posts.platform.live.clear()
    await live_posts.take_down(gone)
    await live_posts.take_down(back)
    await live_posts.work()
    assert (await live_posts.status(gone), await live_posts.work()) == ("taking_down", 0)
    live_posts.platform.live["ext-2"] = "Hello"
    live_posts.clock.advance(timedelta(minutes=5))
    await live_posts.work()
    assert [await live_posts.status(post) for post in (gone, back)] == ["gone", "taken_down"]
    assert live_posts.platform.calls.count("delete ext-1") == 0
    assert await live_posts.events(gone) == ["taking_down", "waiting", "gone"]
    live_posts.platform.is_readable = False
    await live_posts.take_down(unreadable)
    await live_posts.work()
    assert await live_posts.status(unreadable) == "taken_down"
    assert sorted(await live_posts.sent()) == ["post.taken_down gone", *["post.taken_down taken_down"] * 2]


async def test_a_lost_response_is_repeated_and_never_taken_for_a_person(live_posts: LivePosts) -> None:
    """Deleted, and the response lost: the call is made again without a look. A refused call did nothing, so there is a look."""
    post, throttled = await live_posts.insert(), await live_posts.insert(external_id="ext-2")
    lost = (TryLater("It was reset.", step="delete"), OutcomeUnknown("The response was lost.", step="delete"))
    live_posts.platform.faults = [("after", error) for error in lost]
    await live_posts.take_down(post)
    for _ in range(3):
        assert await live_posts.status(post) == "taking_down"
        await live_posts.work()
        live_posts.clock.advance(timedelta(minutes=1))
    assert live_posts.platform.calls == ["see ext-1", *["delete ext-1"] * 3]
    assert await live_posts.events(post) == ["taking_down", "retrying", "retrying", "taken_down"]
    live_posts.platform.calls.clear()
    limit = TryLater("100 deletions a day.", step="delete", is_throttled=True, retry_after=timedelta(hours=3))
    live_posts.platform.faults = [("before", limit)]
    await live_posts.take_down(throttled)
    await live_posts.work()
    live_posts.platform.live.clear()  # a person did it meanwhile
    for _ in range(2):
        live_posts.clock.advance(timedelta(hours=3))
        await live_posts.work()
    assert live_posts.platform.calls == ["see ext-2", "delete ext-2", "see ext-2", "see ext-2"]
    assert await live_posts.status(throttled) == "gone"


async def test_a_worker_that_dies_between_call_and_store_loses_nothing(live_posts: LivePosts) -> None:
    """Before the call and after it: the next worker continues once the lease is over, and the post is ours, not gone."""
    for point in ("before_take_down", "after_take_down"):
        post = await live_posts.insert()

        def die(reached: str, point: str = point) -> None:
            if reached == point:
                raise Killed

        await live_posts.take_down(post)
        with pytest.raises(Killed):
            await live_posts.work(live_posts.jobs(die, "dead"))
        assert await live_posts.work(live_posts.jobs(worker_id="w2")) == 0  # the lease holds
        live_posts.clock.advance(LEASE)
        assert await live_posts.work(live_posts.jobs(worker_id="w2")) == 1
        assert (await live_posts.status(post), live_posts.platform.live) == ("taken_down", {}), point


async def test_a_worker_without_the_lease_calls_and_writes_nothing(live_posts: LivePosts) -> None:
    """It was suspended before its call: another one has finished meanwhile."""
    post = await live_posts.insert()

    async def finish() -> None:
        live_posts.clock.advance(LEASE + timedelta(seconds=1))
        await live_posts.work(live_posts.jobs(worker_id="w2"))

    await live_posts.take_down(post)
    late = live_posts.jobs(worker_id="late")
    (job,) = await late.claim(1)
    await finish()
    with pytest.raises(LeaseLost):
        await late.run(job)
    assert live_posts.platform.calls == ["see ext-1", "delete ext-1"]
    assert await live_posts.events(post) == ["taking_down", "taken_down"]
    assert await late.renew([bare(post)]) == {bare(post)}


async def test_an_error_is_retried_for_a_day_and_a_refusal_is_final(live_posts: LivePosts) -> None:
    """The advice has the platform's reason and the URL. Another call tries again."""
    post = await live_posts.insert()
    live_posts.platform.faults = [("before", TryLater("It is down.", step="delete"))] * 1_000
    await live_posts.take_down(post)
    tries = 0
    while await live_posts.status(post) == "taking_down":
        tries += await live_posts.work()
        live_posts.clock.advance(timedelta(minutes=15))
    assert 48 <= tries <= 70
    shown = await live_posts.ready_project.world.post(post)
    assert shown["liveStatus"] == "take_down_failed"
    assert shown["liveAdvice"] == (
        f"It is down. Presswork tried for 24 h. Or do it yourself: open the post and delete it there. {URL}"
    )
    live_posts.platform.faults = [("before", refusal())]
    assert await live_posts.take_down(post) == "taking_down"
    await live_posts.work()
    shown = await live_posts.ready_project.world.post(post)
    assert shown["liveAdvice"].startswith("Boosted posts can't be deleted. End the ad.")
    last = (await live_posts.ready_project.world.timeline(post))[-1]
    assert (last["event"], last["detail"]["platformCode"]) == ("take_down_failed", "77")
    assert await live_posts.take_down(post) == "taking_down"
    await live_posts.work()
    assert await live_posts.status(post) == "taken_down"
    assert sorted(await live_posts.sent()) == [
        *["post.take_down_failed take_down_failed"] * 2,
        "post.taken_down taken_down",
    ]


async def test_what_no_call_can_take_down_is_said_at_once(live_posts: LivePosts) -> None:
    """Without a call of the platform: no platform, a provider, a permission, an account. The same call again changes nothing."""
    project = live_posts.ready_project
    poor = await insert_account(project.pool, project.project, "linkedin", ["w_member_social"])
    lost = await insert_account(project.pool, project.project, "linkedin", [DELETE])
    await project.pool.execute(
        "UPDATE social_accounts SET status = 'disconnected', sealed_tokens = NULL, disconnected_at = now() WHERE id = $1",
        bare(lost),
    )
    cases = {
        await live_posts.insert(project.tiktok, external_id="t"): ("not_supported", "TikTok has no call that deletes"),
        await live_posts.insert(mode="managed", external_id="m"): ("not_supported", "A provider has published"),
        await live_posts.insert(poor, external_id="p"): ("take_down_failed", "did not grant a permission"),
        await live_posts.insert(lost, external_id="l"): ("take_down_failed", "The account is disconnected."),
    }
    for post, (status, words) in cases.items():
        assert [await live_posts.take_down(post) for _ in range(2)] == [status] * 2
        shown = await project.world.post(post)
        assert words in shown["liveAdvice"], shown
        assert shown["liveAdvice"].endswith(URL)
        assert await live_posts.events(post) == ["take_down_failed"]
    assert (await live_posts.work(), live_posts.platform.calls) == (0, [])
    assert len(await live_posts.sent()) == 4
    listed = await project.client.get("/v1/scheduled-posts", params={"liveStatus": ["not_supported", "gone"]})
    assert {post["id"] for post in listed.json()["items"]} == {
        post for post, (status, _) in cases.items() if status == "not_supported"
    }


async def test_a_post_that_is_not_live_is_a_conflict(live_posts: LivePosts) -> None:
    """Whatever the platform has: for its take-down and for its change."""
    states: Sequence[Mapping[str, object]] = (
        {"status": "queued", "live_at": None, "live_call_at": None, "published_at": None},
        {"status": "failed", "live_at": None, "live_call_at": None, "published_at": None},
        {"status": "draft", "mode": "draft", "published_at": None},
    )
    for state in states:
        post = await live_posts.insert(**state)
        for method, path, body in (("POST", "take-down", {}), ("PATCH", "live", {"caption": "New"})):
            response = await live_posts.ready_project.client.request(
                method, f"/v1/scheduled-posts/{post}/{path}", json=body
            )
            assert (response.status_code, response.json()["error"]["code"]) == (409, "CONFLICT"), state
        assert await live_posts.status(post) is None


async def test_access_is_waited_for_within_the_day(live_posts: LivePosts) -> None:
    """The token is refused: the account has to be connected again, and then the post is taken down."""
    project = live_posts.ready_project
    post = await live_posts.insert()
    live_posts.platform.faults = [("before", CredentialInvalid("The token was refused.", step="delete"))]
    await live_posts.take_down(post)
    for _ in range(4):
        await live_posts.work()
        live_posts.clock.advance(timedelta(minutes=6))
    assert live_posts.platform.calls == ["see ext-1", "delete ext-1"]
    assert await live_posts.events(post) == ["taking_down", "waiting"]
    account = (await project.client.get(f"/v1/social-accounts/{live_posts.account}")).json()
    assert (account["status"], account["readiness"]["takeDown"]["reason"]) == ("reauth_required", "reauth_required")
    await project.change("social_accounts", live_posts.account, status="connected")
    await live_posts.work()
    assert await live_posts.status(post) == "taken_down"


def parts(*statuses: str) -> str:
    """Return the stored parts of a thread."""
    return json.dumps(
        [
            {
                "index": index,
                "externalId": f"part-{index}" if status == "published" else None,
                "externalUrl": None,
                "status": status,
            }
            for index, status in enumerate(statuses)
        ]
    )


async def test_a_thread_is_taken_down_from_its_end(live_posts: LivePosts) -> None:
    """A refusal in the middle is stored with what is gone, and the next try continues there. Doubt about a part stays."""
    live = {f"part-{index}": "Hello" for index in range(3)}
    post = await live_posts.insert(
        external_id="part-0", parts=parts(*["published"] * 3), live_parts=3, thread_status="complete"
    )
    live_posts.platform.live = dict(live)
    live_posts.platform.faults = [("after", OutcomeUnknown("Lost.", step="delete")), ("", None), ("before", refusal())]
    await live_posts.take_down(post)
    for _ in range(2):
        await live_posts.work()
        live_posts.clock.advance(timedelta(minutes=1))
    shown = await live_posts.ready_project.world.post(post)
    assert (shown["liveStatus"], list(live_posts.platform.live)) == ("take_down_failed", ["part-0", "part-1"])
    assert shown["liveAdvice"].startswith("1 of 3 parts are taken down. Boosted posts")
    live_posts.platform.calls.clear()
    await live_posts.take_down(post)
    await live_posts.work()
    assert (await live_posts.status(post), live_posts.platform.live) == ("taken_down", {})
    assert "part-2" not in " ".join(live_posts.platform.calls)

    doubtful = await live_posts.insert(
        external_id="part-0", parts=parts("published", "unknown"), live_parts=1, thread_status="unknown"
    )
    await live_posts.take_down(doubtful)
    await live_posts.work()
    shown = await live_posts.ready_project.world.post(doubtful)
    assert (shown["liveStatus"], live_posts.platform.live) == ("take_down_failed", {})
    assert "part 2 of the thread" in shown["liveAdvice"]


async def insert_follow_up(live_posts: LivePosts, post: str) -> None:
    now = live_posts.clock.now()
    await live_posts.ready_project.pool.execute(
        """INSERT INTO post_follow_ups (post_id, needs_location, needs_comment, needs_extras, run_at, gives_up_at, attempts)
           VALUES ($1, false, true, false, $2, $3, 0)""",
        bare(post),
        now,
        now + timedelta(days=1),
    )


async def test_nothing_is_added_to_a_post_that_is_taken_down(live_posts: LivePosts) -> None:
    """Not by a worker that has the follow-up already: it can store nothing, and the take-down waits until it has ended."""
    post = await live_posts.insert(first_comment_override="First!")
    await insert_follow_up(live_posts, post)
    context = live_posts.context()
    follow_ups = FollowUpJobs(context, live_posts.ready_project.world.api.context.platforms, concurrency=1, lease=LEASE)
    (running,) = await follow_ups.claim(1)
    await live_posts.take_down(post)
    assert await live_posts.work() == 0
    with pytest.raises(LeaseLost):
        await follow_ups.run(running)
    with pytest.raises(LeaseLost):
        await context.store.reschedule_follow_up(
            running.left, needs_location=False, needs_comment=True, needs_extras=False, run_at=live_posts.clock.now()
        )
    await follow_ups.release(())
    assert await live_posts.work() == 1
    for job in await follow_ups.claim(1):
        await follow_ups.run(job)
    assert live_posts.platform.calls == ["see ext-1", "delete ext-1"]
    assert await live_posts.ready_project.pool.fetchval("SELECT count(*) FROM post_follow_ups") == 0
    shown = await live_posts.ready_project.world.post(post)
    assert (shown["liveStatus"], shown["firstCommentStatus"]) == ("taken_down", "failed")
    assert await live_posts.events(post) == ["taking_down", "first_comment", "taken_down"]


async def test_a_dead_follow_up_delays_a_take_down_for_its_lease_only(live_posts: LivePosts) -> None:
    """Its call has ended with its lease."""
    post = await live_posts.insert(first_comment_override="First!")
    await insert_follow_up(live_posts, post)
    platforms = live_posts.ready_project.world.api.context.platforms
    assert len(await FollowUpJobs(live_posts.context(), platforms, concurrency=1, lease=LEASE).claim(1)) == 1
    await live_posts.take_down(post)
    live_posts.clock.advance(LEASE)
    assert await live_posts.work() == 1


async def test_content_and_bulk_jobs_answer_for_each_post(live_posts: LivePosts) -> None:
    """By the rules of the call for one post."""
    project = live_posts.ready_project
    live, queued = await live_posts.insert(), await live_posts.insert(status="queued", live_at=None, live_call_at=None)
    answered = await project.client.post(f"/v1/content/{project.image}/take-down")
    assert answered.status_code == 202
    items = {item["postId"]: item for item in answered.json()["items"]}
    assert items[live] == {"postId": live, "liveStatus": "taking_down", "error": None}
    assert (items[queued]["liveStatus"], items[queued]["error"]["code"]) == (None, "CONFLICT")
    other = await live_posts.insert(external_id="ext-2")
    body = {"action": "take_down", "ids": [live, other, queued], "reason": "Recalled"}
    bulk = (await project.client.post("/v1/scheduled-posts/bulk", json=body)).json()["id"]
    context = project.world.api.context
    jobs = BulkJobs(
        project.pool, context.keyring, context.platforms, context.clock, worker_id="w1", leases=project.pool
    )
    for job in await jobs.claim(1):
        await BulkRun(project.pool, context.keyring, context.platforms).run_some(
            job, limit=100, now=live_posts.clock.now()
        )
    report = (await project.client.get(f"/v1/bulk/{bulk}")).json()
    assert (report["done"], report["failed"], report["items"][0]["postId"]) == (3, 1, queued)
    await live_posts.work()
    assert [await live_posts.status(post) for post in (live, other)] == ["taken_down"] * 2


async def edit(live_posts: LivePosts, post: str, **body: str) -> tuple[int, Any]:
    """Ask for a change; return the status and the body of the response."""
    response = await live_posts.ready_project.client.patch(f"/v1/scheduled-posts/{post}/live", json=body)
    return response.status_code, response.json()


async def test_a_live_post_is_changed_and_shows_what_is_live(live_posts: LivePosts) -> None:
    """Two changes before the worker are one; a lost response is repeated; a refusal is the result of the change."""
    post = await live_posts.insert()
    status, body = await edit(live_posts, post, caption="Old news")
    assert (status, body["lastEdit"]) == (202, {"status": "pending", "message": None})
    await edit(live_posts, post, caption="Open until noon")
    live_posts.platform.faults = [("after", OutcomeUnknown("The response was lost.", step="edit"))]
    await live_posts.work()
    live_posts.clock.advance(timedelta(minutes=1))
    await live_posts.work()
    assert (live_posts.platform.calls, live_posts.platform.live) == (["edit ext-1"] * 2, {"ext-1": "Open until noon"})
    shown = await live_posts.ready_project.world.post(post)
    assert (shown["captionOverride"], shown["liveStatus"], shown["revision"]) == ("Open until noon", "live", 2)
    assert shown["lastEdit"] == {"status": "done", "message": "The live post is changed."}
    assert await live_posts.events(post) == ["editing_live", "editing_live", "retrying", "edited_live"]
    assert await live_posts.sent() == ["post.edited live"]
    live_posts.platform.faults = [("before", refusal())]
    await edit(live_posts, post, caption="Closed")
    await live_posts.work()
    shown = await live_posts.ready_project.world.post(post)
    assert shown["lastEdit"] == {"status": "failed", "message": "Boosted posts can't be deleted. End the ad."}
    assert (shown["captionOverride"], live_posts.platform.live["ext-1"]) == ("Open until noon",) * 2


async def test_a_change_is_refused_before_its_platform_is_asked(live_posts: LivePosts) -> None:
    """What the platform has no call for, what a new post could not have, an account without the permission, unapproved texts."""
    project, post = live_posts.ready_project, await live_posts.insert()
    status, body = await edit(live_posts, post, title="Bread", caption="New")
    error = body["error"]
    assert (status, error["code"], error["details"]["reason"]) == (422, "VALIDATION", "edit_not_supported")
    assert [issue["path"] for issue in error["details"]["issues"]] == ["title"]
    tiktok = await live_posts.insert(project.tiktok, external_id="t")
    assert (await edit(live_posts, tiktok, caption="New"))[1]["error"]["details"]["reason"] == "edit_not_supported"
    status, body = await edit(live_posts, post, caption="x" * 3_001)
    assert (status, body["error"]["details"]["issues"][0]["path"]) == (422, "caption")
    assert "3,000" in body["error"]["message"]
    status, body = await edit(live_posts, post)
    assert (status, body["error"]["code"]) == (422, "VALIDATION")
    poor = await insert_account(project.pool, project.project, "linkedin", ["w_member_social"])
    status, body = await edit(live_posts, await live_posts.insert(poor, external_id="p"), caption="New")
    assert (status, body["error"]["code"]) == (422, "SOCIAL_ACCOUNT_NOT_PUBLISH_READY")
    assert (body["error"]["details"]["reason"], body["error"]["details"]["missingScopes"]) == (
        "missing_permission",
        [DELETE],
    )
    await project.change("content_containers", project.image, is_covered=True, approval_status="approved")
    status, body = await edit(live_posts, post, caption="Not seen")
    assert (status, body["error"]["code"], body["error"]["details"]["reason"], body["error"]["details"]["fields"]) == (
        403,
        "APPROVAL_REQUIRED",
        "text_not_approved",
        ["caption"],
    )
    assert (await edit(live_posts, post, caption="Hello"))[0] == 202  # the approved text
    await project.change("content_containers", project.image, approval_status="pending")
    assert (await edit(live_posts, post, caption="Hello"))[0] == 403
    assert (await live_posts.work(), live_posts.platform.calls) == (1, ["edit ext-1"])


async def test_a_take_down_replaces_a_change_and_never_runs_beside_it(live_posts: LivePosts) -> None:
    """A change that a worker is at stores nothing, and the take-down begins when its call is over."""
    post = await live_posts.insert()
    await edit(live_posts, post, caption="New")
    editing = live_posts.jobs(worker_id="w1")
    (running,) = await editing.claim(1)
    assert await live_posts.take_down(post) == "taking_down"
    assert (await edit(live_posts, post, caption="Newer"))[0] == 409
    assert await live_posts.work(live_posts.jobs(worker_id="w2")) == 0
    with pytest.raises(LeaseLost):
        await editing.run(running)
    await editing.release(())
    assert await live_posts.work(live_posts.jobs(worker_id="w2")) == 1
    shown = await live_posts.ready_project.world.post(post)
    assert (shown["liveStatus"], shown["lastEdit"]["status"]) == ("taken_down", "failed")
    assert live_posts.platform.live == {}
    assert "edited_live" not in await live_posts.events(post)


async def test_a_post_that_a_worker_can_not_read_ends_too(live_posts: LivePosts) -> None:
    """Its take-down is tried for a day, and then a person is asked."""
    post = await live_posts.insert()
    await live_posts.ready_project.change("scheduled_posts", post, platform_state="[]")
    await live_posts.take_down(post)
    while await live_posts.status(post) == "taking_down":
        await live_posts.work()
        live_posts.clock.advance(timedelta(minutes=31))
    assert await live_posts.events(post) == ["taking_down", "retrying", "take_down_failed"]
