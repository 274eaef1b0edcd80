"""The checks of customers' platform apps: credentials, the platform's answer and accounts, named without a secret."""

from collections.abc import Sequence
from typing import Any

import httpx2
from tests.api.wire import ALL
from tests.api_server import Api
from tests.doctor.conftest import RIGHT
from tests.world import World

from presswork.core.ids import ACCOUNT, PLATFORM_APP, parse_id
from presswork.crypto.keyring import Keyring
from presswork.db.one_connection import connected
from presswork.doctor.checks.customer_apps import CustomerApps, customer_app_name
from presswork.doctor.checks.platforms import access_name
from presswork.doctor.model import AppResponse, AppResult

WRONG = "marker-of-a-wrong-secret"


async def add(client: httpx2.AsyncClient, **fields: object) -> str:
    """Add an app; return its id."""
    new = {"platform": "tiktok", "name": "Bakery", "clientId": "key-of-bakery", "clientSecret": WRONG, **fields}
    answer = await client.post("/v1/platform-apps", json=new)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def by_name(findings: Sequence[dict[str, Any]], app: str) -> tuple[str, str]:
    """Return the status and the message of the finding about an app."""
    (found,) = [one for one in findings if one["name"] == f"platform app {app}"]
    return found["status"], found["message"]


async def test_each_app_is_checked(admin: httpx2.AsyncClient, world: World, live_api: Api, dsn: str) -> None:
    """Apps of all organizations and both environments: refused, accepted, unreadable, and those whose accounts need a new login."""
    florist = await live_api.client(organization="Florists", environment="live", scopes=ALL)
    project = await world.project()
    account = await world.account(project, "tiktok", "bakery")
    sandbox = await world.api.anonymous()
    (await sandbox.post("/sandbox/control/settings", json={"requireSecret": RIGHT})).raise_for_status()
    right = await add(admin, name="Right", clientSecret=RIGHT)
    wrong = await add(florist, name="Wrong")
    unreadable = await add(florist, name="Unreadable", platform="instagram")
    tester = await world.api.client(scopes=ALL)
    moving = await add(tester, name="Moving")
    pool = live_api.context.pool
    await pool.execute(
        "UPDATE platform_apps SET sealed_credentials = 'x' WHERE id = $1", parse_id(PLATFORM_APP, unreadable)
    )
    answer = await admin.post("/v1/system/checks")
    found = answer.json()["findings"]
    assert by_name(found, right) == ("ok", "“Right” (tiktok, live): the platform accepts ID and secret")
    assert by_name(found, wrong)[0] == "fail"
    assert by_name(found, wrong)[1].startswith("“Wrong” (tiktok, live): the platform does not accept ID and secret")
    assert (by_name(found, unreadable)[0], "can't be decrypted" in by_name(found, unreadable)[1]) == ("fail", True)
    assert by_name(found, moving) == (
        "warn",
        "“Moving” (tiktok, test): 1 account(s) move to it when they are connected again.",
    )
    messages = {one["name"]: one["message"] for one in found}
    assert messages["platform apps"] == "4 of 4 apps of customers were checked; of the live ones: 1 accepted, 1 refused"
    assert access_name("tiktok") in messages  # though the installation has no app there
    assert "legal pages" in messages
    assert all(secret not in answer.text for secret in (WRONG, RIGHT, "PRESSWORK_TIKTOK_CLIENT_SECRET is"))
    await pool.execute(
        "UPDATE social_accounts SET app_id = $2, status = 'reauth_required' WHERE id = $1",
        parse_id(ACCOUNT, account),
        parse_id(PLATFORM_APP, moving),
    )
    async with connected(dsn) as connection:
        only = await CustomerApps.read(connection, world.api.context.keyring, app_id=parse_id(PLATFORM_APP, moving))
    (lapsed,) = only.findings([])
    assert (lapsed.status.value, lapsed.message) == ("warn", "“Moving” (tiktok, test): 1 account(s) have lost access.")


async def test_many_apps_have_few_lines(admin: httpx2.AsyncClient, live_api: Api, dsn: str) -> None:
    """Those with a problem come first, 20 at most, and the line about all says how many more there are; one can be chosen."""
    apps = [await add(admin, projectIds=[], name=f"App {number}") for number in range(23)]
    keyring = live_api.context.keyring
    async with connected(dsn) as connection:
        chosen = await CustomerApps.read(connection, keyring, app_id=None)
        one = await CustomerApps.read(connection, keyring, app_id=parse_id(PLATFORM_APP, apps[3]))
        unreadable = await CustomerApps.read(connection, Keyring([b"k" * 32]), app_id=None)
    refused = AppResponse(result=AppResult.REFUSED, message="no")
    answers = [refused if app.name in {"App 5", "App 22"} else None for app in chosen.asked]
    (summary, *lines) = chosen.findings(answers)
    assert [line.status.value for line in lines] == ["fail"] * 2 + ["ok"] * 18
    assert (summary.status.value, summary.message) == (
        "ok",
        "23 of 23 apps of customers were checked; of the live ones: 2 refused, 21 not asked",
    )
    assert [line.name for line in one.findings([None])] == [f"platform app {apps[3]}"]
    (summary, *lines) = unreadable.findings([])
    assert (summary.status.value, len(lines)) == ("warn", 20)
    assert "3 more than those below need something" in summary.message
    gone = CustomerApps(wanted=parse_id(PLATFORM_APP, apps[0]))
    assert [(line.name, line.status.value) for line in gone.findings([])] == [
        (customer_app_name(parse_id(PLATFORM_APP, apps[0])), "fail")
    ]
