"""What flows of comments need: comments in the sandbox that Presswork has read, and what became of them there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx2
from tests.cli.program import until
from tests.console.flows.posting import new_content, publish_content, read_post
from tests.sdk.world import connect, made

from presswork.comments.receive import receive_comments
from presswork.db.embedded.folder import find_folder
from presswork.db.pool import open_pool
from presswork.platforms.comment_port import CommentsRead, SeenComment
from presswork.platforms.live_support import CommentAction


@dataclass(slots=True)
class CommentedPost:
    """A post of a Facebook Page in the sandbox that people comment on."""

    client: httpx2.Client
    data_dir: Path
    project: str
    handle: str
    post: str
    external_id: str

    async def say(
        self, *texts: str, author: str = "ada", actions: Sequence[CommentAction] = tuple(CommentAction)
    ) -> None:
        """Comment on the post, one text a minute, the last one now; Presswork has read it all then."""
        now = datetime.now(UTC)
        seen = []
        for place, text in enumerate(texts):
            body = {"platform": "facebook", "externalId": self.external_id, "text": text, "author": author}
            answer = self.client.post("/sandbox/control/comments", json=body)
            assert answer.is_success, answer.text
            comment = SeenComment(
                external_id=str(answer.json()["id"]).rpartition("_")[2],
                parent_external_id=None,
                author=author,
                author_external_id=None,
                text=text,
                created_at=now - timedelta(minutes=len(texts) - 1 - place),
                is_own=False,
                actions=frozenset(actions),
            )
            seen.append(comment)
        await self._store(CommentsRead(comments=seen, is_complete=False))

    async def _store(self, read: CommentsRead) -> None:
        folder = find_folder(self.data_dir)
        assert folder is not None
        pool = await open_pool(folder.dsn, max_size=1)
        now = datetime.now(UTC)
        try:
            post = UUID(self.post.removeprefix("sp_"))
            await receive_comments(
                pool, post, read, is_whole=False, is_first=False, max_text_age=None, read_at=now, now=now
            )
        finally:
            await pool.close()

    def live(self, text: str) -> list[dict[str, object]]:
        """Return the comments of the sandbox with this text."""
        items = self.client.get("/sandbox/control/comments", params={"platform": "facebook"}).json()["items"]
        return [one for one in items if one["text"] == text]

    def stored(self, text: str) -> dict[str, object]:
        """Return the comment with this text as the API has it."""
        items = self.client.get("/v1/comments", params={"projectId": self.project, "limit": 100}).json()["items"]
        (found,) = (one for one in items if one["text"] == text)
        return dict(found)


def commented_post(client: httpx2.Client, data_dir: Path, name: str) -> CommentedPost:
    """Publish a post on a new Facebook Page, in a new project, all of that name."""
    project = made(client.post("/v1/projects", json={"name": name, "timezone": "Europe/Berlin"}))
    account = connect(client, project, "facebook", name)
    post = publish_content(client, new_content(client, account, f"Rye {name}"), account)
    assert until(lambda: read_post(client, post)["status"] == "published")
    return CommentedPost(client, data_dir, project, name, post, str(read_post(client, post)["externalId"]))
