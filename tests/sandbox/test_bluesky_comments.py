"""Replies on Bluesky: threads as trees, what a threadgate hides, likes as records, and notifications."""

import httpx2
import pytest
from tests.sandbox.bluesky_client import CREATED_AT, POST, RKEYS, Session, post_record, sign_in
from tests.sandbox.running_sandbox import JSON, RunningSandbox

REPO = "com.atproto.repo"
GATE = "app.bsky.feed.threadgate"
LIKE = "app.bsky.feed.like"
LAG = 2.0


async def live_post(session: Session) -> JSON:
    """Put a post and return its uri and cid."""
    made = (await session.put(RKEYS[0], post_record())).json()
    return {"uri": made["uri"], "cid": made["cid"]}


async def thread(session: Session, uri: str, **params: str) -> JSON:
    """Return the thread of a post, once the AppView knows it."""
    await session.sandbox.advance(LAG)
    answer = await session.get("app.bsky.feed.getPostThread", uri=uri, **params)
    assert answer.status_code == 200, answer.text
    found: JSON = answer.json()["thread"]
    return found


def texts(node: JSON) -> list[object]:
    """Return the texts below a post: each with a list of those below it."""
    return [(reply["post"]["record"]["text"], texts(reply)) for reply in node.get("replies", [])]


async def reply(session: Session, rkey: str, root: JSON, parent: JSON, text: str = "Yes, from 8.") -> httpx2.Response:
    """Answer a post with a record whose key the caller chose."""
    return await session.put(rkey, post_record(text, reply={"root": root, "parent": parent}))


async def test_a_thread_is_a_tree(sandbox: RunningSandbox) -> None:
    """Others comment, the author answers; the thread shows it to the depth that is asked for, and the way up to the root."""
    session = await sign_in(sandbox)
    root = await live_post(session)
    asked = await sandbox.comment("bluesky", root["uri"], author="Anna Berg")
    assert (asked["author"], asked["own"], asked["parentId"]) == ("Anna.Berg", False, None)
    await sandbox.comment("bluesky", root["uri"], "Me too", author="ben", parentId=asked["id"])
    assert (await session.get("app.bsky.feed.getPostThread", uri=asked["id"])).json()["error"] == "NotFound"
    node = await thread(session, root["uri"])
    assert node["$type"] == "app.bsky.feed.defs#threadViewPost"
    assert texts(node) == [("Open on Sunday?", [("Me too", [])])]
    [first] = node["replies"]
    parent = {"uri": first["post"]["uri"], "cid": first["post"]["cid"]}
    assert (await reply(session, RKEYS[1], root, parent)).status_code == 200
    node = await thread(session, root["uri"])
    assert texts(node) == [("Open on Sunday?", [("Me too", []), ("Yes, from 8.", [])])]
    assert [node["post"]["replyCount"], node["replies"][0]["post"]["replyCount"]] == [1, 2]
    assert texts(await thread(session, root["uri"], depth="1")) == [("Open on Sunday?", [])]
    assert "replies" not in await thread(session, root["uri"], depth="0")
    up = await thread(session, f"at://{session.did}/{POST}/{RKEYS[1]}")
    assert up["parent"]["post"]["uri"] == asked["id"]
    assert up["parent"]["parent"]["post"]["uri"] == root["uri"]
    assert "parent" not in await thread(session, asked["id"], parentHeight="0")
    assert [(one["own"], one["parentId"]) for one in await sandbox.items("comments?platform=bluesky")] == [
        (False, None),
        (False, asked["id"]),
        (True, asked["id"]),
    ]
    # A second record with the same key overwrites: there is one reply, whatever was repeated.
    assert (await reply(session, RKEYS[1], root, parent)).status_code == 200
    assert len(await sandbox.items("comments?platform=bluesky")) == 3


async def test_what_is_not_there(sandbox: RunningSandbox) -> None:
    """A root that is gone is NotFound, a parent that is gone notFoundPost; wrong parameters are refused."""
    session = await sign_in(sandbox)
    root = await live_post(session)
    asked = await sandbox.comment("bluesky", root["uri"])
    await sandbox.comment("bluesky", root["uri"], "Me too", parentId=asked["id"])
    assert (await sandbox.control("DELETE", f"comments?platform=bluesky&id={asked['id']}")).status_code == 200
    assert texts(await thread(session, root["uri"])) == []
    # A record may name a parent that is gone.
    gone_parent = {"uri": asked["id"], "cid": root["cid"]}
    assert (await reply(session, RKEYS[1], root, gone_parent)).status_code == 200
    assert (await sandbox.items("comments"))[2]["parentId"] == asked["id"]
    left = (await sandbox.items("comments"))[1]
    assert [one["deleted"] for one in await sandbox.items("comments")] == [True, False, False]
    gone = (await thread(session, left["id"]))["parent"]
    assert gone == {"$type": "app.bsky.feed.defs#notFoundPost", "uri": asked["id"], "notFound": True}
    await session.post(f"{REPO}.deleteRecord", {"repo": session.did, "collection": POST, "rkey": RKEYS[0]})
    await sandbox.advance(LAG)
    answer = await session.get("app.bsky.feed.getPostThread", uri=root["uri"])
    assert (answer.status_code, answer.json()["error"]) == (400, "NotFound")
    for params in ({"uri": "x"}, {}, {"uri": root["uri"], "depth": "1001"}, {"uri": root["uri"], "parentHeight": "-1"}):
        refused = await session.get("app.bsky.feed.getPostThread", **params)
        assert (refused.status_code, refused.json()["error"]) == (400, "InvalidRequest"), params


async def test_a_threadgate_hides_replies(sandbox: RunningSandbox) -> None:
    """The author's gate hides and shows again; the view carries it, and a gate of another account has no effect."""
    session, other = await sign_in(sandbox), await sign_in(sandbox, "other.bsky.social")
    root = await live_post(session)
    asked = await sandbox.comment("bluesky", root["uri"])
    gate = {"$type": GATE, "post": root["uri"], "createdAt": CREATED_AT, "hiddenReplies": [asked["id"]]}
    await other.put(RKEYS[0], gate, collection=GATE)
    assert [one["hidden"] for one in await sandbox.items("comments")] == [False]
    made = await session.put(RKEYS[0], gate, collection=GATE, swapRecord=None)
    assert made.status_code == 200, made.text
    assert [one["hidden"] for one in await sandbox.items("comments")] == [True]
    node = await thread(session, root["uri"])
    assert node["post"]["threadgate"]["record"]["hiddenReplies"] == [asked["id"]]
    assert texts(node) == [("Open on Sunday?", [])]
    stale = await session.put(RKEYS[0], gate | {"hiddenReplies": []}, collection=GATE, swapRecord=None)
    assert stale.json()["error"] == "InvalidSwap"
    await session.put(RKEYS[0], gate | {"hiddenReplies": []}, collection=GATE, swapRecord=made.json()["cid"])
    assert [one["hidden"] for one in await sandbox.items("comments")] == [False]


async def test_likes_are_records(sandbox: RunningSandbox) -> None:
    """A like counts once for an account however many records it has, and the viewer sees its own."""
    session = await sign_in(sandbox)
    root = await live_post(session)
    asked = await sandbox.comment("bluesky", root["uri"])
    cid = (await thread(session, asked["id"]))["post"]["cid"]
    like = {"$type": LIKE, "subject": {"uri": asked["id"], "cid": cid}, "createdAt": CREATED_AT}
    for rkey in RKEYS[:2]:
        assert (await session.put(rkey, like, collection=LIKE)).status_code == 200
    [post] = [one["post"] for one in (await thread(session, root["uri"]))["replies"]]
    assert (post["likeCount"], post["viewer"]["like"]) == (1, f"at://{session.did}/{LIKE}/{RKEYS[1]}")
    assert [(one["liked"], one["likes"]) for one in await sandbox.items("comments")] == [(True, 1)]
    for rkey, liked in zip(RKEYS[:2], (True, False), strict=True):
        await session.post(f"{REPO}.deleteRecord", {"repo": session.did, "collection": LIKE, "rkey": rkey})
        assert [one["liked"] for one in await sandbox.items("comments")] == [liked]
    bad = await session.put(RKEYS[2], like | {"subject": {"uri": asked["id"]}}, collection=LIKE)
    assert (bad.status_code, bad.json()["error"]) == (400, "InvalidRequest")


async def test_notifications(sandbox: RunningSandbox) -> None:
    """Replies of others to the caller's posts, newest first, in pages; the reasons choose, and a login is needed."""
    session = await sign_in(sandbox)
    root = await live_post(session)
    for text in ("one", "two", "three"):
        await sandbox.comment("bluesky", root["uri"], text)
    await reply(session, RKEYS[1], root, root)
    method = "app.bsky.notification.listNotifications"
    assert (await session.get(method)).json()["notifications"] == []  # the AppView is late
    await sandbox.advance(LAG)
    page = (await session.get(method, limit="2", reasons="reply")).json()
    shown = [(one["record"]["text"], one["reason"], one["reasonSubject"]) for one in page["notifications"]]
    assert shown == [("three", "reply", root["uri"]), ("two", "reply", root["uri"])]
    rest = (await session.get(method, limit="2", cursor=page["cursor"])).json()
    assert [one["record"]["text"] for one in rest["notifications"]] == ["one"]
    assert "cursor" not in rest
    assert (await session.get(method, reasons="like")).json()["notifications"] == []
    await sandbox.account("bluesky", "brand.bsky.social", emptyCommentPage=True)
    empty = (await session.get(method)).json()
    assert empty["notifications"] == []
    assert len((await session.get(method, cursor=empty["cursor"])).json()["notifications"]) == 3
    public = await sandbox.http.get(f"/sandbox/public.api.bsky.app/xrpc/{method}")
    assert (public.status_code, public.json()["error"]) == (401, "AuthMissing")
    for params in ({"limit": "101"}, {"cursor": "x"}):
        assert (await session.get(method, **params)).json()["error"] == "InvalidRequest", params


async def test_a_lost_answer_leaves_one_reply(sandbox: RunningSandbox) -> None:
    """The key of a reply was chosen before: getRecord reports it at once, and the repeat is a no-op."""
    session = await sign_in(sandbox)
    root = await live_post(session)
    await sandbox.fault("bluesky", "put_record", "drop_after_effect")
    with pytest.raises(httpx2.HTTPError):
        await reply(session, RKEYS[1], root, root)
    assert (await session.record(RKEYS[1])).status_code == 200
    await reply(session, RKEYS[1], root, root)
    assert [one["text"] for one in await sandbox.items("comments")] == ["Yes, from 8."]
