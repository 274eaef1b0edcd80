"""Posts of members and pages.

Source: LinkedIn, "Posts API" (2026-05), read 2026-11. A post is live when LinkedIn answers 201; the API
calls a video's post PUBLISH_REQUESTED for a moment longer. There is no key by which a call could be repeated safely: LinkedIn
refuses a post that repeats an earlier one of the same author, by rules that it does not document (`rules.py` has the sandbox's).
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.calls import Call
from presswork_sandbox.core import Sandbox
from presswork_sandbox.linkedin.bodies import PostBody
from presswork_sandbox.linkedin.errors import LinkedInRefusal, duplicate_of, wrong_field
from presswork_sandbox.linkedin.facts import FACTS
from presswork_sandbox.linkedin.little_text import LittleText
from presswork_sandbox.linkedin.rules import Rules
from presswork_sandbox.linkedin.uploads import Status, Upload, Uploads
from presswork_sandbox.posts import Post
from presswork_sandbox.wire import JSONValue

POST_IDS: Final = 7_400_000_000_000_000_000
VIDEO_SECONDS: Final = 1.0  # for which the post of a video is PUBLISH_REQUESTED
_KINDS: Final = {"article": "link", "poll": "poll"}


def new_urn(sandbox: Sandbox, kind: str = "share") -> str:
    """Return the URN of one more post."""
    return f"urn:li:{kind}:{POST_IDS + sandbox.store.next_number('linkedin post') * 1_000_000_007}"


def url_of(urn: str) -> str:
    """Return the URL of a post."""
    return f"https://www.linkedin.com/feed/update/{urn}/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """One post that was accepted, whether or not it is live."""

    urn: str
    account_id: int
    author: str
    state: str  # requested, published, failed, draft, deleted
    sent: Mapping[str, JSONValue]
    shown: str
    kept: str
    media: tuple[str, ...]
    asset_ids: tuple[int, ...]
    created_at: float
    fault_id: int | None

    @property
    def is_video(self) -> bool:
        """Whether it is the post of a video."""
        return any(urn.startswith("urn:li:video:") for urn in self.media)


def _publication(row: sqlite3.Row) -> Publication:
    values = dict(row)
    values["sent"] = json.loads(values["sent"])
    for name in ("media", "asset_ids"):
        values[name] = tuple(json.loads(values[name]))
    return Publication(**values)


def _describe_content(content: JSONValue) -> JSONValue:
    """Return a content as the API writes it: that of a poll with its votes, of which there are none here."""
    poll = content.get("poll") if isinstance(content, Mapping) else None
    if not isinstance(poll, Mapping):
        return content
    options = poll["options"]
    counted = (
        [{**option, "voteCount": 0} for option in options if isinstance(option, Mapping)]
        if isinstance(options, list)
        else []
    )
    return {"poll": {**poll, "options": counted, "uniqueVotersCount": 0}}


def _subject_of(body: PostBody) -> str:
    """Return what a post is about beside its text: its media, the page that it links to, or the question of its poll."""
    return json.dumps([*body.media, *filter(None, [body.subject])])


def _kind_of(publication: Publication) -> str:
    """Return the kind of a post, by its content."""
    content = publication.sent.get("content")
    if not isinstance(content, Mapping):
        return "text"
    if any(urn.startswith("urn:li:document:") for urn in publication.media):
        return "document"
    return _KINDS.get(next(iter(content)), "linkedin_post")


class Publications:
    """Create, find, edit and delete posts."""

    def __init__(self, sandbox: Sandbox, rules: Rules, uploads: Uploads) -> None:
        self._sandbox = sandbox
        self._rules = rules
        self._uploads = uploads
        sandbox.before_reads.append(self.run_due)

    # Finding

    def find(self, urn: str) -> Publication | None:
        """Find a post by its URN; one that was removed in the app too is deleted."""
        row = self._sandbox.store.first("SELECT * FROM linkedin_posts WHERE urn = ?", urn)
        found = None if row is None else _publication(row)
        if found is not None and found.state == "published" and self._find_live_post(urn) is None:
            return None
        return None if found is None or found.state == "deleted" else found

    def _find_live_post(self, urn: str) -> Post | None:
        return self._sandbox.posts.by_external_id(FACTS.name, urn)

    def owner_of(self, urn: str) -> int | None:
        """Return the account of a post, deleted or not."""
        row = self._sandbox.store.first("SELECT account_id FROM linkedin_posts WHERE urn = ?", urn)
        return None if row is None else int(row["account_id"])

    def author_of(self, urn: str) -> str | None:
        """Return the author of a post, deleted or not."""
        row = self._sandbox.store.first("SELECT author FROM linkedin_posts WHERE urn = ?", urn)
        return None if row is None else str(row["author"])

    def of_author(self, author: str, start: int, count: int, *, as_author: bool) -> Sequence[Publication]:
        """Return the posts of an author that a finder lists by now, newest first.

        `as_author`: those that LinkedIn still processes, too. Whether it does that is not documented.
        """
        rows = self._sandbox.store.all(
            "SELECT * FROM linkedin_posts WHERE author = ? AND created_at <= ?"
            " AND (state = 'published' OR (? AND state = 'requested')) ORDER BY created_at DESC, urn DESC",
            author,
            self._sandbox.clock.now() - self._rules.count("finderLagSeconds"),
            as_author,
        )
        posts = map(_publication, rows)
        found = [post for post in posts if post.state == "requested" or self._find_live_post(post.urn) is not None]
        return found[start : start + count]

    def lifecycle(self, publication: Publication) -> str:
        """Return the lifecycleState of a post at this instant."""
        if publication.state == "published":
            is_fresh = self._sandbox.clock.now() < publication.created_at + VIDEO_SECONDS
            return "PUBLISH_REQUESTED" if publication.is_video and is_fresh else "PUBLISHED"
        return {"requested": "PUBLISH_REQUESTED", "failed": "PUBLISH_FAILED"}.get(publication.state, "DRAFT")

    def entity(self, publication: Publication) -> dict[str, JSONValue]:
        """Return a post as the API writes it."""
        sent, at = publication.sent, int(publication.created_at * 1000)
        post = self._find_live_post(publication.urn)
        edited_at = None if post is None else post.edited_at
        body: dict[str, JSONValue] = {
            "id": publication.urn,
            "author": publication.author,
            "commentary": publication.kept,
            "visibility": sent["visibility"],
            "distribution": sent["distribution"],
            "lifecycleState": self.lifecycle(publication),
            "lifecycleStateInfo": {"isEditedByAuthor": edited_at is not None},
            "isReshareDisabledByAuthor": sent.get("isReshareDisabledByAuthor", False),
            "createdAt": at,
            "lastModifiedAt": at if edited_at is None else int(edited_at * 1000),
        }
        if publication.state == "published":
            body["publishedAt"] = at
        if "content" in sent:
            body["content"] = _describe_content(sent["content"])
        return body

    # Publishing

    def create(self, call: Call, account: Account, body: PostBody) -> str:
        """Make a post, live at once unless it is a draft or a fault holds it; return its URN. Raises LinkedInRefusal."""
        store, now = self._sandbox.store, self._sandbox.clock.now()
        uploads = [self._require_ready(urn, body.author, "content") for urn in body.media]
        if body.thumbnail is not None:
            self._require_ready(body.thumbnail, body.author, "content/article/thumbnail")
        self._check_duplicate(body, now)
        fault = call.job_fault
        state = "draft" if body.lifecycle == "DRAFT" else "requested"
        with store.transaction():
            urn = new_urn(self._sandbox, "ugcPost" if body.has_video else "share")
            store.insert(
                "linkedin_posts",
                urn=urn,
                account_id=account.id,
                author=body.author,
                state="failed" if fault is not None and fault.kind == "media_error" else state,
                sent=json.dumps(body.sent),
                shown=body.text.shown,
                kept=body.text.kept,
                media=_subject_of(body),
                asset_ids=json.dumps([upload.asset_id for upload in uploads]),
                created_at=now,
                fault_id=fault.id if fault is not None and fault.kind == "stuck_processing" else None,
            )
            self.run_due()
        return urn

    def run_due(self) -> None:
        """Make every post live that no fault holds."""
        rows = self._sandbox.store.all(
            "SELECT * FROM linkedin_posts WHERE state = 'requested' ORDER BY created_at, urn"
        )
        for publication in map(_publication, rows):
            if not self._sandbox.faults.holds(publication.fault_id):
                self._go_live(publication)

    def _go_live(self, publication: Publication) -> None:
        store = self._sandbox.store
        with store.transaction():
            store.run("UPDATE linkedin_posts SET state = 'published' WHERE urn = ?", publication.urn)
            self._sandbox.posts.add(
                FACTS.name,
                publication.account_id,
                kind=_kind_of(publication),
                external_id=publication.urn,
                url=url_of(publication.urn),
                caption=publication.shown,
                params=publication.sent,
                asset_ids=publication.asset_ids,
                now=publication.created_at,
                privacy=str(publication.sent["visibility"]),
            )

    def _require_ready(self, urn: str, author: str, path: str) -> Upload:
        """Return a file that a post may have. Raises LinkedInRefusal."""
        upload = self._uploads.find(urn)
        if upload is None or upload.owner != author:
            raise LinkedInRefusal(wrong_field(path, f"{urn} does not exist, or its owner is not the post's author"))
        status = self._uploads.status(upload)
        if status is not Status.AVAILABLE:
            raise LinkedInRefusal(wrong_field(path, f"{urn} is not available: its status is {status}"))
        return upload

    def _check_duplicate(self, body: PostBody, now: float) -> None:
        """Raise LinkedInRefusal if the author posted the same within the window: by default, the same text and media."""
        rows = self._sandbox.store.all(
            "SELECT * FROM linkedin_posts WHERE author = ?1 AND kept = ?2 AND created_at > ?3 AND (?4 OR media = ?5)"
            " AND state IN ('requested', 'published', 'deleted') ORDER BY created_at DESC, urn DESC",
            body.author,
            body.text.kept,
            now - self._rules.count("duplicateWindowSeconds"),
            self._rules.is_on("duplicateIgnoresMedia"),
            _subject_of(body),
        )
        earlier = [row["urn"] for row in rows if self.find(row["urn"]) is not None]
        if rows and not earlier and self._rules.is_on("ghostDuplicates"):
            # What developers reported: once the first one is deleted, the error names a post that never existed.
            earlier = [new_urn(self._sandbox)]
        if earlier:
            raise LinkedInRefusal(duplicate_of(earlier[0]))

    def edit(self, publication: Publication, commentary: str, text: LittleText) -> None:
        """Change the commentary of a post, live or not."""
        store, sent = self._sandbox.store, {**publication.sent, "commentary": commentary}
        with store.transaction():
            sql = "UPDATE linkedin_posts SET sent = ?, shown = ?, kept = ? WHERE urn = ?"
            store.run(sql, json.dumps(sent), text.shown, text.kept, publication.urn)
            post = self._find_live_post(publication.urn)
            if post is not None:
                now = self._sandbox.clock.now()
                self._sandbox.posts.change(post, caption=text.shown, params=sent, edited_at=now)

    def delete(self, urn: str) -> None:
        """Delete a post; one that is deleted stays so."""
        store, post = self._sandbox.store, self._find_live_post(urn)
        with store.transaction():
            store.run("UPDATE linkedin_posts SET state = 'deleted' WHERE urn = ?", urn)
            if post is not None:
                self._sandbox.posts.remove(post, self._sandbox.clock.now())
