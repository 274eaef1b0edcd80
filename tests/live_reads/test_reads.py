"""When live posts are read, by whom, and within which budget: the job source of numbers against a platform in memory."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

import pytest
from tests.insights.conftest import MAX_POSTS, SCOPE, Measured
from tests.posts.conftest import bare, insert_account

from presswork.accounts.vault import seal_tokens
from presswork.crypto.keyring import Keyring
from presswork.insights.take_numbers import NumbersReader
from presswork.jobs.runner import LeaseLost
from presswork.live_reads import store
from presswork.live_reads.model import MAX_GAP, READ_FOR, STEPS, next_read_at
from presswork.live_reads.store import AccountRead
from presswork.platforms.errors import CredentialInvalid, PlatformError, Rejected, TryLater
from presswork.platforms.names import LoginName
from presswork.platforms.port import Tokens
from presswork.worker.read_jobs import ACCOUNT_EVERY, ReadJobs

START: Final = datetime(2026, 12, 1, 9, tzinfo=UTC)
QUARTER: Final = timedelta(minutes=15)


def jobs_of(measured: Measured, worker_id: str = "w1") -> ReadJobs:
    """Return the job source of a worker."""
    context, pool = measured.ready_project.world.api.context, measured.ready_project.pool
    reader = NumbersReader(pool=pool, clock=measured.clock, version_of=lambda _login: "v1")
    return ReadJobs(
        reader, context.platforms, context.keyring, measured.clock, pool=pool, leases=pool, worker_id=worker_id
    )


async def work(measured: Measured, jobs: ReadJobs | None = None) -> int:
    """Read everything that is due now; return how many accounts that was."""
    source, total = jobs or jobs_of(measured), 0
    while claimed := await source.claim(10):
        for job in claimed:
            await source.run(job)
        total += len(claimed)
    return total


async def claim_one(jobs: ReadJobs) -> AccountRead:
    """Lease the one account that is due."""
    (job,) = await jobs.claim(10)
    return job


def ids_of(measured: Measured) -> list[str]:
    """Return the platform's ids of all posts that were read, in order, and forget them."""
    found = [external_id for read in measured.platform.reads for external_id in read]
    measured.platform.reads.clear()
    return found


def test_a_post_is_read_ever_less_often() -> None:
    """By its age, until it is read on demand only. Reads without anything new double the time, every second one."""
    for until, gap in STEPS:
        now = START + until - timedelta(seconds=1)
        assert next_read_at(START, now, unchanged=0) == min(now + gap, START + READ_FOR)
        assert next_read_at(START, now, unchanged=1) == min(now + gap, START + READ_FOR)
        assert next_read_at(START, now, unchanged=2) == min(now + min(gap * 2, MAX_GAP), START + READ_FOR)
        assert next_read_at(START, now, unchanged=40) == min(now + min(gap * 8, MAX_GAP), START + READ_FOR)
    assert next_read_at(START, START + READ_FOR, unchanged=0) is None
    reads, now = 0, START
    while (due := next_read_at(START, now, unchanged=0)) is not None:
        reads, now = reads + 1, due
    assert now == START + READ_FOR
    assert 80 <= reads <= 110


async def test_posts_are_found_once_and_read_by_age(measured: Measured) -> None:
    """The first read is a quarter of an hour after the post went live. Drafts, managed and old posts are not found."""
    post = await measured.insert()
    await measured.insert("draft", status="draft", mode="draft")
    await measured.insert("managed", mode="managed")
    await measured.insert("old", published_at=measured.clock.now() - READ_FOR - timedelta(days=1))
    assert await work(measured) == 0
    measured.clock.advance(QUARTER)
    measured.platform.views["ext-1"] = 5
    assert await work(measured) == 1
    assert ids_of(measured) == ["ext-1"]
    found = await measured.insights(post)
    assert (found["metrics"]["views"], found["raw"], found["takenAt"]) == (
        5,
        {"view_count": 5},
        measured.clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    )
    missing = {one["metric"]: (one["reason"], one["permissions"]) for one in found["unavailable"]}
    assert missing["likes"] == ("not_granted", [SCOPE])
    assert missing["averageWatchSeconds"] == ("too_few", [])
    assert missing["saves"] == ("not_offered", [])
    gaps = []
    for _ in range(6):  # unchanged, so that the time doubles
        before = measured.clock.now()
        measured.clock.advance(datetime.fromisoformat(found["nextAt"]) - before)
        assert await work(measured) == 1
        found = await measured.insights(post)
        gaps.append(datetime.fromisoformat(found["nextAt"]) - measured.clock.now())
    assert gaps[:2] == [QUARTER, 2 * QUARTER]
    assert gaps == sorted(gaps)
    history = await measured.read(f"/v1/scheduled-posts/{post}/insights/history")
    assert len(history["items"]) == 7


async def test_posts_of_late_transactions_are_found(measured: Measured, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also between others that were found before, and in several steps."""
    monkeypatch.setattr(store, "MAX_FOUND", 2)
    for number in range(7):
        await measured.insert(f"ext-{number}")
        measured.clock.advance(timedelta(seconds=1))
    await work(measured)
    await measured.insert("late", published_at=measured.clock.now() - timedelta(seconds=5))
    for _ in range(3):
        measured.clock.advance(QUARTER)
        await work(measured)
    assert {*ids_of(measured)} == {"late", *(f"ext-{number}" for number in range(7))}
    assert await measured.ready_project.pool.fetchval("SELECT count(*) FROM live_reads") == 8


async def test_the_newest_posts_are_read_first_in_batches(measured: Measured) -> None:
    """As many at once as the platform takes."""
    for number in range(5):
        await measured.insert(f"ext-{number}")
        measured.clock.advance(timedelta(minutes=1))
    await work(measured)
    measured.clock.advance(QUARTER)
    await work(measured)
    assert measured.platform.reads == [["ext-4", "ext-3", "ext-2"], ["ext-1", "ext-0"]]
    assert max(len(read) for read in measured.platform.reads) == MAX_POSTS


async def test_reads_use_a_fifth_of_the_calls(measured: Measured) -> None:
    """Of the app, by all its accounts, in any hour. What is left waits until the bucket has room, and is read then."""
    other = await insert_account(measured.ready_project.pool, measured.ready_project.project, "linkedin", [])
    for number in range(90):
        await measured.insert(f"ext-{number}", (measured.account, other)[number % 2])
    await work(measured)
    measured.clock.advance(QUARTER)
    reads = []
    for _ in range(24):
        await work(measured)
        reads.append(len(ids_of(measured)))
        measured.clock.advance(timedelta(minutes=5))
    hours = [sum(reads[first : first + 12]) for first in range(13)]
    assert max(hours) <= 60  # of 300 calls
    assert sum(reads) >= 60


async def test_calls_that_were_not_made_are_returned(measured: Measured) -> None:
    """And those that were made besides are taken."""
    jobs = jobs_of(measured)
    for calls in (1, 6):
        await measured.ready_project.pool.execute("DELETE FROM read_budgets")
        await measured.ready_project.pool.execute("UPDATE account_reads SET account_due_at = 'infinity'")
        for number in range(3):
            await measured.insert(f"ext-{calls}-{number}")
        measured.platform.calls = calls
        await work(measured, jobs)
        await measured.ready_project.pool.execute("UPDATE account_reads SET account_due_at = '9999-01-01'")
        measured.clock.advance(QUARTER)
        await measured.ready_project.pool.execute(
            "UPDATE live_reads r SET due_at = NULL FROM scheduled_posts p WHERE p.id = r.post_id AND p.external_id NOT LIKE $1",
            f"ext-{calls}-%",
        )
        await work(measured, jobs)
        left = await measured.ready_project.pool.fetchval("SELECT calls FROM read_budgets")
        assert left == pytest.approx(300 / 5 / 3 - calls)


async def test_an_error_of_one_account_delays_no_other(measured: Measured) -> None:
    """It backs off, longer each time, and its status stays, whatever the platform says."""
    other = await insert_account(measured.ready_project.pool, measured.ready_project.project, "linkedin", [])
    errors: Sequence[PlatformError] = (
        TryLater("It is down.", step="read"),
        CredentialInvalid("No permission.", step="read"),
        Rejected("Unknown field.", step="read"),
        TryLater("Slow down.", step="read", is_throttled=True, retry_after=timedelta(hours=2)),
    )
    await measured.insert("bad")
    await measured.insert("good", other)
    await work(measured)
    waits = []
    for error in errors:
        measured.platform.account_errors[bare(measured.account)] = error
        measured.clock.advance(timedelta(days=1))
        measured.platform.views["good"] = measured.platform.views.get("good", 0) + 1
        at = measured.clock.now()
        assert await work(measured) == 2
        if isinstance(error, TryLater) and error.is_throttled:  # the app's calls are used up for a moment
            measured.clock.advance(timedelta(minutes=10))
            await work(measured)
        assert sorted(ids_of(measured)) == ["bad", "good"]
        row = await measured.ready_project.pool.fetchrow(
            "SELECT not_before, error_count, last_error FROM account_reads WHERE social_account_id = $1",
            bare(measured.account),
        )
        assert row is not None
        assert row["last_error"] == error.message
        waits.append(row["not_before"] - at)
        assert await work(measured) == 0
    assert waits == [*(timedelta(minutes=5) * 2**number for number in range(3)), timedelta(hours=2)]
    statuses = await measured.ready_project.pool.fetch("SELECT DISTINCT status FROM social_accounts")
    assert [row["status"] for row in statuses] == ["connected"]
    measured.platform.account_errors.clear()
    measured.clock.advance(timedelta(days=1))
    await work(measured)
    assert await measured.ready_project.pool.fetchval("SELECT sum(error_count) FROM account_reads") == 0


@pytest.mark.parametrize("is_connected", [True, False])
async def test_new_tokens_end_the_wait_of_a_refused_account(measured: Measured, *, is_connected: bool) -> None:
    """A refresh, or a person who connects it again. Another wait, as of a rate limit, stays."""
    pool, account = measured.ready_project.pool, bare(measured.account)
    await measured.insert("read")
    await work(measured)
    new_tokens = "UPDATE social_accounts SET status = 'connected', tokens_version = tokens_version + 1, updated_at = $1"

    measured.clock.advance(timedelta(days=1))
    throttled = TryLater("Slow down.", step="read", is_throttled=True, retry_after=timedelta(hours=2))
    measured.platform.account_errors[account] = throttled
    await work(measured)
    await pool.execute(new_tokens, measured.clock.now())
    assert await work(measured) == 0

    measured.clock.advance(timedelta(days=1))
    measured.platform.account_errors[account] = CredentialInvalid("The token is old.", step="read")
    await pool.execute("UPDATE social_accounts SET status = $1", "connected" if is_connected else "reauth_required")
    assert await work(measured) == 1
    assert await work(measured) == 0
    measured.platform.account_errors.clear()
    await pool.execute(new_tokens, measured.clock.now())
    assert await work(measured) == 1
    assert ids_of(measured)[-1] == "read"


async def test_one_post_that_can_not_be_read_hides_no_other(measured: Measured) -> None:
    """Its error is reported with it, or it makes the whole batch fail: then posts are read one by one."""
    posts = {name: await measured.insert(name) for name in ("one", "two", "three")}
    await work(measured)
    refused = Rejected("Not found.", step="read")
    measured.platform.failing["two"] = refused
    measured.platform.faults = [refused]
    measured.clock.advance(QUARTER)
    await work(measured)
    assert [len(read) for read in measured.platform.reads] == [3, 1, 1, 1]
    taken = [(await measured.insights(post))["takenAt"] is not None for post in posts.values()]
    assert taken == [True, False, True]
    assert (await measured.insights(posts["two"]))["nextAt"] is not None


async def test_posts_that_are_gone_are_read_no_more(measured: Measured) -> None:
    """Gone on the platform, taken down here; what is known of them stays. Without the platform's id, a post waits."""
    posts = {name: await measured.insert(name) for name in ("gone", "down", "kept")}
    unknown = await measured.insert(cast("str", None))
    await work(measured)
    measured.platform.views["gone"] = 3
    measured.clock.advance(QUARTER)
    await work(measured)
    assert sorted(ids_of(measured)) == ["down", "gone", "kept"]
    measured.platform.gone.add("gone")
    await measured.ready_project.change("scheduled_posts", posts["down"], live_status="taken_down")
    await measured.ready_project.change("scheduled_posts", unknown, external_id="found")
    for _ in range(3):
        measured.platform.views["kept"] = measured.platform.views.get("kept", 0) + 1
        measured.clock.advance(timedelta(hours=1))
        await work(measured)
    read = ids_of(measured)
    assert (read.count("gone"), read.count("down"), read.count("kept"), "found" in read) == (1, 0, 3, True)
    gone = await measured.insights(posts["gone"])
    assert (gone["metrics"]["views"], gone["nextAt"]) == (3, None)
    answer = await measured.ready_project.client.post(f"/v1/scheduled-posts/{posts['gone']}/insights/refresh")
    assert (answer.status_code, answer.json()["error"]["details"]["liveStatus"]) == (409, "gone")


async def test_accounts_that_are_not_connected_wait(measured: Measured) -> None:
    """And are read again once they are."""
    await measured.insert()
    await work(measured)
    await measured.ready_project.change("social_accounts", measured.account, status="reauth_required")
    measured.clock.advance(QUARTER)
    assert await work(measured) == 1
    assert ids_of(measured) == []
    await measured.ready_project.change("social_accounts", measured.account, status="connected")
    measured.clock.advance(timedelta(hours=6))
    await work(measured)
    assert ids_of(measured) == ["ext-1"]


async def test_a_lease_belongs_to_one_worker(measured: Measured) -> None:
    """It lapses, it is renewed and released, and one who lost it stores nothing about when to read next."""
    post = await measured.insert()
    first, second = jobs_of(measured), jobs_of(measured, "w2")
    await first.claim(10)
    measured.clock.advance(QUARTER)
    late = await claim_one(first)
    assert await second.claim(10) == []
    measured.clock.advance(first.lease - timedelta(seconds=1))
    assert await first.renew([bare(measured.account)]) == set()
    measured.clock.advance(first.lease - timedelta(seconds=1))
    assert await second.claim(10) == []
    measured.clock.advance(timedelta(seconds=1))
    await second.run(await claim_one(second))
    assert await first.renew([bare(measured.account)]) == {bare(measured.account)}
    next_at = (await measured.insights(post))["nextAt"]
    await measured.ready_project.pool.execute("UPDATE live_reads SET due_at = '2020-01-01'")
    with pytest.raises(LeaseLost):
        await first.run(late)
    assert await measured.ready_project.pool.fetchval("SELECT due_at < '2021-01-01' FROM live_reads")
    assert next_at is not None
    measured.clock.advance(timedelta(hours=1))
    await measured.ready_project.pool.execute("UPDATE account_reads SET run_at = '2020-01-01'")
    await claim_one(first)
    await first.release([])
    await claim_one(second)


async def test_what_becomes_due_during_a_read_is_not_forgotten(measured: Measured) -> None:
    """A refresh of an old post comes while its account is leased."""
    old = await measured.insert("old", published_at=measured.clock.now() - READ_FOR - timedelta(days=1))
    await measured.insert()
    jobs = jobs_of(measured)
    await jobs.claim(10)
    measured.clock.advance(QUARTER)
    job = await claim_one(jobs)
    answer = await measured.ready_project.client.post(f"/v1/scheduled-posts/{old}/insights/refresh")
    assert answer.status_code == 202
    await measured.ready_project.pool.execute("UPDATE live_reads SET due_at = NULL WHERE post_id <> $1", bare(old))
    await jobs.run(job)
    await work(measured, jobs)
    assert ids_of(measured) == ["old"]
    assert (await measured.insights(old))["nextAt"] is None


async def test_the_account_is_read_once_a_day(measured: Measured) -> None:
    """With its followers, and the days that the platform has closed."""
    await measured.insert()
    await work(measured)
    for _ in range(4):
        measured.clock.advance(timedelta(hours=12))
        await work(measured)
    assert measured.platform.account_reads == 2
    assert timedelta(days=1) == ACCOUNT_EVERY
    found = await measured.read(f"/v1/social-accounts/{measured.account}/insights")
    assert (found["followers"], found["platform"]) == (120, "linkedin")
    today = measured.clock.now().date()
    days = {item["date"]: (item["followers"], item["views"], item["reach"]) for item in found["items"]}
    assert days[(today - timedelta(days=2)).isoformat()][:2] == (118, 30)
    assert found["unavailable"] == [{"metric": "reach", "reason": "not_granted", "permissions": [SCOPE]}]


async def test_a_removed_metric_is_asked_for_once(measured: Measured) -> None:
    """By no account of the login, until the version of the API changes or an operator has it asked for again."""
    await measured.insert()
    await work(measured)
    measured.platform.removed = frozenset({"impressions"})
    for _ in range(2):
        measured.clock.advance(QUARTER)
        await work(measured)
    assert measured.platform.asked == [frozenset(), frozenset({"impressions"})]
    row = await measured.ready_project.pool.fetchrow(
        "SELECT login, environment, api_version, metric FROM removed_metrics"
    )
    assert row is not None
    assert tuple(row) == ("linkedin", "test", "v1", "impressions")


async def test_an_event_is_sent_once_a_day_at_most(measured: Measured) -> None:
    """With the numbers as the API shows them."""
    post = await measured.insert()
    await work(measured)
    measured.clock.advance(QUARTER)
    await work(measured)
    assert await measured.events() == []
    await measured.listen()
    for _ in range(30):
        measured.clock.advance(timedelta(hours=1))
        measured.platform.views["ext-1"] = measured.platform.views.get("ext-1", 0) + 1
        await work(measured)
    events = await measured.events()
    assert len(events) == 1
    found = await measured.insights(post)
    assert {name: value for name, value in events[0].items() if name in found} == {
        "postId": post,
        "platform": "linkedin",
        "takenAt": events[0]["takenAt"],
        "metrics": {**found["metrics"], "views": events[0]["metrics"]["views"]},
        "unavailable": found["unavailable"],
    }


async def test_a_token_is_never_refreshed_for_a_read(measured: Measured) -> None:
    """One that the platform refuses says nothing about publishing: the account stays as it is."""
    context = measured.ready_project.world.api.context
    keyring: Keyring = context.keyring
    sealed = seal_tokens(keyring, Tokens(access_token="valid", refresh_token="r", expires_at=None, issued_at=START))
    await measured.ready_project.pool.execute("UPDATE social_accounts SET sealed_tokens = $1", sealed)
    asked: list[Any] = []

    async def use(access: Any, posts: Any, *, removed: Any) -> Any:
        asked.append(await access.access_token())
        asked.append(await access.renew_token("refused before"))
        await access.renew_token("valid")

    measured.platform.read_posts = use  # type: ignore[method-assign]  # the platform's answer
    await measured.insert()
    await work(measured)
    measured.clock.advance(QUARTER)
    await work(measured)
    assert asked == ["valid", "valid"]
    row = await measured.ready_project.pool.fetchrow(
        "SELECT status, tokens_version FROM social_accounts WHERE id = $1", bare(measured.account)
    )
    assert row is not None
    assert row["status"] == "connected"
    assert LoginName.LINKEDIN in context.platforms.described()
