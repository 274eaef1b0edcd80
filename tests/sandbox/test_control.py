"""The control surface: filters, redaction, the clock, and invalid input."""

from tests.every_row import every_row
from tests.sandbox.running_sandbox import RunningSandbox


async def test_an_account_is_created_then_updated(sandbox: RunningSandbox) -> None:
    """POST accounts creates an account; for an existing handle, in any letter case, it updates the given fields."""
    made = await sandbox.account("tiktok", "@Brand", creatorInfo={"duet_disabled": True})
    assert (made["handle"], made["tier"], made["grantedScopes"]) == ("Brand", "business", None)
    changed = await sandbox.account(
        "tiktok", "brand", tier="creator", creatorInfo={"stitch_disabled": True}, grantedScopes=["video.publish"]
    )
    assert changed["id"] == made["id"]
    assert changed["creatorInfo"] == {"duet_disabled": True, "stitch_disabled": True}
    assert (changed["tier"], changed["grantedScopes"]) == ("creator", ["video.publish"])
    assert await sandbox.items("accounts") == [changed]


LISTS = "accounts posts drafts messages phones dispatches deliveries webhooks requests faults"


async def test_each_list_has_platform_and_handle_filters(sandbox: RunningSandbox) -> None:
    """Each list returns items and accepts both filters; an unknown platform and an invalid handle are errors."""
    with every_row() as row:
        for path in LISTS.split():
            with row(path):
                assert await sandbox.items(path) == []
                assert await sandbox.items(f"{path}?platform=tiktok&handle=@unknown") == []
                for query in ("platform=myspace", "handle=a%20b", "handle=%00"):
                    answer = await sandbox.http.get(f"/sandbox/control/{path}?{query}")
                    assert answer.status_code == 400
                    assert answer.json()["error"]["message"]


async def test_filters_select_matching_items(sandbox: RunningSandbox) -> None:
    """Posts and requests are filtered by platform and by handle."""
    first, second = await sandbox.graph_login("first"), await sandbox.graph_login("second")
    await sandbox.post_picture(first)
    await sandbox.post_picture(second)
    assert [post["handle"] for post in await sandbox.items("posts?handle=FIRST")] == ["first"]
    assert len(await sandbox.items("posts?platform=instagram")) == 2
    assert await sandbox.items("posts?platform=tiktok") == []
    calls = await sandbox.calls(handle="second")
    assert [call["operation"] for call in calls] == [
        "token",
        "exchange",
        "media",
        "container_status",
        "media_publish",
    ]
    assert {call["handle"] for call in calls} == {"second"}


async def test_journal_has_no_secrets(sandbox: RunningSandbox, reel: bytes) -> None:
    """The journal has no token, code, secret or upload token, wherever in a call it was sent."""
    token = await sandbox.graph_login("brand")
    await sandbox.http.get(
        "/sandbox/graph.instagram.com/me", params={"access_token": token, "appsecret_proof": "pr00f"}
    )
    await sandbox.graph(token, "GET", "me/media", access_token=token)
    login = await sandbox.tiktok_login("brand", code_challenge="")
    begun = await sandbox.video_init(login["access_token"], len(reel))
    await sandbox.put(begun["upload_url"], reel)
    fresh = await sandbox.tiktok_token(grant_type="refresh_token", refresh_token=login["refresh_token"])
    text = (await sandbox.http.get("/sandbox/control/requests?limit=200")).text
    secrets = [token, "pr00f", login["access_token"], login["refresh_token"], fresh.json()["access_token"]]
    secrets.append(begun["upload_url"].split("upload_token=")[1])
    for secret in secrets:
        assert secret not in text
    calls = await sandbox.calls(platform="tiktok")
    assert [call["operation"] for call in calls] == ["token", "video_init", "upload", "refresh"]
    first = calls[0]
    assert set(first) == {
        "at",
        "platform",
        "host",
        "method",
        "path",
        "operation",
        "handle",
        "status",
        "fault",
        "request",
        "response",
    }
    assert (first["host"], first["method"], first["path"]) == ("open.tiktokapis.com", "POST", "/v2/oauth/token/")
    assert (first["request"]["code"], first["response"]["access_token"]) == ("[redacted]", "[redacted]")


async def test_error_codes_are_not_redacted(sandbox: RunningSandbox) -> None:
    """The journal keeps the `code` of an error, although it redacts the `code` of a login."""
    await sandbox.http.get("/sandbox/graph.instagram.com/me")
    await sandbox.http.post("/sandbox/api.instagram.com/oauth/access_token", data={"code": "abc"})
    await sandbox.tiktok("x", "video/list", {})
    graph, api, tiktok = await sandbox.calls()
    assert graph["response"]["error"]["code"] == 104
    assert (api["response"]["code"], api["request"]["code"]) == (400, "[redacted]")
    assert tiktok["response"]["error"]["code"] == "access_token_invalid"


FAULT = {"platform": "tiktok", "operation": "video_init", "fault": "http_500"}
BAD: list[tuple[str, str, object]] = [
    ("POST", "accounts", None),
    ("POST", "accounts", []),
    ("POST", "accounts", {"platform": "instagram"}),
    ("POST", "accounts", {"platform": "myspace", "handle": "a"}),
    ("POST", "accounts", {"platform": "instagram", "handle": 5}),
    ("POST", "accounts", {"platform": "instagram", "handle": "a/b"}),
    ("POST", "accounts", {"platform": "instagram", "handle": "x" * 65}),
    ("POST", "accounts", {"platform": "instagram", "handle": "a", "tier": "gold"}),
    ("POST", "accounts", {"platform": "instagram", "handle": "a", "teir": "personal"}),
    ("POST", "accounts", {"platform": "instagram", "handle": "a", "creatorInfo": {"x": 1}}),
    ("POST", "accounts", {"platform": "tiktok", "handle": "a", "creatorInfo": []}),
    ("POST", "accounts", {"platform": "tiktok", "handle": "a", "creatorInfo": {"privacy_level_options": ["ALL"]}}),
    ("POST", "accounts", {"platform": "tiktok", "handle": "a", "grantedScopes": "video.publish"}),
    ("POST", "accounts", {"platform": "instagram", "handle": "a", "quotaTotal": -1}),
    ("POST", "accounts", {"platform": "instagram", "handle": "a", "quotaTotal": True}),
    ("POST", "accounts", {"platform": "tiktok", "handle": "a", "audited": 1}),
    ("POST", "accounts", {"platform": "instagram", "handle": "a", "trialReels": "no"}),
    ("POST", "faults", {**FAULT, "platform": "myspace"}),
    ("POST", "faults", {**FAULT, "operation": "media"}),
    ("POST", "faults", {**FAULT, "fault": "explode"}),
    ("POST", "faults", {**FAULT, "time": 3}),
    ("POST", "faults", {**FAULT, "times": 0}),
    ("POST", "faults", {**FAULT, "times": "3"}),
    ("POST", "faults", {**FAULT, "times": 1.5}),
    ("POST", "faults", {**FAULT, "times": 10**30}),
    ("POST", "faults", {**FAULT, "skip": -1}),
    ("POST", "faults", {**FAULT, "handle": ""}),
    ("POST", "faults", {**FAULT, "value": []}),
    ("POST", "faults", {**FAULT, "fault": "latency"}),
    ("POST", "faults", {**FAULT, "fault": "latency", "value": {"ms": "1"}}),
    ("POST", "faults", {**FAULT, "fault": "latency", "value": {"ms": -1}}),
    ("POST", "faults", {**FAULT, "fault": "platform_error"}),
    ("POST", "faults", {**FAULT, "fault": "platform_error", "value": {"code": {}}}),
    ("POST", "faults", {**FAULT, "fault": "platform_error", "value": {"code": "x", "status": 99}}),
    ("POST", "faults", {"platform": "instagram", "operation": "me", "fault": "platform_error", "value": {"code": "x"}}),
    ("POST", "faults", {"platform": "instagram", "operation": "me", "fault": "stuck_processing"}),
    ("POST", "faults", {"platform": "instagram", "operation": "token", "fault": "token_expired"}),
    ("POST", "faults", {"platform": "instagram", "operation": "app_token", "fault": "token_expired"}),
    ("POST", "faults", {"platform": "tiktok", "operation": "client_token", "fault": "token_expired"}),
    ("DELETE", "faults?platform=nowhere", None),
    ("POST", "clock", {}),
    ("POST", "clock", {"advanceSeconds": -5}),
    ("POST", "clock", {"advanceSeconds": "60"}),
    ("POST", "clock", {"advanceSeconds": 1e300}),
    ("POST", "clock", {"advanceSeconds": 1, "to": 2}),
    ("POST", "drafts/nonsense/publish", None),
]


async def test_invalid_input_is_refused_with_a_sentence(sandbox: RunningSandbox) -> None:
    """Invalid input returns 400 with a message and changes nothing."""
    with every_row() as row:
        for method, path, body in BAD:
            with row(method, path, body):
                answer = await sandbox.control(method, path, body)
                assert answer.status_code == 400, answer.text
                assert answer.json()["error"]["message"]
                assert await sandbox.items("accounts") == []
                assert await sandbox.items("faults") == []


async def test_unreadable_bodies_are_refused(sandbox: RunningSandbox) -> None:
    """Malformed, hostile and oversized bodies return 400."""
    rows: list[bytes] = [b"{", b"\xff", b'{"a": NaN}', b'{"a": "\\udfff"}', b"[" * 200_000, b"x" * 5_000_000]
    with every_row() as row:
        for body in rows:
            with row(body):
                answer = await sandbox.http.post("/sandbox/control/accounts", content=body)
                assert answer.status_code == 400
                assert answer.json()["error"]["message"]


async def test_clock_and_reset(sandbox: RunningSandbox) -> None:
    """The clock advances by the given time; a reset clears accounts, posts, faults, the journal and the offset."""
    before = (await sandbox.control("GET", "clock")).json()
    after = (await sandbox.control("POST", "clock", {"advanceSeconds": 86_400.5})).json()
    assert (before["offsetSeconds"], after["offsetSeconds"]) == (0, 86_400.5)
    assert after["now"] > before["now"]
    token = await sandbox.graph_login("brand")
    await sandbox.post_picture(token)
    await sandbox.fault("sms", "messages", "latency", value={"ms": 1}, times=-1)
    reset = (await sandbox.control("POST", "reset")).json()
    assert reset["offsetSeconds"] == 0
    for path in ("accounts", "posts", "requests", "faults"):
        assert await sandbox.items(path) == []
    assert (await sandbox.graph(token, "GET", "me")).json()["error"]["code"] == 190
    assert len(await sandbox.items("faults?platform=sms")) == 0
