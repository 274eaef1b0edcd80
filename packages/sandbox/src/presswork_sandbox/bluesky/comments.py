"""What people write below posts on Bluesky: records of their own, with a reply."""

from presswork_sandbox.accounts import Account
from presswork_sandbox.bluesky.facts import FACTS
from presswork_sandbox.bluesky.identifiers import AT_URI
from presswork_sandbox.bluesky.identity import find_account
from presswork_sandbox.bluesky.lexicons import POST
from presswork_sandbox.bluesky.repo import Action, Repo
from presswork_sandbox.bluesky.shown import root_of
from presswork_sandbox.clock import iso
from presswork_sandbox.comments import Comment
from presswork_sandbox.control_input import BadControl
from presswork_sandbox.core import Sandbox
from presswork_sandbox.posts import Post
from presswork_sandbox.wire import JSONValue


class BlueskyThread:
    """Replies of other accounts. Every record has its own author, who alone can delete it."""

    def __init__(self, sandbox: Sandbox, repo: Repo) -> None:
        self._sandbox = sandbox
        self._repo = repo

    def root_of(self, post: Post) -> str:
        """Return the URI of the first part of the post's thread."""
        return root_of(post.params) or post.external_id

    def add(self, post: Post, author: Account, text: str, parent: Comment | None) -> Comment:
        """Write a reply into the author's repository. Raises BadControl."""
        parent_uri = post.external_id if parent is None else parent.external_id
        record: dict[str, JSONValue] = {
            "$type": POST,
            "text": text,
            "createdAt": iso(self._sandbox.clock.now()),
            "reply": {"root": self._reference(self.root_of(post)), "parent": self._reference(parent_uri)},
        }
        rkey = self._repo.next_tid()
        self._repo.commit(author, [self._repo.prepare(Action.CREATE, POST, rkey, record, validate=True)])
        made = self._sandbox.comments.find(FACTS.name, f"at://{author.user_id}/{POST}/{rkey}")
        if made is None:
            raise BadControl("The first post of the thread was deleted.")
        return made

    def remove(self, comment: Comment) -> None:
        """Delete the record of a reply."""
        match = AT_URI.fullmatch(comment.external_id)
        account = None if match is None else find_account(self._sandbox, match[1])
        if match is not None and account is not None:
            self._repo.commit(account, [self._repo.prepare(Action.DELETE, POST, match[3], None, validate=None)])

    def _reference(self, uri: str) -> JSONValue:
        found = self._repo.at(uri)
        if found is None:
            raise BadControl(f"{uri} has no record: nothing can be replied to it.")
        return {"uri": uri, "cid": found[1].cid}
