"""Comments on LinkedIn: answers to comments, edits, deletion, reactions, and what which role may do."""

import httpx2
import pytest
from tests.every_row import every_row
from tests.sandbox.linkedin_client import LinkedIn, page, quoted
from tests.sandbox.running_sandbox import RunningSandbox

LIKE = {"reactionType": "LIKE"}


def path_of(urn: str, number: str, actor: str = "") -> str:
    """Return the path of a comment."""
    return f"rest/socialActions/{quoted(urn)}/comments/{number}" + (f"?actor={quoted(actor)}" if actor else "")


async def edit(client: LinkedIn, path: str, text: object = "Yes, from 9.") -> httpx2.Response:
    """Change a comment."""
    patch = {"patch": {"message": {"$set": {"text": text}}}}
    return await client.call("POST", path, patch, X_RestLi_Method="PARTIAL_UPDATE")


async def test_answers_to_comments(sandbox: RunningSandbox) -> None:
    """A list has the top level; what answers a comment is below it, written by either path; people are URNs without names."""
    client, brand = await page(sandbox)
    urn = await client.posted(brand, "Open")
    asked = await sandbox.comment("linkedin", urn, author="anna")
    [top] = await client.comments_on(urn)
    assert top["id"] == asked["id"]
    assert top["actor"].startswith("urn:li:person:")
    assert top["object"] != urn
    assert top["object"].startswith("urn:li:activity:")
    parent = top["commentUrn"]
    assert parent == f"urn:li:comment:({top['object']},{asked['id']})"
    by_body = await client.comment(urn, brand, "Yes, from 8.", parentComment=parent)
    by_path = await client.comment(parent, brand, "Also at 9.", object=top["object"], parentComment=parent)
    assert [by_body.status_code, by_path.status_code] == [201, 201]
    assert by_body.headers["x-restli-id"] == by_body.json()["id"]
    answers = await client.comments_on(parent)
    assert [(one["message"]["text"], one["parentComment"], one["actor"]) for one in answers] == [
        ("Yes, from 8.", parent, brand),
        ("Also at 9.", parent, brand),
    ]
    deeper = await client.comment(urn, brand, "Deeper", parentComment=answers[0]["commentUrn"])
    assert deeper.json()["parentComment"] == parent
    assert [one["id"] for one in await client.comments_on(top["object"])] == [asked["id"]]
    assert (await client.comments_on(urn))[0]["commentsSummary"]["aggregatedTotalComments"] == 3
    assert len(await client.comments_on(parent, "?start=1&count=1")) == 1
    assert await client.comments_on(parent, "?start=3") == []
    one = await client.call("GET", path_of(urn, answers[0]["id"]))
    assert one.json()["message"]["text"] == "Yes, from 8."
    assert [(one["own"], one["parentId"]) for one in await sandbox.items("comments")] == [
        (False, None),
        *[(True, asked["id"])] * 3,
    ]


async def test_refusals(sandbox: RunningSandbox) -> None:
    """A picture, a parent that is none or is elsewhere, and comments that don't exist."""
    client, brand = await page(sandbox)
    urn, other = await client.posted(brand, "Open"), await client.posted(brand, "Other")
    await sandbox.comment("linkedin", other)
    [elsewhere] = await client.comments_on(other)
    refused = await client.comment(urn, brand, "Look", content=[{"entity": {"image": "urn:li:image:1"}}])
    assert (refused.status_code, "[/content]" in refused.json()["message"]) == (403, True)
    rows: list[tuple[str, object, int]] = [
        ("on another post", elsewhere["commentUrn"], 400),
        ("no comment", "urn:li:share:1", 400),
        ("unknown", f"urn:li:comment:({elsewhere['object']},1)", 404),
    ]
    with every_row() as row:
        for name, parent, status in rows:
            with row(name):
                assert (await client.comment(urn, brand, "x", parentComment=parent)).status_code == status
    assert (await client.comments("urn:li:activity:1")).status_code == 404
    assert (await client.call("GET", path_of(urn, elsewhere["id"]))).status_code == 404
    assert len(await sandbox.items("comments")) == 1


async def test_edit_and_delete(sandbox: RunningSandbox) -> None:
    """The author edits; the author and the page delete, with what answers the comment; then it is gone."""
    client, brand = await page(sandbox)
    urn = await client.posted(brand, "Open")
    asked = (await sandbox.comment("linkedin", urn))["id"]
    [top] = await client.comments_on(urn)
    own = (await client.comment(urn, brand, "Yes", parentComment=top["commentUrn"])).json()["id"]
    changed = await edit(client, path_of(urn, own, brand))
    assert (changed.status_code, changed.json()["message"]["text"]) == (200, "Yes, from 9.")
    assert (await edit(client, path_of(urn, asked, brand))).status_code == 403
    assert (await edit(client, path_of(urn, own))).status_code == 400
    assert (await edit(client, path_of(urn, own, brand), " ")).status_code == 400
    assert (await client.call("POST", path_of(urn, own, brand), {})).status_code == 400
    assert (await client.call("DELETE", path_of(urn, own))).status_code == 400
    stranger, other = await page(sandbox, "other")
    assert (await stranger.call("DELETE", path_of(urn, own, other))).status_code == 403
    assert (await client.call("DELETE", path_of(urn, asked, brand))).status_code == 204
    assert await client.comments_on(urn) == []
    assert (await client.call("DELETE", path_of(urn, own, brand))).status_code == 404
    assert [(one["deleted"], one["text"]) for one in await sandbox.items("comments")] == [
        (True, "Open on Sunday?"),
        (True, "Yes, from 9."),
    ]


async def test_reactions(sandbox: RunningSandbox) -> None:
    """One reaction of an actor for a comment or a post, taken back by a key of both URNs; a kind that is none is refused."""
    client, brand = await page(sandbox)
    urn = await client.posted(brand, "Open")
    await sandbox.comment("linkedin", urn)
    [top] = await client.comments_on(urn)
    path = f"rest/reactions?actor={quoted(brand)}"
    for _ in range(2):
        made = await client.call("POST", path, {"root": top["commentUrn"], **LIKE})
        assert (made.status_code, made.json()["root"]) == (201, top["commentUrn"])
        [liked] = await client.comments_on(urn)
        assert (liked["likesSummary"]["totalLikes"], liked["likesSummary"]["likedByCurrentUser"]) == (1, True)
    assert (await sandbox.items("comments"))[0]["liked"] is True
    key = f"(actor:{quoted(brand)},entity:{quoted(top['commentUrn'])})"
    assert (await client.call("DELETE", f"rest/reactions/{key}")).status_code == 204
    assert (await sandbox.items("comments"))[0]["liked"] is False
    assert (await client.call("POST", path, {"root": top["object"], "reactionType": "PRAISE"})).status_code == 201
    assert (await client.call("POST", path, {"root": urn, "reactionType": "MAYBE"})).status_code == 400
    assert (await client.call("POST", path, {"root": "urn:li:activity:1", **LIKE})).status_code == 404


async def test_roles(sandbox: RunningSandbox) -> None:
    """A recruiting poster writes and reads an empty list, 200; so does who may only post; a role without rights can't write."""
    client, brand = await page(sandbox)
    urn = await client.posted(brand, "Open")
    await sandbox.comment("linkedin", urn)
    rows = [
        ("DIRECT_SPONSORED_CONTENT_POSTER", 201, True),
        ("RECRUITING_POSTER", 201, False),
        ("CONTENT_ADMINISTRATOR", 201, False),
        ("CURATOR", 403, False),
    ]
    with every_row() as row:
        for role, status, can_read in rows:
            with row(role):
                await sandbox.account("linkedin", "brand", pageRole=role)
                assert (await client.comment(urn, brand, role)).status_code == status
                assert bool(await client.comments_on(urn)) == can_read


async def test_lost_answers(sandbox: RunningSandbox) -> None:
    """A comment exists although its answer was lost, or was the throttle's 429."""
    client, brand = await page(sandbox)
    urn = await client.posted(brand, "Open")
    await sandbox.fault("linkedin", "comments", "drop_after_effect")
    with pytest.raises(httpx2.TransportError):
        await client.comment(urn, brand, "One")
    message = "Comment create throttled: creation rate limit exceeded for member"
    value = {"code": "TOO_MANY_REQUESTS", "message": message, "afterEffect": True}
    await sandbox.fault("linkedin", "comments", "platform_error", value=value)
    throttled = await client.comment(urn, brand, "Two")
    assert (throttled.status_code, throttled.json()["message"]) == (429, message)
    assert [one["message"]["text"] for one in await client.comments_on(urn)] == ["One", "Two"]
