"""The URLs of the legal pages and of Meta's callbacks, which are registered with platforms."""

from collections.abc import Mapping
from typing import Final

from presswork.platforms.description import PortalUrl

PRIVACY: Final = "/legal/privacy"
TERMS: Final = "/legal/terms"
DELETION_PAGE: Final = "/legal/data-deletion"
DEAUTHORIZE: Final = "/webhooks/meta/deauthorize"
DATA_DELETION: Final = "/webhooks/meta/data-deletion"

PATHS: Final[Mapping[PortalUrl, str]] = {
    PortalUrl.PRIVACY: PRIVACY,
    PortalUrl.TERMS: TERMS,
    PortalUrl.DEAUTHORIZE: DEAUTHORIZE,
    PortalUrl.DATA_DELETION: DATA_DELETION,
}
