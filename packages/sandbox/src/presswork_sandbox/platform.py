"""What a platform's folder provides to an open sandbox: its routes, and what pages and the managed provider need of it.

A new platform is a folder with `facts.py` and `platform.py`, and a line in `registry.py` and in `app.py`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from starlette.routing import BaseRoute

from presswork_sandbox.accounts import Account
from presswork_sandbox.comments import Comment
from presswork_sandbox.details import Details
from presswork_sandbox.media import Asset
from presswork_sandbox.posts import Post
from presswork_sandbox.wire import JSONValue


@dataclass(frozen=True, slots=True, kw_only=True)
class PostLocation:
    """Where a live post is: its id, its URL, and the end of that where it is another one than the id."""

    external_id: str
    url: str
    shortcode: str | None = None


def _list_nothing(post: Post) -> Sequence[Post]:
    _ = post
    return ()


def _list_no_replies(handle: str | None, *, are_removed: bool) -> Iterable[Post]:
    _ = handle, are_removed
    return ()


class ListReplies(Protocol):
    """Returns replies of an account, or of all, that `replies_of` returns for no live post."""

    def __call__(self, handle: str | None, *, are_removed: bool) -> Iterable[Post]:
        """Return those that were taken down, or those that are live below a post that is not."""
        ...


class Thread(Protocol):
    """What people write below posts on a platform, apart from its API."""

    def root_of(self, post: Post) -> str:
        """Return the id of the post that the comments on a post are kept under: its own, or that of the thread's first part."""
        ...

    def add(self, post: Post, author: Account, text: str, parent: Comment | None) -> Comment:
        """Let an account comment on a post, or answer a comment there. Belongs in a transaction. Raises BadControl."""
        ...

    def remove(self, comment: Comment) -> None:
        """Delete a live comment, for its author. Belongs in a transaction."""
        ...


def _add_nothing(post: Post) -> Mapping[str, JSONValue]:
    _ = post
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPlatform:
    """A platform in one sandbox."""

    name: str
    routes: Sequence[BaseRoute]
    """Its hosts, its authorize pages and its pages for people, below /sandbox."""
    details_of: Callable[[Post, Sequence[Asset]], Details]
    """Returns what was sent with a post, in words for a page."""
    new_location: Callable[[Account, str], PostLocation]
    """Returns the location of one more post of a kind, which a managed provider publishes."""
    fields_of: Callable[[Post], Mapping[str, JSONValue]] = _add_nothing
    """Returns what a post has on the control surface beside the fields of all posts."""
    replies_of: Callable[[Post], Sequence[Post]] = _list_nothing
    """Returns what the author of a post replied below it, where that is among the comments of the post."""
    other_replies: ListReplies = _list_no_replies
    """Returns replies that are live below a post that was taken down, or that were taken down themselves."""
    remove: Callable[[str, str | None], bool] | None = None
    """Takes down what has an id, as its author does in the app, if it is of the account with a handle, where one is given;
    returns whether there was such a thing. A platform has none if `posts` has all that a person can delete."""
    revoke: Callable[[Account, int], int] | None = None
    """Takes back what the person of an account granted, for a reason by TikTok's numbers, and returns how many tokens or bots that
    concerns. Without it, the tokens of the account end."""
    thread: Thread | None = None
    """Comments by people; None where the platform's API has none."""
    control: Sequence[BaseRoute] = ()
    """More routes of the control surface, below /sandbox/control."""
