"""Fixtures of the content tests: small media, a web server that serves them, and shortcuts for the routes."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp import web
from tests.posts.conftest import ready_project  # noqa: F401  a fixture

from presswork.media.samples import sample_picture, sample_video


@pytest.fixture(scope="session")
def picture() -> bytes:
    """A JPEG of 64 × 80 pixels."""
    return sample_picture(64, 80)


@pytest.fixture(scope="session")
def png() -> bytes:
    """A PNG of 48 × 48 pixels."""
    return sample_picture(48, 48, seed=1, picture_format="PNG")


@pytest.fixture(scope="session")
def video() -> bytes:
    """An MP4 of one second, 64 × 96 pixels."""
    return sample_video(timedelta(seconds=1), 64, 96)


def issues_of(response: Any) -> list[str]:
    """Return the paths of a 422's issues."""
    assert (response.status_code, response.json()["error"]["code"]) == (422, "VALIDATION"), response.text
    return [issue["path"] for issue in response.json()["error"]["details"]["issues"]]


@dataclass
class FileHost:
    """A web server on loopback with the files that a test puts there."""

    base_url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    hits: list[str] = field(default_factory=list)

    def put(self, name: str, data: bytes) -> str:
        """Serve a file under a name and return its URL."""
        self.files[name] = data
        return f"{self.base_url}/{quote(name)}"

    async def serve(self, request: web.Request) -> web.Response:
        """Serve one request."""
        name = request.match_info["name"]
        self.hits.append(name)
        if name not in self.files:
            raise web.HTTPNotFound
        content_type = "text/html" if name.endswith(".html") else "application/octet-stream"
        return web.Response(body=self.files[name], content_type=content_type)


@pytest.fixture
async def files() -> AsyncIterator[FileHost]:
    """A web server with no files yet."""
    host = FileHost()
    app = web.Application()
    app.router.add_get("/{name}", host.serve)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield host
    await runner.cleanup()


@dataclass
class ContentClient:
    """One caller's project, and shortcuts for the routes."""

    api: Any
    client: Any
    project_id: str

    async def upload(self, *urls: str, key: str | None = None, **more: Any) -> Any:
        """POST …/content/upload."""
        body = {"media": [{"url": url} for url in urls], "caption": "Hello", **more}
        headers = {"Idempotency-Key": key} if key else {}
        return await self.client.post(f"/v1/projects/{self.project_id}/content/upload", json=body, headers=headers)

    async def create(self, key: str | None = None, **body: Any) -> Any:
        """POST …/content."""
        headers = {"Idempotency-Key": key} if key else {}
        return await self.client.post(f"/v1/projects/{self.project_id}/content", json=body, headers=headers)

    async def edit(self, container_id: str, **body: Any) -> Any:
        """PATCH /v1/content/…"""
        return await self.client.patch(f"/v1/content/{container_id}", json=body)

    async def open(self, *files: tuple[str, str, int], grouping: str = "per-file", key: str | None = None) -> Any:
        """POST …/content/uploads, of (filename, content type, size in bytes)."""
        body = {
            "files": [{"filename": name, "contentType": kind, "sizeBytes": size} for name, kind, size in files],
            "grouping": grouping,
        }
        headers = {"Idempotency-Key": key} if key else {}
        return await self.client.post(f"/v1/projects/{self.project_id}/content/uploads", json=body, headers=headers)

    async def expect(self, *files: tuple[str, str, bytes], grouping: str = "slideshow") -> dict[str, Any]:
        """Open uploads for these bytes and return the (first) container that waits for them."""
        response = await self.open(*((name, kind, len(data)) for name, kind, data in files), grouping=grouping)
        assert response.status_code == 201, response.text
        item: dict[str, Any] = response.json()["items"][0]
        return item

    async def put(self, target: dict[str, Any], data: bytes) -> Any:
        """PUT a file to its upload URL, without a key."""
        anonymous = await self.api.anonymous()
        return await anonymous.put(target["uploadUrl"], content=data, headers=target["headers"])

    async def finalize(self, container_id: str, key: str | None = None, **body: Any) -> Any:
        """POST …/finalize-upload."""
        headers = {"Idempotency-Key": key} if key else {}
        return await self.client.post(
            f"/v1/content/{container_id}/finalize-upload", json={"caption": "Done", **body}, headers=headers
        )

    def stored(self) -> list[str]:
        """Return the keys of everything in the media store."""
        folder = self.api.context.settings.data_dir / "media"
        return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())

    def originals(self) -> list[str]:
        """Return the keys of the uploaded files in the media store."""
        return [key for key in self.stored() if key.startswith("originals/")]

    def previews(self) -> list[str]:
        """Return the keys of thumbnails and posters in the media store."""
        return [key for key in self.stored() if key.startswith("previews/")]

    async def count(self, table: str) -> int:
        """Return how many rows a table has."""
        count: int = await self.api.context.pool.fetchval(f"SELECT count(*) FROM {table}")  # noqa: S608  a name from the tests
        return count


@pytest.fixture
async def content_client(api: Any) -> ContentClient:
    """A caller with every scope and a new project."""
    client = await api.client()
    project = (await client.post("/v1/projects", json={"name": "Bakery", "timezone": "UTC"})).json()
    return ContentClient(api=api, client=client, project_id=project["id"])
