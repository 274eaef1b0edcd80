"""Limits of organizations: each refuses what would exceed it, also at the same moment, and is announced once a month."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx2
import pytest
from tests.api.wire import ALL, error, refusal
from tests.api_server import Api
from tests.clocks import MovableClock
from tests.world import World

from presswork.callers.model import Tier
from presswork.core.enums import Environment
from presswork.core.timestamps import write_instant
from presswork.notices.store import announce_limits
from presswork.orgs.keys import create_key

AGENCY: Final = "Agency"


@pytest.fixture
async def agency(api: Api) -> httpx2.AsyncClient:
    """A key for the installation, of its first organization."""
    return await api.client(organization=AGENCY, scopes=["installation:admin"])


@pytest.fixture
async def world(api: Api, agency: httpx2.AsyncClient) -> World:
    """The public API with a key of a customer."""
    del agency  # its organization is the first
    return World(api=api, client=await api.client(organization="Bakery", scopes=ALL))


async def set_limits(agency: httpx2.AsyncClient, world: World, **limits: int | None) -> str:
    """Set limits of the customer, and return its id."""
    organization = str((await world.client.get("/v1/whoami")).json()["organizationId"])
    answer = await agency.patch(f"/v1/organizations/{organization}/limits", json=limits)
    assert answer.status_code == 200, answer.text
    assert {name: answer.json()[name] for name in limits} == limits
    return organization


async def plan(world: World, content: str, account: str, number: int = 1) -> httpx2.Response:
    """Schedule posts of one content in one call, each at another minute."""
    at = world.api.context.clock.now() + timedelta(days=1)
    targets = [{"socialAccountId": account, "mode": "publish"}] * number
    return await world.client.post(
        f"/v1/content/{content}/schedule", json={"scheduledFor": write_instant(at), "targets": targets}
    )


async def standing(world: World, limit: str) -> dict[str, Any]:
    """Return one limit, and what is used of it."""
    (found,) = [one for one in (await world.client.get("/v1/usage")).json()["limits"] if one["limit"] == limit]
    return dict(found)


async def test_fifty_calls_at_once_exceed_no_limit(
    world: World, agency: httpx2.AsyncClient, picture: bytes, clock: MovableClock
) -> None:
    """Of fifty calls that arrive together, as many succeed as the month and the queue have room for; the rest write nothing."""
    project = await world.project()
    account = await world.account(project, "instagram", "bakery")
    content = await world.content(project, picture)
    assert (await plan(world, content, account)).status_code == 200  # before there is a limit, and counted all the same
    await set_limits(agency, world, postsPerMonth=8)
    answers = await asyncio.gather(*(plan(world, content, account) for _ in range(50)))
    assert Counter(answer.status_code for answer in answers) == {200: 7, 403: 43}
    refused = next(answer for answer in answers if answer.status_code == 403)
    month = clock.now().astimezone(UTC)
    following = datetime(month.year + month.month // 12, month.month % 12 + 1, 1, tzinfo=UTC)
    assert error(refused)["details"] == {
        "limit": "postsPerMonth",
        "maximum": 8,
        "used": 8,
        "resetsAt": write_instant(following),
    }
    assert await world.api.context.pool.fetchval("SELECT count(*) FROM scheduled_posts") == 8
    assert (await standing(world, "postsPerMonth"))["used"] == 8
    await set_limits(agency, world, postsPerMonth=None, queued=10)
    assert refusal(await plan(world, content, account, number=3)) == (403, "PLAN_LIMIT")
    answers = await asyncio.gather(*(plan(world, content, account) for _ in range(50)))
    assert Counter(answer.status_code for answer in answers) == {200: 2, 403: 48}
    await set_limits(agency, world, postsPerMonth=12, queued=None)
    assert (await plan(world, content, account, number=2)).status_code == 200  # those of this month were counted again
    assert refusal(await plan(world, content, account)) == (403, "PLAN_LIMIT")
    clock.advance(following - clock.now())
    assert (await plan(world, content, account)).status_code == 200


async def test_fifty_people_and_keys_at_once_exceed_no_limit(world: World, agency: httpx2.AsyncClient) -> None:
    """Of fifty people who are invited together, and of fifty keys, as many are made as there is room for."""
    await set_limits(agency, world, users=7, keys=6)
    client = world.client
    invited = await asyncio.gather(
        *(client.post("/v1/users", json={"email": f"p{number}@example.com", "role": "viewer"}) for number in range(50))
    )
    made = await asyncio.gather(*(client.post("/v1/api-keys", json={"scopes": ["publish:read"]}) for _ in range(50)))
    assert Counter(answer.status_code for answer in invited) == {201: 7, 403: 43}
    assert Counter(answer.status_code for answer in made) == {201: 5, 403: 45}  # the client has one
    refused = [error(answer)["details"] for answer in (*invited, *made) if answer.status_code == 403]
    assert {(one["limit"], one["used"]) for one in refused} == {("users", 7), ("keys", 6)}
    assert ((await standing(world, "users"))["used"], (await standing(world, "keys"))["used"]) == (7, 6)


async def test_preflight_knows_the_limits(world: World, agency: httpx2.AsyncClient, picture: bytes) -> None:
    """A call that would exceed a limit has its error, as schedule would return it; one that comes near has a warning."""
    project = await world.project()
    account = await world.account(project, "instagram", "bakery")
    content = await world.content(project, picture)

    async def check(number: int) -> tuple[list[str], list[str]]:
        targets = [{"socialAccountId": account, "mode": "publish"}] * number
        verdict = (await world.client.post(f"/v1/content/{content}/preflight", json={"targets": targets})).json()
        assert verdict["ok"] == (not verdict["errors"])
        for one in verdict["errors"]:
            refused = error(await plan(world, content, account, number))
            assert (one["message"], one["details"]) == (refused["message"], refused["details"])
        return [one["code"] for one in verdict["errors"]], [one["details"]["limit"] for one in verdict["warnings"]]

    assert await check(40) == ([], [])
    for limit in ("postsPerMonth", "queued"):
        await set_limits(agency, world, **{limit: 5})
        assert await check(3) == ([], [])
        assert await check(4) == ([], [limit])
        assert await check(6) == (["PLAN_LIMIT"], [])
        await set_limits(agency, world, **{limit: None})


async def test_every_limit_refuses_what_would_exceed_it(
    world: World, agency: httpx2.AsyncClient, picture: bytes
) -> None:
    """Projects, accounts, media, people and keys; what is removed makes room, and the command line is under the limits too."""
    project = await world.project()
    account = await world.account(project, "instagram", "bakery")
    await world.content(project, picture)
    await set_limits(agency, world, projects=1, accounts=1, mediaBytes=len(picture), users=0, keys=1)
    context = world.api.context
    body = {"platform": "tiktok", "returnUrl": "http://localhost/back"}
    login = (await world.client.post(f"/v1/projects/{project}/social/oauth-url", json=body)).json()
    browser = await world.api.anonymous()
    agreed = await browser.get(f"{login['authorizeUrl']}&account=second&decision=approve")
    back = await browser.get(agreed.headers["location"])
    assert back.headers["location"].endswith("layers_oauth_error=plan_limit")
    upload = {"files": [{"filename": "a.jpg", "contentType": "image/jpeg", "sizeBytes": 9}], "grouping": "per-file"}
    refused = {
        "projects": await world.client.post("/v1/projects", json={"name": "Second", "timezone": "UTC"}),
        "mediaBytes": await world.client.post(f"/v1/projects/{project}/content/uploads", json=upload),
        "users": await world.client.post("/v1/users", json={"email": "ines@example.com", "role": "viewer"}),
        "keys": await world.client.post("/v1/api-keys", json={"scopes": ["*"]}),
    }
    for limit, answer in refused.items():
        assert refusal(answer) == (403, "PLAN_LIMIT"), limit
        assert error(answer)["details"]["limit"] == limit
    with pytest.raises(Exception, match="limit keys"):
        async with context.pool.acquire() as connection:
            await create_key(
                connection,
                organization="Bakery",
                environment=Environment.LIVE,
                scopes=["*"],
                tier=Tier.STANDARD,
                return_domains=[],
                operator_id=None,
                name="",
                now=context.clock.now(),
            )
    await world.client.patch(f"/v1/projects/{project}", json={"status": "archived"})
    assert (await world.client.post("/v1/projects", json={"name": "Second", "timezone": "UTC"})).status_code == 201
    assert refusal(await world.client.patch(f"/v1/projects/{project}", json={"status": "active"}))[0] in {403, 409, 422}
    assert account


async def test_a_limit_is_announced_once_a_month(world: World, agency: httpx2.AsyncClient, clock: MovableClock) -> None:
    """Four of five is near, five is reached; a second crossing of the month is silent, and the next month speaks again."""
    await set_limits(agency, world, projects=5)
    pool = world.api.context.pool

    async def announced() -> list[str]:
        clock.advance(timedelta(seconds=1))
        await announce_limits(pool, now=clock.now(), limit=100)
        rows = await pool.fetch(
            "SELECT name || ' ' || percent AS what FROM limit_crossings WHERE announced_at = $1 ORDER BY percent",
            clock.now(),
        )
        return [row["what"] for row in rows]

    for _ in range(3):
        await world.project()
    assert await announced() == []
    last = await world.project()
    assert await announced() == ["projects 80"]
    await world.project()
    assert await announced() == ["projects 100"]
    await world.client.patch(f"/v1/projects/{last}", json={"status": "archived"})
    await world.project()
    assert await announced() == []
    clock.advance(timedelta(days=31))
    await world.client.patch(f"/v1/projects/{await one_project(world)}", json={"status": "archived"})
    await world.project()
    assert await announced() == ["projects 100"]


async def one_project(world: World) -> str:
    """Return an active project."""
    return str((await world.client.get("/v1/projects", params={"status": "active"})).json()["items"][0]["id"])


async def test_organizations_are_made_with_all_they_need(api: Api, agency: httpx2.AsyncClient) -> None:
    """One call makes an organization, its limits, the invitation of its administrator and a key; a key of it makes none."""
    body = {
        "name": "Corner Bakery",
        "limits": {"accounts": 2},
        "admin": {"email": "ines@example.com"},
        "key": {"environment": "test"},
    }
    made = (await agency.post("/v1/organizations", json=body, headers={"Idempotency-Key": "a"})).json()
    again = await agency.post("/v1/organizations", json=body, headers={"Idempotency-Key": "a"})
    assert again.json() == made
    assert refusal(await agency.post("/v1/organizations", json=body)) == (409, "CONFLICT")
    organization = made["organization"]["id"]
    assert made["organization"]["limits"]["accounts"] == 2
    assert made["admin"]["user"]["role"] == "admin"
    customer = await api.anonymous(headers={"Authorization": f"Bearer {made['key']['key']}"})
    assert (await customer.get("/v1/whoami")).json()["organizationId"] == organization
    assert [user["email"] for user in (await customer.get("/v1/users")).json()["items"]] == ["ines@example.com"]
    for scopes in (["installation:admin"], ["metrics:read"]):
        assert refusal(await customer.post("/v1/api-keys", json={"scopes": scopes})) == (403, "FORBIDDEN_SCOPE")
    assert refusal(await customer.get("/v1/organizations")) == (403, "FORBIDDEN_SCOPE")
    first, second = (await agency.get("/v1/organizations")).json()["items"]
    assert (first["name"], second["name"]) == (AGENCY, "Corner Bakery")
    renamed = await agency.patch(f"/v1/organizations/{organization}", json={"name": AGENCY})
    assert refusal(renamed) == (409, "CONFLICT")
    usage = (await agency.get(f"/v1/organizations/{organization}/usage")).json()
    assert usage["items"][0]["seats"] == 1
