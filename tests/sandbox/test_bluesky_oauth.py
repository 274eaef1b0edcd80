"""Bluesky's OAuth server: pushed requests, PKCE, DPoP, apps with their own key, rotation, revocation."""

import time

import httpx2
import pytest
from joserfc.jwk import ECKey
from tests.every_row import every_row
from tests.sandbox.bluesky_client import (
    GENERIC,
    PDS,
    POST,
    RKEYS,
    SOCIAL,
    App,
    challenge_of,
    confidential_app,
    development_app,
    post_record,
)
from tests.sandbox.running_sandbox import RunningSandbox

GET_SESSION = "com.atproto.server.getSession"
PUT = "com.atproto.repo.putRecord"


def error_of(answer: httpx2.Response) -> tuple[int, str]:
    """Return status and code of an error."""
    return answer.status_code, answer.json()["error"]


async def put(app: App, token: str, did: str, collection: str = POST) -> httpx2.Response:
    """Put a post with an app's token."""
    body = {"repo": did, "collection": collection, "rkey": RKEYS[0], "record": post_record()}
    return await app.call(token, "POST", PUT, body)


async def test_the_servers_describe_themselves(sandbox: RunningSandbox) -> None:
    """The account server names the OAuth server, whose metadata names its endpoints as the caller reaches them."""
    base = f"{sandbox.address}/sandbox"
    for host in (PDS, SOCIAL):
        resource = (await sandbox.http.get(f"/sandbox/{host}/.well-known/oauth-protected-resource")).json()
        assert (resource["resource"], resource["authorization_servers"]) == (f"{base}/{host}", [f"{base}/{SOCIAL}"])
    server = (await sandbox.http.get(f"/sandbox/{SOCIAL}/.well-known/oauth-authorization-server")).json()
    endpoints = (
        "pushed_authorization_request_endpoint",
        "authorization_endpoint",
        "token_endpoint",
        "revocation_endpoint",
    )
    assert [server[name] for name in endpoints] == [
        f"{base}/{SOCIAL}/oauth/{name}" for name in ("par", "authorize", "token", "revoke")
    ]
    assert (server["issuer"], server["require_pushed_authorization_requests"]) == (f"{base}/{SOCIAL}", True)
    assert (await sandbox.http.get(f"/sandbox/{PDS}/.well-known/oauth-authorization-server")).status_code == 404
    assert (await sandbox.http.get(f"/sandbox/{SOCIAL}/oauth/jwks")).json() == {"keys": []}


async def test_an_app_in_development_logs_in_and_posts(sandbox: RunningSandbox) -> None:
    """http://localhost needs no metadata document: it pushes, exchanges and posts, each with the server's own nonce."""
    app = development_app(sandbox)
    first = await app.form(
        "par", {"client_id": app.client_id}, proof=app.proof("POST", f"{sandbox.address}/sandbox/{SOCIAL}/oauth/par")
    )
    assert error_of(first) == (400, "use_dpop_nonce")
    assert first.headers["dpop-nonce"]
    pushed = await app.push()
    assert (pushed.status_code, pushed.json()["expires_in"]) == (201, 299)
    assert pushed.json()["request_uri"].startswith("urn:ietf:params:oauth:request_uri:req-")
    back = await app.answer(pushed.json()["request_uri"])
    assert (back["state"], back["iss"], back["code"][:4]) == ("s", f"{sandbox.address}/sandbox/{SOCIAL}", "cod-")
    tokens = (await app.exchange(back["code"])).json()
    assert (tokens["token_type"], tokens["expires_in"], tokens["scope"]) == ("DPoP", 3600, GENERIC)
    assert tokens["sub"].startswith("did:plc:")
    assert (await put(app, tokens["access_token"], tokens["sub"])).status_code == 200
    [post] = await sandbox.items("posts")
    assert post["handle"] == "brand.bsky.social"
    statuses = [(call["operation"], call["status"]) for call in await sandbox.calls()]
    assert statuses[-2:] == [("put_record", 401), ("put_record", 200)]


async def test_a_confidential_app_logs_in(sandbox: RunningSandbox) -> None:
    """The sandbox fetches the app's metadata and keys, and checks its assertion on every call."""
    app = confidential_app(sandbox)
    tokens = await app.log_in()
    assert (await app.call(tokens["access_token"], "GET", GET_SESSION)).json()["did"] == tokens["sub"]
    assert (await app.refresh(tokens["refresh_token"])).status_code == 200
    assert set(sandbox.media.fetched) == {"client.json", "jwks.json"}


async def test_wrong_assertions(sandbox: RunningSandbox) -> None:
    """An assertion with a wrong claim is refused with invalid_client."""
    rows: list[tuple[dict[str, object], str]] = [
        ({"aud": "https://bsky.social"}, "aud"),
        ({"iss": "https://other.example.com"}, "iss"),
        ({"sub": None}, "sub"),
        ({"jti": None}, "jti"),
        ({"iat": int(time.time()) - 120}, "iat"),
    ]
    with every_row() as row:
        for claims, problem in rows:
            with row(claims, problem):
                app = confidential_app(sandbox)
                await app.push()
                answer = await app.form(
                    "par", {"client_id": app.client_id, "response_type": "code", **app.assertion(**claims)}
                )
                assert error_of(answer) == (400, "invalid_client")
                assert f'"{problem}"' in answer.json()["error_description"]


async def test_assertions_work_once_and_need_the_apps_key(sandbox: RunningSandbox) -> None:
    """A missing assertion, one by another key, a repeated one, and the key of the proofs are refused."""
    app = confidential_app(sandbox)
    await app.push()
    assertion = app.assertion()
    form = {"client_id": app.client_id, "response_type": "code", **assertion}
    assert error_of(await app.form("par", form)) == (400, "invalid_scope")  # past the assertion
    repeated = await app.form("par", form)
    assert repeated.json()["error_description"] == "private_key_jwt jti reused"
    missing = await app.form("par", {"client_id": app.client_id})
    assert 'required a "client_assertion"' in missing.json()["error_description"]
    own = app.own_key
    assert own is not None
    app.own_key = ECKey.generate_key("P-256", {"kid": str(own.kid)})
    wrong = await app.form("par", {"client_id": app.client_id, **app.assertion()})
    assert error_of(wrong) == (400, "invalid_client")
    app.own_key, app.proof_key = own, own
    same = await app.form("par", {"client_id": app.client_id, **app.assertion()})
    assert "different key" in same.json()["error_description"]


async def test_wrong_metadata(sandbox: RunningSandbox) -> None:
    """Metadata that the AT Protocol does not allow is refused with invalid_client_metadata."""
    rows: list[dict[str, object]] = [
        {"client_id": "https://other.example.com/client.json"},
        {"dpop_bound_access_tokens": False},
        {"scope": "transition:generic"},
        {"grant_types": ["authorization_code", "implicit"]},
        {"response_types": ["token"]},
        {"redirect_uris": []},
        {"token_endpoint_auth_method": "client_secret_basic"},
        {"token_endpoint_auth_signing_alg": None},
        {"jwks_uri": None},
        {"jwks_uri": "http://127.0.0.1:9/none.json"},
    ]
    with every_row() as row:
        for changes in rows:
            with row(changes):
                app = confidential_app(sandbox, **changes)
                assert error_of(await app.push()) == (400, "invalid_client_metadata")


async def test_ids_that_are_no_apps(sandbox: RunningSandbox) -> None:
    """A client_id must be a metadata document that can be fetched as JSON, or http://localhost."""
    page = sandbox.media.put("page.html", b"<html>")
    for client_id in ("brand", page, f"{sandbox.media.address}/none.json", "http://localhost?secret=1"):
        app = App(sandbox, client_id)
        assert error_of(await app.push()) == (400, "invalid_client_metadata"), client_id


async def test_wrong_requests(sandbox: RunningSandbox) -> None:
    """A pushed request needs a code, a known redirect address, declared scopes with atproto, and PKCE with S256."""
    rows: list[tuple[dict[str, str], str]] = [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"redirect_uri": "https://evil.example.com/back"}, "invalid_request"),
        ({"scope": "transition:generic"}, "invalid_scope"),
        ({"scope": "atproto read:everything"}, "invalid_scope"),
        ({"scope": "atproto transition:email"}, "invalid_scope"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"login_hint": "not a handle"}, "invalid_request"),
    ]
    with every_row() as row:
        for fields, expected in rows:
            with row(fields, expected):
                answer = await development_app(sandbox).push(**fields)
                assert error_of(answer) == (400, expected)


async def test_any_port_of_loopback_is_the_same_redirect(sandbox: RunningSandbox) -> None:
    """An app in development may listen on any port."""
    app = development_app(sandbox)
    assert (await app.push(redirect_uri="http://127.0.0.1:12345/back")).status_code == 201
    assert (await app.push(redirect_uri="http://127.0.0.1:12345/other")).status_code == 400


async def test_the_authorize_page_needs_a_pushed_request(sandbox: RunningSandbox) -> None:
    """Without one, with an unknown or expired one, or with another app's, the person sees a page that says so."""
    app = development_app(sandbox)
    url = f"/sandbox/{SOCIAL}/oauth/authorize"
    plain = {"client_id": app.client_id, "redirect_uri": app.redirect_uri, "response_type": "code", "scope": GENERIC}
    refused = await sandbox.http.get(url, params=plain)
    assert (refused.status_code, "was not pushed" in refused.text) == (400, True)
    unknown = await sandbox.http.get(url, params={"client_id": app.client_id, "request_uri": "urn:none"})
    assert "Unknown request_uri" in unknown.text
    request_uri = (await app.push()).json()["request_uri"]
    other = await sandbox.http.get(url, params={"client_id": "http://localhost", "request_uri": request_uri})
    assert "another client_id" in other.text
    page = await sandbox.http.get(url, params={"client_id": app.client_id, "request_uri": request_uri})
    assert (page.status_code, "Read and publish everything" in page.text) == (200, True)
    await sandbox.advance(299)  # opening the page gave it five more minutes
    assert (
        await sandbox.http.get(url, params={"client_id": app.client_id, "request_uri": request_uri})
    ).status_code == 200
    await sandbox.advance(300)
    late = await sandbox.http.get(url, params={"client_id": app.client_id, "request_uri": request_uri})
    assert (late.status_code, "has expired" in late.text) == (400, True)


async def test_denied_and_answered_requests(sandbox: RunningSandbox) -> None:
    """A denial says access_denied, with state and issuer; no request can be answered twice."""
    app = development_app(sandbox)
    request_uri = (await app.push()).json()["request_uri"]
    back = await app.answer(request_uri, decision="deny")
    assert (back["error"], back["state"], back["iss"]) == ("access_denied", "s", f"{sandbox.address}/sandbox/{SOCIAL}")
    ask = {"client_id": app.client_id, "request_uri": request_uri, "account": "brand", "decision": "approve"}
    assert (await sandbox.http.get(f"/sandbox/{SOCIAL}/oauth/authorize", params=ask)).status_code == 400
    request_uri = (await app.push()).json()["request_uri"]
    await app.answer(request_uri)
    again = await sandbox.http.get(f"/sandbox/{SOCIAL}/oauth/authorize", params=ask | {"request_uri": request_uri})
    assert (again.status_code, "already authorized" in again.text) == (400, True)


async def test_codes_work_once(sandbox: RunningSandbox) -> None:
    """A second exchange is refused and ends the session that came of the first one."""
    app = development_app(sandbox)
    code = (await app.approve())["code"]
    tokens = (await app.exchange(code)).json()
    assert error_of(await app.exchange(code)) == (400, "invalid_grant")
    assert error_of(await app.call(tokens["access_token"], "GET", GET_SESSION)) == (401, "invalid_token")
    assert error_of(await app.refresh(tokens["refresh_token"])) == (400, "invalid_grant")


async def test_wrong_exchanges_use_the_code_up(sandbox: RunningSandbox) -> None:
    """A wrong verifier, redirect address or key of the proofs, an expired code and another app get invalid answers."""
    app = development_app(sandbox)
    code = (await app.approve())["code"]
    assert error_of(await app.exchange(code, code_verifier="w" * 64)) == (400, "invalid_grant")
    assert error_of(await app.exchange(code)) == (400, "invalid_grant")
    for fields in ({"redirect_uri": "http://127.0.0.1:9/other"}, {"code_verifier": ""}, {"code_verifier": "short"}):
        assert error_of(await app.exchange((await app.approve())["code"], **fields)) == (400, "invalid_grant"), fields
    code = (await app.approve())["code"]
    await sandbox.advance(301)
    assert error_of(await app.exchange(code)) == (400, "invalid_grant")
    code = (await app.approve())["code"]
    app.proof_key = ECKey.generate_key("P-256")
    assert error_of(await app.exchange(code)) == (400, "invalid_dpop_proof")
    other = development_app(sandbox, scope=f"{GENERIC} repo:*")
    assert error_of(await other.exchange((await app.approve())["code"])) == (400, "invalid_grant")


async def test_wrong_proofs(sandbox: RunningSandbox) -> None:
    """A proof with a wrong claim is refused, and the answer has the nonce for the next one."""
    rows: list[tuple[dict[str, object], str]] = [
        ({"htm": "GET"}, "invalid_dpop_proof"),
        ({"htu": "https://bsky.social/oauth/par"}, "invalid_dpop_proof"),
        ({"jti": None}, "invalid_dpop_proof"),
        ({"iat": None}, "invalid_dpop_proof"),
        ({"iat": int(time.time()) - 600}, "invalid_dpop_proof"),
        ({"ath": challenge_of("x")}, "invalid_dpop_proof"),
        ({"nonce": None}, "use_dpop_nonce"),
        ({"nonce": "x" * 43}, "use_dpop_nonce"),
    ]
    with every_row() as row:
        for claims, expected in rows:
            with row(claims, expected):
                app = development_app(sandbox)
                await app.push()
                url = f"{sandbox.address}/sandbox/{SOCIAL}/oauth/par"
                answer = await app.form(
                    "par", {"client_id": app.client_id}, proof=app.proof("POST", url, None, **claims)
                )
                assert error_of(answer) == (400, expected)
                assert answer.headers["dpop-nonce"]


async def test_proofs_that_are_no_proofs(sandbox: RunningSandbox) -> None:
    """Other texts, a changed signature, and a proof that was used before are refused; tokens need a proof."""
    app = development_app(sandbox)
    await app.push()
    url = f"{sandbox.address}/sandbox/{SOCIAL}/oauth/par"
    proof = app.proof("POST", url)
    changed = proof[:-6] + ("AAAAAA" if not proof.endswith("AAAAAA") else "BBBBBB")
    for text in ("x", "a.b.c", changed):
        assert error_of(await app.form("par", {"client_id": app.client_id}, proof=text)) == (400, "invalid_dpop_proof")
    assert error_of(await app.form("par", {"client_id": app.client_id}, proof=proof)) != (400, "invalid_dpop_proof")
    replayed = await app.form("par", {"client_id": app.client_id}, proof=proof)
    assert replayed.json()["error_description"] == "DPoP proof replayed"
    code = (await app.approve())["code"]
    form = {"client_id": app.client_id, "grant_type": "authorization_code", "code": code}
    assert error_of(await app.form("token", form, proof="")) == (400, "invalid_dpop_proof")


async def test_nonces_end_and_belong_to_a_server(sandbox: RunningSandbox) -> None:
    """A nonce of some minutes ago, or of the OAuth server, gets use_dpop_nonce from the account server, with a challenge."""
    app = development_app(sandbox)
    token = (await app.log_in())["access_token"]
    url = f"{sandbox.address}/sandbox/{PDS}/xrpc/{GET_SESSION}"

    async def once() -> httpx2.Response:
        headers = {"authorization": f"DPoP {token}", "dpop": app.proof("GET", url, token)}
        return await sandbox.http.get(url, headers=headers)

    app.nonces[PDS] = app.nonces[SOCIAL]
    answer = await once()
    assert error_of(answer) == (401, "use_dpop_nonce")
    assert answer.headers["www-authenticate"].startswith('DPoP error="use_dpop_nonce"')
    app.nonces[PDS] = answer.headers["dpop-nonce"]
    assert (await once()).status_code == 200
    await sandbox.advance(180)
    assert error_of(await once()) == (401, "use_dpop_nonce")


async def test_tokens_are_bound_to_key_and_server(sandbox: RunningSandbox) -> None:
    """An access token works with proofs of the key that it is bound to, with its hash, at the account's server, and not as Bearer."""
    app = development_app(sandbox)
    token = (await app.log_in())["access_token"]
    url = f"{sandbox.address}/sandbox/{PDS}/xrpc/{GET_SESSION}"
    assert (await app.call(token, "GET", GET_SESSION)).status_code == 200
    bearer = await sandbox.http.get(url, headers={"authorization": f"Bearer {token}"})
    assert error_of(bearer) == (400, "InvalidToken")
    without = await sandbox.http.get(url, headers={"authorization": f"DPoP {token}"})
    assert error_of(without) == (401, "invalid_dpop_proof")
    for claims in ({"ath": None}, {"ath": challenge_of("other")}):
        headers = {"authorization": f"DPoP {token}", "dpop": app.proof("GET", url, token, **claims)}
        assert error_of(await sandbox.http.get(url, headers=headers)) == (401, "invalid_dpop_proof")
    assert error_of(await app.call(token, "GET", GET_SESSION, host=SOCIAL)) == (401, "invalid_token")
    app.proof_key = ECKey.generate_key("P-256")
    assert error_of(await app.call(token, "GET", GET_SESSION)) == (401, "invalid_token")


async def test_access_lives_an_hour_and_refresh_rotates(sandbox: RunningSandbox) -> None:
    """After an hour invalid_token; a refresh gives a new pair; the old refresh token, used again, ends the session."""
    app = development_app(sandbox)
    tokens = await app.log_in()
    await sandbox.advance(3600)
    answer = await app.call(tokens["access_token"], "GET", GET_SESSION)
    assert error_of(answer) == (401, "invalid_token")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    fresh = (await app.refresh(tokens["refresh_token"])).json()
    assert (fresh["sub"], fresh["scope"]) == (tokens["sub"], tokens["scope"])
    assert (await app.call(fresh["access_token"], "GET", GET_SESSION)).status_code == 200
    replayed = await app.refresh(tokens["refresh_token"])
    assert (error_of(replayed), replayed.json()["error_description"]) == (
        (400, "invalid_grant"),
        "Refresh token replayed",
    )
    assert error_of(await app.refresh(fresh["refresh_token"])) == (400, "invalid_grant")
    assert error_of(await app.call(fresh["access_token"], "GET", GET_SESSION)) == (401, "invalid_token")


@pytest.mark.parametrize("is_confidential", [False, True])
async def test_how_long_sessions_live(sandbox: RunningSandbox, *, is_confidential: bool) -> None:
    """Two weeks in all without a key; with one, three months for each refresh and two years in all."""
    app = confidential_app(sandbox) if is_confidential else development_app(sandbox)
    token = (await app.log_in())["refresh_token"]
    steps = [90] * 8 if is_confidential else [13]
    for days in steps:
        await sandbox.advance(days * 86_400)
        answer = await app.refresh(token)
        assert answer.status_code == 200, answer.text
        token = answer.json()["refresh_token"]
    await sandbox.advance((10 if is_confidential else 1) * 86_400)  # 730 days, and 14
    assert (await app.refresh(token)).json()["error_description"] == "Refresh token expired"


async def test_a_confidential_refresh_token_lapses(sandbox: RunningSandbox) -> None:
    """A refresh token of an app with a key is dead after three months without use."""
    app = confidential_app(sandbox)
    token = (await app.log_in())["refresh_token"]
    await sandbox.advance(91 * 86_400)
    assert (await app.refresh(token)).json()["error_description"] == "Refresh token expired"


async def test_a_wrong_refresh_ends_the_session(sandbox: RunningSandbox) -> None:
    """A refresh with proofs of another key is refused, and the token is dead for the right key, too."""
    app = development_app(sandbox)
    tokens = await app.log_in()
    right = app.proof_key
    app.proof_key = ECKey.generate_key("P-256")
    assert error_of(await app.refresh(tokens["refresh_token"])) == (400, "invalid_dpop_proof")
    app.proof_key = right
    assert error_of(await app.refresh(tokens["refresh_token"])) == (400, "invalid_grant")


async def test_revocation(sandbox: RunningSandbox) -> None:
    """Revoking either token ends the session; an unknown token is no error; the person can revoke, too."""
    app = development_app(sandbox)
    for name in ("access_token", "refresh_token"):
        tokens = await app.log_in()
        assert (await app.send("revoke", {"token": tokens[name]})).status_code == 200
        assert error_of(await app.refresh(tokens["refresh_token"])) == (400, "invalid_grant")
        assert error_of(await app.call(tokens["access_token"], "GET", GET_SESSION)) == (401, "invalid_token")
    assert (await app.send("revoke", {"token": "none"})).status_code == 200
    tokens = await app.log_in()
    await sandbox.control("POST", "revoke", {"platform": "bluesky", "handle": "brand.bsky.social"})
    assert error_of(await app.refresh(tokens["refresh_token"])) == (400, "invalid_grant")


async def test_unticked_scopes(sandbox: RunningSandbox) -> None:
    """Without transition:generic a login is all that was granted: other calls are refused with ScopeMissingError."""
    await sandbox.account("bluesky", "brand.bsky.social", grantedScopes=["atproto"])
    app = development_app(sandbox)
    tokens = await app.log_in()
    assert tokens["scope"] == "atproto"
    answer = await put(app, tokens["access_token"], tokens["sub"])
    assert error_of(answer) == (403, "ScopeMissingError")
    assert answer.json()["message"] == f'Missing required scope "repo:{POST}?action=create"'


async def test_fine_scopes(sandbox: RunningSandbox) -> None:
    """A put needs the scope to create and to update records of its collection."""
    rows: list[tuple[str, str, str | None]] = [
        (f"repo:{POST}", POST, None),
        ("repo:*", POST, None),
        (f"repo:{POST}", "app.bsky.feed.threadgate", "repo:app.bsky.feed.threadgate?action=create"),
        (f"repo:{POST}?action=create", POST, f"repo:{POST}?action=update"),
        ("include:app.bsky.authCreatePosts", POST, f"repo:{POST}?action=update"),
        (f"repo?collection={POST}&action=create&action=update", POST, None),
    ]
    with every_row() as row:
        for scope, collection, missing in rows:
            with row(scope, collection, missing):
                app = development_app(sandbox, f"atproto {scope}")
                tokens = await app.log_in(scope=f"atproto {scope}")
                body = {"repo": tokens["sub"], "collection": collection, "rkey": RKEYS[0], "record": post_record()}
                answer = await app.call(tokens["access_token"], "POST", PUT, body)
                if missing is None:
                    assert answer.status_code == 200, answer.text
                else:
                    assert answer.json()["message"] == f'Missing required scope "{missing}"'


async def test_scopes_of_services(sandbox: RunningSandbox) -> None:
    """A token for a service needs the scope of its method and audience; the email address needs its own."""
    scope = f"atproto rpc:com.atproto.repo.uploadBlob?aud=did:web:{PDS}"
    app = development_app(sandbox, scope)
    token = (await app.log_in(scope=scope))["access_token"]
    method = "com.atproto.server.getServiceAuth"
    query = {"aud": f"did:web:{PDS}", "lxm": "com.atproto.repo.uploadBlob"}
    assert (await app.call(token, "GET", method, query=query)).status_code == 200
    other = await app.call(token, "GET", method, query={"aud": "did:web:video.bsky.app", "lxm": "a.b.c"})
    assert error_of(other) == (403, "ScopeMissingError")
    assert "email" not in (await app.call(token, "GET", GET_SESSION)).json()
