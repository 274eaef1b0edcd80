"""The public URL that is stored through the API: used from the next start on, and never against the environment."""

import httpx2
from tests.api.wire import ALL, error, issues
from tests.api_server import Api, serving
from tests.clocks import MovableClock
from tests.doctor.conftest import PUBLIC_URL

from presswork.apps.public_url import PublicURLInUse, read_public_url
from presswork.cli.database import public_url_of
from presswork.doctor.checks.examine import examine
from presswork.platforms.settings import Settings

PATH = "/v1/system/public-url"
STORED = "https://posts.example.org"


async def setup_of(client: httpx2.AsyncClient) -> tuple[str | None, str | None, str | None, bool]:
    """Return the URL in use, its source, what is stored, and whether a restart is needed."""
    found = (await client.get("/v1/system")).json()
    setup = found["publicUrlSetup"]
    return found["publicUrl"], setup["source"], setup["stored"], setup["isRestartNeeded"]


async def test_it_is_used_after_the_next_start(api: Api, settings: Settings, dsn: str, clock: MovableClock) -> None:
    """The running process says that it needs a restart; the next one allows its host, and test projects keep the sandbox."""
    client = await api.client(scopes=ALL)
    assert await setup_of(client) == (None, None, None, False)
    answer = await client.put(PATH, json={"publicUrl": f"{STORED}:443/"})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["stored"], answer.json()["isRestartNeeded"]) == (STORED, True)
    assert await setup_of(client) == (None, None, STORED, True)

    in_use = await public_url_of(settings, dsn)
    effective = in_use.put_into(settings)
    assert (in_use.url, effective.public_url, effective.sandbox) == (STORED, STORED, settings.sandbox)
    async with serving(effective, dsn=dsn, clock=clock, public_url=in_use) as restarted:
        after = await restarted.client(scopes=ALL)
        assert await setup_of(after) == (STORED, "stored", STORED, False)
        assert (await after.get("/v1/system", headers={"Host": "posts.example.org"})).status_code == 200
        assert (await after.delete(PATH)).json() == {
            "source": "stored",
            "stored": None,
            "storedAt": None,
            "isRestartNeeded": True,
        }
        assert (await after.delete(PATH)).status_code == 200
    assert await public_url_of(settings, dsn) == PublicURLInUse(url=None, source=None)
    actions = [one["action"] for one in (await client.get("/v1/audit-log")).json()["items"]]
    assert actions.count("system.set_public_url") == actions.count("system.remove_public_url") == 1


async def test_the_environment_wins(admin: httpx2.AsyncClient, live_settings: Settings, dsn: str) -> None:
    """A stored URL changes nothing where the environment has one, and the response says where that comes from."""
    assert (await admin.put(PATH, json={"publicUrl": STORED})).is_success
    assert await setup_of(admin) == (PUBLIC_URL, "environment", STORED, False)
    assert (await public_url_of(live_settings, dsn)).put_into(live_settings) is live_settings


async def test_the_checks_look_at_the_stored_one(api: Api, settings: Settings) -> None:
    """`presswork doctor` checks it before anything is restarted."""
    client = await api.client(scopes=ALL)
    stored = "https://posts.example.invalid"
    assert (await client.put(PATH, json={"publicUrl": stored})).is_success
    assert await read_public_url(api.context.pool) is not None
    found = await examine(settings, service_url=api.base_url, open_database=api.context.pool.acquire)
    (finding,) = [one for one in found.findings if one.name == "public url"]
    assert finding.message.startswith(f"{stored}/healthz")


async def test_it_is_missed_once_there_are_live_projects(api: Api, settings: Settings) -> None:
    """Without any, the finding needs no action."""
    live = await api.client(scopes=ALL, environment="live")
    for status in ("ok", "warn"):
        found = await examine(settings, service_url=api.base_url, open_database=api.context.pool.acquire)
        (finding,) = [one for one in found.findings if one.name == "public url"]
        assert finding.status == status, finding.message
        assert "PRESSWORK_PUBLIC_URL" in finding.message
        assert (await live.post("/v1/projects", json={"name": "P", "timezone": "UTC"})).is_success


async def test_what_platforms_refuse_is_refused(api: Api) -> None:
    """Each sentence says what is wrong with it, and nothing is stored."""
    client = await api.client(scopes=ALL)
    for url, problem in {
        "http://posts.example.org": "is not https",
        "posts.example.org": "is not https",
        "https://127.0.0.1": "has an address",
        "https://[::1]": "has an address",
        "https://localhost": "has no host name",
        "https://posts.example.org/presswork": "has more than a host name",
        "https://user@posts.example.org": "has more than a host name",
        "https://posts.example.org:port": "is not a URL",
        "": "is not https",
    }.items():
        answer = await client.put(PATH, json={"publicUrl": url})
        assert answer.status_code == 422, url
        assert list(issues(answer)) == ["publicUrl"], url
        assert f"`publicUrl` {problem}" in error(answer)["message"], url
    assert await read_public_url(api.context.pool) is None
