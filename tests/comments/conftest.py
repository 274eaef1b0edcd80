"""Fixtures of the tests about comments: a live post on a platform in memory, which has comments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, cast

import pytest
from tests.api_server import Api
from tests.clocks import MovableClock
from tests.people.people import People
from tests.posts.conftest import ReadyProject, bare, insert_account, ready_project  # noqa: F401  a fixture

from presswork.comments.receive import Received, receive_comments
from presswork.core.ids import new_id
from presswork.platforms.access import AccountAccess, LivePost
from presswork.platforms.comment_port import CommentsRead, Reply, SeenComment, StoredComment
from presswork.platforms.errors import OutcomeUnknown, TryLater
from presswork.platforms.live_support import CommentAction, CommentsSupport
from presswork.platforms.names import LoginName
from presswork.platforms.port import Absent, Ambiguous, Platform, Present

READ: Final = "may.read"
REPLY: Final = "may.reply"
SUPPORT: Final = CommentsSupport(
    read_scopes=frozenset({READ}),
    reply_scopes=frozenset({REPLY}),
    actions=frozenset(CommentAction),
    max_text=100,
)


@dataclass
class FakePlatform:
    """A platform in memory, with the calls of a connector that has comments. The rest is a real connector's."""

    real: Any  # the connector of a real platform, for everything else
    comments: dict[str, str] = field(default_factory=dict)
    """The texts of the account's own comments, by their ids."""
    hidden: set[str] = field(default_factory=set)
    liked: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)
    faults: list[tuple[str, Exception]] = field(default_factory=list)
    """Errors of the next calls, apart from those that write a reply: `before` their effect."""
    refusals: list[Exception] = field(default_factory=list)
    """Errors of the next calls that write a reply, which prove that nothing was written."""
    lost: str | None = None
    """The response of the next call that writes a reply is lost: `before` or `after` its effect."""
    reads: list[CommentsRead] = field(default_factory=list)
    """What the next reads show."""
    instead: TryLater | None = None
    """What a look that does not find the reply says is to be done."""
    is_readable: bool = True
    number: int = 0

    def __getattr__(self, name: str) -> Any:  # as `real`
        return getattr(self.real, name)

    def check_reply(self, text: str) -> str | None:
        """Refuse what is too long."""
        return None if len(text) <= SUPPORT.max_text else "The reply is too long. Shorten it."

    async def list_comments(
        self, access: AccountAccess, post: LivePost, *, since: datetime | None, max_pages: int
    ) -> CommentsRead:
        """Return the next read."""
        self.calls.append(f"list {post.external_id} {'all' if since is None else 'since'}")
        self._fail("before")
        return self.reads.pop(0) if self.reads else CommentsRead(comments=[], is_complete=False)

    async def prepare_reply(self, access: AccountAccess, reply: Reply) -> Mapping[str, Any]:
        """Note the equal comments that stand there."""
        self.calls.append("prepare")
        self._fail("before")
        return {"known": [one for one, text in self.comments.items() if text == reply.text]}

    async def write_reply(self, access: AccountAccess, reply: Reply, prepared: Mapping[str, Any]) -> Present:
        """Write it."""
        self.calls.append(f"write {reply.text}")
        if self.refusals:
            raise self.refusals.pop(0)
        lost, self.lost = self.lost, None
        if lost != "before":
            self.number += 1
            self.comments[f"own-{self.number}"] = reply.text
        if lost is not None:
            raise OutcomeUnknown("The response was lost.", step="reply")
        return Present(external_id=f"own-{self.number}")

    async def look_up_reply(
        self, access: AccountAccess, reply: Reply, prepared: Mapping[str, Any]
    ) -> Present | Absent | Ambiguous:
        """Report an equal comment that was not there before."""
        self.calls.append("look")
        if not self.is_readable:
            return Ambiguous(message="The list was cut off.")
        found = [one for one, text in self.comments.items() if text == reply.text and one not in prepared["known"]]
        return Present(external_id=found[0]) if found else Absent(message="It is not there.", instead=self.instead)

    async def set_hidden(
        self, access: AccountAccess, post: LivePost, comment: StoredComment, *, is_hidden: bool
    ) -> None:
        """Hide it."""
        self.calls.append(f"{'hide' if is_hidden else 'unhide'} {comment.external_id}")
        self._fail("before")
        (self.hidden.add if is_hidden else self.hidden.discard)(comment.external_id)

    async def set_liked(
        self, access: AccountAccess, post: LivePost, comment: StoredComment, *, is_liked: bool
    ) -> Mapping[str, Any]:
        """Like it; the key of the like is what to keep."""
        self.calls.append(f"{'like' if is_liked else 'unlike ' + str(comment.raw.get('like'))} {comment.external_id}")
        self._fail("before")
        (self.liked.add if is_liked else self.liked.discard)(comment.external_id)
        return {"like": f"key-{comment.external_id}"} if is_liked else {}

    async def delete_comment(self, access: AccountAccess, post: LivePost, comment: StoredComment) -> None:
        """Delete it."""
        self.calls.append(f"delete {comment.external_id}")
        self._fail("before")
        self.deleted.add(comment.external_id)

    def _fail(self, when: str) -> None:
        if self.faults and self.faults[0][0] == when:
            raise self.faults.pop(0)[1]


def seen(external_id: str, text: str = "Rye?", /, **changes: Any) -> SeenComment:
    """Return a comment of someone else as a platform shows it."""
    comment = SeenComment(
        external_id=external_id,
        parent_external_id=None,
        author="Ada",
        author_external_id="ada-1",
        text=text,
        created_at=changes.pop("created_at"),
        is_own=False,
        actions=frozenset(CommentAction),
    )
    return replace(comment, **changes)


@dataclass(frozen=True)
class CommentWorld:
    """A live post with comments, and an event stream."""

    ready_project: ReadyProject
    clock: MovableClock
    platform: FakePlatform
    account: str
    post: str

    async def receive(
        self, *comments: SeenComment, is_complete: bool = True, is_first: bool = False, **options: Any
    ) -> Received:
        """Store what a read showed."""
        now = self.clock.now()
        return await receive_comments(
            self.ready_project.pool,
            bare(self.post),
            CommentsRead(comments=comments, is_complete=is_complete),
            is_whole=is_complete,
            is_first=is_first,
            max_text_age=options.get("max_text_age"),
            keep=options.get("keep"),
            read_at=options.get("read_at", now),
            now=now,
        )

    def seen(self, external_id: str, text: str = "Rye?", /, *, minutes: int = 0, **changes: Any) -> SeenComment:
        """Return a comment that was written so many minutes ago."""
        created_at = self.clock.now() - timedelta(minutes=minutes)
        return seen(external_id, text, created_at=created_at, **changes)

    async def list(self, **parameters: Any) -> list[dict[str, Any]]:
        """Return the items of the list."""
        response = await self.ready_project.client.get("/v1/comments", params=parameters)
        assert response.status_code == 200, response.text
        items: list[dict[str, Any]] = response.json()["items"]
        return items

    async def one(self, text: str) -> dict[str, Any]:
        """Return the comment with a text."""
        (found,) = [item for item in await self.list() if item["text"] == text]
        return found

    async def get(self, comment: str) -> dict[str, Any]:
        """Read a comment."""
        response = await self.ready_project.client.get(f"/v1/comments/{comment}")
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found

    async def call(self, comment: str, what: str, **body: Any) -> dict[str, Any]:
        """Ask for a call about a comment."""
        client = self.ready_project.client
        if what == "delete":
            response = await client.delete(f"/v1/comments/{comment}")
        elif what == "update":
            response = await client.patch(f"/v1/comments/{comment}", json=body)
        else:
            response = await client.post(f"/v1/comments/{comment}/{what}", json=body or None)
        assert response.status_code in {200, 201}, response.text
        result: dict[str, Any] = response.json()
        return result

    async def sent(self) -> Sequence[str]:
        """Return the types of the events about comments that were written, in their order."""
        rows = await self.ready_project.pool.fetch(
            "SELECT event_type FROM event_outbox WHERE event_type LIKE 'comment.%' ORDER BY occurred_at, event_type"
        )
        return [row["event_type"] for row in rows]


@pytest.fixture
def people(api: Api) -> People:
    """Sign-ins of people of one organization."""
    return People(api=api)


async def insert_post(project: ReadyProject, account: str, external_id: str, now: datetime) -> str:
    """Insert a published post."""
    post = new_id()
    await project.pool.execute(
        """INSERT INTO scheduled_posts (id, project_id, organization_id, environment, social_account_id, platform, container_id,
                mode, status, external_id, external_url, scheduled_for, run_at, live_at, live_call_at, published_at,
                platform_state, error_count, version, created_at, updated_at)
           SELECT $1, project_id, organization_id, environment, id, platform, $3, 'publish', 'published', $4,
                  'https://social.example.com/p/1', $5, $5, $5, $5, $5, '{}', 0, 1, $5, $5
             FROM social_accounts WHERE id = $2""",
        post,
        bare(account),
        bare(project.image),
        external_id,
        now,
    )
    return f"sp_{post}"


@pytest.fixture
async def comment_world(
    ready_project: ReadyProject,  # noqa: F811  the fixture
    clock: MovableClock,
    monkeypatch: pytest.MonkeyPatch,
) -> CommentWorld:
    """A live post of a LinkedIn account whose platform is in memory."""
    context = ready_project.world.api.context
    account = await insert_account(ready_project.pool, ready_project.project, "linkedin", [READ, REPLY])
    real: Platform = context.platforms.described()[LoginName.LINKEDIN]
    fake = FakePlatform(real.connector)
    platform = replace(real, connector=fake, comments=SUPPORT)
    monkeypatch.setitem(cast("dict[LoginName, Platform]", context.platforms.described()), LoginName.LINKEDIN, platform)
    await ready_project.pool.execute(
        """INSERT INTO event_listeners (id, organization_id, environment, events, is_stream, kept_until)
           SELECT $1, organization_id, environment, '{}', true, 'infinity' FROM projects WHERE id = $2""",
        new_id(),
        bare(ready_project.project),
    )
    post = await insert_post(ready_project, account, "ext-1", clock.now())
    return CommentWorld(ready_project, clock, fake, account, post)
