"""Hide the objects of projects that a user does not see.

Each object in a path belongs to a project. For a user who sees only some projects, a request about an object of another
project is served like one about an object that does not exist: its id is replaced by a random one. So the response and the
order of all checks are the same. Lists across projects filter in their statement.
"""

from collections.abc import Mapping
from typing import Final
from uuid import UUID, uuid4

from fastapi import Request

from presswork.api.context import context_of
from presswork.callers.model import Principal
from presswork.core import ids
from presswork.db.queries import load

_SQL: Final = load("presswork.api.http")
OF_A_PROJECT: Final[Mapping[str, tuple[str, str | None]]] = {
    "projectId": (ids.PROJECT, None),
    "containerId": (ids.CONTAINER, "project_of_container"),
    "postId": (ids.POST, "project_of_post"),
    "socialAccountId": (ids.ACCOUNT, "project_of_account"),
    "draftId": (ids.COMPOSER_DRAFT, "project_of_draft"),
    "snippetId": (ids.SNIPPET, "project_of_snippet"),
    "recurrenceId": (ids.RECURRENCE, "project_of_recurrence"),
    "commentId": (ids.COMMENT, "project_of_comment"),
    "queueId": (ids.QUEUE, "project_of_queue"),
    "exportId": (ids.EXPORT, "project_of_export"),
    "erasureId": (ids.ERASURE, "project_of_erasure"),
    "layerId": (ids.LAYER, "project_of_layer"),
    "reviewLinkId": (ids.REVIEW_LINK, "project_of_link"),
    "portalLinkId": (ids.PORTAL_LINK, "project_of_link"),
    "connectLinkId": (ids.CONNECT_LINK, "project_of_link"),
    "endpointId": (ids.ENDPOINT, "project_of_endpoint"),
    "channelId": (ids.NOTICE_CHANNEL, "project_of_channel"),
    "deliveryId": (ids.DELIVERY, "project_of_delivery"),
    "state": ("", "project_of_login"),
}
"""Path parameters with the prefix of their id and the statement that returns the project of the object."""
NOT_OF_A_PROJECT: Final = frozenset(
    {
        "operatorId",
        "keyId",
        "userId",
        "sessionId",
        "agentId",
        "scimTokenId",
        "intentId",
        "contentCommentId",
        "bulkId",
        "tiktokPostLinkId",
        "savedReplyId",
        "platform",
        "number",
        "code",
    }
)
"""Path parameters of what belongs to the organization, to another object of the path, or to who asked for it."""


async def hide_other_projects(request: Request, caller: Principal) -> None:
    """Replace the ids in a request's path whose objects the caller does not see. An unknown kind of id is replaced too."""
    for name, text in request.path_params.items():
        if name in NOT_OF_A_PROJECT:
            continue
        prefix, statement = OF_A_PROJECT.get(name, ("", None))
        if name not in OF_A_PROJECT or not await _is_seen(request, caller, prefix, statement, text):
            request.path_params[name] = f"{prefix}_{uuid4()}" if prefix else ids.new_ulid("st")


async def _is_seen(request: Request, caller: Principal, prefix: str, statement: str | None, text: str) -> bool:
    key: UUID | str = text
    if not prefix and ids.parse_ulid("st", text) is None:
        return False
    if prefix:
        try:
            key = ids.parse_id(prefix, text, is_bare_allowed=True)
        except ValueError:
            return True  # the route refuses it
    if statement is None:
        return caller.may_see(key if isinstance(key, UUID) else None)
    context = await context_of(request)
    return caller.may_see(await context.pool.fetchval(_SQL[statement], key))
