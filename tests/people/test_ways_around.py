"""What attackers try around the second step of a sign-in: each list is of ways that must lead nowhere, and all are tried."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from uuid import uuid4

import httpx2
import pytest
from tests.agents.test_oauth import Program
from tests.api.wire import ALL, operations_of, read_document, refusal
from tests.api_server import Api
from tests.clocks import MovableClock
from tests.people.factors import Factors, code_of
from tests.people.people import PASSWORD, People, headers_of, token_of, user_id_of
from tests.provisioning.conftest import Provider, provider_of

from presswork.people.second_factor_model import CONFIRMED_FOR
from presswork.people.throttle import PROOFS_PER_USER, PROOFS_PER_USER_AND_ADDRESS

ANA = "ana@example.com"
Change = Callable[[str], Awaitable[object]]


@pytest.fixture
async def provider(api: Api, people: People) -> Provider:
    """The identity provider of Acme."""
    return await provider_of(api, people)


async def send(browser: httpx2.AsyncClient, body: Mapping[str, object]) -> httpx2.Response:
    """Send a second factor."""
    return await browser.post("/v1/auth/second-factor", json=dict(body))


@pytest.fixture
async def changes(people: People, provider: Provider) -> Mapping[str, Change]:
    """What ends the sign-ins of a user that wait, each by the user's id."""
    key, activity = await people.key(), {"op": "replace", "path": "active"}

    async def reset_password(user: str) -> None:
        link = (await key.post(f"/v1/users/{user}/link")).json()["link"]
        body = {"token": token_of(link), "password": "another good password"}
        assert (await (await people.browser()).post("/v1/auth/accept", json=body)).status_code == 200

    async def disable(user: str) -> None:
        for status in ("disabled", "active"):
            assert (await key.patch(f"/v1/users/{user}", json={"status": status})).status_code == 200

    async def deactivate(user: str) -> None:
        for value in (False, True):
            assert (await provider.patch(f"/Users/{user}", {**activity, "value": value})).status_code == 200

    async def rename(user: str) -> None:
        address = f"{uuid4().hex}@example.com"
        answer = await provider.patch(f"/Users/{user}", {"op": "replace", "path": "userName", "value": address})
        assert answer.status_code == 200, answer.text

    async def remove(user: str) -> None:
        assert (await provider.client.delete(f"/Users/{user}")).status_code == 204

    return {
        "the password is set by a link": reset_password,
        "an administrator disables and enables the user": disable,
        "the provider deactivates and activates the person": deactivate,
        "the provider gives the person another address": rename,
        "the provider deletes the person": remove,
        "an administrator resets the factors": lambda user: key.delete(f"/v1/users/{user}/second-factor"),
        "an administrator ends the sessions": lambda user: key.delete("/v1/sessions", params={"userId": user}),
    }


async def test_what_changes_a_person_ends_its_waiting_sign_ins(
    people: People, factors: Factors, changes: Mapping[str, Change]
) -> None:
    """Who waits at the second step, with the factor or to set one up, begins again with what is true now."""
    key, survived = await people.key(), []
    for number, (name, change) in enumerate(changes.items()):
        email = f"person-{number}@example.com"
        browser = await people.signed_in(email=email)
        user = await user_id_of(browser)
        _, codes = await factors.totp(browser)
        waiting = await factors.first_step(email)
        await change(user)
        if (await send(waiting, {"recoveryCode": codes[0]})).status_code != 401:
            survived.append(name)
    await key.patch("/v1/organization", json={"secondFactor": "everyone"})
    for number, (name, change) in enumerate(changes.items()):
        invited = await people.invite(email=f"new-{number}@example.com")
        browser = await people.browser()
        body = {"token": token_of(invited["link"]), "password": PASSWORD}
        assert (await browser.post("/v1/auth/accept", json=body)).json()["next"] == "set_up_second_factor"
        await change(invited["user"]["id"])
        if (await browser.post("/v1/auth/totp")).status_code != 401:
            survived.append(f"{name}, before there is a factor")
    assert survived == []


async def test_the_first_factor_ends_the_other_sign_ins(people: People, factors: Factors) -> None:
    """Two browsers wait to set up the factor that the organization demands: one of them gets to, also if both begin before."""
    await (await people.key()).patch("/v1/organization", json={"secondFactor": "everyone"})
    invited = await people.invite(email=ANA)
    first = await people.browser()
    await first.post("/v1/auth/accept", json={"token": token_of(invited["link"]), "password": PASSWORD})
    second = await factors.first_step(ANA)
    begun = (await second.post("/v1/auth/totp")).json()["secret"]
    await factors.passkey(first)
    late = await second.post("/v1/auth/totp/confirm", json={"code": code_of(begun, factors.clock.now())})
    assert refusal(late) == (401, "UNAUTHENTICATED")
    assert (await second.post("/v1/auth/totp")).status_code == 401
    assert (await factors.first_step(ANA)).cookies.get("presswork_session") is None


async def test_one_waiting_sign_in_becomes_one_session(people: People, factors: Factors) -> None:
    """Two right proofs of one sign-in at once: one session, and what was not needed can be used later."""
    secret, codes = await factors.totp(await people.signed_in(email=ANA))
    waiting = await factors.first_step(ANA)
    cookie = {"Cookie": f"presswork_pending={waiting.cookies['presswork_pending']}"}
    copies = [await factors.api.anonymous(headers={**headers_of(factors.api), **cookie}) for _ in range(3)]
    proofs = [{"code": code_of(secret, factors.clock.now())}, {"recoveryCode": codes[0]}, {"recoveryCode": codes[1]}]
    answers = await asyncio.gather(*(send(copy, proof) for copy, proof in zip(copies, proofs, strict=True)))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401]
    lost = [proof for proof, answer in zip(proofs, answers, strict=True) if answer.status_code == 401]
    for proof in lost:
        assert (await send(await factors.first_step(ANA), proof)).status_code == 200, "used up by a refused attempt"


async def test_an_end_at_the_moment_of_the_proof(
    people: People, factors: Factors, changes: Mapping[str, Change]
) -> None:
    """Whichever comes first, the proof or what ends the sign-in: no one is signed in afterwards."""
    alive = []
    for number, (name, change) in enumerate(changes.items()):
        if name == "the provider gives the person another address":
            continue  # sessions stay
        email = f"racer-{number}@example.com"
        browser = await people.signed_in(email=email)
        user = await user_id_of(browser)
        _, codes = await factors.totp(browser)
        waiting = [await factors.first_step(email) for _ in range(3)]
        proofs = (send(one, {"recoveryCode": code}) for one, code in zip(waiting, codes, strict=False))
        await asyncio.gather(*proofs, change(user))
        alive += [name for one in (*waiting, browser) if (await one.get("/v1/whoami")).status_code != 401]
    assert alive == []


async def test_no_proof_and_several_proofs(people: People, factors: Factors) -> None:
    """A body with none, several, or other types of them is refused as such, counts as no guess, and the sign-in still waits."""
    secret, codes = await factors.totp(await people.signed_in(email=ANA))
    waiting = await factors.first_step(ANA)
    bodies: tuple[dict[str, object], ...] = (
        {},
        {"code": ""},
        {"code": None},
        {"code": 123456},
        {"code": ["123456"]},
        {"code": {"$ne": ""}},
        {"code": "123456", "recoveryCode": codes[0]},
        {"recoveryCode": codes[0], "passkey": {}},
        {"recoveryCode": codes},
        {"passkey": "x"},
        {"password": PASSWORD},
        {"code": "1" * 10_000},
    )
    for body in bodies:
        assert refusal(await send(waiting, body)) == (422, "VALIDATION"), body
    assert (await send(waiting, {"code": code_of(secret, factors.clock.now())})).status_code == 200


async def test_guesses_at_once_and_from_many_addresses_are_limited(api: Api, people: People, factors: Factors) -> None:
    """Of many at the same moment so many are tried as one after the other; more addresses give a few more, new sign-ins none."""
    _, codes = await factors.totp(await people.signed_in(email=ANA))
    waiting = await factors.first_step(ANA)
    answers = await asyncio.gather(*(send(waiting, {"code": f"1{number:05}"}) for number in range(24)))
    tried = [answer.status_code for answer in answers].count(422)
    assert (tried, len(answers) - tried) == (
        PROOFS_PER_USER_AND_ADDRESS,
        [answer.status_code for answer in answers].count(429),
    )
    cookie = {"Cookie": f"presswork_pending={waiting.cookies['presswork_pending']}"}
    tried = 0
    for host in range(2, 8):
        transport = httpx2.AsyncHTTPTransport(local_address=f"127.0.0.{host}")
        async with httpx2.AsyncClient(
            base_url=api.base_url, headers={**headers_of(api), **cookie}, transport=transport, timeout=30
        ) as client:
            for number in range(3):
                answer = await send(client, {"recoveryCode": f"aaaa-bbbb-{number}"})
                tried += answer.status_code == 422
    assert tried == PROOFS_PER_USER - PROOFS_PER_USER_AND_ADDRESS
    assert refusal(await send(waiting, {"recoveryCode": codes[0]})) == (429, "RATE_LIMITED")


async def test_a_waiting_sign_in_opens_no_page(api: Api, people: People, factors: Factors) -> None:
    """Nor what is no route of the API: consents of programs, the tools of agents, SCIM, the stream of events."""
    await factors.totp(await people.signed_in("admin", email=ANA))
    program = await Program.registered(api, await people.browser())
    waiting = await factors.first_step(ANA)
    token = waiting.cookies["presswork_pending"]
    asked = await waiting.get("/oauth/authorize", params=program.query())
    assert (asked.status_code, 'name="password"' in asked.text) == (200, True), "it asks for a sign-in"
    posted = {"decision": "allow", "request": "x", "scope": "projects:read"}
    assert (await waiting.post("/oauth/consent", data=posted)).status_code == 400
    bearers = [waiting, await api.anonymous(headers={"Authorization": f"Bearer {token}"})]
    opened = []
    for client in bearers:
        for method, path in (
            ("POST", "/mcp"),
            ("GET", "/scim/v2/Users"),
            ("GET", "/v1/events/stream"),
            ("GET", "/v1/events/stream?environment=live"),
        ):
            answer = await client.request(method, path, json={} if method == "POST" else None)
            if answer.status_code != 401:
                opened.append((method, path, answer.status_code))
    assert opened == []


async def test_a_scim_token_opens_scim_alone(api: Api, people: People, factors: Factors, provider: Provider) -> None:
    """No other route takes it, and no key, session or waiting sign-in opens SCIM."""
    bearer = {"Authorization": provider.client.headers["authorization"]}
    stranger = await api.anonymous(headers={**headers_of(api), **bearer})
    opened = []
    for operation in operations_of(await read_document(api)):
        if operation.needs_key:
            path = operation.at({name: str(uuid4()) for name in operation.path_parameters})
            body: dict[str, object] | None = {} if operation.method in {"POST", "PATCH", "PUT"} else None
            answer = await stranger.request(operation.method, path, json=operation.body_example or body)
            if answer.status_code != 401:
                opened.append((str(operation), answer.status_code))
    assert opened == []
    for path in ("/mcp", "/v1/auth/confirm", "/v1/auth/totp", "/v1/auth/passkeys/options"):
        assert (await stranger.post(path, json={"code": "123456"})).status_code in {401, 422}, path
    admin = await people.signed_in("admin", email=ANA)
    await factors.totp(admin)
    for client in (await people.key(), admin, await factors.first_step(ANA), await api.anonymous()):
        for path in ("/scim/v2/Users", "/scim/v2/Groups", "/scim/v2/ServiceProviderConfig"):
            assert (await client.get(path)).status_code == 401, path


async def test_a_confirmation_lasts_five_minutes_of_one_session(
    api: Api, people: People, factors: Factors, clock: MovableClock
) -> None:
    """To the second, for a cookie alone: neither the token as a key nor a wrong key beside the cookie gets around it."""
    browser = await people.signed_in("admin", email=ANA)
    body = {"name": "New", "scopes": ["projects:read"]}
    clock.advance(CONFIRMED_FOR - timedelta(seconds=1))
    assert (await browser.post("/v1/api-keys", json=body)).status_code == 201
    clock.advance(timedelta(seconds=1))
    token = browser.cookies["presswork_session"]
    wrong = {"Authorization": f"Bearer {token}"}
    for client, headers, expected in (
        (browser, {}, (403, "CONFIRMATION_REQUIRED")),
        (browser, {"X-Presswork-Environment": "live"}, (403, "CONFIRMATION_REQUIRED")),
        (browser, {"Idempotency-Key": "new"}, (403, "CONFIRMATION_REQUIRED")),
        (browser, wrong, (401, "UNAUTHENTICATED")),
        (await api.anonymous(headers=headers_of(api)), wrong, (401, "UNAUTHENTICATED")),
    ):
        assert refusal(await client.post("/v1/api-keys", json=body, headers=headers)) == expected, headers
    narrow = await api.client(scopes=["projects:read"])
    own = {"Authorization": narrow.headers["authorization"]}
    assert refusal(await browser.post("/v1/api-keys", json=body, headers=own)) == (403, "FORBIDDEN_SCOPE")
    assert (await browser.post("/v1/auth/confirm", json={"password": PASSWORD}, headers=own)).status_code == 401
    key = await api.client(scopes=ALL)
    assert (await key.post("/v1/auth/confirm", json={"password": PASSWORD})).status_code == 401
    await browser.post("/v1/auth/confirm", json={"password": PASSWORD})
    assert (await browser.post("/v1/api-keys", json=body)).status_code == 201
    renewed = await factors.first_step(ANA)
    assert refusal(await browser.post("/v1/auth/second-factor", json={"code": "123456"})) == (401, "UNAUTHENTICATED")
    assert (await renewed.post("/v1/api-keys", json=body)).status_code == 201, "a sign-in is a proof"


async def test_a_policy_that_is_switched_on_leaves_no_way_around(people: People, factors: Factors) -> None:
    """Who is signed in stays so; each way to sign in again leads to a factor, and no session can remove its last one."""
    key = await people.key()
    browser = await people.signed_in(email=ANA)
    user = await user_id_of(browser)
    await key.patch("/v1/organization", json={"secondFactor": "everyone"})
    assert (await browser.get("/v1/whoami")).status_code == 200
    link = token_of((await key.post(f"/v1/users/{user}/link")).json()["link"])
    ways = (
        ("/v1/auth/sign-in", {"email": ANA, "password": PASSWORD}),
        ("/v1/auth/accept", {"token": link, "password": "another good password"}),
    )
    again = browser
    for path, body in ways:
        again = await people.browser()
        answer = await again.post(path, json=body)
        assert answer.json()["next"] == "set_up_second_factor", path
        assert "presswork_session" not in again.cookies
        assert (await again.get("/v1/whoami")).status_code == 401
        assert (await again.get("/v1/auth/session")).json()["user"] is None
    assert (await browser.get("/v1/whoami")).status_code == 401, "a new password ends all sessions"
    passkey = await factors.passkey(again)
    (own,) = (await again.get("/v1/auth/passkeys")).json()["items"]
    assert refusal(await again.delete(f"/v1/auth/passkeys/{own['id']}")) == (409, "CONFLICT")
    await key.patch("/v1/organization", json={"secondFactor": "off"})
    waiting = await people.browser()
    await waiting.post("/v1/auth/sign-in", json={"email": ANA, "password": "another good password"})
    assert (await waiting.get("/v1/whoami")).status_code == 401, "a factor is asked for without a policy too"
    assert (await factors.send_passkey(waiting, passkey.get(await factors.options(waiting)))).status_code == 200


async def test_the_cookie_of_a_waiting_sign_in(https_api: Api, clock: MovableClock) -> None:
    """On https it is Secure, bound to the host, hidden from scripts, and ends with the sign-in; no other form of it counts."""
    people, origin = People(https_api), {"Origin": "https://press.example.com", "Host": "press.example.com"}
    own = {**headers_of(https_api), **origin}
    invited = await people.invite(email=ANA)
    browser = await https_api.anonymous(headers=own)
    body = {"token": token_of(invited["link"]), "password": PASSWORD}
    accepted = await browser.post("/v1/auth/accept", json=body)
    session = {"Cookie": accepted.headers["set-cookie"].partition(";")[0]}
    browser.cookies.clear()
    secret = (await browser.post("/v1/auth/totp", headers=session)).json()["secret"]
    confirmed = await browser.post(
        "/v1/auth/totp/confirm", json={"code": code_of(secret, clock.now())}, headers=session
    )
    assert confirmed.status_code == 200, confirmed.text
    clock.advance(timedelta(minutes=1))
    first = await browser.post("/v1/auth/sign-in", json={"email": ANA, "password": PASSWORD})
    cookies = first.headers.get_list("set-cookie")
    (pending,) = [cookie for cookie in cookies if "presswork_pending=" in cookie]
    value, _, flags = pending.partition("; ")
    assert value.startswith("__Host-presswork_pending=")
    assert {*flags.split("; ")} == {"Path=/", "Max-Age=600", "HttpOnly", "SameSite=Lax", "Secure"}
    browser.cookies.clear()
    code = {"code": code_of(secret, clock.now())}
    tossed = {"Cookie": value.removeprefix("__Host-")}
    assert (await browser.post("/v1/auth/second-factor", json=code, headers=tossed)).status_code == 401
    done = await browser.post("/v1/auth/second-factor", json=code, headers={"Cookie": value})
    assert done.status_code == 200, done.text
    assert any(
        cookie.startswith("__Host-presswork_pending=;") and "Max-Age=0" in cookie
        for cookie in done.headers.get_list("set-cookie")
    )
