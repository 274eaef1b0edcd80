"""A client of the sandbox's control surface for tests."""

from datetime import timedelta
from typing import Final, cast
from urllib.parse import parse_qs, urlsplit

import httpx2
from pydantic import JsonValue, TypeAdapter
from tests.contract.in_process import InProcessClient, Response
from tests.sandbox_journal import read_journal

PDS: Final = "morel.us-east.host.bsky.network"
_ITEMS: Final[TypeAdapter[list[dict[str, JsonValue]]]] = TypeAdapter(list[dict[str, JsonValue]])


class SandboxControl:
    """The sandbox's control surface, for the tests of one platform: arms faults, returns live posts."""

    def __init__(self, address: str, client: httpx2.AsyncClient | InProcessClient) -> None:
        """Store the sandbox's address and a client for it."""
        self.address = address
        self._client = client

    def host(self, name: str) -> str:
        """Return the base address that represents a platform's host, like graph.instagram.com."""
        return f"{self.address}/{name}"

    async def _post(self, path: str, body: dict[str, JsonValue]) -> httpx2.Response | Response:
        answer = await self._client.post(f"{self.address}/control/{path}", json=body)
        assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
        return answer

    async def reset(self) -> None:
        """Reset the sandbox."""
        await self._post("reset", {})

    async def advance(self, duration: timedelta) -> None:
        """Advance the sandbox's clock."""
        await self._post("clock", {"advanceSeconds": duration.total_seconds()})

    async def account(self, platform: str, handle: str, **more: JsonValue) -> None:
        """Create or change a fake account; `more` uses the control surface's own names."""
        await self._post("accounts", {"platform": platform, "handle": handle, **more})

    async def fault(self, platform: str, operation: str, fault: str, **more: JsonValue) -> None:
        """Arm a fault; `more`: handle, times, skip, value."""
        await self._post("faults", {"platform": platform, "operation": operation, "fault": fault, **more})

    async def clear_faults(self) -> None:
        """Disarm every fault."""
        answer = await self._client.delete(f"{self.address}/control/faults")
        assert answer.is_success, answer.text

    async def _items(self, what: str, platform: str, handle: str | None, **more: str) -> list[dict[str, JsonValue]]:
        params = {"platform": platform, **more} | ({"handle": handle} if handle else {})
        answer = await self._client.get(f"{self.address}/control/{what}", params=params)
        assert answer.is_success, f"{what}: {answer.status_code} {answer.text}"
        return _ITEMS.validate_python(answer.json()["items"])

    async def posts(self, platform: str, handle: str | None = None) -> list[dict[str, JsonValue]]:
        """Return the live posts."""
        return await self._items("posts", platform, handle)

    async def parts(self, platform: str, handle: str) -> list[dict[str, JsonValue]]:
        """Return the live posts, and the parts of threads, in the order of their ids, which rise."""
        posts = await self._items("posts", platform, handle, replies="true")
        return sorted(posts, key=lambda post: str(post["externalId"]))

    async def delete_post(self, platform: str, external_id: str) -> None:
        """Delete a live post, like its owner in the app."""
        params = {"platform": platform, "externalId": external_id}
        answer = await self._client.delete(f"{self.address}/control/posts?{httpx2.QueryParams(params)}")
        assert answer.is_success, answer.text

    async def comment(self, platform: str, external_id: str, text: str, **more: JsonValue) -> dict[str, JsonValue]:
        """Let another account comment on a post, and return the comment; `more`: author, parentId."""
        body: dict[str, JsonValue] = {"platform": platform, "externalId": external_id, "text": text, **more}
        return dict((await self._post("comments", body)).json())

    async def comments(self, platform: str, external_id: str) -> list[dict[str, JsonValue]]:
        """Return all comments of a post, also hidden and deleted ones."""
        return await self._items("comments", platform, None, externalId=external_id)

    async def delete_comment(self, platform: str, comment_id: str) -> None:
        """Delete a comment, like its author in the app."""
        params = {"platform": platform, "id": comment_id}
        answer = await self._client.delete(f"{self.address}/control/comments?{httpx2.QueryParams(params)}")
        assert answer.is_success, answer.text

    async def drafts(self, platform: str, handle: str | None = None) -> list[dict[str, JsonValue]]:
        """Return the drafts in inboxes."""
        return await self._items("drafts", platform, handle)

    async def messages(self, phone: str | None = None) -> list[dict[str, JsonValue]]:
        """Return the text messages, optionally to one phone."""
        return await self._items("messages", "sms", None if phone is None else phone.removeprefix("+"))

    async def phone(self, number: str, ends: str, error_code: int | None = None) -> None:
        """Set what happens to messages to a number."""
        await self._post("phones", {"number": number, "ends": ends, "errorCode": error_code})

    async def dispatches(self, platform: str | None = None, handle: str | None = None) -> list[dict[str, JsonValue]]:
        """Return the dispatches that the managed provider received, oldest first."""
        return await self._items("dispatches", platform or "provider", handle)

    async def provider(self, **settings: JsonValue) -> None:
        """Set how the managed provider behaves."""
        await self._post("provider", settings)

    async def playlist(self, handle: str, title: str) -> str:
        """Make a playlist of a YouTube channel, like the person in the app, and return its id."""
        return str((await self._post("playlists", {"handle": handle, "title": title})).json()["id"])

    async def count_records(self, did: str, collection: str) -> int:
        """Count the records of a Bluesky account in a collection, as its server lists them."""
        return len(await self.records(did, collection))

    async def records(self, did: str, collection: str) -> list[dict[str, JsonValue]]:
        """Return the records of a Bluesky account in a collection, as its server lists them."""
        url = f"{self.host(PDS)}/xrpc/com.atproto.repo.listRecords"
        answer = await self._client.get(url, params={"repo": did, "collection": collection})
        assert answer.is_success, answer.text
        return _ITEMS.validate_python(answer.json()["records"])

    async def numbers(self, platform: str, **more: JsonValue) -> None:
        """Set numbers of a post, the followers of a handle, or which metrics a platform does not have any more."""
        await self._post("numbers", {"platform": platform, **more})

    async def numbers_of(self, platform: str, handle: str) -> dict[str, dict[str, int]]:
        """Return the numbers of a handle's posts by the posts' ids, by the sandbox's own names of them."""
        found = await self._items("numbers", platform, handle)
        return {str(one["externalId"]): cast("dict[str, int]", one["metrics"]) for one in found}

    async def linkedin(self, **rules: JsonValue) -> None:
        """Change LinkedIn's rules."""
        await self._post("linkedin", rules)

    async def x(self, **rules: JsonValue) -> None:
        """Change X's rules."""
        await self._post("x", rules)

    async def charges(self) -> list[dict[str, JsonValue]]:
        """Return what X has charged."""
        return await self._items("x/charges", "x", None)

    async def telegram_member(self, **place: JsonValue) -> None:
        """Give a bot another place in a channel."""
        await self._post("telegram/members", place)

    async def telegram_message(self, handle: str, text: str) -> None:
        """Post a text in a channel, as a person."""
        await self._post("telegram/messages", {"handle": handle, "text": text})

    async def mastodon(self, **rules: JsonValue) -> None:
        """Change what a Mastodon server accepts."""
        await self._post("mastodon", rules)

    async def settings(self, **settings: JsonValue) -> None:
        """Change what the platforms demand of every app."""
        await self._post("settings", settings)

    async def pinterest(self, **rules: JsonValue) -> None:
        """Change Pinterest's rules."""
        await self._post("pinterest", rules)

    async def board(self, handle: str, name: str) -> str:
        """Make a board of a Pinterest account, like the person in the app, and return its id."""
        return str((await self._post("boards", {"handle": handle, "name": name})).json()["id"])

    async def post_draft(self, publish_id: str) -> str:
        """Post a draft like its creator in the app, and return the post's id."""
        answer = await self._client.post(f"{self.address}/control/drafts/{publish_id}/publish", json={})
        assert answer.is_success, answer.text
        return str(answer.json()["externalId"])

    async def requests(self, platform: str, operation: str | None = None) -> list[dict[str, JsonValue]]:
        """Return the recorded calls, optionally of one operation, oldest first; the late effect of a call is no other call."""
        filters = {} if operation is None else {"operation": operation}
        calls = await read_journal(self._client.get, f"{self.address}/control/requests", platform=platform, **filters)
        return [call for call in calls if call["fault"] != "late_effect" or call["status"] is None]

    async def approve(self, authorize_url: str, *, account: str, decision: str = "approve", **more: str) -> str:
        """Visit an authorize URL as the account's owner and return the URL that it redirects to."""
        extra = httpx2.QueryParams({"account": account, "decision": decision, **more})
        answer = await self._client.get(f"{authorize_url}&{extra}", follow_redirects=False)
        assert answer.is_redirect, f"authorize: {answer.status_code} {answer.text}"
        return str(answer.headers["location"])

    async def code(self, authorize_url: str, *, account: str) -> str:
        """Visit an authorize URL, approve, and return the code of the redirect."""
        location = await self.approve(authorize_url, account=account)
        return parse_qs(urlsplit(location).query)["code"][0]
