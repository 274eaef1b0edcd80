"""Bluesky's uploads of videos in parts: sizes, order, repeats, what is missing, and how they end."""

import hashlib
from datetime import datetime
from pathlib import Path

import httpx2
import libipld
import pytest
from tests.every_row import every_row
from tests.sandbox.bluesky_client import RKEYS, VIDEO, Session, post_record, sign_in
from tests.sandbox.running_sandbox import JSON, RunningSandbox, Sandboxes, picture

PART = 8 * 1024 * 1024
STATES = ["JOB_STATE_CREATED", "JOB_STATE_COMPLETED"]


def error_of(answer: httpx2.Response) -> tuple[int, str]:
    """Return status and name of an error."""
    return answer.status_code, answer.json()["error"]


def long_video(reel: bytes, size: int = 2 * PART + 5000) -> bytes:
    """Return a video that was filled up to a size."""
    padding = size - len(reel)
    return reel + padding.to_bytes(4, "big") + b"free" + bytes(padding - 8)


async def started(session: Session, data: bytes) -> str:
    """Announce a video, and return the id of its upload."""
    answer = await session.start_upload(len(data))
    assert answer.status_code == 200, answer.text
    return str(answer.json()["jobId"])


async def finish(session: Session, job_id: str) -> httpx2.Response:
    """Finish an upload."""
    return await session.video_call("finishUpload", {"jobId": job_id})


async def status(session: Session, job_id: str) -> JSON:
    """Return the status of an upload."""
    answer = await session.upload_status(job_id)
    assert answer.status_code == 200, answer.text
    read: JSON = answer.json()
    return read


async def test_a_video_in_parts(sandbox: RunningSandbox, reel: bytes) -> None:
    """Parts come in any order and may come again; the finished video is one job, however often it is finished."""
    session, data = await sign_in(sandbox), long_video(reel)
    made = (await session.start_upload(len(data), name="clip.mp4", durationMs=2000, width=360, height=640)).json()
    job_id = made["jobId"]
    assert (made["partSizeBytes"], made["partCount"]) == (PART, 3)
    assert datetime.fromisoformat(made["expiresAt"]).year >= 2026
    parts = [data[start : start + PART] for start in range(0, len(data), PART)]
    for number in (3, 1):
        assert (await session.send_part(job_id, number, parts[number - 1])).status_code == 200
    found = await status(session, job_id)
    assert (found["state"], found["receivedParts"], found["partCount"]) == ("created", [1, 3], 3)
    refused = await finish(session, job_id)
    assert (error_of(refused), refused.json()["message"]) == ((400, "MissingParts"), "Missing parts: 2")
    assert (await session.send_part(job_id, 2, bytes(PART))).status_code == 200
    assert (await session.send_part(job_id, 2, parts[1])).status_code == 200
    ended = (await finish(session, job_id)).json()
    assert (ended["completedJobId"], ended["jobStatus"]["state"]) == (job_id, STATES[0])
    await sandbox.advance(3)
    again = (await finish(session, job_id)).json()
    assert (again["completedJobId"], again["jobStatus"]["state"]) == (job_id, STATES[1])
    found = await status(session, job_id)
    assert (found["state"], found["completedJobId"]) == ("completed", job_id)
    blob = (await session.job(job_id))["blob"]
    digest = hashlib.sha256(data).digest()
    assert blob["ref"]["$link"] == libipld.encode_cid(b"\x01\x55\x12\x20" + digest)
    embed = {"$type": "app.bsky.embed.video", "video": blob}
    assert (await session.put(RKEYS[0], post_record(embed=embed))).status_code == 200
    [post] = await sandbox.items("posts")
    assert (post["kind"], post["media"][0]["sha256"]) == ("bluesky_post", digest.hex())


async def test_the_same_file_has_the_job_of_the_first(sandbox: RunningSandbox, reel: bytes) -> None:
    """A file that was processed before ends with that job's id, which is another one than the upload's."""
    session = await sign_in(sandbox)
    first = (await session.upload_video(reel)).json()["jobId"]
    await sandbox.advance(3)
    await session.job(first)
    job_id = await started(session, reel)
    await session.send_part(job_id, 1, reel)
    for _ in range(2):
        ended = (await finish(session, job_id)).json()
        assert (ended["completedJobId"], ended["jobStatus"]["state"]) == (first, STATES[1])
    assert (await status(session, job_id))["completedJobId"] == first


async def test_announcements_that_are_refused(sandbox: RunningSandbox) -> None:
    """What the service would not take is refused before a byte is sent."""
    session = await sign_in(sandbox)
    rows: list[tuple[JSON, str]] = [
        ({"sizeBytes": 300_000_001}, "VideoTooLarge"),
        ({"mimeType": "video/quicktime"}, "UnsupportedContentType"),
        ({"durationMs": 600_001}, "VideoTooLong"),
        ({"sizeBytes": 0}, "InvalidRequest"),
        ({"sizeBytes": "10"}, "InvalidRequest"),
        ({"width": 0}, "InvalidRequest"),
        ({"mimeType": None}, "InvalidRequest"),
    ]
    with every_row() as row:
        for fields, error in rows:
            with row(error, fields):
                assert error_of(await session.start_upload(10, **fields)) == (400, error)
    await sandbox.account("bluesky", "brand.bsky.social", dailyVideos=0)
    assert error_of(await session.start_upload(10)) == (400, "DailyLimitExceeded")
    await sandbox.account("bluesky", "brand.bsky.social", emailConfirmed=False, dailyVideos=25)
    assert error_of(await session.start_upload(10)) == (400, "UploadForbidden")
    await sandbox.account("bluesky", "brand.bsky.social", emailConfirmed=True)
    open_uploads = [await started(session, b"x" * 10) for _ in range(10)]
    assert error_of(await session.start_upload(10)) == (400, "TooManyOpenUploads")
    await session.video_call("abortUpload", {"jobId": open_uploads[0]})
    assert (await session.start_upload(10)).status_code == 200


async def test_parts_that_are_refused(sandbox: RunningSandbox, reel: bytes) -> None:
    """A part has its exact length and number, belongs to an open upload, and to the account of the token."""
    session, other = await sign_in(sandbox), await sign_in(sandbox, "other.bsky.social")
    job_id = await started(session, reel)
    rows: list[tuple[Session, str, int | str, bytes, str]] = [
        (session, job_id, 0, reel, "InvalidPartNumber"),
        (session, job_id, 2, reel, "InvalidPartNumber"),
        (session, job_id, "one", reel, "InvalidPartNumber"),
        (session, job_id, 1, reel[:-1], "PartSizeMismatch"),
        (session, job_id, 1, reel + b"x", "PartSizeMismatch"),
        (session, job_id, 1, b"", "PartSizeMismatch"),
        (session, "none", 1, reel, "UploadNotFound"),
        (other, job_id, 1, reel, "UploadForbidden"),
    ]
    with every_row() as row:
        for client, upload, number, data, error in rows:
            with row(error, number):
                assert error_of(await client.send_part(upload, number, data)) == (400, error)
    assert (await status(session, job_id))["receivedParts"] == []
    assert error_of(await session.upload_status("none")) == (400, "UploadNotFound")
    url = f"/sandbox/{VIDEO}/xrpc/app.bsky.video.uploadPart"
    assert error_of(await sandbox.http.post(url, params={"jobId": job_id}, content=reel)) == (401, "AuthMissing")
    narrow = await session.service_token(f"did:web:{VIDEO}", "app.bsky.video.abortUpload")
    assert error_of(await session.video_call("finishUpload", {"jobId": job_id}, narrow)) == (401, "BadJwtLexiconMethod")
    assert (await session.video_call("abortUpload", {"jobId": job_id}, narrow)).status_code == 200


async def test_uploads_end(sandbox: RunningSandbox, reel: bytes) -> None:
    """Completed, aborted and expired uploads take no part, and each says so; a part that fails keeps the earlier one."""
    session = await sign_in(sandbox)
    done, dropped, late = [await started(session, reel) for _ in range(3)]
    assert (await session.send_part(done, 1, reel)).status_code == 200
    assert error_of(await session.send_part(done, 1, reel[:5])) == (400, "PartSizeMismatch")
    assert (await finish(session, done)).status_code == 200
    for _ in range(2):
        assert (await session.video_call("abortUpload", {"jobId": dropped})).json() == {}
    await sandbox.advance(86_400)
    session = await sign_in(sandbox)
    for job_id, state, error in (
        (done, "completed", "UploadAlreadyCompleted"),
        (dropped, "aborted", "UploadAborted"),
        (late, "expired", "UploadExpired"),
    ):
        assert (await status(session, job_id))["state"] == state
        assert error_of(await session.send_part(job_id, 1, reel)) == (400, error)
        assert (await finish(session, job_id)).status_code == (200 if job_id == done else 400), state
    assert error_of(await session.video_call("abortUpload", {"jobId": done})) == (400, "UploadAlreadyCompleted")


async def test_faults_of_parts_and_of_the_end(sandbox: RunningSandbox, reel: bytes) -> None:
    """A lost part is asked for, a lost end is asked for again, and a broken video fails in its job."""
    session = await sign_in(sandbox)
    job_id = await started(session, reel)
    for fault, received in (("drop_before_effect", []), ("drop_after_effect", [1])):
        await sandbox.fault("bluesky", "video_upload_part", fault)
        with pytest.raises(httpx2.HTTPError):
            await session.send_part(job_id, 1, reel)
        assert (await status(session, job_id))["receivedParts"] == received
    await sandbox.fault("bluesky", "video_finish_upload", "drop_after_effect")
    with pytest.raises(httpx2.HTTPError):
        await finish(session, job_id)
    assert (await status(session, job_id))["completedJobId"] == job_id
    assert (await finish(session, job_id)).json()["completedJobId"] == job_id
    value = {"code": "ServiceOverloaded", "status": 503}
    await sandbox.fault("bluesky", "video_start_upload", "platform_error", value=value)
    assert error_of(await session.start_upload(10)) == (503, "ServiceOverloaded")
    failing = await started(session, picture())
    await session.send_part(failing, 1, picture())
    assert (await finish(session, failing)).status_code == 200
    broken = await started(session, reel + b"\0\0\0\x08free")
    await session.send_part(broken, 1, reel + b"\0\0\0\x08free")
    await sandbox.fault("bluesky", "video_finish_upload", "media_error", value={"code": "encoding_failure"})
    assert (await finish(session, broken)).status_code == 200
    await sandbox.advance(3)
    for job, code in ((failing, "validation_failure"), (broken, "encoding_failure")):
        assert (await session.job(job))["failureCode"] == code


async def test_a_restart_keeps_parts(sandboxes: Sandboxes, tmp_path: Path, reel: bytes) -> None:
    """Parts that were sent before a restart are there after it."""
    first, data = await sandboxes.start(tmp_path / "state"), long_video(reel)
    session = await sign_in(first)
    job_id = await started(session, data)
    await session.send_part(job_id, 1, data[:PART])
    await sandboxes.stop(first)
    session = await sign_in(await sandboxes.start(tmp_path / "state"))
    assert (await status(session, job_id))["receivedParts"] == [1]
    for number in (2, 3):
        await session.send_part(job_id, number, data[PART * (number - 1) : PART * number])
    assert (await finish(session, job_id)).json()["completedJobId"] == job_id
