"""What attackers try on second factors: replays, races, codes and passkeys of others, guesses, and ways around them."""

import asyncio
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
from tests.api.wire import ALL, Json, error, operations_of, read_document, refusal
from tests.api_server import Api, beside, serving
from tests.clocks import MovableClock
from tests.people.factors import Factors, Passkey, code_of
from tests.people.people import PASSWORD, People, headers_of

from presswork.people.second_factor_model import PENDING_LIFETIME
from presswork.platforms.settings import Settings

ANA = "ana@example.com"
EVA = "eva@example.com"


async def send(browser: httpx2.AsyncClient, body: Mapping[str, object], **headers: str) -> httpx2.Response:
    """Send a second factor."""
    return await browser.post("/v1/auth/second-factor", json=dict(body), headers=headers)


async def test_a_code_serves_once(people: People, factors: Factors) -> None:
    """Who reads a code over a shoulder can't use it after its person, nor an older one, nor at the same moment."""
    secret, codes = await factors.totp(await people.signed_in(email=ANA))
    factors.clock.advance(timedelta(minutes=1))
    used = code_of(secret, factors.clock.now())
    for body in ({"code": used}, {"recoveryCode": codes[0]}):
        browsers = [await factors.first_step(ANA) for _ in range(3)]
        answers = await asyncio.gather(*(send(browser, body) for browser in browsers))
        assert sorted(answer.status_code for answer in answers) == [200, 422, 422], body
        factors.clock.advance(timedelta(minutes=15))
    browser = await factors.first_step(ANA)
    fresh = code_of(secret, factors.clock.now())
    assert (await send(browser, {"code": fresh})).status_code == 200
    browser = await factors.first_step(ANA)
    for code in (fresh, code_of(secret, factors.clock.now() - timedelta(seconds=30))):
        assert (await send(browser, {"code": code})).status_code == 422
    confirming = await people.browser()
    await confirming.post("/v1/auth/sign-in", json={"email": ANA, "password": PASSWORD})
    assert (await send(confirming, {"recoveryCode": codes[1]})).status_code == 200
    assert (await confirming.post("/v1/auth/confirm", json={"code": fresh})).status_code == 422


async def test_factors_of_another_person(people: People, factors: Factors) -> None:
    """A code, a recovery code and a passkey prove who their own person is, and no one else."""
    eva = await people.signed_in(email=EVA)
    secret, codes = await factors.totp(eva)
    passkey = await factors.passkey(eva)
    await factors.totp(await people.signed_in(email=ANA))
    waiting = await factors.first_step(ANA)
    for body in ({"code": code_of(secret, factors.clock.now())}, {"recoveryCode": codes[0]}):
        assert (await send(waiting, body)).status_code == 422
    options = await factors.options(waiting)
    assert options.get("allowCredentials", []) == []
    assert (await factors.send_passkey(waiting, passkey.get(options))).status_code == 422
    forged = passkey.get(await factors.options(waiting), userHandle="")
    assert (await factors.send_passkey(waiting, forged)).status_code == 422
    (own,) = (await eva.get("/v1/auth/passkeys")).json()["items"]
    assert (await send(await factors.first_step(EVA), {"recoveryCode": codes[0]})).status_code == 200
    mallory = await people.signed_in(email="mallory@example.com")
    assert refusal(await mallory.delete(f"/v1/auth/passkeys/{own['id']}")) == (404, "NOT_FOUND")


async def test_challenges_serve_once_for_one_purpose(people: People, factors: Factors) -> None:
    """A recorded answer of an authenticator, one for another purpose, and a late one are worth nothing."""
    browser = await people.signed_in(email=ANA)
    passkey = await factors.passkey(browser)
    waiting = await factors.first_step(ANA)
    answer = passkey.get(await factors.options(waiting))
    confirming = passkey.get(await factors.options(browser))
    assert (await factors.send_passkey(waiting, confirming)).status_code == 422, "made to confirm a session"
    fresh = passkey.get(await factors.options(waiting))
    assert (await factors.send_passkey(waiting, fresh)).status_code == 200
    copied = await factors.first_step(ANA)
    assert (await factors.send_passkey(copied, answer)).status_code == 422, "the counter went back: a copy"
    factors.clock.advance(timedelta(minutes=15))
    again = await factors.first_step(ANA)
    assert (await factors.send_passkey(again, fresh)).status_code == 422, "recorded"
    whole = await factors.options(await people.browser())
    assert (await factors.send_passkey(again, passkey.get(whole))).status_code == 422, "made for another browser"
    late = passkey.get(await factors.options(again))
    factors.clock.advance(timedelta(minutes=6))
    assert (await factors.send_passkey(again, late)).status_code == 422


async def test_a_passkey_alone_must_verify_its_person(people: People, factors: Factors) -> None:
    """One that only was touched is a second factor, and no whole sign-in; neither is one of another site."""
    touched = await factors.passkey(await people.signed_in(email=ANA), verifies=False)
    alone = await people.browser()
    assert (await factors.send_passkey(alone, touched.get(await factors.options(alone)))).status_code == 422
    waiting = await factors.first_step(ANA)
    for field, value in (("origin", "https://evil.example"), ("host", "evil.example")):
        former = getattr(touched, field)
        setattr(touched, field, value)
        assert (await factors.send_passkey(waiting, touched.get(await factors.options(waiting)))).status_code == 422
        setattr(touched, field, former)
    assert (await factors.send_passkey(waiting, touched.get(await factors.options(waiting)))).status_code == 200
    unknown = Passkey(factors.origin, id=b"unknown", user_handle=b"unknown")
    assert (await factors.send_passkey(alone, unknown.get(await factors.options(alone)))).status_code == 422
    shapes: tuple[dict[str, object], ...] = (
        {},
        {"response": {}},
        {"rawId": 1},
        {"rawId": "é", "response": {"clientDataJSON": "!"}},
    )
    for broken in shapes:
        assert (await factors.send_passkey(alone, broken)).status_code == 422, broken


async def test_guesses_are_limited_over_processes_and_restarts(
    people: People, factors: Factors, settings: Settings, dsn: str, clock: MovableClock, tmp_path: Path
) -> None:
    """Five wrong codes in 15 minutes block further ones, right ones too, on each process and for new first steps."""
    secret, codes = await factors.totp(await people.signed_in(email=ANA))
    browser = await factors.first_step(ANA)
    cookie = {"Cookie": f"presswork_pending={browser.cookies['presswork_pending']}"}
    async with serving(beside(settings, tmp_path / "second"), dsn=dsn, clock=clock) as other:
        elsewhere = await other.anonymous(headers={**headers_of(other), **cookie})
        for number in range(5):
            client = browser if number % 2 else elsewhere
            assert (await send(client, {"code": f"00000{number}"})).status_code == 422, number
        right = {"code": code_of(secret, clock.now())}
        for client in (browser, elsewhere, await factors.first_step(ANA)):
            answer = await send(client, right)
            assert refusal(answer) == (429, "RATE_LIMITED")
            assert 1 <= int(answer.headers["retry-after"]) <= 900
    async with serving(beside(settings, tmp_path / "third"), dsn=dsn, clock=clock) as restarted:
        client = await restarted.anonymous(headers={**headers_of(restarted), **cookie})
        assert refusal(await send(client, {"recoveryCode": codes[0]})) == (429, "RATE_LIMITED")
    clock.advance(timedelta(minutes=15))
    again = await factors.first_step(ANA)
    assert (await send(again, {"code": code_of(secret, clock.now())})).status_code == 200


async def test_a_sign_in_that_waits_is_no_session(api: Api, people: People, factors: Factors) -> None:
    """Its token opens no route, whichever cookie carries it; it ends in ten minutes, with one use, and with the password."""
    admin = await people.signed_in("admin", email=ANA)
    secret, _ = await factors.totp(admin)
    waiting = await factors.first_step(ANA)
    token = waiting.cookies["presswork_pending"]
    as_session = {"Cookie": f"presswork_session={token}"}
    opened = []
    for operation in operations_of(await read_document(api)):
        if not operation.needs_key or operation.is_stream:
            continue
        path = re.sub(r"\{\w+\}", "0191f3a2-6b0d-7a51-8c1f-2e5b1d0a7f43", operation.path)
        body: dict[str, object] | None = {} if operation.method in {"POST", "PATCH", "PUT"} else None
        plain = await api.anonymous(headers={**headers_of(api), **as_session})
        for client in (waiting, plain):
            answer = await client.request(operation.method, path, json=body)
            if answer.status_code != 401:
                opened.append((str(operation), answer.status_code))
    assert opened == []
    events = await waiting.get("/v1/events/stream")
    assert events.status_code == 401
    plain = await api.anonymous(headers={"Cookie": f"presswork_pending={token}"})
    done = await send(plain, {"code": code_of(secret, factors.clock.now())})
    assert done.status_code == 200
    factors.clock.advance(timedelta(seconds=30))
    assert refusal(await send(waiting, {"code": code_of(secret, factors.clock.now())})) == (401, "UNAUTHENTICATED")
    late = await factors.first_step(ANA)
    factors.clock.advance(PENDING_LIFETIME)
    assert refusal(await send(late, {"code": code_of(secret, factors.clock.now())})) == (401, "UNAUTHENTICATED")
    ended = await factors.first_step(ANA)
    user = done.json()["user"]["id"]
    assert (await (await people.key()).delete("/v1/sessions", params={"userId": user})).status_code == 200
    assert refusal(await send(ended, {"code": code_of(secret, factors.clock.now())})) == (401, "UNAUTHENTICATED")


async def test_a_planted_sign_in_is_not_adopted(people: People, factors: Factors) -> None:
    """The attacker's waiting sign-in in the victim's browser ends with the victim's own; the session has a new token."""
    await factors.totp(await people.signed_in(email=EVA))
    secret, _ = await factors.totp(await people.signed_in(email=ANA))
    planted = (await factors.first_step(EVA)).cookies["presswork_pending"]
    victim = await people.browser()
    victim.cookies.set("presswork_pending", planted, domain="127.0.0.1")
    await victim.post("/v1/auth/sign-in", json={"email": ANA, "password": PASSWORD})
    token = victim.cookies["presswork_pending"]
    assert token != planted
    done = await send(victim, {"code": code_of(secret, factors.clock.now())})
    assert done.json()["user"]["email"] == ANA
    assert victim.cookies["presswork_session"] not in {token, planted}
    attacker = await people.browser()
    attacker.cookies.set("presswork_pending", planted, domain="127.0.0.1")
    assert (await attacker.get("/v1/auth/session")).json() == {"user": None}


async def test_a_waiting_sign_in_ends_the_session_that_the_browser_had(people: People, factors: Factors) -> None:
    """No browser has both, so that a factor is never added to the person who was here before."""
    await factors.totp(await people.signed_in(email=ANA))
    browser = await people.signed_in(email=EVA)
    former = browser.cookies["presswork_session"]
    await browser.post("/v1/auth/sign-in", json={"email": ANA, "password": PASSWORD})
    assert "presswork_session" not in browser.cookies
    browser.cookies.set("presswork_session", former, domain="127.0.0.1")
    assert (await browser.get("/v1/whoami")).status_code == 401


@pytest.mark.parametrize(
    "path",
    [
        "/v1/auth/second-factor",
        "/v1/auth/second-factor/options",
        "/v1/auth/confirm",
        "/v1/auth/totp",
        "/v1/auth/totp/confirm",
        "/v1/auth/passkeys/options",
        "/v1/auth/passkeys",
        "/v1/auth/recovery-codes",
    ],
)
async def test_other_sites_are_refused(api: Api, people: People, path: str) -> None:
    """A page of another site sends no step of a sign-in and changes no factor, whatever cookies the browser adds."""
    key = await people.key()
    await key.patch("/v1/organization", json={"secondFactor": "everyone"})
    invited = await people.invite(email=ANA)
    browser = await people.browser()
    await browser.post("/v1/auth/accept", json={"token": invited["link"].partition("#token=")[2], "password": PASSWORD})
    foreign = {"Origin": "https://evil.example"}
    bodies: Mapping[str, Json] = {
        "/v1/auth/second-factor": {"code": "123456"},
        "/v1/auth/confirm": {"code": "123456"},
        "/v1/auth/totp/confirm": {"code": "123456"},
        "/v1/auth/passkeys": {"name": "x", "passkey": {}},
    }
    answer = await browser.post(path, json=bodies.get(path, {}), headers=foreign)
    assert answer.status_code in {401, 403}, answer.text
    if answer.status_code == 403:
        assert error(answer)["code"] == "FORBIDDEN_ORIGIN"
    assert await api.context.pool.fetchval("SELECT count(*) FROM totp_factors") == 0


async def test_a_replay_needs_a_confirmation_too(people: People, clock: MovableClock) -> None:
    """A stored response with the token of a key is not given to a stolen session under the key of its request."""
    browser = await people.signed_in("admin")
    body, once = {"name": "New", "scopes": ["projects:read"]}, {"Idempotency-Key": "one"}
    first = await browser.post("/v1/api-keys", json=body, headers=once)
    assert first.status_code == 201
    clock.advance(timedelta(minutes=6))
    assert refusal(await browser.post("/v1/api-keys", json=body, headers=once)) == (403, "CONFIRMATION_REQUIRED")
    await browser.post("/v1/auth/confirm", json={"password": PASSWORD})
    assert (await browser.post("/v1/api-keys", json=body, headers=once)).content == first.content


async def test_each_sensitive_route_asks(api: Api, people: People, clock: MovableClock) -> None:
    """Keys, users, apps, the policy and factors: no route that says so is open to an unconfirmed session, and keys are not asked."""
    browser, key = await people.signed_in("admin"), await api.client(scopes=ALL)
    clock.advance(timedelta(minutes=6))
    asking = []
    for operation in operations_of(await read_document(api)):
        if operation.described.get("x-needs-confirmation"):
            path = re.sub(
                r"\{\w+\}", "0191f3a2-6b0d-7a51-8c1f-2e5b1d0a7f43", operation.path.replace("{platform}", "tiktok")
            )
            body: dict[str, object] | None = {} if operation.method in {"POST", "PATCH", "PUT"} else None
            asking.append((operation.method, operation.path))
            answer = await browser.request(operation.method, path, json=operation.body_example or body)
            assert refusal(answer) == (403, "CONFIRMATION_REQUIRED"), operation
            by_key = await key.request(operation.method, path, json=body)
            assert "CONFIRMATION_REQUIRED" not in by_key.text, operation
    areas = (
        *("/v1/api-keys", "/v1/users", "/v1/system/platforms", "/v1/platform-apps", "/v1/auth"),
        *("/v1/organization", "/v1/organizations", "/v1/scim-tokens"),
    )
    assert {area for area in areas if any(f"{path}/".startswith(f"{area}/") for _, path in asking)} == {*areas}
    for path in ("/v1/auth/totp", "/v1/auth/passkeys/options"):
        assert refusal(await browser.post(path)) == (403, "CONFIRMATION_REQUIRED"), path


async def test_confirming_elsewhere_confirms_one_session(people: People, factors: Factors, clock: MovableClock) -> None:
    """A confirmation is of the session that sent it: a stolen one does not profit from its person's work."""
    own = await people.signed_in("admin", email=ANA)
    stolen = await factors.first_step(ANA)
    clock.advance(timedelta(minutes=6))
    assert (await own.post("/v1/auth/confirm", json={"password": PASSWORD})).status_code == 200
    body = {"name": "New", "scopes": ["projects:read"]}
    assert (await own.post("/v1/api-keys", json=body)).status_code == 201
    assert refusal(await stolen.post("/v1/api-keys", json=body)) == (403, "CONFIRMATION_REQUIRED")


async def test_no_secret_is_returned_twice_or_stored_plainly(api: Api, people: People, factors: Factors) -> None:
    """Neither the secret nor a recovery code is in the database or in a later answer."""
    browser = await people.signed_in(email=ANA)
    secret, codes = await factors.totp(browser)
    tables = ("totp_factors", "recovery_codes", "audit_log", "sessions", "idempotency_keys")
    for table in tables:
        for row in await api.context.pool.fetch(f"SELECT t::text AS text FROM {table} t LIMIT 1000"):  # noqa: S608
            assert secret not in row["text"]
            assert not any(code in row["text"] for code in codes)
    for path in ("/v1/auth/second-factor", "/v1/auth/session", "/v1/auth/passkeys"):
        assert secret not in (await browser.get(path)).text
