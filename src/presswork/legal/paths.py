"""The URLs of the legal pages and of Meta's callbacks, which are registered with platforms."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from presswork.core.ids import PLATFORM_APP, public_id
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


def path_for_app(path: str, app_id: UUID) -> str:
    """Return the path at which a customer's app is called back, in place of that of the installation's app."""
    return f"{path}/{public_id(PLATFORM_APP, app_id)}"
