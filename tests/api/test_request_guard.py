"""Hosts and spellings of paths that are refused, and forms that are limited, over raw sockets."""

import pytest
from pydantic import SecretStr
from tests.api.raw_sockets import connected_to
from tests.api.wire import issues, refusal
from tests.api_server import Api, serving
from tests.clocks import MovableClock

from presswork.api.http.protocol import MAX_URL_BYTES
from presswork.platforms.settings import Settings

NOT_ALLOWED = (400, "VALIDATION")


async def _status(api: Api, target: str, *hosts: str) -> int:
    """Return the status of a request with these Host headers."""
    head = f"GET {target} HTTP/1.1\r\n" + "".join(f"Host: {host}\r\n" for host in hosts) + "\r\n"
    async with connected_to(api) as connection:
        answer = await connection.ask(head.encode())
        if answer.status == 400:
            assert (answer.refusal, answer.error["details"]) == (NOT_ALLOWED, {"reason": "host_not_allowed"})
        return answer.status


async def test_only_requests_for_this_api_are_served(api: Api) -> None:
    """A foreign, missing, double or malformed Host returns 400, under every path; names of this machine are served."""
    refused = (
        "evil.example",
        "localhost.evil.example",
        "10.0.0.1",
        "localhost:80:80",
        "user@localhost",
        "local host",
        "",
    )
    for path in ("/", "/v1/whoami", "/sandbox/", "/docs", "/openapi.json", "/metrics", "/nothing"):
        for host in refused:
            assert await _status(api, path, host) == 400, (path, host)
        assert await _status(api, path) == 400
        assert await _status(api, path, "localhost", "localhost") == 400
    for host in ("localhost", "LOCALHOST:8000", "127.0.0.1", "127.0.0.1:9", "127.1.2.3", "[::1]:8000", "localhost."):
        assert await _status(api, "/openapi.json", host) == 200, host


async def test_cookies_are_dropped(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """No cookie is parsed: Python's parser takes seconds for quotes with sixty thousand backslashes."""
    parsed = list[str]()

    def parse(text: str) -> dict[str, str]:
        parsed.append(text)
        return {}

    monkeypatch.setattr("starlette.requests.cookie_parser", parse)
    cookie = b'Cookie: a="%s"\r\n' % (b"\\" * 60_000)
    async with connected_to(api) as connection:
        answer = await connection.ask(b"GET /v1/whoami HTTP/1.1\r\nHost: localhost\r\nCOOKIE: b=c\r\n%s\r\n" % cookie)
    assert (answer.status, parsed) == (401, [])


async def test_health_checks_are_served_for_any_host(api: Api) -> None:
    """A load balancer names a process as it likes, or sends HTTP/1.0 without a Host."""
    for path in ("/healthz", "/readyz"):
        assert await _status(api, path, "api-7.internal") in {200, 503}
        assert await _status(api, path) in {200, 503}
    assert await _status(api, "/%68ealthz", "api-7.internal") == 400


async def test_an_absolute_url_replaces_the_host_header(api: Api) -> None:
    """The host of the request line counts, as RFC 9112 requires."""
    assert await _status(api, "http://evil.example/openapi.json", "localhost") == 400
    assert await _status(api, "http://localhost:8000/openapi.json", "evil.example") == 200
    assert await _status(api, "http://localhost:8000/openapi.json", "localhost", "localhost") == 400
    assert await _status(api, "http://localhost:8000/openapi.json") == 400


async def test_a_target_has_no_fragment_and_a_limit(api: Api) -> None:
    """A fragment, which the parser would drop, and other versions of HTTP return 400; a long path or query 414."""
    for line in (b"GET /healthz#x HTTP/1.1", b"GET /healthz HTTP/2.0", b"GET /healthz HTTP/0.9", b"GET /healthz"):
        async with connected_to(api) as connection:
            answer = await connection.ask(line + b"\r\nHost: localhost\r\n\r\n")
            assert (answer.status, answer.error["code"]) == (400, "VALIDATION"), line
    for length, refused in ((MAX_URL_BYTES, None), (MAX_URL_BYTES + 1, (414, "PAYLOAD_TOO_LARGE"))):
        async with connected_to(api) as connection:
            target = b"/healthz?" + b"a" * (length - 9)
            answer = await connection.ask(b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % target)
            assert (answer.refusal if refused else answer.status) == (refused or 200)


async def test_allowed_hosts_follow_the_public_url(settings: Settings, dsn: str, clock: MovableClock) -> None:
    """The host of PRESSWORK_PUBLIC_URL and those of PRESSWORK_ALLOWED_HOSTS are served, and loopback as before."""
    more = {"public_url": "https://Press.example.com/base", "allowed_hosts": "api.internal, api-2.internal"}
    async with serving(settings.model_copy(update=more), dsn=dsn, clock=clock) as api:
        for host in ("press.example.com", "PRESS.example.com:443", "api.internal:8000", "api-2.internal", "localhost"):
            assert await _status(api, "/openapi.json", host) == 200, host
        for host in ("example.com", "press.example.com.evil.example", "api-3.internal"):
            assert await _status(api, "/openapi.json", host) == 400, host
        assert await _status(api, "/metrics", "api-3.internal") == 401, "a scraper needs a token, whatever the host"


async def test_metrics_with_a_token_are_served_for_any_host(settings: Settings, dsn: str, clock: MovableClock) -> None:
    """Without a public URL, a token is what allows a scraper to use a name."""
    with_token = settings.model_copy(update={"metrics_token": SecretStr("scraper")})
    async with serving(with_token, dsn=dsn, clock=clock) as api:
        assert await _status(api, "/metrics", "api.internal") == 401


async def test_a_path_has_one_spelling(api: Api) -> None:
    """A path that encodes a letter, a digit, a dot or a slash returns 404, so that rules about paths can't be bypassed."""
    async with connected_to(api) as connection:
        for path in (
            "/%73andbox/",
            "/%73andbox/control/posts",
            "/sandbox%2Fcontrol/posts",
            "/sandbox/%63ontrol/posts",
            "/sandbox/%2e%2E/v1/whoami",
            "/sandbox%5Ccontrol",
            "/v1/%77hoami",
            "/v%31/whoami",
            "/v1/whoami%7E",
            "/%6fpenapi.json",
            "http://localhost/%73andbox/",
        ):
            answer = await connection.ask(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            assert answer.refusal == (404, "NOT_FOUND"), path
            assert "encode" in answer.error["message"], path
        for path, status in (
            ("/openapi.json?x=%73", 200),
            ("/v1/projects/%C3%A9", 401),
            ("/v1/projects/a%20b%3A%40", 401),
        ):
            answer = await connection.ask(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            assert answer.status == status, path


async def test_callbacks_of_a_login_accept_no_large_body(api: Api) -> None:
    """A redirect has no body. The form that chooses an account is refused by its length, before it arrives, and by its fields."""
    head = "/oauth/callback/instagram HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
    for start, length, limit in (
        ("GET ", 1, 0),
        ("GET ", 1048576, 0),
        ("POST ", 16385, 16384),
        ("POST ", 1048576, 16384),
    ):
        async with connected_to(api) as connection:
            answer = await connection.ask(f"{start}{head}{length}\r\n\r\n".encode())
            assert (answer.refusal, answer.error["details"]) == ((413, "PAYLOAD_TOO_LARGE"), {"maxBytes": limit}), start
    async with connected_to(api) as connection:
        chunked = (
            b"GET /oauth/callback/instagram HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"
        )
        assert (await connection.ask(chunked)).refusal == (413, "PAYLOAD_TOO_LARGE")
    browser = await api.anonymous()
    many = await browser.post("/oauth/callback/instagram", content="&" * 200)
    assert issues(many) == {"": "bad_form"}
    assert (await browser.get("/oauth/callback/instagram", headers={"Content-Length": "0"})).status_code == 400


async def test_forms_of_the_text_service_are_limited(api: Api) -> None:
    """A large form at a status callback returns 413, and one with many fields is no signed callback."""
    browser = await api.anonymous()
    for path in (
        "/callbacks/draft/sp_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
        "/callbacks/text/txt_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
    ):
        assert refusal(await browser.post(path, content="a=" + "%41" * 300_000)) == (413, "PAYLOAD_TOO_LARGE")
        assert (await browser.post(path, content="&" * 200)).status_code == 403


@pytest.mark.parametrize("hosts", ["http://a.example", "a.example:80", "a b", "a,", "*", "-a"])
def test_malformed_allowed_hosts_are_refused(hosts: str) -> None:
    """A URL, a port or a wildcard is not accepted in silence."""
    with pytest.raises(ValueError, match="host names without ports"):
        Settings(_env_file=None, allowed_hosts=hosts)
