"""Parse and validate ids in paths and bodies."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Path, Request
from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from presswork.core import ids
from presswork.core.errors import FieldError, IssueCode, NotFound

_EXAMPLE: Final = "0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"
_PREFIXES: Final[dict[str, str]] = {}
"""Id prefix by name of the path parameter."""


def _path_id(prefix: str, name: str, noun: str) -> Callable[..., Awaitable[UUID]]:
    """Return a dependency that reads one id of the path, with or without its prefix."""
    _PREFIXES[name] = prefix

    async def read(
        value: Annotated[
            str,
            Path(
                alias=name,
                description=f"Id of the {noun}, with or without its prefix.",
                examples=[f"{prefix}_{_EXAMPLE}"],
            ),
        ],
    ) -> UUID:
        try:
            return ids.parse_id(prefix, value, is_bare_allowed=True)
        except ValueError as error:
            raise NotFound(f"This is not a valid id of a {noun}. Send one like {prefix}_{_EXAMPLE}.") from error

    return read


def canonical_path(request: Request) -> str:
    """Return a request's path with each id in its prefixed form."""
    path = str(request.scope["route"].path)
    for name, value in request.path_params.items():
        prefix = _PREFIXES.get(name)
        text = value if prefix is None else ids.public_id(prefix, ids.parse_id(prefix, value, is_bare_allowed=True))
        path = path.replace(f"{{{name}}}", text)
    return path


read_container_id = _path_id(ids.CONTAINER, "containerId", "content container")

ProjectId = Annotated[UUID, Depends(_path_id(ids.PROJECT, "projectId", "project"))]
ContainerId = Annotated[UUID, Depends(read_container_id)]
PostId = Annotated[UUID, Depends(_path_id(ids.POST, "postId", "scheduled post"))]
AccountId = Annotated[UUID, Depends(_path_id(ids.ACCOUNT, "socialAccountId", "social account"))]
LayerId = Annotated[UUID, Depends(_path_id(ids.LAYER, "layerId", "layer"))]
OperatorId = Annotated[UUID, Depends(_path_id(ids.OPERATOR, "operatorId", "operator"))]
EndpointId = Annotated[UUID, Depends(_path_id(ids.ENDPOINT, "endpointId", "webhook endpoint"))]
DeliveryId = Annotated[UUID, Depends(_path_id(ids.DELIVERY, "deliveryId", "webhook delivery"))]
IntentId = Annotated[UUID, Depends(_path_id(ids.INTENT, "intentId", "schedule intent"))]
KeyId = Annotated[UUID, Depends(_path_id(ids.KEY, "keyId", "key"))]
UserId = Annotated[UUID, Depends(_path_id(ids.USER, "userId", "user"))]
SessionId = Annotated[UUID, Depends(_path_id(ids.SESSION, "sessionId", "session"))]
ReviewLinkId = Annotated[UUID, Depends(_path_id(ids.REVIEW_LINK, "reviewLinkId", "review link"))]
PortalLinkId = Annotated[UUID, Depends(_path_id(ids.PORTAL_LINK, "portalLinkId", "portal link"))]
ConnectLinkId = Annotated[UUID, Depends(_path_id(ids.CONNECT_LINK, "connectLinkId", "connect link"))]
TikTokPostLinkId = Annotated[UUID, Depends(_path_id(ids.TIKTOK_POST_LINK, "tiktokPostLinkId", "TikTok post link"))]
DraftId = Annotated[UUID, Depends(_path_id(ids.COMPOSER_DRAFT, "draftId", "draft"))]
RecurrenceId = Annotated[UUID, Depends(_path_id(ids.RECURRENCE, "recurrenceId", "recurrence"))]
ContentCommentId = Annotated[UUID, Depends(_path_id(ids.CONTENT_COMMENT, "contentCommentId", "comment on content"))]
CommentId = Annotated[UUID, Depends(_path_id(ids.COMMENT, "commentId", "comment"))]
QueueId = Annotated[UUID, Depends(_path_id(ids.QUEUE, "queueId", "queue"))]
SnippetId = Annotated[UUID, Depends(_path_id(ids.SNIPPET, "snippetId", "snippet"))]
SavedReplyId = Annotated[UUID, Depends(_path_id(ids.SAVED_REPLY, "savedReplyId", "saved reply"))]
BulkId = Annotated[UUID, Depends(_path_id(ids.BULK, "bulkId", "bulk job"))]
ExportId = Annotated[UUID, Depends(_path_id(ids.EXPORT, "exportId", "export"))]
ErasureId = Annotated[UUID, Depends(_path_id(ids.ERASURE, "erasureId", "erasure"))]
ChannelId = Annotated[UUID, Depends(_path_id(ids.NOTICE_CHANNEL, "channelId", "channel"))]
ScimTokenId = Annotated[UUID, Depends(_path_id(ids.SCIM_TOKEN, "scimTokenId", "SCIM token"))]
AgentId = Annotated[UUID, Depends(_path_id(ids.GRANT, "agentId", "agent"))]


@dataclass(frozen=True, slots=True)
class BodyId:
    """Annotation of an id in a body: prefixed on the wire, a UUID in Python."""

    prefix: str

    def __get_pydantic_core_schema__(self, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return a schema that parses and serializes the wire form."""
        return core_schema.no_info_plain_validator_function(
            self._read,
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda value: ids.public_id(self.prefix, value), return_schema=core_schema.str_schema()
            ),
        )

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Return the JSON schema of the wire form."""
        return {
            "type": "string",
            "pattern": f"^{self.prefix}_[0-9a-fA-F]{{8}}(-[0-9a-fA-F]{{4}}){{3}}-[0-9a-fA-F]{{12}}$",
            "examples": [f"{self.prefix}_{_EXAMPLE}"],
        }

    def _read(self, value: object) -> UUID:
        if isinstance(value, str):
            return ids.parse_id(self.prefix, value)
        if isinstance(value, UUID):
            return value
        raise FieldError(f"is not a string. Send an id like {self.prefix}_{_EXAMPLE}.", IssueCode.INVALID_TYPE)


ProjectRef = Annotated[UUID, BodyId(ids.PROJECT)]
ContainerRef = Annotated[UUID, BodyId(ids.CONTAINER)]
PostRef = Annotated[UUID, BodyId(ids.POST)]
DraftRef = Annotated[UUID, BodyId(ids.COMPOSER_DRAFT)]
ExportRef = Annotated[UUID, BodyId(ids.EXPORT)]
ErasureRef = Annotated[UUID, BodyId(ids.ERASURE)]
RecurrenceRef = Annotated[UUID, BodyId(ids.RECURRENCE)]
ContentCommentRef = Annotated[UUID, BodyId(ids.CONTENT_COMMENT)]
CommentRef = Annotated[UUID, BodyId(ids.COMMENT)]
QueueRef = Annotated[UUID, BodyId(ids.QUEUE)]
SnippetRef = Annotated[UUID, BodyId(ids.SNIPPET)]
NoticeRef = Annotated[UUID, BodyId(ids.NOTICE)]
ChannelRef = Annotated[UUID, BodyId(ids.NOTICE_CHANNEL)]
PushSubscriptionRef = Annotated[UUID, BodyId(ids.PUSH_SUBSCRIPTION)]
SavedReplyRef = Annotated[UUID, BodyId(ids.SAVED_REPLY)]
BulkRef = Annotated[UUID, BodyId(ids.BULK)]
AccountRef = Annotated[UUID, BodyId(ids.ACCOUNT)]
AssetRef = Annotated[UUID, BodyId(ids.ASSET)]
OrganizationRef = Annotated[UUID, BodyId(ids.ORGANIZATION)]
KeyRef = Annotated[UUID, BodyId(ids.KEY)]
LayerRef = Annotated[UUID, BodyId(ids.LAYER)]
OperatorRef = Annotated[UUID, BodyId(ids.OPERATOR)]
TextRef = Annotated[UUID, BodyId(ids.TEXT)]
IntentRef = Annotated[UUID, BodyId(ids.INTENT)]
EndpointRef = Annotated[UUID, BodyId(ids.ENDPOINT)]
DeliveryRef = Annotated[UUID, BodyId(ids.DELIVERY)]
AuditRef = Annotated[UUID, BodyId(ids.AUDIT)]
_UUID_PATTERN: Final = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
CallerRef = Annotated[
    str, Field(pattern=f"^({ids.KEY}|{ids.USER})_{_UUID_PATTERN}$", examples=[f"{ids.KEY}_{_EXAMPLE}"])
]
"""Who did something: an API key or a user."""
ReviewerRef = Annotated[
    str,
    Field(
        pattern=f"^({ids.KEY}|{ids.USER}|{ids.REVIEW_LINK}|{ids.PORTAL_LINK})_{_UUID_PATTERN}$",
        examples=[f"{ids.KEY}_{_EXAMPLE}"],
    ),
]
"""Who decided on content: an API key, a user, or a person at the page of a review link or a portal link."""
HolderRef = Annotated[
    str, Field(pattern=f"^({ids.POST}|{ids.INTENT})_{_UUID_PATTERN}$", examples=[f"{ids.POST}_{_EXAMPLE}"])
]
"""What takes a slot: a post, or a schedule call that waits for approval."""
UserRef = Annotated[UUID, BodyId(ids.USER)]
SessionRef = Annotated[UUID, BodyId(ids.SESSION)]
ReviewLinkRef = Annotated[UUID, BodyId(ids.REVIEW_LINK)]
ScimTokenRef = Annotated[UUID, BodyId(ids.SCIM_TOKEN)]
ScimGroupRef = Annotated[UUID, BodyId(ids.SCIM_GROUP)]
PortalLinkRef = Annotated[UUID, BodyId(ids.PORTAL_LINK)]
ConnectLinkRef = Annotated[UUID, BodyId(ids.CONNECT_LINK)]
TikTokPostLinkRef = Annotated[UUID, BodyId(ids.TIKTOK_POST_LINK)]
LinkRef = Annotated[
    str,
    Field(
        pattern=f"^({ids.REVIEW_LINK}|{ids.PORTAL_LINK}|{ids.CONNECT_LINK}|{ids.TIKTOK_POST_LINK})_{_UUID_PATTERN}$",
        examples=[f"{ids.REVIEW_LINK}_{_EXAMPLE}"],
    ),
]
"""A link of any kind."""
AgentRef = Annotated[UUID, BodyId(ids.GRANT)]
