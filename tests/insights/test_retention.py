"""How long numbers are kept: months are added ahead, and dropped when all of a month is old enough."""

from datetime import UTC, datetime, timedelta

from tests.insights.conftest import Measured
from tests.posts.conftest import bare

from presswork.insights.store import add_months, forget_removed, list_removed, store_account, sweep_insights
from presswork.platforms.insights import AccountRead
from presswork.platforms.names import LoginName

_MONTHS = """SELECT right(c.relname, 6) AS month FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
              WHERE i.inhparent = 'post_insights'::regclass ORDER BY 1"""
LONG_AGO = datetime(2025, 1, 31, 23, 59, tzinfo=UTC)


async def months(measured: Measured) -> list[str]:
    """Return the months that have a table."""
    return [row["month"] for row in await measured.ready_project.pool.fetch(_MONTHS)]


async def test_months_are_added_ahead_and_where_they_are_missing(measured: Measured) -> None:
    """By the program's role, which can't create tables, once each; a reading of a month without a table makes it."""
    pool = measured.ready_project.pool
    assert await add_months(pool, now=LONG_AGO) == 3
    assert await add_months(pool, now=LONG_AGO) == 0
    assert (await months(measured))[:3] == ["202501", "202502", "202503"]
    post = await measured.insert()
    await measured.store(post, datetime(2025, 7, 1, tzinfo=UTC), views=1)
    assert "202507" in await months(measured)
    history = await measured.read(f"/v1/scheduled-posts/{post}/insights/history")
    assert [item["metrics"]["views"] for item in history["items"]] == [1]


async def test_old_numbers_go_with_their_month(measured: Measured) -> None:
    """The last numbers of posts and the days of accounts go in batches, by their own age."""
    pool, keep = measured.ready_project.pool, timedelta(days=30)
    old, new = await measured.insert(), await measured.insert("ext-2")
    await measured.store(old, LONG_AGO - timedelta(days=15), views=1)
    await measured.store(old, LONG_AGO, views=2)
    await measured.store(new, LONG_AGO + timedelta(minutes=1), views=3)
    for day in (LONG_AGO, LONG_AGO + timedelta(days=1)):
        await store_account(pool, bare(measured.account), AccountRead(followers=3), now=day)
    kept = {
        LONG_AGO + keep: (["202501", "202502"], [old, new], 2),
        LONG_AGO + keep + timedelta(seconds=59): (["202501", "202502"], [new], 2),
        LONG_AGO + keep + timedelta(seconds=61): (["202502"], [], 1),
    }
    for now, expected in kept.items():
        while await sweep_insights(pool, keep=keep, now=now, limit=1) == 1:
            pass
        left = await pool.fetch("SELECT post_id FROM post_insights_latest ORDER BY post_id")
        days = await pool.fetchval("SELECT count(*) FROM account_insights")
        found = (
            [month for month in await months(measured) if month < "202503"],
            [f"sp_{row['post_id']}" for row in left],
            days,
        )
        assert found == expected, now


async def test_removed_metrics_can_be_asked_for_again(measured: Measured) -> None:
    """Those of one login, or all."""
    async with measured.ready_project.pool.acquire() as connection:
        for login in ("instagram", "threads"):
            await connection.execute("INSERT INTO removed_metrics VALUES ($1, 'live', 'v1', 'plays', now())", login)
        assert [one.login for one in await list_removed(connection)] == ["instagram", "threads"]
        assert [one.login for one in await forget_removed(connection, LoginName.THREADS)] == ["threads"]
        assert [one.metric for one in await forget_removed(connection, None)] == ["plays"]
        assert await list_removed(connection) == []
