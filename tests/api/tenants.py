"""Create one object of each kind that a path, query or body can reference, for tests that call all routes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import httpx2
from tests.api.wire import UUID_TEXT
from tests.api_server import Api
from tests.world import World

from presswork.core.ids import new_id
from presswork.db.pool import Pool


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenants:
    """The objects of one key: names of path parameters, with public ids as values."""

    client: httpx2.AsyncClient
    by_parameter: Mapping[str, str]
    shared: tuple[str, ...] = ()
    """Routes whose objects the key shares with the owner, since both belong to one organization."""
    shared_kinds: tuple[str, ...] = ()
    """Id prefixes of the shared objects."""

    def own(self, prefix: str) -> str:
        """Return the object with this id prefix, for a body or query. Raises AssertionError for an unknown prefix."""
        found = [thing for thing in self.by_parameter.values() if thing.startswith(f"{prefix}_")]
        assert found, f"a route takes ids that start with {prefix}_: add one to lay_out"
        return found[0]

    def uuids_but(self, kinds: tuple[str, ...]) -> set[str]:
        """Return the UUIDs of all objects except those with these prefixes."""
        things = (thing for thing in self.by_parameter.values() if thing.partition("_")[0] not in kinds)
        return {uuid for thing in things for uuid in UUID_TEXT.findall(thing)}


async def lay_out(world: World, *, handle: str) -> Tenants:
    """Create one object of each kind through the API with a key of the test environment. Add new kinds of id here."""
    project = await world.project()
    account = await world.account(project, "tiktok", handle)
    container = await insert_container(world.api.context.pool, project)
    (post,) = await world.publish(container, account)
    operator = await world.client.post("/v1/operators", json={"name": "Ines", "phone": "+4915112345667"})
    login = await world.client.post(
        f"/v1/projects/{project}/social/oauth-url",
        json={"platform": "tiktok", "returnUrl": "http://localhost/back"},
    )
    layer = await world.client.post(
        f"/v1/projects/{project}/layers", json={"templateId": str(new_id()), "socialAccountIds": [account]}
    )
    key = await world.client.post("/v1/api-keys", json={"scopes": ["projects:read"]})
    connect_link = await world.client.post(
        f"/v1/projects/{project}/connect-links", json={"expiresInHours": 1, "maxUses": 1}
    )
    review_link = await world.client.post(
        "/v1/content/review-links", json={"containerIds": [container], "expiresInHours": 1, "canDecide": True}
    )
    portal_link = await world.client.post(f"/v1/projects/{project}/portal-links", json={})
    draft = await world.client.post("/v1/drafts", json={"projectId": project, "body": None})
    recurrence = await recur(world.client, container, account)
    bulk = await world.client.post("/v1/scheduled-posts/bulk", json={"action": "cancel", "ids": [f"sp_{new_id()}"]})
    return Tenants(
        client=world.client,
        by_parameter={
            **await make_project_jobs(world.api.context.pool, world.client, project),
            "bulkId": str(bulk.json()["id"]),
            "draftId": str(draft.json()["id"]),
            "recurrenceId": str(recurrence.json()["id"]),
            "contentCommentId": await make_content_comment(world.client, container),
            **await insert_comment(world.api.context.pool, world.client, post),
            "queueId": await make_queue(world.client, project),
            "projectId": project,
            "layerId": str(layer.json()["id"]),
            "connectLinkId": str(connect_link.json()["id"]),
            "reviewLinkId": str(review_link.json()["id"]),
            "portalLinkId": str(portal_link.json()["id"]),
            "socialAccountId": account,
            "containerId": container,
            "intentId": await _insert_intent(world.api.context.pool, container, account),
            "tiktokPostLinkId": await make_posting_link(world.client, container, account),
            "assetId": await _insert_asset(world.api.context.pool, container),
            "postId": post,
            "operatorId": str(operator.json()["id"]),
            "keyId": str(key.json()["apiKey"]["id"]),
            **await make_user(world.api, world.client, email=f"{handle}@example.com"),
            "state": str(login.json()["state"]),
            **await make_webhooks(world.client),
            **await make_channel(world.client, project),
            "platform": "tiktok",
        },
    )


OF_THE_INSTALLATION: Final = ("/v1/system", "/v1/sandbox")
"""Beginnings of the routes about the installation, which belong to no tenant: tests/doctor/test_rights.py."""
OF_THE_ORGANIZATION: Final = (
    *("/v1/operators", "/v1/users", "/v1/sessions", "/v1/agents", "/v1/whoami", "/v1/audit-log"),
    *("/v1/scim-tokens", "/v1/scim-groups"),
)
"""Routes of objects that belong to the organization, so that keys of both environments see them."""


async def lay_out_live(api: Api, client: httpx2.AsyncClient) -> Tenants:
    """Create the objects of a live key without configured platforms: through the API, or by INSERT where it needs one."""
    pool = api.context.pool
    made = await client.post("/v1/projects", json={"name": "Live", "timezone": "UTC"})
    project = str(made.json()["id"])
    account = new_id()
    await pool.execute(
        """INSERT INTO social_accounts (id, project_id, organization_id, environment, platform, login, external_id, handle, status,
                                        scopes, sealed_tokens, connected_at, created_at, updated_at)
           SELECT $1, id, organization_id, environment, 'tiktok', 'tiktok', 'x', 'brand', 'connected', '{video.publish}', 'sealed',
                  now(), now(), now() FROM projects WHERE id = $2""",
        account,
        _bare(project),
    )
    container = await insert_container(pool, project)
    post = await _insert_post(pool, container, f"sa_{account}")
    layer = await client.post(f"/v1/projects/{project}/layers", json={"templateId": str(new_id())})
    key = await client.post("/v1/api-keys", json={"scopes": ["projects:read"]})
    operator = await client.post("/v1/operators", json={"name": "Rui", "phone": "+351912345678"})
    draft = await client.post("/v1/drafts", json={"projectId": project, "body": None})
    bulk = await client.post("/v1/scheduled-posts/bulk", json={"action": "cancel", "ids": [f"sp_{new_id()}"]})
    return Tenants(
        client=client,
        by_parameter={
            **await make_project_jobs(pool, client, project),
            "bulkId": str(bulk.json()["id"]),
            "draftId": str(draft.json()["id"]),
            "recurrenceId": await _insert_recurrence(pool, container),
            "contentCommentId": await make_content_comment(client, container),
            "projectId": project,
            "socialAccountId": f"sa_{account}",
            "containerId": container,
            "postId": post,
            **await insert_comment(pool, client, post),
            "queueId": await make_queue(client, project),
            "intentId": await _insert_intent(pool, container, f"sa_{account}"),
            "tiktokPostLinkId": await make_posting_link(client, container, f"sa_{account}"),
            "assetId": await _insert_asset(pool, container),
            "layerId": str(layer.json()["id"]),
            **await make_webhooks(client),
            **await make_channel(client, project),
            "keyId": str(key.json()["apiKey"]["id"]),
            "operatorId": str(operator.json()["id"]),
            **await make_user(api, client, email="live@example.com"),
        },
        shared=OF_THE_ORGANIZATION,
        shared_kinds=("opr", "usr", "ses", "agt", "sct"),
    )


async def make_user(api: Api, client: httpx2.AsyncClient, *, email: str) -> dict[str, str]:
    """Invite a person, who signs in."""
    invited = (await client.post("/v1/users", json={"email": email, "role": "viewer"})).json()
    browser = await api.anonymous()
    token = str(invited["link"]).partition("#token=")[2]
    accepted = await browser.post("/v1/auth/accept", json={"token": token, "password": "correct horse battery"})
    user = str(invited["user"]["id"])
    return {
        "userId": user,
        "sessionId": str(accepted.json()["session"]["id"]),
        "agentId": await insert_agent(api.context.pool, user),
        "scimTokenId": str((await client.post("/v1/scim-tokens", json={"name": email})).json()["scimToken"]["id"]),
    }


async def insert_agent(pool: Pool, user: str) -> str:
    """Insert an agent that acts for a user."""
    client, grant = new_id(), new_id()
    await pool.execute(
        "INSERT INTO oauth_clients (id, name, redirect_uris, created_at) VALUES ($1, 'Agent', '{http://localhost/}', now())",
        client,
    )
    await pool.execute(
        """INSERT INTO oauth_grants (id, client_id, user_id, environment, scopes, resource, created_at, expires_at)
           VALUES ($1, $2, $3, 'test', '{projects:read}', 'http://localhost/mcp', now(), now() + interval '90 days')""",
        grant,
        client,
        _bare(user),
    )
    return f"agt_{grant}"


async def make_webhooks(client: httpx2.AsyncClient) -> dict[str, str]:
    """Create a webhook endpoint with one test delivery."""
    made = await client.post(
        "/v1/webhook-endpoints", json={"url": "https://hooks.example.com/presswork", "events": ["post.failed"]}
    )
    endpoint = str(made.json()["endpoint"]["id"])
    tested = await client.post(f"/v1/webhook-endpoints/{endpoint}/test")
    return {"endpointId": endpoint, "deliveryId": str(tested.json()["id"])}


async def make_channel(client: httpx2.AsyncClient, project: str) -> dict[str, str]:
    """Create a channel of a project's notices."""
    body = {"kind": "slack", "url": "https://hooks.example.com/room", "events": ["post.failed"]}
    made = await client.post(f"/v1/projects/{project}/channels", json=body)
    return {"channelId": str(made.json()["id"])}


async def make_project_jobs(pool: Pool, client: httpx2.AsyncClient, project: str) -> dict[str, str]:
    """Start an export, and insert the receipt of an erasure."""
    export = (await client.post(f"/v1/projects/{project}/exports", json={})).json()
    erasure = new_id()
    await pool.execute(
        """INSERT INTO erasures (id, project_id, organization_id, environment, requested_by, status, created_at, ended_at)
           SELECT $1, $2, organization_id, environment, 'command_line', 'done', now(), now() FROM projects WHERE id = $3""",
        erasure,
        new_id(),
        _bare(project),
    )
    return {"exportId": str(export["id"]), "erasureId": f"ers_{erasure}"}


async def insert_comment(pool: Pool, client: httpx2.AsyncClient, post: str) -> dict[str, str]:
    """Insert a comment on a post, and create a saved reply and a snippet in its project."""
    comment = new_id()
    project = await pool.fetchval(
        """INSERT INTO comments (id, project_id, organization_id, environment, social_account_id, post_id, platform, external_id,
                                 thread, thread_at, author, text, is_own, offered, status, created_at, seen_at)
           SELECT $1, project_id, organization_id, environment, social_account_id, id, platform, $3, $3, now(), 'Ada', 'Rye?', false,
                  '{reply,hide,like,delete}', 'new', now(), now()
             FROM scheduled_posts WHERE id = $2 RETURNING project_id""",
        comment,
        _bare(post),
        str(comment),
    )
    texts = {"name": f"Hours {comment}", "text": "From 7"}
    saved = await client.post(f"/v1/projects/prj_{project}/saved-replies", json=texts)
    snippet = await client.post(f"/v1/projects/prj_{project}/snippets", json=texts)
    return {
        "commentId": f"cmt_{comment}",
        "savedReplyId": str(saved.json()["id"]),
        "snippetId": str(snippet.json()["id"]),
    }


async def make_queue(client: httpx2.AsyncClient, project: str) -> str:
    """Create a queue with one slot a week."""
    body = {"name": "Weekly", "slots": [{"weekday": "mon", "time": "09:00"}]}
    return str((await client.post(f"/v1/projects/{project}/queues", json=body)).json()["id"])


async def make_content_comment(client: httpx2.AsyncClient, container: str) -> str:
    """Write a comment on content."""
    made = await client.post(f"/v1/content/{container}/comments", json={"text": "Rye?", "visibility": "internal"})
    return str(made.json()["id"])


async def make_posting_link(client: httpx2.AsyncClient, container: str, account: str) -> str:
    """Make a link to TikTok's posting page."""
    body = {"socialAccountId": account, "expiresInMinutes": 60}
    made = await client.post(f"/v1/content/{container}/tiktok-post-links", json=body)
    return str(made.json()["id"])


async def insert_container(pool: Pool, project: str) -> str:
    """Insert a completed image container; no test reads its media."""
    container = new_id()
    await pool.execute(
        """INSERT INTO content_containers (id, project_id, organization_id, environment, status, approval_status, media_type,
                                           caption, created_at, updated_at)
           SELECT $1, id, organization_id, environment, 'completed', 'not_required', 'image', 'Hello', now(), now()
             FROM projects WHERE id = $2""",
        container,
        _bare(project),
    )
    return f"cnt_{container}"


async def _insert_asset(pool: Pool, container: str) -> str:
    """Insert a picture of a container that was declared and not uploaded."""
    asset = new_id()
    await pool.execute(
        """INSERT INTO media_assets (id, container_id, organization_id, environment, position, object_key, filename,
                                     declared_content_type, declared_size_bytes, created_at)
           SELECT $1, id, organization_id, environment, 0, 'originals/none', 'a.jpg', 'image/jpeg', 9, now()
             FROM content_containers WHERE id = $2""",
        asset,
        _bare(container),
    )
    return f"ast_{asset}"


async def _insert_post(pool: Pool, container: str, account: str) -> str:
    """Insert a post that has failed."""
    post = new_id()
    await pool.execute(
        """INSERT INTO scheduled_posts (id, project_id, organization_id, environment, container_id, social_account_id, platform,
                                        mode, status, scheduled_for, run_at, platform_state, error_count, version, created_at, updated_at)
           SELECT $1, project_id, organization_id, environment, $2, id, platform, 'publish', 'failed', now(), now(), '{}', 0, 1,
                  now(), now() FROM social_accounts WHERE id = $3""",
        post,
        _bare(container),
        _bare(account),
    )
    return f"sp_{post}"


async def recur(client: httpx2.AsyncClient, container: str, account: str) -> httpx2.Response:
    """Create a recurrence that has one occurrence in 35 days."""
    body = {
        "rule": {"every": 366, "unit": "day"},
        "time": "08:30",
        "timezone": "Europe/Lisbon",
        "targets": [{"socialAccountId": account, "mode": "publish"}],
    }
    return await client.post(f"/v1/content/{container}/recurrences", json=body)


async def _insert_recurrence(pool: Pool, container: str) -> str:
    """Insert a recurrence that has ended."""
    recurrence = new_id()
    await pool.execute(
        """INSERT INTO recurrences (id, project_id, organization_id, environment, container_id, every, unit, weekdays, local_time,
                                    timezone, targets, captions, caller, starts_on, ended_at, created_at, updated_at)
           SELECT $1, project_id, organization_id, environment, id, 1, 'day', '{}', '08:30', 'UTC', '[]', '{}', $3, now(), now(),
                  now(), now() FROM content_containers WHERE id = $2""",
        recurrence,
        _bare(container),
        json.dumps({"key_id": str(recurrence)}),
    )
    return f"rec_{recurrence}"


async def _insert_intent(pool: Pool, container: str, account: str) -> str:
    """Insert a schedule call that waits on a container."""
    intent = new_id()
    await pool.execute(
        """INSERT INTO schedule_intents (id, container_id, created_by_key, scheduled_for, targets, created_at)
           VALUES ($1, $2, $1, now() + interval '1 day', $3, now())""",
        intent,
        _bare(container),
        json.dumps([{"socialAccountId": account, "mode": "publish"}]),
    )
    return f"int_{intent}"


def _bare(public: str) -> UUID:
    return UUID(public.partition("_")[2])
