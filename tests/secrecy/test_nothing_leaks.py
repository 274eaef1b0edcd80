"""All secrets are canaries. Real processes use them, with successes and failures, and then all output is searched."""

import asyncio
import base64
import hashlib
import json
import os
import re
import secrets as randomness
import signal
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import asyncpg
import httpx2
import pytest
from chaos.ports import free_port
from tests.api_server import Api
from tests.cli.program import PATIENCE_SECONDS, CommandProcess, Presswork, Up, all_gone, running_up, until
from tests.secrecy.canaries import Canaries, Leak, forms_of
from tests.secrecy.mirror import HOOK, Mirror, live_settings, serving_mirror
from tests.secrecy.places import of_backup, of_commands, of_database, of_files, of_processes, of_service
from tests.world import World

from presswork.accounts.vault import open_tokens
from presswork.db.embedded import app_password, embedded_server
from presswork.platforms.sandbox_access import TOKEN_HEADER
from presswork_sandbox.faults import OPERATIONS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

PHONE: Final = "+15005550199"
SETTINGS: Final = (
    "instagram_client_secret",
    "facebook_client_secret",
    "tiktok_client_secret",
    "threads_client_secret",
    "youtube_client_secret",
    "linkedin_client_secret",
    "x_client_secret",
    "pinterest_app_secret",
    "sms_auth_token",
)
FIRST_CALLS: Final = {
    "instagram": "media",
    "tiktok": "creator_info",
    "threads": "threads",
    "facebook": "photos",
    "youtube": "videos_insert",
    "linkedin": "images_initialize",
    "bluesky": "upload_blob",
    "mastodon": "media",
    "x": "media_initialize",
    "telegram": "send_photo",
    "pinterest": "pins_list",
}
"""The first call of a post with a token, by platform."""
ONLY_TEST: Final = frozenset({"bluesky", "telegram"})
"""Live accounts at Bluesky have their servers in the internet, and the code of a live channel is posted by a person."""
SANDBOX_TOKEN: Final = randomness.token_urlsafe(32)
"""No canary: `presswork up` prints it."""
LINK: Final = re.compile(r"signature=([A-Za-z0-9_-]{20,})")
HOOK_SECRET: Final = re.compile(r'"signingSecret": ?"(whsec_[^"]+)"')
INVITATION: Final = re.compile(r"#token=([A-Za-z0-9_-]{20,})")
API_KEY: Final = re.compile(r'"key": ?"(lp_[^"]+)"')

Json = Any  # Any: nested JSON


def fresh(kind: str) -> str:
    """Return a canary that has no recognizable form, with characters that programs often escape."""
    return f"canary/{kind}+{randomness.token_hex(12)}=&"


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A client that stores all responses."""

    canaries: Canaries
    up: Up
    browser: httpx2.AsyncClient
    answers: dict[str, bytes] = field(default_factory=dict)
    options: dict[str, Mapping[str, object]] = field(default_factory=dict)
    """What targets need besides, by account."""

    async def call(
        self,
        key: str,
        method: str,
        path: str,
        body: object = None,
        *,
        shows: re.Pattern[str] | None = None,
        **headers: str,
    ) -> Json:
        """Send a request and accept any status. `shows`: the response contains a secret, which becomes a canary."""
        headers["Authorization"] = f"Bearer {key}"
        answer = await self.browser.request(method, path, json=body, headers=headers)
        if shows is not None:
            shown = shows.findall(answer.text)
            assert shown, f"{method} {path}: {answer.status_code}"
            for number, secret in enumerate(shown):
                self.canaries.plant(f"shown by {path} {number}", secret)
        else:
            self.answers[f"{len(self.answers)} {method} {path.partition('?')[0]}: {answer.status_code}"] = (
                answer.content
            )
        return answer.json()

    async def connect(self, key: str, project: str, platform: str, handle: str) -> str:
        """Connect an account, store the responses to the redirects, and return its id."""
        body = {"platform": platform, "returnUrl": "http://localhost/back"}
        login = await self.call(key, "POST", f"/v1/projects/{project}/social/oauth-url", body)
        agreed = await self.browser.get(f"{login['authorizeUrl']}&account={handle}&decision=approve")
        location = agreed.headers["location"]
        self.canaries.plant(f"code of {handle} on {platform}", parse_qs(urlsplit(location).query)["code"][0])
        for _ in range(2):  # the second redirect is too late
            self.answers[f"{len(self.answers)} callback"] = (await self.browser.get(location)).content
        response = await self.call(key, "GET", f"/v1/social/oauth-status/{login['state']}")
        assert response["status"] == "connected", response
        account = str(response["socialAccountId"])
        if platform == "pinterest":
            [board, *_] = (await self.call(key, "GET", f"/v1/social-accounts/{account}/boards"))["items"]
            self.options[account] = {"pinterestPostSettings": {"boardId": board["id"]}}
        return account

    async def content(self, key: str, project: str, media: bytes, content_type: str) -> str:
        """Import a file twice with one idempotency key, and return the container."""
        file = {"filename": "a.file", "contentType": content_type, "sizeBytes": len(media)}
        path, body = f"/v1/projects/{project}/content/uploads", {"files": [file], "grouping": "per-file"}
        once = {"Idempotency-Key": randomness.token_hex(8)}
        (item,) = (await self.call(key, "POST", path, body, shows=LINK, **once))["items"]
        await self.call(key, "POST", path, body, shows=LINK, **once)
        (target,) = item["files"]
        wrong = re.sub(r"signature=.{4}", "signature=AAAA", target["uploadUrl"])
        self.answers[f"{len(self.answers)} wrong link"] = (await self.browser.put(wrong, content=b"x")).content
        put = await self.browser.put(target["uploadUrl"], content=media, headers=target["headers"])
        assert put.status_code < 300
        final = f"/v1/content/{item['containerId']}/finalize-upload"
        await self.call(key, "POST", final, {"caption": "Hello"}, shows=LINK, **once)
        return str(item["containerId"])

    async def publish(
        self, key: str, container: str, account: str, mode: str = "publish", *, to_the_end: bool = False
    ) -> Json:
        """Publish, wait until the post ends or waits, store its timeline, and return the post or the error.

        `to_the_end`: a post that waits is not enough.
        """
        body = {"targets": [{"socialAccountId": account, "mode": mode, **self.options.get(account, {})}]}
        accepted = await self.call(key, "POST", f"/v1/content/{container}/publish", body)
        if "error" in accepted:
            return accepted
        post = f"/v1/scheduled-posts/{accepted['scheduledPostIds'][0]}"
        read: Json = None
        for _ in range(300):
            read = await self.call(key, "GET", post)
            timeline = await self.call(key, "GET", f"{post}/timeline")
            if read["status"] not in {"queued", "publishing"}:
                break
            if not to_the_end and any(entry["event"] in {"retrying", "waiting"} for entry in timeline["items"]):
                break
            await asyncio.sleep(0.1)
        return read

    async def webhook(self, key: str, url: str) -> str:
        """Create an endpoint for all events twice with one idempotency key; rotate its secret; return the endpoint."""
        once = {"Idempotency-Key": randomness.token_hex(8)}
        body = {"url": url, "events": ["post.published", "post.failed", "test.ping"]}
        await self.call(key, "POST", "/v1/webhook-endpoints", body, shows=HOOK_SECRET, **once)
        made = await self.call(key, "POST", "/v1/webhook-endpoints", body, shows=HOOK_SECRET, **once)
        endpoint = f"/v1/webhook-endpoints/{made['endpoint']['id']}"
        for _ in range(2):
            await self.call(key, "POST", f"{endpoint}/rotate-secret", shows=HOOK_SECRET, **once)
        await self.call(key, "POST", f"{endpoint}/test")
        return endpoint

    async def read_deliveries(self, key: str, endpoint: str) -> None:
        """Read the deliveries after one was rejected, and replay it."""
        for _ in range(100):
            deliveries = (await self.call(key, "GET", f"{endpoint}/deliveries"))["items"]
            if any(delivery["attempts"] for delivery in deliveries):
                break
            await asyncio.sleep(0.1)
        else:
            pytest.fail("no webhook was attempted")
        await self.call(key, "POST", f"/v1/webhook-deliveries/{deliveries[0]['id']}/replay")
        await self.call(key, "GET", endpoint)

    async def app(self, key: str) -> None:
        """Set the credentials of an app, which the environment has too, and run the checks."""
        secret = self.canaries.plant(f"stored secret {len(self.answers)}", fresh("stored"))
        await self.call(key, "PUT", "/v1/system/platforms/facebook", {"clientId": "1234567", "clientSecret": secret})
        await self.call(key, "POST", "/v1/system/checks")
        await self.call(key, "GET", "/v1/system")

    async def more_keys(self, key: str) -> None:
        """Create a key twice with one idempotency key, and read the keys."""
        once = {"Idempotency-Key": randomness.token_hex(8)}
        body = {"name": "Second", "scopes": ["projects:read"]}
        await self.call(key, "POST", "/v1/api-keys", body, shows=API_KEY, **once)
        made = await self.call(key, "POST", "/v1/api-keys", body, shows=API_KEY, **once)
        path = f"/v1/api-keys/{made['apiKey']['id']}"
        await self.call(made["key"], "GET", "/v1/projects")
        await self.call(key, "DELETE", path)
        for read in (path, "/v1/api-keys", "/v1/audit-log"):
            await self.call(key, "GET", read)

    async def agent(self, key: str) -> None:
        """Let a program act for a new user, with good and refused tokens, and disconnect it."""
        invitation = {"email": "agent@example.com", "role": "publisher"}
        link = str((await self.call(key, "POST", "/v1/users", invitation, shows=INVITATION))["link"])
        redirect, verifier = "http://127.0.0.1:9/back", self.canaries.plant("verifier", randomness.token_urlsafe(40))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        origin = {"Origin": self.up.url, "X-Presswork-Console": "1"}
        async with httpx2.AsyncClient(
            base_url=self.up.url, trust_env=False, headers=origin, timeout=PATIENCE_SECONDS
        ) as browser:
            password = self.canaries.plant("password of a user", fresh("password"))
            accepted = await browser.post(
                "/v1/auth/accept", json={"token": link.partition("#token=")[2], "password": password}
            )
            assert accepted.status_code == 200, accepted.text
            self.canaries.plant("session", next(iter(browser.cookies.values())))
            program = (await browser.post("/oauth/register", json={"redirect_uris": [redirect]})).json()["client_id"]
            asked = {
                "response_type": "code",
                "client_id": program,
                "redirect_uri": redirect,
                "code_challenge": challenge,
            }
            page = await browser.get("/oauth/authorize", params={**asked, "code_challenge_method": "S256"})
            sealed = re.findall(r'name="request" value="([^"]+)"', page.text)[0]
            form = {"request": sealed, "decision": "allow", "scope": "projects:read"}
            back = (await browser.post("/oauth/consent", data=form)).headers["location"]
            code = self.canaries.plant("code of an agent", parse_qs(urlsplit(back).query)["code"][0])
            exchange = {"client_id": program, "code": code, "redirect_uri": redirect, "code_verifier": verifier}
            tokens = (await browser.post("/oauth/token", data={**exchange, "grant_type": "authorization_code"})).json()
            for kind in ("access_token", "refresh_token"):
                self.canaries.plant(f"{kind} of an agent", tokens[kind])
            bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
            message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "whoami", "arguments": {}}}
            accepts = {"Accept": "application/json, text/event-stream"}
            refresh = {"client_id": program, "grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
            answers = [
                await browser.post("/mcp", json=message, headers={**bearer, **accepts}),
                await browser.get("/v1/whoami", headers=bearer),
                await browser.get(f"/v1/projects?access_token={tokens['access_token']}"),
                await browser.post("/oauth/token", data={**refresh, "grant_type": "x"}),
                await browser.post("/oauth/token", data={**exchange, "grant_type": "authorization_code"}),
                await browser.post("/oauth/token", data=refresh),
                await browser.post("/oauth/revoke", data={"client_id": program, "token": tokens["access_token"]}),
                await browser.get("/v1/agents"),
            ]
            assert [answer.status_code for answer in answers] == [200, 401, 422, 400, 400, 400, 200, 200]
            self.answers.update({f"agent {number}": answer.content for number, answer in enumerate(answers)})


async def test_no_secret_is_in_a_table_or_a_later_response(api: Api, world: World, owner_dsn: str) -> None:
    """A key, tokens of an account, a signing secret and an upload link are stored sealed or hashed, and shown once."""
    canaries, client = Canaries(), await api.client(scopes=("*", "org:admin"))
    canaries.plant("key", client.headers["Authorization"].split("_", 3)[3])
    account = await world.account(await world.project(), "tiktok", "bakery")
    sealed = await api.context.pool.fetchval("SELECT sealed_tokens FROM social_accounts")
    tokens = open_tokens(api.context.keyring, sealed)
    canaries.plant("access token", tokens.access_token)
    canaries.plant("refresh token", str(tokens.refresh_token))
    project = (await client.post("/v1/projects", json={"name": "P", "timezone": "UTC"})).json()["id"]
    files = {"files": [{"filename": "a.jpg", "contentType": "image/jpeg", "sizeBytes": 3}], "grouping": "per-file"}
    calls: dict[str, Json] = {
        "/v1/api-keys": {"name": "Second", "scopes": ["projects:read"]},
        "/v1/webhook-endpoints": {"url": "https://presswork-test.invalid/x", "events": ["post.failed"]},
        f"/v1/projects/{project}/content/uploads": files,
    }
    for path, body in calls.items():
        made = await client.post(path, json=body, headers={"Idempotency-Key": "once"})
        assert made.is_success, made.text
        (shown,) = re.findall(
            r'"key":"lp_test_\w{16}_([^"]+)"|"signingSecret":"whsec_([^"]+)"|signature=([^"&]+)', made.text
        )
        canaries.plant(path, "".join(shown))
    reads = ("/v1/api-keys", "/v1/webhook-endpoints", "/v1/audit-log", f"/v1/social-accounts/{account}")
    answers = {path: await (world.client if account in path else client).get(path) for path in reads}
    assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(reads, 200)
    places = {**(await of_database(owner_dsn)), **{path: answer.content for path, answer in answers.items()}}
    assert canaries.leaks(places) == []


@pytest.mark.exhaustive
async def test_no_secret_comes_to_light(
    command_process: CommandProcess, tmp_path: Path, picture: bytes, video: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After successes, errors, quoting platforms, a broken database and crashes, no secret appears in any encoding."""
    canaries, home = Canaries(), tmp_path / "home"
    settings = {name: canaries.plant(name, fresh(name)) for name in SETTINGS}
    settings["telegram_bot_token"] = canaries.plant("token of a bot", f"4711000:AA{randomness.token_urlsafe(25)}")
    keys = [base64.urlsafe_b64encode(randomness.token_bytes(32)).decode().rstrip("=") for _ in range(2)]
    for number, key in enumerate(keys):
        canaries.plant(f"secret key {number}", key)
        canaries.plant(f"secret key {number}, in bytes", base64.urlsafe_b64decode(f"{key}=").hex())
    monkeypatch.setenv("PYTHONFAULTHANDLER", "1")
    async with (
        serving_mirror() as mirror,
        httpx2.AsyncClient(timeout=PATIENCE_SECONDS, trust_env=False, headers={TOKEN_HEADER: SANDBOX_TOKEN}) as browser,
    ):
        port, metrics_port = (
            free_port(),
            free_port(),
        )  # known before the start, since live projects need the public address
        settings |= live_settings(mirror, f"http://127.0.0.1:{port}") | {
            "secret_keys": ",".join(keys),
            "log_level": "debug",
            "allow_private_webhooks": "true",
            "sandbox": "true",
            "sandbox_token": SANDBOX_TOKEN,
            "worker_metrics_port": str(metrics_port),
        }
        beside = Presswork(command_process, home / "data", home / "cwd", settings)
        with running_up(home / "data", "--port", str(port), **settings) as up:
            browser.base_url = up.url
            mirror.sandbox_url, mirror.headers = f"{up.url}/sandbox", {TOKEN_HEADER: SANDBOX_TOKEN}
            day = Day(canaries=canaries, up=up, browser=browser)
            with embedded_server(home / "data") as server:
                canaries.plant("password of the database", str(urlsplit(server.dsn).password))
                canaries.plant("password of API and worker", app_password(home / "data"))
                await good_and_bad_days(day, beside, mirror, server.dsn, picture, video)
                await crashes(day)
                learn_from_sandbox(canaries, home / "data")
                places: dict[str, bytes] = {
                    **day.answers,
                    **(await of_service(browser, f"http://127.0.0.1:{metrics_port}/metrics")),
                    **(await of_database(server.dsn)),
                }
                places |= dict(of_processes(up))
                places |= dict(of_commands(beside))
                places |= dict(of_backup(beside, tmp_path / "without.backup"))
        places["log"] = up.log.read_bytes()
        places |= {f"left: {name}": content for name, content in of_files(home / "cwd")}
        assert not list(home.rglob("core*"))
    assert mirror.quoted >= {
        "graph.instagram.com",
        "open.tiktokapis.com",
        "graph.threads.net",
        "graph.facebook.com",
        "www.googleapis.com",
        "api.linkedin.com",
        "mastodon.social",
        "api.x.com",
        "api.telegram.org",
        "api.pinterest.com",
        HOOK.strip("/"),
    }
    assert all(word in places["log"] for word in (b"Fatal Python error: Aborted", b"request failed", b"refresh failed"))
    assert [leak for leak in canaries.leaks(places) if not is_handed_out(leak)] == []
    assert_phones_are_kept(places)
    # The search works: it finds each canary in each encoding.
    for name, value in canaries.secrets.items():
        for form, text in forms_of(value):
            assert Canaries({name: value}).leaks({"x": b"." + text + b"."}), form


def is_handed_out(leak: Leak) -> bool:
    """Return whether it is a link of an unconfirmed draft message, which the post stores (docs/secrets.md)."""
    return leak.secret.startswith("link in a text") and leak.place in {
        "table scheduled_posts",
        "pg_dump",
        "dump in the backup",
    }


async def good_and_bad_days(
    day: Day, beside: Presswork, mirror: Mirror, dsn: str, picture: bytes, video: bytes
) -> None:
    """Use all features that involve secrets, with success and failure, in test and live projects."""
    provider = beside.json("provider", "add", "acme", "--url", f"{mirror.url}/provider")["secret"]
    day.canaries.plant("provider", provider)
    operator = beside.json("operator", "create", "--org", "O", "--name", "N", "--phone", PHONE, "--verified")[
        "operatorId"
    ]
    for env in ("test", "live"):
        await one_environment(day, beside, mirror, dsn, picture, video, env)
    await day.call(day.canaries.secrets["key live"], "GET", f"/v1/operators/{operator}")


async def one_environment(
    day: Day, beside: Presswork, mirror: Mirror, dsn: str, picture: bytes, video: bytes, env: str
) -> None:
    """Connect, publish, fail and disconnect; the live platforms quote the requests."""
    made = beside.json(
        "key", "create", "--org", "O", "--env", env, "--return-domain", "localhost", "--scopes", "*,org:admin"
    )
    key = day.canaries.plant(f"key {env}", made["key"])
    day.canaries.plant(f"secret of key {env}", key.rpartition("_")[2] if key.count("_") == 3 else key[-43:])
    project = (await day.call(key, "POST", "/v1/projects", {"name": "P", "timezone": "UTC"}))["id"]
    endpoint = await day.webhook(key, f"{mirror.url}{HOOK}")
    await day.more_keys(key)
    await day.app(key)
    if env == "test":
        await day.agent(key)
    platforms = [platform for platform in FIRST_CALLS if env == "test" or platform not in ONLY_TEST]
    accounts = {platform: await day.connect(key, project, platform, handle_on(platform, env)) for platform in platforms}
    container = await day.content(key, project, picture, "image/jpeg")
    clip = await day.content(key, project, video, "video/mp4")
    async with asyncio.TaskGroup() as posts:
        for platform, account in accounts.items():
            content = clip if platform == "youtube" else container
            posts.create_task(published(day, key, content, account))
    await day.call(key, "POST", f"/v1/content/{container}/notify-device", {})
    await refused_calls(day, key, project)
    mirror.quotes = env == "live"
    for platform, account in accounts.items():
        await faults(day, platform)
        await day.publish(key, clip if platform == "youtube" else container, account)
        await day.publish(key, container, account, "draft")
        await day.call(key, "POST", f"/v1/content/{container}/preflight", _targets(account))
        await day.call(key, "GET", f"/v1/social-accounts/{account}")
        await day.call(key, "DELETE", f"/v1/social-accounts/{account}")
    await day.call(key, "POST", "/v1/system/checks")
    mirror.quotes = False
    await day.call(key, "GET", f"/v1/projects/{project}/social-accounts")
    await day.read_deliveries(key, endpoint)
    await broken_database(day, key, project, dsn)


async def published(day: Day, key: str, container: str, account: str) -> None:
    """Publish, and wait until the post is live."""
    post = await day.publish(key, container, account, to_the_end=True)
    assert post["status"] == "published", post


def handle_on(platform: str, env: str) -> str:
    """Return the handle of the account on a platform. X refuses what an account has posted before, in the other environment too."""
    return {"bluesky": "bakery.bsky.social", "x": f"bakery_{env}"}.get(platform, "bakery")


def _targets(account: str) -> Mapping[str, object]:
    return {"targets": [{"socialAccountId": account, "mode": "publish"}]}


async def faults(day: Day, platform: str) -> None:
    """Let the sandbox reject the token once, and then the refresh."""
    for operation, fault in ((FIRST_CALLS[platform], "token_expired"), ("refresh", "http_500")):
        if operation not in OPERATIONS[platform]:
            continue
        body = {"platform": platform, "operation": operation, "fault": fault}
        assert (await day.browser.post("/sandbox/control/faults", json=body)).status_code == 200


async def refused_calls(day: Day, key: str, project: str) -> None:
    """Send invalid requests of each kind whose error could quote a secret."""
    wrong = day.canaries.plant("a wrong key", key[:-43] + randomness.token_urlsafe(32))
    stray = day.canaries.plant("a secret in the wrong place", fresh("stray"))
    await day.call(wrong, "GET", "/v1/whoami")
    await day.call(stray, "GET", "/v1/whoami")
    await day.call(key, "POST", "/v1/projects", {"name": 7, "timezone": stray, "clientSecret": stray, "token": [stray]})
    await day.call(key, "POST", f"/v1/projects/{project}/social/oauth-url", {"platform": "tiktok", "returnUrl": stray})
    await day.call(key, "GET", f"/v1/projects?access_token={key}&limit=x")
    for path in (
        f"/oauth/callback/tiktok?state=none&code={stray}",
        f"/media/a/b.jpg?signature={stray}",
        f"/webhooks/{stray}",
    ):
        day.answers[f"{len(day.answers)} {path.partition('?')[0][:12]}"] = (await day.browser.get(path)).content
    torn = await day.browser.post(
        "/v1/projects", content=f'{{"token": "{stray}", '.encode(), headers={"Authorization": f"Bearer {key}"}
    )
    day.answers[f"{len(day.answers)} torn body"] = torn.content


async def broken_database(day: Day, key: str, project: str, dsn: str) -> None:
    """Cause an internal error in a request with a secret: a table is missing."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("ALTER TABLE oauth_states RENAME TO gone")
        body = {"platform": "tiktok", "returnUrl": "http://localhost/back"}
        response = await day.call(key, "POST", f"/v1/projects/{project}/social/oauth-url", body)
        assert response["error"]["code"] == "INTERNAL"
    finally:
        await connection.execute("ALTER TABLE gone RENAME TO oauth_states")
        await connection.close()


async def crashes(day: Day) -> None:
    """Abort the worker and the API: Python prints their tracebacks, and the system writes no core dump."""
    for name in ("worker", "api"):
        part = day.up.part(name)
        os.kill(part.pid, signal.SIGABRT)
        assert await asyncio.to_thread(until, partial(all_gone, [part]))
        assert (await asyncio.to_thread(day.up.part, name)).pid != part.pid
    for _ in range(600):
        if (await day.browser.get("/readyz")).status_code == 200:
            return
        await asyncio.sleep(0.1)


def learn_from_sandbox(canaries: Canaries, data_dir: Path) -> None:
    """Add every token that the sandbox has issued to the canaries."""
    with closing(sqlite3.connect(data_dir / "sandbox" / "sandbox.sqlite3")) as memory:
        tokens = [row[0] for row in memory.execute("SELECT token FROM tokens ORDER BY 1")]
        tokens += [row[0] for row in memory.execute("SELECT client_secret FROM mastodon_apps ORDER BY 1")]
        bodies = [row[0] for row in memory.execute("SELECT body FROM messages")]
    assert len(tokens) >= 8
    for number, token in enumerate(tokens):
        canaries.plant(f"token {number}", token)
    for number, signature in enumerate(found for body in bodies for found in LINK.findall(body)):
        canaries.plant(f"link in a text {number}", signature)


def assert_phones_are_kept(places: Mapping[str, bytes]) -> None:
    """Phone numbers appear only with their operator, in text messages, and in the sandbox."""
    at_home = re.compile(
        r"operators|operator list|pg_dump|dump in the backup|table text_messages|table scheduled_posts|/sandbox/"
    )
    found = [place for place, content in places.items() if PHONE.encode() in content and not at_home.search(place)]
    assert found == []


def test_a_planted_leak_is_found() -> None:
    """A secret in a URL, in base64 of a longer text, or in hex, is found with its place."""
    canaries = Canaries()
    secret = canaries.plant("token", fresh("token"))
    places = {
        "clean": b"nothing here",
        "basic": base64.b64encode(f"user:{secret}:more".encode()),
        "bytea": b"\\x00" + secret.encode().hex().encode(),
        "json": json.dumps({"said": secret}).encode(),
    }
    assert {leak.place for leak in canaries.leaks(places)} == {"basic", "bytea", "json"}
