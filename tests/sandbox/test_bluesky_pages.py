"""Bluesky on the sandbox's pages: feeds, posts, gates, the authorize page."""

import pytest
from tests.sandbox.bluesky_client import (
    CREATED_AT,
    POST,
    RKEYS,
    SOCIAL,
    Session,
    development_app,
    post_record,
    sign_in,
)
from tests.sandbox.running_sandbox import JSON, RunningSandbox, picture

GATES = [
    ("app.bsky.feed.threadgate", "allow", [], '<span class="pill">Replies off</span>'),
    (
        "app.bsky.feed.threadgate",
        "allow",
        ["app.bsky.feed.threadgate#mentionRule", "app.bsky.feed.threadgate#followerRule"],
        '<span class="pill">Replies: mentioned people, followers</span>',
    ),
    (
        "app.bsky.feed.postgate",
        "embeddingRules",
        ["app.bsky.feed.postgate#disableRule"],
        '<span class="pill">Quotes off</span>',
    ),
]


async def post_page(sandbox: RunningSandbox) -> str:
    """Return the page of the only post, at its permalink."""
    [post] = await sandbox.items("posts?platform=bluesky")
    page = await sandbox.http.get("/sandbox/" + post["url"].removeprefix("https://"))
    assert page.status_code == 200
    return page.text


async def gallery_of(session: Session, *alts: str) -> JSON:
    """Return an embed of a gallery."""
    items = [
        {
            "$type": "app.bsky.embed.gallery#image",
            "image": await session.blob(picture(60, 60, hue=number * 50)),
            "alt": alt,
            "aspectRatio": {"width": 1, "height": 1},
        }
        for number, alt in enumerate(alts)
    ]
    return {"$type": "app.bsky.embed.gallery", "items": items}


async def test_a_post_has_a_page_at_its_permalink(sandbox: RunningSandbox) -> None:
    """The page shows what was sent: pictures with their texts, labels, languages, tags, and links."""
    session = await sign_in(sandbox)
    record = post_record(
        "Hello #food",
        facets=[
            {
                "index": {"byteStart": 6, "byteEnd": 11},
                "features": [{"$type": "app.bsky.richtext.facet#tag", "tag": "food"}],
            }
        ],
        langs=["en", "de"],
        tags=["coffee"],
        labels={"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "graphic-media"}]},
        embed=await gallery_of(session, "A cup", "Two cups", "", "", "Five"),
    )
    assert (await session.put(RKEYS[0], record)).status_code == 200
    text = await post_page(sandbox)
    for words in (
        "@brand.bsky.social",
        "5 items",
        "Alt text: A cup",
        "Graphic media",
        "<dt>Languages</dt><dd>en, de</dd>",
        "<dt>Tags</dt><dd>coffee</dd>",
        "<dt>Links</dt><dd>#food</dd>",
        f"at://{session.did}/{POST}/{RKEYS[0]}",
        f"https://bsky.app/profile/brand.bsky.social/post/{RKEYS[0]}",
    ):
        assert words in text, words
    by_did = await sandbox.http.get(f"/sandbox/bsky.app/profile/{session.did}/post/{RKEYS[0]}")
    assert by_did.text == text
    for path in (f"brand.bsky.social/post/{RKEYS[1]}", f"none.bsky.social/post/{RKEYS[0]}"):
        assert (await sandbox.http.get(f"/sandbox/bsky.app/profile/{path}")).status_code == 404


@pytest.mark.parametrize(("collection", "rules", "kinds", "words"), GATES)
async def test_gates_are_shown(
    sandbox: RunningSandbox, collection: str, rules: str, kinds: list[str], words: str
) -> None:
    """A gate with the post's key says who can reply and quote, whether it was written before or after the post."""
    session = await sign_in(sandbox)
    gate = {
        "$type": collection,
        "post": f"at://{session.did}/{POST}/{RKEYS[0]}",
        "createdAt": CREATED_AT,
        rules: [{"$type": kind} for kind in kinds],
    }
    assert (await session.put(RKEYS[0], gate, collection=collection)).status_code == 200
    await session.put(RKEYS[0], post_record())
    assert words in await post_page(sandbox)
    other = f"at://{session.did}/{POST}/{RKEYS[1]}"
    assert (await session.put(RKEYS[0], gate | {"post": other}, collection=collection)).status_code == 200
    assert words not in await post_page(sandbox)


async def test_text_and_links_have_their_kinds(sandbox: RunningSandbox) -> None:
    """Text is of the kind text, a card of the kind link, without media; the card shows its picture, whose blob must be there."""
    session = await sign_in(sandbox)
    card: JSON = {"uri": "https://example.com/a", "title": "A page", "description": "Bread"}
    embed: JSON = {"$type": "app.bsky.embed.external", "external": card}
    for fields, kind in (({}, "text"), ({"embed": embed}, "link")):
        assert (await session.put(RKEYS[0], post_record("", **fields))).status_code == 200
        [post] = await sandbox.items("posts?platform=bluesky")
        assert (post["kind"], post["media"], post["params"]) == (kind, [], post_record("", **fields))
    assert "<b>A page</b><p>Bread</p><small>https://example.com/a</small>" in await post_page(sandbox)
    card["thumb"] = await session.blob(picture())
    assert (await session.put(RKEYS[0], post_record(embed=embed))).status_code == 200
    shown = await post_page(sandbox)
    assert '<div class="link"><img' in shown
    assert (await sandbox.items("posts?platform=bluesky"))[0]["media"] == []
    card["thumb"] = {**card["thumb"], "ref": {"$link": "bafkreicvgtthd33vm4lztluqkcxgzv5kl2usprtvsze3ren67k7p6ueisa"}}
    assert (await session.put(RKEYS[0], post_record(embed=embed))).json()["error"] == "BlobNotFound"


async def test_profiles_lead_to_the_feed(sandbox: RunningSandbox) -> None:
    """A profile's address, by handle or DID, shows the feed with replies as comments."""
    await sandbox.account("bluesky", "luna")
    session = await sign_in(sandbox, "luna.bsky.social")
    made = (await session.put(RKEYS[0], post_record("Root"))).json()
    root = {"uri": made["uri"], "cid": made["cid"]}
    await session.put(RKEYS[1], post_record("First", reply={"root": root, "parent": root}))
    for actor in (session.handle, session.did):
        profile = await sandbox.http.get(f"/sandbox/bsky.app/profile/{actor}")
        assert profile.headers["location"] == "/sandbox/feed/bluesky/luna"
    feed = await sandbox.http.get("/sandbox/feed/bluesky/luna")
    assert (feed.status_code, "Root" in feed.text, "First" in feed.text) == (200, True, True)
    assert "<b>1</b> post" in feed.text


async def test_the_authorize_page_lists_accounts(sandbox: RunningSandbox) -> None:
    """The page names the app and the scopes in words; unticked ones are not granted."""
    await sandbox.account("bluesky", "brand.bsky.social", displayName="The Brand")
    app = development_app(sandbox)
    request_uri = (await app.push()).json()["request_uri"]
    ask = {"client_id": app.client_id, "request_uri": request_uri}
    page = await sandbox.http.get(f"/sandbox/{SOCIAL}/oauth/authorize", params=ask)
    for words in ("Bluesky", "The Brand", "Know who you are", "Read and publish everything", request_uri):
        assert words in page.text, words
    chosen = {**ask, "account": "brand.bsky.social", "decision": "approve", "chosen": "1"}
    back = await sandbox.consent(f"{SOCIAL}/oauth/authorize", chosen)
    assert (await app.exchange(back["code"])).json()["scope"] == "atproto"
