"""Credentials of apps that are stored through the API: sealed, checked, used by every process, and never shown."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx2
import pytest
from pydantic import SecretStr
from tests.api.wire import error, issues, refusal
from tests.api_server import Api, serving
from tests.clocks import MovableClock
from tests.doctor.conftest import PUBLIC_URL
from tests.secretkeys.test_rotation import rotated
from tests.worker.rows import NOW, insert_account, insert_post, owner_of_project

from presswork.apps.model import hint_of
from presswork.apps.stored_apps import AppsWatch, store_app
from presswork.core.enums import Environment
from presswork.crypto.keyring import key_id_of
from presswork.db.listener import Listener
from presswork.db.pool import Pool
from presswork.platforms.names import LoginName
from presswork.platforms.port import AppCredentials
from presswork.platforms.registry import with_stored
from presswork.platforms.settings import Settings
from presswork.worker.main import open_worker

PATH = "/v1/system/platforms/tiktok"
SECRET = "marker-of-the-secret"
APP = {"clientKey": "awx7q2awx7q2-7h3k", "clientSecret": SECRET}


async def until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds in this process."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110  another task changes it, without an event
            await asyncio.sleep(0.01)


async def setup_of(client: httpx2.AsyncClient, platform: str = "tiktok") -> dict[str, Any]:
    """Return the set-up of a platform."""
    answer = await client.get("/v1/system")
    assert answer.status_code == 200, answer.text
    return dict(next(one for one in answer.json()["platforms"] if one["platform"] == platform))


async def client_key_of_login(client: httpx2.AsyncClient) -> tuple[int, str | None]:
    """Begin a live login; return the status, and the client key of the page to which it leads."""
    project = (await client.post("/v1/projects", json={"name": "P", "timezone": "UTC"})).json()["id"]
    login = await client.post(f"/v1/projects/{project}/social/oauth-url", json={"platform": "tiktok"})
    if not login.is_success:
        return login.status_code, error(login)["details"]["setting"]
    return login.status_code, parse_qs(urlsplit(login.json()["authorizeUrl"]).query)["client_key"][0]


def _needs_app(offers: str) -> bool:
    """Whether only accounts of customers' apps can post to TikTok."""
    return bool(json.loads(offers)["video"]["tiktok publish"].get("needs_app", False))


async def test_they_take_effect_at_once(admin: httpx2.AsyncClient) -> None:
    """Live logins need a setting before, use the app from the answer on, and other credentials after another call; none after removal."""
    assert await client_key_of_login(admin) == (503, "PRESSWORK_TIKTOK_CLIENT_KEY")
    before = await setup_of(admin)
    assert (before["state"], before["isConfigured"], before["stored"]) == ("missing", False, None)
    assert before["missing"] == ["PRESSWORK_TIKTOK_CLIENT_KEY", "PRESSWORK_TIKTOK_CLIENT_SECRET"]
    assert (before["redirectUri"], before["webhookUrl"]) == (
        f"{PUBLIC_URL}/oauth/callback/c",
        f"{PUBLIC_URL}/webhooks/tiktok/live",
    )
    stored = await admin.put(PATH, json=APP)
    assert stored.status_code == 200, stored.text
    assert stored.json() == await setup_of(admin)
    found = stored.json()
    assert (found["state"], found["isConfigured"], found["missing"], found["warnings"]) == ("stored", True, [], [])
    assert (found["clientIdHint"], found["stored"]["clientIdHint"], found["check"]["result"]) == (
        "7h3k",
        "7h3k",
        "accepted",
    )
    assert await client_key_of_login(admin) == (200, APP["clientKey"])
    await admin.put(PATH, json={**APP, "clientKey": "another-key-1234"})
    assert await client_key_of_login(admin) == (200, "another-key-1234")
    for _ in range(2):
        removed = await admin.delete(PATH)
        assert (removed.status_code, removed.json()) == (200, before)
        assert await client_key_of_login(admin) == (503, "PRESSWORK_TIKTOK_CLIENT_KEY")


async def test_every_process_uses_them_without_a_restart(
    admin: httpx2.AsyncClient, live_settings: Settings, dsn: str, clock: MovableClock, tmp_path: Path
) -> None:
    """Another API process and a worker use them soon after the call, one that starts later from its start."""
    other = live_settings.model_copy(update={"data_dir": tmp_path / "other"})
    async with (
        serving(other, dsn=dsn, clock=clock) as second,
        open_worker(other, dsn=dsn, base_url=PUBLIC_URL, clock=clock),
    ):
        platforms = second.context.platforms
        assert not platforms.is_available(LoginName.TIKTOK, Environment.LIVE)
        assert _needs_app(platforms.offers(Environment.LIVE))
        await until(lambda: second.context.part(Listener).is_connected)
        await admin.put(PATH, json=APP)
        await until(lambda: platforms.is_available(LoginName.TIKTOK, Environment.LIVE))
        assert not _needs_app(platforms.offers(Environment.LIVE))
        assert not platforms.is_available(LoginName.FACEBOOK, Environment.LIVE)
    async with serving(other, dsn=dsn, clock=clock) as third:
        assert (await (await third.anonymous()).get("/healthz")).status_code == 200
        assert third.context.platforms.is_available(LoginName.TIKTOK, Environment.LIVE)


async def test_a_lost_notification_only_delays(admin: httpx2.AsyncClient, live_api: Api, clock: MovableClock) -> None:
    """Credentials that changed without a notification are found by the regular look."""
    pool, keyring = live_api.context.pool, live_api.context.keyring

    async def store_silently(client_id: str) -> None:
        async with pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            app = AppCredentials(client_id=client_id, client_secret="other")
            await store_app(connection, keyring, LoginName.TIKTOK, app, now=clock.now())
            sealed = await connection.fetchval("SELECT sealed_credentials FROM platform_credentials")
            await transaction.rollback()  # with its notification
            await connection.execute("DELETE FROM platform_credentials")
            insert = "INSERT INTO platform_credentials VALUES ('tiktok', $1, 'hint', now())"
            await connection.execute(insert, sealed)

    # Connecting, the listener has them read: that reading comes first.
    await until(
        lambda: live_api.context.part(Listener).is_connected and not live_api.context.part(AppsWatch)._changed.is_set()
    )
    await store_silently("from-elsewhere-1")
    await live_api.context.part(AppsWatch).refresh()
    await store_silently("from-elsewhere-2")
    assert await client_key_of_login(admin) == (200, "from-elsewhere-1")
    await live_api.context.part(AppsWatch).refresh()
    assert await client_key_of_login(admin) == (200, "from-elsewhere-2")


async def test_what_waits_is_woken_after_the_database_was_away(
    admin: httpx2.AsyncClient, live_api: Api, pool: Pool
) -> None:
    """Credentials are in use, but waking what waits for them failed: the next reading does that, once."""
    context, woken = live_api.context, 0

    async def wake() -> None:
        nonlocal woken
        woken += 1
        if woken == 1:
            raise ConnectionResetError

    watch = AppsWatch(pool, context.keyring, context.settings, context.platforms, on_change=wake)
    await watch.refresh()
    assert woken == 0
    await admin.put(PATH, json=APP)
    with pytest.raises(ConnectionResetError):
        await watch.refresh()
    for _ in range(2):
        await watch.refresh()
        assert woken == 2


async def test_a_waiting_post_is_tried_again(
    live_api: Api, live_settings: Settings, pool: Pool, dsn: str, tmp_path: Path
) -> None:
    """A live post that waits for the setting is claimed again as soon as the credentials are stored."""
    await owner_of_project(pool)
    post = await insert_post(pool, await insert_account(pool), due=NOW)
    for table in ("projects", "content_containers", "social_accounts", "scheduled_posts"):
        await pool.execute(f"UPDATE {table} SET environment = 'live'")  # noqa: S608  the names come from here
    settings = live_settings.model_copy(update={"data_dir": tmp_path / "worker"})
    clock = MovableClock(instant=NOW)
    async with open_worker(settings, dsn=dsn, base_url=PUBLIC_URL, clock=clock) as worker:
        await worker.work_until_idle()
        waiting = await _waiting(pool, post) or ""
        assert "PRESSWORK_TIKTOK_CLIENT_KEY" in waiting
        client = await live_api.client(scopes=["org:admin"])
        stored = await client.put(PATH, json=APP)
        assert stored.status_code == 200, stored.text
        async with asyncio.timeout(20):
            while await _waiting(pool, post) is not None:  # noqa: ASYNC110  a row of the database
                await asyncio.sleep(0.02)


async def _waiting(pool: Pool, post: UUID) -> str | None:
    """Return what a snoozed post waits for; None if it is due."""
    found: str | None = await pool.fetchval(
        "SELECT waits_for FROM scheduled_posts WHERE id = $1 AND missing_since IS NOT NULL AND leased_until > $2",
        post,
        NOW,
    )
    return found


async def test_the_secret_is_nowhere(admin: httpx2.AsyncClient, pool: Pool, live_api: Api) -> None:
    """Neither answers nor the audit log nor any table has the secret or the ID; the value is encrypted, and rotates."""
    answers = [await admin.put(PATH, json=APP), await admin.get("/v1/system"), await admin.get("/v1/audit-log")]
    shown = "".join(answer.text for answer in answers)
    assert SECRET not in shown
    assert APP["clientKey"] not in shown
    (line,) = (await admin.get("/v1/audit-log", params={"action": "platform.set_credentials"})).json()["items"]
    assert (line["objectId"], line["environment"], line["detail"]) == ("tiktok", None, {"clientKey": "…7h3k"})
    tables = await pool.fetch(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    for (table,) in tables:
        rows = await pool.fetch(f"SELECT t::text FROM {table} t")  # noqa: S608  from the catalogue
        text = "".join(row[0] for row in rows)
        assert SECRET not in text, table
        assert SECRET.encode().hex() not in text, table
        assert APP["clientKey"] not in text, table
    sealed = await pool.fetchval("SELECT sealed_credentials FROM platform_credentials")
    assert json.loads(live_api.context.keyring.open(sealed)) == {
        "version": 1,
        "client_id": APP["clientKey"],
        "client_secret": SECRET,
    }


async def test_a_rotation_encrypts_them_with_the_new_key(api: Api, clock: MovableClock) -> None:
    """After a rotation the value is encrypted with the new primary key, and still in use."""
    client = await api.client(scopes=["org:admin"])
    await client.put("/v1/system/platforms/instagram", json={"clientId": "1234567890", "clientSecret": SECRET})
    pool, old = api.context.pool, api.context.keyring.primary
    done = await rotated(pool, api.context.settings, clock)
    sealed = await pool.fetchval("SELECT sealed_credentials FROM platform_credentials")
    assert key_id_of(sealed) == done.primary != old
    assert (await setup_of(client, "instagram"))["state"] == "stored"


async def test_the_environment_wins(live_settings: Settings, dsn: str, clock: MovableClock) -> None:
    """With the ID or the secret in the environment, stored credentials are not used, and the answer says so."""
    for given, missing in (
        ({"tiktok_client_key": "from-the-environment", "tiktok_client_secret": SecretStr("s")}, []),
        ({"tiktok_client_key": "from-the-environment"}, ["PRESSWORK_TIKTOK_CLIENT_SECRET"]),
    ):
        async with serving(live_settings.model_copy(update=given), dsn=dsn, clock=clock) as service:
            client = await service.client(scopes=["*", "org:admin"], environment="live")
            answer = await client.put(PATH, json=APP)
            assert answer.status_code == 200, answer.text
            found = answer.json()
            assert (found["state"], found["clientIdHint"], found["missing"]) == ("environment", "ment", missing)
            assert found["stored"]["clientIdHint"] == "7h3k"
            assert [one["code"] for one in found["warnings"]] == ["environment_wins"]
            assert "PRESSWORK_TIKTOK_CLIENT_KEY" in found["warnings"][0]["message"]
            expected = (503, missing[0]) if missing else (200, "from-the-environment")
            assert await client_key_of_login(client) == expected


async def test_refused_credentials_are_not_stored(admin: httpx2.AsyncClient, only_right: str, pool: Pool) -> None:
    """The platform refuses a wrong secret: 422 at its field, and the credentials that work stay in use."""
    assert (await admin.put(PATH, json={**APP, "clientSecret": only_right})).json()["check"]["result"] == "accepted"
    before = await pool.fetch("SELECT * FROM platform_credentials")
    answer = await admin.put(PATH, json=APP)
    assert issues(answer) == {"clientSecret": "app_refused"}
    assert error(answer)["details"]["reason"] == "refused_by_platform"
    assert SECRET not in answer.text
    wrong = await admin.put("/v1/system/platforms/facebook", json={"clientId": "1234", "clientSecret": SECRET})
    assert issues(wrong) == {"clientSecret": "app_refused"}
    assert await pool.fetch("SELECT * FROM platform_credentials") == before
    assert (await setup_of(admin))["check"]["result"] == "accepted"


async def test_a_platform_that_does_not_answer_refuses_nothing(
    live_settings: Settings, dsn: str, clock: MovableClock
) -> None:
    """Credentials are stored with a warning; Instagram's own login has no call that could check them."""
    away = live_settings.model_copy(update={"tiktok_api_url": "http://127.0.0.1:1"})
    async with serving(away, dsn=dsn, clock=clock) as service:
        client = await service.client(scopes=["org:admin"])
        found = (await client.put(PATH, json=APP)).json()
        assert (found["state"], found["check"]["result"]) == ("stored", "unreachable")
        assert [one["code"] for one in found["warnings"]] == ["not_checked"]
        body = {"clientId": "1234567890", "clientSecret": SECRET}
        found = (await client.put("/v1/system/platforms/instagram", json=body)).json()
        assert (found["check"]["result"], found["warnings"]) == ("unsupported", [])


@pytest.mark.parametrize(
    ("platform", "body", "found"),
    [
        ("tiktok", {"clientId": "x", "clientSecret": "s"}, {"clientId": "unknown_field", "clientKey": "required"}),
        ("instagram", {"clientKey": "x", "clientSecret": "s"}, {"clientKey": "unknown_field", "clientId": "required"}),
        ("facebook", {"clientSecret": "s"}, {"clientId": "required"}),
        ("facebook", {"clientId": "x"}, {"clientSecret": "required"}),
        ("facebook", {"clientId": "x", "clientSecret": f"{SECRET}\n"}, {"clientSecret": "invalid_character"}),
        (
            "facebook",
            {"clientId": "x y", "clientSecret": ""},
            {"clientId": "invalid_character", "clientSecret": "too_short"},
        ),
        ("facebook", {"clientId": "x", "clientSecret": SECRET * 50}, {"clientSecret": "too_long"}),
        ("facebook", {"clientId": "x", "clientSecret": {"a": SECRET}}, {"clientSecret": "invalid_type"}),
    ],
)
async def test_malformed_credentials_are_issues(
    api: Api, platform: str, body: dict[str, object], found: dict[str, str]
) -> None:
    """Each field has its issue, which never repeats the secret."""
    client = await api.client(scopes=["org:admin"])
    answer = await client.put(f"/v1/system/platforms/{platform}", json=body)
    assert issues(answer) == found
    assert SECRET not in answer.text


async def test_credentials_of_other_keys_are_a_warning(admin: httpx2.AsyncClient, pool: Pool, live_api: Api) -> None:
    """Values that the secret keys here can't decrypt are reported; a process that has them keeps using them."""
    await admin.put(PATH, json=APP)
    await pool.execute("UPDATE platform_credentials SET sealed_credentials = 's1.0123456789abcdef.broken'")
    await live_api.context.part(AppsWatch).refresh()
    found = await setup_of(admin)
    assert (found["state"], [one["code"] for one in found["warnings"]]) == ("stored", ["unreadable"])
    assert await client_key_of_login(admin) == (200, APP["clientKey"])
    checks = (await admin.post("/v1/system/checks")).json()["findings"]
    broken = next(one for one in checks if one["name"] == "stored credentials")
    assert (broken["status"], "tiktok" in broken["message"]) == ("fail", True)
    assert refusal(await admin.put(PATH, json={})) == (422, "VALIDATION")


def test_hints_show_no_more_than_half() -> None:
    """A short ID is not shown whole."""
    assert [hint_of(text) for text in ("1234567890", "123456", "12", "1")] == ["7890", "456", "2", ""]


def test_the_settings_are_not_changed(settings: Settings) -> None:
    """The settings of a process stay those of the environment, and show no secret."""
    app = AppCredentials(client_id="x", client_secret=SECRET)
    changed = with_stored(settings, {LoginName.TIKTOK: app})
    assert (settings.tiktok_client_key, changed.tiktok_client_key) == (None, "x")
    assert SECRET not in repr((changed, app))


async def test_logins_of_one_app_share_its_credentials(admin: httpx2.AsyncClient, live_api: Api) -> None:
    """Facebook Pages and Instagram by Facebook Login are one app at Meta: what is set for either counts for both."""
    path, body = "/v1/system/platforms/facebook_pages", {"clientId": "77123456", "clientSecret": SECRET}
    await store_directly(live_api, LoginName.FACEBOOK_PAGES, AppCredentials(client_id="77123456", client_secret=SECRET))
    for platform in ("facebook", "facebook_pages"):
        found = await setup_of(admin, platform)
        assert (found["state"], found["clientIdHint"], found["warnings"]) == ("stored", "3456", [])
        assert found["stored"]["clientIdHint"] == "3456"
        assert body["clientId"] not in str(found)
    assert (await admin.delete(path)).status_code == 200
    for platform in ("facebook", "facebook_pages"):
        assert (await setup_of(admin, platform))["state"] == "missing"


async def store_directly(api: Api, login: LoginName, app: AppCredentials) -> None:
    """Store credentials without asking the platform."""
    async with api.context.pool.acquire() as connection, connection.transaction():
        await store_app(connection, api.context.keyring, login, app, now=None)
    await api.context.part(AppsWatch).refresh()
