"""notify-device: the phone, the allowed content, and idempotency."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx2
import pytest
from tests.api.wire import error, issues, refusal
from tests.api_server import Api
from tests.world import World

from presswork.core.enums import Environment
from presswork.core.ids import ORGANIZATION, parse_id
from presswork.orgs.operators import create_operator

PHONE = "+4915112345667"
MASKED = "+4915•••••••67"
Insert = Callable[..., Awaitable[str]]


@pytest.fixture
async def insert(world: World) -> Insert:
    """Creates containers of the organization without stored files."""
    project = await world.project()

    async def make(status: str = "completed", approval_status: str = "not_required") -> str:
        container = await world.api.context.pool.fetchval(
            """INSERT INTO content_containers (id, project_id, organization_id, environment, status, approval_status, media_type,
                                               caption, created_at, updated_at)
               SELECT gen_random_uuid(), id, organization_id, environment, $2, $3, 'image', 'Hello', now(), now()
                 FROM projects WHERE id = $1 RETURNING id""",
            UUID(project.removeprefix("prj_")),
            status,
            approval_status,
        )
        return f"cnt_{container}"

    return make


async def operator(world: World, phone: str | None, *, verified_in: Environment | None = Environment.TEST) -> str:
    """Make an operator; return its public id."""
    owner = parse_id(ORGANIZATION, (await world.client.get("/v1/whoami")).json()["organizationId"])
    async with world.api.context.pool.acquire() as connection, connection.transaction():
        made = await create_operator(
            connection,
            owner,
            name="Ines",
            phone=phone,
            is_primary=False,
            verified_in=verified_in,
            now=world.api.context.clock.now(),
        )
    return f"opr_{made.id}"


async def notify(client: httpx2.AsyncClient, container: str, key: str | None = None, **body: Any) -> httpx2.Response:
    """Call notify-device; without a body unless there is one."""
    headers = {} if key is None else {"Idempotency-Key": key}
    return await client.post(f"/v1/content/{container}/notify-device", json=body or None, headers=headers)


async def rows(world: World) -> int:
    """Return how many texts were written down."""
    return int(await world.api.context.pool.fetchval("SELECT count(*) FROM text_messages"))


async def test_an_explicit_phone(world: World, insert: Insert) -> None:
    """Any E.164 number is accepted; the response masks it and lists three messages; no post is created."""
    response = await notify(world.client, await insert(), phoneNumber=PHONE)
    assert response.status_code == 200
    body = response.json()
    assert (set(body), body["phoneNumber"]) == ({"phoneNumber", "messages"}, MASKED)
    assert [(message["kind"], message["status"]) for message in body["messages"]] == [
        ("media", "queued"),
        ("caption", "queued"),
        ("steps", "queued"),
    ]
    assert all(message["id"].startswith("txt_") for message in body["messages"])
    assert PHONE not in response.text
    assert await world.api.context.pool.fetchval("SELECT count(*) FROM scheduled_posts") == 0
    assert issues(await notify(world.client, await insert(), phoneNumber="0151 1")).keys() == {"phoneNumber"}


async def test_the_default_phone_is_the_operators(world: World, api: Api, insert: Insert) -> None:
    """No operator or no phone: PHONE_REQUIRED; an unverified phone: OWNER_PHONE_UNVERIFIED; a verified one: accepted."""
    container = await insert()
    assert refusal(await notify(world.client, container)) == (422, "PHONE_REQUIRED")
    first = await operator(world, None)
    assert refusal(await notify(world.client, container)) == (422, "PHONE_REQUIRED")
    pool = api.context.pool
    await pool.execute("UPDATE operators SET phone = $1", PHONE)
    assert refusal(await notify(world.client, container)) == (422, "OWNER_PHONE_UNVERIFIED")
    assert await rows(world) == 0
    await pool.execute("UPDATE operators SET phone_verified_at = now(), phone_verified_in = 'test'")
    assert (await notify(world.client, container)).json()["phoneNumber"] == MASKED
    # the default phone of another operator's key is that operator's
    second = await operator(world, "+4915112345600")
    await pool.execute("UPDATE api_keys SET operator_id = $1", UUID(second.removeprefix("opr_")))
    assert (await notify(world.client, container)).json()["phoneNumber"] == "+4915•••••••00"
    assert first != second


@pytest.mark.parametrize(
    ("status", "approval_status", "expected"),
    [
        ("queued", "not_required", (409, "CONFLICT")),
        ("canceled", "not_required", (409, "CONFLICT")),
        ("completed", "rejected", (409, "CONTENT_REJECTED")),
        ("completed", "pending", (403, "APPROVAL_REQUIRED")),
        ("completed", "approved", None),
    ],
)
async def test_unpublishable_content_is_refused(
    world: World, insert: Insert, status: str, approval_status: str, expected: tuple[int, str] | None
) -> None:
    """Incomplete, rejected and pending content is refused as in publish, and nothing is written."""
    response = await notify(world.client, await insert(status, approval_status), phoneNumber=PHONE)
    assert (None if response.status_code == 200 else refusal(response)) == expected
    assert await rows(world) == (3 if expected is None else 0)


async def test_notify_device_is_idempotent(world: World, insert: Insert) -> None:
    """With its key the call can be repeated: the same response, and three messages in all; a refusal is not stored."""
    container = await insert()
    assert refusal(await notify(world.client, container, "k")) == (422, "PHONE_REQUIRED")
    await operator(world, PHONE)
    responses = [await notify(world.client, container, "k") for _ in range(2)]
    assert responses[0].content == responses[1].content
    assert await rows(world) == 3


async def test_a_live_project_without_sms_settings_is_unavailable(api: Api) -> None:
    """503 names the missing setting."""
    world = World(api=api, client=await api.client(environment="live"))
    project = await world.project()
    container = await api.context.pool.fetchval(
        """INSERT INTO content_containers (id, project_id, organization_id, environment, status, approval_status, media_type,
                                           caption, created_at, updated_at)
           SELECT gen_random_uuid(), id, organization_id, environment, 'completed', 'not_required', 'image', 'Hello', now(), now()
             FROM projects WHERE id = $1 RETURNING id""",
        UUID(project.removeprefix("prj_")),
    )
    response = await notify(world.client, f"cnt_{container}", phoneNumber=PHONE)
    assert refusal(response) == (503, "UNAVAILABLE")
    assert error(response)["details"] == {"setting": "PRESSWORK_SMS_ACCOUNT_SID"}
