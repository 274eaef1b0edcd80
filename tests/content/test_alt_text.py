"""Alternative texts of media: on upload, at finalize, and changed later; the worker sends what is stored."""

from typing import Any

from tests.content.conftest import ContentClient, issues_of
from tests.world import World

JPEG = "image/jpeg"


def texts(content: Any) -> list[str | None]:
    """Return the alternative texts of a container's media."""
    return [item["altText"] for item in content["media"]]


async def test_alternative_texts_are_stored_and_changed(world: World, picture: bytes) -> None:
    """Finalize takes them in the order of the files, PATCH by the id of the media; null and empty remove one."""
    project = await world.project()
    container = await world.content(project, picture, picture)
    path = f"/v1/content/{container}"
    content = (await world.client.get(path)).json()
    assert texts(content) == [None, None]
    first, second = (item["id"] for item in content["media"])
    body = {"media": [{"assetId": second, "altText": "The crumb"}, {"assetId": first, "altText": "A loaf"}]}
    assert texts((await world.client.patch(path, json=body)).json()) == ["A loaf", "The crumb"]
    body = {"media": [{"assetId": first, "altText": None}, {"assetId": second, "altText": ""}]}
    assert texts((await world.client.patch(path, json=body)).json()) == [None, None]
    stranger = {"media": [{"assetId": "ast_0191f3a2-7c1f-7d11-8a4e-5b6c7d8e9f01", "altText": "x"}]}
    assert issues_of(await world.client.patch(path, json=stranger)) == ["media[0].assetId"]
    long = {"media": [{"assetId": first, "altText": "x" * 1001}]}
    assert issues_of(await world.client.patch(path, json=long)) == ["media[0].altText"]


async def test_finalize_takes_one_item_for_each_file(content_client: ContentClient, picture: bytes) -> None:
    """More items than files are refused, and the upload stays open; fewer leave the rest without a text."""
    opened = await content_client.open(
        ("a.jpg", JPEG, len(picture)), ("b.jpg", JPEG, len(picture)), grouping="slideshow"
    )
    (item,) = opened.json()["items"]
    browser = await content_client.api.anonymous()
    for file in item["files"]:
        await browser.put(file["uploadUrl"], content=picture, headers=file["headers"])
    path = f"/v1/content/{item['containerId']}/finalize-upload"
    many = await content_client.client.post(path, json={"caption": "", "media": [{"altText": "x"}] * 3})
    assert issues_of(many) == ["media"]
    done = await content_client.client.post(path, json={"caption": "", "media": [{"altText": "A loaf"}]})
    assert (done.status_code, texts(done.json())) == (200, ["A loaf", None])
