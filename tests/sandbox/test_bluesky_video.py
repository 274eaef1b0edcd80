"""Bluesky's video service: tokens for it, states, limits, and what it refuses."""

import time
from pathlib import Path

import httpx2
import pytest
from tests.sandbox.bluesky_client import PDS, RKEYS, VIDEO, Session, post_record, sign_in
from tests.sandbox.running_sandbox import RunningSandbox, Sandboxes, clip, picture

LIMITS = "app.bsky.video.getUploadLimits"
STATES = ["JOB_STATE_CREATED", "JOB_STATE_ENCODING", "JOB_STATE_SCANNING", "JOB_STATE_COMPLETED"]


def error_of(answer: httpx2.Response) -> tuple[int, str]:
    """Return status and name of an error."""
    return answer.status_code, answer.json()["error"]


async def limits(session: Session) -> httpx2.Response:
    """Call getUploadLimits."""
    token = await session.service_token(f"did:web:{VIDEO}", LIMITS)
    url = f"/sandbox/{VIDEO}/xrpc/{LIMITS}"
    return await session.sandbox.http.get(url, headers={"authorization": f"Bearer {token}"})


async def test_a_video_goes_through_its_states(sandbox: RunningSandbox, reel: bytes) -> None:
    """The upload answers without `jobStatus`; each status call is a step; at the end there is a blob to post."""
    session = await sign_in(sandbox)
    begun = (await session.upload_video(reel)).json()
    assert (begun["state"], begun["did"], len(begun["jobId"])) == (STATES[0], session.did, 20)
    seen = [await session.job(begun["jobId"]) for _ in range(4)]
    assert [status["state"] for status in seen] == [*STATES[1:], STATES[3]]
    assert ("blob" in seen[1], seen[3]["progress"]) == (False, 100)
    blob = seen[3]["blob"]
    assert (blob["mimeType"], blob["size"]) == ("video/mp4", len(reel))
    embed = {"$type": "app.bsky.embed.video", "video": blob, "alt": "a clip", "aspectRatio": {"width": 9, "height": 16}}
    assert (await session.put(RKEYS[0], post_record("Clip", embed=embed))).status_code == 200
    [post] = await sandbox.items("posts")
    assert [(media["contentType"], media["width"]) for media in post["media"]] == [("video/mp4", 360)]


async def test_a_video_is_ready_by_the_clock(sandbox: RunningSandbox, reel: bytes) -> None:
    """Three seconds after the upload the first status call says that it is complete."""
    session = await sign_in(sandbox)
    begun = (await session.upload_video(reel)).json()
    await sandbox.advance(3)
    assert (await session.job(begun["jobId"]))["state"] == STATES[3]


async def test_the_same_video_again(sandbox: RunningSandbox, reel: bytes) -> None:
    """A processed video answers 409 with the id of its job, whose status has the blob; other accounts are not concerned."""
    session = await sign_in(sandbox)
    begun = (await session.upload_video(reel)).json()
    again = (await session.upload_video(reel)).json()  # the first is not processed yet
    assert again["jobId"] != begun["jobId"]
    await sandbox.advance(3)
    await session.job(begun["jobId"])
    known = await session.upload_video(reel)
    assert error_of(known) == (409, "already_exists")
    assert known.json() == {
        "jobId": begun["jobId"],
        "did": session.did,
        "state": "JOB_STATE_COMPLETED",
        "error": "already_exists",
        "message": "Video already processed",
    }
    assert (await session.job(known.json()["jobId"]))["blob"]["size"] == len(reel)
    other = await sign_in(sandbox, "other.bsky.social")
    assert (await other.upload_video(reel)).status_code == 200


async def test_a_video_whose_blob_expired_is_processed_again(sandbox: RunningSandbox, reel: bytes) -> None:
    """Once the account's server has dropped the blob, the same video is a new job."""
    session = await sign_in(sandbox)
    begun = (await session.upload_video(reel)).json()
    await sandbox.advance(3)
    await session.job(begun["jobId"])
    await sandbox.advance(6 * 3600)
    assert (await (await sign_in(sandbox)).upload_video(reel)).status_code == 200


@pytest.mark.parametrize("form", ["did:web:127.0.0.1%3A{port}", "did:web:127.0.0.1:{port}", "did:web:127.0.0.1"])
async def test_the_servers_name_by_its_address(sandbox: RunningSandbox, reel: bytes, form: str) -> None:
    """A token for an upload may also name the server by the address at which the caller reaches it."""
    session = await sign_in(sandbox)
    token = await session.service_token(form.format(port=sandbox.address.rpartition(":")[2]))
    assert (await session.upload_video(reel, token)).status_code == 200


async def test_tokens_for_services(sandbox: RunningSandbox, reel: bytes) -> None:
    """A token is for one audience and method, for an hour at most, and the account's own."""
    session = await sign_in(sandbox)
    method = "com.atproto.server.getServiceAuth"
    query = {"aud": f"did:web:{PDS}", "lxm": "com.atproto.repo.uploadBlob"}
    for ahead, status in ((-60, 400), (1800, 200), (3700, 400)):
        answer = await session.get(method, **query, exp=str(int(time.time()) + ahead))
        assert answer.status_code == status, ahead
    assert error_of(await session.get(method, **query, exp=str(int(time.time()) + 3700))) == (400, "BadExpiration")
    methodless = await session.get(method, aud=query["aud"], exp=str(int(time.time()) + 1800))
    assert error_of(methodless) == (400, "BadExpiration")
    assert error_of(await session.get(method)) == (400, "InvalidRequest")
    wrong_method = await session.service_token(lxm="app.bsky.video.uploadVideo")
    assert error_of(await session.upload_video(reel, wrong_method)) == (401, "BadJwtLexiconMethod")
    wrong_audience = await session.service_token(f"did:web:{VIDEO}")
    assert error_of(await session.upload_video(reel, wrong_audience)) == (401, "BadJwtAudience")
    url = f"/sandbox/{VIDEO}/xrpc/app.bsky.video.uploadVideo"
    assert error_of(await sandbox.http.post(url, content=reel)) == (401, "AuthMissing")
    assert error_of(await session.upload_video(reel, "a.b.c")) == (401, "BadJwt")
    assert error_of(await session.upload_video(reel, session.access)) == (401, "BadJwt")
    right = await session.service_token()
    assert error_of(await session.upload_video(reel, right[:-4] + "AAAA")) == (401, "BadJwt")
    assert error_of(await session.upload_video(reel, right, did="did:plc:other")) == (400, "InvalidRequest")
    await sandbox.advance(1801)
    assert error_of(await session.upload_video(reel, right)) == (401, "JwtExpired")
    assert len(await session.service_token()) > 100  # a caller whose clock is behind the sandbox's still gets one


async def test_videos_that_fail(sandbox: RunningSandbox) -> None:
    """What is no MP4 video, or too long, fails in the end with validation_failure."""
    session = await sign_in(sandbox)
    long = clip(605, width=32, height=32, fps=1)
    for data, message in (
        (picture(), "Video is not an MP4 file"),
        (b"no video", "Video is not an MP4 file"),
        (clip(kind="mov"), "Video is not an MP4 file"),
        (long, "Video is too long"),
    ):
        begun = (await session.upload_video(data)).json()
        await sandbox.advance(3)
        status = await session.job(begun["jobId"])
        found = (status["state"], status["failureCode"], status["message"])
        assert found == ("JOB_STATE_FAILED", "validation_failure", message)
        assert status["error"] == f"video processing error for job: {begun['jobId']}"
    url = f"/sandbox/{VIDEO}/xrpc/app.bsky.video.getJobStatus"
    assert error_of(await sandbox.http.get(url)) == (400, "InvalidRequest")
    assert error_of(await sandbox.http.get(url, params={"jobId": "none"})) == (400, "InvalidRequest")


async def test_uploads_have_limits(sandbox: RunningSandbox, reel: bytes) -> None:
    """25 videos a day, or as many as the account's setting says, and an e-mail address that is confirmed."""
    session = await sign_in(sandbox)
    left = (await limits(session)).json()
    assert left == {"canUpload": True, "remainingDailyVideos": 25, "remainingDailyBytes": 10_000_000_000}
    await session.upload_video(reel)
    left = (await limits(session)).json()
    assert (left["remainingDailyVideos"], left["remainingDailyBytes"]) == (24, 10_000_000_000 - len(reel))
    await sandbox.account("bluesky", "brand.bsky.social", dailyVideos=1)
    full = (await limits(session)).json()
    assert (full["canUpload"], full["message"]) == (False, "User has exceeded daily upload videos limit")
    refused = await session.upload_video(reel)
    assert (refused.status_code, refused.json()["jobStatus"]["error"]) == (400, "DailyLimitExceeded")
    await sandbox.advance(86_400)
    session = await sign_in(sandbox)
    assert (await limits(session)).json()["canUpload"] is True
    await sandbox.account("bluesky", "brand.bsky.social", emailConfirmed=False)
    refused = await session.upload_video(reel)
    assert (refused.status_code, refused.json()["jobStatus"]["error"]) == (400, "unconfirmed_email")
    assert (await limits(session)).json()["error"] == "unconfirmed_email"


async def test_a_restart_keeps_jobs(sandboxes: Sandboxes, tmp_path: Path, reel: bytes) -> None:
    """A video that was uploaded before a restart is complete after it, and its blob can be posted."""
    first = await sandboxes.start(tmp_path / "state")
    session = await sign_in(first)
    begun = (await session.upload_video(reel)).json()
    await sandboxes.stop(first)
    second = await sandboxes.start(tmp_path / "state")
    await second.advance(3)
    session = await sign_in(second)
    blob = (await session.job(begun["jobId"]))["blob"]
    embed = {"$type": "app.bsky.embed.video", "video": blob}
    assert (await session.put(RKEYS[0], post_record(embed=embed))).status_code == 200
