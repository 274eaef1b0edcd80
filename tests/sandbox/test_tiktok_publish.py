"""TikTok: direct posts, photo posts and drafts, as a client of the real API sees them."""

import asyncio
import hashlib

from tests.every_row import every_row
from tests.sandbox.running_sandbox import JSON, RunningSandbox, clip, picture


async def test_video_from_consent_to_post_id(sandbox: RunningSandbox, reel: bytes) -> None:
    """A video is complete at the second status call; its id follows one call later as a JSON number."""
    login = await sandbox.tiktok_login("brand")
    token = login["access_token"]
    begun = await sandbox.video_init(token, len(reel), title="Hello #tok")
    assert begun["publish_id"].startswith("v_pub_file~v2-1.")
    assert begun["upload_url"].startswith(f"{sandbox.address}/sandbox/open-upload.tiktokapis.com/video/?upload_id=")
    assert (await sandbox.status(token, begun["publish_id"]))["status"] == "PROCESSING_UPLOAD"
    done = await sandbox.put(begun["upload_url"], reel)
    assert (done.status_code, done.content) == (201, b"")
    await sandbox.advance(0)  # which waits until the bytes are probed
    seen = [await sandbox.status(token, begun["publish_id"])]
    while seen[-1]["status"] == "PROCESSING_UPLOAD":
        await sandbox.advance(0)
        seen.append(await sandbox.status(token, begun["publish_id"]))
    assert seen[-1] == {
        "status": "PUBLISH_COMPLETE",
        "publicaly_available_post_id": [],
        "uploaded_bytes": len(reel),
    }
    [post_id] = (await sandbox.status(token, begun["publish_id"]))["publicaly_available_post_id"]
    assert isinstance(post_id, int)
    assert len(str(post_id)) == 19
    [post] = await sandbox.items("posts?platform=tiktok&handle=brand")
    assert (post["kind"], post["externalId"]) == ("tiktok_video", str(post_id))
    assert post["url"] == f"https://www.tiktok.com/@brand/video/{post_id}"
    assert post["params"]["post_info"]["privacy_level"] == "PUBLIC_TO_EVERYONE"
    assert post["media"][0]["sha256"] == hashlib.sha256(reel).hexdigest()
    assert (post["media"][0]["width"], post["media"][0]["height"]) == (360, 640)


def chunks(data: bytes, size: int) -> list[tuple[int, bytes]]:
    """Split as TikTok requires: whole chunks, and the last one includes the remainder."""
    count = max(1, len(data) // size)
    ends = [*(size * number for number in range(1, count)), len(data)]
    return [(start, data[start:end]) for start, end in zip([0, *ends], ends, strict=False)]


async def chunked(sandbox: RunningSandbox, token: str, total: int, size: int) -> JSON:
    """Initiate a video of several chunks."""
    source = {"source": "FILE_UPLOAD", "video_size": total, "chunk_size": size, "total_chunk_count": total // size}
    body = {"post_info": {"privacy_level": "SELF_ONLY"}, "source_info": source}
    answer = await sandbox.tiktok(token, "post/publish/video/init", body)
    assert answer.status_code == 200, answer.text
    data: JSON = answer.json()["data"]
    return data


async def test_chunks_are_accepted_in_order(sandbox: RunningSandbox, reel: bytes) -> None:
    """Chunks in order return 206, then 201; out of order or repeated 416, wrong length 400, unknown 404, late 403."""
    token = (await sandbox.tiktok_login("brand"))["access_token"]
    padded = reel + bytes(12_000_000 - len(reel))
    begun = await chunked(sandbox, token, len(padded), 5_000_000)
    url, total = begun["upload_url"], len(padded)
    (_, one), (second, two) = chunks(padded, 5_000_000)
    assert (await sandbox.put(url, two, second, total)).status_code == 416
    assert (await sandbox.put(url, one[:-1], 0, total)).status_code == 400
    assert (await sandbox.put(url, one, 0, total + 1)).status_code == 400
    assert (await sandbox.http.put(url, content=one, headers={"content-type": "video/mp4"})).status_code == 400
    first = await sandbox.put(url, one, 0, total)
    assert (first.status_code, first.headers["content-range"]) == (206, f"bytes 0-5000000/{total}")
    assert (await sandbox.status(token, begun["publish_id"]))["uploaded_bytes"] == 5_000_000
    assert (await sandbox.put(url, one, 0, total)).status_code == 416
    assert (await sandbox.put(url.replace("upload_id=", "upload_id=9"), two, second, total)).status_code == 404
    assert (await sandbox.put(url + "x", two, second, total)).status_code == 404
    assert (await sandbox.put(url, two, second, total)).status_code == 201
    assert (await sandbox.over(token, begun["publish_id"]))["status"] == "PUBLISH_COMPLETE"
    [post] = await sandbox.items("posts")
    assert post["media"][0]["sha256"] == hashlib.sha256(padded).hexdigest()
    late = await sandbox.video_init(token, len(reel))
    await sandbox.advance(3601)
    assert (await sandbox.put(late["upload_url"], reel)).status_code == 403


async def test_interrupted_chunk_can_be_sent_again(sandbox: RunningSandbox, reel: bytes) -> None:
    """A chunk whose connection closes half-way does not change the progress and is accepted when it is sent again."""
    token = (await sandbox.tiktok_login("brand"))["access_token"]
    begun = await sandbox.video_init(token, len(reel))
    host, port = sandbox.address.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    path = begun["upload_url"].removeprefix(sandbox.address)
    head = (
        f"PUT {path} HTTP/1.1\r\nHost: x\r\nContent-Type: video/mp4\r\nContent-Length: {len(reel)}\r\n"
        f"Content-Range: bytes 0-{len(reel) - 1}/{len(reel)}\r\n\r\n"
    )
    writer.write(head.encode() + reel[:1000])
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert (await sandbox.put(begun["upload_url"], reel)).status_code == 201
    assert (await sandbox.over(token, begun["publish_id"]))["status"] == "PUBLISH_COMPLETE"


async def test_private_post_never_shows_its_id(sandbox: RunningSandbox, reel: bytes) -> None:
    """A SELF_ONLY post is live and on the control surface, but its id never appears in the status."""
    token = (await sandbox.tiktok_login("brand"))["access_token"]
    publish_id = await sandbox.post_clip(token, reel, privacy_level="SELF_ONLY")
    await sandbox.advance(3600)
    for _ in range(3):
        assert (await sandbox.status(token, publish_id))["publicaly_available_post_id"] == []
    [post] = await sandbox.items("posts")
    assert post["privacy"] == "SELF_ONLY"


async def test_post_goes_live_without_polls(sandbox: RunningSandbox, reel: bytes) -> None:
    """After the last byte the post goes live as time passes, without a status call."""
    token = (await sandbox.tiktok_login("brand"))["access_token"]
    begun = await sandbox.video_init(token, len(reel))
    assert (await sandbox.put(begun["upload_url"], reel)).status_code == 201
    while not await sandbox.items("posts"):
        await sandbox.advance(3)
    await sandbox.advance(3)
    data = await sandbox.status(token, begun["publish_id"])
    assert (data["status"], len(data["publicaly_available_post_id"])) == ("PUBLISH_COMPLETE", 1)


async def test_pull_from_url(sandbox: RunningSandbox, reel: bytes) -> None:
    """TikTok fetches a video from a URL and reports a failed fetch; it does not follow redirects."""
    token = (await sandbox.tiktok_login("brand"))["access_token"]
    good = sandbox.media.put("clip.mp4", reel)
    cases = {
        good: ("PUBLISH_COMPLETE", None),
        good.replace("/clip", "/moved/clip"): ("FAILED", "video_pull_failed"),
        good + "x": ("FAILED", "video_pull_failed"),
        "http://127.0.0.1:9/none.mp4": ("FAILED", "video_pull_failed"),
        sandbox.media.put("page.mp4", b"<html>"): ("FAILED", "file_format_check_failed"),
    }
    for url, (status, reason) in cases.items():
        body = {
            "post_info": {"privacy_level": "PUBLIC_TO_EVERYONE"},
            "source_info": {"source": "PULL_FROM_URL", "video_url": url},
        }
        answer = await sandbox.tiktok(token, "post/publish/video/init", body)
        publish_id = answer.json()["data"]["publish_id"]
        assert publish_id.startswith("v_pub_url~")
        data = await sandbox.over(token, publish_id)
        assert (data["status"], data.get("fail_reason")) == (status, reason), url
        assert "downloaded_bytes" in data
    assert len(await sandbox.items("posts")) == 1


def photo_body(urls: list[str], mode: str = "DIRECT_POST", **info: object) -> JSON:
    """Return the body of a photo post."""
    return {
        "media_type": "PHOTO",
        "post_mode": mode,
        "post_info": {"privacy_level": "PUBLIC_TO_EVERYONE", "title": "t", "description": "Words", **info},
        "source_info": {"source": "PULL_FROM_URL", "photo_images": urls, "photo_cover_index": 0},
    }


async def test_photo_post(sandbox: RunningSandbox) -> None:
    """A photo post has its pictures in order and its description as the caption."""
    token = (await sandbox.tiktok_login("brand"))["access_token"]
    data = [picture(hue=10), picture(1080, 1350, hue=90), picture(1080, 1080, "WEBP", hue=200)]
    urls = [sandbox.media.put(f"{number}.img", one) for number, one in enumerate(data)]
    answer = await sandbox.tiktok(token, "post/publish/content/init", photo_body(urls))
    publish_id = answer.json()["data"]["publish_id"]
    assert publish_id.startswith("p_pub_url~v2.")
    assert "upload_url" not in answer.json()["data"]
    assert (await sandbox.over(token, publish_id))["status"] == "PUBLISH_COMPLETE"
    [post] = await sandbox.items("posts")
    assert (post["kind"], post["caption"]) == ("tiktok_photo", "Words")
    assert post["params"] == photo_body(urls)
    assert [one["sha256"] for one in post["media"]] == [hashlib.sha256(one).hexdigest() for one in data]
    assert post["url"].startswith("https://www.tiktok.com/@brand/photo/")


async def test_invalid_photos_fail_in_the_status(sandbox: RunningSandbox) -> None:
    """Invalid photos are accepted at init and end as FAILED; the envelope stays ok."""
    rows: list[tuple[bytes | None, str]] = [
        (picture(kind="PNG"), "file_format_check_failed"),
        (picture(1400, 1400), "picture_size_check_failed"),
        (b"no picture", "file_format_check_failed"),
        (None, "photo_pull_failed"),
    ]
    with every_row() as row:
        for data, reason in rows:
            with row(data, reason):
                await sandbox.reset()
                token = (await sandbox.tiktok_login("brand"))["access_token"]
                url = f"{sandbox.media.address}/none.jpg" if data is None else sandbox.media.put("one.jpg", data)
                answer = await sandbox.tiktok(token, "post/publish/content/init", photo_body([url]))
                data_ = await sandbox.over(token, answer.json()["data"]["publish_id"])
                assert (data_["status"], data_["fail_reason"]) == ("FAILED", reason)
                assert await sandbox.items("posts") == []


async def test_invalid_videos_fail_in_the_status(sandbox: RunningSandbox) -> None:
    """A video is probed after the upload: one with an invalid codec, frame rate or size never goes live."""
    rows: list[tuple[JSON, str]] = [
        ({"codec": "mpeg4"}, "file_format_check_failed"),
        ({"fps": 10}, "frame_rate_check_failed"),
        ({"width": 320, "height": 320}, "picture_size_check_failed"),
    ]
    with every_row() as row:
        for made, reason in rows:
            with row(made, reason):
                await sandbox.reset()
                token = (await sandbox.tiktok_login("brand"))["access_token"]
                data = clip(1.0, **made)
                begun = await sandbox.video_init(token, len(data))
                await sandbox.put(begun["upload_url"], data)
                over = await sandbox.over(token, begun["publish_id"])
                assert (over["status"], over["fail_reason"]) == ("FAILED", reason)
                assert await sandbox.items("posts") == []


async def test_too_long_video_fails(sandbox: RunningSandbox, reel: bytes) -> None:
    """A video longer than the limit of creator_info fails with duration_check_failed."""
    await sandbox.account("tiktok", "brand", creatorInfo={"max_video_post_duration_sec": 2})
    token = (await sandbox.tiktok_login("brand"))["access_token"]
    begun = await sandbox.video_init(token, len(reel))
    await sandbox.put(begun["upload_url"], reel)
    assert (await sandbox.over(token, begun["publish_id"]))["fail_reason"] == "duration_check_failed"


async def test_drafts_wait_in_the_inbox(sandbox: RunningSandbox, reel: bytes) -> None:
    """Drafts end in SEND_TO_USER_INBOX and are not live; post_info is ignored; the user can post them."""
    token = (await sandbox.tiktok_login("brand"))["access_token"]
    begun = await sandbox.video_init(token, len(reel), inbox=True, privacy_level="NONSENSE")
    await sandbox.put(begun["upload_url"], reel)
    data = await sandbox.over(token, begun["publish_id"])
    assert (data["status"], data["publicaly_available_post_id"]) == ("SEND_TO_USER_INBOX", [])
    url = sandbox.media.put("one.jpg", picture())
    photo = await sandbox.tiktok(token, "post/publish/content/init", photo_body([url], "MEDIA_UPLOAD"))
    photo_id = photo.json()["data"]["publish_id"]
    assert (await sandbox.over(token, photo_id))["status"] == "SEND_TO_USER_INBOX"
    assert await sandbox.items("posts") == []
    drafts = await sandbox.items("drafts?handle=brand")
    assert [(one["kind"], one["status"], one["caption"]) for one in drafts] == [
        ("tiktok_video", "SEND_TO_USER_INBOX", ""),
        ("tiktok_photo", "SEND_TO_USER_INBOX", "Words"),
    ]
    posted = await sandbox.control("POST", f"drafts/{photo_id}/publish")
    assert posted.status_code == 200
    assert (await sandbox.control("POST", f"drafts/{photo_id}/publish")).status_code == 400
    assert (await sandbox.status(token, photo_id))["status"] == "PUBLISH_COMPLETE"
    [post] = await sandbox.items("posts")
    assert post["externalId"] == posted.json()["externalId"]


async def test_cancel_only_while_downloading(sandbox: RunningSandbox, reel: bytes) -> None:
    """A pull in progress can be canceled and fails with publish_cancelled; an upload can't be canceled."""
    token = (await sandbox.tiktok_login("brand"))["access_token"]
    stuck = await sandbox.media.hang("slow.mp4")
    body = {
        "post_info": {"privacy_level": "PUBLIC_TO_EVERYONE"},
        "source_info": {"source": "PULL_FROM_URL", "video_url": stuck},
    }
    publish_id = (await sandbox.tiktok(token, "post/publish/video/init", body)).json()["data"]["publish_id"]
    assert (await sandbox.status(token, publish_id))["status"] == "PROCESSING_DOWNLOAD"
    answer = await sandbox.tiktok(token, "post/publish/cancel", {"publish_id": publish_id})
    assert answer.json()["error"]["code"] == "ok"
    data = await sandbox.status(token, publish_id)
    assert (data["status"], data["fail_reason"]) == ("FAILED", "publish_cancelled")
    again = await sandbox.tiktok(token, "post/publish/cancel", {"publish_id": publish_id})
    assert (again.status_code, again.json()["error"]["code"]) == (400, "publish_not_cancellable")


async def test_foreign_and_unknown_publish_ids(sandbox: RunningSandbox, reel: bytes) -> None:
    """A publish_id of another account and an unknown one return different errors."""
    mine = (await sandbox.tiktok_login("mine"))["access_token"]
    other = (await sandbox.tiktok_login("other"))["access_token"]
    begun = await sandbox.video_init(mine, len(reel))
    answer = await sandbox.tiktok(other, "post/publish/status/fetch", {"publish_id": begun["publish_id"]})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "token_not_authorized_for_specified_publish_id"
    answer = await sandbox.tiktok(other, "post/publish/status/fetch", {"publish_id": "v_pub_file~v2-1.1"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_publish_id")


async def test_public_posts_are_listed(sandbox: RunningSandbox, reel: bytes) -> None:
    """video/list and video/query return public posts with their share_url."""
    token = (await sandbox.tiktok_login("brand"))["access_token"]
    await sandbox.post_clip(token, reel, title="public")
    await sandbox.post_clip(token, reel, title="mine", privacy_level="SELF_ONLY")
    answer = await sandbox.tiktok(token, "video/list", {"max_count": 5}, "?fields=id,title,share_url")
    [video] = answer.json()["data"]["videos"]
    assert video["title"] == "public"
    ids = {"filters": {"video_ids": [video["id"]]}}
    found = await sandbox.tiktok(token, "video/query", ids, "?fields=id,share_url")
    assert found.json()["data"]["videos"] == [{"id": video["id"], "share_url": video["share_url"]}]
