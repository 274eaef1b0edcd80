"""Mastodon and Pinterest: every fault on every operation, and lost answers of the live call."""

import base64
from collections.abc import Awaitable, Callable, Mapping

import httpx2
import pytest
from tests.every_row import every_row
from tests.sandbox import mastodon_client, pinterest_client
from tests.sandbox.running_sandbox import RunningSandbox, clip, picture

from presswork_sandbox.registry import PLATFORMS

Call = Callable[[], Awaitable[httpx2.Response]]
Calls = Mapping[str, Call]


async def on_mastodon(sandbox: RunningSandbox) -> Calls:
    """Return a call for each operation that succeeds once without a fault."""
    scope = f"{mastodon_client.SCOPES} read write"
    mastodon = await mastodon_client.login(sandbox, scope=scope)
    other = await mastodon_client.login(sandbox, scope=scope)
    code = await mastodon_client.authorize(sandbox, mastodon.app["client_id"], "luna")
    post, gone = await mastodon.posted("Live"), await mastodon.posted("To delete")
    media_id = (await mastodon.upload(picture())).json()["id"]
    host, path = f"/sandbox/{mastodon.host}", f"statuses/{post['id']}"
    revoke = {name: other.app[name] for name in ("client_id", "client_secret")} | {"token": other.token}
    account = post["account"]["id"]
    return {
        "apps": lambda: mastodon_client.register(sandbox),
        "token": lambda: mastodon_client.exchange(sandbox, mastodon.app, code),
        "server_metadata": lambda: sandbox.http.get(f"{host}/.well-known/oauth-authorization-server"),
        "instance": lambda: sandbox.http.get(f"{host}/api/v2/instance"),
        "verify_credentials": lambda: mastodon.call("GET", "accounts/verify_credentials"),
        "account": lambda: mastodon.call("GET", f"accounts/{account}"),
        "account_statuses": lambda: mastodon.call("GET", f"accounts/{account}/statuses"),
        "media": lambda: mastodon.upload(picture()),
        "media_status": lambda: mastodon.call("GET", f"media/{media_id}"),
        "media_update": lambda: mastodon.call("PUT", f"media/{media_id}", {"description": "x"}),
        "statuses": mastodon.post,
        "status": lambda: mastodon.call("GET", path),
        "status_source": lambda: mastodon.call("GET", f"{path}/source"),
        "context": lambda: mastodon.call("GET", f"{path}/context"),
        "status_update": lambda: mastodon.call("PUT", path, {"status": "New"}),
        "favourite": lambda: mastodon.call("POST", f"{path}/favourite"),
        "unfavourite": lambda: mastodon.call("POST", f"{path}/unfavourite"),
        "notifications": lambda: mastodon.call("GET", "notifications"),
        "status_delete": lambda: mastodon.call("DELETE", f"statuses/{gone['id']}"),
        "revoke": lambda: sandbox.http.post(f"{host}/oauth/revoke", data=revoke),
    }


async def on_pinterest(sandbox: RunningSandbox) -> Calls:
    """Return a call for each operation that succeeds once without a fault."""
    pinterest, other = await pinterest_client.login(sandbox), await pinterest_client.login(sandbox)
    code, board = await pinterest_client.authorize(sandbox, "luna"), await pinterest.board()
    pin, gone = await pinterest.pinned(), await pinterest.pinned()
    registered, day = await pinterest.register(), pin["created_at"][:10]
    path = f"pins/{pin['id']}"
    days = {"start_date": day, "end_date": day, "metric_types": "SAVE"}
    again = {"grant_type": "refresh_token", "refresh_token": other.tokens["refresh_token"]}
    return {
        "token": lambda: pinterest_client.exchange(sandbox, code),
        "refresh": lambda: pinterest_client.ask_token(sandbox, **again),
        "user_account": lambda: pinterest.call("GET", "user_account"),
        "boards_list": lambda: pinterest.call("GET", "boards"),
        "boards": lambda: pinterest.call("POST", "boards", {"name": "Bread"}),
        "board": lambda: pinterest.call("GET", f"boards/{board}"),
        "board_pins": lambda: pinterest.call("GET", f"boards/{board}/pins"),
        "sections_list": lambda: pinterest.call("GET", f"boards/{board}/sections"),
        "sections": lambda: pinterest.call("POST", f"boards/{board}/sections", {"name": "Small"}),
        "media": lambda: pinterest.call("POST", "media", {"media_type": "video"}),
        "media_list": lambda: pinterest.call("GET", "media"),
        "media_status": lambda: pinterest.call("GET", f"media/{registered['media_id']}"),
        "upload": lambda: pinterest.send(registered, clip()),
        "pins": pinterest.pin,
        "pins_list": lambda: pinterest.call("GET", "pins"),
        "pin": lambda: pinterest.call("GET", path),
        "pin_update": lambda: pinterest.call("PATCH", path, {"title": "New"}),
        "pin_analytics": lambda: pinterest.call("GET", f"{path}/analytics", **days),
        "pin_delete": lambda: pinterest.call("DELETE", f"pins/{gone['id']}"),
    }


EVERY_CALL = {"mastodon": on_mastodon, "pinterest": on_pinterest}
NAMED = {"mastodon": (503, "Outage", "error"), "pinterest": (429, "Outage", "message")}
"""The status of an error by name, its words, and where they stand."""
CODES = {"mastodon": 503, "pinterest": 8}


@pytest.mark.parametrize("platform", EVERY_CALL)
async def test_faults_before_the_effect(sandbox: RunningSandbox, platform: str) -> None:
    """Errors by name, HTTP 500 and 502, and a cut connection: in the platform's envelope, and nothing happened."""
    calls = await EVERY_CALL[platform](sandbox)
    assert set(calls) == set(PLATFORMS[platform].operations)
    with every_row() as row:
        for operation, call in calls.items():
            with row(operation):
                await sandbox.fault(
                    platform, operation, "platform_error", value={"code": CODES[platform], "message": "Outage"}
                )
                answer = await call()
                status, words, place = NAMED[platform]
                assert (answer.status_code, answer.json()[place]) == (status, words)
                await sandbox.fault(platform, operation, "http_500")
                answer = await call()
                assert (answer.status_code, answer.headers["content-type"]) == (500, "application/json")
                await sandbox.fault(platform, operation, "html_502")
                answer = await call()
                assert (answer.status_code, answer.headers["content-type"][:9]) == (502, "text/html")
                await sandbox.fault(platform, operation, "drop_before_effect")
                with pytest.raises(httpx2.TransportError):
                    await call()
                await sandbox.fault(platform, operation, "latency", value={"ms": 1})
                assert (await call()).status_code < 300
    assert await sandbox.items("faults") == []


@pytest.mark.parametrize("platform", EVERY_CALL)
async def test_malformed_answers(sandbox: RunningSandbox, platform: str) -> None:
    """A truncated answer has had its effect."""
    with every_row() as row:
        for operation, call in (await EVERY_CALL[platform](sandbox)).items():
            with row(operation):
                await sandbox.fault(platform, operation, "malformed_json")
                answer = await call()
                assert answer.status_code < 300
                if answer.status_code == 204:  # an answer without a body stays whole
                    continue
                with pytest.raises(ValueError, match=r"."):
                    answer.json()


LOST: list[tuple[str, Mapping[str, object]]] = [
    ("drop_after_effect", {}),
    ("http_500", {"afterEffect": True}),
    ("late_effect", {"ms": 900}),
]


async def lose(sandbox: RunningSandbox, platform: str, operation: str, call: Call) -> None:
    """Make a call once for each fault that loses its answer."""
    for fault, value in LOST:
        await sandbox.fault(platform, operation, fault, value=value)
        try:
            assert (await call()).status_code == 500
        except httpx2.TransportError:
            assert fault != "http_500"
        await sandbox.advance(1)


async def test_lost_answers_on_mastodon(sandbox: RunningSandbox) -> None:
    """The same key returns the post that is live, the list of the account has its file, and the file is taken."""
    mastodon = await mastodon_client.login(sandbox)
    for fault, value in LOST:
        media_id = (await mastodon.upload(picture())).json()["id"]
        await sandbox.fault("mastodon", "statuses", fault, value=value)
        try:
            answer = await mastodon.post(fault, key=fault, media_ids=[media_id])
            assert answer.status_code == 500
        except httpx2.TransportError:
            pass
        assert (await mastodon.call("GET", f"media/{media_id}")).status_code == (200 if fault == "late_effect" else 404)
        await sandbox.advance(1)
        again = await mastodon.posted(fault, key=fault, media_ids=[media_id])
        path = f"accounts/{again['account']['id']}/statuses?limit=20&exclude_reblogs=true"
        listed = (await mastodon.call("GET", path)).json()
        assert [one["id"] for one in listed if media_id in str(one["media_attachments"])] == [again["id"]]
    assert len(await sandbox.items("posts?platform=mastodon")) == len(LOST)


async def test_lost_answers_on_pinterest(sandbox: RunningSandbox) -> None:
    """The Pin is live and the lists name it; nothing keeps a repetition from making a second one."""
    pinterest = await pinterest_client.login(sandbox)
    source = {"source_type": "image_url", "url": sandbox.media.put("p.jpg", picture())}
    await lose(sandbox, "pinterest", "pins", lambda: pinterest.pin(source, title="Once"))
    await sandbox.advance(1)
    listed = (await pinterest.read("pins"))["items"]
    assert [one["title"] for one in listed] == ["Once"] * len(LOST)


async def test_expired_tokens(sandbox: RunningSandbox) -> None:
    """Mastodon's token is dead for good; Pinterest's until it is refreshed, and on refresh the refresh token is."""
    mastodon, pinterest = await mastodon_client.login(sandbox), await pinterest_client.login(sandbox)
    await sandbox.fault("mastodon", "statuses", "token_expired")
    for _ in range(2):
        answer = await mastodon.post()
        assert (answer.status_code, answer.json()["error"]) == (401, "The access token was revoked")
    await sandbox.fault("pinterest", "user_account", "token_expired")
    for _ in range(2):
        answer = await pinterest.call("GET", "user_account")
        assert (answer.status_code, answer.json()["code"]) == (401, 2)
    form = {"grant_type": "refresh_token", "refresh_token": pinterest.tokens["refresh_token"]}
    fresh = (await pinterest_client.ask_token(sandbox, **form)).json()
    assert (await pinterest_client.Pinterest(sandbox, fresh).call("GET", "user_account")).status_code == 200
    await sandbox.fault("pinterest", "refresh", "token_expired")
    answer = await pinterest_client.ask_token(sandbox, **form | {"refresh_token": fresh["refresh_token"]})
    assert (answer.status_code, answer.json()["code"]) == (401, 2)


@pytest.mark.parametrize("operation", ["media", "media_status"])
async def test_stuck_and_failed_processing(sandbox: RunningSandbox, operation: str) -> None:
    """A stuck file is processed until the fault is cleared; a failed one is refused, and is no file of a post."""
    mastodon, pinterest = await mastodon_client.login(sandbox), await pinterest_client.login(sandbox)

    async def status(media_id: str) -> int:
        return (await mastodon.call("GET", f"media/{media_id}")).status_code

    for platform in ("mastodon", "pinterest"):
        await sandbox.fault(platform, operation, "stuck_processing")
    media_id = (await mastodon.upload(picture())).json()["id"]
    video = await pinterest.register()
    await pinterest.status(video["media_id"])
    assert (await pinterest.send(video, clip(5.0))).status_code == 204
    await status(media_id)
    await sandbox.advance(60)
    assert (await status(media_id), await pinterest.status(video["media_id"])) == (206, "processing")
    await sandbox.control("DELETE", "faults")
    assert (await status(media_id), await pinterest.status(video["media_id"])) == (200, "succeeded")
    for platform in ("mastodon", "pinterest"):
        await sandbox.fault(platform, operation, "media_error", value={"code": 1, "message": "Broken"})
    media_id = (await mastodon.upload(picture())).json()["id"]
    video = await pinterest.register()
    assert (await pinterest.send(video, clip(5.0))).status_code == 204
    for _ in range(2):
        await status(media_id)
        await pinterest.status(video["media_id"])
    failed = await mastodon.call("GET", f"media/{media_id}")
    assert (failed.status_code, failed.json()["error"]) == (422, "Broken")
    assert (await mastodon.post("x", media_ids=[media_id])).status_code == 422
    assert await pinterest.status(video["media_id"]) == "failed"


async def test_a_limit_that_a_fault_sets(sandbox: RunningSandbox) -> None:
    """429 says when to call again, as long ahead as the fault says."""
    mastodon, pinterest = await mastodon_client.login(sandbox), await pinterest_client.login(sandbox)
    await sandbox.fault("mastodon", "statuses", "platform_error", value={"code": 429, "regainMinutes": 10})
    answer = await mastodon.post()
    assert (answer.status_code, answer.json()["error"]) == (429, "Too many requests")
    assert answer.headers["x-ratelimit-remaining"] == "0"
    await sandbox.fault("pinterest", "pins", "platform_error", value={"code": 8, "regainMinutes": 10})
    answer = await pinterest.pin()
    assert (answer.status_code, answer.headers["x-ratelimit-reset"]) == (429, "600")


async def test_secrets_are_not_in_the_journal(sandbox: RunningSandbox) -> None:
    """Neither tokens nor codes, keys of apps or the app's Basic authentication are recorded."""
    mastodon, pinterest = await mastodon_client.login(sandbox), await pinterest_client.login(sandbox)
    await mastodon.post()
    await pinterest.pin()
    journal = str(await sandbox.items("requests?limit=200"))
    basic = base64.b64encode(b"1:x").decode()
    secrets = [mastodon.token, mastodon.app["client_secret"], basic]
    secrets += [pinterest.tokens[name] for name in ("access_token", "refresh_token")]
    assert [secret for secret in secrets if secret in journal] == []
