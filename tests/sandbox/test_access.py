"""Who may call the sandbox: everyone on this machine; from elsewhere only callers with the token; never another site's page."""

import base64
import re
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from tests.every_row import every_row
from tests.sandbox.running_sandbox import (
    FB_SCOPES,
    IG_SCOPES,
    TIKTOK_SCOPES,
    MediaServer,
    RunningSandbox,
    Sandboxes,
    SharedSandbox,
)

from presswork_sandbox.access import TICKET, TOKEN_HEADER, Access, listens_on_loopback, origin_of

TOKEN = "the-token-of-this-installation-0123456789"
TICKET_OF_S = "the-ticket-of-the-login-s"
OWN = "https://presswork.example.com"
FORM = "application/x-www-form-urlencoded"
ACCOUNT = b'{"platform": "tiktok", "handle": "luna"}'


@pytest.fixture(scope="module")
async def shared_public_sandbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SharedSandbox]:
    """A sandbox that other machines can reach, shared by the tests of this module."""
    access = Access(
        is_loopback_only=False,
        tokens=lambda: ("another", TOKEN),
        is_ticket=lambda state, ticket: (state, ticket) == ("s", TICKET_OF_S),
        origins=frozenset({f"{OWN}:443"}),
    )
    shared = SharedSandbox(tmp_path_factory.mktemp("public"), access=access, token=TOKEN)
    yield shared
    await shared.close()


@pytest.fixture
async def public(shared_public_sandbox: SharedSandbox, media: MediaServer) -> AsyncIterator[RunningSandbox]:
    """A sandbox that other machines can reach, with an account in it."""
    async with shared_public_sandbox.lend(media) as sandbox:
        made = await sandbox.http.post("/sandbox/control/accounts", content=ACCOUNT, headers={TOKEN_HEADER: TOKEN})
        assert made.status_code == 200, made.text
        yield sandbox


def authorize(redirect: str, **more: str) -> dict[str, str]:
    """Return the query of TikTok's authorize page, as the installation makes it."""
    ask = {"client_key": "k", "redirect_uri": redirect, "response_type": "code", "scope": TIKTOK_SCOPES}
    return ask | {"state": "s", TICKET: TICKET_OF_S} | more


async def test_everything_needs_the_token_where_others_can_call(public: RunningSandbox) -> None:
    """Pages, control surface and fake platforms are 401 without the token, and with a wrong one; with it they answer."""
    rows: list[str] = [
        "",
        "phone",
        "feed/tiktok/luna",
        "media/avatar/luna.svg",
        "www.tiktok.com/@luna",
        "www.instagram.com/p/abc/",
        "control/accounts",
        "control/messages",
        "control/requests",
        "%63ontrol/accounts",
        "api.twilio.com/2010-04-01/Accounts/AC1/Messages.json",
        "graph.instagram.com/me?access_token=x",
        "open.tiktokapis.com/v2/user/info/",
        "provider/dispatches/1",
        "mastodon.example/api/v2/instance",
        "mastodon.example/@luna/1",
        "api.pinterest.com/v5/boards",
        "www.pinterest.com/pin/1/",
        "nowhere",
    ]
    with every_row() as row:
        for path in rows:
            with row(path):
                for headers in (
                    {},
                    {TOKEN_HEADER: "x"},
                    {"Authorization": "Bearer x"},
                    {"Authorization": "Basic eDp5"},
                ):
                    refused = await public.http.get(f"/sandbox/{path}", headers=headers)
                    assert refused.status_code == 401, path
                    assert "luna" not in refused.text
                    assert refused.json()["error"]["message"].endswith(".")
                assert (await public.http.get(f"/sandbox/{path}", headers={TOKEN_HEADER: TOKEN})).status_code in {
                    200,
                    302,
                    400,
                    404,
                } | ({401} if path.startswith(("api.", "open.tiktokapis.com", "provider")) else set())


async def test_the_token_as_people_and_programs_send_it(public: RunningSandbox) -> None:
    """The control surface accepts it as a bearer token, the pages as a password, for which a browser asks."""
    basic = base64.b64encode(f"anyone:{TOKEN}".encode()).decode()
    for path, scheme in (("control/accounts", "Bearer"), ("phone", "Basic")):
        assert (await public.http.get(f"/sandbox/{path}")).headers["www-authenticate"].startswith(scheme)
        for given in (f"Bearer {TOKEN}", f"Basic {basic}", "Bearer another"):
            answer = await public.http.get(f"/sandbox/{path}", headers={"Authorization": given})
            assert answer.status_code == 200, answer.text


async def test_no_token_opens_a_sandbox_without_one(sandboxes: Sandboxes, tmp_path: Path) -> None:
    """Where no token is set, an empty one is not it."""
    sandbox = await sandboxes.start(tmp_path / "state", access=Access(is_loopback_only=False, tokens=lambda: ("",)))
    for headers in ({}, {TOKEN_HEADER: ""}, {"Authorization": "Basic Og=="}):
        assert (await sandbox.http.get("/sandbox/control/accounts", headers=headers)).status_code == 401


async def test_a_stranger_is_sent_only_to_the_installation(public: RunningSandbox) -> None:
    """An authorize page is no open redirect: without the token it leads to the installation's own origin only."""
    page = "/sandbox/www.tiktok.com/v2/auth/authorize/"
    for decision in ("approve", "deny", ""):
        for elsewhere in (
            "https://evil.example/back",
            f"{OWN}.evil.example/back",
            f"{OWN}@evil.example/back",
            "http://presswork.example.com/back",
            f"{OWN}:8443/back",
            "https://evil.example\\@presswork.example.com/",
        ):
            answer = await public.http.get(page, params=authorize(elsewhere, account="luna", decision=decision))
            assert (answer.status_code, answer.headers.get("location")) == (400, None), elsewhere
            assert "evil.example" not in answer.text
            assert re.findall(r'<a [^>]*href="([^"]+)"', answer.text) == ["/"]
        own = await public.http.get(page, params=authorize(f"{OWN}/back", account="luna", decision=decision))
        assert own.status_code == (302 if decision else 200)
    anywhere = authorize("https://client.example/back", account="luna", decision="approve")
    trusted = await public.http.get(page, params=anywhere, headers={TOKEN_HEADER: TOKEN})
    assert trusted.headers["location"].startswith("https://client.example/back?code=")
    # A browser sends a stored password by itself, also after a click on a link.
    by_browser = await public.http.get(page, params=anywhere, auth=("me", TOKEN))
    assert by_browser.status_code == 400


async def test_an_authorize_page_needs_the_ticket_of_its_login(public: RunningSandbox) -> None:
    """Without one, or with that of another login, the page is 401 and creates no account."""
    for query in ({TICKET: ""}, {TICKET: "x"}, {"state": "t"}):
        for host_path in (
            "www.tiktok.com/v2/auth/authorize/",
            "www.instagram.com/oauth/authorize",
            "www.facebook.com/dialog/oauth",
            "mastodon.example/oauth/authorize",
            "www.pinterest.com/oauth/",
        ):
            params = authorize(f"{OWN}/back", account="stranger", decision="approve") | query
            answer = await public.http.get(f"/sandbox/{host_path}", params=params)
            assert answer.status_code == 401
            assert "begin the login again" in answer.text
            # A browser asks for the token only where a person may have it: not after a ticket has expired.
            assert answer.headers["www-authenticate"].startswith("Bearer" if params[TICKET] else "Basic")
    listed = await public.http.get("/sandbox/control/accounts", headers={TOKEN_HEADER: TOKEN})
    assert [account["handle"] for account in listed.json()["items"]] == ["luna"]


async def test_an_authorize_page_lists_no_accounts_to_strangers(public: RunningSandbox) -> None:
    """With a ticket only, a person enters the handle; with the token, the accounts are listed. The form keeps the ticket."""
    page, params = "/sandbox/www.tiktok.com/v2/auth/authorize/", authorize(f"{OWN}/back")
    shown = (await public.http.get(page, params=params)).text
    assert "luna" not in shown
    assert f'name="{TICKET}" value="{TICKET_OF_S}"' in shown
    assert "luna" in (await public.http.get(page, params=params, auth=("me", TOKEN))).text


async def test_a_strangers_code_is_worth_nothing(public: RunningSandbox) -> None:
    """A code can't be exchanged without the token."""
    params = authorize(f"{OWN}/back", account="luna", decision="approve")
    approved = await public.http.get("/sandbox/www.tiktok.com/v2/auth/authorize/", params=params)
    code = httpx2.URL(approved.headers["location"]).params["code"]
    refused = await public.tiktok_token(grant_type="authorization_code", redirect_uri=f"{OWN}/back", code=code)
    assert refused.status_code == 401


async def test_the_control_surface_ignores_pages_of_other_sites(sandbox: RunningSandbox) -> None:
    """What a page of another site can make a browser send is refused, and changes nothing."""
    rows: list[tuple[dict[str, str], int]] = [
        ({"Content-Type": "application/json"}, 200),
        ({"Content-Type": "application/json; charset=utf-8"}, 200),
        ({"Content-Type": FORM}, 200),  # curl -d
        ({}, 200),
        ({"Content-Type": "application/json", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "text/plain;charset=UTF-8", "Origin": "https://evil.example"}, 403),
        ({"Content-Type": "multipart/form-data; boundary=x"}, 415),
        ({"Content-Type": "application/json", "Origin": "https://evil.example"}, 403),
        ({"Content-Type": "application/json", "Origin": "null"}, 403),
        ({"Content-Type": FORM, "Referer": "http://evil.example/"}, 415),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Content-Type": "application/json"}, 403),
    ]
    with every_row() as row:
        for headers, status in rows:
            with row(headers, status):
                answer = await sandbox.http.post("/sandbox/control/accounts", content=ACCOUNT, headers=headers)
                assert answer.status_code == status, answer.text
                assert len(await sandbox.items("accounts")) == (1 if status == 200 else 0)
                own = {"Content-Type": "application/json", "Origin": sandbox.address}
                assert (await sandbox.http.post("/sandbox/control/reset", json={}, headers=own)).status_code == 200


async def test_the_fake_platforms_ignore_pages_of_other_sites(sandbox: RunningSandbox) -> None:
    """Another site can't make a browser send a text, which would fetch media, nor approve a login."""
    text = {"To": "+15551230001", "From": "+15550006789", "Body": "x"}
    path, approve = (
        "/sandbox/api.twilio.com/2010-04-01/Accounts/AC1/Messages.json",
        {"account": "a", "decision": "approve"},
    )
    page = "/sandbox/www.tiktok.com/v2/auth/authorize/"
    ask = authorize(f"{OWN}/back")
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert (await sandbox.http.post(path, data=text, auth=("AC1", "t"), headers=headers)).status_code == 403
        refused = await sandbox.http.get(page, params=ask | approve, headers=headers)
        assert (refused.status_code, "begin the login again" in refused.text) == (403, True)
        assert (await sandbox.http.get(page, params=ask, headers=headers)).status_code == 200
    assert [await sandbox.items(kind) for kind in ("messages", "accounts")] == [[], []]


async def test_a_login_chooses_at_most_fifty_accounts(sandbox: RunningSandbox) -> None:
    """One call can't fill the state with accounts."""
    ask = {"client_id": "1", "redirect_uri": f"{OWN}/back", "response_type": "code", "scope": FB_SCOPES, "state": "s"}
    many = {"account": ",".join(f"a{number}" for number in range(51)), "decision": "approve"}
    page = "/sandbox/www.facebook.com/v25.0/dialog/oauth"
    assert (await sandbox.http.get(page, params=ask | many)).status_code == 400
    assert await sandbox.items("accounts") == []


async def test_ids_beyond_those_of_rows_are_not_found(sandbox: RunningSandbox) -> None:
    """SQLite has no number of that size."""
    for number in (10**18, 2**63, int("9" * 4000)):
        assert (await sandbox.http.get(f"/sandbox/media/poster/{number}.jpg")).status_code == 404
        assert (await sandbox.http.delete(f"/sandbox/control/faults/{number}")).status_code == 404


async def test_the_pages_accept_their_own_forms_only(sandbox: RunningSandbox) -> None:
    """A button of a page is not pressed by another site."""
    for path in ("drafts/1/publish", "drafts/1/discard"):
        for origin, status in (("https://evil.example", 403), (sandbox.address, 404)):
            answer = await sandbox.http.post(f"/sandbox/{path}", data={"x": "1"}, headers={"Origin": origin})
            assert answer.status_code == status


async def test_a_call_that_came_from_elsewhere_needs_the_token(sandbox: RunningSandbox) -> None:
    """On loopback too: a name that another site points at this machine, and a proxy in front."""
    rows: list[dict[str, str]] = [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:80"},
        {"X-Forwarded-For": "192.0.2.1"},
        {"Forwarded": "for=x"},
    ]
    with every_row() as row:
        for headers in rows:
            with row(headers):
                for path in ("control/messages", "phone", ""):
                    assert (await sandbox.http.get(f"/sandbox/{path}", headers=headers)).status_code == 401
                for host in ("localhost", "localhost:8000", "[::1]:8000", "127.0.0.2", "sandbox.localhost"):
                    assert (await sandbox.http.get("/sandbox/phone", headers={"Host": host})).status_code == 200


async def test_clients_of_the_platforms_need_no_token_on_loopback(sandbox: RunningSandbox) -> None:
    """Whatever host name they use, and whatever address they return to."""
    ask = {"client_id": "1", "redirect_uri": "https://elsewhere.example/x", "response_type": "code", "scope": IG_SCOPES}
    page = await sandbox.http.get(
        "/sandbox/www.instagram.com/oauth/authorize",
        params=ask | {"account": "luna", "decision": "approve"},
        headers={"Host": "presswork.test"},
    )
    assert page.headers["location"].startswith("https://elsewhere.example/x?code=")
    sms = await sandbox.http.get(
        "/sandbox/api.twilio.com/2010-04-01/Accounts/AC1/Messages.json",
        auth=("AC1", "t"),
        headers={"Host": "presswork.test"},
    )
    assert sms.status_code == 200
    # A server of Mastodon is any host, so what programs call is known by the path behind it.
    server = "/sandbox/mastodon.example"
    for path, status in (("/api/v2/instance", 200), ("/oauth/revoke", 403), ("/@luna/1", 401), ("/other", 401)):
        method = "POST" if path == "/oauth/revoke" else "GET"
        answer = await sandbox.http.request(method, f"{server}{path}", headers={"Host": "presswork.test"})
        assert answer.status_code == status, path


async def test_pages_can_not_be_framed(sandbox: RunningSandbox) -> None:
    """No page of another site can show the sandbox's pages and buttons, or have them run a script."""
    ask = f"client_id=1&redirect_uri=http://x/y&response_type=code&scope={IG_SCOPES}"
    for path in ("", "phone", f"www.instagram.com/oauth/authorize?{ask}", "www.instagram.com/oauth/authorize"):
        policy = (await sandbox.http.get(f"/sandbox/{path}")).headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert "default-src 'none'" in policy


async def test_a_random_seed_makes_ids_unpredictable(sandboxes: Sandboxes, tmp_path: Path) -> None:
    """Ids and tokens differ between installations, and those of a state file with the public seed change, once."""
    old = await sandboxes.start(tmp_path / "one")
    public = await old.account("tiktok", "before")
    before = (await old.tiktok_login("luna"))["open_id"]
    await sandboxes.stop(old)
    seen = [before]
    for name in ("one", "two", "three"):
        sandbox = await sandboxes.start(tmp_path / name, is_seed_random=True)
        if name != "one":
            await sandbox.account("tiktok", "before")
            seen.append((await sandbox.tiktok_login("luna"))["open_id"])
        seen.append((await sandbox.tiktok_login("nova"))["open_id"])
        await sandboxes.stop(sandbox)
    assert len(set(seen)) == len(seen)
    again = await sandboxes.start(tmp_path / "one", is_seed_random=True)
    assert (await again.tiktok_login("luna"))["open_id"] == before
    assert (await again.items("accounts"))[0] == public


def test_which_sockets_are_on_loopback(tmp_path: Path) -> None:
    """Only addresses of this machine; a Unix socket may have a proxy in front."""
    for host, is_private in (("127.0.0.1", True), ("0.0.0.0", False)):  # noqa: S104  bound for the length of a test
        with socket.socket() as listener:
            listener.bind((host, 0))
            assert listens_on_loopback(listener) is is_private
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        assert not listens_on_loopback(listener)


def test_origins() -> None:
    """Only plain http and https URLs have one."""
    rows: list[tuple[str, str | None]] = [
        ("https://A.example/x", "https://a.example:443"),
        ("http://a.example:8000", "http://a.example:8000"),
        ("https://user@a.example/", None),
        ("https://a.example:port/", None),
        ("myapp://a.example/", None),
        ("//a.example/", None),
        ("https://evil.example\\.a.example/", None),
    ]
    with every_row() as row:
        for address, origin in rows:
            with row(address, origin):
                assert origin_of(address) == origin
