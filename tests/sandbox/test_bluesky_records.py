"""Bluesky's records and blobs: writing, reading, swaps, limits."""

import hashlib
from collections.abc import Sequence

import httpx2
import libipld
import pytest
from tests.every_row import every_row
from tests.sandbox.bluesky_client import CREATED_AT, PDS, POST, RKEYS, Session, post_record, sign_in
from tests.sandbox.running_sandbox import JSON, RunningSandbox, picture

REPO = "com.atproto.repo"
THREADGATE = "app.bsky.feed.threadgate"
POSTGATE = "app.bsky.feed.postgate"
NO_CID = "bafkreicvgtthd33vm4lztluqkcxgzv5kl2usprtvsze3ren67k7p6ueisa"


def error_of(answer: httpx2.Response) -> tuple[int, str]:
    """Return status and name of an error."""
    return answer.status_code, answer.json()["error"]


def image_embed(*blobs: JSON, alt: str = "") -> JSON:
    """Return an embed of pictures."""
    return {"$type": "app.bsky.embed.images", "images": [{"alt": alt, "image": blob} for blob in blobs]}


async def create(session: Session, record: JSON, **more: object) -> httpx2.Response:
    """Create a record."""
    return await session.post(
        f"{REPO}.createRecord", {"repo": session.did, "collection": POST, "record": record, **more}
    )


async def delete(session: Session, rkey: str, **more: object) -> httpx2.Response:
    """Delete a post."""
    body = {"repo": session.did, "collection": POST, "rkey": rkey, **more}
    return await session.post(f"{REPO}.deleteRecord", body)


async def apply_writes(session: Session, *writes: JSON, **more: object) -> httpx2.Response:
    """Make several writes at once; each is (kind, fields)."""
    return await session.post(f"{REPO}.applyWrites", {"repo": session.did, "writes": list(writes), **more})


def write(kind: str, rkey: str, value: JSON | None = None, collection: str = POST) -> JSON:
    """Return one write of applyWrites."""
    made: JSON = {"$type": f"{REPO}.applyWrites#{kind}", "collection": collection, "rkey": rkey}
    return made if value is None else made | {"value": value}


async def test_a_put_is_repeatable(sandbox: RunningSandbox) -> None:
    """The same body again answers the same address and CID without a commit; there is one post."""
    session = await sign_in(sandbox)
    first, second = [(await session.put(RKEYS[0], post_record(), validate=True)).json() for _ in range(2)]
    assert first["uri"] == f"at://{session.did}/{POST}/{RKEYS[0]}"
    assert (first["validationStatus"], set(first["commit"])) == ("valid", {"cid", "rev"})
    assert second == {name: value for name, value in first.items() if name != "commit"}
    [post] = await sandbox.items("posts")
    assert (post["externalId"], post["kind"]) == (first["uri"], "text")
    assert post["url"] == f"https://bsky.app/profile/brand.bsky.social/post/{RKEYS[0]}"
    assert post["params"] == post_record()


async def test_cids_are_those_of_the_real_server(sandbox: RunningSandbox) -> None:
    """A record's CID is that of its DAG-CBOR as another library writes it, a blob's that of its raw bytes."""
    session = await sign_in(sandbox)
    data = picture()
    blob = await session.blob(data)
    digest = b"\x01\x55\x12\x20" + hashlib.sha256(data).digest()
    assert blob["ref"]["$link"] == libipld.encode_cid(digest)
    record = post_record("Ä", embed=image_embed(blob), langs=["de", "en"])
    made = (await session.put(RKEYS[0], record)).json()
    linked = post_record("Ä", embed=image_embed({**blob, "ref": digest}), langs=["de", "en"])
    encoded = hashlib.sha256(libipld.encode_dag_cbor(linked)).digest()
    assert made["cid"] == libipld.encode_cid(b"\x01\x71\x12\x20" + encoded)


async def test_another_put_overwrites(sandbox: RunningSandbox) -> None:
    """Other content replaces the record and the post: there is still one."""
    session = await sign_in(sandbox)
    first = (await session.put(RKEYS[0], post_record("One"))).json()
    second = (await session.put(RKEYS[0], post_record("Two"))).json()
    assert (first["uri"] == second["uri"], first["cid"] == second["cid"]) == (True, False)
    assert [post["caption"] for post in await sandbox.items("posts")] == ["Two"]
    assert (await session.record(RKEYS[0])).json()["value"]["text"] == "Two"


async def test_swaps(sandbox: RunningSandbox) -> None:
    """swapRecord and swapCommit refuse a write to another state, but a put of the same content passes before them."""
    session = await sign_in(sandbox)
    made = (await session.put(RKEYS[0], post_record("One"), swapRecord=None)).json()
    taken = await session.put(RKEYS[0], post_record("Two"), swapRecord=None)
    assert (error_of(taken), taken.json()["message"]) == ((400, "InvalidSwap"), f"Record was at {made['cid']}")
    assert (await session.put(RKEYS[0], post_record("One"), swapRecord=None)).status_code == 200
    missing = await session.put(RKEYS[1], post_record(), swapRecord=made["cid"])
    assert missing.json()["message"] == "Record was at null"
    stale = await session.put(RKEYS[1], post_record(), swapCommit=made["cid"])
    assert error_of(stale) == (400, "InvalidSwap")
    assert (await session.put(RKEYS[0], post_record("Two"), swapRecord=made["cid"])).status_code == 200
    assert error_of(await delete(session, RKEYS[0], swapRecord=made["cid"])) == (400, "InvalidSwap")
    assert [post["caption"] for post in await sandbox.items("posts")] == ["Two"]


async def test_a_create_on_a_taken_key_is_a_500(sandbox: RunningSandbox) -> None:
    """As on the real server, the error has no special name; the first record stays."""
    session = await sign_in(sandbox)
    made = (await create(session, post_record("One"), rkey=RKEYS[0])).json()
    again = await create(session, post_record("Two"), rkey=RKEYS[0])
    assert (error_of(again), again.json()["message"]) == ((500, "InternalServerError"), "Internal Server Error")
    assert (await session.record(RKEYS[0])).json()["cid"] == made["cid"]
    keys = [(await create(session, post_record("One"))).json()["uri"].rpartition("/")[2] for _ in range(2)]
    assert (len(set(keys)), {len(key) for key in keys}) == (2, {13})
    assert len(await sandbox.items("posts")) == 3


async def test_reading(sandbox: RunningSandbox) -> None:
    """getRecord needs no token and knows at once; lists are by key, in pages, either way round."""
    session = await sign_in(sandbox)
    missing = await session.record(RKEYS[0])
    place = f"at://{session.did}/{POST}/{RKEYS[0]}"
    assert (error_of(missing), missing.json()["message"]) == (
        (400, "RecordNotFound"),
        f"Could not locate record: {place}",
    )
    for rkey in RKEYS[:5]:
        await session.put(rkey, post_record(rkey))
    found = (await session.record(RKEYS[0])).json()
    assert (found["uri"], found["value"]["text"]) == (place, RKEYS[0])
    query = {"repo": session.did, "collection": POST, "rkey": RKEYS[0]}
    other = await session.get(f"{REPO}.getRecord", **query, cid=(await session.record(RKEYS[1])).json()["cid"])
    assert error_of(other) == (400, "RecordNotFound")
    first = (await session.get(f"{REPO}.listRecords", repo=session.handle, collection=POST, limit="3")).json()
    assert [one["value"]["text"] for one in first["records"]] == RKEYS[4:1:-1]
    rest = await session.get(f"{REPO}.listRecords", repo=session.did, collection=POST, cursor=first["cursor"])
    assert [one["value"]["text"] for one in rest.json()["records"]] == [RKEYS[1], RKEYS[0]]
    up = await session.get(f"{REPO}.listRecords", repo=session.did, collection=POST, reverse="true", limit="1")
    assert [one["value"]["text"] for one in up.json()["records"]] == [RKEYS[0]]
    for query, status in (({"limit": "0"}, 400), ({"limit": "101"}, 400), ({"repo": "none.bsky.social"}, 400)):
        ask = {"repo": session.did, "collection": POST} | query
        assert (await session.get(f"{REPO}.listRecords", **ask)).status_code == status


async def test_deleting(sandbox: RunningSandbox) -> None:
    """A deletion takes the post down, is no error the second time, and the key can be used again."""
    session = await sign_in(sandbox)
    await session.put(RKEYS[0], post_record())
    assert set((await delete(session, RKEYS[0])).json()) == {"commit"}
    assert (await delete(session, RKEYS[0])).json() == {}
    assert await sandbox.items("posts") == []
    assert error_of(await session.record(RKEYS[0])) == (400, "RecordNotFound")
    assert (await session.put(RKEYS[0], post_record("Back"))).status_code == 200
    assert [post["caption"] for post in await sandbox.items("posts")] == ["Back"]


async def test_the_person_can_delete(sandbox: RunningSandbox) -> None:
    """The control surface deletes a post as its owner does in the app: the record is gone, too."""
    session = await sign_in(sandbox)
    uri = (await session.put(RKEYS[0], post_record())).json()["uri"]
    removed = await sandbox.control("POST", f"posts/{uri}/remove")
    assert removed.json() == {"externalId": uri}
    assert error_of(await session.record(RKEYS[0])) == (400, "RecordNotFound")
    assert (await sandbox.control("POST", f"posts/{uri}/remove")).status_code == 400


async def test_a_post_is_deleted_with_its_gates(sandbox: RunningSandbox) -> None:
    """One batch deletes post and gates; a gate that is not there fails the batch. What is below the post stays."""
    session = await sign_in(sandbox)
    root = (await session.put(RKEYS[0], post_record("Root"))).json()
    ref = {"uri": root["uri"], "cid": root["cid"]}
    comment = (await session.put(RKEYS[1], post_record("First", reply={"root": ref, "parent": ref}))).json()["uri"]
    gate = {"$type": THREADGATE, "post": root["uri"], "createdAt": CREATED_AT, "allow": []}
    assert (await session.put(RKEYS[0], gate, collection=THREADGATE)).status_code == 200
    post, gates = write("delete", RKEYS[0]), write("delete", RKEYS[0], collection=THREADGATE)
    missing = await apply_writes(session, post, gates, write("delete", RKEYS[0], collection=POSTGATE))
    assert error_of(missing) == (500, "InternalServerError")
    assert [one["caption"] for one in await sandbox.items("posts")] == ["Root"]
    assert set((await apply_writes(session, post, gates)).json()) == {"commit", "results"}
    assert error_of(await session.record(RKEYS[0], THREADGATE)) == (400, "RecordNotFound")
    assert await sandbox.items("posts") == []
    [left] = await sandbox.items("posts?replies=true")
    assert (left["externalId"], left["replyTo"]) == (comment, root["uri"])
    assert (await sandbox.control("DELETE", f"posts?platform=bluesky&externalId={comment}")).status_code == 200
    deleted = await sandbox.items("posts?deleted=true&replies=true")
    assert [(one["externalId"], bool(one["deletedAt"])) for one in deleted] == [(root["uri"], True), (comment, True)]
    assert await sandbox.items("posts?replies=true") == []


async def test_several_writes_at_once(sandbox: RunningSandbox) -> None:
    """applyWrites makes all changes or none; a taken or missing key is HTTP 500."""
    session = await sign_in(sandbox)
    gate = {"$type": THREADGATE, "post": f"at://{session.did}/{POST}/{RKEYS[0]}", "createdAt": CREATED_AT, "allow": []}
    made = (
        await apply_writes(
            session,
            write("create", RKEYS[0], gate, THREADGATE),
            write("create", RKEYS[0], post_record()),
            write("create", RKEYS[1], post_record()),
            validate=True,
        )
    ).json()
    assert [result["validationStatus"] for result in made["results"]] == ["valid"] * 3
    assert made["results"][1]["uri"] == f"at://{session.did}/{POST}/{RKEYS[0]}"
    failed = await apply_writes(session, write("delete", RKEYS[1]), write("create", RKEYS[0], post_record("No")))
    assert error_of(failed) == (500, "InternalServerError")
    assert len(await sandbox.items("posts")) == 2
    assert error_of(await apply_writes(session, write("update", RKEYS[5], post_record()))) == (
        500,
        "InternalServerError",
    )
    changed = await apply_writes(session, write("update", RKEYS[0], post_record("New")), write("delete", RKEYS[1]))
    assert [result["$type"].partition("#")[2] for result in changed.json()["results"]] == [
        "updateResult",
        "deleteResult",
    ]
    assert [post["caption"] for post in await sandbox.items("posts")] == ["New"]
    assert error_of(await apply_writes(session, write("upsert", RKEYS[0]))) == (400, "InvalidRequest")
    many = [write("delete", RKEYS[0])] * 201
    assert error_of(await apply_writes(session, *many)) == (400, "InvalidRequest")


def thread_of(session: Session, texts: Sequence[str], **last: object) -> list[JSON]:
    """Return the writes of a thread, whose CIDs another library computes beforehand; `last` goes into its last part."""
    made: list[JSON] = []
    refs: list[JSON] = []
    for rkey, text in zip(RKEYS, texts, strict=False):
        record = post_record(text, **({"reply": {"root": refs[0], "parent": refs[-1]}} if refs else {}))
        record |= last if len(made) == len(texts) - 1 else {}
        digest = hashlib.sha256(libipld.encode_dag_cbor(record)).digest()
        cid = libipld.encode_cid(b"\x01\x71\x12\x20" + digest)
        refs.append({"uri": f"at://{session.did}/{POST}/{rkey}", "cid": cid})
        made.append(write("create", rkey, record))
    return made


async def test_a_thread_is_written_at_once(sandbox: RunningSandbox) -> None:
    """All parts are posts, each with the one before it; the CIDs are those that were computed beforehand."""
    session = await sign_in(sandbox)
    writes = thread_of(session, ["One", "Two", "Three"])
    made = await apply_writes(session, *writes)
    assert made.headers["ratelimit-remaining"] == "4991"
    uris = [result["uri"] for result in made.json()["results"]]
    for place, result in enumerate(made.json()["results"]):
        found = (await session.record(RKEYS[place])).json()
        assert found == {"uri": result["uri"], "cid": result["cid"], "value": writes[place]["value"]}
        if place:
            assert found["value"]["reply"]["parent"]["uri"] == uris[place - 1]
    assert writes[2]["value"]["reply"]["parent"]["cid"] == made.json()["results"][1]["cid"]
    posts = await sandbox.items("posts")
    assert [(post["externalId"], post.get("replyTo"), post["kind"]) for post in posts] == [
        (uri, before, "text") for uri, before in zip(uris, [None, *uris], strict=False)
    ]
    shown = await sandbox.http.get("/sandbox/" + posts[1]["url"].removeprefix("https://"))
    assert f"<dt>Reply to</dt><dd>{uris[0]}</dd>" in shown.text
    root, last = writes[1]["value"]["reply"]["root"], {"uri": uris[2], "cid": made.json()["results"][2]["cid"]}
    await session.put(RKEYS[3], post_record("A comment", reply={"root": root, "parent": last}))
    posts = await sandbox.items("posts")
    assert [post["comments"] for post in posts] == [["A comment"], [], []]
    await session.put(RKEYS[1], writes[1]["value"] | {"text": "Zwei"})
    assert {post["caption"] for post in await sandbox.items("posts")} == {"One", "Zwei", "Three"}


async def test_a_thread_is_written_whole_or_not(sandbox: RunningSandbox) -> None:
    """One bad record, missing blob, used key or other head refuses all parts."""
    session = await sign_in(sandbox)
    none = {"$type": "blob", "ref": {"$link": NO_CID}, "mimeType": "image/jpeg", "size": 1}
    used = RKEYS[5]
    assert (await session.put(used, post_record("Used"))).status_code == 200
    rows: list[tuple[list[JSON], dict[str, object], int, str]] = [
        (thread_of(session, ["One", "x" * 301]), {}, 400, "InvalidRequest"),
        (thread_of(session, ["One", "Two"], embed=image_embed(none)), {}, 400, "BlobNotFound"),
        ([*thread_of(session, ["One"]), write("create", used, post_record())], {}, 500, "InternalServerError"),
        ([*thread_of(session, ["One"]), *thread_of(session, ["Two"])], {}, 500, "InternalServerError"),
        (thread_of(session, ["One", "Two"]), {"swapCommit": NO_CID}, 400, "InvalidSwap"),
        (thread_of(session, ["One"]), {"filling": "x" * 1_000_000}, 413, "PayloadTooLarge"),
    ]
    with every_row() as row:
        for writes, more, status, error in rows:
            with row(error, status):
                assert error_of(await apply_writes(session, *writes, **more)) == (status, error)
                assert error_of(await session.record(RKEYS[0])) == (400, "RecordNotFound")
                assert [post["caption"] for post in await sandbox.items("posts")] == ["Used"]


async def test_a_lost_thread_is_there_once(sandbox: RunningSandbox) -> None:
    """The last key says whether a lost call worked; one that lands after its repeat fails as a whole."""
    session = await sign_in(sandbox)
    writes = thread_of(session, ["One", "Two"])
    await sandbox.fault("bluesky", "apply_writes", "late_effect", value={"ms": 1000})
    with pytest.raises(httpx2.HTTPError):
        await apply_writes(session, *writes)
    assert error_of(await session.record(RKEYS[1])) == (400, "RecordNotFound")
    assert (await apply_writes(session, *writes)).status_code == 200
    await sandbox.advance(2)
    assert [call["status"] for call in await sandbox.calls(operation="apply_writes")] == [None, 200, 500]
    assert len(await sandbox.items("posts")) == 2
    for rkey in RKEYS[:2]:
        await delete(session, rkey)
    await sandbox.fault("bluesky", "apply_writes", "drop_after_effect")
    with pytest.raises(httpx2.HTTPError):
        await apply_writes(session, *writes)
    assert (await session.record(RKEYS[1])).status_code == 200
    assert error_of(await apply_writes(session, *writes)) == (500, "InternalServerError")


async def test_repositories_of_others(sandbox: RunningSandbox) -> None:
    """An account can write to its own repository only, and use its own blobs only."""
    session, other = await sign_in(sandbox), await sign_in(sandbox, "other.bsky.social")
    body = {"repo": other.did, "collection": POST, "rkey": RKEYS[0], "record": post_record()}
    assert error_of(await session.post(f"{REPO}.putRecord", body)) == (401, "AuthenticationRequired")
    assert error_of(await session.post(f"{REPO}.putRecord", body | {"repo": "did:plc:none"})) == (400, "InvalidRequest")
    blob = await other.blob(picture())
    answer = await session.put(RKEYS[0], post_record(embed=image_embed(blob)))
    link = blob["ref"]["$link"]
    assert (error_of(answer), answer.json()["message"]) == ((400, "BlobNotFound"), f"Could not find blob: {link}")


async def test_blobs_are_what_their_bytes_say(sandbox: RunningSandbox) -> None:
    """A picture that is sent as text is a picture; other bytes are what the Content-Type says."""
    session = await sign_in(sandbox)
    assert (await session.blob(picture(kind="PNG"), "text/plain"))["mimeType"] == "image/png"
    assert await session.blob(b"WEBVTT\n", "text/vtt") == {
        "$type": "blob",
        "ref": {"$link": libipld.encode_cid(b"\x01\x55\x12\x20" + hashlib.sha256(b"WEBVTT\n").digest())},
        "mimeType": "text/vtt",
        "size": 7,
    }
    assert error_of(await session.upload(b"")) == (400, "InvalidRequest")
    assert error_of(await session.upload(picture(), "")) == (400, "InvalidRequest")
    assert error_of(await session.upload(bytes(50 * 1024 * 1024 + 1))) == (413, "PayloadTooLarge")


async def test_a_reference_must_match_its_blob(sandbox: RunningSandbox) -> None:
    """A record that states another type or size than the blob has is refused."""
    session = await sign_in(sandbox)
    blob = await session.blob(picture())
    kind = await session.put(RKEYS[0], post_record(embed=image_embed({**blob, "mimeType": "image/png"})))
    assert error_of(kind) == (400, "InvalidMimeType")
    size = await session.put(RKEYS[0], post_record(embed=image_embed({**blob, "size": 1})))
    assert error_of(size) == (400, "InvalidSize")
    assert await sandbox.items("posts") == []


async def test_blobs_without_a_record_expire(sandbox: RunningSandbox) -> None:
    """Six hours after the upload a blob is gone, unless it was uploaded again or a record refers to it."""
    session = await sign_in(sandbox)
    kept, lost, renewed = [await session.blob(picture(hue=hue)) for hue in (10, 100, 200)]
    await session.put(RKEYS[0], post_record(embed=image_embed(kept)))
    await sandbox.advance(3 * 3600)
    session = await sign_in(sandbox)
    await session.blob(picture(hue=200))
    await sandbox.advance(3 * 3600)
    session = await sign_in(sandbox)
    assert error_of(await session.put(RKEYS[1], post_record(embed=image_embed(lost)))) == (400, "BlobNotFound")
    assert (await session.put(RKEYS[1], post_record(embed=image_embed(renewed)))).status_code == 200
    assert (await session.put(RKEYS[2], post_record(embed=image_embed(kept)))).status_code == 200


async def test_blobs_go_with_their_last_record(sandbox: RunningSandbox) -> None:
    """Deleting or overwriting the last record that refers to a blob deletes the blob."""
    session = await sign_in(sandbox)
    blob = await session.blob(picture())
    for rkey in RKEYS[:2]:
        await session.put(rkey, post_record(embed=image_embed(blob)))
    await delete(session, RKEYS[0])
    assert (await session.put(RKEYS[2], post_record(embed=image_embed(blob)))).status_code == 200
    for rkey in RKEYS[1:3]:
        await session.put(rkey, post_record("No picture"))
    assert error_of(await session.put(RKEYS[3], post_record(embed=image_embed(blob)))) == (400, "BlobNotFound")


async def test_replies_are_comments(sandbox: RunningSandbox) -> None:
    """A reply is a comment of its root; changed and deleted replies are changed and deleted comments."""
    session = await sign_in(sandbox)
    root = {
        name: value
        for name, value in (await session.put(RKEYS[0], post_record())).json().items()
        if name in {"uri", "cid"}
    }
    reply = {"root": root, "parent": root}
    await session.put(RKEYS[1], post_record("First", reply=reply))
    other = await sign_in(sandbox, "other.bsky.social")
    await other.put(RKEYS[2], post_record("Second", reply=reply))
    [post] = await sandbox.items("posts")
    assert post["comments"] == ["First", "Second"]
    await session.put(RKEYS[1], post_record("Changed", reply=reply))
    await delete(other, RKEYS[2])
    [post] = await sandbox.items("posts")
    assert post["comments"] == ["Changed"]
    assert (await session.record(RKEYS[1])).json()["value"]["reply"] == reply


async def test_writes_cost_points(sandbox: RunningSandbox) -> None:
    """A create costs 3 points, a put 2, a deletion 1, also if it is refused; 5000 an hour are too many."""
    session = await sign_in(sandbox)
    left = [
        (await answer).headers["ratelimit-remaining"]
        for answer in (
            create(session, post_record(), rkey=RKEYS[0]),
            session.put(RKEYS[1], post_record()),
            session.put(RKEYS[1], post_record("x" * 301)),
            delete(session, RKEYS[1]),
            create(session, post_record(), rkey=RKEYS[0]),
        )
    ]
    assert left == ["4997", "4995", "4993", "4992", "4989"]
    deletions = [write("delete", "2222222222222")] * 200
    failed = [await apply_writes(session, *deletions) for _ in range(24)][-1]
    assert (failed.status_code, failed.headers["ratelimit-remaining"]) == (500, "189")
    over = await apply_writes(session, *deletions)
    assert error_of(over) == (429, "RateLimitExceeded")
    assert (over.headers["ratelimit-limit"], over.headers["ratelimit-policy"]) == ("5000", "5000;w=3600")
    assert int(over.headers["ratelimit-reset"]) > 1_700_000_000
    assert error_of(await session.put(RKEYS[2], post_record())) == (429, "RateLimitExceeded")
    assert (await session.record(RKEYS[0])).status_code == 200
    await sandbox.advance(3600)
    assert (await session.put(RKEYS[2], post_record())).headers["ratelimit-remaining"] == "4998"


async def test_uploads_are_limited(sandbox: RunningSandbox) -> None:
    """The headers of an upload count down from a thousand a day."""
    session = await sign_in(sandbox)
    answers = [await session.upload(b"x", "text/plain") for _ in range(2)]
    assert [answer.headers["ratelimit-remaining"] for answer in answers] == ["999", "998"]
    assert answers[0].headers["ratelimit-policy"] == "1000;w=86400"


async def test_the_app_knows_a_post_later(sandbox: RunningSandbox) -> None:
    """getPosts of the AppView has a post two seconds after the account's server, with its counts, and loses it as late."""
    session = await sign_in(sandbox)
    made = (await session.put(RKEYS[0], post_record())).json()
    url = "/sandbox/public.api.bsky.app/xrpc/app.bsky.feed.getPosts"
    assert (await sandbox.http.get(url, params={"uris": made["uri"]})).json() == {"posts": []}
    await sandbox.advance(2)
    uris = [made["uri"], f"at://{session.did}/{POST}/{RKEYS[1]}"]
    [post] = (await sandbox.http.get(url, params={"uris": uris})).json()["posts"]
    assert (post["cid"], post["author"]["handle"], post["likeCount"]) == (made["cid"], session.handle, 0)
    assert error_of(await sandbox.http.get(url)) == (400, "InvalidRequest")
    assert error_of(await sandbox.http.get(url, params={"uris": ["x"]})) == (400, "InvalidRequest")
    profile = await sandbox.http.get(
        "/sandbox/public.api.bsky.app/xrpc/app.bsky.actor.getProfile", params={"actor": session.did}
    )
    assert (profile.json()["handle"], profile.json()["postsCount"]) == (session.handle, 1)
    await delete(session, RKEYS[0])
    for seconds, cids in ((1, [made["cid"]]), (1, [])):
        await sandbox.advance(seconds)
        shown = (await sandbox.http.get(url, params={"uris": made["uri"]})).json()["posts"]
        assert [post["cid"] for post in shown] == cids


@pytest.mark.parametrize("validate", [None, True, False])
async def test_validation_can_be_asked_for(sandbox: RunningSandbox, *, validate: bool | None) -> None:
    """An unknown collection is stored unless validate is true; validate=false stores what the lexicon forbids."""
    session = await sign_in(sandbox)
    more: JSON = {} if validate is None else {"validate": validate}
    record = {"$type": "com.example.note", "text": "x"}
    answer = await session.put("self", record, collection="com.example.note", **more)
    expected = {None: (200, "unknown"), True: (400, None), False: (200, None)}[validate]
    assert (answer.status_code, answer.json().get("validationStatus")) == expected
    long = await session.put(RKEYS[0], post_record("x" * 301), **more)
    assert long.status_code == (200 if validate is False else 400)


async def test_a_reset_empties_repositories(sandbox: RunningSandbox) -> None:
    """After a reset no record is left, and no post."""
    session = await sign_in(sandbox)
    await session.put(RKEYS[0], post_record())
    await sandbox.control("POST", "reset")
    assert await sandbox.items("posts") == []
    again = await sign_in(sandbox)
    assert again.did != session.did
    assert error_of(await again.record(RKEYS[0])) == (400, "RecordNotFound")
    assert PDS in str((await again.get("com.atproto.server.getSession")).json())
