"""Drafts of the composer: shared in a project, and never overwritten by someone who has not seen the last change."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.clocks import MovableClock
from tests.posts.conftest import ReadyProject, bare
from tests.posts.test_overview import caller_of

from presswork.api.webhooks.event_schemas import DraftEventData
from presswork.content import drafts
from presswork.content.drafts import MAX_BYTES, DraftNotFound, find_draft, list_drafts

BODY: dict[str, Any] = {"text": "Rye with \x00 and 🥐", "accounts": [], "at": None}


async def test_a_draft_is_shared_and_changed_by_revision(ready_project: ReadyProject, clock: MovableClock) -> None:
    """Of two people who change the same revision, the second is refused and reads the first one's change."""
    client, project = ready_project.client, ready_project.project
    made = await client.post("/v1/drafts", json={"projectId": project, "body": BODY})
    assert made.status_code == 201, made.text
    draft = made.json()
    assert (draft["projectId"], draft["body"], draft["revision"]) == (project, BODY, 1)
    path = f"/v1/drafts/{draft['id']}"
    clock.advance(timedelta(minutes=1))
    first = await client.patch(path, json={"body": {"text": "one"}, "revision": 1})
    second = await client.patch(path, json={"body": {"text": "two"}, "revision": 1})
    assert (first.status_code, first.json()["revision"]) == (200, 2)
    assert (second.status_code, second.json()["error"]["details"]) == (
        409,
        {"reason": "stale_revision", "draftId": draft["id"], "revision": 2},
    )
    read = (await client.get(path)).json()
    assert (read["body"], read["createdAt"]) == ({"text": "one"}, draft["createdAt"])
    assert read["updatedBy"].startswith("key_")
    other = (await client.post("/v1/drafts", json={"projectId": project, "body": None})).json()
    listed = (await client.get("/v1/drafts", params={"projectId": project})).json()
    assert [one["id"] for one in listed["items"]] == [other["id"], draft["id"]]
    page = (await client.get("/v1/drafts", params={"limit": 1})).json()
    rest = (await client.get("/v1/drafts", params={"limit": 1, "cursor": page["nextCursor"]})).json()
    assert [one["id"] for one in (*page["items"], *rest["items"])] == [other["id"], draft["id"]]
    assert (await client.delete(path)).json()["id"] == draft["id"]
    for gone in (
        await client.get(path),
        await client.delete(path),
        await client.patch(path, json={"body": 1, "revision": 2}),
    ):
        assert gone.status_code == 404


async def test_a_draft_has_bounds_and_is_seen_by_those_who_see_its_project(
    ready_project: ReadyProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A body that is too large, a project with too many, and a caller of other projects."""
    client, project = ready_project.client, ready_project.project
    for text, status in (("x" * (MAX_BYTES - 2), 201), ("x" * (MAX_BYTES - 1), 422), ("ü" * (MAX_BYTES // 2), 422)):
        response = await client.post("/v1/drafts", json={"projectId": project, "body": text})
        assert response.status_code == status
    (draft,) = (await client.get("/v1/drafts")).json()["items"]
    monkeypatch.setattr(drafts, "MAX_DRAFTS", 1)
    full = await client.post("/v1/drafts", json={"projectId": project, "body": 1})
    assert (full.status_code, full.json()["error"]["details"]["reason"]) == (409, "too_many_drafts")
    caller = await caller_of(ready_project)
    for projects, is_seen in (({bare(project)}, True), (set(), False)):
        limited = replace(caller, project_ids=frozenset(projects))
        found = await list_drafts(ready_project.pool, None, visible_to=limited, after=None, limit=10)
        assert len(found) == is_seen
        if not is_seen:
            with pytest.raises(DraftNotFound):
                await find_draft(ready_project.pool, bare(draft["id"]), visible_to=limited)


async def test_each_change_of_a_draft_is_an_event(ready_project: ReadyProject) -> None:
    """Created, changed and deleted: subscribers learn of the revision and who it was, and not what the draft has."""
    client, project = ready_project.client, ready_project.project
    endpoint = {"url": "https://hooks.example/in", "events": ["draft.changed"]}
    assert (await client.post("/v1/webhook-endpoints", json=endpoint)).status_code == 201
    draft = (await client.post("/v1/drafts", json={"projectId": project, "body": {"text": "Secret"}})).json()
    path = f"/v1/drafts/{draft['id']}"
    changed = (await client.patch(path, json={"body": {"text": "Secret 2"}, "revision": 1})).json()
    assert (await client.patch(path, json={"body": 3, "revision": 1})).status_code == 409
    deleted = (await client.delete(path)).json()
    rows = await ready_project.pool.fetch("SELECT event_type, data FROM webhook_deliveries ORDER BY position")
    assert [row["event_type"] for row in rows] == ["draft.changed"] * 3
    events = [json.loads(row["data"]) for row in rows]
    assert [(one["draftId"], one["projectId"], one["revision"]) for one in events] == [
        (draft["id"], project, revision) for revision in (1, 2, 2)
    ]
    assert [one["updatedAt"] for one in events[:2]] == [draft["updatedAt"], changed["updatedAt"]]
    assert [one["deletedAt"] for one in events] == [None, None, deleted["deletedAt"]]
    assert {one["updatedBy"] for one in events} == {draft["updatedBy"]}
    names = DraftEventData.model_json_schema(by_alias=True)["properties"]
    assert all(one.keys() == names.keys() for one in events)
    assert "Secret" not in str(events)


async def test_of_two_writers_at_once_one_is_refused_and_nothing_is_lost(ready_project: ReadyProject) -> None:
    """Both append to what they have read, and read again when they are refused: in the end everything is there, each once."""
    client, rounds = ready_project.client, 10
    made = await client.post("/v1/drafts", json={"projectId": ready_project.project, "body": []})
    path = f"/v1/drafts/{made.json()['id']}"

    async def write(name: str) -> None:
        for number in range(rounds):
            while True:
                draft = (await client.get(path)).json()
                body = {"body": [*draft["body"], f"{name}{number}"], "revision": draft["revision"]}
                if (answer := await client.patch(path, json=body)).status_code == 200:
                    break
                assert answer.json()["error"]["details"]["reason"] == "stale_revision"

    await asyncio.gather(write("a"), write("b"))
    draft = (await client.get(path)).json()
    assert draft["revision"] == 1 + 2 * rounds
    assert sorted(draft["body"]) == sorted(f"{name}{number}" for name in "ab" for number in range(rounds))
