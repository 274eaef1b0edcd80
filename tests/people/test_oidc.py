"""Sign-in with OpenID Connect against a real provider on loopback: who gets in, and what attackers try."""

import html
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from playwright.async_api import Browser
from pydantic import SecretStr
from tests.api.wire import issues, refusal
from tests.api_server import Api, beside, serving
from tests.browsers import findings_of_axe
from tests.clocks import MovableClock
from tests.people.factors import Factors, code_of
from tests.people.people import People, headers_of, user_id_of
from tests.people.provider import running_provider

from presswork.api.sign_in.oidc_routes import STEPS_PER_ADDRESS
from presswork.platforms.settings import Settings


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """The address of the provider."""
    with running_provider() as address:
        yield address


@dataclass(frozen=True, slots=True)
class Oidc:
    """The API with the provider, and browsers that go through both."""

    api: Api
    people: People
    issuer: str

    async def person(self, subject: str, **claims: object) -> None:
        """Set what the provider says about a person."""
        async with httpx2.AsyncClient(trust_env=False) as client:
            body = {"email": f"{subject}@example.com", "email_verified": True, "name": subject.title(), **claims}
            answer = await client.put(f"{self.issuer}/users/{subject}", json=body)
            assert answer.status_code < 300, answer.text

    async def begin(self, browser: httpx2.AsyncClient, return_url: str | None = None) -> str:
        """Start a sign-in and return the address at the provider."""
        params = {} if return_url is None else {"returnUrl": return_url}
        answer = await browser.get("/auth/oidc/start", params=params)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def consent(self, address: str, subject: str, **form: str) -> str:
        """Sign in at the provider and return the address of the callback."""
        async with httpx2.AsyncClient(trust_env=False) as client:
            answer = await client.post(address, data={"sub": subject, **form})
            assert answer.status_code == 302, answer.text
            return answer.headers["location"]

    async def sign_in(
        self, subject: str, choosing: str | None = None, /, **claims: object
    ) -> tuple[httpx2.AsyncClient, httpx2.Response]:
        """Go through a sign-in, up to the answer of the callback; with a choice, to that of the choice."""
        await self.person(subject, **claims)
        browser = await self.api.anonymous(headers=headers_of(self.api))
        callback = await self.consent(await self.begin(browser), subject)
        answer = await browser.get(callback)
        return browser, answer if choosing is None else await choose(browser, answer, choosing)


@pytest.fixture
async def oidc(settings: Settings, dsn: str, clock: MovableClock, issuer: str) -> AsyncIterator[Oidc]:
    """The API, configured for the provider."""
    configured = settings.model_copy(
        update={
            "oidc_issuer": issuer,
            "oidc_client_id": "presswork",
            "oidc_client_secret": SecretStr("secret of the client"),
            "oidc_allowed_domains": "bakery.example",
            "oidc_role_map": "leads=admin,editors=publisher,readers=viewer",
        }
    )
    async with serving(configured, dsn=dsn, clock=clock) as api:
        yield Oidc(api, People(api), issuer)


def offered(answer: httpx2.Response) -> dict[str, tuple[str, str]]:
    """Return what the page offers: for each organization, the value of its button and what is said of it."""
    assert answer.status_code == 200, answer.text
    buttons = re.findall(r'name="user" value="([^"]+)"><b>([^<]+)</b><br><small>([^<]+)</small>', answer.text)
    return {html.unescape(name): (value, html.unescape(text)) for value, name, text in buttons}


async def choose(browser: httpx2.AsyncClient, answer: httpx2.Response, organization: str) -> httpx2.Response:
    """Send the form of the page with the button of an organization."""
    path = re.search(r'name="path" value="([^"]+)"', answer.text)
    assert path is not None
    form = {"path": html.unescape(path[1]), "user": offered(answer)[organization][0]}
    return await browser.post("/auth/oidc/choose", data=form)


async def organization_of(browser: httpx2.AsyncClient) -> tuple[str, str] | None:
    """Return the organization and the role of a browser's session; None without one."""
    found = await session_of(browser)
    return None if found["user"] is None else (found["organization"]["name"], found["user"]["role"])


async def session_of(browser: httpx2.AsyncClient) -> dict[str, Any]:
    """Return the session of a browser."""
    return dict((await browser.get("/v1/auth/session")).json())


async def test_invited_person_signs_in(oidc: Oidc) -> None:
    """An invited person needs no password: the verified address and a choice are enough, and the invited role stays."""
    invited = await oidc.people.invite("approver", email="ines@example.com")
    browser, answer = await oidc.sign_in("ines", "Acme", groups=["leads"])
    assert (answer.status_code, answer.headers["location"]) == (303, "/console")
    found = await session_of(browser)
    assert (found["user"]["id"], found["user"]["status"]) == (invited["user"]["id"], "active")
    assert (found["user"]["role"], found["user"]["name"]) == ("approver", "Ines")
    assert found["session"]["method"] == "oidc"
    assert found["oidc"] == {"startUrl": "/auth/oidc/start", "provider": "127.0.0.1"}
    token = invited["link"].partition("#token=")[2]
    body = {"token": token, "password": "correct horse battery"}
    assert refusal(await browser.post("/v1/auth/accept", json=body)) == (404, "NOT_FOUND")


async def test_strangers_see_only_that_openid_connect_exists(oidc: Oidc) -> None:
    """Without a session the answer says where sign-in with OpenID Connect begins, and nothing else."""
    browser = await oidc.api.anonymous()
    expected = {"user": None, "oidc": {"startUrl": "/auth/oidc/start", "provider": "127.0.0.1"}}
    assert await session_of(browser) == expected


async def test_groups_and_domains_get_in_without_an_invitation(oidc: Oidc) -> None:
    """A mapped group has its role, an allowed domain is a viewer, and everybody else needs an invitation."""
    await oidc.people.signed_in("admin")
    for subject, claims, role in (
        ("lead", {"groups": ["others", "leads", "readers"]}, "admin"),
        ("editor", {"groups": ["editors"], "email": "editor@bakery.example"}, "publisher"),
        ("baker", {"email": "Baker@Bakery.example"}, "viewer"),
    ):
        browser, answer = await oidc.sign_in(subject, **claims)
        assert answer.status_code == 303, answer.text
        found = await session_of(browser)
        assert (found["user"]["role"], found["organization"]["name"]) == (role, "Acme")
    outsiders: list[tuple[str, dict[str, object]]] = [
        ("stranger", {}),
        ("sub", {"email": "sub@deep.bakery.example"}),
        ("suffix", {"email": "suffix@notbakery.example"}),
        ("other", {"groups": ["Leads", "lead", "leads,admin"]}),
        ("object", {"groups": {"leads": False}}),
        ("inner", {"groups": [{"name": "leads"}, ["leads"], None, 1]}),
        ("number", {"groups": 7}),
    ]
    for subject, wrong in outsiders:
        browser, answer = await oidc.sign_in(subject, **wrong)
        assert answer.status_code == 401, subject
        assert (await session_of(browser))["user"] is None


async def test_role_follows_the_groups_until_an_administrator_sets_one(oidc: Oidc) -> None:
    """Who loses all groups gets no new session; a role that an administrator set stays; the last admin keeps the role."""
    first, _ = await oidc.sign_in("lead", groups=["leads"], email="lead@elsewhere.example")
    assert (await session_of(first))["user"] is None, "there is no organization yet"
    key = await oidc.people.key()
    lead, _ = await oidc.sign_in("lead", groups=["leads"])
    again, _ = await oidc.sign_in("lead", groups=["readers"])
    assert (await session_of(again))["user"]["role"] == "admin", "the last administrator stays one"
    editor, _ = await oidc.sign_in("editor", groups=["editors"])
    assert (await session_of(editor))["user"]["role"] == "publisher"
    editor, _ = await oidc.sign_in("editor", groups=["readers"])
    assert (await session_of(editor))["user"]["role"] == "viewer"
    _, answer = await oidc.sign_in("editor", groups=[])
    assert answer.status_code == 401
    await key.patch(f"/v1/users/{await user_id_of(editor)}", json={"role": "author"})
    editor, _ = await oidc.sign_in("editor", groups=[])
    assert (await session_of(editor))["user"]["role"] == "author"
    assert (await session_of(lead))["user"] is not None


async def test_unverified_missing_and_foreign_addresses_are_refused(oidc: Oidc) -> None:
    """The address has to be verified, and belongs to one person of the provider; a disabled user stays out."""
    await oidc.people.invite("viewer", email="ines@example.com")
    wrong: list[dict[str, object]] = [
        {"email_verified": False},
        {"email_verified": None},
        {"email_verified": "no"},
        {"email": "no address"},
    ]
    for number, claims in enumerate(wrong):
        _, answer = await oidc.sign_in(f"ines-{number}", **{"email": "ines@example.com", **claims})
        assert answer.status_code == 401, claims
    browser, answer = await oidc.sign_in("ines", "Acme")
    assert answer.status_code == 303
    _, answer = await oidc.sign_in("other", email="ines@example.com")
    assert answer.status_code == 401, "the address has been given to another person"
    moved, _ = await oidc.sign_in("ines", email="ines.new@example.com")
    assert await user_id_of(moved) == await user_id_of(browser), "a person is known by the subject"
    key = await oidc.people.key()
    await key.patch(f"/v1/users/{await user_id_of(browser)}", json={"status": "disabled"})
    _, answer = await oidc.sign_in("ines")
    assert answer.status_code == 401


async def test_an_invitation_joins_no_one_without_a_choice(oidc: Oidc) -> None:
    """Another organization invites a person, and even accepts its own link: the person sees it, and decides."""
    await oidc.people.key()
    lead = {"groups": ["leads"], "email": "lead@corp.example"}
    await oidc.people.invite("publisher", email="lead@corp.example", organization="Evil & Co")
    await oidc.people.signed_in("author", email="lead@corp.example", organization="Trap")
    browser, answer = await oidc.sign_in("lead", **lead)
    assert {name: text for name, (_, text) in offered(answer).items()} == {
        "Acme": "Your identity provider gives you the role admin.",
        "Trap": "Has a user with your e-mail address, with the role author.",
        "Evil & Co": "Invites you, with the role publisher.",
    }
    assert next(iter(offered(answer))) == "Acme"
    assert await organization_of(browser) is None, "nothing was chosen"
    assert (await choose(browser, answer, "Acme")).headers["location"] == "/console"
    assert await organization_of(browser) == ("Acme", "admin")
    again, answer = await oidc.sign_in("lead", **lead)
    assert offered(answer)["Acme"][1] == "You have signed in to it before."
    assert await organization_of(again) is None
    await choose(again, answer, "Evil & Co")
    assert await organization_of(again) == ("Evil & Co", "publisher")


async def test_users_that_strangers_made_and_disabled_hide_no_other(oidc: Oidc) -> None:
    """A disabled user, also one that the person has chosen before, is no choice and blocks none."""
    await oidc.people.key()
    evil = await oidc.people.key("Evil")
    lead = {"groups": ["leads"], "email": "lead@corp.example"}
    trap = await oidc.people.signed_in("author", email="lead@corp.example", organization="Evil")
    disabled = f"/v1/users/{await user_id_of(trap)}"
    browser, _ = await oidc.sign_in("lead", "Evil", **lead)
    assert await organization_of(browser) == ("Evil", "author")
    assert (await evil.patch(disabled, json={"status": "disabled"})).status_code == 200
    browser, answer = await oidc.sign_in("lead", **lead)
    assert answer.headers["location"] == "/console", "one is left, which the operator's groups give"
    assert await organization_of(browser) == ("Acme", "admin")
    key = await oidc.people.key()
    await oidc.people.signed_in("admin")
    await key.patch(f"/v1/users/{await user_id_of(browser)}", json={"status": "disabled"})
    _, answer = await oidc.sign_in("lead", **lead)
    assert (answer.status_code, "disabled" in answer.text) == (401, True)
    await oidc.people.invite("viewer", email="lead@corp.example", organization="Third")
    _, answer = await oidc.sign_in("lead", **lead)
    assert list(offered(answer)) == ["Third"]
    await key.post("/v1/users", json={"email": "lead.new@corp.example", "role": "viewer"})
    _, answer = await oidc.sign_in("lead", groups=[], email="lead.new@corp.example")
    assert answer.status_code == 401, "a second user of the organization that disabled the person is no way back"


async def test_a_choice_is_bound_to_its_browser_and_its_offers(oidc: Oidc, clock: MovableClock) -> None:
    """Another browser, another site, another user, a foreign path, a second use, ten minutes later: no session."""
    await oidc.people.invite("viewer", email="ines@example.com")
    other = await oidc.people.invite("admin", email="other@example.com", organization="Other")
    browser, page = await oidc.sign_in("ines")
    value = offered(page)["Acme"][0]
    good = {"path": "/console", "user": value}
    stranger = await oidc.api.anonymous(headers=headers_of(oidc.api))
    assert (await stranger.post("/auth/oidc/choose", data=good)).status_code == 401
    for origin in ("null", "https://evil.example"):
        answer = await browser.post("/auth/oidc/choose", data=good, headers={"Origin": origin})
        assert refusal(answer) == (403, "FORBIDDEN_ORIGIN")
    assert issues(await browser.post("/auth/oidc/choose", data=good | {"path": "//evil.example"})) == {
        "path": "invalid_format"
    }
    for form in ({"path": "/console", "user": other["user"]["id"]}, {"path": "/console", "user": "new"}):
        browser, page = await oidc.sign_in("ines")
        assert (await browser.post("/auth/oidc/choose", data=form)).status_code == 401
        assert (await browser.post("/auth/oidc/choose", data=good)).status_code == 401, "the cookie is gone"
    browser, page = await oidc.sign_in("ines")
    clock.advance(timedelta(minutes=10))
    assert (await browser.post("/auth/oidc/choose", data=good)).status_code == 401
    browser, page = await oidc.sign_in("ines")
    assert page.headers["cache-control"] == "no-store"
    assert "form-action 'self'" in page.headers["content-security-policy"]
    assert (await browser.post("/auth/oidc/choose", data=good)).status_code == 303
    assert (await browser.post("/auth/oidc/choose", data=good)).status_code == 401, "it works once"
    assert await organization_of(browser) == ("Acme", "viewer")


async def test_page_of_organizations_works_in_a_browser(oidc: Oidc, browser: Browser) -> None:
    """In the widths of a phone, a tablet and a desk nothing scrolls sideways, axe finds nothing, and a button signs in."""
    await oidc.people.key()
    for organization in ("A press office with a name that is rather long for a telephone", "Trap"):
        await oidc.people.invite("publisher", email="lead@corp.example", organization=organization)
    await oidc.person("lead", groups=["leads"], email="lead@corp.example")
    page = await browser.new_page()
    await page.route("https://**", lambda route: route.abort())  # the provider's page has a style sheet elsewhere
    await page.goto(f"{oidc.api.base_url}/auth/oidc/start?returnUrl=/healthz")
    await page.get_by_placeholder("sub").fill("lead")
    await page.get_by_role("button", name="Authorize").click()
    for width in (360, 768, 1280):
        await page.set_viewport_size({"width": width, "height": 800})
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
    assert await findings_of_axe(page) == []
    await page.get_by_role("button", name="Acme").click()
    await page.wait_for_url("**/healthz")
    answer = await page.request.get(f"{oidc.api.base_url}/v1/auth/session")
    assert (await answer.json())["organization"]["name"] == "Acme"


async def test_login_is_bound_to_the_browser_that_began(oidc: Oidc, clock: MovableClock) -> None:
    """Another browser, another state, a second use, ten minutes later, a wrong issuer or a foreign code: no session."""
    await oidc.people.invite("viewer", email="ines@example.com")
    await oidc.sign_in("ines", "Acme")
    victim = await oidc.api.anonymous()
    attacker = await oidc.api.anonymous()
    callback = await oidc.consent(await oidc.begin(attacker), "ines")
    assert (await victim.get(callback)).status_code == 401, "the victim has no login"
    await oidc.begin(victim)
    assert (await victim.get(callback)).status_code == 401, "the victim began another one"
    own = await oidc.begin(victim)
    state = parse_qs(urlsplit(own).query)["state"][0]
    code = parse_qs(urlsplit(callback).query)["code"][0]
    swapped = f"/auth/oidc/callback?code={code}&state={state}"
    answer = await victim.get(swapped)
    assert answer.status_code == 401, "the code is of the attacker's verifier"
    late = await oidc.consent(await oidc.begin(victim), "ines")
    clock.advance(timedelta(minutes=10))
    assert (await victim.get(late)).status_code == 401
    good = await oidc.consent(await oidc.begin(victim), "ines")
    assert (await victim.get(f"{good}&iss=https://evil.example")).status_code == 401
    good = await oidc.consent(await oidc.begin(victim), "ines")
    assert (await victim.get(good)).status_code == 303
    assert (await victim.get(good)).status_code == 401, "the cookie is gone"
    denied = await oidc.consent(await oidc.begin(victim), "ines", action="deny")
    page = await victim.get(denied, headers={"Accept": "text/html"})
    assert page.status_code == 401
    assert "ines" not in page.text
    assert 'href="/console"' in page.text


async def test_login_uses_pkce_nonce_and_state(oidc: Oidc) -> None:
    """Each login has new random values; what they are compared with is unreadable in a cookie that scripts can't read."""
    seen = []
    for _ in range(2):
        browser = await oidc.api.anonymous()
        answer = await browser.get("/auth/oidc/start")
        query = parse_qs(urlsplit(answer.headers["location"]).query)
        assert query["response_type"] == ["code"]
        assert query["code_challenge_method"] == ["S256"]
        assert query["redirect_uri"] == [f"{oidc.api.base_url}/auth/oidc/callback"]
        assert query["scope"] == ["openid email profile"]
        cookie = answer.headers["set-cookie"]
        assert cookie.endswith("; Path=/; Max-Age=600; HttpOnly; SameSite=Lax")
        values = {query[name][0] for name in ("state", "nonce", "code_challenge")}
        assert len(values) == 3
        assert not [value for value in values if value in cookie]
        seen.append(values)
    assert not seen[0] & seen[1]


async def test_sign_in_returns_to_the_page_where_it_began(oidc: Oidc) -> None:
    """A path of this server is kept through the sign-in; another address is refused before anything begins."""
    await oidc.people.invite("viewer", email="ines@example.com")
    await oidc.person("ines")
    browser = await oidc.api.anonymous(headers={"Origin": oidc.api.base_url})
    for is_first in (True, False):
        callback = await oidc.consent(await oidc.begin(browser, "/console/queue?status=failed"), "ines")
        answer = await browser.get(callback)
        answer = await choose(browser, answer, "Acme") if is_first else answer
        assert answer.headers["location"] == "/console/queue?status=failed"
    for url in ("//evil.example", "https://evil.example", "/\\evil.example", f"{oidc.api.base_url}@evil.example/"):
        answer = await browser.get("/auth/oidc/start", params={"returnUrl": url})
        assert issues(answer) == {"returnUrl": "invalid_format"}


async def test_steps_of_sign_ins_are_limited_per_address(oidc: Oidc, clock: MovableClock) -> None:
    """One address can't make the server ask the issuer without end: each step counts, for a quarter of an hour."""
    await oidc.people.key()
    browser, answer = await oidc.sign_in("lead", groups=["leads"])
    assert answer.status_code == 303
    counted = "SELECT max(attempts) FROM sign_in_windows"
    assert await oidc.api.context.pool.fetchval(counted) == 2
    callback = await oidc.consent(await oidc.begin(browser), "lead")
    await oidc.api.context.pool.execute("UPDATE sign_in_windows SET attempts = $1", STEPS_PER_ADDRESS)
    form = {"path": "/console", "user": "new"}
    for answer in (
        await browser.get(callback),
        await browser.get("/auth/oidc/start"),
        await browser.post("/auth/oidc/choose", data=form),
    ):
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "900"), answer.url
    clock.advance(timedelta(minutes=15))
    assert (await oidc.sign_in("lead", groups=["leads"]))[1].status_code == 303


@pytest.mark.exhaustive
async def test_issuer_that_does_not_answer(
    settings: Settings, dsn: str, clock: MovableClock, issuer: str, tmp_path: Path
) -> None:
    """Without a usable issuer no browser is sent anywhere, and people still sign in with a password."""
    for number, address in enumerate(("http://127.0.0.1:9", f"{issuer}/realms/none")):
        other = beside(settings, tmp_path / str(number)).model_copy(
            update={"oidc_issuer": address, "oidc_client_id": "presswork"}
        )
        async with serving(other, dsn=dsn, clock=clock) as api:
            assert refusal(await (await api.anonymous()).get("/auth/oidc/start")) == (503, "UNAVAILABLE")
            browser = await People(api).signed_in("viewer", email=f"ines-{number}@example.com")
            assert (await session_of(browser))["user"] is not None


async def test_without_an_issuer_there_is_no_such_sign_in(api: Api) -> None:
    """Where OpenID Connect is not configured, its addresses do not exist."""
    browser = await api.anonymous()
    assert refusal(await browser.get("/auth/oidc/start")) == (404, "NOT_FOUND")
    assert refusal(await browser.get("/auth/oidc/callback?code=a&state=b")) == (404, "NOT_FOUND")


async def test_second_factor_of_the_provider(oidc: Oidc, clock: MovableClock) -> None:
    """A person with a factor is asked for it here, unless the signed ID token says that the provider asked for two."""
    await oidc.people.key()  # makes the organization
    person = {"email": "ana@bakery.example", "auth_time": int(clock.now().timestamp())}
    browser, _ = await oidc.sign_in("ana", **person)
    factors = Factors(oidc.api, oidc.people, clock)
    secret, _ = await factors.totp(browser)
    waiting = browser
    for claims in ({}, {"amr": ["pwd"]}, {"acr": "1"}):
        waiting, answer = await oidc.sign_in("ana", **person, **claims)
        assert answer.headers.get("location") == "/console/sign-in", (claims, answer.text[-900:])
        assert (await session_of(waiting))["next"] == "second_factor", claims
    done = await waiting.post("/v1/auth/second-factor", json={"code": code_of(secret, clock.now())})
    assert done.json()["returnUrl"] == "/console"
    for claims in ({"amr": ["pwd", "mfa"]}, {"acr": "https://refeds.org/profile/mfa"}):
        trusted, _ = await oidc.sign_in("ana", **person, **claims)
        assert (await session_of(trusted))["user"]["email"] == "ana@bakery.example", claims


async def test_a_person_of_the_provider_confirms_there(oidc: Oidc, clock: MovableClock) -> None:
    """Without a password and a factor, another sign-in at the provider confirms; an old one there does not."""
    await oidc.people.key()  # makes the organization
    lead = {"groups": ["leads"], "auth_time": int(clock.now().timestamp()) - 3600}
    browser, answer = await oidc.sign_in("lea", **lead)
    assert answer.status_code == 303, answer.text[-900:]
    body = {"name": "New", "scopes": ["projects:read"]}
    asked = await browser.post("/v1/api-keys", json=body)
    assert refusal(asked) == (403, "CONFIRMATION_REQUIRED")
    assert asked.json()["error"]["details"]["methods"] == ["oidc"]
    for signed_in_at, status in ((clock.now() - timedelta(hours=1), 403), (clock.now(), 201)):
        await oidc.person("lea", groups=["leads"], auth_time=int(signed_in_at.timestamp()))
        begun = await browser.get("/auth/oidc/start", params={"again": "true", "returnUrl": "/console/live/people"})
        asked_for = parse_qs(urlsplit(begun.headers["location"]).query)
        assert (asked_for["prompt"], asked_for["max_age"]) == (["login"], ["0"])
        back = await browser.get(await oidc.consent(begun.headers["location"], "lea"))
        assert back.headers["location"] == "/console/live/people"
        assert (await browser.post("/v1/api-keys", json=body)).status_code == status


@pytest.mark.exhaustive
async def test_no_time_of_the_provider_confirms_for_longer(oidc: Oidc, clock: MovableClock) -> None:
    """A provider whose clock is ahead gives five minutes, one that sends nonsense none: such a token signs in at most, and confirms nothing."""
    await oidc.people.key()  # makes the organization
    body, now = {"name": "New", "scopes": ["projects:read"]}, int(clock.now().timestamp())
    found = []
    for auth_time in (now + 86_400 * 365, 10**18, -(10**18), 0, True, "soon", 1.5, [now]):
        browser, _ = await oidc.sign_in("lea", groups=["leads"], auth_time=auth_time)
        clock.advance(timedelta(minutes=5, seconds=1))
        answer = await browser.post("/v1/api-keys", json=body)
        if refusal(answer) not in {(403, "CONFIRMATION_REQUIRED"), (401, "UNAUTHENTICATED")}:
            found.append((auth_time, answer.status_code))
    assert found == []
