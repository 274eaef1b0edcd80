"""Invitations, sign-in with a password, and what a session is."""

import asyncio
from datetime import timedelta

import argon2.low_level
import pytest
from tests.api.wire import error, issues, refusal
from tests.api_server import Api
from tests.clocks import MovableClock
from tests.people.people import PASSWORD, People, headers_of, token_of, user_id_of

from presswork.people import passwords


async def test_invited_person_accepts_signs_out_and_signs_in(api: Api, people: People) -> None:
    """The link sets a password and signs in; after signing out, e-mail address and password sign in again."""
    invited = await people.invite("approver", email="Ines@Example.com", name="Ines")
    user = invited["user"]
    assert (user["email"], user["role"], user["status"], user["projectIds"]) == (
        "ines@example.com",
        "approver",
        "invited",
        None,
    )
    assert user["lastSeenAt"] is None
    browser = await people.browser()
    assert (await browser.get("/v1/auth/session")).json() == {"user": None}
    body = {"token": token_of(invited["link"]), "password": PASSWORD}
    accepted = await browser.post("/v1/auth/accept", json=body)
    assert accepted.status_code == 200, accepted.text
    assert accepted.json()["user"]["status"] == "active"
    assert accepted.json()["organization"]["name"] == "Acme"
    assert "content:approve" in accepted.json()["scopes"]
    assert (await browser.get("/v1/projects")).json() == {"items": [], "nextCursor": None}
    signed_out = await browser.post("/v1/auth/sign-out")
    assert signed_out.json() == {"user": None}
    assert refusal(await browser.get("/v1/projects")) == (401, "UNAUTHENTICATED")
    again = await browser.post("/v1/auth/sign-in", json={"email": " INES@example.com", "password": PASSWORD})
    assert again.status_code == 200, again.text
    assert again.json()["user"]["id"] == user["id"]
    current = (await browser.get("/v1/auth/session")).json()
    assert current["user"]["id"] == user["id"]
    assert current["session"]["method"] == "password"


async def test_link_serves_once_even_for_two_at_the_same_time(people: People) -> None:
    """Of two concurrent calls with one link, one is signed in, and the other gets 404 like any later call."""
    invited = await people.invite()
    body = {"token": token_of(invited["link"]), "password": PASSWORD}
    browsers = [await people.browser() for _ in range(4)]
    answers = await asyncio.gather(*(browser.post("/v1/auth/accept", json=body) for browser in browsers))
    assert sorted(answer.status_code for answer in answers) == [200, 404, 404, 404]
    assert refusal(await browsers[0].post("/v1/auth/accept", json=body)) == (404, "NOT_FOUND")


async def test_link_lives_72_hours_and_is_replaced_by_a_new_one(people: People, clock: MovableClock) -> None:
    """A link works for 72 hours, and a new link of the user makes the former one invalid."""
    invited = await people.invite()
    key = await people.key()
    made = await key.post(f"/v1/users/{invited['user']['id']}/link")
    assert made.status_code == 200, made.text
    browser = await people.browser()
    former = {"token": token_of(invited["link"]), "password": PASSWORD}
    assert refusal(await browser.post("/v1/auth/accept", json=former)) == (404, "NOT_FOUND")
    clock.advance(timedelta(hours=72))
    late = {"token": token_of(made.json()["link"]), "password": PASSWORD}
    assert refusal(await browser.post("/v1/auth/accept", json=late)) == (404, "NOT_FOUND")
    last = await key.post(f"/v1/users/{invited['user']['id']}/link")
    clock.advance(timedelta(hours=71, minutes=59))
    good = {"token": token_of(last.json()["link"]), "password": PASSWORD}
    assert (await browser.post("/v1/auth/accept", json=good)).status_code == 200


async def test_new_password_by_link_ends_all_sessions(people: People) -> None:
    """A link for an active user sets another password; sessions and password of before are of no use any more."""
    browser = await people.signed_in("author", email="ana@example.com")
    key = await people.key()
    made = await key.post(f"/v1/users/{await user_id_of(browser)}/link")
    other = await people.browser()
    body = {"token": token_of(made.json()["link"]), "password": "another password"}
    assert (await other.post("/v1/auth/accept", json=body)).status_code == 200
    assert (await browser.get("/v1/auth/session")).json() == {"user": None}
    sign_in = {"email": "ana@example.com", "password": PASSWORD}
    assert refusal(await browser.post("/v1/auth/sign-in", json=sign_in)) == (401, "UNAUTHENTICATED")


async def test_password_rules(people: People) -> None:
    """A password that is short, repeats one character or is the e-mail address is an issue; the link stays usable."""
    invited = await people.invite(email="longer-name@example.com")
    browser = await people.browser()
    for password in ("tiny-pw", "qqqqqqqqqqqq", "longer-name@example.com", "Longer-Name"):
        answer = await browser.post("/v1/auth/accept", json={"token": token_of(invited["link"]), "password": password})
        assert issues(answer) == {"password": "weak_password"}, password
        assert password not in answer.text
    body = {"token": token_of(invited["link"]), "password": PASSWORD, "email": "other@example.com"}
    assert issues(await browser.post("/v1/auth/accept", json=body)) == {"email": "invalid_value"}
    assert (await browser.post("/v1/auth/accept", json={**body, "email": None})).status_code == 200


async def test_password_change_ends_every_session(people: People) -> None:
    """The current password is required; afterwards all sessions are over, and only the new password signs in."""
    first = await people.signed_in("viewer", email="ana@example.com")
    second = await people.browser()
    await second.post("/v1/auth/sign-in", json={"email": "ana@example.com", "password": PASSWORD})
    wrong = {"currentPassword": "wrong password", "newPassword": "another password"}
    assert issues(await first.post("/v1/auth/password", json=wrong)) == {"currentPassword": "wrong_password"}
    changed = await first.post("/v1/auth/password", json={**wrong, "currentPassword": PASSWORD})
    assert (changed.status_code, changed.json()) == (200, {"user": None})
    for browser in (first, second):
        assert refusal(await browser.get("/v1/whoami")) == (401, "UNAUTHENTICATED")
    sign_in = {"email": "ana@example.com", "password": "another password"}
    assert (await first.post("/v1/auth/sign-in", json=sign_in)).status_code == 200
    key = await people.key()
    assert refusal(await key.post("/v1/auth/password", json=wrong)) == (401, "UNAUTHENTICATED")


async def test_session_ends_after_14_idle_days_and_after_30_days(people: People, clock: MovableClock) -> None:
    """A session that is used lives for 30 days, one that is not for 14."""
    idle, used = await people.signed_in(email="a@example.com"), await people.signed_in(email="b@example.com")
    for _ in range(2):
        clock.advance(timedelta(days=13, hours=23))
        assert (await used.get("/v1/whoami")).status_code == 200
    assert refusal(await idle.get("/v1/whoami")) == (401, "UNAUTHENTICATED")
    clock.advance(timedelta(days=3))
    assert refusal(await used.get("/v1/whoami")) == (401, "UNAUTHENTICATED")


async def test_same_address_in_two_organizations(api: Api, people: People) -> None:
    """An e-mail address can be a user of several organizations: the last used one is chosen, or the named one."""
    await people.signed_in(email="ana@example.com", organization="Acme")
    rival = await people.signed_in(email="ana@example.com", organization="Rival")
    rival_id = (await rival.get("/v1/auth/session")).json()["organization"]["id"]
    hashes = {row["password_hash"] for row in await api.context.pool.fetch("SELECT password_hash FROM users")}
    assert len({text.split("$")[4] for text in hashes}) == 1, "the passwords share a salt"
    acme = await people.browser()
    body = {"email": "ana@example.com", "password": PASSWORD}
    key = await people.key("Acme")
    acme_id = (await key.get("/v1/whoami")).json()["organizationId"]
    answer = await acme.post("/v1/auth/sign-in", json={**body, "organizationId": acme_id})
    assert answer.json()["organization"]["id"] == acme_id
    answer = await acme.post("/v1/auth/sign-in", json={**body, "organizationId": rival_id})
    assert answer.json()["organization"]["id"] == rival_id


async def test_unknown_address_takes_the_same_work_and_gets_the_same_answer(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unknown, invited, disabled and known users: one computation each, with the same parameters, and one answer."""
    await people.signed_in(email="known@example.com")
    await people.signed_in(email="two@example.com")
    await people.signed_in(email="two@example.com", organization="Rival")
    await people.invite(email="invited@example.com")
    off = await people.signed_in(email="disabled@example.com")
    key = await people.key()
    await key.patch(f"/v1/users/{await user_id_of(off)}", json={"status": "disabled"})
    computed: list[tuple[int, int, int]] = []

    def counted(secret: bytes, salt: bytes, rounds: int, memory: int, lanes: int, *more: object) -> bytes:
        computed.append((rounds, memory, lanes))
        return argon2.low_level.hash_secret(secret, salt, rounds, memory, lanes, *more)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(passwords, "hash_secret", counted)
    seen = set()
    for name in ("unknown", "invited", "disabled", "known", "two"):
        browser = await people.browser()
        computed.clear()
        body = {"email": f"{name}@example.com", "password": "wrong password"}
        answer = await browser.post("/v1/auth/sign-in", json=body)
        assert len(computed) == 1, name
        found = error(answer)
        seen.add((answer.status_code, found["code"], found["message"], computed[0], "set-cookie" in answer.headers))
    assert len(seen) == 1, seen


async def test_first_admin_link_makes_the_organization(api: Api, people: People) -> None:
    """The installation's first link needs name and e-mail address, makes an organization, and is void once there is an admin."""
    from presswork.people.invite import first_admin_link  # noqa: PLC0415  only here

    async def link() -> str | None:
        async with api.context.pool.acquire() as connection:
            return await first_admin_link(connection, now=api.context.clock.now())

    former, token = await link(), await link()
    assert former
    assert token
    browser = await people.browser()
    body = {"token": former, "password": PASSWORD, "name": "Ines", "email": "ines@example.com"}
    assert refusal(await browser.post("/v1/auth/accept", json=body)) == (404, "NOT_FOUND")
    bare = {"token": token, "password": PASSWORD}
    assert issues(await browser.post("/v1/auth/accept", json=bare)) == {"name": "required", "email": "required"}
    answer = await browser.post("/v1/auth/accept", json={**body, "token": token, "organizationName": "Bakery"})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["organization"]["name"], answer.json()["user"]["role"]) == ("Bakery", "admin")
    assert await link() is None
    assert (await browser.get("/v1/users")).json()["items"][0]["email"] == "ines@example.com"


async def test_two_first_admins_at_the_same_time(api: Api, people: People) -> None:
    """The link is shown twice; two people use it at once: one becomes the administrator, and one organization exists."""
    from presswork.people.invite import first_admin_link  # noqa: PLC0415  as above

    async with api.context.pool.acquire() as connection:
        token = await first_admin_link(connection, now=api.context.clock.now())
    bodies = [
        {"token": token, "password": PASSWORD, "name": name, "email": f"{name}@example.com"} for name in ("a", "b", "c")
    ]
    browsers = [await people.browser() for _ in bodies]
    answers = await asyncio.gather(
        *(browser.post("/v1/auth/accept", json=body) for browser, body in zip(browsers, bodies, strict=True))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 404, 404]
    assert await api.context.pool.fetchval("SELECT count(*) FROM users") == 1
    assert await api.context.pool.fetchval("SELECT count(*) FROM organizations") == 1


async def test_use_is_recorded_once_a_minute_and_cached(api: Api, people: People, clock: MovableClock) -> None:
    """Requests of one minute write nothing; the next minute's first one moves lastSeenAt of session and user."""
    browser = await people.signed_in()

    async def seen() -> tuple[object, object]:
        row = await api.context.pool.fetchrow(
            "SELECT s.last_seen_at, u.last_seen_at, s.xmin::text FROM sessions s JOIN users u ON u.id = s.user_id"
        )
        assert row is not None
        return row[0], row[2]

    first = await seen()
    for _ in range(3):
        assert (await browser.get("/v1/whoami")).status_code == 200
    assert await seen() == first
    clock.advance(timedelta(seconds=61))
    assert (await browser.get("/v1/whoami")).status_code == 200
    assert (await seen())[0] == clock.now()


async def test_headers_of_the_console_are_not_needed_to_read(api: Api, people: People) -> None:
    """A session reads without the headers that writes need; without an environment it is the test environment."""
    browser = await people.signed_in()
    cookies = dict(browser.cookies)
    plain = await api.anonymous(headers={"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())})
    whoami = (await plain.get("/v1/whoami")).json()
    assert (whoami["environment"], whoami["keyId"], whoami["userId"]) == ("test", None, await user_id_of(browser))
    live = await plain.get("/v1/whoami", headers={"X-Presswork-Environment": "live"})
    assert live.json()["environment"] == "live"
    for value in ("Live", "", "prod"):
        answer = await plain.get("/v1/whoami", headers={"X-Presswork-Environment": value})
        assert issues(answer) == {"X-Presswork-Environment": "invalid_choice"}
    assert headers_of(api)["Origin"] == api.base_url
