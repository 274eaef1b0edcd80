"""Connecting accounts over HTTP: success, and every failure."""

import asyncio
import re
from collections import Counter
from datetime import timedelta
from hashlib import sha256
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.accounts.login_flow import RETURN_URL, LoginFlow, error_of

from presswork.accounts.login import is_state, new_state
from presswork.accounts.store import SQL
from presswork.accounts.vault import open_verifier
from presswork.audit.model import Action
from presswork.core.timestamps import read_instant
from presswork.orgs.keys import change_key_status

PLATFORMS = ("instagram", "tiktok")


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_an_account_is_connected(login_flow: LoginFlow, platform: str) -> None:
    """After a login the return URL is unchanged, the login is connected, and the account is ready to publish."""
    login = await login_flow.begin(platform)
    assert is_state(login["state"])
    assert read_instant(login["expiresAt"]) == login_flow.clock.now() + timedelta(minutes=10)
    pending = await login_flow.status(login)
    assert (pending["status"], pending["completed"]) == ("pending", False)

    answer = await login_flow.come_back(await login_flow.decide(login, "bakery"))

    assert (answer.status_code, answer.headers["location"]) == (302, RETURN_URL)
    assert answer.headers["cache-control"] == "no-store"
    status = await login_flow.status(login)
    assert status == {
        "state": login["state"],
        "status": "connected",
        "completed": True,
        "socialAccountId": status["socialAccountId"],
        "socialAccountIds": [status["socialAccountId"]],
        "error": None,
        "expiresAt": login["expiresAt"],
    }
    account = await login_flow.account(status["socialAccountId"])
    assert (account["platform"], account["handle"], account["status"]) == (platform, "bakery", "connected")
    assert (account["projectId"], account["layerId"]) == (login_flow.project_id, None)
    assert read_instant(account["tokenExpiresAt"]) > login_flow.clock.now()
    assert account["readiness"]["publish"] == {"ready": True, "reason": None, "missingScopes": []}
    assert account["readiness"]["managed"]["reason"] == "no_managed_layer"
    assert await login_flow.accounts() == [account]


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_authorize_url_contains_the_documented_redirect_uri(login_flow: LoginFlow, platform: str) -> None:
    """The redirect URI in the authorize URL is the one that the guide says to register."""
    letter = {"instagram": "a", "tiktok": "c"}[platform]
    asked = parse_qs(urlsplit((await login_flow.begin(platform))["authorizeUrl"]).query)
    assert asked["redirect_uri"] == [f"{login_flow.api.base_url}/oauth/callback/{letter}"]


async def test_each_login_has_its_own_redirect_uri(login_flow: LoginFlow) -> None:
    """Instagram by Facebook has another redirect URI than Instagram's own login."""
    asked = parse_qs(urlsplit((await login_flow.begin("instagram", login="facebook"))["authorizeUrl"]).query)
    assert asked["redirect_uri"] == [f"{login_flow.api.base_url}/oauth/callback/b"]


async def test_tiktok_login_always_uses_pkce(login_flow: LoginFlow) -> None:
    """Each TikTok login, also a repeated one, has a new challenge in hex, and its verifier is sent with the code."""
    account = await login_flow.connect("tiktok", "bakery")
    logins = [await login_flow.begin("tiktok"), await login_flow.begin_again(account["socialAccountId"])]
    asked = [parse_qs(urlsplit(login["authorizeUrl"]).query) for login in logins]
    assert {query["code_challenge_method"][0] for query in asked} == {"S256"}
    challenges = [query["code_challenge"][0] for query in asked]
    assert all(re.fullmatch("[0-9a-f]{64}", challenge) for challenge in challenges)
    assert challenges[0] != challenges[1]
    assert [await login_flow.finish(login, "bakery") for login in logins] == [RETURN_URL, RETURN_URL]


async def test_an_app_that_demands_pkce_is_connected(login_flow: LoginFlow) -> None:
    """TikTok refuses authorize URLs without a challenge for some apps; those of Presswork have one."""
    await login_flow.sandbox("POST", "settings", {"requirePkce": True})
    assert (await login_flow.connect("tiktok", "bakery"))["status"] == "connected"


async def test_verifier_is_encrypted_and_deleted_at_the_end(login_flow: LoginFlow) -> None:
    """A verifier is stored with its login only until that ends, and only encrypted."""
    context, login = login_flow.api.context, await login_flow.begin("tiktok")
    query = "SELECT sealed_verifier FROM oauth_states WHERE state = $1"
    sealed = await context.pool.fetchval(query, login["state"])
    challenge = parse_qs(urlsplit(login["authorizeUrl"]).query)["code_challenge"][0]
    verifier = open_verifier(context.keyring, sealed)
    assert sha256(verifier.encode()).hexdigest() == challenge
    assert verifier.encode() not in sealed
    await login_flow.finish(login, "bakery")
    assert await context.pool.fetchval(query, login["state"]) is None


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_redirect_to_the_platforms_name_is_accepted(login_flow: LoginFlow, platform: str) -> None:
    """A proxy may send redirects to the older address: the code is exchanged with the one that was registered."""
    login = await login_flow.begin(platform)
    callback = await login_flow.decide(login, "bakery")
    older = re.sub("/oauth/callback/[ac]", f"/oauth/callback/{platform}", callback)
    assert (await login_flow.come_back(older)).headers["location"] == RETURN_URL


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_an_app_with_the_older_redirect_uri_keeps_working(login_flow: LoginFlow, platform: str) -> None:
    """A login whose authorize URL has the older redirect URI, such as one from before an upgrade, is finished with it."""
    login = await login_flow.begin(platform)
    login["authorizeUrl"] = re.sub("callback%2F[ac]", f"callback%2F{platform}", login["authorizeUrl"])
    callback = await login_flow.decide(login, "bakery")
    assert urlsplit(callback).path == f"/oauth/callback/{platform}"
    assert (await login_flow.come_back(callback)).headers["location"] == RETURN_URL


async def test_a_login_that_an_older_version_began_is_finished(login_flow: LoginFlow) -> None:
    """Without a stored verifier the authorize URL had no challenge, and the code is exchanged without one."""
    login = await login_flow.begin("tiktok")
    login["authorizeUrl"] = re.sub("&code_challenge(_method)?=[^&]*", "", login["authorizeUrl"])
    await login_flow.api.context.pool.execute("UPDATE oauth_states SET sealed_verifier = NULL")
    assert await login_flow.finish(login, "bakery") == RETURN_URL


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_denied_access_is_reported(login_flow: LoginFlow, platform: str) -> None:
    """The return URL has the reason in addition to its query, the login has it too, and no account is connected."""
    login = await login_flow.begin(platform)
    location = await login_flow.finish(login, "bakery", decision="deny")
    assert location == f"{RETURN_URL}&layers_oauth_error=access_denied"
    status = await login_flow.status(login)
    assert (status["status"], status["error"], status["socialAccountId"]) == ("failed", "access_denied", None)
    assert status["completed"] is False
    assert await login_flow.accounts() == []


async def test_login_expires(login_flow: LoginFlow) -> None:
    """After ten minutes the code is not exchanged, and the login has failed."""
    login = await login_flow.begin("tiktok")
    callback = await login_flow.decide(login, "bakery")
    login_flow.clock.advance(timedelta(minutes=10))
    assert (await login_flow.status(login))["error"] == "expired_state"
    assert error_of((await login_flow.come_back(callback)).headers["location"]) == "expired_state"
    assert (await login_flow.status(login))["status"] == "failed"
    assert await login_flow.calls("tiktok", "token") == []


async def test_login_works_until_its_expiry(login_flow: LoginFlow) -> None:
    """A login works just before ten minutes have passed."""
    login = await login_flow.begin("tiktok")
    callback = await login_flow.decide(login, "bakery")
    login_flow.clock.advance(timedelta(minutes=10) - timedelta(milliseconds=1))
    assert (await login_flow.come_back(callback)).headers["location"] == RETURN_URL


async def test_concurrent_redirects_exchange_the_code_once(login_flow: LoginFlow) -> None:
    """Ten concurrent redirects and a later one exchange the code once."""
    login = await login_flow.begin("instagram")
    callback = await login_flow.decide(login, "bakery")
    answers = await asyncio.gather(*(login_flow.come_back(callback) for _ in range(10)))
    answers.append(await login_flow.come_back(callback))
    errors = Counter(error_of(answer.headers["location"]) for answer in answers)
    assert errors == {None: 1, "state_used": 10}
    assert len(await login_flow.calls("instagram", "token")) == 1
    assert len(await login_flow.accounts()) == 1
    assert (await login_flow.status(login))["status"] == "connected"


async def test_a_login_whose_process_died_ends(login_flow: LoginFlow) -> None:
    """It was claimed and never finished: it fails a minute later, also on its page; one of an older version when it expires."""
    login, on_page, older = [await login_flow.begin("tiktok", url) for url in (RETURN_URL, None, RETURN_URL)]
    callbacks = [await login_flow.decide(begun, "bakery") for begun in (login, on_page, older)]
    pool = login_flow.api.context.pool
    for begun in (login, on_page, older):
        assert await pool.fetchrow(SQL["claim_login"], begun["state"], "tiktok", login_flow.clock.now())
    await pool.execute("UPDATE oauth_states SET claimed_at = NULL WHERE state = $1", older["state"])
    login_flow.clock.advance(timedelta(seconds=59))
    assert (await login_flow.status(login))["status"] == "pending"
    assert error_of((await login_flow.come_back(callbacks[0])).headers["location"]) == "state_used"
    login_flow.clock.advance(timedelta(seconds=1))
    for begun in (login, on_page):
        status = await login_flow.status(begun)
        assert (status["status"], status["error"]) == ("failed", "exchange_failed")
    assert error_of((await login_flow.come_back(callbacks[0])).headers["location"]) == "exchange_failed"
    page = await login_flow.come_back(callbacks[1])
    assert (page.status_code, "exchange_failed" in page.text) == (400, True)
    assert (await login_flow.status(older))["status"] == "pending"
    login_flow.clock.advance(timedelta(minutes=10))
    assert (await login_flow.status(older))["error"] == "exchange_failed"
    assert await login_flow.calls("tiktok", "token") == []


async def test_unknown_state_redirects_nowhere(login_flow: LoginFlow) -> None:
    """An unknown state returns a page that says what to do and contains nothing of the request."""
    for state in ("", "x", "st_", "st_01KAW2V3M8T5R7W1X4Y6Z0ABCD", "st_\x00", "st_<script>", "s" * 9000):
        answer = await login_flow.browser.get(
            "/oauth/callback/instagram", params={"state": state, "code": "<b>code", "returnUrl": "https://evil.example"}
        )
        assert (answer.status_code, answer.headers.get("location")) == (400, None)
        assert answer.headers["content-type"].startswith("text/html")
        assert "connect the account again" in answer.text
        assert not [word for word in ("script", "<b>", "evil", "01KAW2V3M8T5R7W1X4Y6Z0ABCD") if word in answer.text]


async def test_redirect_of_another_platform_does_not_claim_the_login(login_flow: LoginFlow) -> None:
    """The callback of another platform does not know the login, which stays valid."""
    login = await login_flow.begin("instagram")
    callback = await login_flow.decide(login, "bakery")
    assert (await login_flow.come_back(callback.replace("callback/a", "callback/c"))).status_code == 400
    assert (await login_flow.come_back(callback)).headers["location"] == RETURN_URL


async def test_an_unknown_platform_is_not_found(login_flow: LoginFlow) -> None:
    """An unknown platform returns 404 with the usual error body."""
    answer = await login_flow.browser.get("/oauth/callback/myspace", params={"state": "x"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_redirect_without_a_valid_code_fails(login_flow: LoginFlow, platform: str) -> None:
    """Without a valid code the person is redirected with one of the documented error codes."""
    for query, expected in (
        ({}, "exchange_failed"),
        ({"code": ""}, "exchange_failed"),
        ({"code": "made-up"}, "exchange_failed"),
        ({"code": "c" * 5000}, "exchange_failed"),
        ({"code": "\x00"}, "exchange_failed"),
        ({"error": "access_denied"}, "access_denied"),
        ({"error": "access_denied", "code": "made-up"}, "access_denied"),
        ({"error": "invalid_scope"}, "exchange_failed"),
        ({"error": "server_error"}, "platform_unavailable"),
        ({"error": "https://evil.example/&layers_oauth_error=none"}, "exchange_failed"),
    ):
        login = await login_flow.begin(platform)
        answer = await login_flow.browser.get(f"/oauth/callback/{platform}", params={**query, "state": login["state"]})
        assert answer.headers["location"] == f"{RETURN_URL}&layers_oauth_error={expected}"
        assert (await login_flow.status(login))["error"] == expected


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_unavailable_platform_fails_the_login(login_flow: LoginFlow, platform: str) -> None:
    """If the platform does not respond to the exchange, the login fails with that reason and a new one works."""
    for fault in ("http_500", "html_502", "drop_before_effect", "drop_after_effect"):
        await login_flow.fault(platform, "token", fault)
        assert error_of(await login_flow.finish(await login_flow.begin(platform), "bakery")) == "platform_unavailable"
    assert (await login_flow.connect(platform, "bakery"))["status"] == "connected"


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_existing_account_keeps_its_id(login_flow: LoginFlow, platform: str) -> None:
    """Connecting the same platform account again keeps its id, also after a disconnect."""
    first = await login_flow.connect(platform, "bakery")
    login_flow.clock.advance(timedelta(hours=1))
    again = await login_flow.connect(platform, "bakery")
    assert again["socialAccountId"] == first["socialAccountId"]
    assert read_instant(again["connectedAt"]) == login_flow.clock.now()
    await login_flow.client.delete(f"/v1/social-accounts/{first['socialAccountId']}")
    back = await login_flow.connect(platform, "bakery")
    assert (back["socialAccountId"], back["status"]) == (first["socialAccountId"], "connected")
    assert (back["disconnectedAt"], back["disconnectedReason"]) == (None, None)
    assert len(await login_flow.accounts()) == 1


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_an_account_is_connected_again_under_its_id(login_flow: LoginFlow, platform: str) -> None:
    """reauth-url connects the same account again; a login with another account fails and changes nothing."""
    account = await login_flow.connect(platform, "bakery")
    login = await login_flow.begin_again(account["socialAccountId"])
    assert await login_flow.finish(login, "bakery") == RETURN_URL
    assert (await login_flow.status(login))["socialAccountId"] == account["socialAccountId"]

    login = await login_flow.begin_again(account["socialAccountId"])
    assert error_of(await login_flow.finish(login, "florist")) == "account_mismatch"
    status = await login_flow.status(login)
    assert (status["status"], status["error"], status["socialAccountId"]) == ("failed", "account_mismatch", None)
    assert [found["handle"] for found in await login_flow.accounts()] == ["bakery"]


async def test_a_personal_account_can_be_connected(login_flow: LoginFlow) -> None:
    """A personal Instagram account can be connected; only publishing to it fails."""
    await login_flow.sandbox("POST", "accounts", {"platform": "instagram", "handle": "me", "tier": "personal"})
    assert (await login_flow.connect("instagram", "me"))["status"] == "connected"


@pytest.mark.parametrize(
    ("platform", "granted", "missing"),
    [
        ("instagram", ["instagram_business_basic"], "instagram_business_content_publish"),
        ("tiktok", ["user.info.basic", "video.upload"], "video.publish"),
    ],
)
async def test_denied_permissions_show_in_the_readiness(
    login_flow: LoginFlow, platform: str, granted: list[str], missing: str
) -> None:
    """The readiness lists missing permissions; connecting again with all of them fixes it."""
    await login_flow.sandbox("POST", "accounts", {"platform": platform, "handle": "shy", "grantedScopes": granted})
    account = await login_flow.connect(platform, "shy")
    assert account["status"] == "connected"
    assert account["readiness"]["publish"] == {
        "ready": False,
        "reason": "missing_permission",
        "missingScopes": [missing],
    }
    await login_flow.sandbox("POST", "accounts", {"platform": platform, "handle": "shy", "grantedScopes": None})
    await login_flow.finish(await login_flow.begin_again(account["socialAccountId"]), "shy")
    assert (await login_flow.account(account["socialAccountId"]))["readiness"]["publish"]["ready"] is True


@pytest.mark.parametrize("route", ["oauth-url", "reauth-url"])
async def test_return_url_must_be_on_a_return_domain(login_flow: LoginFlow, route: str) -> None:
    """A host that is not a return domain is rejected; an invalid URL is an issue of `returnUrl`."""
    body = {"platform": "tiktok"}
    if route == "reauth-url":
        body = {"socialAccountId": (await login_flow.connect("tiktok", "bakery"))["socialAccountId"]}

    async def refusal_of(url: str) -> tuple[int, Any]:
        path = f"/v1/projects/{login_flow.project_id}/social/{route}"
        answer = await login_flow.client.post(path, json={**body, "returnUrl": url})
        return answer.status_code, answer.json().get("error")

    for url in ("http://localhost:3000/done", "https://localhost/done?x=1"):
        assert await refusal_of(url) == (200, None)
    for url, host in (
        ("https://evil.example/done", "evil.example"),
        ("https://localhost.evil.example/", "localhost.evil.example"),
        ("https://localhost@evil.example/", "evil.example"),
        ("https://evil.example@localhost/", "localhost"),
        ("https://127.0.0.1/", "127.0.0.1"),
    ):
        status, error = await refusal_of(url)
        assert (status, error["code"], error["details"]["host"]) == (403, "RETURN_URL_NOT_ALLOWED", host)
    for url in (
        "https://localhost/#x",
        "https://localhost\\@evil.example/",
        "javascript:alert(1)",
        "//localhost/",
        "/done",
        "",
        "https://localhost/\x00",
        "https://localhost/" + "x" * 2048,
    ):
        status, error = await refusal_of(url)
        assert (status, error["code"]) == (422, "VALIDATION")
        assert [issue["path"] for issue in error["details"]["issues"]] == ["returnUrl"]


async def test_all_issues_of_a_body_are_reported(login_flow: LoginFlow) -> None:
    """One response contains all issues."""
    answer = await login_flow.client.post(
        f"/v1/projects/{login_flow.project_id}/social/oauth-url",
        json={"platform": "myspace", "returnUrl": "x", "usageNote": "n" * 1025, "more": 1},
    )
    paths = [issue["path"] for issue in answer.json()["error"]["details"]["issues"]]
    assert (answer.status_code, sorted(paths)) == (422, ["more", "platform", "returnUrl", "usageNote"])


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_scopes_of_a_client_are_ignored(login_flow: LoginFlow, platform: str) -> None:
    """`scopes` changes nothing about a login, on either route; only its shape is validated."""
    account = await login_flow.connect(platform, "bakery")
    for route, body in (
        ("oauth-url", {"platform": platform}),
        ("reauth-url", {"socialAccountId": account["socialAccountId"]}),
    ):
        path = f"/v1/projects/{login_flow.project_id}/social/{route}"
        asked = []
        for scopes in (None, [], ["user.info.basic", "made.up"]):
            answer = await login_flow.client.post(path, json={**body, "scopes": scopes})
            assert answer.status_code == 200, answer.text
            asked.append(parse_qs(urlsplit(answer.json()["authorizeUrl"]).query)["scope"])
        plain = await login_flow.client.post(path, json=body)
        assert asked == [parse_qs(urlsplit(plain.json()["authorizeUrl"]).query)["scope"]] * 3
        for wrong, issue in (("user.info.basic", "scopes"), ([7], "scopes[0]"), (["x"] * 101, "scopes")):
            answer = await login_flow.client.post(path, json={**body, "scopes": wrong})
            assert answer.status_code == 422
            assert [found["path"] for found in answer.json()["error"]["details"]["issues"]] == [issue]


async def test_archived_project_accepts_no_accounts(login_flow: LoginFlow) -> None:
    """A login fails if the project is archived, before it begins or before it ends."""
    account = await login_flow.connect("tiktok", "florist")
    login = await login_flow.begin("tiktok")
    callback = await login_flow.decide(login, "bakery")
    await login_flow.client.patch(f"/v1/projects/{login_flow.project_id}", json={"status": "archived"})
    assert error_of((await login_flow.come_back(callback)).headers["location"]) == "project_archived"
    assert (await login_flow.status(login))["error"] == "project_archived"
    assert len(await login_flow.accounts()) == 1
    for route, body in (
        ("oauth-url", {"platform": "tiktok"}),
        ("reauth-url", {"socialAccountId": account["socialAccountId"]}),
    ):
        answer = await login_flow.client.post(
            f"/v1/projects/{login_flow.project_id}/social/{route}", json={**body, "returnUrl": RETURN_URL}
        )
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "CONFLICT")


async def test_login_fails_if_its_key_is_revoked(login_flow: LoginFlow) -> None:
    """If the key is revoked during the login, no account is connected."""
    login = await login_flow.begin("tiktok")
    callback = await login_flow.decide(login, "bakery")
    async with login_flow.api.context.pool.acquire() as connection:
        key = login_flow.client.headers["authorization"].removeprefix("Bearer ")
        await change_key_status(connection, key, Action.KEY_REVOKE, now=login_flow.clock.now())
    assert error_of((await login_flow.come_back(callback)).headers["location"]) == "key_revoked"
    assert await login_flow.calls("tiktok", "token") == []


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_live_project_needs_the_operators_own_app(login_flow: LoginFlow, platform: str) -> None:
    """Without credentials a live login returns 503 with the name of the setting."""
    live = await login_flow.api.client(environment="live")
    project = (await live.post("/v1/projects", json={"name": "Live", "timezone": "UTC"})).json()["id"]
    answer = await live.post(
        f"/v1/projects/{project}/social/oauth-url", json={"platform": platform, "returnUrl": RETURN_URL}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "UNAVAILABLE")
    assert answer.json()["error"]["details"]["setting"].startswith("PRESSWORK_")


def test_states_can_not_be_guessed(login_flow: LoginFlow) -> None:
    """States of the same millisecond share only the timestamp; the rest is random and not incremented."""
    now = login_flow.clock.now()
    states = [new_state(now) for _ in range(100)]
    tails = sorted(int(state[-8:], 32) for state in (s.translate(_CROCKFORD) for s in states))
    assert len({state[:13] for state in states}) == 1
    assert min(later - earlier for earlier, later in pairwise(tails)) > 1


_CROCKFORD = str.maketrans("0123456789ABCDEFGHJKMNPQRSTVWXYZ", "0123456789ABCDEFGHIJKLMNOPQRSTUV")
