"""The discussion of content: comments of the team and of people at review links, places and times, mentions."""

import json
from datetime import timedelta
from typing import Any

import pytest
from tests.api.wire import error, issues, refusal
from tests.api_server import Api
from tests.clocks import MovableClock
from tests.links.review_flow import ReviewFlow
from tests.people.people import People, user_id_of
from tests.posts.conftest import ReadyProject, bare
from tests.world import World

from presswork.core.timestamps import write_instant

Json = dict[str, Any]  # Any: nested JSON
_SECRET = "margin is forty percent"


@pytest.fixture
def people(api: Api) -> People:
    """Invites people and signs them in."""
    return People(api)


async def test_people_and_keys_discuss_content(
    ready_project: ReadyProject, people: People, clock: MovableClock
) -> None:
    """Comments have their author, are paged oldest first, resolved and opened again, and deleted by who wrote them."""
    path = f"/v1/content/{ready_project.image}/comments"
    author, approver = await people.signed_in("author"), await people.signed_in("approver")
    made = await author.post(path, json={"text": "Which price?", "visibility": "internal"})
    assert made.status_code == 201, made.text
    comment = made.json()
    assert comment == {
        "id": comment["id"],
        "containerId": ready_project.image,
        "text": "Which price?",
        "visibility": "internal",
        "anchor": None,
        "mentions": [],
        "author": {"kind": "user", "id": await user_id_of(author), "name": comment["author"]["name"]},
        "createdAt": write_instant(clock.now()),
        "resolvedAt": None,
    }
    clock.advance(timedelta(seconds=1))
    for client, visibility in ((approver, "external"), (ready_project.client, "internal")):
        assert (await client.post(path, json={"text": "This.", "visibility": visibility})).status_code == 201
    read = (await author.get(path)).json()["items"]
    assert [one["author"]["kind"] for one in read] == ["user", "user", "api_key"]
    page = (await author.get(path, params={"limit": 2})).json()
    rest = (await author.get(path, params={"limit": 2, "cursor": page["nextCursor"]})).json()
    assert ([*page["items"], *rest["items"]], rest["nextCursor"]) == (read, None)
    shown = (await author.get(path, params={"visibility": "external"})).json()["items"]
    assert [one["id"] for one in shown] == [read[1]["id"]]
    one = f"{path}/{comment['id']}"
    resolved = await approver.patch(one, json={"resolved": True})
    assert (resolved.status_code, resolved.json()["resolvedAt"]) == (200, write_instant(clock.now()))
    assert (await approver.patch(one, json={"resolved": False})).json() == comment
    viewer = await people.signed_in("viewer")
    assert (await viewer.get(path)).json()["items"] == [comment, *read[1:]]
    for call in (
        viewer.post(path, json={"text": "Me", "visibility": "internal"}),
        viewer.patch(one, json={"resolved": True}),
    ):
        assert error(await call)["details"] == {"requiredScope": "content:write"}
    assert error(await approver.delete(one))["details"] == {"requiredScope": "org:admin"}
    assert (await author.delete(one)).json() == comment
    assert (await (await people.signed_in("admin")).delete(f"{path}/{read[1]['id']}")).status_code == 200
    assert refusal(await author.delete(one)) == (404, "NOT_FOUND")
    elsewhere = f"/v1/content/{ready_project.video}/comments/{read[2]['id']}"
    assert refusal(await author.patch(elsewhere, json={"resolved": True})) == (404, "NOT_FOUND")


async def test_a_comment_points_at_a_place_or_a_time(world: World, picture: bytes, video: bytes) -> None:
    """Fractions of a picture, milliseconds of a video within its duration, or both of a frame; everything else is refused."""
    project = await world.project()
    still = await world.content(project, picture)
    film = await world.content(project, video, content_type="video/mp4")
    ids = [(await world.client.get(f"/v1/content/{container}")).json()["media"][0]["id"] for container in (still, film)]
    for container, anchor, refused in (
        (still, {"assetId": ids[0], "x": 0, "y": 1}, None),
        (film, {"assetId": ids[1], "ms": 1000}, None),
        (film, {"assetId": ids[1], "ms": 0, "x": 0.5, "y": 0.25}, None),
        (still, {"assetId": ids[0]}, "anchor.x"),
        (still, {"assetId": ids[0], "x": 0.5}, "anchor"),
        (still, {"assetId": ids[0], "x": 1.01, "y": 0}, "anchor.x"),
        (still, {"assetId": ids[0], "x": 0, "y": 0, "ms": 1}, "anchor.ms"),
        (still, {"assetId": ids[1], "x": 0, "y": 0}, "anchor.assetId"),
        (film, {"assetId": ids[1], "x": 0.5, "y": 0.5}, "anchor.ms"),
        (film, {"assetId": ids[1], "ms": 1500}, "anchor.ms"),
        (film, {"assetId": ids[1], "ms": -1}, "anchor.ms"),
    ):
        body = {"text": "Here.", "visibility": "external", "anchor": anchor}
        answer = await world.client.post(f"/v1/content/{container}/comments", json=body)
        if refused is None:
            assert answer.status_code == 201, answer.text
            assert answer.json()["anchor"] == {"x": None, "y": None, "ms": None, **anchor}
        else:
            assert list(issues(answer)) == [refused], anchor


async def test_mentions_are_users_who_see_the_project_and_send_an_event(
    ready_project: ReadyProject, people: People
) -> None:
    """The message about the comment, and one more that names the users; a person of another project is refused."""
    hook = {"url": "https://hooks.example.com/one", "events": ["content.commented", "content.mentioned"]}
    assert (await ready_project.client.post("/v1/webhook-endpoints", json=hook)).status_code == 201
    path, user = f"/v1/content/{ready_project.image}/comments", await user_id_of(await people.signed_in("viewer"))
    other = await ready_project.world.project("Other")
    blind = await user_id_of(await people.signed_in("viewer", project_ids=[other]))
    stranger = await user_id_of(await people.signed_in("viewer", organization="Rival"))
    body = {"text": "Look, please.", "visibility": "internal"}
    refused = await ready_project.client.post(path, json={**body, "mentions": [user, blind, stranger]})
    assert set(issues(refused)) == {"mentions[1]", "mentions[2]"}
    made = (await ready_project.client.post(path, json={**body, "mentions": [user, user]})).json()
    assert made["mentions"] == [user]
    await ready_project.client.post(path, json=body)
    rows = await ready_project.pool.fetch("SELECT event_type, data, subject_id FROM webhook_deliveries ORDER BY id")
    found = sorted(row["event_type"] for row in rows)
    assert found == ["content.commented", "content.commented", "content.mentioned"]
    (mentioned,) = [row for row in rows if row["event_type"] == "content.mentioned"]
    organization = json.loads(mentioned["data"])["organizationId"]
    assert json.loads(mentioned["data"]) == {
        **made,
        "projectId": ready_project.project,
        "organizationId": organization,
    }
    assert mentioned["subject_id"] == bare(ready_project.image)


async def test_comments_have_bounds(ready_project: ReadyProject) -> None:
    """5,000 characters, 1,000 comments, and none on deleted content."""
    path = f"/v1/content/{ready_project.image}/comments"
    for text, status in (("x" * 5000, 201), ("x" * 5001, 422), (" \n", 422), ("", 422)):
        assert (
            await ready_project.client.post(path, json={"text": text, "visibility": "internal"})
        ).status_code == status
    await ready_project.pool.execute(
        """INSERT INTO content_comments (id, container_id, project_id, organization_id, environment, text, visibility, author,
                                         created_at)
           SELECT gen_random_uuid(), container_id, project_id, organization_id, environment, text, visibility, author, created_at
             FROM content_comments, generate_series(1, 999)"""
    )
    full = await ready_project.client.post(path, json={"text": "One more", "visibility": "internal"})
    assert (full.status_code, error(full)["details"]["reason"]) == (409, "too_many_comments")
    await ready_project.client.delete(f"/v1/content/{ready_project.image}", params={"erase": "true"})
    assert await ready_project.pool.fetchval("SELECT count(*) FROM content_comments") == 0
    late = await ready_project.client.post(path, json={"text": "Late", "visibility": "internal"})
    assert refusal(late) == (409, "CONFLICT")


async def test_people_at_a_link_see_and_write_what_is_external(
    world: World, ready_project: ReadyProject, picture: bytes, video: bytes
) -> None:
    """Comments are numbered at their places and times; nothing internal reaches the page; a person answers by a form."""
    still = await world.content(ready_project.project, picture)
    film = await world.content(ready_project.project, video, content_type="video/mp4")
    flow = ReviewFlow(project=ready_project)
    for container, place, text in (
        (still, {"x": 0.25, "y": 0.75}, "Closer to the crust"),
        (still, {"x": 0.5, "y": 0.5}, _SECRET),
        (film, {"ms": 900}, "Here it rattles"),
        (film, None, _SECRET),
    ):
        (medium,) = (await world.client.get(f"/v1/content/{container}")).json()["media"]
        body = {
            "text": text,
            "visibility": "internal" if text == _SECRET else "external",
            "anchor": None if place is None else {"assetId": medium["id"], **place},
        }
        made = await world.client.post(f"/v1/content/{container}/comments", json=body)
        assert made.status_code == 201, made.text
    link = await flow.make(still, film, canDecide=False)
    person = await flow.person(link)
    assert "Closer to the crust" in person.text
    assert "0:00.9" in person.text
    assert '<circle cx="16" cy="60"' in person.shown.text
    assert _SECRET not in person.shown.text
    assert "internal" not in person.shown.text
    assert "<form" not in person.shown.text
    await person.write()
    missing = await person.comment(still, "", name="Marta")
    assert (missing.status_code, "Write something" in person.text) == (422, True)
    nameless = await person.comment(still, "Nice", name="")
    assert (nameless.status_code, "Enter your name" in person.text, "Nice" in person.text) == (422, True, True)
    sent = await person.comment(still, "Much better\x00<b>", name="Marta")
    assert sent.status_code == 303
    assert "Much better<b>" in person.text
    (last,) = (await world.client.get(f"/v1/content/{still}/comments")).json()["items"][2:]
    assert (last["text"], last["visibility"]) == ("Much better<b>", "external")
    assert last["author"] == {"kind": "review_link", "id": link["id"], "name": "Marta"}
    await person.write()
    foreign = await person.comment(ready_project.image, "Not shown here", name="Marta")
    assert foreign.status_code == 422
    assert (await world.client.get(f"/v1/content/{ready_project.image}/comments")).json()["items"] == []


async def test_people_at_a_link_mark_a_place_and_a_moment(
    world: World, ready_project: ReadyProject, picture: bytes, video: bytes
) -> None:
    """What was typed stays; without a place, or with a moment that the video does not have, nothing is sent."""
    still = await world.content(ready_project.project, picture)
    film = await world.content(ready_project.project, video, content_type="video/mp4")
    flow = ReviewFlow(project=ready_project)
    person = await flow.person(await flow.make(still, film, canDecide=False))
    await person.write()
    for container, wrong, right, anchor in (
        (
            still,
            ({}, {"place": "2:0.5"}, {"place": "x"}, {"time": "0:01"}),
            {"place": "0.1250:0.7500"},
            {"x": 0.125, "y": 0.75, "ms": None},
        ),
        (
            film,
            ({}, {"time": "soon"}, {"time": "1:00:01"}, {"place": "0.5:0.5"}),
            {"time": "0:00,5"},
            {"x": None, "y": None, "ms": 500},
        ),
    ):
        (medium,) = (await world.client.get(f"/v1/content/{container}")).json()["media"]
        await person.mark(container, medium["id"], "Closer")
        assert "Closer" in person.text
        shown = person.shown.text
        assert (shown.count('name="place"') > 100, shown.count('name="time"')) == (
            container == still,
            container == film,
        )
        for one in wrong:
            refused = await person.comment(container, "Closer", name="Marta", **one)
            assert (refused.status_code, "Choose the place in the picture" in person.text) == (422, True), one
        sent = await person.comment(container, "Closer", name="Marta", **right)
        assert sent.status_code == 303, person.text
        (said,) = (await world.client.get(f"/v1/content/{container}/comments")).json()["items"]
        assert said["anchor"] == {"assetId": medium["id"], **anchor}
        await person.write()
    await person.mark(still, "ast_00000000-0000-7000-8000-000000000000")
    assert (await person.comment(still, "About all of it", name="Marta")).status_code == 303
