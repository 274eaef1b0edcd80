"""Labels of content: every list, count and export of content and posts can be filtered by them."""

import json
from dataclasses import replace
from typing import Any, Final

import pytest
from tests.posts.conftest import ReadyProject, bare
from tests.posts.test_overview import caller_of
from tests.posts.test_schedule import to

from presswork.content import labels as used_labels
from presswork.content.labels import list_labels

LISTS: Final = (
    "/v1/scheduled-posts",
    "/v1/scheduled-posts?groupBy=content",
    "/v1/scheduled-posts?projectId={project}&order=asc",
    "/v1/projects/{project}/scheduled-posts",
    "/v1/projects/{project}/scheduled-posts?socialAccountId={account}&order=asc&limit=1",
)


async def read_all(ready_project: ReadyProject, path: str, **query: Any) -> list[dict[str, Any]]:
    """Return all items of a list, page by page."""
    items, cursor = [], None
    while True:
        paged = query if cursor is None else {**query, "cursor": cursor}
        response = await ready_project.client.get(path, params={**dict(_query_of(path)), **paged})
        assert response.status_code == 200, response.text
        items += response.json()["items"]
        if (cursor := response.json()["nextCursor"]) is None:
            return items


def _query_of(path: str) -> list[tuple[str, str]]:
    pairs = path.partition("?")[2].split("&")
    return [(name, value) for name, _, value in (pair.partition("=") for pair in pairs) if name]


async def test_every_list_of_posts_and_content_is_filtered_by_any_label(ready_project: ReadyProject) -> None:
    """Repeated, it means any of them; posts have the labels of their content, also those that are given later."""
    client, project = ready_project.client, ready_project.project
    posts = {}
    for name, labels in (("image", ["spring", "sale"]), ("video", ["spring"]), ("slideshow", [])):
        container = getattr(ready_project, name)
        sent = await ready_project.publish(container, to(ready_project.tiktok))
        posts[container] = sent.json()["scheduledPostIds"][0]
        patched = await client.patch(f"/v1/content/{container}", json={"labels": labels})
        assert patched.json()["labels"] == labels, patched.text
    image, video = ready_project.image, ready_project.video
    cases: list[tuple[list[str], set[str]]] = [
        (["sale"], {image}),
        (["spring"], {image, video}),
        (["sale", "none"], {image}),
        (["none"], set()),
        ([" spring "], {image, video}),
    ]
    for label, containers in cases:
        for path in ("/v1/content", f"/v1/content?projectId={project}", f"/v1/projects/{project}/content"):
            assert {one["id"] for one in await read_all(ready_project, path, label=label)} == containers, path
        for form in LISTS:
            path = form.format(project=project, account=ready_project.tiktok)
            found = await read_all(ready_project, path, label=label)
            assert sorted(one["containerId"] for one in found) == sorted(containers), path
        count = (await client.get("/v1/scheduled-posts/count", params={"label": label})).json()
        assert count == {"total": len(containers), "isCapped": False}
        for whose in ({}, {"projectId": project}):
            summary = (await client.get("/v1/scheduled-posts/summary", params={"label": label, **whose})).json()
            assert sum(day["counts"]["queued"] for day in summary["days"]) == len(containers)
        exported = await client.get("/v1/scheduled-posts/export", params={"label": label, "format": "jsonl"})
        assert {json.loads(line)["id"] for line in exported.text.splitlines()} == {posts[one] for one in containers}
        asked = await client.post(
            "/v1/scheduled-posts/bulk",
            json={"action": "cancel", "filter": {"label": [one.strip() for one in label]}},
        )
        assert asked.json()["total"] == len(containers), asked.text
    (listed,) = await read_all(ready_project, f"/v1/projects/{project}/scheduled-posts", label=["sale"])
    assert listed == await ready_project.world.post(posts[image])


async def test_labels_in_use_are_counted(ready_project: ReadyProject, monkeypatch: pytest.MonkeyPatch) -> None:
    """The most frequent first; of the projects that the caller sees, without content that was deleted."""
    client, project = ready_project.client, ready_project.project
    for container, labels in ((ready_project.image, ["b", "a"]), (ready_project.video, ["c", "a"])):
        await client.patch(f"/v1/content/{container}", json={"labels": labels})
    other = await ready_project.world.project("Other")
    made = await client.post(f"/v1/projects/{other}/content", json={"text": "Hi", "labels": ["d", "d", "a"]})
    assert made.json()["labels"] == ["d", "a"]
    await client.delete(f"/v1/content/{ready_project.video}")

    async def read(**query: str) -> list[tuple[str, int]]:
        found = (await client.get("/v1/labels", params=query)).json()
        assert found["nextCursor"] is None
        return [(one["label"], one["contentCount"]) for one in found["items"]]

    assert await read() == [("a", 2), ("b", 1), ("d", 1)]
    assert await read(projectId=project) == [("a", 1), ("b", 1)]
    assert await read(projectId=f"prj_{bare(ready_project.image)}") == []
    caller = replace(await caller_of(ready_project), project_ids=frozenset({bare(other)}))
    for wanted, labels in ((None, ["a", "d"]), (bare(project), [])):
        found = await list_labels(ready_project.pool, wanted, visible_to=caller)
        assert [one.label for one in found] == labels
    monkeypatch.setattr(used_labels, "MAX_LABELS_SHOWN", 1)
    assert await read() == [("a", 2)]


async def test_uploads_and_imports_have_labels(ready_project: ReadyProject, picture: bytes) -> None:
    """Those with which an upload was opened stay unless it is finalized with others; a table has a column for them."""
    client, project = ready_project.client, ready_project.project
    file = {"filename": "a.jpg", "contentType": "image/jpeg", "sizeBytes": len(picture)}
    body = {"files": [file], "grouping": "per-file", "labels": ["spring"]}
    for labels, kept in ((None, ["spring"]), (["sale"], ["sale"])):
        (item,) = (await client.post(f"/v1/projects/{project}/content/uploads", json=body)).json()["items"]
        target = item["files"][0]
        browser = await ready_project.world.api.anonymous()
        await browser.put(target["uploadUrl"], content=picture, headers=target["headers"])
        final = {} if labels is None else {"labels": labels}
        done = await client.post(f"/v1/content/{item['containerId']}/finalize-upload", json=final)
        assert done.json()["labels"] == kept, done.text
    row = {"caption": "On {{day}}", "labels": "spring, sale\nrye", "accounts": ready_project.instagram}
    for wrong in ({"containerId": ready_project.image}, {"labels": ",".join(map(str, range(21)))}, {}):
        checked = await client.post(
            f"/v1/projects/{project}/imports", json={"rows": [{**row, **wrong}], "dryRun": True}
        )
        errors = [one for one in checked.json()["rows"][0]["findings"] if one["column"] == "labels"]
        assert bool(errors) is bool(wrong), checked.text
    await client.patch(f"/v1/projects/{project}", json={"variables": {}})
    checked = await client.post(f"/v1/projects/{project}/imports", json={"rows": [row], "dryRun": True})
    assert ("caption", "unknown_variable") in [
        (one["column"], one["code"]) for one in checked.json()["rows"][0]["findings"]
    ]
