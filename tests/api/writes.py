"""A valid request for every write operation, for tests that run all of them. Add new operations here."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

import httpx2
from tests.api.tenants import insert_agent, insert_comment, insert_container, recur
from tests.world import World

from presswork.audit.model import Action
from presswork.core.ids import new_id
from presswork.core.timestamps import write_instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """The response of a write, and the object that it changed."""

    answer: httpx2.Response
    action: Action
    object_id: str

    @property
    def is_of_both_environments(self) -> bool:
        """Whether the object belongs to both environments."""
        return self.object_id.startswith(("opr_", "usr_", "sct_")) or self.action.startswith(("platform.", "system."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Writes:
    """A key with all scopes, a project, and one account of it."""

    world: World
    project: str
    account: str
    picture: bytes

    @property
    def client(self) -> httpx2.AsyncClient:
        """The client with the key."""
        return self.world.client

    async def container(self, *, approval: str = "not_required") -> str:
        """Insert a completed image container into the project."""
        container = await insert_container(self.world.api.context.pool, self.project)
        await self.world.api.context.pool.execute(
            "UPDATE content_containers SET approval_status = $1 WHERE id = $2", approval, UUID(container[4:])
        )
        return container

    async def post(self) -> str:
        """Schedule a post."""
        answer = await self._schedule(await self.container())
        return str(answer.json()["scheduledPostIds"][0])

    async def operator(self, **fields: object) -> str:
        """Create an operator."""
        made = await self.client.post("/v1/operators", json={"name": "Ines", **fields})
        return str(made.json()["id"])

    async def key(self) -> str:
        """Create a key."""
        return str((await self.client.post("/v1/api-keys", json={"scopes": ["*"]})).json()["apiKey"]["id"])

    async def layer(self) -> str:
        """Create a layer."""
        made = await self.client.post(f"/v1/projects/{self.project}/layers", json={"templateId": str(new_id())})
        return str(made.json()["id"])

    async def _schedule(self, container: str, account: str | None = None) -> httpx2.Response:
        at = write_instant(self.world.api.context.clock.now() + timedelta(days=1))
        targets = [{"socialAccountId": account or self.account, "mode": "publish"}]
        return await self.client.post(
            f"/v1/content/{container}/schedule", json={"scheduledFor": at, "targets": targets}
        )

    # One function per operation, named after its operationId.

    async def create_project(self) -> Write:
        answer = await self.client.post("/v1/projects", json={"name": "P", "timezone": "UTC"})
        return Write(answer=answer, action=Action.PROJECT_CREATE, object_id=answer.json()["id"])

    async def update_project(self) -> Write:
        answer = await self.client.patch(f"/v1/projects/{self.project}", json={"name": "Q"})
        return Write(answer=answer, action=Action.PROJECT_UPDATE, object_id=self.project)

    async def create_export(self) -> Write:
        answer = await self.client.post(f"/v1/projects/{self.project}/exports", json={"media": True})
        return Write(answer=answer, action=Action.PROJECT_EXPORT, object_id=self.project)

    async def erase_project(self) -> Write:
        made = await self.client.post("/v1/projects", json={"name": "Gone"})
        project = str(made.json()["id"])
        await self.client.patch(f"/v1/projects/{project}", json={"status": "archived"})
        answer = await self.client.delete(f"/v1/projects/{project}", params={"erase": "true"})
        return Write(answer=answer, action=Action.PROJECT_ERASE, object_id=project)

    async def update_content_review_policy(self) -> Write:
        path = f"/v1/projects/{self.project}/content-review-policy"
        answer = await self.client.patch(path, json={"policy": "review_first_n", "firstN": 3})
        return Write(answer=answer, action=Action.PROJECT_SET_REVIEW_POLICY, object_id=self.project)

    async def create_operator(self) -> Write:
        answer = await self.client.post("/v1/operators", json={"name": "Ines", "phone": "+351912345678"})
        return Write(answer=answer, action=Action.OPERATOR_CREATE, object_id=answer.json()["id"])

    async def update_operator(self) -> Write:
        operator = await self.operator()
        answer = await self.client.patch(f"/v1/operators/{operator}", json={"phone": "+351912345678"})
        return Write(answer=answer, action=Action.OPERATOR_UPDATE, object_id=operator)

    async def verify_operator_phone(self, phone: str = "+351912345678") -> Write:
        operator = await self.operator(phone=phone)
        answer = await self.client.post(f"/v1/operators/{operator}/verify-phone")
        return Write(answer=answer, action=Action.OPERATOR_SEND_CODE, object_id=operator)

    async def confirm_operator_phone(self) -> Write:
        sent = await self.verify_operator_phone("+351912345679")  # a number gets one code in a minute
        browser = await self.world.api.anonymous()
        texts = (await browser.get("/sandbox/control/messages")).json()["items"]
        code = str(texts[-1]["body"]).partition(" ")[0]
        answer = await self.client.post(f"/v1/operators/{sent.object_id}/confirm-phone", json={"code": code})
        return Write(answer=answer, action=Action.OPERATOR_CONFIRM_PHONE, object_id=sent.object_id)

    async def create_api_key(self) -> Write:
        answer = await self.client.post("/v1/api-keys", json={"scopes": ["*"]})
        return Write(answer=answer, action=Action.KEY_CREATE, object_id=answer.json()["apiKey"]["id"])

    async def update_api_key(self) -> Write:
        key = await self.key()
        answer = await self.client.patch(f"/v1/api-keys/{key}", json={"name": "K"})
        return Write(answer=answer, action=Action.KEY_UPDATE, object_id=key)

    async def revoke_api_key(self) -> Write:
        key = await self.key()
        answer = await self.client.delete(f"/v1/api-keys/{key}")
        return Write(answer=answer, action=Action.KEY_REVOKE, object_id=key)

    async def kill_api_key(self) -> Write:
        key = await self.key()
        answer = await self.client.post(f"/v1/api-keys/{key}/kill")
        return Write(answer=answer, action=Action.KEY_KILL, object_id=key)

    async def revive_api_key(self) -> Write:
        killed = await self.kill_api_key()
        answer = await self.client.post(f"/v1/api-keys/{killed.object_id}/revive")
        return Write(answer=answer, action=Action.KEY_REVIVE, object_id=killed.object_id)

    async def new_user(self) -> dict[str, str]:
        """Invite a person; return the ids of the user and the token of the link."""
        answer = await self.client.post("/v1/users", json={"email": f"{uuid4()}@example.com", "role": "viewer"})
        return {"id": str(answer.json()["user"]["id"]), "token": str(answer.json()["link"]).partition("#token=")[2]}

    async def new_session(self) -> dict[str, str]:
        """Sign a person in; return the ids of the user and the session."""
        user = await self.new_user()
        browser = await self.world.api.anonymous()
        body = {"token": user["token"], "password": "correct horse battery"}
        accepted = await browser.post("/v1/auth/accept", json=body)
        return {"user": user["id"], "session": str(accepted.json()["session"]["id"])}

    async def invite_user(self) -> Write:
        answer = await self.client.post("/v1/users", json={"email": "ines@example.com", "role": "approver"})
        return Write(answer=answer, action=Action.USER_INVITE, object_id=answer.json()["user"]["id"])

    async def create_scim_token(self) -> Write:
        answer = await self.client.post("/v1/scim-tokens", json={"name": "Okta"})
        return Write(answer=answer, action=Action.SCIM_TOKEN_CREATE, object_id=answer.json()["scimToken"]["id"])

    async def revoke_scim_token(self) -> Write:
        made = await self.create_scim_token()
        answer = await self.client.delete(f"/v1/scim-tokens/{made.object_id}")
        return Write(answer=answer, action=Action.SCIM_TOKEN_REVOKE, object_id=made.object_id)

    async def create_user_link(self) -> Write:
        user = await self.new_user()
        answer = await self.client.post(f"/v1/users/{user['id']}/link")
        return Write(answer=answer, action=Action.USER_LINK, object_id=user["id"])

    async def update_user(self) -> Write:
        user = await self.new_user()
        answer = await self.client.patch(f"/v1/users/{user['id']}", json={"role": "author"})
        return Write(answer=answer, action=Action.USER_UPDATE, object_id=user["id"])

    async def delete_session(self) -> Write:
        made = await self.new_session()
        answer = await self.client.delete(f"/v1/sessions/{made['session']}")
        return Write(answer=answer, action=Action.USER_END_SESSIONS, object_id=made["user"])

    async def delete_sessions(self) -> Write:
        made = await self.new_session()
        answer = await self.client.delete("/v1/sessions", params={"userId": made["user"]})
        return Write(answer=answer, action=Action.USER_END_SESSIONS, object_id=made["user"])

    async def delete_agent(self) -> Write:
        agent = await insert_agent(self.world.api.context.pool, (await self.new_user())["id"])
        answer = await self.client.delete(f"/v1/agents/{agent}")
        return Write(answer=answer, action=Action.AGENT_REVOKE, object_id=agent)

    async def create_layer(self) -> Write:
        body = {"templateId": str(new_id()), "config": {"provider": "acme"}}
        answer = await self.client.post(f"/v1/projects/{self.project}/layers", json=body)
        return Write(answer=answer, action=Action.LAYER_CREATE, object_id=answer.json()["id"])

    async def update_layer(self) -> Write:
        layer = await self.layer()
        answer = await self.client.patch(f"/v1/projects/{self.project}/layers/{layer}", json={"config": {}})
        return Write(answer=answer, action=Action.LAYER_UPDATE, object_id=layer)

    async def delete_layer(self) -> Write:
        layer = await self.layer()
        answer = await self.client.delete(f"/v1/projects/{self.project}/layers/{layer}")
        return Write(answer=answer, action=Action.LAYER_DELETE, object_id=layer)

    async def delete_social_account(self) -> Write:
        account = await self.world.account(self.project, "tiktok", "leaving")
        answer = await self.client.delete(f"/v1/social-accounts/{account}")
        return Write(answer=answer, action=Action.ACCOUNT_DISCONNECT, object_id=account)

    async def upload_content(self) -> Write:
        former = await self.world.content(self.project, self.picture)
        url = (await self.client.get(f"/v1/content/{former}")).json()["media"][0]["url"]
        path = f"/v1/projects/{self.project}/content/upload"
        answer = await self.client.post(path, json={"media": [{"url": url}], "caption": "Hello"})
        return Write(answer=answer, action=Action.CONTENT_UPLOAD, object_id=answer.json()["id"])

    async def create_content(self) -> Write:
        answer = await self.client.post(f"/v1/projects/{self.project}/content", json={"text": "Hello"})
        return Write(answer=answer, action=Action.CONTENT_UPLOAD, object_id=answer.json()["id"])

    async def open_content_uploads(self) -> Write:
        file = {"filename": "a.jpg", "contentType": "image/jpeg", "sizeBytes": len(self.picture)}
        path = f"/v1/projects/{self.project}/content/uploads"
        answer = await self.client.post(path, json={"files": [file], "grouping": "per-file"})
        return Write(answer=answer, action=Action.CONTENT_OPEN_UPLOADS, object_id=self.project)

    async def finalize_upload(self) -> Write:
        (item,) = (await self.open_content_uploads()).answer.json()["items"]
        browser = await self.world.api.anonymous()
        await browser.put(item["files"][0]["uploadUrl"], content=self.picture, headers=item["files"][0]["headers"])
        container = item["containerId"]
        answer = await self.client.post(f"/v1/content/{container}/finalize-upload", json={"caption": "Hello"})
        return Write(answer=answer, action=Action.CONTENT_FINALIZE, object_id=container)

    async def update_content(self) -> Write:
        container = await self.container()
        answer = await self.client.patch(f"/v1/content/{container}", json={"caption": "Goodbye"})
        return Write(answer=answer, action=Action.CONTENT_UPDATE, object_id=container)

    async def delete_container(self) -> Write:
        container = await self.container()
        answer = await self.client.delete(f"/v1/content/{container}")
        return Write(answer=answer, action=Action.CONTENT_DELETE, object_id=container)

    async def approve_content(self) -> Write:
        container = await self.container(approval="pending")
        assert (await self._schedule(container)).status_code == 202
        answer = await self.client.post(f"/v1/content/{container}/approve", json={"note": "Good"})
        return Write(answer=answer, action=Action.CONTENT_APPROVE, object_id=container)

    async def reject_content(self) -> Write:
        container = await self.container(approval="pending")
        answer = await self.client.post(f"/v1/content/{container}/reject", json={"reason": "Blurred"})
        return Write(answer=answer, action=Action.CONTENT_REJECT, object_id=container)

    async def request_content_changes(self) -> Write:
        container = await self.container(approval="pending")
        answer = await self.client.post(f"/v1/content/{container}/request-changes", json={"note": "Sharper"})
        return Write(answer=answer, action=Action.CONTENT_REQUEST_CHANGES, object_id=container)

    async def _comment_of(self) -> tuple[str, str]:
        container = await self.container()
        body = {"text": "Which price?", "visibility": "internal"}
        made = await self.client.post(f"/v1/content/{container}/comments", json=body)
        return container, str(made.json()["id"])

    async def create_content_comment(self) -> Write:
        container = await self.container()
        body = {"text": "Which price?", "visibility": "external"}
        answer = await self.client.post(f"/v1/content/{container}/comments", json=body)
        return Write(answer=answer, action=Action.CONTENT_COMMENT, object_id=container)

    async def update_content_comment(self) -> Write:
        container, comment = await self._comment_of()
        answer = await self.client.patch(f"/v1/content/{container}/comments/{comment}", json={"resolved": True})
        return Write(answer=answer, action=Action.CONTENT_RESOLVE_COMMENT, object_id=container)

    async def delete_content_comment(self) -> Write:
        container, comment = await self._comment_of()
        answer = await self.client.delete(f"/v1/content/{container}/comments/{comment}")
        return Write(answer=answer, action=Action.CONTENT_DELETE_COMMENT, object_id=container)

    async def reschedule_schedule_intent(self) -> Write:
        container, intent = await self._intent()
        at = write_instant(self.world.api.context.clock.now() + timedelta(days=2))
        path = f"/v1/content/{container}/schedule-intents/{intent}/reschedule"
        answer = await self.client.post(path, json={"scheduledFor": at})
        return Write(answer=answer, action=Action.CONTENT_RESCHEDULE_INTENT, object_id=container)

    async def withdraw_schedule_intent(self) -> Write:
        container, intent = await self._intent()
        answer = await self.client.delete(f"/v1/content/{container}/schedule-intents/{intent}")
        return Write(answer=answer, action=Action.CONTENT_WITHDRAW_INTENT, object_id=container)

    async def _intent(self) -> tuple[str, str]:
        container = await self.container(approval="pending")
        assert (await self._schedule(container)).status_code == 202
        listed = await self.client.get(f"/v1/content/{container}/schedule-intents")
        return container, listed.json()["items"][0]["id"]

    async def _recurrence(self) -> tuple[str, httpx2.Response]:
        """Create a recurrence; return its path."""
        answer = await recur(self.client, await self.container(), self.account)
        return f"/v1/recurrences/{answer.json()['id']}", answer

    async def create_content_recurrence(self) -> Write:
        _, answer = await self._recurrence()
        return Write(answer=answer, action=Action.RECURRENCE_CREATE, object_id=answer.json()["id"])

    async def update_recurrence(self) -> Write:
        path, _ = await self._recurrence()
        answer = await self.client.patch(path, json={"captions": ["Rye"]})
        return Write(answer=answer, action=Action.RECURRENCE_UPDATE, object_id=answer.json()["id"])

    async def stop_recurrence(self) -> Write:
        path, _ = await self._recurrence()
        answer = await self.client.delete(path)
        return Write(answer=answer, action=Action.RECURRENCE_END, object_id=answer.json()["id"])

    async def create_tiktok_post_link(self) -> Write:
        answer = await self._posting_link(await self.container())
        return Write(answer=answer, action=Action.TIKTOK_POST_LINK_CREATE, object_id=answer.json()["id"])

    async def revoke_tiktok_post_link(self) -> Write:
        container = await self.container()
        link = (await self._posting_link(container)).json()["id"]
        answer = await self.client.delete(f"/v1/content/{container}/tiktok-post-links/{link}")
        return Write(answer=answer, action=Action.TIKTOK_POST_LINK_REVOKE, object_id=link)

    async def _posting_link(self, container: str) -> httpx2.Response:
        account = await self.world.account(self.project, "tiktok", "poster")
        body = {"socialAccountId": account, "expiresInMinutes": 60}
        return await self.client.post(f"/v1/content/{container}/tiktok-post-links", json=body)

    async def publish_content(self) -> Write:
        container = await self.container()
        target = {"socialAccountId": self.account, "mode": "publish", "scheduledPostId": f"sp_{uuid4()}"}
        answer = await self.client.post(f"/v1/content/{container}/publish", json={"targets": [target]})
        return Write(answer=answer, action=Action.CONTENT_PUBLISH, object_id=container)

    async def create_import(self) -> Write:
        container = await self.container()
        body = {"rows": [{"containerId": container, "accounts": self.account}], "dryRun": False, "strict": False}
        answer = await self.client.post(f"/v1/projects/{self.project}/imports", json=body)
        return Write(answer=answer, action=Action.CONTENT_PUBLISH, object_id=container)

    async def create_channel(self) -> Write:
        body = {"kind": "slack", "url": "https://hooks.example.com/room", "events": ["post.failed"]}
        answer = await self.client.post(f"/v1/projects/{self.project}/channels", json=body)
        return Write(answer=answer, action=Action.CHANNEL_CREATE, object_id=answer.json()["id"])

    async def update_channel(self) -> Write:
        channel = (await self.create_channel()).object_id
        answer = await self.client.patch(f"/v1/channels/{channel}", json={"status": "paused"})
        return Write(answer=answer, action=Action.CHANNEL_UPDATE, object_id=channel)

    async def delete_channel(self) -> Write:
        channel = (await self.create_channel()).object_id
        answer = await self.client.delete(f"/v1/channels/{channel}")
        return Write(answer=answer, action=Action.CHANNEL_DELETE, object_id=channel)

    async def send_channel_test(self) -> Write:
        channel = (await self.create_channel()).object_id
        answer = await self.client.post(f"/v1/channels/{channel}/test")
        return Write(answer=answer, action=Action.CHANNEL_TEST, object_id=channel)

    async def create_webhook_endpoint(self) -> Write:
        body = {"url": "https://hooks.example.com/presswork", "events": ["post.failed"]}
        answer = await self.client.post("/v1/webhook-endpoints", json=body)
        return Write(answer=answer, action=Action.WEBHOOK_CREATE, object_id=answer.json()["endpoint"]["id"])

    async def update_webhook_endpoint(self) -> Write:
        endpoint = (await self.create_webhook_endpoint()).object_id
        answer = await self.client.patch(f"/v1/webhook-endpoints/{endpoint}", json={"status": "paused"})
        return Write(answer=answer, action=Action.WEBHOOK_UPDATE, object_id=endpoint)

    async def delete_webhook_endpoint(self) -> Write:
        endpoint = (await self.create_webhook_endpoint()).object_id
        answer = await self.client.delete(f"/v1/webhook-endpoints/{endpoint}")
        return Write(answer=answer, action=Action.WEBHOOK_DELETE, object_id=endpoint)

    async def send_webhook_test(self) -> Write:
        endpoint = (await self.create_webhook_endpoint()).object_id
        answer = await self.client.post(f"/v1/webhook-endpoints/{endpoint}/test")
        return Write(answer=answer, action=Action.WEBHOOK_TEST, object_id=endpoint)

    async def rotate_webhook_secret(self) -> Write:
        endpoint = (await self.create_webhook_endpoint()).object_id
        answer = await self.client.post(f"/v1/webhook-endpoints/{endpoint}/rotate-secret")
        return Write(answer=answer, action=Action.WEBHOOK_ROTATE_SECRET, object_id=endpoint)

    async def replay_webhook_delivery(self) -> Write:
        delivery = (await self.send_webhook_test()).answer.json()["id"]
        answer = await self.client.post(f"/v1/webhook-deliveries/{delivery}/replay")
        return Write(answer=answer, action=Action.WEBHOOK_REPLAY, object_id=delivery)

    async def schedule_content(self) -> Write:
        container = await self.container()
        answer = await self._schedule(container)
        return Write(answer=answer, action=Action.CONTENT_SCHEDULE, object_id=container)

    async def notify_content_device(self) -> Write:
        container = await self.container()
        body = {"phoneNumber": "+351912345678"}
        answer = await self.client.post(f"/v1/content/{container}/notify-device", json=body)
        return Write(answer=answer, action=Action.CONTENT_NOTIFY_DEVICE, object_id=container)

    async def edit_scheduled_post(self) -> Write:
        post = await self.post()
        answer = await self.client.patch(f"/v1/scheduled-posts/{post}", json={"captionOverride": "Edited"})
        return Write(answer=answer, action=Action.POST_EDIT, object_id=post)

    async def reschedule_scheduled_post(self) -> Write:
        post = await self.post()
        at = write_instant(self.world.api.context.clock.now() + timedelta(days=2))
        answer = await self.client.post(f"/v1/scheduled-posts/{post}/reschedule", json={"scheduledFor": at})
        return Write(answer=answer, action=Action.POST_RESCHEDULE, object_id=post)

    async def republish_scheduled_post(self) -> Write:
        post = await self.post()
        await self.client.delete(f"/v1/scheduled-posts/{post}")
        answer = await self.client.post(f"/v1/scheduled-posts/{post}/republish")
        return Write(answer=answer, action=Action.POST_REPUBLISH, object_id=post)

    async def live_post(self, account: str | None = None) -> tuple[str, str]:
        """Insert a post that is live, by its container; return both."""
        container = await self.container()
        post = str((await self._schedule(container, account)).json()["scheduledPostIds"][0])
        await self.world.api.context.pool.execute(
            """UPDATE scheduled_posts SET status = 'published', live_call_at = now(), live_at = now(), published_at = now(),
                      external_id = '17918920912340654'
                WHERE id = $1""",
            UUID(post[3:]),
        )
        return container, post

    async def take_down_scheduled_post(self) -> Write:
        _, post = await self.live_post()
        answer = await self.client.post(f"/v1/scheduled-posts/{post}/take-down", json={"reason": "Too late"})
        return Write(answer=answer, action=Action.POST_TAKE_DOWN, object_id=post)

    async def take_down_content_posts(self) -> Write:
        container, post = await self.live_post()
        answer = await self.client.post(f"/v1/content/{container}/take-down")
        return Write(answer=answer, action=Action.POST_TAKE_DOWN, object_id=post)

    async def edit_live_scheduled_post(self) -> Write:
        account = await self.world.account(self.project, "linkedin", f"bakery.{uuid4().hex[:8]}")
        _, post = await self.live_post(account)
        answer = await self.client.patch(f"/v1/scheduled-posts/{post}/live", json={"caption": "Open until noon"})
        return Write(answer=answer, action=Action.POST_EDIT_LIVE, object_id=post)

    async def create_connect_link(self) -> Write:
        path = f"/v1/projects/{self.project}/connect-links"
        answer = await self.client.post(path, json={"expiresInHours": 1, "maxUses": 1})
        return Write(answer=answer, action=Action.CONNECT_LINK_CREATE, object_id=answer.json()["id"])

    async def revoke_connect_link(self) -> Write:
        made = await self.create_connect_link()
        answer = await self.client.delete(f"/v1/projects/{self.project}/connect-links/{made.object_id}")
        return Write(answer=answer, action=Action.CONNECT_LINK_REVOKE, object_id=made.object_id)

    async def create_content_review_link(self) -> Write:
        body = {"containerIds": [await self.container(approval="pending")], "expiresInHours": 1, "canDecide": True}
        answer = await self.client.post("/v1/content/review-links", json=body)
        return Write(answer=answer, action=Action.REVIEW_LINK_CREATE, object_id=answer.json()["id"])

    async def revoke_content_review_link(self) -> Write:
        made = await self.create_content_review_link()
        answer = await self.client.delete(f"/v1/content/review-links/{made.object_id}")
        return Write(answer=answer, action=Action.REVIEW_LINK_REVOKE, object_id=made.object_id)

    async def create_portal_link(self) -> Write:
        answer = await self.client.post(f"/v1/projects/{self.project}/portal-links", json={})
        return Write(answer=answer, action=Action.PORTAL_LINK_CREATE, object_id=answer.json()["id"])

    async def revoke_portal_link(self) -> Write:
        made = await self.create_portal_link()
        answer = await self.client.delete(f"/v1/projects/{self.project}/portal-links/{made.object_id}")
        return Write(answer=answer, action=Action.PORTAL_LINK_REVOKE, object_id=made.object_id)

    async def cancel_scheduled_post(self) -> Write:
        post = await self.post()
        answer = await self.client.request("DELETE", f"/v1/scheduled-posts/{post}", json={"reason": "Too late"})
        return Write(answer=answer, action=Action.POST_CANCEL, object_id=post)

    async def set_public_url(self) -> Write:
        answer = await self.client.put("/v1/system/public-url", json={"publicUrl": "https://presswork.example.com"})
        return Write(answer=answer, action=Action.SYSTEM_SET_PUBLIC_URL, object_id="public_url")

    async def remove_stored_public_url(self) -> Write:
        await self.set_public_url()
        answer = await self.client.delete("/v1/system/public-url")
        return Write(answer=answer, action=Action.SYSTEM_REMOVE_PUBLIC_URL, object_id="public_url")

    async def comment(self) -> str:
        """Insert a comment on a live post of an account that can hide, like and delete comments."""
        account = await self.world.account(self.project, "bluesky", f"bakery.{uuid4().hex[:8]}")
        _, post = await self.live_post(account)
        return (await insert_comment(self.world.api.context.pool, self.client, post))["commentId"]

    async def reply_to_comment(self) -> Write:
        comment = await self.comment()
        answer = await self.client.post(f"/v1/comments/{comment}/reply", json={"text": "From seven"})
        return Write(answer=answer, action=Action.COMMENT_REPLY, object_id=comment)

    async def hide_comment(self) -> Write:
        comment = await self.comment()
        answer = await self.client.post(f"/v1/comments/{comment}/hide")
        return Write(answer=answer, action=Action.COMMENT_HIDE, object_id=comment)

    async def unhide_comment(self) -> Write:
        comment = await self.comment()
        answer = await self.client.post(f"/v1/comments/{comment}/unhide")
        return Write(answer=answer, action=Action.COMMENT_UNHIDE, object_id=comment)

    async def like_comment(self) -> Write:
        comment = await self.comment()
        answer = await self.client.post(f"/v1/comments/{comment}/like")
        return Write(answer=answer, action=Action.COMMENT_LIKE, object_id=comment)

    async def unlike_comment(self) -> Write:
        comment = await self.comment()
        answer = await self.client.post(f"/v1/comments/{comment}/unlike")
        return Write(answer=answer, action=Action.COMMENT_UNLIKE, object_id=comment)

    async def delete_comment(self) -> Write:
        comment = await self.comment()
        pool = self.world.api.context.pool
        await pool.execute("UPDATE comments SET is_own = true, status = 'done' WHERE id = $1", UUID(comment[4:]))
        answer = await self.client.delete(f"/v1/comments/{comment}")
        return Write(answer=answer, action=Action.COMMENT_DELETE, object_id=comment)

    async def update_comment(self) -> Write:
        comment = await self.comment()
        answer = await self.client.patch(f"/v1/comments/{comment}", json={"status": "open", "note": "Ask the baker"})
        return Write(answer=answer, action=Action.COMMENT_UPDATE, object_id=comment)

    async def saved_reply(self) -> tuple[str, httpx2.Response]:
        """Create a saved reply; return its path."""
        path = f"/v1/projects/{self.project}/saved-replies"
        answer = await self.client.post(path, json={"name": "Hours", "text": "From 7"})
        return f"{path}/{answer.json()['id']}", answer

    async def create_saved_reply(self) -> Write:
        _, answer = await self.saved_reply()
        return Write(answer=answer, action=Action.SAVED_REPLY_CREATE, object_id=str(answer.json()["id"]))

    async def update_saved_reply(self) -> Write:
        path, _ = await self.saved_reply()
        answer = await self.client.patch(path, json={"text": "From 8"})
        return Write(answer=answer, action=Action.SAVED_REPLY_UPDATE, object_id=path.rpartition("/")[2])

    async def delete_saved_reply(self) -> Write:
        path, _ = await self.saved_reply()
        answer = await self.client.delete(path)
        return Write(answer=answer, action=Action.SAVED_REPLY_DELETE, object_id=path.rpartition("/")[2])

    async def snippet(self) -> tuple[str, httpx2.Response]:
        """Create a snippet; return its path."""
        answer = await self.client.post(
            f"/v1/projects/{self.project}/snippets", json={"name": f"Signature {new_id()}", "text": "Yours"}
        )
        return f"/v1/snippets/{answer.json()['id']}", answer

    async def create_snippet(self) -> Write:
        _, answer = await self.snippet()
        return Write(answer=answer, action=Action.SNIPPET_CREATE, object_id=str(answer.json()["id"]))

    async def update_snippet(self) -> Write:
        path, _ = await self.snippet()
        answer = await self.client.patch(path, json={"text": "Ours"})
        return Write(answer=answer, action=Action.SNIPPET_UPDATE, object_id=path.rpartition("/")[2])

    async def delete_snippet(self) -> Write:
        path, _ = await self.snippet()
        answer = await self.client.delete(path)
        return Write(answer=answer, action=Action.SNIPPET_DELETE, object_id=path.rpartition("/")[2])

    async def queue(self) -> str:
        """Create a queue; return its path."""
        body = {"name": "Daily", "slots": [{"weekday": day, "time": "09:00"} for day in ("mon", "thu")]}
        answer = await self.client.post(f"/v1/projects/{self.project}/queues", json=body)
        return f"/v1/queues/{answer.json()['id']}"

    async def queued_posts(self, count: int) -> tuple[str, Sequence[str]]:
        """Create a queue with posts; return its path and theirs."""
        path = await self.queue()
        targets = [{"socialAccountId": self.account, "mode": "publish"}]
        posts = []
        for _ in range(count):
            body = {"queue": path.rpartition("/")[2], "targets": targets}
            answer = await self.client.post(f"/v1/content/{await self.container()}/schedule", json=body)
            posts.append(f"/v1/scheduled-posts/{answer.json()['scheduledPostIds'][0]}")
        return path, posts

    async def create_queue(self) -> Write:
        body = {"name": "Daily", "slots": []}
        answer = await self.client.post(f"/v1/projects/{self.project}/queues", json=body)
        return Write(answer=answer, action=Action.QUEUE_CREATE, object_id=str(answer.json()["id"]))

    async def update_queue(self) -> Write:
        path = await self.queue()
        answer = await self.client.patch(path, json={"name": "Mornings"})
        return Write(answer=answer, action=Action.QUEUE_UPDATE, object_id=path.rpartition("/")[2])

    async def delete_queue(self) -> Write:
        path = await self.queue()
        answer = await self.client.delete(path)
        return Write(answer=answer, action=Action.QUEUE_DELETE, object_id=path.rpartition("/")[2])

    async def reshuffle_queue(self) -> Write:
        path, posts = await self.queued_posts(2)
        await self.client.delete(posts[0])
        answer = await self.client.post(f"{path}/reshuffle")
        return Write(answer=answer, action=Action.QUEUE_RESHUFFLE, object_id=path.rpartition("/")[2])

    async def move_scheduled_post(self) -> Write:
        path, (post,) = await self.queued_posts(1)
        slots = (await self.client.get(f"{path}/slots")).json()["items"]
        answer = await self.client.post(f"{post}/move", json={"slotAt": slots[1]["slotAt"]})
        return Write(answer=answer, action=Action.POST_RESCHEDULE, object_id=post.rpartition("/")[2])

    async def set_platform_credentials(self) -> Write:
        body = {"clientId": "1234567890", "clientSecret": "the-app-secret"}
        answer = await self.client.put("/v1/system/platforms/instagram", json=body)
        return Write(answer=answer, action=Action.PLATFORM_SET_CREDENTIALS, object_id="instagram")

    async def remove_platform_credentials(self) -> Write:
        await self.set_platform_credentials()
        answer = await self.client.delete("/v1/system/platforms/instagram")
        return Write(answer=answer, action=Action.PLATFORM_REMOVE_CREDENTIALS, object_id="instagram")

    def calls(self) -> Mapping[str, Callable[[], Awaitable[Write]]]:
        """Return all functions by operationId."""
        names = [name for name in vars(type(self)) if not name.startswith("_") and name not in _SCENERY]
        return {name: getattr(self, name) for name in names}


_SCENERY: Final = frozenset(
    {
        "world",
        "project",
        "account",
        "picture",
        "client",
        "container",
        "post",
        "live_post",
        "comment",
        "saved_reply",
        "snippet",
        "queue",
        "queued_posts",
        "operator",
        "key",
        "layer",
        "new_user",
        "new_session",
        "calls",
    }
)
"""The objects that the requests use."""
