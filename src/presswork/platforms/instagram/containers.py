"""How Instagram names the calls and fields of containers, and what it reports of a lost one.

Source: Meta, "IG User Media", "IG Container" and "Content Publishing", read 2026-11.
"""

import re
from datetime import timedelta
from typing import Final

from presswork.platforms.api_client import ErrorMeaning
from presswork.platforms.graph.container_api import ContainerApi
from presswork.platforms.instagram.error_mapping import INSTAGRAM
from presswork.platforms.port import Limit, TargetAccount

_SUBCODE: Final = re.compile(r"\b2207\d{3}\b")

USED_UP: Final = 2207042
"""The subcode for a used-up quota, of posts or of containers."""
CONTAINERS: Final = Limit(
    call="media",
    most=400,
    window=timedelta(hours=24, minutes=1),
    late_by=timedelta(minutes=10),
    sentence="Instagram accepts 400 uploads within 24 hours from an account, and each item of a carousel is one, as is the "
    "carousel itself. The account has used them up.",
)


def _node(account: TargetAccount) -> str:
    return account.external_id


def _meaning_of_status(message: str) -> tuple[ErrorMeaning, str | None]:
    """Return the meaning of a container's `status`, which contains the error number, like 2207026."""
    match = _SUBCODE.search(message)
    code = match.group() if match else None
    return INSTAGRAM.errors.meaning_of_subcode(None if code is None else int(code), message), code


API: Final = ContainerApi(
    node=_node,
    create="media",
    publish="media_publish",
    status_field="status_code",
    message_field="status",
    meaning_of_status=_meaning_of_status,
    lost=frozenset({2207006, 2207008}),
    lost_tries=2,
    lost_pause=timedelta(seconds=30),  # 24/2207008 is documented as possibly temporary, for 30 seconds to 2 minutes
    not_ready=2207027,
    too_many=(USED_UP, CONTAINERS.sentence),
)
"""Instagram's containers."""
