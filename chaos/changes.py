"""Callers that edit queued and live posts, take posts down and delete content, and owners who delete posts on the platforms."""

import asyncio
import random
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Final

import aiohttp
from pydantic import JsonValue

from chaos.client import Client, Response
from chaos.platforms import PLATFORMS
from chaos.record import CallerRecord, RequestedPost
from chaos.world import World, maps

_BULK: Final = 8
"""The most posts of a bulk job."""
_AGAIN: Final = 0.2
"""Share of the calls that are repeated, as a new call."""
_LONGEST_PAUSE: Final = 3.0
"""Seconds between two changes of a live post, of which the second may come before the first is made."""


class Owners:
    """The owners of all accounts, in the apps of the platforms."""

    def __init__(self, session: aiohttp.ClientSession, sandbox_url: str) -> None:
        self._session: Final = session
        self._sandbox_url: Final = sandbox_url

    async def delete(self, platform: str, handle: str, external_id: str) -> bool:
        """Delete a live post; False if there is none."""
        async with self._session.delete(
            f"{self._sandbox_url}/control/posts",
            params={"platform": platform, "handle": handle, "externalId": external_id},
            timeout=aiohttp.ClientTimeout(total=None),  # the platform may be stopped for a while
        ) as reply:
            return reply.status == 200


class Changes:
    """Changes of what was accepted. `posts` are the newest ones: some are queued, most are live."""

    def __init__(
        self,
        client: Client,
        record: CallerRecord,
        draw: random.Random,
        world: World,
        owners: Owners,
        posts: deque[str],
    ) -> None:
        self._client: Final = client
        self._record: Final = record
        self._draw: Final = draw
        self._world: Final = world
        self._owners: Final = owners
        self._posts: Final = posts
        self._contents: Final[deque[str]] = deque(maxlen=200)
        """Content that is not published again."""
        self._editing: Final[set[str]] = set()
        """Live posts that a caller changes at the moment: the order of two callers would not be known."""

    def add_content(self, content: str) -> None:
        """Let content be taken down and deleted: its last post was accepted."""
        self._contents.append(content)

    async def edit_queued(self) -> None:
        """Change the text of a post that may be queued: any revision, the one that was read, or twice the same one."""
        post = self._draw_post()
        if post is None or self._is_covered(post):
            return
        self._record.count("edit a queued post")
        chance = self._draw.random()
        if chance < 0.5:
            await self._edit_queued(post, {})
            return
        found = await self._client.get_ok(f"/v1/scheduled-posts/{post}")
        body = {"revision": found["revision"]}
        if chance < 0.8:
            await self._edit_queued(post, body)
            return
        both = await asyncio.gather(self._edit_queued(post, body), self._edit_queued(post, body))
        if all(response.is_success for response in both):
            self._record.add_unexpected("the second edit of one revision", both[1])

    async def _edit_queued(self, post: str, body: Mapping[str, JsonValue]) -> Response:
        text, parts = self._new_text(), self._record.accepted[post].parts
        response = await self._client.change(
            f"/v1/scheduled-posts/{post}", {"captionOverride": "\n".join([text, *parts]), **body}
        )
        if response.is_success:
            self._record.accept_edit(post, text, int(str(response.json()["revision"])))
        else:
            self._refuse(post, text, "edit", response)
        return response

    async def edit_live(self) -> None:
        """Change the text of a live post where its platform has a call for it, sometimes twice."""
        post = self._draw_post()
        if post is None or post in self._editing or self._is_covered(post) or not _has_live_edit(self._wanted(post)):
            return
        self._editing.add(post)
        try:
            await self._edit_live(post)
            if self._draw.random() < 2 * _AGAIN:
                await asyncio.sleep(self._draw.uniform(0, _LONGEST_PAUSE))
                await self._edit_live(post)
        finally:
            self._editing.discard(post)

    async def _edit_live(self, post: str) -> None:
        self._record.count("change a live post")
        text = self._new_text()
        response = await self._client.change(f"/v1/scheduled-posts/{post}/live", {"caption": text})
        if response.is_success:
            self._record.live_edits.setdefault(post, []).append(text)
        else:
            self._refuse(post, text, "change of a live post", response)

    async def take_down(self) -> None:
        """Take a post down that may be live, sometimes more than once."""
        if (post := self._draw_post()) is not None:
            await self._take_down(post)

    async def _take_down(self, post: str) -> None:
        while True:
            self._record.count("take down")
            response = await self._client.write(f"/v1/scheduled-posts/{post}/take-down", {"reason": "It is over."})
            if response.is_success:
                self._record.taken_down.add(post)
            elif response.status == 409:
                self._record.refuse(response)
            else:
                self._record.add_unexpected("take-down", response)
            if self._draw.random() >= _AGAIN:
                return

    async def take_down_content(self) -> None:
        """Take all posts of some content down."""
        if not self._contents:
            return
        self._record.count("take down content")
        response = await self._client.write(f"/v1/content/{self._draw.choice(self._contents)}/take-down", {})
        if not response.is_success:
            self._record.add_unexpected("take-down of content", response)
            return
        for item in maps(response.json()["items"]):
            self._record.settle_take_down(str(item["postId"]), item["error"])

    async def take_down_many(self) -> None:
        """Take several posts down with a bulk job."""
        if len(self._posts) < _BULK:
            return
        self._record.count("take down many")
        ids: list[JsonValue] = [*self._draw.sample(self._posts, self._draw.randrange(1, _BULK + 1))]
        response = await self._client.write("/v1/scheduled-posts/bulk", {"action": "take_down", "ids": ids})
        if response.is_success:
            self._record.bulk_jobs.append(str(response.json()["id"]))
        else:
            self._record.add_unexpected("bulk take-down", response)

    async def delete_on_platform(self) -> None:
        """Let its owner delete a live post on the platform. Half of them are taken down afterwards."""
        post = self._draw_post()
        if post is None or (wanted := self._wanted(post)).mode != "publish" or wanted.parts:
            return
        found = await self._client.get_ok(f"/v1/scheduled-posts/{post}")
        if found["status"] != "published" or found["externalId"] is None:
            return
        self._record.count("deleted by its owner")
        if await self._owners.delete(wanted.account.platform, wanted.account.handle, str(found["externalId"])):
            self._record.deleted_by_person.add(post)
        if self._draw.random() < 0.5:
            await self._take_down(post)

    async def delete_content(self) -> None:
        """Delete content whose posts may have ended, half of it with its texts."""
        if self._contents:
            await self.delete(self._draw.choice(self._contents))

    async def delete(self, content: str) -> None:
        """Delete content, or find that a post still needs it."""
        self._record.count("delete content")
        has_erasure = self._draw.random() < 0.5
        path = f"/v1/content/{content}" + ("?erase=true" if has_erasure else "")
        response = await self._client.delete(path)
        if response.is_success:
            self._record.deleted_contents[content] = self._record.deleted_contents.get(content, False) or has_erasure
        elif response.status == 409:
            self._record.refuse(response)
        else:
            self._record.add_unexpected("deletion of content", response)

    def _refuse(self, post: str, text: str, what: str, response: Response) -> None:
        self._record.refuse_edit(post, text, response)
        details = response.json()["error"]
        reason = details.get("details") if isinstance(details, dict) else None
        is_expired = isinstance(reason, dict) and reason.get("reason") == "reauth_required"
        if response.status != 409 and not is_expired:
            self._record.add_unexpected(what, response)

    def _draw_post(self) -> str | None:
        return self._draw.choice(self._posts) if self._posts else None

    def _wanted(self, post: str) -> RequestedPost:
        return self._record.accepted[post]

    def _is_covered(self, post: str) -> bool:
        """Whether an approval covers its texts: then no one may change them (chaos/reviews.py)."""
        return self._wanted(post).account.project == self._world.covered_project

    def _new_text(self) -> str:
        return f"No. {self._draw.getrandbits(64):016x}"


async def settle_bulk_jobs(client: Client, record: CallerRecord) -> None:
    """Read what became of each post of the bulk jobs, which have ended."""
    for job in record.bulk_jobs:
        report = await client.get_ok(f"/v1/bulk/{job}")
        items: Sequence[Mapping[str, JsonValue]] = maps(report["items"])
        if report["status"] != "done" or len(items) != report["total"]:
            record.unexpected_responses.append(f"bulk job {job} is {report['status']}, with {len(items)} items")
        for item in items:
            record.settle_take_down(str(item["postId"]), item["error"])


def _has_live_edit(wanted: RequestedPost) -> bool:
    return wanted.mode == "publish" and not wanted.parts and PLATFORMS[wanted.account.platform].has_live_edit
