"""The dependency of routes about the installation: who may call them."""

from typing import Annotated

from fastapi import Depends

from presswork.api.context import Ctx
from presswork.api.http.auth import OrgAdmin
from presswork.callers.model import Principal
from presswork.doctor.store import require_first_organization


async def _admin(caller: OrgAdmin, context: Ctx) -> Principal:
    """Return the caller, who administers the installation. Raises NotFirstOrganization."""
    await require_first_organization(context.pool, caller)
    return caller


SystemAdmin = Annotated[Principal, Depends(_admin)]
