"""What the control surface can make the platforms demand of apps: PKCE and one app secret; and tokens of apps."""

import base64
import hashlib

import pytest
from tests.sandbox import mastodon_client, pinterest_client
from tests.sandbox.running_sandbox import BACK, JSON, TIKTOK_SCOPES, RunningSandbox

TIKTOK = "www.tiktok.com/v2/auth/authorize/"
ASK = {"client_key": "k", "redirect_uri": BACK, "response_type": "code", "scope": TIKTOK_SCOPES, "state": "s"}
APPROVE = {"account": "brand", "decision": "approve"}
VERIFIER = "v" * 43
DIGEST = hashlib.sha256(VERIFIER.encode())
HEX = {"code_challenge": DIGEST.hexdigest(), "code_challenge_method": "S256"}
DEFAULTS: JSON = {"requirePkce": False, "requireSecret": None}


async def settings(sandbox: RunningSandbox, **changes: object) -> JSON:
    """Change settings and return all of them."""
    answer = await sandbox.control("POST", "settings", changes)
    assert answer.status_code == 200, answer.text
    made: JSON = answer.json()
    return made


async def tiktok_code(sandbox: RunningSandbox, **more: str) -> dict[str, str]:
    """Approve a login at TikTok and return the form that exchanges its code."""
    back = await sandbox.consent(TIKTOK, ASK | APPROVE | more)
    return {"grant_type": "authorization_code", "redirect_uri": BACK, "code": back["code"]}


async def test_settings_are_read_changed_and_restored(sandbox: RunningSandbox) -> None:
    """A change leaves what it does not name; null, DELETE and a reset restore defaults; wrong values are refused."""
    assert (await sandbox.control("GET", "settings")).json() == DEFAULTS
    assert await settings(sandbox, requirePkce=True) == {"requirePkce": True, "requireSecret": None}
    assert await settings(sandbox, requireSecret="s") == {"requirePkce": True, "requireSecret": "s"}
    assert await settings(sandbox, requirePkce=None) == {"requirePkce": False, "requireSecret": "s"}
    for wrong in ({"requirePkce": "yes"}, {"requireSecret": 5}, {"requireSecret": ""}, {"requirePKCE": True}):
        answer = await sandbox.control("POST", "settings", wrong)
        assert answer.status_code == 400
        assert next(iter(wrong)) in answer.json()["error"]["message"]
    assert (await sandbox.control("GET", "settings")).json()["requireSecret"] == "s"
    assert (await sandbox.control("DELETE", "settings")).json() == DEFAULTS
    await settings(sandbox, requirePkce=True)
    await sandbox.control("POST", "reset")
    assert (await sandbox.control("GET", "settings")).json() == DEFAULTS


async def test_tiktok_demands_pkce_while_the_setting_is_on(sandbox: RunningSandbox) -> None:
    """Without a challenge the page says what TikTok's says, and a code issued before can't be exchanged."""
    before = await tiktok_code(sandbox)
    await settings(sandbox, requirePkce=True)
    page = await sandbox.http.get(f"/sandbox/{TIKTOK}", params=ASK | APPROVE)
    assert page.status_code == 400
    assert "correct the following and try again: code_challenge" in page.text
    invalid = {"error": "invalid_request", "error_description": "Code verifier or code challenge is invalid."}
    late = (await sandbox.tiktok_token(**before, code_verifier=VERIFIER)).json()
    assert {name: late[name] for name in invalid} == invalid
    with_challenge = await tiktok_code(sandbox, **HEX)
    forgot = (await sandbox.tiktok_token(**with_challenge)).json()
    assert {name: forgot[name] for name in invalid} == invalid
    good = await sandbox.tiktok_token(**with_challenge, code_verifier=VERIFIER)
    assert good.json()["access_token"].startswith("act."), "a wrong verifier does not use the code up"
    await settings(sandbox, requirePkce=False)
    assert (await sandbox.tiktok_token(**await tiktok_code(sandbox), code_verifier="v")).status_code == 200


async def test_base64url_challenge_passes_the_page_and_fails_the_exchange(sandbox: RunningSandbox) -> None:
    """As at TikTok, the mistake is found only when the code is exchanged; `plain` is refused by the page."""
    await settings(sandbox, requirePkce=True)
    wrong = base64.urlsafe_b64encode(DIGEST.digest()).decode().rstrip("=")
    form = await tiktok_code(sandbox, code_challenge=wrong, code_challenge_method="S256")
    answer = await sandbox.tiktok_token(**form, code_verifier=VERIFIER)
    assert answer.json()["error"] == "invalid_request"
    plain = {"code_challenge": VERIFIER, "code_challenge_method": "plain"}
    assert (await sandbox.http.get(f"/sandbox/{TIKTOK}", params=ASK | APPROVE | plain)).status_code == 400


async def test_tiktok_client_token(sandbox: RunningSandbox) -> None:
    """An app gets its own token, which opens no person's data; it counts as a separate operation."""
    answer = await sandbox.tiktok_token(grant_type="client_credentials")
    made = answer.json()
    assert (made["access_token"][:4], made["expires_in"], made["token_type"]) == ("clt.", 7200, "Bearer")
    refused = await sandbox.tiktok(made["access_token"], "post/publish/creator_info/query", {})
    assert refused.json()["error"]["code"] == "access_token_invalid"
    [call] = await sandbox.calls(operation="client_token")
    assert (call["request"]["client_secret"], call["response"]["access_token"]) == ("[redacted]", "[redacted]")
    url = "/sandbox/open.tiktokapis.com/v2/oauth/token/"
    missing = await sandbox.http.post(url, data={"client_key": "k", "grant_type": "client_credentials"})
    assert missing.json()["error"] == "invalid_request"
    await sandbox.fault("tiktok", "client_token", "platform_error", value={"code": "invalid_client"})
    failing = await sandbox.tiktok_token(grant_type="client_credentials")
    assert (failing.status_code, failing.json()["error"]) == (401, "invalid_client")


async def test_tiktok_demands_one_secret(sandbox: RunningSandbox) -> None:
    """Each token call with another secret returns TikTok's words, and changes nothing."""
    login = await sandbox.tiktok_login("brand")
    code = await tiktok_code(sandbox)
    await settings(sandbox, requireSecret="right")
    refresh = {"grant_type": "refresh_token", "refresh_token": login["refresh_token"]}
    client = {"grant_type": "client_credentials"}
    for form in (client, code, refresh):
        answer = await sandbox.tiktok_token(**form)
        refused = answer.json()
        assert (answer.status_code, refused["error"]) == (401, "invalid_client")
        assert refused["error_description"] == "Client key or secret is incorrect."
    revoke = {"client_key": "k", "client_secret": "x", "token": login["access_token"]}
    answer = await sandbox.http.post("/sandbox/open.tiktokapis.com/v2/oauth/revoke/", data=revoke)
    assert answer.json()["error"] == "invalid_client"
    for form in (client, code, refresh):
        answer = await sandbox.tiktok_token(**form, client_secret="right")
        assert "access_token" in answer.json(), answer.text


@pytest.mark.parametrize("grant", ["client_credentials", "code", "fb_exchange_token"])
async def test_facebook_demands_one_secret(sandbox: RunningSandbox, grant: str) -> None:
    """Each token call with another secret is code 1, with Facebook's words, and changes nothing."""
    if grant == "code":
        form = {"code": await sandbox.facebook_code("brand"), "redirect_uri": BACK}
    elif grant == "fb_exchange_token":
        form = {"grant_type": grant, grant: await sandbox.facebook_login("brand", long=False)}
    else:
        form = {"grant_type": grant}
    await settings(sandbox, requireSecret="right")
    answer = await sandbox.facebook_token(**form)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["type"]) == (400, 1, "OAuthException")
    assert error["message"] == "Error validating client secret."
    answer = await sandbox.facebook_token(**form, client_secret="right")
    assert "access_token" in answer.json(), answer.text


async def test_facebook_app_token(sandbox: RunningSandbox) -> None:
    """An app's token inspects tokens, unless its secret is another one; it counts as a separate operation."""
    person = await sandbox.facebook_login("brand")
    token = (await sandbox.facebook_token(grant_type="client_credentials")).json()["access_token"]
    assert len(await sandbox.calls(operation="app_token")) == 1
    assert (await sandbox.facebook(token, "GET", "debug_token", input_token=person)).json()["data"]["is_valid"]
    await settings(sandbox, requireSecret="right")
    error = (await sandbox.facebook(token, "GET", "debug_token", input_token=person)).json()["error"]
    assert (error["code"], error["message"]) == (190, "Invalid OAuth access token signature.")
    assert (await sandbox.facebook("1|right", "GET", "debug_token", input_token=person)).status_code == 200


async def test_instagram_demands_one_secret(sandbox: RunningSandbox) -> None:
    """api.instagram.com refuses another secret in its own envelope; graph.instagram.com before it looks at the token."""
    ask = {"client_id": "1", "redirect_uri": BACK, "response_type": "code", "scope": "instagram_business_basic"}
    code = (await sandbox.consent("www.instagram.com/oauth/authorize", ask | APPROVE))["code"]
    await settings(sandbox, requireSecret="right")
    form = {"client_id": "1", "client_secret": "x", "grant_type": "authorization_code", "redirect_uri": BACK}
    url = "/sandbox/api.instagram.com/oauth/access_token"
    refused = (await sandbox.http.post(url, data=form | {"code": code})).json()
    assert refused == {
        "error_type": "OAuthException",
        "code": 400,
        "error_message": "Error validating client secret.",
    }
    good = (await sandbox.http.post(url, data=form | {"code": code, "client_secret": "right"})).json()
    exchange = {"grant_type": "ig_exchange_token", "client_secret": "x"}
    wrong = (await sandbox.graph("nonsense", "GET", "access_token", **exchange)).json()["error"]
    assert (wrong["code"], wrong["message"]) == (100, "Error validating client secret.")
    exchange["client_secret"] = "right"
    unknown = (await sandbox.graph("nonsense", "GET", "access_token", **exchange)).json()["error"]
    assert unknown["code"] == 190, "the secret is right, the token is not"
    assert (await sandbox.graph(good["access_token"], "GET", "access_token", **exchange)).status_code == 200


async def test_mastodon_and_pinterest_demand_one_secret(sandbox: RunningSandbox) -> None:
    """The secret of an app that a Mastodon server registered stays its own; of all others the set one alone is right."""
    registered = (await mastodon_client.register(sandbox)).json()
    codes = {name: await mastodon_client.authorize(sandbox, name, "luna") for name in (registered["client_id"], "mine")}
    code = await pinterest_client.authorize(sandbox, "luna")
    await settings(sandbox, requireSecret="right")
    own = await mastodon_client.exchange(sandbox, registered, codes[registered["client_id"]])
    assert own.status_code == 200
    for secret, status in (("x", 401), ("right", 200)):
        app = {"client_id": "mine", "client_secret": secret}
        assert (await mastodon_client.exchange(sandbox, app, codes["mine"])).status_code == status
        url = f"/sandbox/{pinterest_client.LIVE}/v5/oauth/token"
        form = {"grant_type": "authorization_code", "redirect_uri": BACK, "code": code}
        assert (await sandbox.http.post(url, data=form, auth=("1", secret))).status_code == status
    page = await sandbox.http.get(
        f"/sandbox/{mastodon_client.HOST}/oauth/authorize",
        params={"client_id": registered["client_id"], "redirect_uri": BACK, "response_type": "code", "scope": "read"},
    )
    assert "Bakery wants to use your account" in page.text
    await sandbox.control("POST", "apps", {"clientId": registered["client_id"], "clientSecret": "x"})
    blocked = {"clientId": registered["client_id"], "blocked": True}
    assert (await sandbox.control("POST", "apps", blocked)).status_code == 200
    form = {name: registered[name] for name in ("client_id", "client_secret")} | {"token": own.json()["access_token"]}
    refused = await sandbox.http.post(f"/sandbox/{mastodon_client.HOST}/oauth/revoke", data=form)
    assert (refused.status_code, refused.json()["error"]) == (403, "unauthorized_client")
