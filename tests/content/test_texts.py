"""Content without media over HTTP: texts, and links whose pages are on a real web server."""

from typing import Any

import pytest
from tests.content.conftest import issues_of

from presswork.media.link_card import PICTURE
from presswork.media.probe import probe
from presswork.media.samples import sample_picture

PAGE = b"""<!doctype html><html><head><meta charset="utf-8"><title>Menu &amp; more | Bakery</title>
<meta name="description" content="Six   new
loaves"><meta property="og:image" content="/loaf.png"></head><body><svg><title>Icon</title></svg></body></html>"""


def card(content: Any) -> Any:
    """Return the link of a container without its signed URL."""
    return {name: value for name, value in content["link"].items() if name != "thumbnailUrl"}


async def test_a_text_is_complete_at_once(content_client: Any) -> None:
    """It needs nothing but its words; `caption` and `text` are the same field, in responses and in edits."""
    made = (await content_client.create(text="Spring menu", firstComment="From six", key="k")).json()
    assert (made["status"], made["mediaType"], made["media"], made["link"]) == ("completed", "text", [], None)
    assert (made["caption"], made["text"], made["warnings"]) == ("Spring menu", "Spring menu", [])
    assert (await content_client.create(text="Spring menu", firstComment="From six", key="k")).json() == made
    edited = (await content_client.edit(made["id"], text="Summer menu")).json()
    assert (edited["caption"], edited["revision"]) == ("Summer menu", 2)
    assert content_client.stored() == []


async def test_labels_are_kept_and_replaced(content_client: Any) -> None:
    """Each once, without spaces around it. They are no text that goes out: a change makes no new revision."""
    made = (await content_client.create(text="Menu", labels=["spring", " bread ", "spring"])).json()
    assert made["labels"] == ["spring", "bread"]
    for labels in (["winter"], [], ["a"] * 20):
        edited = (await content_client.edit(made["id"], labels=labels)).json()
        assert (edited["labels"], edited["revision"]) == (list(dict.fromkeys(labels)), 1)
    assert (await content_client.edit(made["id"], text="Menus")).json()["labels"] == ["a"]
    for wrong, path in ((["x"] * 21, "labels"), ([""], "labels[0]"), (["x" * 101], "labels[0]"), (["\0"], "labels[0]")):
        assert issues_of(await content_client.edit(made["id"], labels=wrong)) == [path]


async def test_a_card_is_read_from_its_page(content_client: Any, files: Any) -> None:
    """Title, description and picture are the page's own; the picture is stored small, and what the caller says stays."""
    url = files.put("menu.html", PAGE)
    image = files.put("loaf.png", sample_picture(2600, 1300, picture_format="PNG"))
    made = (await content_client.create(link={"url": url})).json()
    read = {"url": url, "title": "Menu & more | Bakery", "description": "Six new loaves", "imageUrl": image}
    assert (card(made), made["text"], made["warnings"]) == (read, "", [])
    picture = await (await content_client.api.anonymous()).get(made["link"]["thumbnailUrl"])
    stored = probe(picture.content)
    assert (stored.content_type, PICTURE.needs_conversion(stored)) == ("image/jpeg", False)
    own = (await content_client.create(link={"url": url, "title": "Our menu"})).json()
    assert card(own) == {**read, "title": "Our menu"}
    assert card((await content_client.client.get(f"/v1/content/{own['id']}")).json()) == card(own)


@pytest.mark.parametrize(
    ("pages", "title"),
    [
        ({}, None),  # 404
        ({"menu.html": b"\xff\x00<title>\xe9"}, "\ufffd"),
        ({"menu.html": b"<title>Menu</title><meta property='og:image' content='/missing.png'>"}, "Menu"),
        ({"menu.html": b"<title>Menu</title><meta property='og:image' content='/menu.html'>"}, "Menu"),
        ({"menu.html": b"<title>Menu</title>" + b" " * 1_100_000 + b"<meta name='description' content='x'>"}, "Menu"),
    ],
)
async def test_a_page_that_says_nothing_leaves_the_link(
    content_client: Any, files: Any, pages: dict[str, bytes], title: str | None
) -> None:
    """Whatever the page or its picture is, the content is made; what could not be read is a warning that stays with it."""
    files.files |= pages
    made = await content_client.create(text="Menu", link={"url": f"{files.base_url}/menu.html"})
    assert made.status_code == 201, made.text
    content = made.json()
    assert (content["link"]["title"], content["link"]["thumbnailUrl"]) == (title, None)
    is_read = b" " * 1000 in pages.get("menu.html", b"") or b"\xff" in pages.get("menu.html", b"")
    assert [warning["code"] for warning in content["warnings"]] == ([] if is_read else ["LINK_UNREADABLE"])
    assert (await content_client.client.get(f"/v1/content/{content['id']}")).json()["warnings"] == content["warnings"]


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        ({}, ["text"]),
        ({"text": " \n\u00a0"}, ["text"]),
        ({"text": "x", "link": {"url": "menu"}}, ["link.url"]),
        ({"text": "x", "link": {}}, ["link.url"]),
        ({"text": "x", "link": {"url": "https://a.example/", "title": "x" * 401}}, ["link.title"]),
        ({"link": {"url": "https://a.example/"}, "media": [{"url": "https://a.example/a.jpg"}]}, ["link"]),
        ({"text": "x" * 63_207}, ["text"]),
        ({"text": "x", "firstComment": "x" * 8_001}, ["firstComment"]),
        ({"media": [{"url": "https://a.example/a.jpg"}] * 36}, ["media"]),
        ({"text": "x", "caption": "x"}, ["caption"]),
    ],
)
async def test_bad_input_is_named(content_client: Any, body: Any, paths: list[str]) -> None:
    """Each field that is wrong is an issue, and nothing is written."""
    assert issues_of(await content_client.create(**body)) == paths
    assert await content_client.count("content_containers") == 0


async def test_a_picture_that_was_asked_for_has_to_be_one(content_client: Any, files: Any) -> None:
    """Unlike one that only the page names, it is the caller's own input."""
    link = {"url": files.put("menu.html", PAGE), "imageUrl": f"{files.base_url}/missing.png"}
    refused = await content_client.create(text="Menu", link=link)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "MEDIA_UNREACHABLE")
    assert refused.json()["error"]["details"]["path"] == "link.imageUrl"
    assert content_client.stored() == []


async def test_a_link_is_edited(content_client: Any, files: Any) -> None:
    """It can be added, read again and removed, as long as something to post is left; each is an edit, and no picture stays."""
    files.put("loaf.png", sample_picture(64, 64, picture_format="PNG"))
    link = {"url": files.put("menu.html", PAGE)}
    content = (await content_client.create(text="Menu")).json()
    added = (await content_client.edit(content["id"], link=link)).json()
    assert (added["link"]["title"], added["revision"], len(content_client.previews())) == (
        "Menu & more | Bakery",
        2,
        1,
    )
    files.put("menu.html", PAGE.replace(b"Menu", b"New menu"))
    again = (await content_client.edit(content["id"], link=link, text="")).json()
    assert (again["link"]["title"], again["revision"], len(content_client.previews())) == (
        "New menu & more | Bakery",
        3,
        1,
    )
    files.put("loaf.png", sample_picture(64, 64, seed=1, picture_format="PNG"))
    repainted = (await content_client.edit(content["id"], link=link)).json()
    assert (card(repainted), repainted["revision"]) == (card(again), 4)
    assert issues_of(await content_client.edit(content["id"], link=None)) == ["link"]
    removed = (await content_client.edit(content["id"], link=None, text="Menu")).json()
    assert (removed["link"], removed["warnings"], content_client.stored()) == (None, [], [])
    assert issues_of(await content_client.edit(content["id"], text=" ")) == ["caption"]
    assert issues_of(await content_client.edit(content["id"], text="a", caption="b")) == [""]


async def test_media_have_no_link(content_client: Any, files: Any, picture: bytes) -> None:
    """A card and media exclude each other on every platform."""
    content = (await content_client.upload(files.put("a.jpg", picture))).json()
    refused = await content_client.edit(content["id"], link={"url": files.put("menu.html", PAGE)})
    assert issues_of(refused) == ["link"]


async def test_media_by_this_route_are_those_of_an_upload(content_client: Any, files: Any, picture: bytes) -> None:
    """The same checks, and as many as any platform takes."""
    urls = [files.put(f"{number}.jpg", picture) for number in range(35)]
    made = (
        await content_client.create(text="Loaves", media=[{"url": url, "altText": "A loaf"} for url in urls])
    ).json()
    assert (made["mediaType"], len(made["media"]), made["media"][34]["altText"]) == ("multi", 35, "A loaf")
    assert [item["filename"] for item in made["media"]] == [f"{number}.jpg" for number in range(35)]
