"""Faults on each of Bluesky's operations, in the words of its servers."""

from collections.abc import Awaitable, Callable
from datetime import datetime

import httpx2
import pytest
from tests.sandbox.bluesky_client import (
    PASSWORD,
    PDS,
    POST,
    RKEYS,
    SOCIAL,
    VIDEO,
    App,
    Session,
    create_session,
    development_app,
    post_record,
    sign_in,
)
from tests.sandbox.running_sandbox import JSON, RunningSandbox, picture

from presswork_sandbox.bluesky.facts import FACTS

REPO = "com.atproto.repo"
SERVER = "com.atproto.server"
OAUTH = ("par", "token", "revoke")
Calls = dict[str, Callable[[], Awaitable[httpx2.Response]]]


async def calls_of(session: Session, app: App, reel: bytes) -> Calls:
    """Return a valid call for each operation."""
    http, did = session.sandbox.http, session.did
    tokens = await app.log_in()
    body = {"repo": did, "collection": POST, "record": post_record()}
    key = {"repo": did, "collection": POST, "rkey": RKEYS[0]}
    remove = {"$type": f"{REPO}.applyWrites#create", "collection": POST, "value": post_record()}
    refresh_header = {"authorization": f"Bearer {session.refresh}"}
    limits = await session.service_token(f"did:web:{VIDEO}", "app.bsky.video.getUploadLimits")
    upload = await session.service_token()
    parted, dropped = [(await session.start_upload(len(reel))).json()["jobId"] for _ in range(2)]
    job = (await session.upload_video(reel)).json()["jobId"]
    video = f"/sandbox/{VIDEO}/xrpc/app.bsky.video"
    return {
        "server_metadata": lambda: http.get(f"/sandbox/{SOCIAL}/.well-known/oauth-authorization-server"),
        "par": app.push,
        "token": lambda: app.exchange("cod-none"),
        "refresh": lambda: http.post(f"/sandbox/{PDS}/xrpc/{SERVER}.refreshSession", headers=refresh_header),
        "revoke": lambda: app.send("revoke", {"token": tokens["refresh_token"]}),
        "create_session": lambda: create_session(session.sandbox, "brand.bsky.social"),
        "delete_session": lambda: http.post(f"/sandbox/{PDS}/xrpc/{SERVER}.deleteSession", headers=refresh_header),
        "get_session": lambda: session.get(f"{SERVER}.getSession"),
        "describe_server": lambda: session.get(f"{SERVER}.describeServer"),
        "resolve_handle": lambda: session.get("com.atproto.identity.resolveHandle", handle=session.handle),
        "did_document": lambda: http.get(f"/sandbox/plc.directory/{did}"),
        "get_service_auth": lambda: session.get(f"{SERVER}.getServiceAuth", aud="did:web:x.y"),
        "upload_blob": lambda: session.upload(picture(60, 60)),
        "upload_video": lambda: session.upload_video(reel, upload),
        "job_status": lambda: http.get(f"{video}.getJobStatus", params={"jobId": job}),
        "upload_limits": lambda: http.get(f"{video}.getUploadLimits", headers={"authorization": f"Bearer {limits}"}),
        "video_start_upload": lambda: session.start_upload(len(reel)),
        "video_upload_part": lambda: session.send_part(parted, 1, reel),
        "video_upload_status": lambda: session.upload_status(parted),
        "video_finish_upload": lambda: session.video_call("finishUpload", {"jobId": parted}, upload),
        "video_abort_upload": lambda: session.video_call("abortUpload", {"jobId": dropped}, upload),
        "create_record": lambda: session.post(f"{REPO}.createRecord", body),
        "put_record": lambda: session.put(RKEYS[0], post_record()),
        "get_record": lambda: session.record(RKEYS[0]),
        "delete_record": lambda: session.post(f"{REPO}.deleteRecord", key),
        "list_records": lambda: session.get(f"{REPO}.listRecords", repo=did, collection=POST),
        "apply_writes": lambda: session.post(f"{REPO}.applyWrites", {"repo": did, "writes": [remove]}),
        "get_posts": lambda: session.get("app.bsky.feed.getPosts", uris=f"at://{did}/{POST}/{RKEYS[0]}"),
        "get_post_thread": lambda: session.get("app.bsky.feed.getPostThread", uri=f"at://{did}/{POST}/{RKEYS[0]}"),
        "get_profile": lambda: session.get("app.bsky.actor.getProfile", actor=did),
        "list_notifications": lambda: session.get("app.bsky.notification.listNotifications"),
    }


async def test_faults_on_every_operation(sandbox: RunningSandbox, reel: bytes) -> None:
    """A named error, a 500, a 502 and a truncated answer come from every operation; nothing is posted by the first three."""
    session, app = await sign_in(sandbox), development_app(sandbox)
    calls = await calls_of(session, app, reel)
    assert set(calls) == set(FACTS.operations)
    for operation, call in calls.items():
        value = {"code": "UpstreamFailure", "message": "Try again"}
        await sandbox.fault("bluesky", operation, "platform_error", value=value)
        answer = await call()
        found: JSON = answer.json()
        is_oauth = operation in OAUTH
        assert found == {"error": value["code"], "error_description" if is_oauth else "message": value["message"]}
        assert answer.status_code == (400 if is_oauth else 502), operation
        await sandbox.fault("bluesky", operation, "http_500")
        answer = await call()
        name = "server_error" if is_oauth else "InternalServerError"
        assert (answer.status_code, answer.json()["error"]) == (500, name), operation
        await sandbox.fault("bluesky", operation, "html_502")
        answer = await call()
        assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html; charset=utf-8"), operation
        await sandbox.fault("bluesky", operation, "drop_before_effect")
        with pytest.raises(httpx2.HTTPError):
            await call()
    assert await sandbox.items("posts") == []
    for operation, call in calls.items():
        await sandbox.fault("bluesky", operation, "malformed_json")
        with pytest.raises(ValueError, match=r"."):
            (await call()).json()
    assert await sandbox.items("faults") == []


async def test_lost_answers_leave_one_post(sandbox: RunningSandbox) -> None:
    """The answer of a put is lost: getRecord shows it at once, and the repeat is a no-op."""
    session = await sign_in(sandbox)
    await sandbox.fault("bluesky", "put_record", "drop_after_effect")
    with pytest.raises(httpx2.HTTPError):
        await session.put(RKEYS[0], post_record())
    found = (await session.record(RKEYS[0])).json()
    repeat = (await session.put(RKEYS[0], post_record())).json()
    assert (repeat["cid"], "commit" in repeat) == (found["cid"], False)
    assert len(await sandbox.items("posts")) == 1


async def test_an_error_after_the_effect(sandbox: RunningSandbox) -> None:
    """A 500 of a create that went through, as seen on the real server."""
    session = await sign_in(sandbox)
    value = {"code": "InternalServerError", "afterEffect": True}
    await sandbox.fault("bluesky", "create_record", "platform_error", value=value)
    body = {"repo": session.did, "collection": POST, "rkey": RKEYS[0], "record": post_record()}
    assert (await session.post(f"{REPO}.createRecord", body)).status_code == 500
    assert len(await sandbox.items("posts")) == 1


async def test_rate_limits_say_until_when(sandbox: RunningSandbox) -> None:
    """RateLimitExceeded is 429 with the instant at which it ends, ten minutes ahead if the fault says so."""
    session = await sign_in(sandbox)
    value = {"code": "RateLimitExceeded", "regainMinutes": 10}
    await sandbox.fault("bluesky", "put_record", "platform_error", value=value)
    answer = await session.put(RKEYS[0], post_record())
    assert (answer.status_code, answer.headers["ratelimit-remaining"]) == (429, "0")
    [call] = await sandbox.calls(operation="put_record")
    wait = int(answer.headers["ratelimit-reset"]) - datetime.fromisoformat(call["at"]).timestamp()
    assert 595 < wait <= 600


@pytest.mark.parametrize("operation", ["put_record", "get_session", "upload_blob"])
async def test_expired_sessions_refresh(sandbox: RunningSandbox, operation: str) -> None:
    """The access token is dead from this call on; the refresh token gives a new pair."""
    session = await sign_in(sandbox)
    calls: Calls = {
        "put_record": lambda: session.put(RKEYS[0], post_record()),
        "get_session": lambda: session.get(f"{SERVER}.getSession"),
        "upload_blob": lambda: session.upload(picture(60, 60)),
    }
    await sandbox.fault("bluesky", operation, "token_expired")
    for _ in range(2):
        answer = await calls[operation]()
        assert (answer.status_code, answer.json()["error"]) == (400, "ExpiredToken")
    headers = {"authorization": f"Bearer {session.refresh}"}
    pair = (await sandbox.http.post(f"/sandbox/{SOCIAL}/xrpc/{SERVER}.refreshSession", headers=headers)).json()
    session.access = pair["accessJwt"]
    assert (await calls[operation]()).status_code == 200


async def test_expired_tokens_of_oauth(sandbox: RunningSandbox) -> None:
    """invalid_token until the app refreshes; on refresh, the refresh token is dead."""
    app = development_app(sandbox)
    tokens = await app.log_in()
    await app.call(tokens["access_token"], "GET", f"{SERVER}.getSession")  # learns the nonce
    await sandbox.fault("bluesky", "get_session", "token_expired")
    answer = await app.call(tokens["access_token"], "GET", f"{SERVER}.getSession")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    fresh = (await app.refresh(tokens["refresh_token"])).json()
    assert (await app.call(fresh["access_token"], "GET", f"{SERVER}.getSession")).status_code == 200
    await sandbox.fault("bluesky", "refresh", "token_expired")
    dead = await app.refresh(fresh["refresh_token"])
    assert (dead.status_code, dead.json()["error"]) == (400, "invalid_grant")


async def test_an_expired_refresh_token_of_a_session(sandbox: RunningSandbox) -> None:
    """A token_expired on refresh makes the refresh token of a session invalid."""
    session = await sign_in(sandbox)
    await sandbox.fault("bluesky", "refresh", "token_expired")
    headers = {"authorization": f"Bearer {session.refresh}"}
    answer = await sandbox.http.post(f"/sandbox/{PDS}/xrpc/{SERVER}.refreshSession", headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (400, "ExpiredToken")


async def test_a_nonce_can_be_demanded_again(sandbox: RunningSandbox) -> None:
    """A fault can ask for another nonce, with the header that has it; the repeat succeeds."""
    app = development_app(sandbox)
    token = (await app.log_in())["access_token"]
    await app.call(token, "GET", f"{SERVER}.getSession")
    for operation, code in (("get_session", "use_dpop_nonce"), ("refresh", "use_dpop_nonce")):
        await sandbox.fault("bluesky", operation, "platform_error", value={"code": code})
    assert (await app.call(token, "GET", f"{SERVER}.getSession")).status_code == 200


@pytest.mark.parametrize("operation", ["upload_video", "job_status"])
async def test_stuck_videos(sandbox: RunningSandbox, reel: bytes, operation: str) -> None:
    """A stuck video stays in encoding until the fault is cleared."""
    session = await sign_in(sandbox)
    await sandbox.fault("bluesky", operation, "stuck_processing", times=1)
    job = (await session.upload_video(reel)).json()["jobId"]
    await session.job(job)
    await sandbox.advance(60)
    assert {(await session.job(job))["state"] for _ in range(3)} == {"JOB_STATE_ENCODING"}
    await sandbox.control("DELETE", "faults?platform=bluesky")
    assert (await session.job(job))["state"] == "JOB_STATE_COMPLETED"


@pytest.mark.parametrize("operation", ["upload_video", "job_status"])
async def test_failed_videos(sandbox: RunningSandbox, reel: bytes, operation: str) -> None:
    """A media_error ends the job with its failureCode and message; the same video can be uploaded again."""
    session = await sign_in(sandbox)
    value = {"code": "pds_upload_unsupported_blob_size", "message": "Too large"}
    await sandbox.fault("bluesky", operation, "media_error", value=value)
    job = (await session.upload_video(reel)).json()["jobId"]
    await session.job(job)
    await sandbox.advance(3)
    status = await session.job(job)
    assert (status["state"], status["failureCode"], status["message"]) == ("JOB_STATE_FAILED", *value.values())
    assert (await session.upload_video(reel)).status_code == 200


async def test_faults_of_one_account(sandbox: RunningSandbox) -> None:
    """A fault of one handle leaves others alone, also at createSession, which has no token."""
    await sandbox.fault("bluesky", "create_session", "http_500", handle="brand.bsky.social")
    assert (await create_session(sandbox, "other.bsky.social", PASSWORD)).status_code == 200
    assert (await create_session(sandbox, "brand.bsky.social", PASSWORD)).status_code == 500
