"""Uploads by URL over HTTP, with media on a real web server."""

import asyncio
from hashlib import sha256
from typing import Any

from tests.content.conftest import issues_of
from tests.media.pdfs import encrypted_pdf, pdf

from presswork.core.ids import parse_id


def refusal(response: Any) -> tuple[int, str, Any]:
    """Return status, code and path of a refusal."""
    error = response.json()["error"]
    return response.status_code, error["code"], error.get("details", {}).get("path")


async def test_an_image_is_fetched_checked_and_stored(content_client: Any, files: Any, picture: bytes) -> None:
    """The new container is completed, describes the bytes, and serves them unchanged."""
    made = await content_client.upload(files.put("bread.jpg", picture), firstComment="First!")
    assert made.status_code == 201, made.text
    content = made.json()
    media = content["media"][0]
    assert content == {
        "id": content["id"],
        "projectId": content_client.project_id,
        "status": "completed",
        "approvalStatus": "not_required",
        **dict.fromkeys(("approvedAt", "approvedBy", "rejectedAt", "rejectedBy", "reviewNote", "reviewerName")),
        "approvalCovers": "content",
        "currentStep": None,
        "steps": [],
        "revision": 1,
        "mediaType": "image",
        "caption": "Hello",
        "text": "Hello",
        "firstComment": "First!",
        "link": None,
        "media": [
            {
                "id": media["id"],
                "contentType": "image/jpeg",
                "sizeBytes": len(picture),
                "sha256": sha256(picture).hexdigest(),
                "width": 64,
                "height": 80,
                "durationSeconds": None,
                "videoCodec": None,
                "audioCodec": None,
                "pages": None,
                "altText": None,
                "filename": "bread.jpg",
                "url": media["url"],
                "urlExpiresAt": media["urlExpiresAt"],
                "thumbnailUrl": media["thumbnailUrl"],
                "posterUrl": None,
            }
        ],
        "parts": None,
        "warnings": [],
        "labels": [],
        "createdAt": content["createdAt"],
        "updatedAt": content["createdAt"],
        "deletedAt": None,
        "erasedAt": None,
        "mediaRemovedAt": None,
    }
    parse_id("cnt", content["id"])
    parse_id("ast", media["id"])
    served = await (await content_client.api.anonymous()).get(media["url"])
    assert (served.status_code, served.content) == (200, picture)
    assert (await content_client.client.get(f"/v1/content/{content['id']}")).json() == content


async def test_a_video_and_a_slideshow_keep_order_and_type(
    content_client: Any, files: Any, picture: bytes, png: bytes, video: bytes
) -> None:
    """One video is a video with its duration; several images are a multi in the order of the call."""
    film = (await content_client.upload(files.put("a film.bin", video))).json()
    assert film["media"][0]["filename"] == "a film.bin"
    assert film["mediaType"] == "video"
    assert film["media"][0]["contentType"] == "video/mp4"
    assert abs(film["media"][0]["durationSeconds"] - 1) < 0.1
    assert film["media"][0]["videoCodec"] == "h264"
    urls = [files.put(f"{number}", data) for number, data in enumerate((picture, png, picture, png, png))]
    slides = (await content_client.upload(*urls, caption="")).json()
    assert (slides["mediaType"], slides["caption"]) == ("multi", "")
    assert [item["contentType"] for item in slides["media"]] == [
        "image/jpeg" if data is picture else "image/png" for data in (picture, png, picture, png, png)
    ]
    assert [item["filename"] for item in slides["media"]] == ["0", "1", "2", "3", "4"]
    route = f"/v1/projects/{content_client.project_id}/content/upload"
    bare = (await content_client.client.post(route, json={"media": [{"url": urls[1]}]})).json()
    assert (bare["mediaType"], bare["caption"]) == ("image", "")


async def test_mixed_media_and_a_pdf(content_client: Any, files: Any, picture: bytes, video: bytes) -> None:
    """Images and videos are a mixed carousel, by both routes; a PDF is a document, with its pages and previews."""
    image, film, paper = files.put("p", picture), files.put("v", video), files.put("Menu.pdf", pdf(3))
    mixed = (await content_client.upload(image, film)).json()
    assert (mixed["mediaType"], [item["contentType"] for item in mixed["media"]]) == (
        "mixed",
        ["image/jpeg", "video/mp4"],
    )
    path = f"/v1/projects/{content_client.project_id}/content"
    also = await content_client.client.post(path, json={"media": [{"url": film}, {"url": image, "altText": "A loaf"}]})
    assert (also.status_code, also.json()["mediaType"], also.json()["media"][1]["altText"]) == (201, "mixed", "A loaf")
    document = (await content_client.upload(paper)).json()
    [item] = document["media"]
    assert (document["mediaType"], item["contentType"], item["filename"], item["pages"]) == (
        "document",
        "application/pdf",
        "Menu.pdf",
        3,
    )
    anonymous = await content_client.api.anonymous()
    for url in (item["thumbnailUrl"], item["posterUrl"]):
        assert (await anonymous.get(url)).headers["Content-Type"] == "image/jpeg"
    assert (await anonymous.get(item["url"])).content == pdf(3)


async def test_invalid_combinations_are_refused(content_client: Any, files: Any, picture: bytes, video: bytes) -> None:
    """A PDF beside other files, and too many files with a video, are an issue at `media`, and nothing is stored."""
    one, two, paper = files.put("p", picture), files.put("v", video), files.put("d", pdf(1))
    assert issues_of(await content_client.upload(one, paper)) == ["media"]
    assert issues_of(await content_client.upload(*[one] * 20, two)) == ["media"]
    assert (await content_client.count("content_containers"), content_client.stored()) == (0, [])


async def test_hostile_files_are_refused_with_their_path(
    content_client: Any, files: Any, picture: bytes, video: bytes
) -> None:
    """Whatever its name, a file that is not a complete image, video or PDF is MEDIA_UNSUPPORTED with its path."""
    good = files.put("good.jpg", picture)
    hostile = {
        "page.jpg": b"<!DOCTYPE html><script>alert(1)</script>",
        "half.jpg": picture[: len(picture) // 2],
        "half.mp4": video[: len(video) // 2],
        "playlist.mp4": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        "loop.gif": b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
        "image.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "half.pdf": pdf(1)[:-300],
        "protected.pdf": encrypted_pdf(opens_with_a_password=True),
    }
    for name, data in hostile.items():
        response = await content_client.upload(good, files.put(name, data))
        assert refusal(response) == (422, "MEDIA_UNSUPPORTED", "media[1].url"), name
    assert (await content_client.count("content_containers"), content_client.stored()) == (0, [])


async def test_an_unreachable_url_is_refused_with_its_path(content_client: Any, files: Any, picture: bytes) -> None:
    """A missing file, an empty one and a closed port are MEDIA_UNREACHABLE with their path."""
    good = files.put("good.jpg", picture)
    for bad in (f"{files.base_url}/missing", files.put("empty", b""), "http://127.0.0.1:9/x.jpg"):
        response = await content_client.upload(good, bad)
        assert refusal(response) == (422, "MEDIA_UNREACHABLE", "media[1].url"), bad
    assert (await content_client.count("content_containers"), content_client.stored()) == (0, [])


async def test_the_body_is_validated_before_anything_is_fetched(
    content_client: Any, files: Any, picture: bytes
) -> None:
    """URLs, counts and lengths are issues at their own paths, all at once."""
    good = files.put("good.jpg", picture)
    bad = [
        "ftp://example.com/x",
        "example.com/x",
        "http://",
        "https://exa mple.com",
        "http://[::1",
        f"{good}?{'x' * 2048}",
    ]
    bad += ["http://example.com:0/", "file:///etc/passwd", "http://a\x00b/"]
    assert issues_of(await content_client.upload(good, *bad)) == [f"media[{place}].url" for place in range(1, 10)]
    assert issues_of(await content_client.upload()) == ["media"]
    assert issues_of(await content_client.upload(*[good] * 36)) == ["media"]
    assert issues_of(await content_client.upload(good, caption="x" * 63_207)) == ["caption"]
    assert issues_of(await content_client.upload(good, firstComment="x" * 8_001, caption=None, extra=1)) == [
        "caption",
        "firstComment",
        "extra",
    ]
    assert files.hits == []


async def test_an_archived_project_refuses_uploads(content_client: Any, files: Any, picture: bytes) -> None:
    """An upload is a conflict before anything is fetched; a stored reply is still replayed."""
    url = files.put("good.jpg", picture)
    first = await content_client.upload(url, key="before")
    await content_client.client.patch(f"/v1/projects/{content_client.project_id}", json={"status": "archived"})
    files.hits.clear()
    assert refusal(await content_client.upload(url))[:2] == (409, "CONFLICT")
    assert refusal(await content_client.open(("a.jpg", "image/jpeg", 5)))[:2] == (409, "CONFLICT")
    assert files.hits == []
    assert (await content_client.upload(url, key="before")).content == first.content


async def test_a_repeated_upload_replays_and_fetches_nothing(content_client: Any, files: Any, picture: bytes) -> None:
    """The same key and body return the same bytes without a fetch; another body is a conflict and creates nothing."""
    url = files.put("good.jpg", picture)
    first = await content_client.upload(url, key="k1")
    files.hits.clear()
    again = await content_client.upload(url, key="k1")
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert refusal(await content_client.upload(url, key="k1", caption="Other"))[:2] == (409, "IDEMPOTENCY_CONFLICT")
    assert files.hits == []
    assert await content_client.count("content_containers") == 1


async def test_concurrent_uploads_with_one_key_create_one_container(
    content_client: Any, files: Any, picture: bytes
) -> None:
    """Both may fetch, but one container is created, both return it, and one object is stored."""
    url = files.put("good.jpg", picture)
    responses = await asyncio.gather(*(content_client.upload(url, key="concurrent") for _ in range(3)))
    assert {response.status_code for response in responses} == {201}
    assert len({response.content for response in responses}) == 1
    assert await content_client.count("content_containers") == 1
    assert (len(content_client.originals()), len(content_client.previews())) == (1, 1)


async def test_a_failed_upload_can_be_retried_with_its_key(content_client: Any, files: Any, picture: bytes) -> None:
    """A refusal is not stored: once the file exists, the same call succeeds."""
    url = f"{files.base_url}/late.jpg"
    assert refusal(await content_client.upload(url, key="k1"))[:2] == (422, "MEDIA_UNREACHABLE")
    files.put("late.jpg", picture)
    assert (await content_client.upload(url, key="k1")).status_code == 201


async def test_the_review_policy_determines_the_initial_approval(
    content_client: Any, files: Any, picture: bytes
) -> None:
    """Uploaded content waits for approval if the project's policy requires it."""
    url = files.put("good.jpg", picture)
    policy = f"/v1/projects/{content_client.project_id}/content-review-policy"
    for wanted, status in (("review_all", "pending"), ("auto_approve", "not_required")):
        assert (await content_client.client.patch(policy, json={"policy": wanted})).status_code == 200
        assert (await content_client.upload(url)).json()["approvalStatus"] == status
