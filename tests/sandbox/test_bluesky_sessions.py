"""Bluesky's sessions by app password, and who an account is."""

import base64
import json

import httpx2
import pytest
from tests.sandbox.bluesky_client import PASSWORD, PDS, RKEYS, SOCIAL, Session, create_session, post_record, sign_in
from tests.sandbox.running_sandbox import JSON, RunningSandbox

SERVER = "com.atproto.server"


def claims_of(token: str) -> JSON:
    """Return what a JWT says."""
    part = token.split(".")[1]
    read: JSON = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return read


def error_of(answer: httpx2.Response) -> tuple[int, str]:
    """Return status and name of an error."""
    return answer.status_code, answer.json()["error"]


async def refresh(session: Session, token: str | None = None) -> httpx2.Response:
    """Call refreshSession."""
    headers = {"authorization": f"Bearer {session.refresh if token is None else token}"}
    return await session.sandbox.http.post(f"/sandbox/{SOCIAL}/xrpc/{SERVER}.refreshSession", headers=headers)


async def test_a_session_leads_to_the_accounts_server(sandbox: RunningSandbox) -> None:
    """The answer has the DID, tokens of 120 minutes and 90 days, and the server's address as this sandbox serves it."""
    made = (await create_session(sandbox, "@Brand.bsky.social")).json()
    access, fresh = claims_of(made["accessJwt"]), claims_of(made["refreshJwt"])
    assert (made["handle"].lower(), made["active"], made["emailConfirmed"]) == ("brand.bsky.social", True, True)
    assert (access["sub"], access["scope"]) == (made["did"], "com.atproto.appPass")
    assert (access["exp"] - access["iat"], fresh["exp"] - fresh["iat"]) == (7200, 90 * 86_400)
    [service] = made["didDoc"]["service"]
    assert service["serviceEndpoint"] == f"{sandbox.address}/sandbox/{PDS}"
    directory = await sandbox.http.get(f"/sandbox/plc.directory/{made['did']}")
    assert directory.json() == made["didDoc"]
    assert directory.json()["verificationMethod"][0]["publicKeyMultibase"].startswith("zQ3sh")
    assert (await sandbox.http.get("/sandbox/plc.directory/did:plc:none")).status_code == 404


async def test_short_handles_are_below_bsky_social(sandbox: RunningSandbox) -> None:
    """The handle `luna` of this sandbox is luna.bsky.social at Bluesky; DIDs and both spellings find it."""
    await sandbox.account("bluesky", "luna")
    session = await sign_in(sandbox, "luna.bsky.social")
    assert session.handle == "luna.bsky.social"
    assert (await create_session(sandbox, session.did)).json()["did"] == session.did
    for host in (SOCIAL, PDS, "public.api.bsky.app"):
        url = f"/sandbox/{host}/xrpc/com.atproto.identity.resolveHandle"
        assert (await sandbox.http.get(url, params={"handle": "luna.bsky.social"})).json() == {"did": session.did}
        unknown = await sandbox.http.get(url, params={"handle": "none.bsky.social"})
        assert (error_of(unknown), unknown.json()["message"]) == ((400, "InvalidRequest"), "Unable to resolve handle")
    assert len(await sandbox.items("accounts?platform=bluesky")) == 1


async def test_wrong_passwords_and_states(sandbox: RunningSandbox) -> None:
    """An account can have one right password, a second factor, and be taken down or deactivated."""
    await sandbox.account("bluesky", "brand.bsky.social", appPassword=PASSWORD)
    assert error_of(await create_session(sandbox, "brand.bsky.social", "wrong")) == (401, "AuthenticationRequired")
    assert error_of(await create_session(sandbox, "brand.bsky.social", "")) == (401, "AuthenticationRequired")
    assert error_of(await create_session(sandbox, "a@example.com")) == (401, "AuthenticationRequired")
    assert error_of(await create_session(sandbox, "did:plc:none")) == (401, "AuthenticationRequired")
    session = await sign_in(sandbox)
    await sandbox.account("bluesky", "brand.bsky.social", appPassword=None, emailAuthFactor=True)
    main = await create_session(sandbox, "brand.bsky.social", "main password")
    assert error_of(main) == (401, "AuthFactorTokenRequired")
    second = await create_session(sandbox, "brand.bsky.social", "main password", authFactorToken="AAAAA-BBBBB")
    assert second.status_code == 200
    await sandbox.account("bluesky", "brand.bsky.social", accountStatus="deactivated")
    made = (await create_session(sandbox, "brand.bsky.social")).json()
    assert (made["active"], made["status"]) == (False, "deactivated")
    assert error_of(await session.put(RKEYS[0], post_record())) == (401, "AccountDeactivated")
    await sandbox.account("bluesky", "brand.bsky.social", accountStatus="takendown")
    assert error_of(await create_session(sandbox, "brand.bsky.social")) == (401, "AccountTakedown")
    assert error_of(await session.get(f"{SERVER}.getSession")) == (401, "AccountTakedown")
    assert error_of(await session.record(RKEYS[0])) == (400, "RepoTakendown")


async def test_access_expires_and_refresh_tokens_rotate(sandbox: RunningSandbox) -> None:
    """After two hours ExpiredToken; the refresh token gives a new pair, works for two more hours, and then no more."""
    session = await sign_in(sandbox)
    assert (await session.get(f"{SERVER}.getSession")).json()["did"] == session.did
    await sandbox.advance(7200)
    assert error_of(await session.get(f"{SERVER}.getSession")) == (400, "ExpiredToken")
    pair = (await refresh(session)).json()
    renewed = Session(sandbox, session.did, session.handle, pair["accessJwt"], pair["refreshJwt"])
    assert (await renewed.get(f"{SERVER}.getSession")).status_code == 200
    await sandbox.advance(7100)
    assert (await refresh(session)).status_code == 200
    await sandbox.advance(200)
    assert error_of(await refresh(session)) == (400, "ExpiredToken")
    await sandbox.advance(89 * 86_400)
    assert (await refresh(renewed)).status_code == 200
    await sandbox.advance(86_400)
    assert error_of(await refresh(renewed)) == (400, "ExpiredToken")


async def test_tokens_are_for_their_purpose(sandbox: RunningSandbox) -> None:
    """A refresh token opens nothing else, an access token refreshes nothing, and other texts are no tokens."""
    session = await sign_in(sandbox)
    url = f"/sandbox/{PDS}/xrpc/{SERVER}.getSession"
    for header, expected in (
        (None, (401, "AuthMissing")),
        ("Basic YTpi", (401, "AuthMissing")),
        ("Bearer x.y.z", (400, "InvalidToken")),
        (f"Bearer {session.access[:-4]}AAAA", (400, "InvalidToken")),
        (f"Bearer {session.refresh}", (400, "InvalidToken")),
    ):
        answer = await sandbox.http.get(url, headers={} if header is None else {"authorization": header})
        assert error_of(answer) == expected, header
    assert error_of(await refresh(session, session.access)) == (400, "InvalidToken")


async def test_a_deleted_session_ends(sandbox: RunningSandbox) -> None:
    """deleteSession revokes the refresh token; the access token lives until it expires, unless the person revokes all."""
    session = await sign_in(sandbox)
    headers = {"authorization": f"Bearer {session.refresh}"}
    ended = await sandbox.http.post(f"/sandbox/{PDS}/xrpc/{SERVER}.deleteSession", headers=headers)
    assert ended.status_code == 200
    revoked = await refresh(session)
    assert (error_of(revoked), revoked.json()["message"]) == ((400, "ExpiredToken"), "Token has been revoked")
    assert (await session.get(f"{SERVER}.getSession")).status_code == 200
    body = {"platform": "bluesky", "handle": "brand.bsky.social"}
    assert (await sandbox.control("POST", "revoke", body)).status_code == 200
    assert error_of(await session.get(f"{SERVER}.getSession")) == (400, "ExpiredToken")


async def test_sessions_are_limited(sandbox: RunningSandbox) -> None:
    """The 31st session of an account within five minutes is refused, until RateLimit-Reset; others are not."""
    for left in range(29, -1, -1):
        answer = await create_session(sandbox, "brand.bsky.social")
        assert (answer.status_code, answer.headers["ratelimit-remaining"]) == (200, str(left))
    answer = await create_session(sandbox, "brand.bsky.social")
    assert error_of(answer) == (429, "RateLimitExceeded")
    assert answer.headers["ratelimit-policy"] == "30;w=300"
    assert (await create_session(sandbox, "other.bsky.social")).status_code == 200
    await sandbox.advance(300)
    assert (await create_session(sandbox, "brand.bsky.social")).status_code == 200


@pytest.mark.parametrize("host", [SOCIAL, PDS])
async def test_calls_that_are_no_methods(sandbox: RunningSandbox, host: str) -> None:
    """Unknown methods, wrong verbs and bodies that are not JSON are refused as XRPC refuses them."""
    session = await sign_in(sandbox, host=host)
    assert error_of(await session.get("app.bsky.feed.getTimeline")) == (501, "MethodNotImplemented")
    assert error_of(await session.get("com.atproto.repo.putRecord")) == (405, "InvalidRequest")
    url = f"/sandbox/{host}/xrpc/com.atproto.repo.putRecord"
    form = await sandbox.http.post(url, data={"a": "b"}, headers=session.headers)
    assert (error_of(form), "Wrong request encoding" in form.json()["message"]) == ((400, "InvalidRequest"), True)
    empty = await session.post("com.atproto.repo.putRecord", {})
    assert empty.json()["message"] == 'Input must have the property "repo"'
    assert (await sandbox.http.get(f"/sandbox/{host}/none")).status_code == 404
    described = (await session.get(f"{SERVER}.describeServer")).json()
    assert (described["did"], described["availableUserDomains"]) == (f"did:web:{PDS}", [".bsky.social"])


async def test_the_journal_has_no_secrets(sandbox: RunningSandbox) -> None:
    """Passwords and tokens are redacted in the journal."""
    session = await sign_in(sandbox)
    fresh = (await refresh(session)).json()
    tokens = (session.access, session.refresh, fresh["accessJwt"], fresh["refreshJwt"], await session.service_token())
    text = json.dumps(await sandbox.calls())
    assert PASSWORD not in text
    for token in tokens:
        assert not [part for part in token.split(".") if part in text]
