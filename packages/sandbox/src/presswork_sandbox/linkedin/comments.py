"""Comments on posts and what answers them, reactions, and who may read, change and delete which.

Source: LinkedIn, "Comments API" (2026-04, 2026-07), "Reactions API" and answers that developers quote, read 2026-11. The activity of
a post has another number than the post. Reading needs the role ADMINISTRATOR or DIRECT_SPONSORED_CONTENT_POSTER: to others who
may write, lists are empty. Members' names aren't given.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from presswork_sandbox.accounts import Account
from presswork_sandbox.comments import Comment
from presswork_sandbox.core import Sandbox
from presswork_sandbox.linkedin.bodies import object_of, string_of
from presswork_sandbox.linkedin.errors import UNKNOWN_ENTITY, UNPERMITTED_CONTENT, LinkedInRefusal, wrong_field
from presswork_sandbox.linkedin.facts import FACTS
from presswork_sandbox.linkedin.people import ADMINISTRATOR, is_page, organization_urn, person_urn
from presswork_sandbox.linkedin.publish import Publication, Publications
from presswork_sandbox.posts import Post
from presswork_sandbox.wire import JSONValue

COMMENT_IDS: Final = 7_500_000_000_000_000_000
ACTIVITY_OFFSET: Final = 500_003
"""How far the number of an activity is from that of its post."""
READING_ROLES: Final = frozenset({ADMINISTRATOR, "DIRECT_SPONSORED_CONTENT_POSTER"})
REACTIONS: Final = frozenset({"LIKE", "PRAISE", "EMPATHY", "INTEREST", "APPRECIATION", "ENTERTAINMENT"})
POST_URN: Final = r"urn:li:(?:share|ugcPost|activity):\d{1,19}"
COMMENT_URN: Final = rf"urn:li:comment:\({POST_URN},\d{{1,19}}\)"
_COMMENT: Final = re.compile(rf"urn:li:comment:\(({POST_URN}),(\d{{1,19}})\)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a URN names: a live post, or a comment below it."""

    publication: Publication
    comment: Comment | None


def activity_of(urn: str) -> str:
    """Return the URN of a post's activity."""
    return f"urn:li:activity:{int(urn.rpartition(':')[2]) + ACTIVITY_OFFSET}"


def actor_of(account: Account) -> str:
    """Return the URN under which an account acts."""
    return organization_urn(account) if is_page(account) else person_urn(account)


class CommentStore:
    """Find comments by their URNs, write them, and return them as the API does."""

    def __init__(self, sandbox: Sandbox, publications: Publications) -> None:
        self._sandbox = sandbox
        self._publications = publications

    # People, apart from the API

    def root_of(self, post: Post) -> str:
        """Return the URN of the post."""
        return post.external_id

    def add(self, post: Post, author: Account, text: str, parent: Comment | None) -> Comment:
        """Add a comment of an account. Belongs in a transaction."""
        return self.create(post.external_id, author, actor_of(author), text, parent)

    def remove(self, comment: Comment) -> None:
        """Delete a comment and what answers it. Belongs in a transaction."""
        self._sandbox.comments.remove(comment, self._sandbox.clock.now())
        self._sandbox.note_comment(comment, "remove")

    # What URNs name

    def post_of(self, urn: str) -> str:
        """Return the URN of the post that a URN of a post, an activity or a comment belongs to, live or not; "" if there is none."""
        match = _COMMENT.fullmatch(urn)
        if match is not None:
            return self.post_of(match[1])
        if not urn.startswith("urn:li:activity:"):
            return urn if self._publications.author_of(urn) is not None else ""
        number = int(urn.rpartition(":")[2]) - ACTIVITY_OFFSET
        found = (f"urn:li:{kind}:{number}" for kind in ("share", "ugcPost"))
        return next((one for one in found if self._publications.author_of(one) is not None), "")

    def find(self, urn: str) -> Subject:
        """Return what a URN names. Raises LinkedInRefusal."""
        publication = self._publications.find(self.post_of(urn))
        if publication is None or publication.state != "published":
            raise LinkedInRefusal(UNKNOWN_ENTITY)
        match = _COMMENT.fullmatch(urn)
        return Subject(publication=publication, comment=None if match is None else self.on(publication, match[2]))

    def on(self, publication: Publication, number: str) -> Comment:
        """Return the live comment with a number below a post. Raises LinkedInRefusal."""
        comment = self._sandbox.comments.find(FACTS.name, number)
        if comment is None or comment.media_id != publication.urn:
            raise LinkedInRefusal(UNKNOWN_ENTITY)
        return comment

    def parent_of(self, subject: Subject, body: Mapping[str, JSONValue]) -> Comment | None:
        """Return the comment that a new one answers: that of the path, or the body's parentComment. Raises LinkedInRefusal."""
        parent_urn = body.get("parentComment")
        if parent_urn is None:
            return subject.comment
        if not isinstance(parent_urn, str) or _COMMENT.fullmatch(parent_urn) is None:
            raise LinkedInRefusal(wrong_field("parentComment", f"{parent_urn} is no URN of a comment"))
        parent = self.find(parent_urn)
        if parent.publication.urn != subject.publication.urn:
            raise LinkedInRefusal(wrong_field("parentComment", f"{parent_urn} is on another post"))
        return parent.comment

    # Writing

    def create(self, urn: str, account: Account, actor: str, text: str, parent: Comment | None) -> Comment:
        """Write a comment; what answers a reply is below the comment that the reply answers. Belongs in a transaction."""
        store, comments = self._sandbox.store, self._sandbox.comments
        number = COMMENT_IDS + store.next_number("linkedin comment") * 1_000_003
        above = parent if parent is None else comments.parent_of(parent) or parent
        comments.add(urn, account.id, text, number, self._sandbox.clock.now(), parent=above)
        store.insert("linkedin_actors", comment_id=number, actor=actor)
        made = comments.by_number(number)
        if made is None:
            raise LookupError(number)
        self._sandbox.note_comment(made, "add")
        return made

    def edit(self, comment: Comment, text: str) -> None:
        """Replace the text of a comment. Belongs in a transaction."""
        self._sandbox.comments.edit(comment, text, self._sandbox.clock.now())
        self._sandbox.note_comment(comment, "edited")

    def react(self, subject: Subject, account: Account, *, is_set: bool) -> None:
        """Give or take back the reaction of an account: one for everything that it reacts to. Belongs in a transaction."""
        now, comments, posts = self._sandbox.clock.now(), self._sandbox.comments, self._sandbox.posts
        if subject.comment is not None:
            if is_set:
                comments.like(subject.comment, account.id, now)
            else:
                comments.unlike(subject.comment, account.id)
            return
        post = posts.by_external_id(FACTS.name, subject.publication.urn)
        if post is not None and is_set:
            posts.like(post, account.id, now)
        elif post is not None:
            posts.unlike(post, account.id)

    # Reading

    def listed(self, subject: Subject) -> Sequence[Comment]:
        """Return the comments at the top of a post, or those that answer a comment, oldest first."""
        comments = self._sandbox.comments
        if subject.comment is None:
            return comments.at_top(subject.publication.urn)
        return comments.replies(subject.comment)

    def actor(self, comment: Comment) -> str:
        """Return the URN as which a comment was written."""
        row = self._sandbox.store.first("SELECT actor FROM linkedin_actors WHERE comment_id = ?", int(comment.id))
        if row is not None:
            return str(row["actor"])
        account = self._sandbox.accounts.by_id(comment.account_id)
        return "" if account is None else actor_of(account)

    def urn_of(self, comment: Comment) -> str:
        """Return the URN of a comment."""
        return f"urn:li:comment:({activity_of(comment.media_id)},{comment.id})"

    def entity(self, comment: Comment, viewer: Account) -> dict[str, JSONValue]:
        """Return a comment as the API writes it for who reads it."""
        comments, actor = self._sandbox.comments, self.actor(comment)
        parent, likes = comments.parent_of(comment), comments.like_count(comment)
        entity: dict[str, JSONValue] = {
            "id": comment.id,
            "actor": actor,
            "object": activity_of(comment.media_id),
            "commentUrn": self.urn_of(comment),
            "message": {"attributes": [], "text": comment.text},
            "created": {"actor": actor, "time": int(comment.created_at * 1000)},
            "lastModified": {"actor": actor, "time": int((comment.edited_at or comment.created_at) * 1000)},
            "likesSummary": {
                "totalLikes": likes,
                "aggregatedTotalLikes": likes,
                "likedByCurrentUser": comments.is_liked_by(comment, viewer.id),
                "selectedLikes": [],
            },
        }
        if parent is not None:
            entity["parentComment"] = self.urn_of(parent)
        else:
            count = len(comments.replies(comment))
            entity["commentsSummary"] = {"aggregatedTotalComments": count, "selectedComments": []}
        return entity


def read_text(body: Mapping[str, JSONValue]) -> str:
    """Return the text of a new comment, which is plain. Raises LinkedInRefusal."""
    if "content" in body:
        raise LinkedInRefusal(UNPERMITTED_CONTENT)
    return _check_text(object_of(body.get("message"), "message"), "message/")


def read_changed_text(body: Mapping[str, JSONValue]) -> str:
    """Return the text of an edit: `{"patch": {"message": {"$set": {"text": …}}}}`. Raises LinkedInRefusal."""
    patch = object_of(body.get("patch"), "patch")
    message = object_of(patch.get("message"), "patch/message")
    return _check_text(object_of(message.get("$set"), "patch/message/$set"), "patch/message/$set/")


def _check_text(message: Mapping[str, JSONValue], path: str) -> str:
    text = string_of(message, "text", path)
    if not text.strip():
        raise LinkedInRefusal(wrong_field("message/text", "A comment has a text"))
    return text


def read_reaction_key(key: str) -> tuple[str, str]:
    """Return actor and entity of `(actor:urn,entity:urn)`, whose parts may be encoded once more."""
    actor, _, entity = key.removeprefix("(actor:").removesuffix(")").partition(",entity:")
    return unquote(actor), unquote(entity)
