"""What flows of reviews need: a project whose content waits for approval, and requests that are held."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx2
from playwright.async_api import Page, Route

from presswork.media.samples import sample_picture, sample_slideshow


@dataclass(slots=True)
class Project:
    """A project whose new content is reviewed; what an approval covers includes the texts."""

    client: httpx2.Client
    id: str
    name: str
    account: str

    @property
    def inbox(self) -> str:
        """The path of its inbox."""
        return f"/console/test/approvals?project={self.id}"

    def content(self, caption: str, *, pictures: int = 1) -> str:
        """Upload content that waits for approval, and return its id."""
        data = sample_slideshow(pictures) if pictures > 1 else [sample_picture(360, 450)]
        files = [
            {"filename": f"{number}.jpg", "contentType": "image/jpeg", "sizeBytes": len(one)}
            for number, one in enumerate(data)
        ]
        grouping = "slideshow" if pictures > 1 else "per-file"
        opened = self.client.post(
            f"/v1/projects/{self.id}/content/uploads", json={"grouping": grouping, "files": files}
        )
        (container,) = opened.json()["items"]
        for target, one in zip(container["files"], data, strict=True):
            assert self.client.put(target["uploadUrl"], content=one, headers=target["headers"]).is_success
        path = f"/v1/content/{container['containerId']}/finalize-upload"
        assert self.client.post(path, json={"caption": caption}).is_success
        return str(container["containerId"])

    def schedule(self, container: str, after: timedelta, **overrides: str) -> None:
        """Schedule content, which waits for the approval."""
        targets = [{"socialAccountId": self.account, "mode": "publish", **overrides}]
        at = (datetime.now(UTC) + after).isoformat()
        body = {"scheduledFor": at, "targets": targets}
        assert self.client.post(f"/v1/content/{container}/schedule", json=body).is_success

    def edit(self, container: str, caption: str) -> None:
        """Change a caption as another person does."""
        assert self.client.patch(f"/v1/content/{container}", json={"caption": caption}).is_success

    def approval(self, container: str) -> tuple[str, str | None]:
        """Return the approval status of content and the last note."""
        content = self.client.get(f"/v1/content/{container}").json()
        return content["approvalStatus"], content["reviewNote"]


async def hold(page: Page, path: str) -> asyncio.Event:
    """Hold the requests for a path until the event is set."""
    released = asyncio.Event()

    async def hold(route: Route) -> None:
        await released.wait()
        await route.continue_()

    await page.route(f"**{path}", hold)
    return released


async def look_again(page: Page) -> None:
    """Return to the page after it was hidden for longer than what it read stays fresh."""
    await page.evaluate("const now = Date.now; Date.now = () => now() + 600_000")
    await page.evaluate("window.dispatchEvent(new Event('visibilitychange'))")
