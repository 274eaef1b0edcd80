"""How Threads names the calls and fields of containers, and what it reports of a lost one.

Source: Meta, "Publishing" and "Troubleshooting" (Threads API), read 2026-11.
"""

from typing import Final

from presswork.platforms.graph.container_api import ContainerApi
from presswork.platforms.port import TargetAccount
from presswork.platforms.threads.error_mapping import NOT_FOUND, meaning_of_status


def _node(_account: TargetAccount) -> str:
    """Return `me`: with the account's id in the path, Threads was seen to answer 24/4279009 (another client, 2026-07)."""
    return "me"


API: Final = ContainerApi(
    node=_node,
    create="threads",
    publish="threads_publish",
    status_field="status",
    message_field="error_message",
    meaning_of_status=meaning_of_status,
    lost=frozenset({NOT_FOUND}),
    lost_tries=0,  # the same container keeps failing; a new one helps
)
"""Threads' containers."""
