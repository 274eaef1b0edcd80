"""Snippets: texts that people insert into posts, shared with the project."""

import asyncio

import pytest
from tests.posts.conftest import ReadyProject

from presswork.snippets import store


async def test_snippets_are_kept_by_unique_names(ready_project: ReadyProject) -> None:
    """Created, read, changed and deleted; two of one project have different names, those of other projects do not matter."""
    client, project = ready_project.client, ready_project.project
    path, other = f"/v1/projects/{project}/snippets", await ready_project.world.project("Other")
    made = await client.post(path, json={"name": "Signature", "text": "Call {{phone}}"})
    assert made.status_code == 201, made.text
    first = made.json()
    assert (first["projectId"], first["name"], first["text"]) == (project, "Signature", "Call {{phone}}")
    second = (await client.post(path, json={"name": "Tags", "text": "#rye"})).json()
    await client.post(f"/v1/projects/{other}/snippets", json={"name": "Tags", "text": "#other"})
    for taken in (
        await client.post(path, json={"name": "Tags", "text": "x"}),
        await client.patch(f"/v1/snippets/{first['id']}", json={"name": "Tags"}),
    ):
        assert (taken.status_code, taken.json()["error"]["details"]) == (409, {"reason": "name_taken"})
    one = f"/v1/snippets/{first['id']}"
    changed = (await client.patch(one, json={"text": "Write to {{mail}}"})).json()
    assert (changed["name"], changed["text"]) == ("Signature", "Write to {{mail}}")
    assert (await client.get(one)).json() == changed
    assert (await client.patch(one, json={"name": "Signature", "text": "x"})).status_code == 200
    listed = (await client.get(path)).json()
    assert [item["id"] for item in listed["items"]] == [first["id"], second["id"]]
    assert (await client.delete(one)).json()["id"] == first["id"]
    assert {(await client.get(one)).status_code, (await client.delete(one)).status_code} == {404}
    assert (await client.post(path, json={"name": "Signature", "text": "Again"})).status_code == 201


async def test_a_project_has_a_bound_that_calls_at_once_do_not_pass(
    ready_project: ReadyProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of many calls for the last place and one name, one gets it."""
    client, path = ready_project.client, f"/v1/projects/{ready_project.project}/snippets"
    monkeypatch.setattr(store, "MAX_SNIPPETS", 2)
    await client.post(path, json={"name": "First", "text": "x"})
    answers = await asyncio.gather(*(client.post(path, json={"name": f"N{n}", "text": "x"}) for n in range(8)))
    assert sorted(one.status_code for one in answers) == [201, *[409] * 7]
    refused = [one.json()["error"]["details"]["reason"] for one in answers if one.status_code == 409]
    assert set(refused) == {"too_many_snippets"}
    for body in ({"name": "x", "text": ""}, {"name": " ", "text": "x"}, {"name": "x", "text": "x" * 63_207}):
        assert (await client.post(path, json=body)).status_code == 422
