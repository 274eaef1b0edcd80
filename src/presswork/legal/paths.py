"""The addresses of the legal pages and of Meta's callbacks, which are registered with platforms."""

from collections.abc import Mapping
from typing import Final

from presswork.platforms.description import Address

PRIVACY: Final = "/legal/privacy"
TERMS: Final = "/legal/terms"
DELETION_PAGE: Final = "/legal/data-deletion"
DEAUTHORIZE: Final = "/webhooks/meta/deauthorize"
DATA_DELETION: Final = "/webhooks/meta/data-deletion"

PATHS: Final[Mapping[Address, str]] = {
    Address.PRIVACY: PRIVACY,
    Address.TERMS: TERMS,
    Address.DEAUTHORIZE: DEAUTHORIZE,
    Address.DATA_DELETION: DATA_DELETION,
}
