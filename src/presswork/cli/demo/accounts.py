"""What one act of a demo gets and gives back, and how it counts what is live: the same for every act."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Self, TypeAlias

from presswork.cli.demo.samples import Samples
from presswork.cli.demo.server import make_key
from presswork.cli.demo.story import Account, LivePost, Story, Watched
from presswork.cli.demo.view import View
from presswork.core.settings import Settings

LIVE_WITHIN: Final = timedelta(seconds=90)
"""How long an act waits for its posts to go live."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A running server, content to bring in, and the screen."""

    url: str
    settings: Settings
    samples: Samples
    view: View

    async def new_key(self, name: str, *scopes: str) -> str:
        """Make a key that may do what its scopes say."""
        return await make_key(self.settings, name, scopes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How an act came out, and what a person may want to look at afterwards."""

    is_good: bool
    accounts: Sequence[Account]
    keys: Mapping[str, str]
    """By what they are for."""
    has_phone: bool = False
    """Whether something of it is on the sandbox's phone."""


Act: TypeAlias = Callable[[Scene], Awaitable[Outcome]]
"""Shows one thing, in a project of its own. Raises DemoFailed when it can't go on."""


class Feeds:
    """What the platforms' side shows of some accounts since a moment; a server may have been up before."""

    def __init__(self, story: Story, before: Mapping[Account, frozenset[str]]) -> None:
        """Take the ids that each account showed at that moment."""
        self._story: Final = story
        self._before: Final = before

    @classmethod
    async def from_now(cls, story: Story, accounts: Sequence[Account]) -> Self:
        """Take the present moment."""
        before = {account: frozenset(post.external_id for post in await story.live(account)) for account in accounts}
        return cls(story, before)

    async def new(self) -> Mapping[Account, Sequence[LivePost]]:
        """Return what is there now and was not then, for each account."""
        return {
            account: [post for post in await self._story.live(account) if post.external_id not in known]
            for account, known in self._before.items()
        }


async def is_all_live(story: Story, view: View, feeds: Feeds, posts: Sequence[Watched]) -> bool:
    """Ask the API and the platforms whether each post is live exactly once, and nothing else; tell what is not, and why."""
    if not await has_ended_right(story, view, feeds, posts):
        view.say(f"[bold red]{sum(post.is_live for post in posts)} of {len(posts)} posts are live.[/]")
        return False
    view.say(f"[bold green]All {len(posts)} posts are live, each exactly once[/] (counted on the platforms' side).")
    return True


async def has_ended_right(story: Story, view: View, feeds: Feeds, posts: Sequence[Watched]) -> bool:
    """Ask whether each post is in the state that is right for it, and the feeds show the live ones and nothing else.

    Tells what is not so, and why.
    """
    wrong = [post for post in posts if not post.is_right]
    for post in wrong:
        view.timeline(post, await story.timeline(post))
    is_exact = not wrong
    for account, there in (await feeds.new()).items():
        wanted = [post.external_id for post in posts if post.account == account and post.is_live]
        if sorted(post.external_id for post in there) != sorted(str(post_id) for post_id in wanted):
            is_exact = False
            view.say(
                f"[bold red]{account.platform} @{account.handle} shows {len(there)} new posts, not {len(wanted)}.[/]"
            )
    return is_exact
