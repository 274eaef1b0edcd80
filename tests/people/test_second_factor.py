"""Second factors: set up, sign in with them, recover, remove; the policy of an organization; the confirmation of a session."""

from datetime import timedelta

import httpx2
from tests.api.wire import error, issues, refusal
from tests.api_server import Api
from tests.clocks import MovableClock
from tests.people.factors import Factors, b64, code_of
from tests.people.people import PASSWORD, People, token_of, user_id_of

ANA = "ana@example.com"


async def is_signed_in(browser: httpx2.AsyncClient) -> bool:
    """Return whether a browser has a session."""
    return (await browser.get("/v1/whoami")).status_code == 200


async def test_sign_in_with_an_authenticator_app(api: Api, people: People, factors: Factors) -> None:
    """The app's code is the second step; ten recovery codes come with the first factor; the other sessions have ended."""
    browser = await people.signed_in(email=ANA)
    other = await factors.first_step(ANA)
    begun = await browser.post("/v1/auth/totp")
    assert begun.headers["cache-control"] == "no-store"
    assert begun.json()["otpauthUrl"].startswith("otpauth://totp/Presswork:ana%40example.com?secret=")
    assert "issuer=Presswork" in begun.json()["otpauthUrl"]
    assert (await browser.get("/v1/auth/second-factor")).json()["methods"] == ["password"], "it does not count yet"
    secret, codes = await factors.totp(browser)
    assert len({*codes}) == 10
    assert await is_signed_in(browser)
    assert not await is_signed_in(other)
    waiting = await people.browser()
    answer = await waiting.post("/v1/auth/sign-in", json={"email": ANA, "password": PASSWORD})
    assert answer.json() == {"user": None, "next": "second_factor", "methods": ["totp", "recovery_code"]}
    assert (await waiting.get("/v1/auth/session")).json() == answer.json(), "the page may be loaded again"
    done = await waiting.post("/v1/auth/second-factor", json={"code": code_of(secret, factors.clock.now())})
    assert done.json()["user"]["email"] == ANA
    assert done.json()["user"]["hasSecondFactor"] is True
    assert await is_signed_in(waiting)
    assert "presswork_pending" not in waiting.cookies
    state = (await waiting.get("/v1/auth/second-factor")).json()
    assert state["recoveryCodes"] == 10
    assert state["passkeys"] == 0
    stored = await api.context.pool.fetchval("SELECT sealed_secret FROM totp_factors")
    assert stored.startswith(b"s1.")


async def test_recovery_code_serves_once(people: People, factors: Factors) -> None:
    """However it is typed, each recovery code signs in once; new ones replace all."""
    _, codes = await factors.totp(await people.signed_in(email=ANA))
    typed = f" {codes[0].upper().replace('-', ' ')} "
    browser = await factors.first_step(ANA)
    assert (await browser.post("/v1/auth/second-factor", json={"recoveryCode": typed})).status_code == 200
    again = await factors.first_step(ANA)
    answer = await again.post("/v1/auth/second-factor", json={"recoveryCode": codes[0]})
    assert (answer.status_code, [*issues(answer)]) == (422, ["recoveryCode"])
    renewed = (await browser.post("/v1/auth/recovery-codes")).json()["recoveryCodes"]
    assert not {*renewed} & {*codes}
    assert (await again.post("/v1/auth/second-factor", json={"recoveryCode": codes[1]})).status_code == 422
    assert (await again.post("/v1/auth/second-factor", json={"recoveryCode": renewed[0]})).status_code == 200
    assert (await again.get("/v1/auth/second-factor")).json()["recoveryCodes"] == 9


async def test_a_passkey_is_a_second_factor_and_a_whole_sign_in(people: People, factors: Factors) -> None:
    """After a password any passkey serves; one that verifies its person serves alone."""
    browser = await people.signed_in(email=ANA)
    passkey = await factors.passkey(browser, "Laptop")
    waiting = await factors.first_step(ANA)
    options = await factors.options(waiting)
    assert [one["id"] for one in options["allowCredentials"]] == [b64(passkey.id)]
    assert (await factors.send_passkey(waiting, passkey.get(options))).json()["user"]["email"] == ANA
    alone = await people.browser()
    options = await factors.options(alone)
    assert options.get("allowCredentials", []) == []
    assert options["userVerification"] == "required"
    done = await factors.send_passkey(alone, passkey.get(options))
    assert done.json()["session"]["method"] == "passkey"
    (listed,) = (await alone.get("/v1/auth/passkeys")).json()["items"]
    assert listed["name"] == "Laptop"
    assert listed["lastUsedAt"] is not None
    removed = await alone.delete(f"/v1/auth/passkeys/{listed['id']}")
    assert removed.json()["passkeys"] == 0
    assert removed.json()["recoveryCodes"] == 0, "they stand in for a factor"
    assert await is_signed_in(await factors.first_step(ANA)), "the password alone signs in again"


async def test_remove_the_app_with_a_code_or_the_password(people: People, factors: Factors) -> None:
    """Either proves it; a wrong one and a second removal do not."""
    browser = await people.signed_in(email=ANA)
    for proof in ("code", "password"):
        secret, _ = await factors.totp(browser)
        value = PASSWORD if proof == "password" else code_of(secret, factors.clock.now())
        wrong = await browser.request("DELETE", "/v1/auth/totp", json={proof: "000000"})
        assert (wrong.status_code, [*issues(wrong)]) == (422, [proof])
        assert (await browser.request("DELETE", "/v1/auth/totp", json={proof: value})).json()["totpSince"] is None
        factors.clock.advance(timedelta(seconds=30))
    gone = await browser.request("DELETE", "/v1/auth/totp", json={"password": PASSWORD})
    assert refusal(gone) == (409, "CONFLICT")


async def test_replacing_the_app_keeps_the_former_until_a_code_is_sent(people: People, factors: Factors) -> None:
    """A new secret counts with its first code, within 30 minutes; until then the former app does."""
    browser = await people.signed_in(email=ANA)
    former, _ = await factors.totp(browser)
    secret = (await browser.post("/v1/auth/totp")).json()["secret"]
    waiting = await factors.first_step(ANA)
    for code, status in ((code_of(secret, factors.clock.now()), 422), (code_of(former, factors.clock.now()), 200)):
        assert (await waiting.post("/v1/auth/second-factor", json={"code": code})).status_code == status
    added = await waiting.post("/v1/auth/totp/confirm", json={"code": code_of(secret, factors.clock.now())})
    assert added.json()["recoveryCodes"] is None
    await waiting.post("/v1/auth/totp")
    factors.clock.advance(timedelta(minutes=4))
    await waiting.post("/v1/auth/confirm", json={"code": code_of(secret, factors.clock.now())})
    late = (await waiting.post("/v1/auth/totp")).json()["secret"]
    factors.clock.advance(timedelta(minutes=31))
    await waiting.post("/v1/auth/confirm", json={"code": code_of(secret, factors.clock.now())})
    refused = await waiting.post("/v1/auth/totp/confirm", json={"code": code_of(late, factors.clock.now())})
    assert refusal(refused) == (409, "CONFLICT")


async def test_codes_of_the_neighbouring_steps(people: People, factors: Factors) -> None:
    """A clock that is half a minute wrong does no harm; two steps are too many."""
    secret, _ = await factors.totp(await people.signed_in(email=ANA))
    factors.clock.advance(timedelta(minutes=2))
    now = factors.clock.now()
    for drift, status in ((-60, 422), (60, 422), (-30, 200), (30, 200)):
        browser = await factors.first_step(ANA)
        code = code_of(secret, now + timedelta(seconds=drift))
        answer = await browser.post("/v1/auth/second-factor", json={"code": code})
        assert answer.status_code == status, drift


async def test_policy_leads_to_a_factor_at_the_next_sign_in(people: People, factors: Factors) -> None:
    """Who must and has none gets a sign-in that serves for setting one up alone, and becomes a session with it."""
    admin, key = await people.signed_in("admin", email="root@example.com"), await people.key()
    await people.signed_in(email=ANA)
    assert (await admin.get("/v1/organization")).json()["secondFactor"] == "off"
    browser = await people.browser()
    for policy, email, is_led in (
        ("admins", ANA, False),
        ("admins", "root@example.com", True),
        ("everyone", ANA, True),
    ):
        assert (await key.patch("/v1/organization", json={"secondFactor": policy})).json()["secondFactor"] == policy
        browser = await people.browser()
        answer = await browser.post("/v1/auth/sign-in", json={"email": email, "password": PASSWORD})
        assert answer.json().get("next") == ("set_up_second_factor" if is_led else None), policy
    for method, path, status in (
        ("GET", "/v1/whoami", 401),
        ("GET", "/v1/auth/passkeys", 401),
        ("POST", "/v1/auth/recovery-codes", 401),
        ("POST", "/v1/auth/second-factor", 401),
    ):
        body = {"code": "123456"} if path.endswith("second-factor") else {}
        answer = await browser.request(method, path, json=None if method == "GET" else body)
        assert answer.status_code == status, path
    secret, codes = await factors.totp(browser)
    assert len(codes) == 10
    assert await is_signed_in(browser)
    removal = await browser.request("DELETE", "/v1/auth/totp", json={"password": PASSWORD})
    assert error(removal)["details"]["reason"] == "last_factor"
    by_link = await people.invite("author", email="new@example.com")
    invited = await people.browser()
    body = {"token": token_of(by_link["link"]), "password": PASSWORD}
    assert (await invited.post("/v1/auth/accept", json=body)).json()["next"] == "set_up_second_factor"
    await factors.passkey(invited)
    assert await is_signed_in(invited)
    assert secret


async def test_administrator_resets_the_factors_of_another(people: People, factors: Factors) -> None:
    """It ends the sessions of the person, is in the audit log, and never for oneself."""
    admin, key = await people.signed_in("admin"), await people.key()
    browser = await people.signed_in(email=ANA)
    user = await user_id_of(browser)
    await factors.totp(browser)
    await factors.passkey(browser)
    assert (await key.get(f"/v1/users/{user}")).json()["hasSecondFactor"] is True
    assert (await admin.delete(f"/v1/users/{user}/second-factor")).json()["hasSecondFactor"] is False
    assert not await is_signed_in(browser)
    assert await is_signed_in(await factors.first_step(ANA))
    own = await admin.delete(f"/v1/users/{await user_id_of(admin)}/second-factor")
    assert refusal(own) == (409, "CONFLICT")
    log = (await key.get("/v1/audit-log", params={"objectId": user})).json()["items"]
    found = {entry["action"] for entry in log}
    assert {"user.add_second_factor", "user.reset_second_factor"} <= found


async def test_a_new_link_does_not_replace_the_factor(people: People, factors: Factors) -> None:
    """A link sets a password; the second step follows as after any password."""
    browser = await people.signed_in(email=ANA)
    user = await user_id_of(browser)
    await factors.totp(browser)
    link = (await (await people.key()).post(f"/v1/users/{user}/link")).json()["link"]
    fresh = await people.browser()
    answer = await fresh.post("/v1/auth/accept", json={"token": token_of(link), "password": "another password"})
    assert answer.json()["next"] == "second_factor"
    assert not await is_signed_in(fresh)


async def test_confirmation_before_sensitive_changes(people: People, factors: Factors, clock: MovableClock) -> None:
    """Five minutes after the last proof, a session is asked for the password, or for the second factor if there is one."""
    browser = await people.signed_in("admin", email=ANA)
    body = {"name": "New", "scopes": ["projects:read"]}
    assert (await browser.post("/v1/api-keys", json=body)).status_code == 201, "a sign-in is a proof"
    clock.advance(timedelta(minutes=5))
    asked = await browser.post("/v1/api-keys", json=body)
    assert refusal(asked) == (403, "CONFIRMATION_REQUIRED")
    assert error(asked)["details"]["methods"] == ["password"]
    wrong = await browser.post("/v1/auth/confirm", json={"password": "wrong password"})
    assert (wrong.status_code, [*issues(wrong)]) == (422, ["password"])
    confirmed = await browser.post("/v1/auth/confirm", json={"password": PASSWORD})
    assert confirmed.status_code == 200
    assert (await browser.post("/v1/api-keys", json=body)).status_code == 201
    secret, codes = await factors.totp(browser)
    passkey = await factors.passkey(browser)
    clock.advance(timedelta(minutes=6))
    asked = await browser.post("/v1/api-keys", json=body)
    assert error(asked)["details"]["methods"] == ["totp", "passkey", "recovery_code"]
    no = await browser.post("/v1/auth/confirm", json={"password": PASSWORD})
    assert refusal(no) == (403, "CONFIRMATION_REQUIRED"), "a password is not enough any more"
    proofs: tuple[dict[str, object] | None, ...] = (
        {"code": code_of(secret, clock.now())},
        {"recoveryCode": codes[0]},
        None,
    )
    for proof in proofs:
        proof = proof or {"passkey": passkey.get(await factors.options(browser))}  # noqa: PLW2901  a challenge lasts 5 minutes
        assert (await browser.post("/v1/auth/confirm", json=proof, headers=factors.named)).status_code == 200, proof
        assert (await browser.post("/v1/api-keys", json=body)).status_code == 201
        clock.advance(timedelta(minutes=6))
    key = await people.key()
    assert (await key.post("/v1/api-keys", json=body)).status_code == 201, "keys are not asked"
