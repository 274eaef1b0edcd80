"""OAuth for users: the flow with the SDK's own client, and attacks on it."""

import html
import json
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest
from mcp.client.auth import OAuthClientProvider, TokenStorage
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from pydantic import AnyUrl
from tests.agents.conftest import connected
from tests.api.wire import refusal
from tests.api_server import Api
from tests.clocks import MovableClock
from tests.people.people import PASSWORD, People, user_id_of
from tests.posts.conftest import ReadyProject

from presswork.agents.grants import sweep_agents
from presswork.agents.model import OAuthRefused, require_redirect_uri

REDIRECT: Final = "http://127.0.0.1:3030/callback"
VERIFIER: Final = "v" * 43
CHALLENGE: Final = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def fields_of(page: str) -> dict[str, str]:
    """Return the hidden fields of a page."""
    return {
        name: html.unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)
    }


def scopes_of(page: str) -> list[str]:
    """Return the scopes that the consent page offers."""
    return re.findall(r'name="scope" value="([a-z:]+)"', page)


def parameters_of(answer: httpx2.Response) -> dict[str, str]:
    """Return the parameters with which a browser is sent to a client."""
    assert answer.status_code == 303, answer.text
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


@dataclass(slots=True, kw_only=True)
class Program:
    """A program that registered itself, and the browser of a user."""

    api: Api
    browser: httpx2.AsyncClient
    client_id: str
    http: httpx2.AsyncClient

    @classmethod
    async def registered(cls, api: Api, browser: httpx2.AsyncClient, *uris: str, name: str = "Agent") -> "Program":
        """Register a program."""
        http = await api.anonymous()
        answer = await http.post(
            "/oauth/register", json={"client_name": name, "redirect_uris": list(uris) or [REDIRECT]}
        )
        assert answer.status_code == 201, answer.text
        return cls(api=api, browser=browser, client_id=answer.json()["client_id"], http=http)

    def query(self, **more: str | None) -> dict[str, str]:
        """Return the parameters of an authorization request."""
        found: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": REDIRECT,
            "state": "s1",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            "resource": f"{self.api.base_url}/mcp",
            **more,
        }
        return {name: value for name, value in found.items() if value is not None}

    async def page(self, **more: str | None) -> httpx2.Response:
        """Open the consent page."""
        return await self.browser.get("/oauth/authorize", params=self.query(**more))

    async def decide(self, page: httpx2.Response, **form: Any) -> httpx2.Response:
        """Send the form of the consent page."""
        assert page.status_code == 200, page.text
        data = {**fields_of(page.text), "scope": scopes_of(page.text), "decision": "allow", **form}
        return await self.browser.post("/oauth/consent", data=data)

    async def code(self, **form: Any) -> str:
        """Return a code that the user allowed."""
        return parameters_of(await self.decide(await self.page(), **form))["code"]

    async def exchange(self, **more: str) -> httpx2.Response:
        """Call the token endpoint."""
        return await self.http.post("/oauth/token", data={"client_id": self.client_id, **more})

    async def with_code(self, code: str, **more: str) -> httpx2.Response:
        """Exchange a code."""
        form = {"grant_type": "authorization_code", "redirect_uri": REDIRECT, "code_verifier": VERIFIER, "code": code}
        return await self.exchange(**{**form, **more})

    async def refresh(self, token: str) -> httpx2.Response:
        """Exchange a refresh token."""
        return await self.exchange(grant_type="refresh_token", refresh_token=token)

    async def tokens(self, **form: Any) -> dict[str, Any]:
        """Return tokens that the user allowed."""
        answer = await self.with_code(await self.code(**form))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def whoami(self, token: str) -> httpx2.Response:
        """Call the tool whoami with an access token."""
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "whoami", "arguments": {}}}
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json, text/event-stream"}
        return await self.http.post("/mcp", json=message, headers=headers)


@dataclass
class Memory(TokenStorage):
    """What the SDK's client stores."""

    tokens: OAuthToken | None = None
    info: OAuthClientInformationFull | None = None
    seen: list[str] = field(default_factory=list)

    async def get_tokens(self) -> OAuthToken | None:
        """Return the tokens."""
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        """Store the tokens."""
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        """Return the registration."""
        return self.info

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        """Store the registration."""
        self.info = client_info


async def test_official_client_signs_in_and_works(api: Api, people: People, clock: MovableClock) -> None:
    """The SDK's client finds the server, registers, and gets tokens after sign-in and consent in a browser."""
    invited = await people.signed_in("publisher", email="ada@example.com")
    user = await user_id_of(invited)
    browser = await people.browser(None)
    memory, back = Memory(), dict[str, str]()

    async def open_browser(url: str) -> None:
        page = await browser.get(url)
        assert "form-action 'self'" in page.headers["content-security-policy"]
        form = {**fields_of(page.text), "email": "ada@example.com", "password": "wrong"}
        assert (await browser.post("/oauth/sign-in", data=form)).status_code == 401
        signed_in = await browser.post("/oauth/sign-in", data={**form, "password": PASSWORD})
        assert signed_in.headers["location"].startswith("/oauth/authorize?")
        page = await browser.get(signed_in.headers["location"])
        assert "form-action 'self' http://127.0.0.1:3030;" in page.headers["content-security-policy"]
        for words in ("Claude", "Acme", "a program on this computer"):
            assert words in page.text
        decided = await browser.post(
            "/oauth/consent", data={**fields_of(page.text), "scope": scopes_of(page.text), "decision": "allow"}
        )
        back.update(parameters_of(decided))

    async def come_back() -> AuthorizationCodeResult:
        return AuthorizationCodeResult(code=back["code"], state=back["state"], iss=back["iss"])

    metadata = OAuthClientMetadata(redirect_uris=[AnyUrl(REDIRECT)], client_name="Claude")
    auth = OAuthClientProvider(
        server_url=f"{api.base_url}/mcp",
        client_metadata=metadata,
        storage=memory,
        redirect_handler=open_browser,
        callback_handler=come_back,
    )
    async with (
        httpx2.AsyncClient(auth=auth, timeout=30, trust_env=False) as http,
        connected(http, f"{api.base_url}/mcp") as agent,
    ):
        caller = await agent.call("whoami")
        assert (caller["userId"], caller["environment"]) == (user, "test")
        assert "publish:write" in caller["scopes"]
        assert not {"content:approve", "social:write", "org:admin"} & set(caller["scopes"])
    (agent_of_user,) = (await browser.get("/v1/agents")).json()["items"]
    assert (agent_of_user["name"], agent_of_user["userId"]) == ("Claude", user)
    assert agent_of_user["lastUsedAt"] is not None
    gone = await browser.delete(f"/v1/agents/{agent_of_user['id']}")
    assert gone.status_code == 200, gone.text
    assert memory.tokens is not None
    program = await Program.registered(api, browser)
    assert refusal(await program.whoami(memory.tokens.access_token)) == (401, "UNAUTHENTICATED")
    actions = [row["action"] for row in await api.context.pool.fetch("SELECT action FROM audit_log ORDER BY at, id")]
    assert actions[-2:] == ["agent.connect", "agent.revoke"]


async def test_token_acts_as_the_user_in_one_environment(api: Api, people: People, ready_project: ReadyProject) -> None:
    """Scopes are those granted, cut to the role as it is now; the environment is the one chosen; /v1 takes no token."""
    browser = await people.signed_in("publisher")
    program = await Program.registered(api, browser)
    tokens = await program.tokens(environment="live", scope=["projects:read", "publish:write", "org:admin"])
    assert tokens["scope"].split() == ["projects:read", "publish:write"]
    me = (await program.whoami(tokens["access_token"])).json()["result"]["structuredContent"]
    assert (me["environment"], sorted(me["scopes"])) == ("live", ["projects:read", "publish:write"])
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert refusal(await program.http.get("/v1/whoami", headers=headers)) == (401, "UNAUTHENTICATED")
    admin = await people.key()
    user = await user_id_of(browser)
    assert (await admin.patch(f"/v1/users/{user}", json={"role": "viewer"})).status_code == 200
    me = (await program.whoami(tokens["access_token"])).json()["result"]["structuredContent"]
    assert me["scopes"] == ["projects:read"]
    http = await api.anonymous(headers=headers)
    async with connected(http, f"{api.base_url}/mcp") as agent:
        targets = [{"socialAccountId": ready_project.instagram, "mode": "publish"}]
        refused = await agent.refusal("publish", containerId=ready_project.image, targets=targets)
        assert "was not granted the scope publish:write" in refused
        assert (await agent.call("list_projects"))["items"] == []  # the project is one of the test environment
    assert (await admin.patch(f"/v1/users/{user}", json={"status": "disabled"})).status_code == 200
    assert refusal(await program.whoami(tokens["access_token"])) == (401, "UNAUTHENTICATED")
    assert (await program.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await admin.patch(f"/v1/users/{user}", json={"status": "active"})).status_code == 200
    assert refusal(await program.whoami(tokens["access_token"])) == (401, "UNAUTHENTICATED")
    assert (await program.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


async def test_programs_of_one_user_do_not_share_idempotency_keys(
    api: Api, people: People, ready_project: ReadyProject
) -> None:
    """The same call of another program is done, under the same key too; a program that repeats itself gets its reply."""
    browser = await people.signed_in("publisher")
    arguments = {
        "containerId": ready_project.image,
        "targets": [{"socialAccountId": ready_project.instagram, "mode": "publish"}],
        "idempotencyKey": "1",
    }
    posts: list[str] = []
    for name in ("First", "Second"):
        tokens = await (await Program.registered(api, browser, name=name)).tokens()
        http = await api.anonymous(headers={"Authorization": f"Bearer {tokens['access_token']}"})
        async with connected(http, f"{api.base_url}/mcp") as agent:
            published = await agent.call("publish", **arguments)
            again = await agent.call("publish", **arguments)
        assert (published["replayed"], again["replayed"]) == (False, True)
        assert again["scheduledPostIds"] == published["scheduledPostIds"]
        posts += published["scheduledPostIds"]
    assert len(set(posts)) == 2


async def test_tokens_rotate_and_a_second_use_revokes_all(api: Api, people: People, clock: MovableClock) -> None:
    """Access tokens are short; a refresh token and a code serve once, and their second use ends the whole grant."""
    program = await Program.registered(api, await people.signed_in("viewer"))
    code = await program.code()
    first = (await program.with_code(code)).json()
    second = (await program.refresh(first["refresh_token"])).json()
    assert refusal(await program.whoami(first["access_token"])) == (401, "UNAUTHENTICATED")
    assert (await program.whoami(second["access_token"])).status_code == 200
    clock.advance(timedelta(minutes=16))
    assert refusal(await program.whoami(second["access_token"])) == (401, "UNAUTHENTICATED")
    third = (await program.refresh(second["refresh_token"])).json()
    assert (await program.refresh(first["refresh_token"])).json()["error"] == "invalid_grant"
    assert refusal(await program.whoami(third["access_token"])) == (401, "UNAUTHENTICATED")
    assert (await program.refresh(third["refresh_token"])).json()["error"] == "invalid_grant"
    assert "Sign in again" in (await program.page()).text, "allowing needs a fresh proof of who it is"
    await program.browser.post("/v1/auth/confirm", json={"password": PASSWORD})
    code = await program.code()
    tokens = (await program.with_code(code)).json()
    assert (await program.with_code(code)).json()["error"] == "invalid_grant"
    assert refusal(await program.whoami(tokens["access_token"])) == (401, "UNAUTHENTICATED")
    tokens = await program.tokens()
    revoked = await program.http.post(
        "/oauth/revoke", data={"client_id": program.client_id, "token": tokens["access_token"]}
    )
    assert revoked.status_code == 200
    assert (await program.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    late = await program.code()
    clock.advance(timedelta(seconds=61))
    assert (await program.with_code(late)).json()["error"] == "invalid_grant"


async def test_codes_serve_only_who_asked_for_them(api: Api, people: People) -> None:
    """Another client, verifier, address or resource gets no token; a code without PKCE S256 is never issued."""
    browser = await people.signed_in("viewer")
    program, thief = await Program.registered(api, browser), await Program.registered(api, browser)
    assert (await thief.with_code(await program.code())).json()["error"] == "invalid_grant"
    assert (await program.with_code(await program.code(), code_verifier="w" * 43)).json()["error"] == "invalid_grant"
    moved = await program.with_code(await program.code(), redirect_uri="http://127.0.0.1:3031/callback")
    assert moved.json()["error"] == "invalid_grant"
    other = await program.with_code(await program.code(), resource="https://other.example/mcp")
    assert other.json()["error"] == "invalid_target"
    for query, error in (
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"resource": "https://other.example/mcp"}, "invalid_target"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "org:admin"}, "invalid_scope"),
    ):
        answer = parameters_of(await program.page(**query))
        assert (answer["error"], answer["state"], answer["iss"]) == (error, "s1", api.base_url)
    denied = await program.decide(await program.page(), decision="deny")
    assert parameters_of(denied)["error"] == "access_denied"


async def test_browsers_are_sent_to_registered_addresses_only(api: Api, people: People) -> None:
    """An address must be registered to the letter; only the port of a loopback address may differ."""
    browser = await people.signed_in("viewer")
    program = await Program.registered(api, browser, REDIRECT, "https://agent.example/cb", "cursor://app/cb")
    for uri in ("http://127.0.0.1:9/callback", "https://agent.example/cb", "cursor://app/cb"):
        assert (await program.page(redirect_uri=uri)).status_code == 200, uri
    for uri in (
        "http://127.0.0.1:9/callback/x",
        "http://127.0.0.1:9/callback?x=1",
        "http://127.0.0.1:3030@evil.example/callback",
        "http://localhost:3030/callback",
        "https://agent.example:8443/cb",
        "https://agent.example/cb/",
        "https://evil.example/cb",
        "cursor://app/cb#x",
        "",
    ):
        answer = await program.page(redirect_uri=uri)
        assert (answer.status_code, "location" in answer.headers) == (400, False), uri
    unknown = await browser.get("/oauth/authorize", params=program.query(client_id=secrets.token_hex(8)))
    assert (unknown.status_code, "location" in unknown.headers) == (400, False)
    twice = f"{urlencode(program.query())}&redirect_uri=https%3A%2F%2Fevil.example%2F"
    assert (await browser.get(f"/oauth/authorize?{twice}")).status_code == 400
    assert (await browser.get(f"/oauth/authorize?{'&' * 200}")).status_code == 400
    for wrong in ({"resource": "http://["}, {"scope": "all"}, {"code_challenge": ""}, {"response_type": "token"}):
        refused = await program.page(redirect_uri="https://agent.example/cb", **wrong)
        # Anybody can register a program, so the browser stays here.
        assert (refused.status_code, "location" in refused.headers) == (400, False), wrong


@pytest.mark.parametrize(
    "uri",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "http://evil.example/cb",
        "https://user@agent.example/cb",
        "https://agent.example/cb#x",
        "https:///cb",
        "https://*.example/cb",
        "https://agent.example;sandbox/cb",
        "https://agent.example,x/cb",
        "https://agent.example/cb\r\nX: y",
        "//agent.example/cb",
        "https://agent.example:x/cb",
        "http://127.0.0.1.evil.example/cb",
    ],
)
def test_dangerous_addresses_are_not_registered(uri: str) -> None:
    """Scripts, foreign hosts without TLS, user names, fragments and wildcards are refused."""
    with pytest.raises(OAuthRefused):
        require_redirect_uri(uri)


async def test_consent_needs_its_own_page_and_session(api: Api, people: People) -> None:
    """No other site, session or old page can give consent, and no name of a client can inject anything."""
    browser, other = await people.signed_in("viewer"), await people.signed_in("admin")
    program = await Program.registered(api, browser, name='<script>alert("x")</script>\u202e')
    page = await program.page()
    assert "<script>alert" not in page.text
    assert "\u202e" not in page.text
    form = {**fields_of(page.text), "scope": scopes_of(page.text), "decision": "allow"}
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}):
        assert refusal(await browser.post("/oauth/consent", data=form, headers=headers)) == (403, "FORBIDDEN_ORIGIN")
    assert (await other.post("/oauth/consent", data=form)).status_code == 400
    tampered = {**form, "request": fields_of(page.text)["request"][:-4] + "AAAA"}
    assert (await browser.post("/oauth/consent", data=tampered)).status_code == 400
    assert page.headers["x-frame-options"] == "DENY"
    elsewhere = {"query": "https://evil.example/?client_id=x", "email": "a@example.com", "password": PASSWORD}
    foreign = await browser.post("/oauth/sign-in", data=elsewhere, headers={"Origin": "https://evil.example"})
    assert refusal(foreign) == (403, "FORBIDDEN_ORIGIN")


async def test_a_consent_page_serves_once(api: Api, people: People) -> None:
    """Sent again, whatever was decided and after a disconnection, its form gives no second code."""
    browser = await people.signed_in("viewer")
    program = await Program.registered(api, browser)
    for decision in ("allow", "deny"):
        page = await program.page()
        form = {**fields_of(page.text), "scope": scopes_of(page.text), "decision": decision}
        sent = [await browser.post("/oauth/consent", data=form)]
        for agent in (await browser.get("/v1/agents")).json()["items"]:
            assert (await browser.delete(f"/v1/agents/{agent['id']}")).status_code == 200
        sent += [await browser.post("/oauth/consent", data={**form, "decision": "allow"})]
        assert [answer.status_code for answer in sent] == [303, 400], decision


async def test_an_agent_is_disconnected_by_its_user_or_an_administrator(api: Api, people: People) -> None:
    """A user sees and disconnects the own agents only; an administrator those of everyone; no one else disconnects them."""
    viewer, other, admin = (
        await people.signed_in("viewer"),
        await people.signed_in("publisher"),
        await people.signed_in("admin"),
    )
    stranger = await people.signed_in("admin", organization="Rival")
    first, second = [await Program.registered(api, viewer, name=name) for name in ("Claude", "Cursor")]
    tokens = [await program.tokens() for program in (first, second)]
    listed = (await viewer.get("/v1/agents?limit=1")).json()
    rest = (await viewer.get(f"/v1/agents?limit=1&cursor={listed['nextCursor']}")).json()
    agents = [*listed["items"], *rest["items"]]
    assert ([one["name"] for one in agents], rest["nextCursor"]) == (["Claude", "Cursor"], None)
    path = f"/v1/agents?userId={await user_id_of(viewer)}"
    assert refusal(await other.get(path)) == (403, "FORBIDDEN_SCOPE")
    assert (await stranger.get(path)).json()["items"] == []
    assert (await admin.get(path)).json()["items"] == agents
    for caller in (other, stranger):
        assert refusal(await caller.delete(f"/v1/agents/{agents[0]['id']}")) == (404, "NOT_FOUND")
    assert (await viewer.delete(f"/v1/agents/{agents[0]['id']}")).status_code == 200
    assert (await admin.delete(f"/v1/agents/{agents[1]['id']}")).status_code == 200
    assert refusal(await admin.delete(f"/v1/agents/{agents[1]['id']}")) == (404, "NOT_FOUND")
    for one in tokens:
        assert refusal(await first.whoami(one["access_token"])) == (401, "UNAUTHENTICATED")
        assert (await first.refresh(one["refresh_token"])).json()["error"] == "invalid_grant"


async def test_what_is_over_is_deleted(api: Api, people: People, clock: MovableClock) -> None:
    """The sweep deletes expired tokens, then grants, then clients without one, and at most the given number at a time."""
    program = await Program.registered(api, await people.signed_in("viewer"))
    unused = [await Program.registered(api, program.browser) for _ in range(3)]
    kept = await program.tokens()

    async def counts() -> list[int]:
        tables = ("oauth_tokens", "oauth_grants", "oauth_clients")
        return [await api.context.pool.fetchval(f"SELECT count(*) FROM {table}") for table in tables]  # noqa: S608  fixed

    assert await sweep_agents(api.context.pool, now=clock.now(), limit=100) == 0
    assert await counts() == [3, 1, 1 + len(unused)]
    clock.advance(timedelta(days=2))  # the code and the access token
    assert await sweep_agents(api.context.pool, now=clock.now(), limit=1) == 1
    assert await sweep_agents(api.context.pool, now=clock.now(), limit=100) == 1
    assert await counts() == [1, 1, 1 + len(unused)]
    assert (await program.refresh(kept["refresh_token"])).status_code == 200
    clock.advance(timedelta(days=30))
    await sweep_agents(api.context.pool, now=clock.now(), limit=100)
    assert (await counts())[1:] == [1, 1]
    clock.advance(timedelta(days=60))
    for _ in range(2):  # a client can be deleted once its grant is
        await sweep_agents(api.context.pool, now=clock.now(), limit=100)
    assert await counts() == [0, 0, 0]


async def test_a_reused_token_is_recorded_under_the_user_and_the_program(api: Api, people: People) -> None:
    """The audit log names who was acted for, and why the agent lost access."""
    browser = await people.signed_in("viewer", email="ines@example.com")
    program = await Program.registered(api, browser, name="Claude")
    code = await program.code()
    for _ in range(2):
        await program.with_code(code)
    row = await api.context.pool.fetchrow("SELECT * FROM audit_log WHERE action = 'agent.revoke'")
    assert row is not None
    assert row["actor_name"] == "ines@example.com (with Claude)"
    assert json.loads(row["detail"])["reason"] == "code_reused"


async def test_only_hashes_are_stored_and_a_new_password_disconnects(api: Api, people: People) -> None:
    """No token is in the database; a change of the password ends what agents have."""
    browser = await people.signed_in("viewer")
    program = await Program.registered(api, browser)
    tokens = await program.tokens()
    rows = await api.context.pool.fetch("SELECT t::text AS text FROM oauth_tokens t")
    stored = " ".join(row["text"] for row in rows)
    assert len(rows) == 3
    for token in (tokens["access_token"], tokens["refresh_token"]):
        assert token not in stored
        assert sha256(token.encode()).hexdigest() in stored
    body = {"currentPassword": PASSWORD, "newPassword": "another battery staple horse"}
    assert (await browser.post("/v1/auth/password", json=body)).status_code == 200
    assert refusal(await program.whoami(tokens["access_token"])) == (401, "UNAUTHENTICATED")


async def test_registration_is_limited(api: Api) -> None:
    """An address registers twenty programs in a quarter of an hour; metadata of a wrong form is refused."""
    http = await api.anonymous()
    wrong: tuple[Mapping[str, object], ...] = ({}, {"redirect_uris": []}, {"redirect_uris": ["javascript:x"]})
    for body in wrong:
        assert (await http.post("/oauth/register", json=body)).json()["error"] == "invalid_redirect_uri"
    for _ in range(20):
        assert (await http.post("/oauth/register", json={"redirect_uris": [REDIRECT]})).status_code == 201
    assert refusal(await http.post("/oauth/register", json={"redirect_uris": [REDIRECT]})) == (429, "RATE_LIMITED")
