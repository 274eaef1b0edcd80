"""LinkedIn: what is published, as a client of the real API sees it, and what people see of it."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

import httpx2
import pytest
from tests.every_row import every_row
from tests.sandbox.linkedin_client import MEMBER_SCOPES, LinkedIn, member, page
from tests.sandbox.running_sandbox import JSON, RunningSandbox, Sandboxes, clip, picture

PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\n%%EOF\n"


def poll_of(question: str = "?", options: Sequence[str] = ("1", "2"), **more: object) -> JSON:
    """Return a poll."""
    settings = {"duration": "ONE_DAY"}
    return {"question": question, "options": [{"text": text} for text in options], "settings": settings} | more


async def test_a_members_image(sandbox: RunningSandbox) -> None:
    """An image is announced, uploaded and posted; the id comes in a header alone, the post is live with its alt text."""
    client, me = await member(sandbox)
    value = await client.announce(me)
    assert value["image"].startswith("urn:li:image:")
    assert value["uploadUrl"].startswith(f"{sandbox.address}/sandbox/www.linkedin.com/dms-uploads/")
    assert value["uploadUrlExpiresAt"] > 1_700_000_000_000
    data = picture()
    put = await client.put(value["uploadUrl"], data)
    assert (put.status_code, put.content) == (201, b"")
    await sandbox.advance(1)
    content = {"media": {"id": value["image"], "altText": "A circle", "title": "Round"}}
    answer = await client.post(me, "Hello \\(all\\) #tags", content)
    assert (answer.status_code, answer.content) == (201, b"")
    urn = answer.headers["x-restli-id"]
    assert urn.startswith("urn:li:share:")
    [post] = await sandbox.items("posts?platform=linkedin&handle=mira")
    assert (post["kind"], post["externalId"], post["caption"]) == ("linkedin_post", urn, "Hello (all) #tags")
    assert post["url"] == f"https://www.linkedin.com/feed/update/{urn}/"
    assert post["params"]["content"] == content
    assert post["params"]["commentary"] == "Hello \\(all\\) #tags"
    assert post["media"][0]["sha256"] == hashlib.sha256(data).hexdigest()
    shown = await sandbox.http.get(f"/sandbox/www.linkedin.com/feed/update/{urn}/")
    assert shown.status_code == 200
    assert "A circle" in shown.text
    assert "Round" in shown.text


async def test_several_images(sandbox: RunningSandbox) -> None:
    """A page's post of several images keeps their order; fewer than two or more than twenty are refused."""
    client, brand = await page(sandbox)
    urns = [await client.upload(brand, picture(hue=hue)) for hue in (0, 120)]
    images = [{"id": urn, "altText": f"Picture {number}"} for number, urn in enumerate(urns)]
    for wrong in (images[:1], images * 11):
        assert (await client.post(brand, "x", {"multiImage": {"images": wrong}})).status_code == 400
    urn = await client.posted(brand, "Two", {"multiImage": {"images": images}})
    [post] = await sandbox.items("posts?platform=linkedin&handle=brand")
    assert (len(post["media"]), post["externalId"], post["params"]["author"]) == (2, urn, brand)
    page_text = (await sandbox.http.get(f"/sandbox/www.linkedin.com/feed/update/{urn}")).text
    assert page_text.index("Picture 0") < page_text.index("Picture 1")


async def test_a_video_in_parts(sandbox: RunningSandbox, reel: bytes) -> None:
    """Parts of 4 MiB, each with an ETag; the finished video is processed, then its post is requested, then published."""
    client, brand = await page(sandbox)
    data = reel + bytes(9_000_000 - len(reel))
    value, ids = await client.upload_parts(brand, data)
    spans = [(part["firstByte"], part["lastByte"]) for part in value["uploadInstructions"]]
    assert spans == [(0, 4_194_303), (4_194_304, 8_388_607), (8_388_608, 8_999_999)]
    assert (await client.status(value["video"])).json()["status"] == "WAITING_UPLOAD"
    done = await client.finalize(value["video"], ids, value["uploadToken"])
    assert (done.status_code, done.content) == (200, b"")
    assert (await client.status(value["video"])).json()["status"] == "PROCESSING"
    early = await client.post(brand, "Early", {"media": {"id": value["video"]}})
    assert early.status_code == 400
    assert "PROCESSING" in early.json()["message"]
    await sandbox.advance(3)
    assert (await client.status(value["video"])).json()["status"] == "AVAILABLE"
    urn = await client.posted(brand, "Ready", {"media": {"id": value["video"], "title": "A clip"}})
    assert urn.startswith("urn:li:ugcPost:")
    assert (await client.read(urn)).status_code == 404
    requested = (await client.read(urn, "?viewContext=AUTHOR")).json()
    assert requested["lifecycleState"] == "PUBLISH_REQUESTED"
    await sandbox.advance(2)
    assert (await client.read(urn)).json()["lifecycleState"] == "PUBLISHED"
    [post] = await sandbox.items("posts?platform=linkedin")
    assert post["media"][0]["sha256"] == hashlib.sha256(data).hexdigest()


async def test_parts_are_checked(sandbox: RunningSandbox, reel: bytes) -> None:
    """Parts of a wrong length, parts that are missing or out of order, and a wrong token are refused; quotes don't matter."""
    client, me = await member(sandbox)
    data = reel + bytes(5_000_000 - len(reel))
    value = await client.announce(me, "video", fileSizeBytes=len(data))
    first, second = value["uploadInstructions"]
    whole = data[: first["lastByte"] + 1]
    for wrong in (whole[:-1], whole + b"x", b""):
        assert (await client.put(first["uploadUrl"], wrong)).status_code == 400
    one = (await client.put(first["uploadUrl"], whole)).headers["etag"]
    token = value["uploadToken"]
    missing = await client.finalize(value["video"], [one], token)
    assert (missing.status_code, missing.json()["message"]) == (400, "Not every part was uploaded; missing: 1")
    two = (await client.put(second["uploadUrl"], data[second["firstByte"] :])).headers["etag"]
    for ids, given in (([two, one], token), ([one], token), ([one, two], ""), ([one, one], token)):
        refused = await client.finalize(value["video"], ids, given)
        assert refused.json()["errorDetails"]["inputErrors"][0]["code"] == "INVALID_VALUE_FOR_FIELD"
    plain = [one.strip('"'), two]
    assert (await client.finalize(value["video"], plain, token)).status_code == 200
    assert (await client.put(first["uploadUrl"], whole)).status_code == 409


async def test_addresses_for_bytes(sandbox: RunningSandbox) -> None:
    """An upload URL serves for a day, with its secret and a token, for PUT and POST; bytes that are sent again change nothing."""
    client, me = await member(sandbox)
    value = await client.announce(me)
    url = value["uploadUrl"]
    assert (await client.put(url[:-1], picture())).status_code == 404
    assert (await client.put(url.replace("/0?", "/1?"), picture())).status_code == 404
    assert (await client.put(url.replace("uploaded-image", "uploaded-video"), picture())).status_code == 404
    for headers in ({}, {"Authorization": "Bearer no-token"}):
        assert (await sandbox.http.put(url, content=picture(), headers=headers)).status_code == 401
    assert (await sandbox.http.get(url, headers=client.headers)).status_code == 405
    assert (await sandbox.http.post(url, content=picture(), headers=client.headers)).status_code == 201
    assert (await client.put(url, b"else")).status_code == 201
    await sandbox.advance(1)
    await client.posted(me, "Once", {"media": {"id": value["image"]}})
    late = (await client.announce(me))["uploadUrl"]
    await sandbox.advance(86_401)
    assert (await client.put(late, picture())).status_code == 403


async def test_a_document(sandbox: RunningSandbox) -> None:
    """A PDF is announced, sent, processed, and posted with its title; another file fails, and its status says why."""
    client, brand = await page(sandbox)
    value = await client.announce(brand, "document")
    urn = value["document"]
    assert (await client.status(urn)).json()["status"] == "WAITING_UPLOAD"
    put = await client.put(value["uploadUrl"], PDF)
    assert (put.status_code, put.content) == (201, b"")
    assert (await client.status(urn)).json()["status"] == "PROCESSING"
    assert (await client.post(brand, "Early", {"media": {"id": urn, "title": "Ten slides"}})).status_code == 400
    await sandbox.advance(1)
    status = (await client.status(urn)).json()
    assert (status["status"], status["id"], status["owner"]) == ("AVAILABLE", urn, brand)
    assert status["downloadUrlExpiresAt"] > 1_700_000_000_000
    posted = await client.posted(brand, "Slides", {"media": {"id": urn, "title": "Ten slides"}})
    [post] = await sandbox.items("posts?platform=linkedin")
    assert (post["kind"], post["media"][0]["contentType"]) == ("document", "application/pdf")
    assert "Ten slides" in (await sandbox.http.get(f"/sandbox/www.linkedin.com/feed/update/{posted}")).text
    again = await client.upload(brand, PDF, "document")
    assert (await client.status(again)).json()["status"] == "AVAILABLE"
    broken = await client.upload(brand, picture(), "document")
    failed = (await client.status(broken)).json()
    assert failed["status"] == "PROCESSING_FAILED"
    assert "PDF" in failed["processingFailureReason"]
    for pages, ending in ((300, "AVAILABLE"), (301, "PROCESSING_FAILED")):
        book = await client.upload(brand, PDF + b"<< /Type /Pages >> << /Type /Page >>\n" * pages, "document")
        assert (await client.status(book)).json()["status"] == ending
    images = {"multiImage": {"images": [{"id": urn}, {"id": again}]}}
    for content in (images, {"media": {"id": [urn, again]}}, {"media": {"id": urn}, "multiImage": {"images": []}}):
        assert (await client.post(brand, "x", content)).status_code in {400, 422}


async def test_media_that_fails(sandbox: RunningSandbox) -> None:
    """Files of other formats and lengths end as PROCESSING_FAILED, and no post can have them."""
    rows: list[tuple[str, bytes | str, str]] = [
        ("image", b"<html>", "no image that can be read"),
        ("image", "webp", "WEBP is no format"),
        ("video", "short", "lasts 1.0 seconds"),
        ("video", "webm", "is no format of videos"),
    ]
    with every_row() as row:
        for kind, data, reason in rows:
            with row(kind, data, reason):
                await sandbox.reset()
                made = {
                    "webp": lambda: picture(kind="WEBP"),
                    "short": lambda: clip(1.0),
                    "webm": lambda: clip(0.5, width=64, height=64, codec="libvpx", kind="webm"),
                }
                content = data if isinstance(data, bytes) else made[data]()
                client, brand = await page(sandbox)
                urn = await (client.upload(brand, content) if kind == "image" else client.upload_video(brand, content))
                status = (await client.status(urn)).json()
                assert status["status"] == "PROCESSING_FAILED"
                assert reason in status["processingFailureReason"]
                assert (await client.post(brand, "x", {"media": {"id": urn}})).status_code == 400


async def test_the_least_size_of_a_video_can_be_demanded(sandbox: RunningSandbox, reel: bytes) -> None:
    """LinkedIn's 75 KB are a setting."""
    client, brand = await page(sandbox)
    await sandbox.control("POST", "linkedin", {"leastVideoBytes": 75_000})
    urn = await client.upload_video(brand, reel)
    assert (await client.status(urn)).json()["status"] == "PROCESSING_FAILED"


async def test_text_articles_and_polls(sandbox: RunningSandbox) -> None:
    """Posts without media: plain text, a link, a poll; each has its kind, and a link its card."""
    client, me = await member(sandbox)
    await client.posted(me, "Only text", visibility="CONNECTIONS", isReshareDisabledByAuthor=True)
    article = {"source": "https://example.com/a", "title": "Why", "description": "Because"}
    await client.posted(me, "", {"article": article})
    poll = {"question": "Tea?", "options": [{"text": "Yes"}, {"text": "No"}], "settings": {"duration": "ONE_DAY"}}
    await client.posted(me, "Vote", {"poll": poll})
    feed = (await sandbox.http.get("/sandbox/feed/linkedin/mira")).text
    for words in (
        "Connections only",
        "<b>Why</b><p>Because</p><small>https://example.com/a</small>",
        "Tea?",
        "LinkedIn",
    ):
        assert words in feed
    assert "No caption" not in feed
    found = await sandbox.items("posts?platform=linkedin")
    assert [(post["kind"], post["media"]) for post in found] == [("text", []), ("link", []), ("poll", [])]
    assert [post["params"].get("content") for post in found] == [None, {"article": article}, {"poll": poll}]


async def test_a_pages_poll_is_found(sandbox: RunningSandbox) -> None:
    """The finder returns a poll's question and options, with their votes; another question is another post."""
    client, brand = await page(sandbox)
    polls = [poll_of(question, ["Rye", "x" * 30, "3", "4"]) for question in ("?", "x" * 140)]
    urns = [await client.posted(brand, "Vote", {"poll": poll}) for poll in polls]
    refused = await client.post(brand, "Vote", {"poll": polls[1]})
    assert (refused.status_code, refused.json()["message"].rpartition(" ")[2]) == (422, urns[1])
    await sandbox.advance(2)
    found = [element["content"]["poll"] for element in (await client.of_author(brand)).json()["elements"]]
    assert sorted(poll["question"] for poll in found) == ["?", "x" * 140]
    assert [option["text"] for option in found[0]["options"]] == ["Rye", "x" * 30, "3", "4"]
    assert {(option["voteCount"], poll["uniqueVotersCount"]) for poll in found for option in poll["options"]} == {
        (0, 0)
    }
    assert [post["kind"] for post in await sandbox.items("posts?platform=linkedin")] == ["poll", "poll"]


async def test_a_pages_link_has_a_thumbnail(sandbox: RunningSandbox) -> None:
    """A page's finder returns the escaped commentary and the article; the same thumbnail does not make a post another one."""
    client, brand = await page(sandbox)
    member_client, me = await member(sandbox)
    article = {
        "source": "https://example.com/menu",
        "title": "Menu",
        "thumbnail": await client.upload(brand, picture()),
    }
    urn = await client.posted(brand, "Menu \\(new\\)", {"article": article})
    refused = await client.post(brand, "Menu \\(new\\)", {"article": article})
    assert (refused.status_code, refused.json()["message"].rpartition(" ")[2]) == (422, urn)
    await sandbox.advance(2)
    [element] = (await client.of_author(brand)).json()["elements"]
    assert (element["commentary"], element["content"]) == ("Menu \\(new\\)", {"article": article})
    [post] = await sandbox.items("posts?platform=linkedin")
    assert (post["kind"], post["media"], post["caption"]) == ("link", [], "Menu (new)")
    shown = (await sandbox.http.get(f"/sandbox/www.linkedin.com/feed/update/{urn}")).text
    assert '<div class="link"><img' in shown
    stolen = await member_client.post(me, "x", {"article": article})
    [error] = stolen.json()["errorDetails"]["inputErrors"]
    assert error["input"]["inputPath"]["fieldPath"] == "content/article/thumbnail"
    waiting = {**article, "thumbnail": (await client.announce(brand))["image"]}
    assert (await client.post(brand, "x", {"article": waiting})).status_code == 400


async def test_lost_answers_of_posts_without_media(sandbox: RunningSandbox) -> None:
    """A text whose answer is lost, or that comes late, is live once: the finder has it, and the repeat is a duplicate."""
    client, brand = await page(sandbox)
    for text, fault, value in (("One", "drop_after_effect", None), ("Two", "late_effect", {"ms": 1000})):
        await sandbox.fault("linkedin", "posts", fault, value=value)
        with pytest.raises(httpx2.HTTPError):
            await client.post(brand, text)
        await sandbox.advance(3)
        assert (await client.of_author(brand)).json()["elements"][0]["commentary"] == text
        assert (await client.post(brand, text)).status_code == 422
    assert [post["kind"] for post in await sandbox.items("posts?platform=linkedin")] == ["text", "text"]


async def test_reserved_characters_cut_the_text(sandbox: RunningSandbox) -> None:
    """A reserved character that is not escaped cuts the commentary, and the answer is 201 all the same."""
    client, brand = await page(sandbox)
    cases = {
        "Costs (about) 5": "Costs ",
        "Costs \\(about\\) 5": "Costs (about) 5",
        "snake_case": "snake",
        "mail me@example.com": "mail me",
        "{hashtag|\\#|two\\_words} and #one": "#two_words and #one",
        f"By @[Brand Inc]({brand}) today": "By Brand Inc today",
        "back\\slash": "back",
        "# alone": "",
        "<b>": "",
    }
    for sent, shown in cases.items():
        # An empty commentary needs a content.
        content = None if shown else {"article": {"source": f"https://example.com/{len(sent)}", "title": "T"}}
        urn = await client.posted(brand, sent, content)
        await sandbox.advance(2)
        [post] = [post for post in await sandbox.items("posts?platform=linkedin") if post["externalId"] == urn]
        assert post["caption"] == shown, sent
        assert post["params"]["commentary"] == sent
    cut = await client.posted(brand, "Half \\(of\\) it (the rest)")
    await sandbox.advance(2)
    assert (await client.read(cut)).json()["commentary"] == "Half \\(of\\) it "


async def test_length_of_the_text(sandbox: RunningSandbox) -> None:
    """3,000 characters that people see are allowed, however many backslashes; one more is refused as LinkedIn words it."""
    client, me = await member(sandbox)
    await client.posted(me, "\\(" * 3000)
    refused = await client.post(me, "x" * 3001)
    body = refused.json()
    assert refused.status_code == 400
    assert "text length (3001 characters) exceeded the maximum allowed (3000 characters)" in body["message"]
    [error] = body["errorDetails"]["inputErrors"]
    assert (error["code"], error["maxLength"]) == ("FIELD_ARRAY_SIZE_TOO_HIGH", 3000)


async def test_bodies_are_checked(sandbox: RunningSandbox) -> None:
    """Missing and unknown fields are 422, all at once; wrong values are 400; nothing is live."""
    client, me = await member(sandbox)
    brand, _ = await page(sandbox)
    empty = await client.call("POST", "rest/posts", {"foo": 1})
    assert empty.status_code == 422
    message = empty.json()["message"]
    for name in ("author", "commentary", "visibility", "distribution", "lifecycleState"):
        assert f"ERROR :: /{name} :: field is required but not found and has no default value\n" in message
    assert "/foo :: unrecognized field found but not allowed" in message
    image = await client.upload(me, picture())
    media = {"media": {"id": image}}
    wrong: list[tuple[dict[str, object], int]] = [
        ({"author": "urn:li:member:1"}, 400),
        ({"visibility": "PUBLIC_TO_EVERYONE"}, 400),
        ({"lifecycleState": "LIVE"}, 400),
        ({"isReshareDisabledByAuthor": "no"}, 422),
        ({"distribution": {"feedDistribution": "EVERYWHERE"}}, 400),
        ({"distribution": {"feedDistribution": "MAIN_FEED", "targetEntities": "all"}}, 422),
        ({"distribution": {}}, 422),
        ({"commentary": 5}, 422),
        ({"commentary": " "}, 400),
        ({"content": {}}, 400),
        ({"content": {"carousel": {}}}, 400),
        ({"content": {**media, "article": {}}}, 400),
        ({"content": {"media": {"id": "urn:li:image:none"}}}, 400),
        ({"content": {"media": {"id": "urn:li:share:1"}}}, 400),
        ({"content": {"media": {"id": image, "altText": "x" * 4087}}}, 400),
        ({"commentary": "", "content": None}, 400),
        ({"content": {"article": {"title": "x"}}}, 422),
        ({"content": {"article": {"source": "https://a.example"}}}, 400),
        ({"content": {"article": {"source": "https://a.example", "title": " "}}}, 400),
        ({"content": {"article": {"source": "https://a.example", "title": "x" * 401}}}, 400),
        ({"content": {"article": {"source": "a.example", "title": "x"}}}, 400),
        ({"content": {"article": {"source": "https://a.example", "title": "x", "description": 5}}}, 422),
        ({"content": {"article": {"source": "https://a.example", "title": "x", "url": "y"}}}, 422),
        ({"content": {"article": {"source": "https://a.example", "title": "x", "thumbnail": "urn:li:video:1"}}}, 400),
        ({"content": {"article": {"source": "https://a.example", "title": "x", "thumbnail": "urn:li:image:1"}}}, 400),
        ({"content": {**media, "article": {"source": "https://a.example", "title": "x"}}}, 400),
        ({"content": {"poll": poll_of(options=["1"])}}, 400),
        ({"content": {"poll": poll_of(options=["1", "2", "3", "4", "5"])}}, 400),
        ({"content": {"poll": poll_of(options=["1", " "])}}, 400),
        ({"content": {"poll": poll_of(options=["1", "x" * 31])}}, 400),
        ({"content": {"poll": poll_of("x" * 141)}}, 400),
        ({"content": {"poll": poll_of("")}}, 400),
        ({"content": {"poll": poll_of(settings={"duration": "TWO_DAYS"})}}, 400),
        ({"content": {"poll": poll_of(settings={})}}, 422),
        ({"content": {"poll": poll_of(length="ONE_DAY")}}, 422),
        ({"content": {**media, "poll": poll_of()}}, 400),
        ({"content": {"article": {"source": "https://a.example", "title": "x"}, "poll": poll_of()}}, 400),
    ]
    whole: dict[str, object] = {
        "author": me,
        "commentary": "Text",
        "visibility": "PUBLIC",
        "lifecycleState": "PUBLISHED",
    }
    whole["distribution"] = {"feedDistribution": "MAIN_FEED"}
    for change, status in wrong:
        answer = await client.call("POST", "rest/posts", {**whole, **change})
        assert answer.status_code == status, (change, answer.text)
    assert (await brand.post(await brand.page(), "x", visibility="CONNECTIONS")).status_code == 400
    assert (await brand.post(await brand.page(), "x", media)).status_code == 400
    assert await sandbox.items("posts?platform=linkedin") == []


async def test_drafts_are_not_live(sandbox: RunningSandbox) -> None:
    """A post with lifecycleState DRAFT exists for its author, and for no one else."""
    client, brand = await page(sandbox)
    urn = await client.posted(brand, "Later", lifecycleState="DRAFT")
    assert (await client.read(urn)).status_code == 404
    assert (await client.read(urn, "?viewContext=AUTHOR")).json()["lifecycleState"] == "DRAFT"
    assert await sandbox.items("posts?platform=linkedin") == []


async def test_repeated_posts_are_refused(sandbox: RunningSandbox) -> None:
    """The same text and media within the window is 422 and names the first post; other media, authors or times are not."""
    client, me = await member(sandbox)
    other, brand = await page(sandbox)
    urn = await client.posted(me, "Same")
    refused = await client.post(me, "Same")
    body = refused.json()
    assert refused.status_code == 422
    assert body["message"].endswith(f"Content is a duplicate of {urn}")
    assert body["errorDetails"]["inputErrors"] == [
        {"description": "Duplicate post is detected", "input": {}, "code": "DUPLICATE_POST"}
    ]
    await other.posted(brand, "Same")
    await client.posted(me, "Same", {"media": {"id": await client.upload(me, picture())}})
    assert (await sandbox.control("POST", "linkedin", {"duplicateIgnoresMedia": True})).status_code == 200
    image = await client.upload(me, picture())
    assert (await client.post(me, "Same", {"media": {"id": image}})).status_code == 422
    await sandbox.advance(3601)
    await client.posted(me, "Same", {"media": {"id": image}})
    await sandbox.control("POST", "linkedin", {"duplicateWindowSeconds": 0})
    await client.posted(me, "Same", {"media": {"id": image}})


async def test_an_edit_changes_the_commentary(sandbox: RunningSandbox) -> None:
    """The new text is read like that of a new post, escapes and all; the same edit again changes nothing."""
    client, brand = await page(sandbox)
    urn = await client.posted(brand, "Helo")
    await sandbox.advance(60)
    for _ in range(2):
        answer = await client.update(urn, commentary="Hello \\(again\\) #bakery (cut")
        assert (answer.status_code, answer.content) == (204, b"")
        await sandbox.advance(60)
    [post] = await sandbox.items("posts?platform=linkedin")
    element = (await client.read(urn)).json()
    assert element["commentary"] == "Hello \\(again\\) #bakery "
    assert element["lifecycleStateInfo"] == {"isEditedByAuthor": True}
    assert element["lastModifiedAt"] - element["createdAt"] == 60_000
    assert (post["caption"], post["editedAt"] > post["createdAt"]) == ("Hello (again) #bakery ", True)
    assert post["params"]["commentary"] == "Hello \\(again\\) #bakery (cut"


async def test_edits_that_are_refused(sandbox: RunningSandbox) -> None:
    """Only the commentary of a live post of one's own can change, by the method that the header names."""
    client, me = await member(sandbox)
    urn = await client.posted(me, "Mine")
    for fields, status in (
        ({}, 422),
        ({"commentary": ""}, 400),
        ({"commentary": "x" * 3001}, 400),
        ({"commentary": 5}, 422),
        ({"commentary": "No", "visibility": "CONNECTIONS"}, 422),
    ):
        assert (await client.update(urn, **fields)).status_code == status, fields
    place = f"rest/posts/{quote(urn, safe='')}"
    body = {"patch": {"$set": {"commentary": "No"}}}
    assert (await client.call("POST", place, body)).status_code == 400
    assert (await client.call("POST", place, {}, X_RestLi_Method="PARTIAL_UPDATE")).status_code == 422
    other, _ = await member(sandbox, "jonas")
    assert (await other.update(urn, commentary="No")).status_code == 403
    await sandbox.account("linkedin", "mira", grantedScopes=["openid", "profile"])
    assert (await client.update(urn, commentary="No")).status_code == 403
    assert (await client.delete(urn)).status_code == 403
    assert (await client.delete("urn:li:share:7000")).status_code == 403
    await sandbox.account("linkedin", "mira", grantedScopes=None)
    assert [post["caption"] for post in await sandbox.items("posts")] == ["Mine"]
    for known in (urn, urn, "urn:li:share:7000"):
        assert (await client.delete(known)).status_code == 204, "it never says whether there was such a post"
    assert (await client.update(urn, commentary="No")).status_code == 404
    [deleted] = await sandbox.items("posts?deleted=true")
    assert (deleted["externalId"], deleted["editedAt"], bool(deleted["deletedAt"])) == (urn, None, True)


async def test_ghosts_of_deleted_posts(sandbox: RunningSandbox) -> None:
    """A deleted post can be posted again; in ghost mode it is a duplicate of a post that answers 404."""
    client, brand = await page(sandbox)
    first = await client.posted(brand, "Gone")
    assert (await client.delete(first)).status_code == 204
    second = await client.posted(brand, "Gone")
    await sandbox.control("POST", "linkedin", {"ghostDuplicates": True})
    assert (await client.post(brand, "Gone")).json()["message"].endswith(second)
    assert (await client.delete(second)).status_code == 204
    ghost = (await client.post(brand, "Gone")).json()["message"].rpartition(" ")[2]
    assert ghost not in {first, second}
    assert (await client.read(ghost)).status_code == 404


async def test_a_pages_posts_are_found(sandbox: RunningSandbox) -> None:
    """The finder lists an author's posts, newest first, a moment after they are live; the media says them apart."""
    client, brand = await page(sandbox)
    image = await client.upload(brand, picture())
    first = await client.posted(brand, "One", {"media": {"id": image}})
    assert (await client.of_author(brand)).json()["elements"] == []
    await sandbox.advance(2)
    second = await client.posted(brand, "Two")
    await sandbox.advance(2)
    listed = (await client.of_author(brand)).json()
    assert [element["id"] for element in listed["elements"]] == [second, first]
    assert listed["elements"][1]["content"]["media"]["id"] == image
    assert listed["paging"] == {"start": 0, "count": 10, "links": []}
    element = (await client.read(first)).json()
    assert element == listed["elements"][1]
    assert (element["author"], element["lifecycleState"], element["commentary"]) == (brand, "PUBLISHED", "One")
    one = await client.call("GET", f"rest/posts?q=author&author={quote(brand, safe='')}&start=1&count=1")
    assert [element["id"] for element in one.json()["elements"]] == [first]
    assert (await client.delete(first)).status_code == 204
    assert (await client.delete(first)).status_code == 204
    assert (await client.read(first)).status_code == 404
    assert len((await client.of_author(brand)).json()["elements"]) == 1
    answer = await sandbox.control("POST", f"posts/{quote(second, safe='')}/remove")
    assert answer.status_code == 200, answer.text
    assert (await client.of_author(brand)).json()["elements"] == []


async def test_comments(sandbox: RunningSandbox) -> None:
    """A comment is plain text, answers with its id in header and body, and appears under the post."""
    client, brand = await page(sandbox)
    urn = await client.posted(brand, "Post")
    answer = await client.comment(urn, brand, "Read (all) of_it")
    body = answer.json()
    assert answer.status_code == 201
    assert answer.headers["x-restli-id"] == body["id"]
    assert body["message"]["text"] == "Read (all) of_it"
    assert body["commentUrn"].startswith("urn:li:comment:(urn:li:activity:")
    [listed] = (await client.comments(urn)).json()["elements"]
    assert (listed["id"], listed["actor"]) == (body["id"], brand)
    [post] = await sandbox.items("posts?platform=linkedin")
    assert post["comments"] == ["Read (all) of_it"]
    assert (await client.comment(urn, brand, " ")).status_code == 400
    assert (await client.comment(urn, brand, "x", object="urn:li:share:1")).status_code == 400
    assert (await client.comment("urn:li:share:1", brand, "x", object="urn:li:share:1")).status_code == 404
    assert (await client.comment(urn, brand, "Second", object=body["object"])).status_code == 201


async def test_what_a_member_can_not_read(sandbox: RunningSandbox, reel: bytes) -> None:
    """A member reads how far a video is, but no image, document, post, finder or comment; and can't comment either."""
    client, me = await member(sandbox)
    image = await client.upload(me, picture())
    video = await client.upload_video(me, reel)
    document = await client.upload(me, PDF, "document")
    urn = await client.posted(me, "Mine")
    assert (await client.status(video)).json()["status"] == "AVAILABLE"
    refused = {
        "partnerApiImages.GET": await client.status(image),
        "partnerApiDocuments.GET": await client.status(document),
        "partnerApiPostsExternal.GET": await client.read(urn),
        "partnerApiPostsExternal.FINDER-author": await client.of_author(me),
        "partnerApiSocialActions.GET_ALL": await client.comments(urn),
        "partnerApiSocialActions.CREATE": await client.comment(urn, me, "First"),
    }
    for resource, answer in refused.items():
        assert answer.status_code == 403, resource
        message = f"Not enough permissions to access: {resource}.20261101"
        expected = {"status": 403, "serviceErrorCode": 100, "code": "ACCESS_DENIED", "message": message}
        assert answer.json() == expected
    assert (await client.delete(urn)).status_code == 204


async def test_a_member_with_the_permission_comments(sandbox: RunningSandbox) -> None:
    """w_member_social_feed allows a comment; it still can't be read back."""
    client, me = await member(sandbox, scope=f"{MEMBER_SCOPES} w_member_social_feed")
    urn = await client.posted(me, "Mine")
    assert (await client.comment(urn, me, "First")).status_code == 201
    assert (await client.comments(urn)).status_code == 403


async def test_posting_for_others_is_refused(sandbox: RunningSandbox) -> None:
    """Authors, owners and actors are the person and the pages of the login, in a role that may post."""
    client, me = await member(sandbox)
    other, brand = await page(sandbox)
    stranger, them = await member(sandbox, "jonas")
    assert (await client.post(them, "x")).status_code == 403
    assert (await client.post(brand, "x")).status_code == 403
    assert (await other.post(me, "x")).status_code == 403
    body = {"initializeUploadRequest": {"owner": them}}
    for kind in ("images", "documents"):
        assert (await client.call("POST", f"rest/{kind}?action=initializeUpload", body)).status_code == 403
    image = await stranger.upload(them, picture())
    assert (await client.post(me, "x", {"media": {"id": image}})).status_code == 400
    urn = await stranger.posted(them, "Theirs")
    assert (await client.delete(urn)).status_code == 403
    await sandbox.account("linkedin", "brand", pageRole="ANALYST")
    assert (await other.post(brand, "x")).status_code == 403
    acls = await other.call("GET", "rest/organizationAcls?q=roleAssignee&role=ADMINISTRATOR")
    assert acls.json()["elements"] == []
    await sandbox.account("linkedin", "brand", pageRole="CONTENT_ADMINISTRATOR")
    await other.posted(brand, "x")


async def test_restart_between_upload_and_post(sandboxes: Sandboxes, tmp_path: Path, reel: bytes) -> None:
    """State survives a restart: a video that was being looked at becomes available."""
    file = tmp_path / "state.sqlite3"
    before = await sandboxes.start(file)
    client, me = await member(before)
    value, ids = await client.upload_parts(me, reel)
    assert (await client.finalize(value["video"], ids, value["uploadToken"])).status_code == 200
    await sandboxes.stop(before)
    after = LinkedIn(await sandboxes.start(file), client.token)
    await after.status(value["video"])
    await after.sandbox.advance(3)
    assert (await after.status(value["video"])).json()["status"] == "AVAILABLE"
    await after.posted(me, "After", {"media": {"id": value["video"]}})


async def test_secrets_stay_out_of_the_journal(sandbox: RunningSandbox, reel: bytes) -> None:
    """Tokens, codes, secrets and what makes an upload URL work are redacted; codes of errors are not."""
    client, me = await member(sandbox)
    data = reel + bytes(5_000_000 - len(reel))
    value, ids = await client.upload_parts(me, data)
    await client.finalize(value["video"], ids, value["uploadToken"])
    await client.read("urn:li:share:1")
    rows = await sandbox.calls(platform="linkedin")
    text = json.dumps(rows)
    secret = value["uploadInstructions"][0]["uploadUrl"].rpartition("ut=")[2]
    for hidden in (client.token, value["uploadToken"], secret):
        assert hidden not in text
    assert rows[-1]["response"]["code"] == "ACCESS_DENIED"
    assert {row["host"] for row in rows} == {"api.linkedin.com", "www.linkedin.com"}
