"""Shell completion from the server, with a short timeout; without a response there are no suggestions."""

from collections.abc import Sequence
from typing import Final

import presswork_client
from presswork.cli.client.choose import project_of
from presswork.cli.client.login import read_login
from presswork.core.errors import PressworkError
from presswork_client import Presswork

_TIMEOUT_SECONDS: Final = 2.0


def complete_account(incomplete: str) -> Sequence[str]:
    """Return the accounts whose name starts with the text."""
    try:
        login = read_login()
        with Presswork(
            api_key=login.key, base_url=login.url, timeout_seconds=_TIMEOUT_SECONDS, max_retries=0
        ) as client:
            page = client.social_accounts.list(project_id=project_of(client, None, login))
            names = [name for one in page.items for name in (f"@{one.handle}", f"{one.platform}:@{one.handle}")]
    except (PressworkError, presswork_client.PressworkError):
        return []
    return [name for name in names if name.startswith(incomplete)]
