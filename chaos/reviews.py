"""Review content whose approval covers its texts: edit it after the approval, and decide again on the posts that wait."""

from collections.abc import Sequence
from dataclasses import replace

from chaos.client import Client, Response
from chaos.record import CallerRecord

_BLOCKED = "blocked_on_approval"


class Review:
    """The reviewer of one container. Each decision names the revision that the reviewer has seen."""

    def __init__(self, client: Client, record: CallerRecord, content: str) -> None:
        """Review `content`, which no other client edits or decides on."""
        self._client = client
        self._record = record
        self._content = content

    async def approve(self) -> Response:
        """Approve what is there now."""
        self._record.count("approve texts")
        response = await self._decide("approve", await self._revision())
        if response.is_success:
            self._record.contents[self._content] = "approved"
        return response

    async def edit(self, posts: Sequence[str], *, before: str, after: str, is_approved_again: bool) -> None:
        """Change the caption of approved content from `before` to `after`: its queued `posts` wait. Then decide again."""
        record, seen = self._record, await self._revision()
        record.count("edit approved texts")
        response = await self._client.change(f"/v1/content/{self._content}", {"caption": after})
        if response.status == 409:
            record.refuse(response)  # one of the posts is being published
            return
        if not response.is_success:
            record.add_unexpected("edit", response)
            return
        record.contents[self._content] = "pending"
        held = [post for post in posts if await self._is_held(post)]
        record.counts["posts held by an edit"] = record.counts.get("posts held by an edit", 0) + len(held)
        for post in held:
            if record.accepted[post].caption == before:  # no override: it follows the content
                record.accepted[post] = replace(record.accepted[post], caption=after)
        stale = await self._decide("approve", seen)
        if stale.status != 409:
            record.add_unexpected("approving a revision that was edited since", stale)
        if is_approved_again:
            response = await self.approve()
        else:
            record.count("reject edited texts")
            response = await self._decide("reject", await self._revision(), reason="Too long.")
            if response.is_success:
                record.contents[self._content] = "rejected"
                record.canceled.update(held)
        if not response.is_success:
            record.add_unexpected("the decision on edited texts", response)

    async def _is_held(self, post: str) -> bool:
        """Whether a post of edited content waits. One that neither waits nor has ended is recorded: it must not go out."""
        found = await self._client.get_ok(f"/v1/scheduled-posts/{post}")
        is_held = found["gateStatus"] == _BLOCKED
        if not is_held and found["status"] in ("queued", "publishing"):
            self._record.unexpected_responses.append(f"{post} is {found['status']} though its content was edited")
        return is_held

    async def _revision(self) -> int:
        found = (await self._client.get_ok(f"/v1/content/{self._content}"))["revision"]
        if not isinstance(found, int):
            raise TypeError(f"not a revision: {found!r}")
        return found

    async def _decide(self, decision: str, revision: int, **more: str) -> Response:
        return await self._client.write(f"/v1/content/{self._content}/{decision}", {"revision": revision, **more})
