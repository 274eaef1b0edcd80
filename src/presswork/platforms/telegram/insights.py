"""Numbers of Telegram channels: the subscribers. Of posts, a bot is shown none.

Source: Telegram, "Bot API" (10.0), getChatMemberCount, read 2026-12.
"""

from collections.abc import Sequence
from typing import Final

from presswork.platforms.access import AccountAccess, LivePost
from presswork.platforms.insights import AccountRead, PostNumbers, PostsRead
from presswork.platforms.json_values import number_of
from presswork.platforms.telegram.api import RESULT, Api, step_of

COUNT: Final = "getChatMemberCount"


def read_posts(posts: Sequence[LivePost]) -> PostsRead:
    """Return that no number of a post is known, without a call."""
    return PostsRead(posts={post.post_id: PostNumbers.of({}) for post in posts}, calls=0)


async def read_account(api: Api, access: AccountAccess) -> AccountRead:
    """Read the channel's subscribers. Raises TryLater, CredentialInvalid, Rejected."""
    asked = {"chat_id": access.account.external_id}
    found = await api.ask(access, "POST", COUNT, step=step_of(COUNT), now=access.now(), body=dict(asked))
    return AccountRead.of(number_of(found[RESULT]))
