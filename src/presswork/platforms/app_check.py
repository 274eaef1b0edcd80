"""Reports at the start of a process which live platforms refuse the operator's app."""

from typing import Final

import structlog

from presswork.core.errors import PressworkError
from presswork.platforms.errors import Rejected
from presswork.platforms.names import LoginName
from presswork.platforms.registry import check_app
from presswork.platforms.settings import Settings

log: Final = structlog.get_logger()


async def report_refused_apps(settings: Settings) -> None:
    """Log a warning for each live platform that does not accept its id and secret; otherwise the first login would show it.

    Nothing is reported for a platform that is not configured, can't be asked, or does not answer.
    """
    for login in LoginName:
        try:
            await check_app(login, settings)
        except Rejected as error:
            log.warning("live credentials refused", login=login.value, error=error.message)
        except PressworkError as error:
            log.debug("live credentials not checked", login=login.value, error=error.message)
