"""After a deletion the person's data is in no table but in those that the privacy policy and the page name."""

from typing import Final

from tests.api_server import Api
from tests.legal.signed import DELETION, request_of, send
from tests.worker.conftest import WorkerWorld

HANDLE: Final = "marker.of.the.person"
LOG: Final = "audit_log"
NOTICES: Final = "webhook_deliveries"
COUNTS: Final = "rate_limit_reservations"
RECENT: Final = {"event_outbox", "stream_events"}
"""Events of the last hour."""


async def tables_with(api: Api, text: str) -> set[str]:
    """Return the tables that contain a text in any column."""
    pool = api.context.pool
    names = await pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
    found = set()
    for (name,) in names:
        if await pool.fetchval(f"SELECT EXISTS (SELECT FROM {name} t WHERE position($1 IN t::text) > 0)", text):  # noqa: S608  names of tables
            found.add(name)
    return found


async def test_nothing_remains_that_is_not_named(worker_world: WorkerWorld, picture: bytes) -> None:
    """The handle, the number of the account, and that of the person, after a published and a queued post."""
    world = worker_world.world
    api, project = world.api, await world.project()
    endpoint = {"url": "https://hooks.example.com/presswork", "events": ["social_account.connected"]}
    assert (await world.client.post("/v1/webhook-endpoints", json=endpoint)).status_code == 201
    account = await world.account(project, "instagram", HANDLE)
    content = await world.content(project, picture, caption="Warm bread", comment="First!")
    (post,) = await worker_world.deliver(content, account)
    assert post["status"] == "published"
    row = await api.context.pool.fetchrow("SELECT external_id, grantor_id FROM social_accounts")
    assert row is not None
    before = {text: await tables_with(api, text) for text in (HANDLE, row["external_id"], row["grantor_id"])}
    assert all("social_accounts" in tables for tables in before.values())

    answer = await send(await api.anonymous(), DELETION, request_of(api, row["grantor_id"]))
    assert answer.status_code == 200, answer.text

    after = {text: await tables_with(api, text) - RECENT for text in before}
    assert after[HANDLE] == {LOG, NOTICES}
    assert after[row["external_id"]] <= {COUNTS}
    assert after[row["grantor_id"]] == set()
