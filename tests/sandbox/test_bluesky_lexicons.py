"""What Bluesky's account server accepts in a record, and the words of its refusals."""

import pytest
from tests.every_row import every_row
from tests.sandbox.bluesky_client import CREATED_AT, POST, RKEYS, Session, post_record, sign_in
from tests.sandbox.running_sandbox import JSON, RunningSandbox, picture

LINK = "app.bsky.richtext.facet#link"
TAG = "app.bsky.richtext.facet#tag"
FAMILY = "👨‍👩‍👧‍👦"  # one grapheme of 25 bytes
RATIO = {"width": 4, "height": 5}


def facet(start: int, end: int, **feature: object) -> JSON:
    """Return a facet; by default of a tag."""
    return {"index": {"byteStart": start, "byteEnd": end}, "features": [feature or {"$type": TAG, "tag": "food"}]}


def blob(kind: str = "image/jpeg", size: int = 1000) -> JSON:
    """Return a reference to a blob that does not exist: lexicons are checked before."""
    link = "bafkreicvgtthd33vm4lztluqkcxgzv5kl2usprtvsze3ren67k7p6ueisa"
    return {"$type": "blob", "ref": {"$link": link}, "mimeType": kind, "size": size}


def images(*items: JSON) -> JSON:
    """Return an embed of pictures."""
    return {"embed": {"$type": "app.bsky.embed.images", "images": list(items)}}


def gallery(*items: JSON) -> JSON:
    """Return an embed of a gallery."""
    return {"embed": {"$type": "app.bsky.embed.gallery", "items": list(items)}}


def video(**fields: object) -> JSON:
    """Return an embed of a video."""
    return {"embed": {"$type": "app.bsky.embed.video", "video": blob("video/mp4"), **fields}}


def link_card(**fields: object) -> JSON:
    """Return an embed of a link card."""
    card = {"uri": "https://a.b", "title": "", "description": ""} | fields
    return {"embed": {"$type": "app.bsky.embed.external", "external": card}}


def picture_item(**fields: object) -> JSON:
    """Return an item of a gallery."""
    return {"$type": "app.bsky.embed.gallery#image", "image": blob(), "alt": "", "aspectRatio": RATIO} | fields


def nested(levels: int) -> JSON:
    """Return objects in objects."""
    made: JSON = {}
    for _ in range(levels):
        made = {"in": made}
    return made


REFUSED: list[tuple[JSON, str]] = [
    ({"text": "x" * 301}, "Record/text must not be longer than 300 graphemes"),
    ({"text": FAMILY * 121}, "Record/text must not be longer than 3000 characters"),
    ({"text": 1}, "Record/text must be a string"),
    ({"createdAt": "2026-11-26"}, "Record/createdAt must be an valid atproto datetime (both RFC-3339 and ISO-8601)"),
    ({"createdAt": "2026-13-26T09:00:00Z"}, "Record/createdAt must be an valid atproto datetime"),
    ({"createdAt": "2026-11-26T09:00:00"}, "Record/createdAt must be an valid atproto datetime"),
    ({"langs": ["en", "de", "fr", "it"]}, "Record/langs must not have more than 3 elements"),
    ({"langs": ["English"]}, "Record/langs/0 must be a well-formed BCP 47 language tag"),
    ({"tags": ["x"] * 9}, "Record/tags must not have more than 8 elements"),
    ({"tags": ["x" * 65]}, "Record/tags/0 must not be longer than 64 graphemes"),
    ({"facets": [facet(0, 99)]}, "Record/facets/0/index must be inside the text, which has 13 bytes of UTF-8"),
    ({"facets": [facet(3, 3)]}, "Record/facets/0/index must be inside the text"),
    ({"facets": [facet(2, 5)]}, "Record/facets/0/index must not cut a character"),
    ({"facets": [facet(-1, 3)]}, "Record/facets/0/index/byteStart can not be less than 0"),
    ({"facets": [facet(0, 1, tag="food")]}, 'must be an object which includes the "$type" property'),
    ({"facets": [facet(0, 1, **{"$type": TAG, "tag": "x" * 65})]}, "tag must not be longer than 64 graphemes"),
    ({"facets": [facet(0, 1, **{"$type": LINK, "uri": "example"})]}, "uri must be a uri"),
    ({"facets": [{"features": []}]}, 'Record/facets/0 must have the property "index"'),
    ({"reply": {"root": {"uri": "x", "cid": "y"}}}, 'Record/reply must have the property "parent"'),
    ({"labels": {"values": []}}, 'Record/labels must be an object which includes the "$type" property'),
    ({"embed": {}}, 'Record/embed must be an object which includes the "$type" property'),
    (images({"image": blob()}), 'Record/embed/images/0 must have the property "alt"'),
    (images(*[{"image": blob(), "alt": ""}] * 5), "Record/embed/images must not have more than 4 elements"),
    (images({"image": "x", "alt": ""}), "Record/embed/images/0/image should be a blob ref"),
    (images({"image": blob(size=2_000_001), "alt": ""}), "must not be larger than 2000000 bytes, but has 2000001"),
    (images({"image": blob("video/mp4"), "alt": ""}), "has the media type video/mp4, which must match image/*"),
    (images({"image": blob(), "alt": "", "aspectRatio": {"width": 0, "height": 1}}), "width can not be less than 1"),
    (gallery(*[picture_item()] * 21), "Record/embed/items must not have more than 20 elements"),
    (gallery({"$type": "app.bsky.embed.gallery#image", "image": blob(), "alt": ""}), 'the property "aspectRatio"'),
    (gallery({"image": blob(), "alt": "", "aspectRatio": RATIO}), '"$type" property'),
    (video(alt="x" * 1001), "Record/embed/alt must not be longer than 1000 graphemes"),
    (video(video=blob("video/quicktime")), "which must match video/mp4"),
    (video(video=blob("video/mp4", 300_000_001)), "must not be larger than 300000000 bytes"),
    ({"embed": {"$type": "app.bsky.embed.external", "external": {"uri": "https://a.b"}}}, 'the property "title"'),
    ({"embed": {"$type": "app.bsky.embed.external"}}, 'Record/embed must have the property "external"'),
    (link_card(uri="a.b"), "Record/embed/external/uri must be a uri"),
    (link_card(title=None), "Record/embed/external/title must be a string"),
    (link_card(thumb=blob(size=1_000_001)), "must not be larger than 1000000 bytes, but has 1000001"),
    (link_card(thumb=blob("video/mp4")), "has the media type video/mp4, which must match image/*"),
    (link_card(associatedRefs=[{"uri": "x"}]), 'Record/embed/external/associatedRefs/0 must have the property "cid"'),
    ({"count": 1.5}, "Record has a number that is not an integer of 53 bits"),
    ({"count": 2**53}, "Record has a number that is not an integer of 53 bits"),
    ({"link": {"$link": "bafy"}}, "Could not parse CID: bafy"),
    ({"bytes": {"$bytes": "?"}}, "Record has $bytes that are not base64"),
    ({"deep": nested(101)}, "Record is nested more than 100 levels deep"),
]


@pytest.fixture
async def session(sandbox: RunningSandbox) -> Session:
    """A session."""
    return await sign_in(sandbox)


async def test_records_that_are_refused(sandbox: RunningSandbox, session: Session) -> None:
    """Each field's rule has its own message, behind the name of the collection; nothing is posted."""
    for fields, message in REFUSED:
        answer = await session.put(RKEYS[0], post_record("Grüße #food") | fields)
        body = answer.json()
        assert (answer.status_code, body["error"]) == (400, "InvalidRequest"), fields
        assert body["message"].startswith(f"Invalid {POST} record: "), fields
        assert message in body["message"], body["message"]
    for name in ("text", "createdAt"):
        record = {key: value for key, value in post_record().items() if key != name}
        assert (
            (await session.put(RKEYS[0], record)).json()["message"].endswith(f'Record must have the property "{name}"')
        )
    assert await sandbox.items("posts") == []


async def test_lengths_count_graphemes_and_bytes(sandbox: RunningSandbox, session: Session) -> None:
    """300 graphemes are fine whatever they are made of, up to 3000 bytes."""
    for rkey, text in zip(RKEYS, ("ä" * 300, FAMILY * 120, "e\u0301" * 300, ""), strict=False):
        answer = await session.put(rkey, post_record(text))
        assert answer.status_code == 200, answer.text
    assert len(await sandbox.items("posts")) == 4


async def test_facets_between_characters(sandbox: RunningSandbox, session: Session) -> None:
    """Facets count bytes of UTF-8, and may reach the end; features that the server does not know are stored."""
    link, unknown = {"$type": LINK, "uri": "https://a.b"}, {"$type": "com.example.bold"}
    facets = [facet(8, 13), facet(0, 7, **unknown), facet(2, 4, **link)]
    answer = await session.put(RKEYS[0], post_record("Grüße #food", facets=facets))
    assert answer.status_code == 200, answer.text
    by_characters = await session.put(RKEYS[1], post_record("Grüße #food", facets=[facet(6, 11), facet(3, 5)]))
    assert by_characters.status_code == 400


async def test_keys_of_posts_are_tids(session: Session) -> None:
    """A post's key has 13 characters of the sortable alphabet, the first of them a small one."""
    rows: list[str] = [
        "self",
        "3m6aaaaaaaa2",
        "3m6aaaaaaaa2aa",
        "3m6aaaaaaaa2!",
        "zm6aaaaaaaa2a",
        "3M6AAAAAAAA2A",
        "..",
    ]
    with every_row() as row:
        for rkey in rows:
            with row(rkey):
                answer = await session.put(rkey, post_record())
                assert (answer.status_code, answer.json()["error"]) == (400, "InvalidRequest")


async def test_types_must_match(session: Session) -> None:
    """A record without $type gets that of its collection; another type is refused."""
    record = {"text": "Hello", "createdAt": CREATED_AT}
    assert (await session.put(RKEYS[0], record)).status_code == 200
    assert (await session.record(RKEYS[0])).json()["value"]["$type"] == POST
    wrong = await session.put(RKEYS[1], {**record, "$type": "app.bsky.feed.like"})
    assert wrong.json()["message"] == f"Invalid $type: expected {POST}, got app.bsky.feed.like"


async def test_gates(session: Session) -> None:
    """Gates have the key of their post; their rules are checked."""
    uri = f"at://{session.did}/{POST}/{RKEYS[0]}"
    for collection, rules, name in (
        ("app.bsky.feed.threadgate", "allow", "mentionRule"),
        ("app.bsky.feed.postgate", "embeddingRules", "disableRule"),
    ):
        rule = {"$type": f"{collection}#{name}"}
        gate: JSON = {"$type": collection, "post": uri, "createdAt": CREATED_AT, rules: [rule]}
        assert (await session.put(RKEYS[0], gate, collection=collection)).json()["validationStatus"] == "valid"
        assert (await session.put("self", gate, collection=collection)).status_code == 400
        many = await session.put(RKEYS[1], gate | {rules: [rule] * 6}, collection=collection)
        assert f"Record/{rules} must not have more than 5 elements" in many.json()["message"]
        without = {name: value for name, value in gate.items() if name != "post"}
        assert (await session.put(RKEYS[1], without, collection=collection)).status_code == 400


async def test_everything_that_a_post_can_have(sandbox: RunningSandbox, session: Session) -> None:
    """A gallery with a quote, labels, tags, languages and facets of each kind is accepted, and kept as it was sent."""
    item = picture_item(image=await session.blob(picture()), alt="A cup")
    quoted = (await session.put(RKEYS[1], post_record())).json()
    record = post_record(
        "Grüße! #food",
        facets=[facet(9, 14), facet(0, 7, **{"$type": "app.bsky.richtext.facet#mention", "did": session.did})],
        langs=["de", "pt-BR"],
        tags=["coffee"],
        labels={"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "nudity"}]},
        embed={
            "$type": "app.bsky.embed.recordWithMedia",
            "record": {"record": {"uri": quoted["uri"], "cid": quoted["cid"]}},
            "media": gallery(item)["embed"],
        },
    )
    answer = await session.put(RKEYS[0], record, validate=True)
    assert answer.status_code == 200, answer.text
    assert (await sandbox.items("posts"))[-1]["params"] == record
