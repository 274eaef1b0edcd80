"""Apps that are registered with the sandbox: secrets, tokens, blocks and proofs of each, and what people request of Meta's."""

import base64
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable

import httpx2
import pytest
from tests.sandbox import linkedin_client, threads_client
from tests.sandbox.running_sandbox import BACK, JSON, TIKTOK_SCOPES, RunningSandbox, WebhookReceiver
from tests.sandbox.youtube import CLIENT, YouTube

TIKTOK = "www.tiktok.com/v2/auth/authorize/"
ASK = {"client_key": "k", "redirect_uri": BACK, "response_type": "code", "scope": TIKTOK_SCOPES, "state": "s"}
APPS = {"instagram": "1", "facebook": "1", "threads": "1", "tiktok": "k", "youtube": CLIENT, "linkedin": "app"}
"""The client ID with which the clients of the tests log in, by platform."""
OTHER = {"client_id": "2", "client_secret": "y"}
OTHER_KEY = {"client_key": "2", "client_secret": "y"}
ELSEWHERE = {"redirect_uri": "http://localhost:9/elsewhere"}


async def register(sandbox: RunningSandbox, client_id: str, **more: object) -> JSON:
    """Register an app, or change it."""
    answer = await sandbox.control("POST", "apps", {"clientId": client_id, "clientSecret": "x", **more})
    assert answer.status_code == 200, answer.text
    shown: JSON = answer.json()
    return shown


async def tiktok_code(sandbox: RunningSandbox) -> dict[str, str]:
    """Approve a login at TikTok and return the form that exchanges its code."""
    back = await sandbox.consent(TIKTOK, ASK | {"account": "brand", "decision": "approve"})
    return {"grant_type": "authorization_code", "redirect_uri": BACK, "code": back["code"]}


async def instagram_code(sandbox: RunningSandbox) -> dict[str, str]:
    """Approve a login at Instagram and return the form that exchanges its code."""
    ask = {"client_id": "1", "redirect_uri": BACK, "response_type": "code", "scope": "instagram_business_basic"}
    back = await sandbox.consent("www.instagram.com/oauth/authorize", ask | {"account": "luna", "decision": "approve"})
    form = {"client_id": "1", "client_secret": "x", "grant_type": "authorization_code", "redirect_uri": BACK}
    return {**form, "code": back["code"]}


async def test_a_registered_app_has_a_name_and_a_secret(sandbox: RunningSandbox) -> None:
    """Its own secret alone is right, other apps are not concerned, and wrong values are refused."""
    app = {"clientId": "k", "clientSecret": "right", "name": "Bakery & Co"}
    shown = {
        "clientId": "k",
        "name": "Bakery & Co",
        "blocked": False,
        "requireProof": False,
        "deauthorizeUrl": None,
        "dataDeletionUrl": None,
    }
    answer = await sandbox.control("POST", "apps", app)
    assert (answer.status_code, answer.json()) == (200, shown)
    assert await sandbox.items("apps") == [shown]
    page = await sandbox.http.get(f"/sandbox/{TIKTOK}", params=ASK)
    assert "Bakery &amp; Co wants to use your account" in page.text
    code = await tiktok_code(sandbox)
    assert (await sandbox.tiktok_token(**code)).json()["error"] == "invalid_client"
    assert "access_token" in (await sandbox.tiktok_token(**code, client_secret="right")).json()
    assert "access_token" in (await sandbox.tiktok_token(grant_type="client_credentials", client_key="other")).json()
    for wrong in (
        {"clientSecret": "s"},
        app | {"blocked": "yes"},
        app | {"secret": "s"},
        {"clientId": "new"},
        app | {"deauthorizeUrl": "x"},
    ):
        assert (await sandbox.control("POST", "apps", wrong)).status_code == 400, wrong
    await sandbox.control("POST", "reset")
    assert await sandbox.items("apps") == []


async def test_another_app_gets_nothing(sandbox: RunningSandbox) -> None:
    """Exchange, refresh, revocation and inspection with another app's ID, secret or redirect URI are refused in the platform's words."""
    for client_id in APPS.values():
        await register(sandbox, client_id)
    await register(sandbox, "2", clientSecret="y")
    await sandbox.control("POST", "linkedin", {"refreshTokens": True})
    code, form = await instagram_code(sandbox), await tiktok_code(sandbox)
    facebook = {"code": await sandbox.facebook_code("luna"), "redirect_uri": BACK}
    threads, linkedin = (
        await threads_client.authorize(sandbox, "luna"),
        (await linkedin_client.redirected(sandbox, "mira", linkedin_client.MEMBER_SCOPES))["code"],
    )
    youtube = YouTube(sandbox)
    google = (await youtube.ask())["code"]

    async def instagram(more: dict[str, str]) -> httpx2.Response:
        return await sandbox.http.post("/sandbox/api.instagram.com/oauth/access_token", data=code | more)

    exchanges: dict[str, Callable[[dict[str, str]], Awaitable[httpx2.Response]]] = {
        "instagram": instagram,
        "facebook": lambda more: sandbox.facebook_token(**facebook | more),
        "threads": lambda more: threads_client.exchange(sandbox, threads, **more),
        "tiktok": lambda more: sandbox.tiktok_token(**form | more),
        "youtube": lambda more: youtube.exchange(google, **more),
        "linkedin": lambda more: linkedin_client.exchanged(sandbox, linkedin, **more),
    }
    secret, redirect = "Error validating client secret.", "make sure your redirect_uri is identical"
    words = {
        "instagram": (secret, "Matching code was not found", redirect),
        "facebook": (secret, "Invalid verification code format.", redirect),
        "threads": (secret, "Matching code was not found", redirect),
        "tiktok": ("invalid_client", "invalid_client", "Redirect_uri is not matched"),
        "youtube": ("invalid_client", "invalid_grant", "redirect_uri_mismatch"),
        "linkedin": ("invalid_client", "invalid_redirect_uri", "invalid_redirect_uri"),
    }
    wrong, tokens = [], {}
    for name, exchange in exchanges.items():
        other = OTHER_KEY if name == "tiktok" else OTHER
        for changed, expected in zip(({"client_secret": "y"}, other, ELSEWHERE), words[name], strict=True):
            answer = await exchange(changed)
            if answer.status_code not in {400, 401} or expected not in answer.text:
                wrong.append((name, changed, answer.status_code, answer.text))
        tokens[name] = (await exchange({})).json()
    assert [name for name, made in tokens.items() if "access_token" not in made] == []
    person, foreign = (
        tokens["facebook"]["access_token"],
        await sandbox.facebook_login("luna", app="2", client_secret="y"),
    )
    short = tokens["instagram"]["access_token"]
    revoke = {"client_secret": "y", "token": tokens["tiktok"]["access_token"]}
    fresh = {"grant_type": "refresh_token", "refresh_token": tokens["linkedin"]["refresh_token"], **OTHER}
    mismatch = "The App_id in the input_token did not match the Viewing App"
    url = f"{linkedin_client.WWW}/oauth/v2"
    later = (
        (await sandbox.graph(short, "GET", "access_token", grant_type="ig_exchange_token", client_secret="y"), secret),
        (
            await sandbox.facebook_token(grant_type="fb_exchange_token", fb_exchange_token=person, **OTHER),
            "another app",
        ),
        (await sandbox.facebook(foreign, "GET", "debug_token", input_token=person), mismatch),
        (await sandbox.facebook("2|y", "GET", "debug_token", input_token=person), mismatch),
        (
            await sandbox.tiktok_token(
                grant_type="refresh_token", refresh_token=tokens["tiktok"]["refresh_token"], **OTHER_KEY
            ),
            "invalid_grant",
        ),
        (
            await sandbox.http.post("/sandbox/open.tiktokapis.com/v2/oauth/revoke/", data=revoke | OTHER_KEY),
            "invalid_grant",
        ),
        (await youtube.refresh(tokens["youtube"]["refresh_token"], **OTHER), "unauthorized_client"),
        (await sandbox.http.post(f"{url}/accessToken", data=fresh), "invalid_grant"),
        (
            await sandbox.http.post(f"{url}/revoke", data=OTHER | {"token": tokens["linkedin"]["access_token"]}),
            "invalid_request",
        ),
    )
    wrong += [("later", {}, one.status_code, one.text) for one, text in later if one.is_success or text not in one.text]
    assert wrong == []
    assert (await sandbox.facebook("1|x", "GET", "debug_token", input_token=person)).json()["data"]["is_valid"]
    alive = await sandbox.tiktok(tokens["tiktok"]["access_token"], "post/publish/creator_info/query")
    assert alive.status_code == 200, "what was refused has revoked nothing"


async def test_a_blocked_app_opens_nothing_until_it_is_let_in_again(sandbox: RunningSandbox) -> None:
    """Its page, its token calls and its tokens are refused as the platform words it, and those of another app live on."""
    for client_id in APPS.values():
        await register(sandbox, client_id)
    youtube = YouTube(sandbox)
    await youtube.login()
    tiktok = (await sandbox.tiktok_login("brand"))["access_token"]
    linkedin, _ = await linkedin_client.member(sandbox)
    threads = await threads_client.login(sandbox)
    instagram, facebook = await sandbox.graph_login("luna"), await sandbox.facebook_login("luna")
    calls: dict[str, tuple[Callable[[], Awaitable[httpx2.Response]], int, str]] = {
        "instagram": (lambda: sandbox.graph(instagram, "GET", "me"), 403, "API access blocked."),
        "facebook": (lambda: sandbox.facebook(facebook, "GET", "me"), 403, "API access blocked."),
        "facebook token": (
            lambda: sandbox.facebook_token(grant_type="client_credentials"),
            403,
            "API access blocked.",
        ),
        "threads": (lambda: threads.call("GET", "me"), 403, "API access blocked."),
        "tiktok": (lambda: sandbox.tiktok(tiktok, "post/publish/creator_info/query"), 401, "access_token_invalid"),
        "tiktok token": (lambda: sandbox.tiktok_token(grant_type="client_credentials"), 401, "invalid_client"),
        "youtube": (
            lambda: youtube.call("GET", "youtube/v3/channels", part="id", mine="true"),
            403,
            "Consumer 'project:4711' has been suspended.",
        ),
        "youtube token": (youtube.refresh, 401, "disabled_client"),
        "linkedin": (lambda: linkedin.call("GET", "v2/userinfo"), 401, "REVOKED_ACCESS_TOKEN"),
    }
    other = await sandbox.facebook_login("luna", app="2")

    async def wrong(*, is_blocked: bool) -> list[tuple[str, int, str]]:
        found = []
        for name, (call, status, text) in calls.items():
            answer = await call()
            refused = answer.status_code == status and text in answer.text
            if (is_blocked and not refused) or (not is_blocked and answer.status_code != 200):
                found.append((name, answer.status_code, answer.text))
        return found

    assert await wrong(is_blocked=False) == []
    for client_id in APPS.values():
        await sandbox.control("POST", "apps", {"clientId": client_id, "blocked": True})
    assert await wrong(is_blocked=True) == []
    assert (await sandbox.facebook(other, "GET", "me")).status_code == 200
    ask = {"client_id": "1", "redirect_uri": BACK, "response_type": "code", "scope": "pages_show_list", "state": "s"}
    page = await sandbox.http.get("/sandbox/www.facebook.com/v25.0/dialog/oauth", params=ask)
    assert (page.status_code, "has blocked this app" in page.text) == (400, True)
    for client_id in APPS.values():
        await sandbox.control("POST", "apps", {"clientId": client_id, "blocked": False})
    assert await wrong(is_blocked=False) == []


async def test_calls_of_metas_apps_prove_their_secret(sandbox: RunningSandbox) -> None:
    """A wrong proof is refused for registered apps, a missing one if the app requires it, and of unknown apps any is ignored."""
    token = await sandbox.facebook_login("luna")

    async def answer(secret: str | None) -> str | None:
        """Return how a call is refused that has the proof of a secret."""
        proof = {} if secret is None else {"appsecret_proof": _proof(secret, token)}
        error = (await sandbox.facebook(token, "GET", "me", **proof)).json().get("error", {})
        assert (error.get("type"), error.get("code")) in {(None, None), ("GraphMethodException", 100)}, error
        return None if not error else str(error["message"])

    wrong = "Invalid appsecret_proof provided in the API argument"
    missing = "API calls from the server require an appsecret_proof argument"
    assert [await answer(secret) for secret in (None, "another")] == [None, None]
    await register(sandbox, "1")
    assert [await answer(secret) for secret in (None, "another", "x")] == [None, wrong, None]
    await register(sandbox, "1", requireProof=True)
    assert [await answer(secret) for secret in (None, "another", "x")] == [missing, wrong, None]
    seen = await sandbox.facebook(token, "GET", "debug_token", input_token=token)
    assert seen.json()["error"]["message"] == missing
    other = await sandbox.facebook_login("luna", app="2")
    assert (await sandbox.facebook(other, "GET", "me")).status_code == 200


def _proof(secret: str, token: str) -> str:
    return hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()


@pytest.mark.parametrize("kind", ["deauthorize", "data-deletion"])
async def test_people_write_to_one_app(sandbox: RunningSandbox, webhook_receiver: WebhookReceiver, kind: str) -> None:
    """The app gets who it is, signed with its secret, at the URL for it; what was granted to it ends, and to another app not."""
    url = f"{webhook_receiver.address}/{kind}"
    name = {"deauthorize": "deauthorizeUrl", "data-deletion": "dataDeletionUrl"}[kind]
    await register(sandbox, "1", **{name: url})
    await register(sandbox, "2", clientSecret="y", **{name: url})
    other = await sandbox.facebook_login("luna", app="2", client_secret="y")
    instagram, facebook = await sandbox.graph_login("luna"), await sandbox.facebook_login("nova")
    threads = await threads_client.login(sandbox, "luna")
    mine = (
        ("instagram", "luna", await sandbox.graph(instagram, "GET", "me", fields="id")),
        ("instagram", "nova", await sandbox.facebook(facebook, "GET", "me", fields="id")),
        ("threads", "luna", await threads.call("GET", "me", {"fields": "id"})),
    )
    for platform, handle, known in mine:
        body = {"platform": platform, "handle": handle}
        sent = await sandbox.control("POST", f"apps/1/{kind}", body)
        assert sent.json() == {"url": url, "userId": known.json()["id"], "status": 200, "body": ""}, sent.text
        form = webhook_receiver.reports[-1].form
        signature, _, payload = form["signed_request"].partition(".")
        digest = hmac.digest(b"x", payload.encode(), hashlib.sha256)
        assert base64.urlsafe_b64decode(signature + "=") == digest
        signed = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        assert (signed["user_id"], signed["algorithm"]) == (known.json()["id"], "HMAC-SHA256")
    for dead in (
        await sandbox.graph(instagram, "GET", "me"),
        await sandbox.facebook(facebook, "GET", "me"),
        await threads.call("GET", "me"),
    ):
        assert (dead.json()["error"]["code"], dead.json()["error"]["error_subcode"]) == (190, 458)
    assert (await sandbox.facebook(other, "GET", "me")).status_code == 200
    for path, handle, reason in (
        ("apps/3", "luna", "has no"),
        ("apps/2", "nova", "was not connected"),
        ("apps/1", "unknown", "No account"),
    ):
        refused = await sandbox.control("POST", f"{path}/{kind}", {"platform": "instagram", "handle": handle})
        assert (refused.status_code, reason in refused.text) == (400, True), refused.text
    assert len(webhook_receiver.reports) == len(mine)
