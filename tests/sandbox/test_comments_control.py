"""Comments on the control surface, the same for every platform that has them, and late effects of writing one."""

from tests.every_row import every_row
from tests.sandbox.facebook_pages import connect
from tests.sandbox.running_sandbox import JSON, RunningSandbox
from tests.sandbox.test_deletions import every_live_post, is_lost


async def test_others_comment_and_delete_on_every_platform(sandbox: RunningSandbox, reel: bytes) -> None:
    """A comment, an answer to it and an own one are listed with ids of the platform; a deleted one stays in the list."""
    live_posts = [live for live in await every_live_post(sandbox, reel) if live.platform != "pinterest"]
    with every_row() as row:
        for live in live_posts:
            with row(live.platform):
                [post] = await sandbox.items(f"posts?platform={live.platform}")
                where = f"comments?platform={live.platform}"
                asked = await sandbox.comment(live.platform, live.external_id, author="Anna Berg")
                answer = await sandbox.comment(live.platform, live.external_id, "Me too", parentId=asked["id"])
                own = await sandbox.comment(live.platform, live.external_id, "Yes", author=post["handle"])
                expected = [
                    ("Open on Sunday?", "Anna.Berg", False, None),
                    ("Me too", "visitor", False, asked["id"]),
                    ("Yes", post["handle"], True, None),
                ]
                listed = await sandbox.items(f"{where}&externalId={live.external_id}&handle={post['handle']}")
                assert [(one["text"], one["author"], one["own"], one["parentId"]) for one in listed] == expected
                assert listed == [asked, answer, own]
                assert len({one["id"] for one in listed}) == 3
                assert {(one["hidden"], one["liked"], one["likes"], one["deleted"]) for one in listed} == {
                    (False, False, 0, False)
                }
                texts = (await sandbox.items(f"posts?platform={live.platform}"))[0]["comments"]
                assert texts == ["Open on Sunday?", "Me too", "Yes"]
                gone = await sandbox.control("DELETE", f"{where}&id={own['id']}")
                assert gone.json() == {"id": own["id"]}
                again = await sandbox.control("DELETE", f"{where}&id={own['id']}")
                assert again.status_code == 400
                last = (await sandbox.items(where))[-1]
                assert (last["deleted"], last["deletedAt"] is not None) == (True, True)
                assert await sandbox.items(f"{where}&handle=unknown") == []
    people = [one for one in await sandbox.items("accounts") if one["handle"] == "Anna.Berg"]
    assert {(one["tier"], one["displayName"]) for one in people} == {("personal", "Anna Berg")}
    assert len(people) == len(live_posts)
    # Who only comments can't be chosen on a consent page, unless that account is made on purpose.
    assert "Anna.Berg" not in (await sandbox.http.get("/sandbox/")).text
    assert "Anna.Berg" not in {one["handle"] for one in await sandbox.items("profiles")}
    await sandbox.account("threads", "Anna.Berg")
    assert "Anna.Berg" in (await sandbox.http.get("/sandbox/")).text


async def test_calls_that_are_refused(sandbox: RunningSandbox) -> None:
    """Each says what is allowed, and nothing is written."""
    page = await connect(sandbox)
    post, other = await page.post(), await page.post()
    elsewhere = (await sandbox.comment("facebook", other))["id"]
    valid: JSON = {"platform": "facebook", "externalId": post, "text": "Hello"}
    wrong: list[JSON] = [
        {"platform": "tiktok"},
        {"externalId": "1_1"},
        {"externalId": None},
        {"handle": "nova"},
        {"text": " "},
        {"text": 5},
        {"author": "!"},
        {"author": 5},
        {"parentId": "1"},
        {"parentId": elsewhere},
        {"unknown": True},
    ]
    with every_row() as row:
        for change in wrong:
            with row(change):
                answer = await sandbox.control("POST", "comments", valid | change)
                assert answer.status_code == 400, answer.text
                assert answer.json()["error"]["message"]
        for query in ("", "platform=facebook", "platform=tiktok&id=1", "platform=facebook&id=1"):
            with row(query):
                assert (await sandbox.control("DELETE", f"comments?{query}")).status_code == 400
    assert [one["externalId"] for one in await sandbox.items("comments")] == [other]
    by_other_name = {"platform": "facebook", "postId": post, "text": "Hello", "handle": "luna"}
    assert (await sandbox.control("POST", "comments", by_other_name)).status_code == 200


async def test_a_reply_that_comes_late(sandbox: RunningSandbox) -> None:
    """After a late effect, the reply is missing at first and exists once when its time has come; a reset forgets all."""
    page = await connect(sandbox)
    post = await page.post()
    asked = (await sandbox.comment("facebook", post))["id"]
    await sandbox.fault("facebook", "comment_replies", "late_effect", value={"ms": 900})
    assert await is_lost(lambda: page.call("POST", f"{asked}/comments", message="Yes"))
    assert [one["text"] for one in await sandbox.items("comments")] == ["Open on Sunday?"]
    await sandbox.advance(1)
    assert [one["text"] for one in await sandbox.items("comments")] == ["Open on Sunday?", "Yes"]
    await sandbox.reset()
    assert await sandbox.items("comments") == []
