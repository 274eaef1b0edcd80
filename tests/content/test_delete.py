"""Deleting content: what leaves, what stays, what is refused, and who wins against a publish call."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

from tests.posts.conftest import INSTAGRAM_SCOPES, ReadyProject, bare, insert_account

from presswork.content.delete_content import erase_logs

JPEG = "image/jpeg"


async def delete(client: Any, container: str, *, erase: bool = False, key: str | None = None) -> Any:
    """DELETE /v1/content/…"""
    headers = {"Idempotency-Key": key} if key else {}
    return await client.delete(f"/v1/content/{container}" + ("?erase=true" if erase else ""), headers=headers)


def reason_of(response: Any) -> str:
    """Return the reason of a 409."""
    assert (response.status_code, response.json()["error"]["code"]) == (409, "CONFLICT"), response.text
    return str(response.json()["error"]["details"].get("reason"))


async def usage(content_client: Any) -> int:
    """Return the bytes that count toward the quota of the organization."""
    return int(await content_client.api.context.pool.fetchval("SELECT coalesce(sum(size_bytes), 0) FROM media_usage"))


async def listed(content_client: Any, **query: str) -> list[str]:
    """Return the ids of the project's content, by its list and by that of all projects, which agree."""
    own = await content_client.client.get(f"/v1/projects/{content_client.project_id}/content", params=query)
    every = await content_client.client.get("/v1/content", params=query)
    ids = [[item["id"] for item in answer.json()["items"]] for answer in (own, every)]
    assert ids[0] == ids[1]
    return ids[0]


async def test_media_leave_store_and_quota_and_the_rest_stays(
    content_client: Any, files: Any, picture: bytes, png: bytes
) -> None:
    """The bytes and every URL are gone at once; ids, hashes and texts stay; a second call and a replay change nothing."""
    urls = files.put("a.jpg", picture), files.put("b.png", png)
    before = (await content_client.upload(*urls, firstComment="First")).json()
    other = (await content_client.upload(urls[0])).json()
    client = content_client.client
    link = before["media"][0]["url"]
    key = str(uuid4())
    answer = await delete(client, before["id"], key=key)
    assert answer.status_code == 200, answer.text
    after = answer.json()
    gone = {"url": None, "urlExpiresAt": None, "thumbnailUrl": None, "posterUrl": None}
    assert after == {
        **before,
        "status": "deleted",
        "media": [{**item, **gone} for item in before["media"]],
        "deletedAt": after["updatedAt"],
        "mediaRemovedAt": after["updatedAt"],
        "updatedAt": after["updatedAt"],
    }
    assert (await client.get(f"/v1/content/{before['id']}")).json() == after
    assert [(await delete(client, before["id"], key=one)).json() for one in (key, None)] == [after, after]
    assert len(content_client.originals()) == 1
    assert len(content_client.previews()) == 1
    assert await content_client.count("media_removals") == 0
    assert await usage(content_client) == other["media"][0]["sizeBytes"]
    assert (await (await content_client.api.anonymous()).get(link)).status_code == 404
    assert await listed(content_client) == [other["id"]]
    assert await listed(content_client, status="deleted") == [before["id"]]
    found = (await client.get("/v1/search", params={"q": "Hello"})).json()
    assert [item["id"] for item in found["content"]] == [other["id"]]


async def test_deleted_content_can_only_be_read(content_client: Any, files: Any, picture: bytes) -> None:
    """Publish, schedule, edit and review return 409, with what to do."""
    container = (await content_client.upload(files.put("a.jpg", picture))).json()["id"]
    pool, client = content_client.api.context.pool, content_client.client
    account = await insert_account(pool, content_client.project_id, "instagram", INSTAGRAM_SCOPES)
    await delete(client, container)
    targets = [{"socialAccountId": account, "mode": "publish"}]
    path = f"/v1/content/{container}"
    for answer in (
        await client.post(f"{path}/publish", json={"targets": targets}),
        await client.post(f"{path}/schedule", json={"targets": targets, "scheduledFor": "2026-12-24T18:00:00Z"}),
    ):
        assert reason_of(answer) == "content_deleted"
    checked = (await client.post(f"{path}/preflight", json={"targets": targets})).json()
    assert [error["code"] for error in checked["errors"]] == ["CONFLICT"]
    assert (await content_client.edit(container, caption="Other")).status_code == 409
    assert (await client.post(f"{path}/approve", json={})).status_code == 409
    link = {"containerIds": [container], "expiresInHours": 1, "canDecide": False}
    assert (await client.post("/v1/content/review-links", json=link)).status_code == 404


async def test_a_post_in_flight_keeps_its_content(ready_project: ReadyProject) -> None:
    """409 while a post is queued or is being published, which names it; then its content goes, and the post stays readable."""
    client, pool = ready_project.client, ready_project.pool
    target = {"socialAccountId": ready_project.instagram, "mode": "publish"}
    (post,) = (await ready_project.publish(ready_project.image, target)).json()["scheduledPostIds"]
    refused = await delete(client, ready_project.image)
    assert reason_of(refused) == "posts_in_flight"
    assert refused.json()["error"]["details"]["scheduledPostIds"] == [post]
    await pool.execute(
        "UPDATE scheduled_posts SET status = 'publishing', leased_until = now() WHERE id = $1", bare(post)
    )
    assert reason_of(await delete(client, ready_project.image)) == "posts_in_flight"
    await pool.execute(
        "UPDATE scheduled_posts SET status = 'failed', leased_until = NULL, last_error = $2 WHERE id = $1",
        bare(post),
        '{"code": "PLATFORM_REJECTED", "message": "No.", "details": {}}',
    )
    assert (await delete(client, ready_project.image)).status_code == 200
    assert (await client.get(f"/v1/scheduled-posts/{post}")).json()["status"] == "failed"
    assert reason_of(await client.post(f"/v1/scheduled-posts/{post}/republish", json={})) == "content_deleted"


async def test_what_a_live_post_still_needs_is_kept(ready_project: ReadyProject) -> None:
    """An extra that is not added yet needs the media, and a first comment the texts."""
    client, pool = ready_project.client, ready_project.pool
    target = {"socialAccountId": ready_project.instagram, "mode": "publish"}
    (post,) = (await ready_project.publish(ready_project.image, target)).json()["scheduledPostIds"]
    await pool.execute(
        "UPDATE scheduled_posts SET status = 'published', live_call_at = now(), live_at = now() WHERE id = $1",
        bare(post),
    )
    await pool.execute(
        """INSERT INTO post_follow_ups (post_id, needs_location, needs_comment, needs_extras, run_at, gives_up_at, attempts)
           VALUES ($1, true, true, true, now(), now(), 0)""",
        bare(post),
    )
    assert reason_of(await delete(client, ready_project.image)) == "posts_in_flight"
    await pool.execute("UPDATE post_follow_ups SET needs_extras = false")
    assert (await delete(client, ready_project.image)).status_code == 200
    assert reason_of(await delete(client, ready_project.image, erase=True)) == "posts_in_flight"
    await pool.execute("UPDATE post_follow_ups SET needs_comment = false")
    assert (await delete(client, ready_project.image, erase=True)).status_code == 200


async def test_a_deletion_and_publish_calls_exclude_each_other(ready_project: ReadyProject) -> None:
    """Over and over, at the same time, by every statement of publishing: one wins, and the other says so."""
    client, pool = ready_project.client, ready_project.pool
    target = {"socialAccountId": ready_project.instagram, "mode": "publish"}
    wins = set()
    for number in range(60):
        container = f"cnt_{uuid4()}"
        await pool.execute(
            """INSERT INTO content_containers (id, project_id, organization_id, environment, status, approval_status, media_type,
                                               caption, created_at, updated_at, is_covered)
               SELECT $1, project_id, organization_id, environment, 'completed', $3, media_type, caption, now(), now(), $4
                 FROM content_containers WHERE id = $2""",
            bare(container),
            bare(ready_project.image),
            *(("approved", True) if number % 2 else ("not_required", False)),
        )
        calls = [ready_project.publish(container, target), delete(client, container)]
        published, deleted = await asyncio.gather(*calls)
        posts = await pool.fetchval("SELECT count(*) FROM scheduled_posts WHERE container_id = $1", bare(container))
        assert (published.status_code, deleted.status_code, posts) in ((200, 409, 1), (409, 200, 0)), number
        wins.add(published.status_code)
    assert wins  # which one wins is chance


async def test_a_publish_call_waits_for_a_deletion(ready_project: ReadyProject) -> None:
    """A deletion that is not committed yet holds a publish call back; then the call sees it and writes nothing."""
    pool = ready_project.pool
    target = {"socialAccountId": ready_project.instagram, "mode": "publish"}
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("SELECT FROM content_containers WHERE id = $1 FOR UPDATE", bare(ready_project.image))
        publishing = asyncio.create_task(ready_project.publish(ready_project.image, target))
        async with asyncio.timeout(60):
            while not await pool.fetchval(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            ):
                assert not publishing.done()
        await connection.execute(
            "UPDATE content_containers SET status = 'deleted', deleted_at = now() WHERE id = $1",
            bare(ready_project.image),
        )
        await transaction.commit()
    assert reason_of(await publishing) == "content_deleted"
    assert await ready_project.posts() == 0


async def test_an_open_upload_and_waiting_calls_end_with_it(
    content_client: Any, ready_project: ReadyProject, picture: bytes
) -> None:
    """The upload URL returns 409 and no promise counts; schedule calls that wait for approval are dropped."""
    item = await content_client.expect(("a.jpg", JPEG, picture), ("b.jpg", JPEG, picture))
    assert (await content_client.put(item["files"][0], picture)).status_code == 204
    deleted = await delete(content_client.client, item["containerId"])
    assert (deleted.status_code, deleted.json()["status"]) == (200, "deleted")
    assert (await content_client.put(item["files"][1], picture)).status_code == 409
    assert (await content_client.finalize(item["containerId"])).status_code == 409
    assert (await usage(content_client), content_client.stored()) == (0, [])
    await ready_project.change("content_containers", ready_project.image, approval_status="pending")
    body = {
        "targets": [{"socialAccountId": ready_project.instagram, "mode": "publish"}],
        "scheduledFor": "2026-12-24T18:00:00Z",
    }
    waiting = await ready_project.client.post(f"/v1/content/{ready_project.image}/schedule", json=body)
    assert waiting.status_code == 202, waiting.text
    assert (await delete(ready_project.client, ready_project.image)).status_code == 200
    assert await content_client.count("schedule_intents") == 0


async def test_an_erasure_leaves_no_words(content_client: Any, files: Any, picture: bytes) -> None:
    """A marker in every text of content, post, review, draft and log is in no row afterwards; hashes stay, and so do unrelated rows."""
    client, pool = content_client.client, content_client.api.context.pool
    marker = "Zanzibar"
    project, url = content_client.project_id, files.put("a.jpg", picture)
    endpoint = {"url": "https://example.com/hook", "events": ["post.scheduled", "post.canceled", "content.deleted"]}
    assert (await client.post("/v1/webhook-endpoints", json=endpoint)).status_code == 201
    created = await client.post(
        f"/v1/projects/{project}/content",
        json={"text": f"{marker} a", "media": [{"url": url, "altText": f"{marker} b"}], "firstComment": f"{marker} c"},
    )
    container = created.json()["id"]
    kept = (await client.post(f"/v1/projects/{project}/content", json={"text": "Other words"})).json()["id"]
    account = await insert_account(pool, project, "instagram", INSTAGRAM_SCOPES)
    target = {
        "socialAccountId": account,
        "mode": "publish",
        "captionOverride": f"{marker} d",
        "firstCommentOverride": f"{marker} e",
    }
    answer = await client.post(f"/v1/content/{container}/publish", json={"targets": [target]})
    (post,) = answer.json()["scheduledPostIds"]
    canceled = await client.request("DELETE", f"/v1/scheduled-posts/{post}", json={"reason": f"{marker} f"})
    assert canceled.status_code == 200, canceled.text
    await client.post("/v1/drafts", json={"projectId": project, "body": {"content": container, "text": f"{marker} g"}})
    await client.post("/v1/drafts", json={"projectId": project, "body": {"text": "Other words"}})
    await pool.execute(
        """INSERT INTO content_reviews (container_id, at, by_key, by_name, decision, note, revision)
           VALUES ($1, now(), gen_random_uuid(), $2, 'changes_requested', $2, 1)""",
        bare(container),
        f"{marker} h",
    )
    deleted = (await delete(client, container)).json()
    assert (deleted["caption"], deleted["erasedAt"]) == (f"{marker} a", None)
    erased = (await delete(client, container, erase=True)).json()
    assert (erased["caption"], erased["firstComment"], erased["media"][0]["altText"]) == ("", None, None)
    assert erased["media"][0]["sha256"] == created.json()["media"][0]["sha256"]
    assert erased["erasedAt"] == erased["updatedAt"]
    while await erase_logs(pool, limit=2):
        pass
    found = {}
    for row in await pool.fetch(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
    ):
        count = await pool.fetchval(
            f"SELECT count(*) FROM {row['relname']} t WHERE row_to_json(t)::text LIKE '%{marker}%'"  # noqa: S608  our tables
        )
        if count:
            found[row["relname"]] = count
    assert found == {"audit_log": 1}  # the reason of the cancel, as the log must keep it
    logs = await pool.fetch("SELECT event_type, data FROM webhook_deliveries ORDER BY position")
    assert [log["event_type"] for log in logs] == ["post.scheduled", "post.canceled", "content.deleted"]
    assert all(post in log["data"] for log in logs[:2])
    assert (await client.get(f"/v1/content/{kept}")).json()["caption"] == "Other words"
    assert await content_client.count("composer_drafts") == 1
    assert (await client.get(f"/v1/scheduled-posts/{post}")).json()["captionOverride"] is None


async def test_an_erasure_reports_no_words(content_client: Any) -> None:
    """The event of a deletion that erases at once has no text."""
    client, pool = content_client.client, content_client.api.context.pool
    endpoint = {"url": "https://example.com/hook", "events": ["content.deleted"]}
    await client.post("/v1/webhook-endpoints", json=endpoint)
    created = await client.post(f"/v1/projects/{content_client.project_id}/content", json={"text": "Zanzibar"})
    erased = await delete(client, created.json()["id"], erase=True)
    assert (erased.status_code, erased.json()["caption"]) == (200, "")
    assert "Zanzibar" not in await pool.fetchval("SELECT data FROM webhook_deliveries")


async def test_another_projects_key_does_not_see_it(content_client: Any, clock: Any) -> None:
    """Of another organization: 404, and nothing is deleted."""
    created = await client_text(content_client)
    other = await content_client.api.client(organization="Other")
    assert (await delete(other, created)).status_code == 404
    clock.advance(timedelta(seconds=1))
    assert await listed(content_client) == [created]


async def client_text(content_client: Any) -> str:
    """Create a text and return its id."""
    answer = await content_client.client.post(f"/v1/projects/{content_client.project_id}/content", json={"text": "Hi"})
    return str(answer.json()["id"])
