"""The state file: restart, SIGKILL, and two processes on one file."""

import os
import signal
from pathlib import Path

import httpx2
import pytest
from tests.sandbox.running_sandbox import MediaServer, RunningSandbox, Sandboxes, picture, start_process

from presswork_sandbox.app import create_app
from presswork_sandbox.store import StateFileBusy

SERVE = """
import pathlib, socket, sys, uvicorn
from presswork_sandbox.app import create_standalone_app
app = create_standalone_app(pathlib.Path(sys.argv[1]))
uvicorn.run(app, fd=int(sys.argv[2]), log_level="critical")
"""


async def test_everything_survives_a_restart(sandboxes: Sandboxes, tmp_path: Path, reel: bytes) -> None:
    """A restart keeps tokens, posts, faults, clock, a partial upload and a stuck container, and ids continue."""
    state = tmp_path / "state"
    sandbox = await sandboxes.start(state)
    token = await sandbox.graph_login("brand")
    tiktok = (await sandbox.tiktok_login("brand"))["access_token"]
    first = await sandbox.post_picture(token, caption="before")
    await sandbox.advance(3600)
    await sandbox.fault("instagram", "media", "stuck_processing")
    await sandbox.fault("instagram", "me", "http_500", skip=2)
    url = sandbox.media.put("picture.jpg", picture())
    stuck = await sandbox.container(token, image_url=url)
    half = reel + bytes(10_000_000 - len(reel))
    source = {"source": "FILE_UPLOAD", "video_size": len(half), "chunk_size": 5_000_000, "total_chunk_count": 2}
    body = {"post_info": {"privacy_level": "SELF_ONLY"}, "source_info": source}
    begun = (await sandbox.tiktok(tiktok, "post/publish/video/init", body)).json()["data"]
    await sandbox.put(begun["upload_url"], half[:5_000_000], 0, len(half))
    await sandboxes.stop(sandbox)

    again = await sandboxes.start(state)
    assert [post["externalId"] for post in await again.items("posts")] == [first]
    assert (await again.control("GET", "clock")).json()["offsetSeconds"] == 3600
    assert await again.finished(token, stuck, max_count=3) == ["IN_PROGRESS"] * 3
    assert [fault["skip"] for fault in await again.items("faults?platform=instagram")] == [0, 2]
    late = begun["upload_url"].replace(sandbox.address, again.address)
    done = await again.put(late, half[5_000_000:], 5_000_000, len(half))
    assert done.status_code == 201
    assert (await again.over(tiktok, begun["publish_id"]))["status"] == "PUBLISH_COMPLETE"
    assert int(await again.post_picture(token)) > int(first)
    assert len(await again.items("posts?platform=instagram")) == 2


async def test_background_work_resumes_after_a_restart(sandboxes: Sandboxes, tmp_path: Path, reel: bytes) -> None:
    """A fetch that a stop interrupted starts again by itself in the next process."""
    state = tmp_path / "state"
    sandbox = await sandboxes.start(state)
    token = await sandbox.graph_login("brand")
    tiktok = (await sandbox.tiktok_login("brand"))["access_token"]
    slow = await sandbox.media.hang("slow.mp4")
    container = await sandbox.container(token, media_type="REELS", video_url=slow)
    body = {
        "post_info": {"privacy_level": "PUBLIC_TO_EVERYONE"},
        "source_info": {"source": "PULL_FROM_URL", "video_url": slow},
    }
    answer = await sandbox.tiktok(tiktok, "post/publish/video/init", body)
    await sandboxes.stop(sandbox)
    sandbox.media.never.pop("slow.mp4").set()
    sandbox.media.put("slow.mp4", reel)
    again = await sandboxes.start(state)
    while not await again.items("posts?platform=tiktok"):
        await again.advance(3)
    assert (await again.finished(token, container))[-1] == "FINISHED"
    assert (await again.status(tiktok, answer.json()["data"]["publish_id"]))["status"] == "PUBLISH_COMPLETE"


@pytest.mark.exhaustive
async def test_sigkill_loses_no_answered_post(media: MediaServer, tmp_path: Path) -> None:
    """A post whose response arrived, or was dropped by a fault, exists after SIGKILL of the sandbox."""
    state = tmp_path / "state"
    process, address = start_process(SERVE, state)
    async with httpx2.AsyncClient(base_url=address, timeout=30, verify=False) as http:
        sandbox = RunningSandbox(address=address, state_file=state, http=http, media=media)
        token = await sandbox.graph_login("brand")
        first = await sandbox.post_picture(token, caption="one")
        container = await sandbox.container(token, image_url=media.put("picture.jpg", picture()), caption="two")
        await sandbox.finished(token, container)
        await sandbox.fault("instagram", "media_publish", "drop_after_effect")
        with pytest.raises((httpx2.RemoteProtocolError, httpx2.ReadError)):
            await sandbox.publish(token, container)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    process, address = start_process(SERVE, state)
    async with httpx2.AsyncClient(base_url=address, timeout=30, verify=False) as http:
        sandbox = RunningSandbox(address=address, state_file=state, http=http, media=media)
        posts = await sandbox.items("posts")
        assert [post["caption"] for post in posts] == ["one", "two"]
        assert posts[0]["externalId"] == first
        assert await sandbox.finished(token, container) == ["PUBLISHED"]
        assert int(await sandbox.post_picture(token)) > int(posts[1]["externalId"])
    process.terminate()
    assert process.wait() in {0, -signal.SIGTERM}


async def test_a_state_file_is_locked(tmp_path: Path) -> None:
    """A second sandbox on the same file fails until the first is closed."""
    first = create_app(tmp_path / "state")
    with pytest.raises(StateFileBusy, match="in use"):
        create_app(tmp_path / "state")
    await first.close()
    second = create_app(tmp_path / "state")
    await second.close()


async def test_ids_are_deterministic(sandboxes: Sandboxes, tmp_path: Path) -> None:
    """The same calls on two sandboxes return the same ids and tokens, from counters and a seed."""
    seen = []
    for name in ("one", "two"):
        sandbox = await sandboxes.start(tmp_path / name)
        token = await sandbox.graph_login("brand")
        seen.append((token, await sandbox.post_picture(token), (await sandbox.tiktok_login("b"))["refresh_token"]))
        await sandboxes.stop(sandbox)
    assert seen[0] == seen[1]
