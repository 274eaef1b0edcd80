"""LinkedIn: faults on each operation, and what they leave behind."""

from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import quote

import httpx2
import pytest
from tests.every_row import every_row
from tests.sandbox.linkedin_client import (
    MEMBER_SCOPES,
    PAGE_SCOPES,
    WWW,
    LinkedIn,
    exchanged,
    member,
    page,
    quoted,
    redirected,
    subscription_of,
    token_of,
)
from tests.sandbox.running_sandbox import RunningSandbox, picture

Calls = Mapping[str, Callable[[], Awaitable[httpx2.Response]]]
OAUTH = ("token", "refresh", "revoke")


async def calls_of(sandbox: RunningSandbox, reel: bytes) -> Calls:
    """Return one call of each operation, each of which works; a page is the author."""
    await sandbox.control("POST", "linkedin", {"refreshTokens": True, "duplicateWindowSeconds": 0})
    login = await token_of(sandbox, "brand", f"{MEMBER_SCOPES} {PAGE_SCOPES}")
    client = LinkedIn(sandbox, login["access_token"])
    brand = await client.page()
    image = await client.upload(brand, picture())
    urn = await client.posted(brand, "Text")
    doomed = await client.posted(brand, "Doomed")
    made = (await client.comment(urn, brand, "Own")).json()
    comment, activity = f"rest/socialActions/{quoted(urn)}/comments/{made['id']}", made["object"]
    actor, edit = f"?actor={quoted(brand)}", {"patch": {"message": {"$set": {"text": "Edited"}}}}
    me = (await client.call("GET", "rest/organizationAcls?q=roleAssignee")).json()["elements"][0]["roleAssignee"]
    subscription = subscription_of(me, brand)
    hook = {"webhook": "http://localhost:9/hook"}
    notified = f"rest/organizationalEntityNotifications?q=criteria&organizationalEntity={quoted(brand)}"
    reaction = f"rest/reactions/(actor:{quoted(brand)},entity:{quoted(activity)})"
    owner = {"initializeUploadRequest": {"owner": brand, "fileSizeBytes": len(reel)}}
    waiting = await client.announce(brand)
    value, ids = await client.upload_parts(brand, reel)
    number = brand.rpartition(":")[2]
    app = {"client_id": "app", "client_secret": "x"}
    refresh = {"grant_type": "refresh_token", "refresh_token": login["refresh_token"]}

    async def exchange() -> httpx2.Response:
        return await exchanged(sandbox, (await redirected(sandbox, "brand", f"{MEMBER_SCOPES} {PAGE_SCOPES}"))["code"])

    def form(path: str, **fields: str) -> Awaitable[httpx2.Response]:
        return sandbox.http.post(f"{WWW}/oauth/v2/{path}", data=app | fields)

    return {
        "token": exchange,
        "refresh": lambda: form("accessToken", **refresh),
        "userinfo": lambda: client.call("GET", "v2/userinfo"),
        "organization_acls": lambda: client.call("GET", "rest/organizationAcls?q=roleAssignee"),
        "organizations": lambda: client.call("GET", f"rest/organizations/{number}"),
        "images_initialize": lambda: client.call("POST", "rest/images?action=initializeUpload", owner),
        "videos_initialize": lambda: client.call("POST", "rest/videos?action=initializeUpload", owner),
        "documents_initialize": lambda: client.call("POST", "rest/documents?action=initializeUpload", owner),
        "upload": lambda: client.put(waiting["uploadUrl"], picture()),
        "videos_finalize": lambda: client.finalize(value["video"], ids, value["uploadToken"]),
        "media_status": lambda: client.status(image),
        "posts": lambda: client.post(brand, "More", {"media": {"id": image}}),
        "post": lambda: client.read(urn),
        "posts_by_author": lambda: client.of_author(brand),
        "comments": lambda: client.comment(urn, brand, "First"),
        "comments_list": lambda: client.comments(urn),
        "comment": lambda: client.call("GET", comment),
        "comment_update": lambda: client.call("POST", comment + actor, edit, X_RestLi_Method="PARTIAL_UPDATE"),
        "reactions": lambda: client.call("POST", f"rest/reactions{actor}", {"root": activity, "reactionType": "LIKE"}),
        "reactions_delete": lambda: client.call("DELETE", reaction),
        "event_subscriptions": lambda: client.call("PUT", subscription, hook),
        "notifications": lambda: client.call("GET", notified),
        "comment_delete": lambda: client.call("DELETE", comment + actor),
        "post_update": lambda: client.update(urn, commentary="Text"),
        "delete": lambda: client.delete(doomed),
        "revoke": lambda: form("revoke", token=client.token),
    }


async def test_every_operation_has_every_fault(sandbox: RunningSandbox, reel: bytes) -> None:
    """Errors strike before the effect, in LinkedIn's envelope of the call; then the same call works."""
    calls = await calls_of(sandbox, reel)
    for operation, call in calls.items():
        await sandbox.fault("linkedin", operation, "http_500")
        assert (await call()).status_code == 500, operation
        await sandbox.fault("linkedin", operation, "html_502")
        assert "Bad Gateway" in (await call()).text, operation
        await sandbox.fault("linkedin", operation, "drop_before_effect")
        with pytest.raises(httpx2.RemoteProtocolError):
            await call()
        value = {"code": "TOO_MANY_REQUESTS", "message": "Slow", "status": 429}
        await sandbox.fault("linkedin", operation, "platform_error", value=value)
        answer = await call()
        assert answer.status_code == 429, operation
        if operation in OAUTH:
            assert answer.json() == {"error": "TOO_MANY_REQUESTS", "error_description": "Slow"}
        elif operation != "upload":
            expected = {"status": 429, "serviceErrorCode": 101, "code": "TOO_MANY_REQUESTS", "message": "Slow"}
            assert answer.json() == expected
        await sandbox.fault("linkedin", operation, "latency", value={"ms": 1})
        assert (await call()).status_code < 300, operation
    assert await sandbox.items("faults") == []
    posts = await sandbox.items("posts?platform=linkedin")
    assert [(post["caption"], post["comments"]) for post in posts] == [("Text", ["First"]), ("More", [])]


async def test_lost_answers_after_the_effect(sandbox: RunningSandbox, reel: bytes) -> None:
    """A dropped, broken or wrong answer comes after the post is live; the repeated call is a duplicate that names it."""
    client, brand = await page(sandbox)
    for number, fault in enumerate(("drop_after_effect", "malformed_json")):
        await sandbox.fault("linkedin", "posts", fault)
        if fault == "malformed_json":
            assert (await client.post(brand, f"Lost {number}")).content == b"{"
        else:
            with pytest.raises(httpx2.RemoteProtocolError):
                await client.post(brand, f"Lost {number}")
    value = {"code": "INTERNAL_SERVER_ERROR", "afterEffect": True}
    await sandbox.fault("linkedin", "posts", "platform_error", value=value)
    assert (await client.post(brand, "Lost 2")).status_code == 500
    posts = await sandbox.items("posts?platform=linkedin")
    assert [post["caption"] for post in posts] == ["Lost 0", "Lost 1", "Lost 2"]
    for post in posts:
        assert post["externalId"] in (await client.post(brand, post["caption"])).json()["message"]
    await sandbox.fault("linkedin", "videos_finalize", "drop_after_effect")
    upload, ids = await client.upload_parts(brand, reel)
    with pytest.raises(httpx2.RemoteProtocolError):
        await client.finalize(upload["video"], ids, upload["uploadToken"])
    assert (await client.finalize(upload["video"], ids, upload["uploadToken"])).status_code == 200
    await sandbox.advance(3)
    assert (await client.status(upload["video"])).json()["status"] == "AVAILABLE"


async def test_a_conflict_once(sandbox: RunningSandbox) -> None:
    """409 CONFLICT creates nothing; the second call posts."""
    client, me = await member(sandbox)
    await sandbox.fault("linkedin", "posts", "platform_error", value={"code": "CONFLICT"})
    conflict = await client.post(me, "Once")
    assert (conflict.status_code, conflict.json()["message"]) == (409, "Retry the request")
    await client.posted(me, "Once")


async def test_named_errors(sandbox: RunningSandbox) -> None:
    """Codes come with their own HTTP status, and with the list of fields where LinkedIn has one."""
    rows: list[tuple[str, int, str]] = [
        ("NONEXISTENT_VERSION", 426, "Requested version is not active"),
        ("ACCESS_DENIED", 403, "Not enough permissions to access"),
        ("REVOKED_ACCESS_TOKEN", 401, "The token used in the request has been revoked by the user"),
        ("DUPLICATE_POST", 422, "Content is a duplicate of urn:li:share:1"),
        ("FIELD_LENGTH_TOO_LONG", 400, "Too long"),
        ("SOMETHING_ELSE", 400, "Else"),
    ]
    with every_row() as row:
        for code, status, message in rows:
            with row(code, status, message):
                await sandbox.reset()
                client, me = await member(sandbox)
                await sandbox.fault("linkedin", "posts", "platform_error", value={"code": code, "message": message})
                answer = await client.post(me, "x")
                body = answer.json()
                assert (answer.status_code, body["status"], body["message"]) == (status, status, message)
                if "errorDetails" in body:
                    assert body["errorDetails"]["inputErrors"][0]["code"] == code
                else:
                    assert body["code"] == code
                assert await sandbox.items("posts?platform=linkedin") == []


async def test_expired_tokens(sandbox: RunningSandbox) -> None:
    """token_expired ends an access token at a call that has one, and a refresh token at the refresh."""
    await sandbox.control("POST", "linkedin", {"refreshTokens": True})
    login = await token_of(sandbox, "brand", PAGE_SCOPES)
    client = LinkedIn(sandbox, login["access_token"])
    brand = await client.page()
    await sandbox.fault("linkedin", "posts", "token_expired", handle="brand")
    assert (await client.post(brand, "x")).json()["code"] == "EXPIRED_ACCESS_TOKEN"
    form = {"grant_type": "refresh_token", "refresh_token": login["refresh_token"]}
    form |= {"client_id": "app", "client_secret": "x"}
    fresh = await sandbox.http.post(f"{WWW}/oauth/v2/accessToken", data=form)
    await LinkedIn(sandbox, fresh.json()["access_token"]).posted(brand, "x")
    await sandbox.fault("linkedin", "refresh", "token_expired")
    dead = await sandbox.http.post(f"{WWW}/oauth/v2/accessToken", data=form)
    assert dead.json()["error"] == "invalid_grant"


@pytest.mark.parametrize("operation", ["videos_initialize", "upload", "videos_finalize", "media_status"])
async def test_media_errors(sandbox: RunningSandbox, reel: bytes, operation: str) -> None:
    """media_error ends a file as PROCESSING_FAILED with its message, whichever call it strikes."""
    client, brand = await page(sandbox)
    await sandbox.fault("linkedin", operation, "media_error", value={"message": "No sound"})
    value = await client.announce(brand, "video", fileSizeBytes=len(reel))
    part = await client.put(value["uploadInstructions"][0]["uploadUrl"], reel)
    await client.finalize(value["video"], [part.headers.get("etag", "")], value["uploadToken"])
    await sandbox.advance(3)
    status = (await client.status(value["video"])).json()
    assert (status["status"], status["processingFailureReason"]) == ("PROCESSING_FAILED", "No sound")


@pytest.mark.parametrize("operation", ["images_initialize", "upload", "media_status"])
async def test_stuck_processing(sandbox: RunningSandbox, operation: str) -> None:
    """stuck_processing holds a file until it is cleared, and holds nothing else."""
    client, brand = await page(sandbox)
    await sandbox.fault("linkedin", operation, "stuck_processing")
    stuck = await client.upload(brand, picture())
    other = await client.upload(brand, picture())
    for _ in range(4):
        await sandbox.advance(60)
        assert (await client.status(stuck)).json()["status"] == "PROCESSING"
    assert (await client.post(brand, "x", {"media": {"id": stuck}})).status_code == 400
    assert (await client.status(other)).json()["status"] == "AVAILABLE"
    await sandbox.control("DELETE", "faults")
    assert (await client.status(stuck)).json()["status"] == "AVAILABLE"


async def test_posts_that_stay_or_fail(sandbox: RunningSandbox) -> None:
    """A post that is stuck stays PUBLISH_REQUESTED and unseen; one with a media_error ends as PUBLISH_FAILED."""
    client, brand = await page(sandbox)
    await sandbox.fault("linkedin", "posts", "stuck_processing")
    stuck = await client.posted(brand, "Stuck")
    await sandbox.fault("linkedin", "posts", "media_error", handle="brand")
    failed = await client.posted(brand, "Failed")
    await sandbox.advance(600)
    states = [(await client.read(urn, "?viewContext=AUTHOR")).json()["lifecycleState"] for urn in (stuck, failed)]
    assert states == ["PUBLISH_REQUESTED", "PUBLISH_FAILED"]
    assert (await client.read(stuck)).status_code == 404
    assert await sandbox.items("posts?platform=linkedin") == []
    await sandbox.control("DELETE", "faults")
    [post] = await sandbox.items("posts?platform=linkedin")
    assert post["externalId"] == stuck


async def test_faults_of_one_account(sandbox: RunningSandbox) -> None:
    """A fault with a handle strikes the calls that are about that account, also where the token is another person's."""
    await sandbox.account("linkedin", "mira", tier="personal")
    client = LinkedIn(
        sandbox, (await token_of(sandbox, "mira,brand", f"{MEMBER_SCOPES} {PAGE_SCOPES}"))["access_token"]
    )
    me, brand = await client.me(), await client.page()
    await sandbox.fault("linkedin", "posts", "http_500", handle="brand")
    await client.posted(me, "Mine")
    assert (await client.post(brand, "Ours")).status_code == 500
    await client.posted(brand, "Ours")
    await sandbox.fault("linkedin", "posts_by_author", "http_500", handle="brand")
    path = f"rest/posts?q=author&author={quote(brand, safe='')}"
    assert (await client.call("GET", path)).status_code == 500
    rows = await sandbox.calls(platform="linkedin", operation="posts")
    assert [(row["handle"], row["status"]) for row in rows] == [("mira", 201), ("brand", 500), ("brand", 201)]
