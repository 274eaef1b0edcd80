"""Comments by people on platforms where a comment is nothing but its text: two levels, of which the second answers the first."""

from collections.abc import Callable

from presswork_sandbox.accounts import Account
from presswork_sandbox.comments import Comment
from presswork_sandbox.core import Sandbox
from presswork_sandbox.posts import Post


class PlainThread:
    """Comments of people below the posts of one platform."""

    def __init__(self, sandbox: Sandbox, new_number: Callable[[], int]) -> None:
        """`new_number` returns the number of one more comment."""
        self._sandbox = sandbox
        self._new_number = new_number

    def root_of(self, post: Post) -> str:
        """Return the id of the post."""
        return post.external_id

    def add(self, post: Post, author: Account, text: str, parent: Comment | None) -> Comment:
        """Add a comment; what answers a reply is below the comment that the reply answers. Belongs in a transaction."""
        comments, number = self._sandbox.comments, self._new_number()
        above = parent if parent is None else comments.parent_of(parent) or parent
        comments.add(post.external_id, author.id, text, number, self._sandbox.clock.now(), parent=above)
        made = comments.by_number(number)
        if made is None:
            raise LookupError(number)
        self._sandbox.note_comment(made, "add")
        return made

    def remove(self, comment: Comment) -> None:
        """Delete a comment and what answers it."""
        self._sandbox.comments.remove(comment, self._sandbox.clock.now())
        self._sandbox.note_comment(comment, "remove")
