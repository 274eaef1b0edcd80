"""Calls of a client of Facebook Pages against a running sandbox."""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx2
from tests.sandbox.running_sandbox import JSON, RunningSandbox, picture

PAGE_SCOPES = (
    "pages_show_list,pages_read_engagement,pages_manage_posts,pages_manage_engagement,pages_read_user_content,"
    "pages_manage_metadata,business_management"
)
STATUS = "status,published,post_id,permalink_url"


@dataclass(frozen=True, slots=True)
class Page:
    """A connected Page: its id, its token, and the token of the person who connected it."""

    sandbox: RunningSandbox
    id: str
    token: str
    user_token: str

    async def call(self, method: str, path: str, **params: object) -> httpx2.Response:
        """Call the Graph API with the token of the Page."""
        return await self.sandbox.facebook(self.token, method, path, **params)

    async def get(self, path: str, **params: object) -> JSON:
        """Read an object that is there."""
        answer = await self.call("GET", path, **params)
        assert answer.status_code == 200, answer.text
        found: JSON = answer.json()
        return found

    async def photo(self, name: str = "a.jpg", hue: int = 200, **params: object) -> str:
        """Stage a photo and return its id."""
        url = self.sandbox.media.put(name, picture(hue=hue))
        answer = await self.call("POST", f"{self.id}/photos", url=url, published=False, **params)
        assert answer.status_code == 200, answer.text
        assert set(answer.json()) == {"id"}
        return str(answer.json()["id"])

    async def attach(self, *photos: str, **params: object) -> httpx2.Response:
        """Publish staged photos."""
        media = [{"media_fbid": photo} for photo in photos]
        return await self.call("POST", f"{self.id}/feed", attached_media=media, **params)

    async def post(self, **params: object) -> str:
        """Publish one photo and return the id of the post."""
        answer = await self.attach(await self.photo(), **params)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    async def reel(self) -> tuple[str, str]:
        """Begin a reel; return its id and the URL for its upload."""
        answer = await self.call("POST", f"{self.id}/video_reels", upload_phase="start")
        assert answer.status_code == 200, answer.text
        return str(answer.json()["video_id"]), str(answer.json()["upload_url"])

    async def send(self, url: str, data: bytes, offset: int = 0, size: int | None = None) -> httpx2.Response:
        """Upload bytes of a reel."""
        headers = {"authorization": f"OAuth {self.token}", "offset": str(offset)}
        headers["file_size"] = str(len(data) if size is None else size)
        return await self.sandbox.http.post(url, content=data, headers=headers)

    async def finish(self, video: str, state: str = "PUBLISHED", **params: object) -> httpx2.Response:
        """Ask for a reel to be published."""
        ask = {"upload_phase": "finish", "video_id": video, "video_state": state, **params}
        return await self.call("POST", f"{self.id}/video_reels", **ask)

    async def videos(self, form: Mapping[str, str], chunk: bytes | None = None) -> httpx2.Response:
        """Call /videos on the host for videos, with a form, multipart if there is a chunk."""
        url = f"/sandbox/graph-video.facebook.com/v26.0/{self.id}/videos"
        data = {"access_token": self.token, **form}
        if chunk is None:
            return await self.sandbox.http.post(url, data=data)
        return await self.sandbox.http.post(url, data=data, files={"video_file_chunk": ("chunk", chunk)})

    async def chunked(self, data: bytes) -> JSON:
        """Upload a video in the chunks that the answers ask for; return the answer to the start."""
        start = await self.videos({"upload_phase": "start", "file_size": str(len(data))})
        assert start.status_code == 200, start.text
        begun: JSON = start.json()
        offsets = begun
        while offsets["start_offset"] != offsets["end_offset"]:
            first, end = int(offsets["start_offset"]), int(offsets["end_offset"])
            form = {"upload_phase": "transfer", "upload_session_id": begun["upload_session_id"]}
            answer = await self.videos(form | {"start_offset": str(first)}, data[first:end])
            assert answer.status_code == 200, answer.text
            offsets = answer.json()
        return begun

    async def status(self, video: str) -> JSON:
        """Read the status of a video."""
        return await self.get(video, fields=STATUS)

    async def over(self, video: str) -> JSON:
        """Read the status of a video until it is published, or can't be."""
        await self.sandbox.advance(0)  # returns once the media is checked
        found = await self.status(video)
        for _ in range(10):
            if (
                found["status"]["publishing_phase"]["status"] == "complete"
                or found["status"]["video_status"] == "error"
            ):
                break
            found = await self.status(video)
        return found


async def connect(sandbox: RunningSandbox, handle: str = "luna", scope: str = PAGE_SCOPES, app: str = "1") -> Page:
    """Connect a Page to an app, as a person does in the dialog."""
    token = await sandbox.facebook_login(handle, scope=scope, app=app)
    found = await sandbox.facebook(token, "GET", "me/accounts", fields="id,access_token")
    assert found.status_code == 200, found.text
    [page] = found.json()["data"]
    return Page(sandbox, page["id"], page["access_token"], token)


def error_of(answer: httpx2.Response) -> tuple[int, int, int | None]:
    """Return the HTTP status, the code and the subcode of a refusal."""
    error = answer.json()["error"]
    return answer.status_code, error["code"], error.get("error_subcode")
