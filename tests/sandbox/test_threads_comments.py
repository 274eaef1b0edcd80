"""Replies of others on Threads: the conversation, hiding, and approval before a reply is seen."""

import httpx2
import pytest
from tests.sandbox.running_sandbox import JSON, RunningSandbox
from tests.sandbox.threads_client import Threads, login, refusal

FIELDS = (
    "id,text,username,timestamp,permalink,has_replies,root_post{id},replied_to{id},is_reply,is_reply_owned_by_me,"
    "hide_status,reply_audience"
)


async def listed(threads: Threads, path: str, **params: object) -> list[JSON]:
    """Return a list of replies."""
    answer = await threads.call("GET", path, {"fields": FIELDS, **params})
    assert answer.status_code == 200, answer.text
    found: list[JSON] = answer.json()["data"]
    return found


async def answer_to(threads: Threads, media_id: str, text: str = "Yes, from 8.") -> httpx2.Response:
    """Publish a reply."""
    container = await threads.container(media_type="TEXT", text=text, reply_to_id=media_id)
    await threads.finished(container)
    return await threads.publish(container)


async def test_the_conversation(sandbox: RunningSandbox) -> None:
    """All replies below a root flat and newest first, each with its root and what it answers; own ones are marked."""
    threads = await login(sandbox)
    root = await threads.post(media_type="TEXT", text="Open")
    asked = (await sandbox.comment("threads", root, author="anna"))["id"]
    deeper = (await sandbox.comment("threads", root, "Me too", author="ben", parentId=asked))["id"]
    assert (await answer_to(threads, deeper)).status_code == 200
    whole = await listed(threads, f"{root}/conversation", reverse="true")
    assert [(one["text"], one["username"], one["is_reply_owned_by_me"]) for one in whole] == [
        ("Yes, from 8.", "brand", True),
        ("Me too", "ben", False),
        ("Open on Sunday?", "anna", False),
    ]
    assert [one["root_post"]["id"] for one in whole] == [root] * 3
    assert [one["replied_to"]["id"] for one in whole] == [deeper, asked, root]
    assert [one["has_replies"] for one in whole] == [False, True, True]
    oldest_first = await listed(threads, f"{root}/conversation", reverse="false")
    assert oldest_first == whole[::-1]
    assert [one["text"] for one in await listed(threads, f"{root}/replies")] == ["Open on Sunday?"]
    assert [one["text"] for one in await listed(threads, f"{asked}/replies")] == ["Me too"]
    assert [one["text"] for one in await listed(threads, "me/replies")] == ["Yes, from 8."]
    [one] = [one for one in await sandbox.items("comments") if one["own"]]
    assert (one["parentId"], one["text"]) == (deeper, "Yes, from 8.")
    # What others wrote in an own thread can be read, not deleted; in the thread of another nothing.
    read = await threads.call("GET", asked, {"fields": "text,is_reply"})
    assert read.json() == {"id": asked, "text": "Open on Sunday?", "is_reply": True}
    assert refusal(await threads.call("DELETE", asked)) == (100, 33)
    other = await login(sandbox, "other")
    for path in (f"{root}/conversation", f"{asked}/replies", asked):
        assert refusal(await other.call("GET", path)) == (100, 33), path
    assert (await sandbox.control("DELETE", f"comments?platform=threads&id={asked}")).status_code == 200
    assert [one["text"] for one in await listed(threads, f"{root}/conversation")] == ["Yes, from 8.", "Me too"]


async def test_what_is_answered_may_be_removed_before_the_reply_is_published(sandbox: RunningSandbox) -> None:
    """A finished container is published below a reply or a post that was deleted since, and is among the comments."""
    threads = await login(sandbox)
    root = await threads.post(media_type="TEXT", text="Open")
    asked = (await sandbox.comment("threads", root))["id"]
    for media_id, parent in ((asked, asked), (root, None)):
        container = await threads.container(media_type="TEXT", text=f"To {media_id}", reply_to_id=media_id)
        await threads.finished(container)
        if media_id == asked:
            assert (await sandbox.control("DELETE", f"comments?platform=threads&id={asked}")).status_code == 200
        else:
            assert (await threads.call("DELETE", root)).status_code == 200
        reply = (await threads.publish(container)).json()["id"]
        [one] = [one for one in await sandbox.items("comments") if one["id"] == reply]
        assert (one["parentId"], one["externalId"], one["text"]) == (parent, root, f"To {media_id}")


async def test_hiding(sandbox: RunningSandbox) -> None:
    """A reply at the top is hidden with those below it, and shown again by the same call; a nested one is refused."""
    threads = await login(sandbox)
    root = await threads.post(media_type="TEXT", text="Open")
    asked = (await sandbox.comment("threads", root))["id"]
    deeper = (await sandbox.comment("threads", root, "Me too", parentId=asked))["id"]

    async def hide(media_id: str, **params: object) -> httpx2.Response:
        return await threads.call("POST", f"{media_id}/manage_reply", params)

    for flag, status in (("true", "HIDDEN"), ("false", "UNHUSHED")):
        before = [one["hide_status"] for one in await listed(threads, f"{root}/conversation")]
        assert status not in before
        assert (await hide(asked, hide=flag)).json() == {"success": True}
        assert [one["hide_status"] for one in await listed(threads, f"{root}/conversation")] == [status] * 2
    assert [one["hidden"] for one in await sandbox.items("comments")] == [False, False]
    assert refusal(await hide(deeper, hide="true")) == (100, None)
    assert refusal(await hide(asked)) == (100, None)
    assert refusal(await hide(root, hide="true")) == (100, 33)
    other = await login(sandbox, "other")
    assert refusal(await other.call("POST", f"{asked}/manage_reply", {"hide": "true"})) == (100, 33)


async def test_replies_that_wait_for_approval(sandbox: RunningSandbox) -> None:
    """A root with approvals lists replies of others apart until they are approved; ignored ones are in a list of their own."""
    threads = await login(sandbox)
    root = await threads.post(media_type="TEXT", text="Open", enable_reply_approvals="true")
    first, second = [(await sandbox.comment("threads", root, text))["id"] for text in ("one", "two")]
    own = (await answer_to(threads, root)).json()["id"]
    assert [one["id"] for one in await listed(threads, f"{root}/conversation")] == [own]
    assert [one["id"] for one in await listed(threads, f"{root}/pending_replies")] == [second, first]

    async def manage(media_id: str, approve: str) -> httpx2.Response:
        return await threads.call("POST", f"{media_id}/manage_pending_reply", {"approve": approve})

    assert (await manage(first, "true")).json() == {"success": True}
    assert (await manage(second, "false")).json() == {"success": True}
    assert [one["id"] for one in await listed(threads, f"{root}/conversation")] == [own, first]
    assert await listed(threads, f"{root}/pending_replies", approval_status="pending") == []
    assert [one["id"] for one in await listed(threads, f"{root}/pending_replies", approval_status="ignored")] == [
        second
    ]
    assert refusal(await manage(first, "true")) == (100, None)
    wrong = await threads.call("GET", f"{root}/pending_replies", {"approval_status": "all"})
    assert refusal(wrong) == (100, None)


async def test_a_lost_answer_and_an_empty_page(sandbox: RunningSandbox) -> None:
    """A reply whose answer was lost is in the conversation once, whose first page can be empty and lead on."""
    threads = await login(sandbox)
    root = await threads.post(media_type="TEXT", text="Open")
    asked = (await sandbox.comment("threads", root))["id"]
    await sandbox.fault("threads", "threads_publish", "drop_after_effect")
    with pytest.raises(httpx2.TransportError):
        await answer_to(threads, asked)
    await sandbox.account("threads", "brand", emptyCommentPage=True)
    for reverse, texts in (
        ("true", ["Yes, from 8.", "Open on Sunday?"]),
        ("false", ["Open on Sunday?", "Yes, from 8."]),
    ):
        query = {"fields": FIELDS, "reverse": reverse}
        empty = (await threads.call("GET", f"{root}/conversation", query)).json()
        assert (empty["data"], "next" in empty["paging"]) == ([], False)
        after = empty["paging"]["cursors"]["after"]
        assert [
            one["text"] for one in await listed(threads, f"{root}/conversation", reverse=reverse, after=after)
        ] == texts
