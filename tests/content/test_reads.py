"""Reading, listing and editing content over HTTP, and tenancy."""

import asyncio
from datetime import timedelta
from typing import Any

from tests.content.conftest import issues_of

from presswork.core.ids import new_id, public_id

JPEG = "image/jpeg"


async def test_pages_hold_every_container_once(content_client: Any, clock: Any) -> None:
    """Paging in either order, with equal times and new containers in between, has no gap and no duplicate."""
    made = []
    for number in range(7):
        if number % 2:
            clock.advance(timedelta(milliseconds=1))
        item = (await content_client.open(("a.jpg", JPEG, 5), ("b.jpg", JPEG, 5), grouping="slideshow")).json()[
            "items"
        ][0]
        made.append(item["containerId"])
    path = f"/v1/projects/{content_client.project_id}/content"
    for order, wanted in (("desc", made[::-1]), ("asc", made)):
        seen: list[str] = []
        cursor = None
        while True:
            page = (
                await content_client.client.get(
                    path, params={"limit": 3, "order": order, **({"cursor": cursor} if cursor else {})}
                )
            ).json()
            assert all(len(item["media"]) == 2 for item in page["items"])
            seen += [item["id"] for item in page["items"] if item["id"] in made]
            cursor = page["nextCursor"]
            if cursor is None:
                break
            await content_client.open(("late.jpg", JPEG, 5), ("later.jpg", JPEG, 5), grouping="slideshow")
        assert seen == wanted


async def test_lists_are_filtered(content_client: Any, clock: Any) -> None:
    """By status and approval, each several times, and by creation time, with inclusive bounds to the millisecond."""
    made = []
    clock.advance(timedelta(microseconds=123_456))
    for status, approval in (("queued", "pending"), ("completed", "approved"), ("canceled", "rejected")):
        item = (await content_client.open(("a.jpg", JPEG, 5))).json()["items"][0]
        container_id = item["containerId"].removeprefix("cnt_")
        await content_client.api.context.pool.execute(
            "UPDATE content_containers SET status = $2, approval_status = $3 WHERE id = $1",
            container_id,
            status,
            approval,
        )
        made.append((await content_client.client.get(f"/v1/content/{container_id}")).json())
        clock.advance(timedelta(seconds=1))
    path = f"/v1/projects/{content_client.project_id}/content"

    async def found(**params: Any) -> list[int]:
        items = (await content_client.client.get(path, params=params)).json()["items"]
        return [made.index(item) for item in items]

    assert await found() == [2, 1, 0]
    assert await found(order="asc") == [0, 1, 2]
    assert await found(status="completed") == [1]
    assert await found(status=["completed", "canceled"]) == [2, 1]
    assert await found(approvalStatus=["pending", "approved"], status="queued") == [0]
    assert await found(since=made[1]["createdAt"]) == [2, 1]
    assert await found(until=made[1]["createdAt"]) == [1, 0]
    assert await found(since=made[1]["createdAt"], until=made[1]["createdAt"]) == [1]
    for params in (
        {"status": "gone"},
        {"approvalStatus": "maybe"},
        {"since": "2026-11-24T10:00:00"},
        {"until": "yesterday"},
        {"order": "up"},
        {"cursor": "!"},
        {"limit": "201"},
    ):
        paths = issues_of(await content_client.client.get(path, params=params))
        assert {path.partition("[")[0] for path in paths} == set(params)


async def test_texts_can_be_changed(content_client: Any, clock: Any) -> None:
    """Omitted fields do not change, null removes the first comment, and too long or null captions are issues."""
    container_id = (await content_client.open(("a.jpg", JPEG, 5))).json()["items"][0]["containerId"]
    path = f"/v1/content/{container_id}"
    before = (await content_client.client.get(path)).json()
    clock.advance(timedelta(minutes=1))
    assert (await content_client.client.patch(path, json={})).json() == before
    longest = "x" * 63_206
    both = (await content_client.client.patch(path, json={"caption": longest, "firstComment": "Hi"})).json()
    changed = {"caption": longest, "text": longest, "firstComment": "Hi", "revision": 2, "updatedAt": both["updatedAt"]}
    assert both == {**before, **changed}
    assert both["updatedAt"] > before["updatedAt"]
    assert (await content_client.client.patch(path, json={"caption": ""})).json()["firstComment"] == "Hi"
    removed = (await content_client.client.patch(path, json={"firstComment": None})).json()
    assert (removed["caption"], removed["firstComment"]) == ("", None)
    assert issues_of(
        await content_client.client.patch(path, json={"caption": None, "firstComment": "x" * 8001, "files": []})
    ) == [
        "caption",
        "firstComment",
        "files",
    ]
    assert issues_of(await content_client.client.patch(path, json={"caption": f"{longest}x"})) == ["caption"]
    assert issues_of(await content_client.client.patch(path, json={"caption": "a\x00"})) == ["caption"]


async def test_canceled_content_can_not_be_edited(content_client: Any) -> None:
    """A canceled container can't be changed."""
    container_id = (await content_client.open(("a.jpg", JPEG, 5))).json()["items"][0]["containerId"]
    await content_client.api.context.pool.execute("UPDATE content_containers SET status = 'canceled'")
    response = await content_client.client.patch(f"/v1/content/{container_id}", json={"caption": "New"})
    assert (response.status_code, response.json()["error"]["code"]) == (409, "CONFLICT")
    assert response.json()["error"]["details"] == {"containerId": container_id, "status": "canceled"}


async def test_content_of_an_archived_project_can_not_be_edited(content_client: Any) -> None:
    """Its texts stay as they are, as everything else of an archived project does; reading works."""
    container_id = (await content_client.open(("a.jpg", JPEG, 5))).json()["items"][0]["containerId"]
    path, project = f"/v1/content/{container_id}", content_client.project_id
    before = (await content_client.client.get(path)).json()
    await content_client.client.patch(f"/v1/projects/{project}", json={"status": "archived"})
    for change in ({"caption": "New"}, {"firstComment": None}, {}):
        response = await content_client.client.patch(path, json=change)
        assert (response.status_code, response.json()["error"]["code"]) == (409, "CONFLICT"), response.text
        assert response.json()["error"]["details"] == {"projectId": project, "status": "archived"}
    assert (await content_client.client.get(path)).json() == before


async def test_editing_is_idempotent(content_client: Any, clock: Any) -> None:
    """Repeated calls return the same bytes, and a later text is not overwritten."""
    container_id = (await content_client.open(("a.jpg", JPEG, 5))).json()["items"][0]["containerId"]
    path, headers = f"/v1/content/{container_id}", {"Idempotency-Key": "edit"}
    responses = await asyncio.gather(
        *(content_client.client.patch(path, json={"caption": "One"}, headers=headers) for _ in range(4))
    )
    assert len({response.content for response in responses}) == 1
    await content_client.client.patch(path, json={"caption": "Two"})
    bare = f"/v1/content/{container_id.removeprefix('cnt_')}"
    again = await content_client.client.patch(bare, json={"caption": "One"}, headers=headers)
    assert again.content == responses[0].content
    assert (await content_client.client.get(path)).json()["caption"] == "Two"


async def test_another_tenant_sees_nothing(content_client: Any, files: Any, picture: bytes) -> None:
    """Every route with a project or container id is 404 for another organization and another environment."""
    container_id = (await content_client.open(("a.jpg", JPEG, 5))).json()["items"][0]["containerId"]
    before = (await content_client.client.get(f"/v1/content/{container_id}")).json()
    url = files.put("a.jpg", picture)
    strangers = [
        (await content_client.api.client(organization="Other"), content_client.project_id, container_id),
        (await content_client.api.client(environment="live"), content_client.project_id, container_id),
        (content_client.client, public_id("prj", new_id()), public_id("cnt", new_id())),
        (content_client.client, "prj_1", "prj_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"),
    ]
    for client, project_id, content_id in strangers:
        project, content = f"/v1/projects/{project_id}/content", f"/v1/content/{content_id}"
        upload = {"media": [{"url": url}], "caption": ""}
        uploads = {"files": [{"filename": "a", "contentType": JPEG, "sizeBytes": 1}], "grouping": "per-file"}
        for response in (
            await client.get(project),
            await client.post(f"{project}/upload", json=upload),
            await client.post(f"{project}/uploads", json=uploads),
            await client.get(content),
            await client.patch(content, json={"caption": "Mine"}),
            await client.post(f"{content}/finalize-upload", json={"caption": "Mine"}),
        ):
            assert (response.status_code, response.json()["error"]["code"]) == (404, "NOT_FOUND"), response.url
    assert (await content_client.client.get(f"/v1/content/{container_id}")).json() == before
    assert (files.hits, await content_client.count("content_containers")) == ([], 1)


async def test_scopes_are_checked(content_client: Any) -> None:
    """Reading requires content:read, everything else content:write, before the body is validated."""
    unscoped = await content_client.api.client(scopes=["projects:read", "publish:write"])
    container_id = (await content_client.open(("a.jpg", JPEG, 5))).json()["items"][0]["containerId"]
    project, content = f"/v1/projects/{content_client.project_id}/content", f"/v1/content/{container_id}"
    for method, path, scope in (
        ("GET", project, "content:read"),
        ("GET", content, "content:read"),
        ("POST", f"{project}/upload", "content:write"),
        ("POST", f"{project}/uploads", "content:write"),
        ("PATCH", content, "content:write"),
        ("POST", f"{content}/finalize-upload", "content:write"),
    ):
        response = await unscoped.request(method, path)
        assert (response.status_code, response.json()["error"]["code"]) == (403, "FORBIDDEN_SCOPE")
        assert response.json()["error"]["details"] == {"requiredScope": scope}
        assert (await (await content_client.api.anonymous()).request(method, path)).status_code == 401
