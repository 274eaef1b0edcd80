"""Consent pages and tokens of both platforms: exchange, refresh, expiry and revocation."""

import asyncio
import base64
import hashlib
import re
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import pytest
from tests.every_row import every_row
from tests.sandbox.running_sandbox import BACK, IG_SCOPES, JSON, TIKTOK_SCOPES, RunningSandbox

IG = "www.instagram.com/oauth/authorize"
TIKTOK = "www.tiktok.com/v2/auth/authorize/"
FACEBOOK = "www.facebook.com/v25.0/dialog/oauth"
IG_ASK = {"client_id": "1", "redirect_uri": BACK, "response_type": "code", "scope": IG_SCOPES, "state": "a b"}
TIKTOK_ASK = {"client_key": "k", "redirect_uri": BACK, "response_type": "code", "scope": TIKTOK_SCOPES, "state": "s"}
APPROVE = {"account": "brand", "decision": "approve"}


async def exchange(sandbox: RunningSandbox, code: str, **more: str) -> JSON:
    """Exchange a code at api.instagram.com."""
    form = {"client_id": "1", "client_secret": "x", "grant_type": "authorization_code", "redirect_uri": BACK}
    answer = await sandbox.http.post("/sandbox/api.instagram.com/oauth/access_token", data=form | {"code": code} | more)
    made: JSON = answer.json()
    return made


async def test_instagram_redirect_ends_in_a_fragment(sandbox: RunningSandbox) -> None:
    """The redirect has code and state, keeps the query of the redirect URI, and ends in #_."""
    ask = IG_ASK | APPROVE | {"redirect_uri": BACK + "?keep=1"}
    answer = await sandbox.http.get(f"/sandbox/{IG}", params=ask)
    location = answer.headers["location"]
    assert answer.status_code == 302
    assert location.startswith(BACK + "?keep=1&code=AQ")
    assert location.endswith("&state=a+b#_")
    old = await sandbox.http.get("/sandbox/api.instagram.com/oauth/authorize", params=IG_ASK | APPROVE)
    assert old.status_code == 302


@pytest.mark.parametrize(("page", "ask"), [(IG, IG_ASK), (TIKTOK, TIKTOK_ASK)])
async def test_denied_consent(sandbox: RunningSandbox, page: str, ask: dict[str, str]) -> None:
    """Denying redirects with access_denied and the state, and creates no account."""
    back = await sandbox.consent(page, ask | {"account": "brand", "decision": "deny"})
    assert (back["error"], back["state"]) == ("access_denied", ask["state"])
    assert await sandbox.items("accounts") == []


@pytest.mark.parametrize(("page", "ask"), [(IG, IG_ASK), (TIKTOK, TIKTOK_ASK)])
async def test_consent_page_offers_accounts_and_permissions(
    sandbox: RunningSandbox, page: str, ask: dict[str, str]
) -> None:
    """The page has every account of the platform and every permission; an unselected permission is not granted."""
    platform = "instagram" if page == IG else "tiktok"
    await sandbox.account(platform, "known")
    await sandbox.account("tiktok" if page == IG else "instagram", "elsewhere")
    answer = await sandbox.http.get(f"/sandbox/{page}", params=ask)
    assert answer.headers["content-type"].startswith("text/html")
    assert 'value="known"' in answer.text
    assert "elsewhere" not in answer.text
    for scope in ask["scope"].split(","):
        assert f'name="grant" value="{scope}"' in answer.text
    kept = ask["scope"].split(",")[1]
    back = await sandbox.consent(page, ask | {"account": "known", "decision": "approve", "chosen": "1", "grant": kept})
    if platform == "instagram":
        granted = (await exchange(sandbox, back["code"]))["permissions"]
    else:
        answer = await sandbox.tiktok_token(grant_type="authorization_code", code=back["code"], redirect_uri=BACK)
        granted = answer.json()["scope"].split(",")
    assert granted == [ask["scope"].split(",")[0], kept], "the basic one can't be unticked"


INVALID = {
    "client": "client_id",
    "redirect_uri": "redirect_uri",
    "scope": "Unknown scopes: javascript:&lt;alert&gt;.",
    "response_type": "response_type",
    "decision": "neither approve nor deny",
    "account": "1 to 64 letters",
}


async def test_invalid_authorize_url(sandbox: RunningSandbox) -> None:
    """An invalid authorize URL shows an error page that says what is wrong, and does not redirect."""
    rows: list[tuple[str, dict[str, str]]] = [(IG, IG_ASK), (TIKTOK, TIKTOK_ASK)]
    with every_row() as row:
        for wrong, words in INVALID.items():
            for page, ask in rows:
                with row(wrong, page, ask):
                    params = ask | APPROVE
                    if wrong == "client":
                        params = {
                            name: value for name, value in params.items() if name not in {"client_id", "client_key"}
                        }
                    else:
                        params[wrong] = "javascript:<alert>"
                    answer = await sandbox.http.get(f"/sandbox/{page}", params=params)
                    assert answer.status_code == 400
                    assert "<alert>" not in answer.text
                    expected = words.replace("client_id", "client_key" if page == TIKTOK else "client_id")
                    assert expected in answer.text


async def way_back(sandbox: RunningSandbox, page: str, params: dict[str, str]) -> str:
    """Return the link of an error page."""
    answer = await sandbox.http.get(f"/sandbox/{page}", params=params)
    assert answer.status_code == 400
    (link,) = re.findall(r'<a [^>]*href="([^"]+)"', answer.text)
    return unescape(link)


@pytest.mark.parametrize(
    ("page", "ask", "code"),
    [
        (IG, IG_ASK, {"error": "invalid_scope", "error_description": "Unknown scopes: dance. This login has:"}),
        (TIKTOK, TIKTOK_ASK, {"error": "invalid_scope", "error_type": "invalid_scope"}),
        (FACEBOOK, IG_ASK, {"error_code": "100", "error_message": "Unknown scopes: dance. This login has:"}),
    ],
)
async def test_an_error_page_leads_back_to_the_app(
    sandbox: RunningSandbox, page: str, ask: dict[str, str], code: dict[str, str]
) -> None:
    """The link has the platform's own error and the state, and keeps the query of the redirect URI."""
    params = ask | {"scope": "dance", "redirect_uri": f"{BACK}?keep=1"}
    link = urlsplit(await way_back(sandbox, page, params))
    assert f"{link.scheme}://{link.netloc}{link.path}" == BACK
    query = dict(parse_qsl(link.query))
    assert (query["keep"], query["state"]) == ("1", ask["state"])
    assert {name: query[name][: len(start)] for name, start in code.items()} == code


async def test_an_error_page_without_a_way_back_leads_to_the_accounts(sandbox: RunningSandbox) -> None:
    """Without a redirect address that can be trusted, the link leads to the sandbox's own start page."""
    rows: list[str] = ["", "nowhere", "javascript://%0Aalert(1)", " javascript://%0Aalert(1)", "data://x"]
    with every_row() as row:
        for address in rows:
            with row(address):
                for page, ask in ((IG, IG_ASK), (TIKTOK, TIKTOK_ASK), (FACEBOOK, IG_ASK)):
                    assert await way_back(sandbox, page, ask | {"redirect_uri": address}) == "/sandbox/"


@pytest.mark.parametrize(("page", "ask"), [(IG, IG_ASK), (TIKTOK, TIKTOK_ASK), (FACEBOOK, IG_ASK | {"scope": ""})])
async def test_an_invalid_choice_shows_the_page_again(sandbox: RunningSandbox, page: str, ask: dict[str, str]) -> None:
    """No account, or a handle that no platform allows: the page says so, keeps what was ticked, and works then."""
    await sandbox.account("tiktok" if page == TIKTOK else "instagram", "brand")
    ticked = {"chosen": "1", "grant": "none"}
    for answer, sentence in (
        ({}, "You chose no account. Choose one, or enter a handle."),
        ({"new_account": "no spaces"}, "A handle is 1 to 64 letters"),
    ):
        shown = await sandbox.http.get(f"/sandbox/{page}", params=ask | ticked | answer | {"decision": "approve"})
        assert shown.status_code == 400
        assert sentence in shown.text
        assert 'name="account" value="brand"' in shown.text
        assert shown.text.count('name="grant"') - 1 == len(re.findall(r'name="grant" value="[^"]+">', shown.text))
        assert 'type="hidden" name="decision"' not in shown.text
    back = await sandbox.consent(page, ask | APPROVE)
    assert back["code"]
    assert [account["handle"] for account in await sandbox.items("accounts")] == ["brand"]


async def test_instagram_code_works_once_for_an_hour_and_one_redirect_uri(sandbox: RunningSandbox) -> None:
    """Another redirect_uri, a second use, an hour later and a code with #_ return the envelope of api.instagram.com."""
    code = (await sandbox.consent(IG, IG_ASK | APPROVE))["code"]
    other = await exchange(sandbox, code, redirect_uri=BACK + "/")
    assert (other["error_type"], other["code"]) == ("OAuthException", 400)
    assert "error_message" in await exchange(sandbox, code + "#_")
    good = await exchange(sandbox, code)
    assert good["access_token"].startswith("IG")
    assert good["user_id"].startswith("1784")
    assert good["permissions"] == IG_SCOPES.split(",")
    assert "already used" in (await exchange(sandbox, code))["error_message"]
    late = (await sandbox.consent(IG, IG_ASK | APPROVE))["code"]
    await sandbox.advance(3600)
    assert "error_message" in await exchange(sandbox, late)


async def test_instagram_refresh_rules(sandbox: RunningSandbox) -> None:
    """A refresh is refused before 24 hours and after 60 days; in between it returns a new token, and the old one works."""
    token = await sandbox.graph_login("brand")
    query = {"grant_type": "ig_refresh_token"}
    assert (await sandbox.graph(token, "GET", "refresh_access_token", **query)).status_code == 400
    await sandbox.advance(86_400)
    fresh = (await sandbox.graph(token, "GET", "refresh_access_token", **query)).json()
    assert fresh["access_token"] != token
    assert (fresh["token_type"], fresh["expires_in"]) == ("bearer", 60 * 86_400)
    assert (await sandbox.graph(token, "GET", "me")).status_code == 200
    await sandbox.advance(59 * 86_400)
    dead = await sandbox.graph(token, "GET", "refresh_access_token", **query)
    assert (dead.json()["error"]["code"], dead.json()["error"]["error_subcode"]) == (190, 463)
    assert (await sandbox.graph(fresh["access_token"], "GET", "me")).status_code == 200


async def test_instagram_short_token_expires_after_an_hour(sandbox: RunningSandbox) -> None:
    """A short-lived token works at once, can't be refreshed, and expires after an hour."""
    token = await sandbox.graph_login("brand", long=False)
    assert (await sandbox.graph(token, "GET", "me")).status_code == 200
    refused = await sandbox.graph(token, "GET", "refresh_access_token", grant_type="ig_refresh_token")
    assert refused.status_code == 400
    await sandbox.advance(3600)
    assert (await sandbox.graph(token, "GET", "me")).json()["error"]["error_subcode"] == 463


async def test_instagram_revoke_and_no_token(sandbox: RunningSandbox) -> None:
    """Revoking invalidates all tokens of the grant with 190/458; a missing token is 104, an unknown one 190."""
    token = await sandbox.graph_login("brand")
    assert (await sandbox.graph(token, "DELETE", "me/permissions")).json() == {"success": True}
    assert (await sandbox.graph(token, "GET", "me")).json()["error"]["error_subcode"] == 458
    assert (await sandbox.http.get("/sandbox/graph.instagram.com/me")).json()["error"]["code"] == 104
    assert (await sandbox.graph("nonsense", "GET", "me")).json()["error"]["code"] == 190


@pytest.mark.parametrize("platform", ["instagram", "tiktok"])
async def test_granted_scopes_of_an_account(sandbox: RunningSandbox, platform: str) -> None:
    """An account can grant fewer scopes, and a later change applies to existing tokens."""
    if platform == "instagram":
        await sandbox.account("instagram", "brand", grantedScopes=["instagram_business_basic"])
        token = await sandbox.graph_login("brand")
        assert (await sandbox.graph(token, "POST", "me/media", image_url="http://x")).status_code == 403
        await sandbox.account("instagram", "brand", grantedScopes=[])
        assert (await sandbox.graph(token, "GET", "me")).json()["error"]["code"] == 10
        return
    login = await sandbox.tiktok_login("brand")
    await sandbox.account("tiktok", "brand", grantedScopes=["user.info.basic"])
    answer = await sandbox.tiktok(login["access_token"], "post/publish/creator_info/query")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "scope_not_authorized")


async def test_tiktok_code_must_be_decoded(sandbox: RunningSandbox) -> None:
    """A TikTok code has characters that the redirect encodes; a code that is not decoded is refused."""
    answer = await sandbox.http.get(f"/sandbox/{TIKTOK}", params=TIKTOK_ASK | APPROVE)
    raw = answer.headers["location"].split("code=")[1].split("&")[0]
    assert "%2A" in raw
    refused = await sandbox.tiktok_token(grant_type="authorization_code", code=raw, redirect_uri=BACK)
    assert refused.json()["error"] == "invalid_grant"
    good = await sandbox.tiktok_token(
        grant_type="authorization_code", code=raw.replace("%2A", "*").replace("%21", "!"), redirect_uri=BACK
    )
    assert (good.json()["expires_in"], good.json()["refresh_expires_in"]) == (7200, 180 * 86_400)
    assert good.json()["access_token"].startswith("act.")


async def test_one_of_two_concurrent_tiktok_refreshes_succeeds(sandbox: RunningSandbox) -> None:
    """A refresh rotates the token, so a concurrent second one is invalid_grant; an access token expires after two hours."""
    login = await sandbox.tiktok_login("brand")
    form = {"grant_type": "refresh_token", "refresh_token": login["refresh_token"]}
    both = await asyncio.gather(sandbox.tiktok_token(**form), sandbox.tiktok_token(**form))
    assert sorted("access_token" in answer.json() for answer in both) == [False, True]
    [loser] = [answer.json() for answer in both if "error" in answer.json()]
    assert (loser["error"], set(loser)) == ("invalid_grant", {"error", "error_description", "log_id"})
    await sandbox.advance(7200)
    path = "post/publish/creator_info/query"
    assert (await sandbox.tiktok(login["access_token"], path)).status_code == 401


async def test_tiktok_pkce_is_hex(sandbox: RunningSandbox) -> None:
    """The challenge is the SHA-256 of the verifier in hex; base64url is refused; a verifier alone is ignored."""
    rows: list[tuple[str, str, bool]] = [
        ("hex", "v" * 43, True),
        ("hex", "w" * 43, False),
        ("hex", "", False),
        ("base64", "v" * 43, False),
        ("", "v", True),
    ]
    with every_row() as row:
        for challenge, verifier, good in rows:
            with row(challenge, verifier, good):
                await sandbox.reset()
                digest = hashlib.sha256(b"v" * 43)
                sent = {
                    "hex": digest.hexdigest(),
                    "base64": base64.urlsafe_b64encode(digest.digest()).decode().rstrip("="),
                    "": "",
                }[challenge]
                more = {"code_challenge": sent, "code_challenge_method": "S256"} if sent else {}
                back = await sandbox.consent(TIKTOK, TIKTOK_ASK | APPROVE | more)
                answer = await sandbox.tiktok_token(
                    grant_type="authorization_code", code=back["code"], redirect_uri=BACK, code_verifier=verifier
                )
                assert ("access_token" in answer.json()) is good


async def test_tiktok_token_endpoint_accepts_only_forms(sandbox: RunningSandbox) -> None:
    """JSON, a missing parameter and another grant type return flat errors with TikTok's names."""
    url = "/sandbox/open.tiktokapis.com/v2/oauth/token/"
    answer = await sandbox.http.post(url, json={"client_key": "k", "grant_type": "refresh_token"})
    assert answer.json()["error"] == "unsupported_grant_type"
    assert (await sandbox.tiktok_token(grant_type="refresh_token")).json()["error"] == "invalid_request"
    assert (await sandbox.tiktok_token(grant_type="password")).json()["error"] == "unsupported_grant_type"


async def test_tiktok_revoke(sandbox: RunningSandbox) -> None:
    """Revoking returns an empty body and invalidates access and refresh tokens."""
    login = await sandbox.tiktok_login("brand")
    form = {"client_key": "k", "client_secret": "x", "token": login["access_token"]}
    answer = await sandbox.http.post("/sandbox/open.tiktokapis.com/v2/oauth/revoke/", data=form)
    assert (answer.status_code, answer.content) == (200, b"")
    assert (await sandbox.tiktok(login["access_token"], "post/publish/creator_info/query")).status_code == 401
    dead = await sandbox.tiktok_token(grant_type="refresh_token", refresh_token=login["refresh_token"])
    assert dead.json()["error"] == "invalid_grant"


async def test_client_id_replaces_client_key(sandbox: RunningSandbox) -> None:
    """TikTok's endpoints accept client_id if client_key is missing."""
    ask = {name: value for name, value in TIKTOK_ASK.items() if name != "client_key"}
    back = await sandbox.consent(TIKTOK, ask | APPROVE | {"client_id": "k"})
    answer = await sandbox.tiktok_token(grant_type="authorization_code", code=back["code"], redirect_uri=BACK)
    assert answer.status_code == 200
