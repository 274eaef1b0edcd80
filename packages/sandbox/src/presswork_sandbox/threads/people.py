"""What people reply below posts on Threads, apart from its API."""

from presswork_sandbox.accounts import Account
from presswork_sandbox.comments import Comment
from presswork_sandbox.core import Sandbox
from presswork_sandbox.posts import Post
from presswork_sandbox.threads.publish import new_media
from presswork_sandbox.threads.published import Published
from presswork_sandbox.wire import JSONValue


class ThreadsThread:
    """Replies of other accounts, at any depth."""

    def __init__(self, sandbox: Sandbox, published: Published) -> None:
        self._sandbox = sandbox
        self._published = published

    def root_of(self, post: Post) -> str:
        """Return the id of the post: what answers it is no post of its own."""
        return post.external_id

    def add(self, post: Post, author: Account, text: str, parent: Comment | None) -> Comment:
        """Publish a reply to the post or to a reply below it."""
        media_id, shortcode = new_media(self._sandbox)
        params: dict[str, JSONValue] = {
            "media_type": "TEXT",
            "text": text,
            "reply_to_id": post.external_id if parent is None else parent.id,
        }
        return self._published.add_reply(int(media_id), shortcode, author, params, (), self._sandbox.clock.now())

    def remove(self, comment: Comment) -> None:
        """Delete a reply; what is below it stays."""
        media = self._published.find(comment.id)
        if media is not None:
            self._published.remove(media, self._sandbox.clock.now())
