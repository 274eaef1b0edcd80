"""Comments on Instagram media, behind both logins: trees, nested replies, hiding, deleting, likes and their lock."""

import httpx2
import pytest
from tests.sandbox.facebook_pages import error_of
from tests.sandbox.running_sandbox import FB_SCOPES, JSON, RunningSandbox

NESTED = "id,text,username,from{id,username},hidden,like_count"
FIELDS = f"{NESTED},timestamp,parent_id,replies.limit(2){{{NESTED}}}"
LIKING = f"{FB_SCOPES},instagram_manage_engagement"
GONE = (400, 100, 33)


async def listed(sandbox: RunningSandbox, token: str, path: str, **params: object) -> list[JSON]:
    """Return comments or replies."""
    answer = await sandbox.graph(token, "GET", path, fields=FIELDS, **params)
    assert answer.status_code == 200, answer.text
    found: list[JSON] = answer.json()["data"]
    return found


async def test_a_tree_of_two_levels(sandbox: RunningSandbox) -> None:
    """The list has the top level, newest first; replies are nested up to a limit, and whole on their own edge."""
    token = await sandbox.graph_login("luna")
    me = (await sandbox.graph(token, "GET", "me", fields="user_id")).json()["user_id"]
    media_id = await sandbox.post_picture(token)
    asked = await sandbox.comment("instagram", media_id, author="anna")
    await sandbox.comment("instagram", media_id, "Lovely", author="ben")
    deeper = await sandbox.comment("instagram", media_id, "Me too", author="ben", parentId=asked["id"])
    replies = [asked["id"], deeper["id"]]
    made = [(await sandbox.graph(token, "POST", f"{one}/replies", message="Yes, from 8.")).json() for one in replies]
    assert [set(one) for one in made] == [{"id"}, {"id"}]
    top = await listed(sandbox, token, f"{media_id}/comments")
    assert [one["text"] for one in top] == ["Lovely", "Open on Sunday?"]
    assert "replies" not in top[0]
    nested = top[1]["replies"]
    assert [one["text"] for one in nested["data"]] == ["Yes, from 8.", "Yes, from 8."]
    assert nested["data"][0]["from"] == {"id": me, "username": "luna"}
    assert top[1]["from"] == {"id": top[1]["from"]["id"], "username": "anna"}
    edge = await listed(sandbox, token, f"{asked['id']}/replies")
    assert [(one["text"], one["parent_id"]) for one in edge] == [
        ("Yes, from 8.", asked["id"]),
        ("Yes, from 8.", asked["id"]),
        ("Me too", asked["id"]),
    ]
    rest = await listed(sandbox, token, f"{asked['id']}/replies", after=nested["paging"]["cursors"]["after"])
    assert [one["text"] for one in rest] == ["Me too"]
    assert (await sandbox.graph(token, "GET", media_id, fields="comments_count")).json()["comments_count"] == 5
    one = (await sandbox.graph(token, "GET", made[1]["id"], fields="text,parent_id,hidden")).json()
    assert one == {"id": made[1]["id"], "text": "Yes, from 8.", "parent_id": asked["id"], "hidden": False}
    await sandbox.account("instagram", "luna", refuseNestedReplies=True)
    refused = await sandbox.graph(token, "POST", f"{deeper['id']}/replies", message="No")
    assert error_of(refused)[1] == 100


async def test_hide_and_delete(sandbox: RunningSandbox) -> None:
    """A hidden comment stays in the list and takes no reply; a deleted one is gone with what answers it."""
    token = await sandbox.graph_login("luna")
    media_id = await sandbox.post_picture(token)
    asked = (await sandbox.comment("instagram", media_id))["id"]
    for is_hidden in (True, False, True):
        assert (await sandbox.graph(token, "POST", asked, hide=is_hidden)).json() == {"success": True}
        assert [one["hidden"] for one in await listed(sandbox, token, f"{media_id}/comments")] == [is_hidden]
    assert error_of(await sandbox.graph(token, "POST", f"{asked}/replies", message="Yes"))[1] == 100
    await sandbox.graph(token, "POST", asked, hide="false")
    await sandbox.graph(token, "POST", f"{asked}/replies", message="Yes")
    for path, params in ((asked, {}), (f"{asked}/replies", {"message": " "}), (f"{media_id}/comments", {})):
        assert error_of(await sandbox.graph(token, "POST", path, **params))[1] == 100, path
    assert (await sandbox.graph(token, "DELETE", asked)).json() == {"success": True}
    assert await listed(sandbox, token, f"{media_id}/comments") == []
    for method, path in (("DELETE", asked), ("GET", asked), ("GET", f"{asked}/replies"), ("POST", asked)):
        assert error_of(await sandbox.graph(token, method, path, hide=True)) == GONE, (method, path)
    assert [one["deleted"] for one in await sandbox.items("comments")] == [True, True]
    other = await sandbox.graph_login("nova")
    left = (await sandbox.comment("instagram", media_id))["id"]
    assert error_of(await sandbox.graph(other, "DELETE", left)) == GONE


async def test_fields_that_are_withheld_or_refused(sandbox: RunningSandbox) -> None:
    """`from` can be missing for others; one field that is unknown or not allowed fails the call; a page can be empty and lead on."""
    token = await sandbox.graph_login("luna")
    media_id = await sandbox.post_picture(token)
    await sandbox.comment("instagram", media_id)
    await sandbox.account("instagram", "luna", withheldAuthors=True, emptyCommentPage=True)
    await sandbox.graph(token, "POST", f"{media_id}/comments", message="First")
    empty = (await sandbox.graph(token, "GET", f"{media_id}/comments", fields=FIELDS)).json()
    assert empty["data"] == []
    assert "next" in empty["paging"]
    later = await listed(sandbox, token, f"{media_id}/comments", after=empty["paging"]["cursors"]["after"])
    assert [("from" in one, one["username"]) for one in later] == [(True, "luna"), (False, "visitor")]
    answer = await sandbox.graph(
        token, "GET", f"{media_id}/comments", fields="text,nothing", after=empty["paging"]["cursors"]["after"]
    )
    assert error_of(answer)[1] == 100
    await sandbox.account("instagram", "luna", deniedCommentFields=["from"], emptyCommentPage=False)
    assert error_of(await sandbox.graph(token, "GET", f"{media_id}/comments", fields=FIELDS))[1] == 100
    assert (await sandbox.graph(token, "GET", f"{media_id}/comments", fields="text")).status_code == 200


async def test_the_same_behind_facebook_login(sandbox: RunningSandbox) -> None:
    """Comments are read, answered, hidden and deleted there too; likes exist only there and need their permission."""
    own = await sandbox.graph_login("luna")
    media_id = await sandbox.post_picture(own)
    asked = (await sandbox.comment("instagram", media_id))["id"]
    token = await sandbox.facebook_login("luna", scope=LIKING)
    accounts = (await sandbox.facebook(token, "GET", "me/accounts", fields="instagram_business_account")).json()
    ig_id = accounts["data"][0]["instagram_business_account"]["id"]
    reply = (await sandbox.facebook(token, "POST", f"{asked}/replies", message="Yes")).json()["id"]
    assert (await sandbox.facebook(token, "POST", asked, hide=True)).json() == {"success": True}
    for _ in range(2):
        liked = await sandbox.facebook(token, "POST", f"{ig_id}/likes", comment_id=asked)
        assert liked.json() == {"success": True}
    [comment] = (await sandbox.facebook(token, "GET", f"{media_id}/comments", fields=FIELDS)).json()["data"]
    assert (comment["hidden"], comment["like_count"], comment["replies"]["data"][0]["id"]) == (True, 1, reply)
    assert (await sandbox.facebook(token, "DELETE", f"{ig_id}/likes", comment_id=asked)).json() == {"success": True}
    assert [one["liked"] for one in await sandbox.items("comments")] == [False, False]
    await sandbox.facebook(token, "POST", f"{ig_id}/likes", media_id=media_id)
    assert (await sandbox.graph(own, "GET", media_id, fields="like_count")).json()["like_count"] == 1
    for params in ({}, {"comment_id": asked, "media_id": media_id}):
        assert error_of(await sandbox.facebook(token, "POST", f"{ig_id}/likes", **params))[1] == 100
    assert (await sandbox.facebook(token, "DELETE", asked)).json() == {"success": True}
    assert error_of(await sandbox.facebook(token, "POST", f"{ig_id}/likes", comment_id=asked)) == GONE
    assert error_of(await sandbox.graph(own, "POST", "me/likes", media_id=media_id))[1] == 2500
    plain = await sandbox.facebook_login("luna")
    assert error_of(await sandbox.facebook(plain, "POST", f"{ig_id}/likes", media_id=media_id))[1] == 10
    operations = {call["operation"] for call in await sandbox.calls(platform="instagram")}
    assert {"comment_replies", "comment_update", "comment_delete", "likes", "comments_list"} <= operations


async def test_too_many_likes_lock_the_endpoint(sandbox: RunningSandbox) -> None:
    """The 51st call within five seconds locks it for an hour."""
    own = await sandbox.graph_login("luna")
    media_id = await sandbox.post_picture(own)
    token = await sandbox.facebook_login("luna", scope=LIKING)
    accounts = (await sandbox.facebook(token, "GET", "me/accounts", fields="instagram_business_account")).json()
    ig_id = accounts["data"][0]["instagram_business_account"]["id"]

    async def like() -> httpx2.Response:
        return await sandbox.facebook(token, "POST", f"{ig_id}/likes", media_id=media_id)

    assert {(await like()).status_code for _ in range(50)} == {200}
    assert error_of(await like())[1] == 4
    await sandbox.advance(3599)
    assert error_of(await like())[1] == 4
    await sandbox.advance(1)
    assert (await like()).status_code == 200


async def test_a_comment_that_exists_although_the_answer_is_an_error(sandbox: RunningSandbox) -> None:
    """20/1772107 after the effect, and a lost answer: the replies' edge shows each once."""
    token = await sandbox.graph_login("luna")
    media_id = await sandbox.post_picture(token)
    asked = (await sandbox.comment("instagram", media_id))["id"]
    value = {"code": 20, "subcode": 1772107, "afterEffect": True}
    await sandbox.fault("instagram", "comment_replies", "platform_error", value=value)
    assert error_of(await sandbox.graph(token, "POST", f"{asked}/replies", message="Yes")) == (400, 20, 1772107)
    await sandbox.fault("instagram", "comment_replies", "drop_after_effect")
    with pytest.raises(httpx2.TransportError):
        await sandbox.graph(token, "POST", f"{asked}/replies", message="Also at 9.")
    edge = await listed(sandbox, token, f"{asked}/replies")
    assert [one["text"] for one in edge] == ["Also at 9.", "Yes"]
