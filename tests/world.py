"""Calls of the public API that most tests make, and the sandbox's control surface."""

from dataclasses import dataclass
from typing import Any

import httpx2
from tests.api_server import Api


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Calls the public API: projects, connected sandbox accounts, finished content, posts; sets sandbox faults."""

    api: Api
    client: httpx2.AsyncClient

    async def project(self, name: str = "Spring campaign") -> str:
        """Create a project and return its id."""
        answer = await self.client.post("/v1/projects", json={"name": name, "timezone": "Europe/Berlin"})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def account(self, project: str, platform: str, handle: str, **more: object) -> str:
        """Connect a sandbox account by OAuth and return its id; `more` is added to the body."""
        answer = await self.client.post(
            f"/v1/projects/{project}/social/oauth-url",
            json={"platform": platform, "returnUrl": "http://localhost/back", **more},
        )
        assert answer.status_code == 200, answer.text
        browser = await self.api.anonymous()
        agreed = await browser.get(f"{answer.json()['authorizeUrl']}&account={handle}&decision=approve")
        await browser.get(agreed.headers["location"])
        status = await self.client.get(f"/v1/social/oauth-status/{answer.json()['state']}")
        assert status.json()["status"] == "connected", status.text
        return str(status.json()["socialAccountId"])

    async def content(
        self,
        project: str,
        *files: bytes,
        content_type: str = "image/jpeg",
        caption: str = "Hello",
        comment: str | None = None,
    ) -> str:
        """Upload files as one container with presigned URLs and return its id."""
        declared = [
            {"filename": f"file-{index}", "contentType": content_type, "sizeBytes": len(file)}
            for index, file in enumerate(files)
        ]
        grouping = "slideshow" if len(files) > 1 else "per-file"
        answer = await self.client.post(
            f"/v1/projects/{project}/content/uploads", json={"files": declared, "grouping": grouping}
        )
        assert answer.status_code == 201, answer.text
        (item,) = answer.json()["items"]
        browser = await self.api.anonymous()
        for target, file in zip(item["files"], files, strict=True):
            put = await browser.put(target["uploadUrl"], content=file, headers=target["headers"])
            assert put.status_code < 300, put.text
        body = {"caption": caption, "firstComment": comment}
        final = await self.client.post(f"/v1/content/{item['containerId']}/finalize-upload", json=body)
        assert final.status_code == 200, final.text
        return str(item["containerId"])

    async def board(self, account: str) -> dict[str, object]:
        """Return the options of a Pin for the first board of a Pinterest account."""
        answer = await self.client.get(f"/v1/social-accounts/{account}/boards")
        assert answer.status_code == 200, answer.text
        return {"pinterestPostSettings": {"boardId": answer.json()["items"][0]["id"]}}

    async def publish(self, container: str, *accounts: str, **target: object) -> list[str]:
        """Publish to accounts and return the ids of the posts."""
        targets = [{"socialAccountId": account, "mode": "publish", **target} for account in accounts]
        answer = await self.client.post(f"/v1/content/{container}/publish", json={"targets": targets})
        assert answer.status_code == 200, answer.text
        return list(answer.json()["scheduledPostIds"])

    async def post(self, post_id: str) -> dict[str, Any]:
        """Return a post."""
        answer = await self.client.get(f"/v1/scheduled-posts/{post_id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def timeline(self, post_id: str) -> list[dict[str, Any]]:
        """Return the timeline of a post."""
        answer = await self.client.get(f"/v1/scheduled-posts/{post_id}/timeline")
        return list(answer.json()["items"])

    async def live(self, **query: str) -> list[dict[str, Any]]:
        """Return the live posts of the fake platforms."""
        browser = await self.api.anonymous()
        answer = await browser.get("/sandbox/control/posts", params=query)
        return list(answer.json()["items"])

    async def drafts(self, **query: str) -> list[dict[str, Any]]:
        """Return the drafts in the inboxes of the fake TikTok."""
        browser = await self.api.anonymous()
        answer = await browser.get("/sandbox/control/drafts", params=query)
        return list(answer.json()["items"])

    async def post_draft(self, publish_id: str) -> str:
        """Post a draft as its creator does in the app, and return the external id of the post."""
        browser = await self.api.anonymous()
        answer = await browser.post(f"/sandbox/control/drafts/{publish_id}/publish", json={})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["externalId"])

    async def fault(self, **fault: object) -> None:
        """Set a fault of the sandbox."""
        browser = await self.api.anonymous()
        answer = await browser.post("/sandbox/control/faults", json=fault)
        assert answer.status_code < 300, answer.text
