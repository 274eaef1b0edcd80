"""SCIM 2.0: the paths that identity providers call. They are documented in docs/scim.md, and not in the OpenAPI document.

The library of SCIM needs 9 MiB in each process, so what serves the calls is imported with the first one.
"""

import asyncio
from dataclasses import replace
from importlib import import_module
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from presswork.api.context import Ctx, Now
from presswork.api.http.auth import check_rate
from presswork.api.http.envelope import request_id_of
from presswork.api.http.scim_errors import SCIM_PATH
from presswork.api.scim.call import Call
from presswork.callers.model import Unauthenticated
from presswork.orgs.rates import RateClass
from presswork.provisioning.tokens import find_provider

router: Final = APIRouter(include_in_schema=False)

_MISSING: Final = (
    "The request has no valid SCIM token. Send `Authorization: Bearer lps_…`; an administrator creates one in the console, under "
    "People, or with POST /v1/scim-tokens."
)


async def call_of(request: Request, context: Ctx, now: Now) -> Call:
    """Return the call of an identity provider, and count it. Raises Unauthenticated, RateLimited."""
    values = request.headers.getlist("authorization")
    scheme, _, text = (values[0] if len(values) == 1 else "").partition(" ")  # two headers are ambiguous
    if scheme.lower() != "bearer":
        raise Unauthenticated(_MISSING)
    token, caller = await find_provider(context.pool, text.strip(), message=_MISSING, now=now)
    request.scope["state"]["key"] = caller.public_id
    await check_rate(request, context, caller, now, kind=RateClass.READ if request.method == "GET" else RateClass.WRITE)
    return Call(
        request=request,
        context=context,
        token=token,
        caller=replace(caller, request_id=request_id_of(request)),
        now=now,
    )


@router.get(f"{SCIM_PATH}/ServiceProviderConfig")
@router.get(f"{SCIM_PATH}/ResourceTypes")
@router.get(f"{SCIM_PATH}/ResourceTypes/{{scimId}}")
@router.get(f"{SCIM_PATH}/Schemas")
@router.get(f"{SCIM_PATH}/Schemas/{{scimId}}")
@router.api_route(f"{SCIM_PATH}/Users", methods=["GET", "POST"])
@router.api_route(f"{SCIM_PATH}/Users/{{scimId}}", methods=["GET", "PUT", "PATCH", "DELETE"])
@router.api_route(f"{SCIM_PATH}/Groups", methods=["GET", "POST"])
@router.api_route(f"{SCIM_PATH}/Groups/{{scimId}}", methods=["GET", "PUT", "PATCH", "DELETE"])
@router.post(f"{SCIM_PATH}/.search")
@router.post(f"{SCIM_PATH}/Bulk")
async def serve_scim(call: Annotated[Call, Depends(call_of)]) -> Response:
    """Serve one call."""
    resources = await asyncio.to_thread(import_module, "presswork.api.scim.resources")
    response: Response = await resources.serve(call)
    return response
