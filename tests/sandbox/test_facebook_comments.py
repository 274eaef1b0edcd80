"""Comments on a Page's posts: trees of two levels, hiding, editing, deleting and likes, and what the Page may do with which."""

import httpx2
import pytest
from tests.every_row import every_row
from tests.sandbox.facebook_pages import PAGE_SCOPES, Page, connect, error_of
from tests.sandbox.running_sandbox import JSON, RunningSandbox

FIELDS = (
    "id,message,from{id,name},parent{id},is_hidden,can_hide,can_remove,can_comment,can_like,like_count,comment_count,"
    "permalink_url,attachment,user_likes"
)
GONE = (400, 100, 33)


async def listed(page: Page, subject: str, **params: object) -> list[JSON]:
    """Return the comments on a post or below a comment."""
    found: list[JSON] = (await page.get(f"{subject}/comments", fields=FIELDS, **params))["data"]
    return found


async def test_a_tree_of_two_levels(sandbox: RunningSandbox) -> None:
    """A reply to a reply is below the first comment; the filter and the order choose what is listed, and ids have two spellings."""
    page = await connect(sandbox)
    post = await page.post()
    asked = await sandbox.comment("facebook", post, author="Anna Berg")
    deeper = await sandbox.comment("facebook", post, "Me too", parentId=asked["id"])
    answered = await page.call("POST", f"{deeper['id']}/comments", message="Yes, from 8.")
    reply = answered.json()["id"]
    assert "_" not in reply
    full = f"{post.partition('_')[2]}_{asked['id']}"
    [top] = await listed(page, post)
    assert top == {
        "id": full,
        "message": "Open on Sunday?",
        "from": {"id": top["from"]["id"], "name": "Anna Berg"},
        "is_hidden": False,
        "can_hide": True,
        "can_remove": True,
        "can_comment": True,
        "can_like": True,
        "like_count": 0,
        "comment_count": 2,
        "permalink_url": top["permalink_url"],
        "user_likes": False,
    }
    stream = await listed(page, post, filter="stream", order="reverse_chronological")
    assert [one["message"] for one in stream] == ["Yes, from 8.", "Me too", "Open on Sunday?"]
    own = stream[0]
    assert (own["from"]["id"], own["parent"], own["can_hide"]) == (page.id, {"id": full}, False)
    for subject in (full, asked["id"]):
        assert [one["message"] for one in await listed(page, subject)] == ["Me too", "Yes, from 8."]
        assert (await page.get(subject, fields="message,parent{id}"))["message"] == "Open on Sunday?"
    assert await page.get(reply, fields="id,parent{id},message") == {
        "id": f"{post.partition('_')[2]}_{reply}",
        "parent": {"id": full},
        "message": "Yes, from 8.",
    }
    assert error_of(await page.call("GET", f"{post}/comments", filter="all"))[1] == 100
    first = await page.get(f"{post}/comments", filter="stream", limit=2)
    rest = await page.get(f"{post}/comments", filter="stream", limit=2, after=first["paging"]["cursors"]["after"])
    assert [len(first["data"]), len(rest["data"])] == [2, 1]
    assert ("next" in first["paging"], "next" in rest["paging"]) == (True, False)


async def test_hide_and_edit(sandbox: RunningSandbox) -> None:
    """One call hides and edits: a message on an own comment overwrites it, and on another's is refused, as hiding an own one."""
    page = await connect(sandbox)
    post = await page.post()
    asked = (await sandbox.comment("facebook", post))["id"]
    own = (await page.call("POST", f"{post}/comments", message="First")).json()["id"]
    for is_hidden in (True, False):
        assert (await page.call("POST", asked, is_hidden=is_hidden)).json() == {"success": True}
        assert [one["is_hidden"] for one in await listed(page, post)] == [is_hidden, False]
    assert (await page.call("POST", own, message="Second")).json() == {"success": True}
    assert [one["message"] for one in await listed(page, post)] == ["Open on Sunday?", "Second"]
    assert (await sandbox.items("comments"))[1]["editedAt"] is not None
    assert error_of(await page.call("POST", asked, message="Mine")) == (403, 200, None)
    assert error_of(await page.call("POST", own, is_hidden=True)) == (403, 200, None)
    assert error_of(await page.call("POST", own))[1] == 100
    assert error_of(await page.call("POST", own, message=" "))[1] == 100
    assert [one["text"] for one in await sandbox.items("comments")] == ["Open on Sunday?", "Second"]


async def test_likes_and_deletion(sandbox: RunningSandbox) -> None:
    """A like counts once, and can be taken back; deleting a comment deletes what answers it, and then it is gone."""
    page = await connect(sandbox)
    post = await page.post()
    asked = (await sandbox.comment("facebook", post))["id"]
    await page.call("POST", f"{asked}/comments", message="Yes")
    for _ in range(2):
        assert (await page.call("POST", f"{asked}/likes")).json() == {"success": True}
        assert [(one["like_count"], one["user_likes"]) for one in await listed(page, post)] == [(1, True)]
    assert (await sandbox.items("comments"))[0]["liked"] is True
    await page.call("DELETE", f"{asked}/likes")
    assert [one["user_likes"] for one in await listed(page, post)] == [False]
    assert (await page.call("DELETE", asked)).json() == {"success": True}
    assert await listed(page, post, filter="stream") == []
    for method, path in (("DELETE", asked), ("GET", asked), ("GET", f"{asked}/comments"), ("POST", f"{asked}/likes")):
        assert error_of(await page.call(method, path)) == GONE, (method, path)
    assert [one["deleted"] for one in await sandbox.items("comments")] == [True, True]


async def test_who_may_do_what(sandbox: RunningSandbox) -> None:
    """Every call needs its permission; deleting another's comment needs another one than deleting an own one."""
    refused_without = {
        "pages_read_user_content": ["list", "read", "delete"],
        "pages_manage_engagement": ["reply", "hide", "edit", "like", "delete own"],
    }
    with every_row() as row:
        for missing, expected in refused_without.items():
            with row(missing):
                page = await connect(sandbox, scope=",".join(set(PAGE_SCOPES.split(",")) - {missing}))
                post = await page.post()
                asked, own = [(await sandbox.comment("facebook", post, author=name))["id"] for name in ("anna", "luna")]
                calls = {
                    "list": page.call("GET", f"{post}/comments"),
                    "read": page.call("GET", asked),
                    "reply": page.call("POST", f"{asked}/comments", message="Yes"),
                    "hide": page.call("POST", asked, is_hidden=True),
                    "edit": page.call("POST", own, message="New"),
                    "like": page.call("POST", f"{asked}/likes"),
                    "delete own": page.call("DELETE", own),
                    "delete": page.call("DELETE", asked),
                }
                assert [name for name, call in calls.items() if (await call).status_code != 200] == expected
        await sandbox.reset()
    page = await connect(sandbox)
    asked = (await sandbox.comment("facebook", await page.post()))["id"]
    assert error_of(await sandbox.facebook(page.user_token, "POST", asked, is_hidden=True)) == (403, 210, None)
    await sandbox.account("facebook", "luna", tasks=["CREATE_CONTENT", "ANALYZE"])
    assert error_of(await page.call("DELETE", asked)) == (403, 200, None)


async def test_withheld_authors_and_an_empty_page(sandbox: RunningSandbox) -> None:
    """An author who forbids it has no `from`; the first page can be empty and still lead on; another Page's comment is not there."""
    page = await connect(sandbox)
    post = await page.post()
    await sandbox.account("facebook", "anna", withheldAuthors=True)
    asked = (await sandbox.comment("facebook", post, author="anna"))["id"]
    await sandbox.comment("facebook", post, author="ben")
    assert [one.get("from", {}).get("name") for one in await listed(page, post)] == [None, "ben"]
    await sandbox.account("facebook", "luna", withheldAuthors=True, emptyCommentPage=True)
    empty = await page.get(f"{post}/comments", fields=FIELDS)
    assert empty["data"] == []
    assert "next" in empty["paging"]
    later = await listed(page, post, after=empty["paging"]["cursors"]["after"])
    assert [("from" in one, one["message"]) for one in later] == [(False, "Open on Sunday?")] * 2
    other = await connect(sandbox, "nova")
    for method in ("GET", "POST", "DELETE"):
        assert error_of(await other.call(method, asked, is_hidden=True)) == GONE, method


async def test_a_lost_answer_is_seen_afterwards(sandbox: RunningSandbox) -> None:
    """Each write whose answer is lost had its effect once: the list and the control surface show it."""
    page = await connect(sandbox)
    post = await page.post()
    asked = (await sandbox.comment("facebook", post))["id"]
    writes: dict[str, tuple[str, str, JSON]] = {
        "comment_replies": ("POST", f"{asked}/comments", {"message": "Yes"}),
        "comment_update": ("POST", asked, {"is_hidden": True}),
        "comment_likes": ("POST", f"{asked}/likes", {}),
    }
    for operation, (method, path, params) in writes.items():
        await sandbox.fault("facebook", operation, "drop_after_effect")
        with pytest.raises(httpx2.TransportError):
            await page.call(method, path, **params)
    first, reply = await sandbox.items("comments")
    assert (first["hidden"], first["liked"], reply["text"], reply["own"]) == (True, True, "Yes", True)
    await sandbox.fault("facebook", "comment_delete", "drop_after_effect")
    with pytest.raises(httpx2.TransportError):
        await page.call("DELETE", asked)
    assert await listed(page, post, filter="stream") == []
