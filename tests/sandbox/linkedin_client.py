"""A client of LinkedIn's documented calls, which uses no Presswork code."""

from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import httpx2
from tests.sandbox.running_sandbox import BACK, JSON, RunningSandbox

MEMBER_SCOPES = "openid profile w_member_social"
PAGE_SCOPES = (
    "w_organization_social r_organization_social rw_organization_admin"
    " w_organization_social_feed r_organization_social_feed"
)
VERSION = "202611"
WWW = "/sandbox/www.linkedin.com"
API = "/sandbox/api.linkedin.com"


def quoted(urn: str) -> str:
    """Return a URN as paths and queries carry it."""
    return quote(urn, safe="")


def subscription_of(user: str, entity: str) -> str:
    """Return the path of a subscription to what happens on a page's posts."""
    parts = {
        "developerApplication": "urn:li:developerApplication:1",
        "user": user,
        "entity": entity,
        "eventType": "ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS",
    }
    return f"rest/eventSubscriptions/({','.join(f'{name}:{quoted(value)}' for name, value in parts.items())})"


async def redirected(sandbox: RunningSandbox, handles: str, scope: str, **more: str) -> dict[str, str]:
    """Submit the authorize page and return the query of the redirect."""
    ask = {"client_id": "app", "redirect_uri": BACK, "response_type": "code", "scope": scope, "state": "s"}
    ask |= {"account": handles, "decision": "approve", **more}
    answer = await sandbox.http.get(f"{WWW}/oauth/v2/authorization?{urlencode(ask)}")
    assert answer.status_code == 302, answer.text
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    return {name: values[0] for name, values in query.items()}


async def exchanged(sandbox: RunningSandbox, code: str, **more: str) -> httpx2.Response:
    """Call the token endpoint with a code."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    form |= {"client_id": "app", "client_secret": "x", **more}
    return await sandbox.http.post(f"{WWW}/oauth/v2/accessToken", data=form)


async def token_of(sandbox: RunningSandbox, handles: str, scope: str, **more: str) -> JSON:
    """Sign in and return the answer with the token."""
    answer = await exchanged(sandbox, (await redirected(sandbox, handles, scope, **more))["code"])
    assert answer.status_code == 200, answer.text
    body: JSON = answer.json()
    return body


@dataclass
class LinkedIn:
    """LinkedIn with one token."""

    sandbox: RunningSandbox
    token: str
    version: str = VERSION

    @property
    def headers(self) -> dict[str, str]:
        """The headers of every call."""
        return {
            "Authorization": f"Bearer {self.token}",
            "LinkedIn-Version": self.version,
            "X-Restli-Protocol-Version": "2.0.0",
        }

    async def call(self, method: str, path: str, body: object = None, **headers: str) -> httpx2.Response:
        """Call the API."""
        given = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return await self.sandbox.http.request(method, f"{API}/{path}", json=body, headers=given)

    async def me(self) -> str:
        """Return the URN of the person."""
        answer = await self.call("GET", "v2/userinfo")
        assert answer.status_code == 200, answer.text
        return f"urn:li:person:{answer.json()['sub']}"

    async def page(self) -> str:
        """Return the URN of the first page."""
        answer = await self.call("GET", "rest/organizationAcls?q=roleAssignee&state=APPROVED")
        assert answer.status_code == 200, answer.text
        return str(answer.json()["elements"][0]["organization"])

    async def announce(self, owner: str, kind: str = "image", **more: object) -> JSON:
        """Announce a file and return where its bytes go."""
        body = {"initializeUploadRequest": {"owner": owner, **more}}
        answer = await self.call("POST", f"rest/{kind}s?action=initializeUpload", body)
        assert answer.status_code == 200, answer.text
        value: JSON = answer.json()["value"]
        return value

    async def put(self, url: str, data: bytes) -> httpx2.Response:
        """Send bytes to an upload URL; those of images and documents need the token, those of videos have none."""
        headers = {} if "/uploaded-video/" in url else {"Authorization": f"Bearer {self.token}"}
        headers["Content-Type"] = "application/octet-stream"
        return await self.sandbox.http.put(url, content=data, headers=headers)

    async def upload(self, owner: str, data: bytes, kind: str = "image") -> str:
        """Upload an image or a document, and let the time pass until it is available."""
        value = await self.announce(owner, kind)
        answer = await self.put(value["uploadUrl"], data)
        assert answer.status_code == 201, answer.text
        await self.sandbox.advance(1)
        return str(value[kind])

    async def upload_parts(self, owner: str, data: bytes) -> tuple[JSON, list[str]]:
        """Upload the parts of a video; return what was announced, and the ids of the parts."""
        value = await self.announce(
            owner, "video", fileSizeBytes=len(data), uploadCaptions=False, uploadThumbnail=False
        )
        ids = []
        for part in value["uploadInstructions"]:
            answer = await self.put(part["uploadUrl"], data[part["firstByte"] : part["lastByte"] + 1])
            assert answer.status_code == 200, answer.text
            ids.append(answer.headers["etag"])
        return value, ids

    async def finalize(self, video: str, ids: list[str], upload_token: str) -> httpx2.Response:
        """Finish the upload of a video."""
        body = {"finalizeUploadRequest": {"video": video, "uploadToken": upload_token, "uploadedPartIds": ids}}
        return await self.call("POST", "rest/videos?action=finalizeUpload", body)

    async def upload_video(self, owner: str, data: bytes) -> str:
        """Upload a video, and let the time pass until it is available."""
        value, ids = await self.upload_parts(owner, data)
        answer = await self.finalize(value["video"], ids, value["uploadToken"])
        assert answer.status_code == 200, answer.text
        await self.sandbox.advance(3)
        return str(value["video"])

    async def status(self, urn: str) -> httpx2.Response:
        """Ask how far a file is."""
        return await self.call("GET", f"rest/{urn.split(':')[2]}s/{quote(urn, safe='')}")

    async def post(self, author: str, commentary: str, content: object = None, **more: object) -> httpx2.Response:
        """Publish a post."""
        distribution = {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []}
        body = {
            "author": author,
            "commentary": commentary,
            "visibility": "PUBLIC",
            "distribution": distribution,
            "lifecycleState": "PUBLISHED",
            "isReshareDisabledByAuthor": False,
            **more,
        }
        return await self.call("POST", "rest/posts", body if content is None else {**body, "content": content})

    async def posted(self, author: str, commentary: str, content: object = None, **more: object) -> str:
        """Publish a post and return its URN."""
        answer = await self.post(author, commentary, content, **more)
        assert (answer.status_code, answer.content) == (201, b""), answer.text
        return str(answer.headers["x-restli-id"])

    async def read(self, urn: str, query: str = "") -> httpx2.Response:
        """Read a post."""
        return await self.call("GET", f"rest/posts/{quote(urn, safe='')}{query}")

    async def of_author(self, author: str, query: str = "") -> httpx2.Response:
        """List the posts of an author."""
        path = f"rest/posts?q=author&author={quote(author, safe='')}&count=10&sortBy=CREATED{query}"
        return await self.call("GET", path, X_RestLi_Method="FINDER")

    async def comment(self, urn: str, actor: str, text: str, **more: object) -> httpx2.Response:
        """Comment on a post."""
        body = {"actor": actor, "object": urn, "message": {"text": text}, **more}
        return await self.call("POST", f"rest/socialActions/{quote(urn, safe='')}/comments", body)

    async def comments(self, urn: str, query: str = "") -> httpx2.Response:
        """List the comments on a post, or what answers a comment."""
        return await self.call("GET", f"rest/socialActions/{quote(urn, safe='')}/comments{query}")

    async def comments_on(self, urn: str, query: str = "") -> list[JSON]:
        """Return the comments on a post, or what answers a comment."""
        answer = await self.comments(urn, query)
        assert answer.status_code == 200, answer.text
        found: list[JSON] = answer.json()["elements"]
        return found

    async def update(self, urn: str, **fields: object) -> httpx2.Response:
        """Change fields of a post."""
        path, body = f"rest/posts/{quote(urn, safe='')}", {"patch": {"$set": fields}}
        return await self.call("POST", path, body, X_RestLi_Method="PARTIAL_UPDATE")

    async def delete(self, urn: str) -> httpx2.Response:
        """Delete a post."""
        return await self.call("DELETE", f"rest/posts/{quote(urn, safe='')}")


async def member(sandbox: RunningSandbox, handle: str = "mira", scope: str = MEMBER_SCOPES) -> tuple[LinkedIn, str]:
    """Sign in as a member; return the client and the person's URN."""
    await sandbox.account("linkedin", handle, tier="creator")
    client = LinkedIn(sandbox, (await token_of(sandbox, handle, scope))["access_token"])
    return client, await client.me()


async def page(sandbox: RunningSandbox, handles: str = "brand", scope: str = PAGE_SCOPES) -> tuple[LinkedIn, str]:
    """Sign in as the administrator of a page; return the client and the page's URN."""
    client = LinkedIn(sandbox, (await token_of(sandbox, handles, scope))["access_token"])
    return client, await client.page()
