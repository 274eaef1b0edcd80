"""Permissions of Facebook Pages.

Source: Meta, "Permissions Reference", "Page posts" and "Reels Publishing API" (2026-07-30), read 2026-11.
"""

from typing import Final

PAGES: Final = "pages_show_list"
READ: Final = "pages_read_engagement"
PUBLISH: Final = "pages_manage_posts"
ENGAGE: Final = "pages_manage_engagement"
READ_CONTENT: Final = "pages_read_user_content"

TO_PUBLISH: Final = frozenset({READ, PUBLISH})
TO_COMMENT: Final = frozenset({ENGAGE, READ_CONTENT})
"""Reading comments is needed to look for the first one after a lost answer."""
REQUESTED: Final = (PAGES, READ, PUBLISH, ENGAGE, READ_CONTENT)
"""What the dialog requests, in this order. `pages_show_list` is used to list the Pages at the login only."""
