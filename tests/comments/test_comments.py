"""The calls of the API about comments: lists, what people decide, what is asked of a platform, saved replies."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest
from tests.comments.conftest import READ, SUPPORT, CommentWorld, insert_post
from tests.people.people import People
from tests.posts.conftest import bare

from presswork.core.ids import new_id
from presswork.platforms.live_support import CommentAction, CommentsSupport
from presswork.platforms.names import LoginName
from presswork.platforms.port import Platform


def _texts(items: list[dict[str, Any]]) -> list[str]:
    return [item["text"] for item in items]


async def _fill(world: CommentWorld) -> None:
    """Store a thread of two comments, a comment of the account itself, and a later comment."""
    await world.receive(
        world.seen("c1", "first", minutes=30),
        world.seen("c2", "second", minutes=20),
        world.seen("c3", "answer", minutes=10, parent_external_id="c1"),
        world.seen("c4", "own", minutes=5, is_own=True, parent_external_id="c3"),
    )


async def test_comment_has_its_post_and_what_can_be_done(comment_world: CommentWorld) -> None:
    """A comment shows who wrote what, on which post, and what is possible."""
    await _fill(comment_world)
    comment = await comment_world.one("answer")
    first = await comment_world.one("first")
    post = comment.pop("post")
    assert {
        name: comment[name] for name in ("externalId", "parentId", "author", "text", "own", "status", "actions")
    } == {
        "externalId": "c3",
        "parentId": first["id"],
        "author": "Ada",
        "text": "answer",
        "own": False,
        "status": "new",
        "actions": ["reply", "hide", "like", "delete"],
    }
    assert (comment["scheduledPostId"], comment["socialAccountId"], comment["handle"], comment["platform"]) == (
        comment_world.post,
        comment_world.account,
        "brand",
        "linkedin",
    )
    assert (post["id"], post["caption"], post["mediaType"]) == (comment_world.post, "Hello", "image")
    own = await comment_world.one("own")
    assert (own["own"], own["status"], own["parentId"]) == (True, "done", comment["id"])


async def test_lists_follow_their_filters(comment_world: CommentWorld) -> None:
    """Each filter finds its comments, the newest first; the list of a post has its threads together."""
    await _fill(comment_world)
    other = await insert_post(comment_world.ready_project, comment_world.account, "ext-2", comment_world.clock.now())
    project = comment_world.ready_project
    second = await comment_world.one("second")
    person = await project.pool.fetchval(
        """INSERT INTO users (id, organization_id, email, name, role, role_source, created_at, accepted_at)
           SELECT $1, organization_id, 'ada@example.com', 'Ada', 'publisher', 'administrator', now(), now() FROM projects WHERE id = $2
           RETURNING id""",
        new_id(),
        bare(project.project),
    )
    await comment_world.call(second["id"], "update", status="open", assigneeId=f"usr_{person}", note="Ask the baker")
    everything = ["own", "answer", "second", "first"]
    since = (comment_world.clock.now() - timedelta(minutes=15)).isoformat()
    for parameters, wanted in (
        ({}, everything),
        ({"projectId": project.project}, everything),
        ({"socialAccountId": comment_world.account}, everything),
        ({"scheduledPostId": comment_world.post}, everything),
        ({"scheduledPostId": other}, []),
        ({"scheduledPostId": f"sp_{new_id()}"}, []),
        ({"socialAccountId": f"sa_{new_id()}"}, []),
        ({"projectId": f"prj_{new_id()}"}, []),
        ({"status": "new"}, ["answer", "first"]),
        ({"status": ["open", "done"]}, ["own", "second"]),
        ({"own": "false"}, ["answer", "second", "first"]),
        ({"assigneeId": f"usr_{person}"}, ["second"]),
        ({"assigneeId": f"usr_{person}", "projectId": project.project, "status": "done"}, []),
        ({"platform": "linkedin", "since": since}, ["own", "answer"]),
        ({"platform": "tiktok"}, []),
    ):
        assert _texts(await comment_world.list(**parameters)) == wanted, parameters
    changed = await comment_world.get(second["id"])
    assert (changed["assigneeId"], changed["note"]) == (f"usr_{person}", "Ask the baker")
    thread = await project.client.get(f"/v1/scheduled-posts/{comment_world.post}/comments")
    assert _texts(thread.json()["items"]) == ["first", "answer", "own", "second"]
    missing = await project.client.get(f"/v1/scheduled-posts/sp_{new_id()}/comments")
    assert missing.status_code == 404
    people = await project.client.get("/v1/comments/assignees", params={"projectId": project.project})
    assert people.json()["items"] == [{"id": f"usr_{person}", "name": "Ada"}]


async def test_pages_miss_and_repeat_nothing(comment_world: CommentWorld) -> None:
    """Both lists, read one comment at a time, are as long as read at once."""
    await _fill(comment_world)
    client = comment_world.ready_project.client
    for path in ("/v1/comments", f"/v1/scheduled-posts/{comment_world.post}/comments"):
        whole = _texts((await client.get(path)).json()["items"])
        paged: list[str] = []
        cursor: str | None = None
        while True:
            page = (await client.get(path, params={"limit": 1, **({"cursor": cursor} if cursor else {})})).json()
            paged += _texts(page["items"])
            cursor = page["nextCursor"]
            if cursor is None:
                break
        assert paged == whole
        assert len(whole) == 4


async def test_summary_counts_others_comments(comment_world: CommentWorld) -> None:
    """The numbers are those of the tabs of an inbox: comments of the account itself are not in them."""
    await _fill(comment_world)
    first = await comment_world.one("first")
    await comment_world.call(first["id"], "update", status="done")
    client = comment_world.ready_project.client
    for parameters in (
        {},
        {"projectId": comment_world.ready_project.project},
        {"socialAccountId": comment_world.account},
    ):
        response = await client.get("/v1/comments/summary", params=parameters)
        assert response.json() == {"new": 2, "open": 0, "done": 1}, parameters
    nothing = {"new": 0, "open": 0, "done": 0}
    for parameters in ({"projectId": f"prj_{new_id()}"}, {"platform": "tiktok"}, {"assigneeId": f"usr_{new_id()}"}):
        assert (await client.get("/v1/comments/summary", params=parameters)).json() == nothing, parameters


async def test_a_person_sees_only_comments_of_their_projects(comment_world: CommentWorld, people: People) -> None:
    """Lists, counts, reads and calls have nothing of another project, and an approver may read but not answer."""
    await _fill(comment_world)
    comment = await comment_world.one("first")
    other = await comment_world.ready_project.world.project()
    for role in ("publisher", "approver"):
        client = await people.signed_in(role, project_ids=[other])
        assert (await client.get("/v1/comments")).json()["items"] == []
        assert (await client.get("/v1/comments/summary")).json()["new"] == 0
        assert (await client.get(f"/v1/comments/{comment['id']}")).status_code == 404
        assert (await client.get("/v1/comments", params={"scheduledPostId": comment_world.post})).json()["items"] == []
    reader = await people.signed_in("approver", project_ids=[comment_world.ready_project.project])
    assert (await reader.get(f"/v1/comments/{comment['id']}")).status_code == 200
    refused = await reader.post(f"/v1/comments/{comment['id']}/reply", json={"text": "Yes"})
    assert (refused.status_code, refused.json()["error"]["details"]["requiredScope"]) == (403, "comments:write")


async def test_a_comment_is_assigned_to_who_sees_it(comment_world: CommentWorld) -> None:
    """An unknown person is refused, and so is another status of a comment of the account itself."""
    await _fill(comment_world)
    client = comment_world.ready_project.client
    first, own = await comment_world.one("first"), await comment_world.one("own")
    for comment, body, path in (
        (first, {"assigneeId": f"usr_{new_id()}"}, "assigneeId"),
        (own, {"status": "new"}, "status"),
        (first, {}, ""),
    ):
        response = await client.patch(f"/v1/comments/{comment['id']}", json=body)
        assert (response.status_code, response.json()["error"]["details"]["issues"][0]["path"]) == (422, path)


def _support(world: CommentWorld, monkeypatch: pytest.MonkeyPatch, support: CommentsSupport | None) -> None:
    """Have the platform offer something else."""
    platforms = world.ready_project.world.api.context.platforms.described()
    changed = replace(platforms[LoginName.LINKEDIN], comments=support)
    monkeypatch.setitem(cast("dict[LoginName, Platform]", platforms), LoginName.LINKEDIN, changed)


async def test_what_a_platform_does_not_have_is_refused_with_its_reason(
    comment_world: CommentWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each call that the platform, or the comment, has no use for is 422 with a reason, and is not among the actions."""
    await _fill(comment_world)
    client = comment_world.ready_project.client
    first, own = await comment_world.one("first"), await comment_world.one("own")

    async def refusal(comment: Mapping[str, Any], action: str) -> tuple[int, str | None]:
        path = f"/v1/comments/{comment['id']}"
        response = await (
            client.delete(path)
            if action == "delete"
            else client.post(f"{path}/{action}", json={"text": "Yes"} if action == "reply" else None)
        )
        return response.status_code, response.json().get("error", {}).get("details", {}).get("reason")

    _support(comment_world, monkeypatch, None)
    for action in ("reply", "hide", "like", "delete"):
        assert await refusal(first, action) == (422, f"{action}_not_supported")
    assert (await comment_world.get(first["id"]))["actions"] == []
    only = replace(SUPPORT, actions=frozenset({CommentAction.REPLY, CommentAction.DELETE}), delete_own_only=True)
    _support(comment_world, monkeypatch, only)
    assert (await comment_world.get(first["id"]))["actions"] == ["reply"]
    assert (await comment_world.get(own["id"]))["actions"] == ["reply", "delete"]
    assert await refusal(first, "unhide") == (422, "hide_not_supported")
    assert await refusal(first, "delete") == (422, "delete_not_supported")
    await comment_world.receive(comment_world.seen("c9", "bare", actions=frozenset()), is_complete=False)
    assert await refusal(await comment_world.one("bare"), "reply") == (422, "reply_not_supported")
    _support(comment_world, monkeypatch, replace(SUPPORT, reply_to_shown_only=True))
    hidden = [comment_world.seen("c9", "bare", is_hidden=True), comment_world.seen("c8", "shown")]
    await comment_world.receive(*hidden, is_complete=False)
    bare = await comment_world.one("bare")
    assert (bare["actions"], "reply" in (await comment_world.one("shown"))["actions"]) == (
        ["hide", "like", "delete"],
        True,
    )
    assert await refusal(bare, "reply") == (422, "reply_not_supported")
    answer = await client.post(f"/v1/comments/{bare['id']}/reply", json={"text": "Yes"})
    assert "Show the comment again (unhide)" in answer.json()["error"]["details"]["issues"][0]["message"]


async def test_missing_permission_names_itself(comment_world: CommentWorld) -> None:
    """Without the permission to answer there are no actions, and the readiness of the account says what is missing."""
    await _fill(comment_world)
    first = await comment_world.one("first")
    project = comment_world.ready_project
    await project.change("social_accounts", comment_world.account, scopes=[READ])
    assert (await comment_world.get(first["id"]))["actions"] == []
    refused = (await project.client.post(f"/v1/comments/{first['id']}/hide")).json()["error"]
    assert (refused["code"], refused["details"]["missingScopes"]) == ("SOCIAL_ACCOUNT_NOT_PUBLISH_READY", ["may.reply"])
    account = (await project.client.get(f"/v1/social-accounts/{comment_world.account}")).json()
    assert (account["readiness"]["comments"]["reason"], account["readiness"]["comments"]["missingScopes"]) == (
        "missing_permission",
        ["may.reply"],
    )
    tiktok = (await project.client.get(f"/v1/social-accounts/{project.tiktok}")).json()
    assert tiktok["readiness"]["comments"]["reason"] == "not_supported"


async def test_a_reply_is_queued_once_and_its_comment_is_done(comment_world: CommentWorld) -> None:
    """The same key queues one reply; the reply is a comment of the account that its platform does not have yet."""
    await _fill(comment_world)
    first = await comment_world.one("first")
    client = comment_world.ready_project.client
    answers = [
        await client.post(f"/v1/comments/{first['id']}/reply", json={"text": "Yes"}, headers={"Idempotency-Key": "one"})
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    reply = await comment_world.get(answers[0].json()["id"])
    assert (reply["own"], reply["parentId"], reply["replyStatus"], reply["externalId"], reply["actions"]) == (
        True,
        first["id"],
        "queued",
        None,
        [],
    )
    assert (await comment_world.get(first["id"]))["status"] == "done"
    assert await comment_world.ready_project.pool.fetchval("SELECT count(*) FROM comment_calls") == 1
    thread = await client.get(f"/v1/scheduled-posts/{comment_world.post}/comments")
    assert _texts(thread.json()["items"]) == ["first", "answer", "own", "Yes", "second"]
    too_long = await client.post(f"/v1/comments/{first['id']}/reply", json={"text": "x" * 101})
    assert (too_long.status_code, too_long.json()["error"]["details"]["issues"][0]["code"]) == (422, "would_fail")
    twice = await client.post(f"/v1/comments/{reply['id']}/reply", json={"text": "And?"})
    assert (twice.status_code, twice.json()["error"]["details"]["reason"]) == (409, "reply_not_posted")


async def test_comments_of_what_is_gone_are_not_answered(comment_world: CommentWorld) -> None:
    """A deleted comment and a post that was taken down are a conflict."""
    await _fill(comment_world)
    project = comment_world.ready_project
    first, second = await comment_world.one("first"), await comment_world.one("second")
    comment_world.clock.advance(timedelta(minutes=1))
    await comment_world.receive(comment_world.seen("c1", "first", minutes=31))
    assert _texts(await comment_world.list()) == ["first"]
    gone = await project.client.post(f"/v1/comments/{second['id']}/reply", json={"text": "Yes"})
    assert (gone.status_code, gone.json()["error"]["details"]["reason"]) == (409, "comment_deleted")
    assert (await comment_world.get(second["id"]))["deletedAt"] is not None
    await project.change("scheduled_posts", comment_world.post, live_status="taken_down")
    down = await project.client.post(f"/v1/comments/{first['id']}/hide")
    assert (down.status_code, down.json()["error"]["details"]["reason"]) == (409, "post_not_live")


async def test_saved_replies_belong_to_the_project(comment_world: CommentWorld) -> None:
    """They can be created, listed, changed and deleted, and another project does not have them."""
    project = comment_world.ready_project
    path = f"/v1/projects/{project.project}/saved-replies"
    made = (await project.client.post(path, json={"name": "Hours", "text": "From 7"})).json()
    changed = (await project.client.patch(f"{path}/{made['id']}", json={"text": "From 8"})).json()
    assert (changed["name"], changed["text"]) == ("Hours", "From 8")
    assert (await project.client.get(path)).json()["items"] == [changed]
    other = f"/v1/projects/{await project.world.project()}/saved-replies"
    assert (await project.client.get(other)).json()["items"] == []
    assert (await project.client.delete(f"{other}/{made['id']}")).status_code == 404
    assert (await project.client.delete(f"{path}/{made['id']}")).json() == changed
    assert (await project.client.get(path)).json()["items"] == []
