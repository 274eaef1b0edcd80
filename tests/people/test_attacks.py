"""What attackers try on sessions: forged requests, planted cookies, guessed passwords, redirects to other sites."""

import asyncio
import re
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
from tests.api.wire import ALL, error, refusal
from tests.api_server import Api, beside, serving
from tests.clocks import MovableClock
from tests.people.people import PASSWORD, People, headers_of, token_of, user_id_of

from presswork.api.http.origin import own_path
from presswork.core.errors import FieldError
from presswork.people.sessions import SessionCache
from presswork.platforms.settings import Settings


async def test_write_needs_own_origin_and_header(api: Api, people: People) -> None:
    """A form, a script or a frame of another site can't write with the session, however its Origin is spelled."""
    browser = await people.signed_in("admin")
    port = api.base_url.rpartition(":")[2]
    body = {"name": "P", "timezone": "UTC"}
    del browser.headers["Origin"]
    del browser.headers["X-Presswork-Console"]
    own = {"Origin": api.base_url, "X-Presswork-Console": "1"}
    for headers in (
        {},
        {"Origin": api.base_url},
        {"X-Presswork-Console": "1"},
        {**own, "X-Presswork-Console": "true"},
        *(
            {**own, "Origin": origin}
            for origin in (
                "null",
                "",
                "https://evil.example",
                f"https://127.0.0.1:{port}",
                "http://127.0.0.1",
                f"http://127.0.0.1:{port}.evil.example",
                f"http://127.0.0.1:{port}@evil.example",
                f"http://evil.example#{api.base_url}",
                f"{api.base_url}/",
                f"http://127.0.0.1:1{port}",
            )
        ),
    ):
        answer = await browser.post("/v1/projects", json=body, headers=headers)
        assert refusal(answer) == (403, "FORBIDDEN_ORIGIN"), headers
    two = [("Origin", api.base_url), ("Origin", "https://evil.example"), ("X-Presswork-Console", "1")]
    assert refusal(await browser.post("/v1/projects", json=body, headers=two)) == (403, "FORBIDDEN_ORIGIN")
    assert (await browser.post("/v1/projects", json=body, headers=own)).status_code == 201
    named = f"http://localhost:{port}"
    by_name = {**own, "Origin": named, "Host": f"localhost:{port}"}
    assert (await browser.post("/v1/projects", json=body, headers=by_name)).status_code == 201


async def test_sign_in_of_another_site_is_refused(api: Api, people: People) -> None:
    """A page of another site can't sign a visitor in to the attacker's user; a program without Origin can sign in."""
    await people.signed_in(email="ana@example.com")
    body = {"email": "ana@example.com", "password": PASSWORD}
    stranger = await api.anonymous(headers={"Origin": "https://evil.example"})
    assert refusal(await stranger.post("/v1/auth/sign-in", json=body)) == (403, "FORBIDDEN_ORIGIN")
    invited = await people.invite()
    accept = {"token": token_of(invited["link"]), "password": PASSWORD}
    assert refusal(await stranger.post("/v1/auth/accept", json=accept)) == (403, "FORBIDDEN_ORIGIN")
    form = await stranger.post("/v1/auth/sign-in", content=b"{}", headers={"Content-Type": "text/plain"})
    assert form.status_code in {403, 415}
    program = await api.anonymous()
    assert (await program.post("/v1/auth/sign-in", json=body)).status_code == 200


async def test_no_other_site_may_read(api: Api, people: People) -> None:
    """No answer allows another site to read it or to send added headers."""
    browser = await people.signed_in()
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Headers": "x-presswork-console"}
    for answer in (
        await browser.get("/v1/auth/session", headers=asked),
        await browser.request("OPTIONS", "/v1/projects", headers=asked),
    ):
        assert not [name for name in answer.headers if name.startswith("access-control-")]


async def test_a_planted_session_is_not_adopted(api: Api, people: People) -> None:
    """Signing in makes a new token, whatever cookie the browser had, and ends the session that it had."""
    attacker = await people.signed_in(email="attacker@example.com")
    planted = attacker.cookies["presswork_session"]
    await people.signed_in(email="victim@example.com")
    victim = await people.browser()
    victim.cookies.set("presswork_session", planted, domain="127.0.0.1")
    body = {"email": "victim@example.com", "password": PASSWORD}
    answer = await victim.post("/v1/auth/sign-in", json=body)
    token = re.match(r"presswork_session=([A-Za-z0-9_-]{43});", answer.headers["set-cookie"])
    assert token
    assert token[1] != planted
    assert (await attacker.get("/v1/auth/session")).json() == {"user": None}
    again = await people.browser()
    answers = [await again.post("/v1/auth/sign-in", json=body) for _ in range(2)]
    first, second = (answer.headers["set-cookie"].partition(";")[0] for answer in answers)
    assert first != second
    plain = await api.anonymous(headers={"Cookie": first})
    assert refusal(await plain.get("/v1/whoami")) == (401, "UNAUTHENTICATED")


async def test_cookie_on_http(people: People) -> None:
    """On http the cookie is hidden from scripts and not sent with writes of other sites; it can't be Secure there."""
    invited = await people.invite()
    browser = await people.browser()
    body = {"token": token_of(invited["link"]), "password": PASSWORD}
    answer = await browser.post("/v1/auth/accept", json=body)
    (cookie,) = answer.headers.get_list("set-cookie")
    assert re.fullmatch(r"presswork_session=[A-Za-z0-9_-]{43}; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax", cookie)
    assert answer.headers["cache-control"] == "no-store"
    gone = await browser.post("/v1/auth/sign-out")
    assert gone.headers["set-cookie"] == "presswork_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"


async def test_cookie_on_https(https_api: Api) -> None:
    """On https the cookie is Secure and bound to the host; one without the prefix, which a neighbour may set, is ignored."""
    people = People(https_api)
    invited = await people.invite("admin")
    assert invited["link"].startswith("https://press.example.com/console/accept#token=")
    origin = {"Origin": "https://press.example.com", "Host": "press.example.com"}
    browser = await https_api.anonymous(headers={**headers_of(https_api), **origin})
    body = {"token": token_of(invited["link"]), "password": PASSWORD}
    answer = await browser.post("/v1/auth/accept", json=body)
    cookie = answer.headers["set-cookie"]
    match = re.fullmatch(
        r"__Host-presswork_session=([A-Za-z0-9_-]{43}); Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure",
        cookie,
    )
    assert match, cookie
    browser.cookies.clear()
    as_host = {"Cookie": f"__Host-presswork_session={match[1]}"}
    assert (await browser.get("/v1/whoami", headers=as_host)).status_code == 200
    tossed = {"Cookie": f"presswork_session={match[1]}"}
    assert refusal(await browser.get("/v1/whoami", headers=tossed)) == (401, "UNAUTHENTICATED")
    project = {"name": "P", "timezone": "UTC"}
    for plain in ("http://press.example.com", "http://press.example.com:80", "https://press.example.com:444"):
        answer = await browser.post("/v1/projects", json=project, headers={**as_host, "Origin": plain})
        assert refusal(answer) == (403, "FORBIDDEN_ORIGIN"), plain
    assert (await browser.post("/v1/projects", json=project, headers=as_host)).status_code == 201


@pytest.mark.parametrize(
    "cookie",
    [
        "presswork_session=",
        "presswork_session=" + "a" * 42,
        "presswork_session=" + "a" * 43,
        'presswork_session="' + "\\" * 5000 + '"',
        "presswork_session=" + "é" * 43,
        "presswork_session",
        "; ;=;presswork_session =x",
    ],
)
async def test_wrong_cookie_is_no_session(api: Api, cookie: str) -> None:
    """A malformed, unknown or hostile cookie is answered like none, at once."""
    client = await api.anonymous()
    headers = [(b"Cookie", cookie.encode("latin-1"))]
    assert (await client.get("/v1/auth/session", headers=headers)).json() == {"user": None}
    assert refusal(await client.get("/v1/projects", headers=headers)) == (401, "UNAUTHENTICATED")


async def test_key_wins_over_a_cookie(api: Api, people: People) -> None:
    """A request with an Authorization header is that of the key, also if the header is wrong: the cookie is no fallback."""
    browser = await people.signed_in("admin")
    key = await api.client(scopes=["projects:read"])
    both = {"Authorization": key.headers["authorization"]}
    assert (await browser.get("/v1/whoami", headers=both)).json()["userId"] is None
    assert refusal(await browser.get("/v1/users", headers=both)) == (403, "FORBIDDEN_SCOPE")
    assert (await browser.get("/v1/whoami", headers={"Authorization": "Bearer x"})).status_code == 401


async def test_guesses_are_limited_per_account_and_address_on_all_processes(
    api: Api, people: People, settings: Settings, dsn: str, clock: MovableClock, tmp_path: Path
) -> None:
    """Ten failures in 15 minutes, counted by all processes together, block the account from this address, known or not."""
    await people.signed_in(email="ana@example.com")
    async with serving(beside(settings, tmp_path / "second"), dsn=dsn, clock=clock) as other:
        first, second = await api.anonymous(), await other.anonymous()
        for email in ("ana@example.com", "unknown@example.com"):
            body = {"email": email, "password": "wrong password"}
            for number in range(10):
                client = first if number % 2 else second
                assert refusal(await client.post("/v1/auth/sign-in", json=body)) == (401, "UNAUTHENTICATED"), number
            for client in (first, second):
                answer = await client.post("/v1/auth/sign-in", json={**body, "password": PASSWORD})
                assert refusal(answer) == (429, "RATE_LIMITED")
                assert 1 <= int(answer.headers["retry-after"]) <= 900
        clock.advance(timedelta(minutes=15))
        body = {"email": "ana@example.com", "password": PASSWORD}
        assert (await first.post("/v1/auth/sign-in", json=body)).status_code == 200


async def test_a_sign_in_takes_back_its_own_attempt_only(api: Api, people: People) -> None:
    """An administrator elsewhere invites the address and signs in with it: the guesses at the other password still count."""
    await people.signed_in(email="ana@example.com")
    invited = await people.invite(email="ana@example.com", organization="Strangers")
    stranger = {"token": token_of(invited["link"]), "password": "a password of a stranger"}
    assert (await (await people.browser()).post("/v1/auth/accept", json=stranger)).status_code == 200
    client = await api.anonymous()
    guess = {"email": "ana@example.com", "password": "wrong password"}
    for number in range(10):
        assert (await client.post("/v1/auth/sign-in", json=guess)).status_code == 401, number
        if number < 9:
            body = {**guess, "password": stranger["password"]}
            assert (await client.post("/v1/auth/sign-in", json=body)).status_code == 200
    assert refusal(await client.post("/v1/auth/sign-in", json=guess)) == (429, "RATE_LIMITED")


@pytest.mark.exhaustive
async def test_many_accounts_from_one_address_are_limited(api: Api, people: People) -> None:
    """Trying one password on many accounts is limited by the address; a sign-in that succeeds is not counted."""
    await people.signed_in(email="ana@example.com")
    client = await api.anonymous()
    good = {"email": "ana@example.com", "password": PASSWORD}
    for _ in range(15):
        assert (await client.post("/v1/auth/sign-in", json=good)).status_code == 200
    for number in range(50):
        body = {"email": f"user-{number}@example.com", "password": "Password1"}
        assert (await client.post("/v1/auth/sign-in", json=body)).status_code == 401
    counters = "SELECT count(*) AS rows, sum(attempts) AS attempts FROM sign_in_windows"
    before = await api.context.pool.fetchrow(counters)
    for number in range(3):
        body = {"email": f"next-{number}@example.com", "password": "Password1"}
        answer = await client.post("/v1/auth/sign-in", json=body)
        assert refusal(answer) == (429, "RATE_LIMITED")
    assert await api.context.pool.fetchrow(counters) == before, "what is refused fills no table"


async def test_guessing_the_password_of_a_stolen_session_is_limited(people: People) -> None:
    """The current password can't be tried without limit with an open session."""
    browser = await people.signed_in(email="ana@example.com")
    body = {"currentPassword": "wrong password", "newPassword": "another password"}
    for _ in range(10):
        assert (await browser.post("/v1/auth/password", json=body)).status_code == 422
    answer = await browser.post("/v1/auth/password", json={**body, "currentPassword": PASSWORD})
    assert refusal(answer) == (429, "RATE_LIMITED")


async def test_disabled_user_is_out_at_once_on_every_process(
    api: Api, people: People, settings: Settings, dsn: str, clock: MovableClock, tmp_path: Path
) -> None:
    """Sessions that two processes have cached end with the commit that disables the user; a role change is seen at once."""
    browser = await people.signed_in("viewer")
    key, user = await people.key(), await user_id_of(browser)
    cookie = {"Cookie": f"presswork_session={browser.cookies['presswork_session']}"}
    async with serving(beside(settings, tmp_path / "second"), dsn=dsn, clock=clock) as other:
        while not other.context.part(SessionCache).is_subscribed or not api.context.part(SessionCache).is_subscribed:
            await (await other.anonymous()).get("/healthz")
        elsewhere = await other.anonymous(headers={**headers_of(other), **cookie})
        project = {"name": "P", "timezone": "UTC"}
        for client in (browser, elsewhere):
            assert refusal(await client.post("/v1/projects", json=project)) == (403, "FORBIDDEN_SCOPE")
        assert (await key.patch(f"/v1/users/{user}", json={"role": "admin"})).status_code == 200
        assert (await browser.post("/v1/projects", json=project)).status_code == 201
        await _until(elsewhere, 201)
        assert (await key.patch(f"/v1/users/{user}", json={"role": "viewer"})).status_code == 409  # the last admin
        await people.signed_in("admin")
        assert (await key.patch(f"/v1/users/{user}", json={"status": "disabled"})).status_code == 200
        assert refusal(await browser.get("/v1/whoami")) == (401, "UNAUTHENTICATED")
        await _until(elsewhere, 401)
        body = {"email": "viewer-1@example.com", "password": PASSWORD}
        assert refusal(await browser.post("/v1/auth/sign-in", json=body)) == (401, "UNAUTHENTICATED")


async def _until(client: httpx2.AsyncClient, status: int) -> None:
    """Wait for the notification, which arrives right after the commit."""
    project = {"name": "P", "timezone": "UTC"}
    async with asyncio.timeout(30):
        while (await client.post("/v1/projects", json=project)).status_code != status:
            pass


async def test_test_key_of_another_organization_manages_no_user(api: Api, people: People) -> None:
    """Users of another organization are not found, by any route, and their sessions can't be listed or ended."""
    browser = await people.signed_in("viewer")
    user = await user_id_of(browser)
    session = (await browser.get("/v1/auth/session")).json()["session"]["id"]
    rival = await api.client(organization="Rival", scopes=ALL)
    for method, path in (
        ("GET", f"/v1/users/{user}"),
        ("PATCH", f"/v1/users/{user}"),
        ("POST", f"/v1/users/{user}/link"),
        ("DELETE", f"/v1/sessions?userId={user}"),
        ("DELETE", f"/v1/sessions/{session}"),
    ):
        answer = await rival.request(method, path, json={} if method in {"PATCH", "POST"} else None)
        assert refusal(answer) == (404, "NOT_FOUND"), path
    listed = await rival.get(f"/v1/sessions?userId={user}")
    assert listed.json() == {"items": [], "nextCursor": None}
    assert (await browser.get("/v1/whoami")).status_code == 200


@pytest.mark.parametrize(
    "url",
    [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example/console",
        "https://press.example.com@evil.example/",
        "https://press.example.com:444/",
        "http://press.example.com/",
        "https://press.example.com.evil.example/",
        "https:evil.example",
        "https:/evil.example",
        "https:///evil.example",
        "javascript:alert(1)",
        "/%2f/evil.example",
        "/%5cevil.example",
        "/%09/evil.example",
        "/\t/evil.example",
        "/console//evil.example",
        "/.//evil.example",
        "/console\r\nSet-Cookie: a=b",
        "/console%0d%0aSet-Cookie:%20a=b",
        "console",
        "",
        "/" + "a" * 3000,
    ],
)
def test_sign_in_returns_to_no_other_site(url: str) -> None:
    """Addresses that some URL parser may read as another host are refused."""
    with pytest.raises(FieldError):
        own_path(url, base_url="https://press.example.com")


def test_sign_in_returns_to_own_pages() -> None:
    """A path of this server, and its own absolute address, are allowed, with query and fragment."""
    for url, path in (
        ("/console/queue?status=queued&x=//y#top", "/console/queue?status=queued&x=//y#top"),
        ("https://press.example.com/console", "/console"),
        ("HTTPS://Press.Example.com:443/console?a=1", "/console?a=1"),
        ("https://press.example.com", "/"),
        ("/", "/"),
    ):
        assert own_path(url, base_url="https://press.example.com") == path


async def test_last_admin_stays(people: People) -> None:
    """The last active administrator can't be disabled or demoted, also not by itself; an invited one does not count."""
    admin = await people.signed_in("admin")
    await people.invite("admin")
    user = await user_id_of(admin)
    key = await people.key()
    for client in (admin, key):
        for change in ({"status": "disabled"}, {"role": "viewer"}):
            answer = await client.patch(f"/v1/users/{user}", json=change)
            assert refusal(answer) == (409, "CONFLICT")
            assert error(answer)["details"]["reason"] == "last_admin"
    await people.signed_in("admin")
    assert (await admin.patch(f"/v1/users/{user}", json={"role": "viewer"})).status_code == 200
    assert refusal(await admin.get("/v1/users")) == (403, "FORBIDDEN_SCOPE")
