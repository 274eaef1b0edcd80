"""Hostile media through the API, by URL and by upload: always refused with 422, and nothing is stored."""

from typing import Any

import pytest
from tests.media.corpus import fine, hostile
from tests.media.fuzz import case
from tests.tiers import exhaustive

SEED = 20261126
CASES = 25
NAMES = ("photo.jpg", "clip.mp4", "pic.png", "a.webp", "b.mov", "noname", "x.html")
TYPES = ("image/jpeg", "video/mp4", "image/png", "image/webp", "video/quicktime")


def outcome(response: Any) -> tuple[int, str | None]:
    """Return the status and the code of a refusal."""
    return response.status_code, response.json().get("error", {}).get("code")


async def by_upload(content_client: Any, data: bytes, content_type: str) -> Any:
    """Declare a file with a type, upload it and finalize."""
    item = await content_client.expect(("file", content_type, data), grouping="per-file")
    assert (await content_client.put(item["files"][0], data)).status_code == 204
    return await content_client.finalize(item["containerId"])


@pytest.mark.exhaustive
async def test_hostile_files_are_refused_by_url(content_client: Any, files: Any) -> None:
    """Whatever their names, hostile files behind a URL are 422 and leave no row and no object."""
    for number, (name, data) in enumerate(hostile().items()):
        url = files.put(f"{number}-{NAMES[number % len(NAMES)]}", data)
        assert outcome(await content_client.upload(url)) == (422, "MEDIA_UNSUPPORTED"), name
    assert outcome(await content_client.upload(files.put("empty.jpg", b""))) == (422, "MEDIA_UNREACHABLE")
    assert (await content_client.count("content_containers"), content_client.stored()) == (0, [])


async def test_hostile_files_are_refused_by_upload(content_client: Any) -> None:
    """Whatever their declared type, uploaded hostile files do not become content."""
    for number, (name, data) in enumerate(hostile().items()):
        response = await by_upload(content_client, data, TYPES[number % len(TYPES)])
        assert outcome(response) == (422, "MEDIA_UNSUPPORTED"), name
    assert outcome(await content_client.open(("file", "image/jpeg", 0))) == (422, "VALIDATION")


async def test_the_type_is_detected_from_the_bytes(content_client: Any, files: Any) -> None:
    """A wrong name and a wrong declaration have no effect: the bytes decide, also when the file is served."""
    for number, (name, data) in enumerate(fine().items()):
        responses = (
            await content_client.upload(files.put(f"{number}-{NAMES[number % len(NAMES)]}", data)),
            await by_upload(content_client, data, TYPES[number % len(TYPES)]),
        )
        assert [response.status_code for response in responses] == [201, 200], name
        media = [response.json()["media"][0] for response in responses]
        kind = "video/quicktime" if "mov" in name else "video/mp4" if "mp4" in name else None
        assert kind is None or [each["contentType"] for each in media] == [kind, kind], name
        assert [each["sizeBytes"] for each in media] == [len(data), len(data)], name


async def test_polyglot_files_are_served_as_media(content_client: Any, files: Any) -> None:
    """An image with an archive appended is served as an image, with nosniff."""
    made = await content_client.upload(files.put("x.html", fine()["jpeg with a zip behind it"]))
    served = await (await content_client.api.anonymous()).get(made.json()["media"][0]["url"])
    assert (served.headers["content-type"], served.headers["x-content-type-options"]) == ("image/jpeg", "nosniff")


@pytest.mark.parametrize("route", ["upload", *exhaustive(["url"])])
async def test_damaged_files_never_cause_an_internal_error(content_client: Any, files: Any, route: str) -> None:
    """Files truncated, altered, spliced and disguised by a seed become content or 422; never 500."""
    seen = set()
    for number in range(CASES):
        name, data = case(SEED, number)
        data = data or b"\0"
        response = (
            await content_client.upload(files.put(str(number), data))
            if route == "url"
            else await by_upload(content_client, data, TYPES[number % len(TYPES)])
        )
        seen.add(outcome(response))
        assert outcome(response) in {(201, None), (200, None), (422, "MEDIA_UNSUPPORTED")}, name
    assert len(seen) == 2
