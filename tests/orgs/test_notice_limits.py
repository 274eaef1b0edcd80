"""Limits on sending content to a phone: for each phone number and for each organization."""

import asyncio
from datetime import timedelta
from uuid import UUID

import httpx2
import pytest
from tests.api.wire import error, refusal
from tests.api_server import Api
from tests.clocks import MovableClock
from tests.world import World

PHONE = "+4915112345667"
OTHER = "+4915112345600"
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


async def content(api: Api, client: httpx2.AsyncClient) -> str:
    """Return a finished container without stored files, in a new project of the client's organization."""
    project = await World(api=api, client=client).project()
    container = await api.context.pool.fetchval(
        """INSERT INTO content_containers (id, project_id, organization_id, environment, status, approval_status, media_type,
                                           caption, created_at, updated_at)
           SELECT gen_random_uuid(), id, organization_id, environment, 'completed', 'not_required', 'image', 'Hello', now(), now()
             FROM projects WHERE id = $1 RETURNING id""",
        UUID(project.removeprefix("prj_")),
    )
    return f"cnt_{container}"


async def notify(
    client: httpx2.AsyncClient, container: str, phone: str | None = PHONE, key: str | None = None
) -> httpx2.Response:
    """Call notify-device; without a body if there is no phone."""
    headers = {} if key is None else {"Idempotency-Key": key}
    body = None if phone is None else {"phoneNumber": phone}
    return await client.post(f"/v1/content/{container}/notify-device", json=body, headers=headers)


async def accepted(client: httpx2.AsyncClient, container: str, phones: list[str]) -> None:
    """Send a notice to each phone, all at once; all are accepted."""
    answers = await asyncio.gather(*(notify(client, container, phone) for phone in phones))
    assert {answer.status_code for answer in answers} == {200}


async def written(api: Api) -> tuple[int, int, int]:
    """Return how many messages, audit entries of notices and counted notices are stored."""
    row = await api.context.pool.fetchrow(
        """SELECT (SELECT count(*) FROM text_messages) AS messages,
                  (SELECT count(*) FROM audit_log WHERE action = 'content.notify_device') AS entries,
                  (SELECT count(*) FROM phone_events WHERE kind = 'notice') AS notices"""
    )
    assert row is not None
    return row["messages"], row["entries"], row["notices"]


async def test_notices_are_limited_per_phone_number(world: World, api: Api, clock: MovableClock) -> None:
    """A number gets 10 notices in an hour and 30 in a day; a refused one is neither stored nor counted."""
    container = await content(api, world.client)
    for notices in (10, 20, 30):
        await accepted(world.client, container, [PHONE] * 9)
        clock.advance(timedelta(minutes=20))
        await accepted(world.client, container, [PHONE])
        late = await notify(world.client, container)
        assert refusal(late) == (429, "RATE_LIMITED")
        seconds = 2400 if notices < 30 else 21 * 3600
        assert (late.headers["retry-after"], error(late)["details"]) == (str(seconds), {"retryAfterSeconds": seconds})
        assert PHONE not in late.text
        assert await written(api) == (3 * notices, notices, notices)
        clock.advance(HOUR)
    assert refusal(await notify(world.client, container)) == (429, "RATE_LIMITED")
    assert (await notify(world.client, container, OTHER)).status_code == 200
    clock.advance(DAY)
    assert (await notify(world.client, container)).status_code == 200


async def test_concurrent_notices_are_all_counted(world: World, api: Api) -> None:
    """Of twenty calls at once for one number, exactly ten are accepted, whatever content they send."""
    containers = [await content(api, world.client) for _ in range(4)]
    answers = await asyncio.gather(*(notify(world.client, containers[number % 4]) for number in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] * 10 + [429] * 10
    assert await written(api) == (30, 10, 10)


async def test_a_replay_is_not_counted_again(world: World, api: Api, clock: MovableClock) -> None:
    """A replay counts once and is returned beyond the limit; a refused call can be repeated with its key later."""
    container = await content(api, world.client)
    first = await notify(world.client, container, key="first")
    replays = await asyncio.gather(*(notify(world.client, container, key="first") for _ in range(12)))
    assert {answer.content for answer in replays} == {first.content}
    await accepted(world.client, container, [PHONE] * 9)
    assert refusal(await notify(world.client, container, key="late")) == (429, "RATE_LIMITED")
    assert (await notify(world.client, container, key="first")).content == first.content
    assert await written(api) == (30, 10, 10)
    clock.advance(HOUR)
    assert (await notify(world.client, container, key="late")).status_code == 200


async def test_the_operators_phone_is_counted_too(world: World, api: Api) -> None:
    """It makes no difference whether the call names the number or uses that of the key's operator."""
    admin = await api.client(scopes=("*", "org:admin"))
    operator = (await admin.post("/v1/operators", json={"name": "Ines", "phone": PHONE})).json()["id"]
    await api.context.pool.execute(
        "UPDATE operators SET phone_verified_at = now(), phone_verified_in = 'test' WHERE id = $1",
        UUID(operator.removeprefix("opr_")),
    )
    container = await content(api, admin)
    await accepted(admin, container, [PHONE] * 10)
    assert refusal(await notify(admin, container, None)) == (429, "RATE_LIMITED")


@pytest.mark.exhaustive
async def test_notices_are_limited_per_organization(world: World, api: Api, clock: MovableClock) -> None:
    """An organization sends 500 notices in a day, to whatever numbers; another organization is not affected."""
    container = await content(api, world.client)
    phones = [f"+49151200{number:05d}" for number in range(510)]
    for start in range(0, 490, 49):
        await accepted(world.client, container, phones[start : start + 49])
    answers = await asyncio.gather(*(notify(world.client, container, phone) for phone in phones[490:]))
    assert sorted(answer.status_code for answer in answers) == [200] * 10 + [429] * 10
    clock.advance(HOUR)
    late = await notify(world.client, container)
    assert (refusal(late), late.headers["retry-after"]) == ((429, "RATE_LIMITED"), str(23 * 3600))
    assert await written(api) == (1500, 500, 500)
    rival = await api.client(organization="Rival")
    assert (await notify(rival, await content(api, rival))).status_code == 200
    clock.advance(23 * HOUR)
    assert (await notify(world.client, container)).status_code == 200


async def test_live_notices_are_counted_across_organizations(api: Api, live_api: Api, live: httpx2.AsyncClient) -> None:
    """Several organizations together text a number as often as one; those of the sandbox are counted separately."""
    rival = await live_api.client(organization="Rival", environment="live")
    containers = [(key, await content(live_api, key)) for key in (live, rival)]
    answers = await asyncio.gather(*(notify(*containers[number % 2]) for number in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] * 10 + [429] * 10
    for organization in ("Acme", "Rival"):
        test = await api.client(organization=organization)
        container = await content(api, test)
        await accepted(test, container, [PHONE] * 10)
        assert refusal(await notify(test, container)) == (429, "RATE_LIMITED")


async def test_codes_and_notices_are_counted_separately(api: Api) -> None:
    """A code can be sent to a number that gets no more notices, and the other way round."""
    admin = await api.client(scopes=("*", "org:admin"))
    operator = (await admin.post("/v1/operators", json={"name": "Ines", "phone": PHONE})).json()["id"]
    container = await content(api, admin)
    await accepted(admin, container, [PHONE] * 9)
    assert (await admin.post(f"/v1/operators/{operator}/verify-phone")).status_code == 200
    await accepted(admin, container, [PHONE])
    assert refusal(await admin.post(f"/v1/operators/{operator}/verify-phone")) == (429, "RATE_LIMITED")
