"""Routes of SMS: sending content to a phone, and the status callbacks of the SMS service."""

from typing import Annotated, Final, Self
from uuid import UUID

from fastapi import APIRouter, Path, Request
from pydantic import Field
from starlette.responses import Response

from presswork.api.context import Context, Ctx, Now
from presswork.api.http.auth import PublishWrite
from presswork.api.http.body import In, Out, body_of, read_form, with_examples
from presswork.api.http.idempotent import Idempotent
from presswork.api.http.ids import ContainerId, TextRef
from presswork.api.http.openapi import refusals
from presswork.core.enums import Environment
from presswork.core.errors import Code, Invalid, Unavailable
from presswork.core.ids import POST, TEXT, parse_id
from presswork.core.phone_numbers import E164, masked
from presswork.notifications.notify_device import SQL, SentNotice, TextKind, TextStatus, notify_device
from presswork.posts.wake_post import wake_post

router: Final = APIRouter()


class NotifyDeviceRequest(In):
    """The phone to send to. Without a body: the verified phone of the key's operator."""

    model_config = with_examples({"phoneNumber": "+351912345678"})

    phone_number: str | None = Field(
        default=None,
        pattern=E164,
        description="In E.164 format: a plus sign, the country code and the number, without separators.",
        examples=["+351912345678"],
    )


class DeviceMessage(Out):
    """One SMS of a notice."""

    id: TextRef
    kind: TextKind
    status: TextStatus


class DeviceNotice(Out):
    """The queued SMS in the order of sending. The phone number is masked."""

    model_config = with_examples(
        {
            "phoneNumber": "+3519••••••78",
            "messages": [
                {"id": "txt_0191f3a2-7e01-7b60-9d0a-3f6a2f1c8e55", "kind": "media", "status": "queued"},
                {"id": "txt_0191f3a2-7e02-7b60-9d0a-3f6a2f1c8e55", "kind": "caption", "status": "queued"},
                {"id": "txt_0191f3a2-7e03-7b60-9d0a-3f6a2f1c8e55", "kind": "steps", "status": "queued"},
            ],
        }
    )

    phone_number: str
    messages: list[DeviceMessage]

    @classmethod
    def of(cls, notice: SentNotice) -> Self:
        """Build it from the domain object."""
        messages = [
            DeviceMessage(id=message.id, kind=message.kind, status=message.status) for message in notice.messages
        ]
        return cls(phone_number=masked(notice.phone), messages=messages)


@router.post(
    "/v1/content/{containerId}/notify-device",
    response_model=DeviceNotice,
    responses=refusals(
        Code.CONFLICT,
        Code.CONTENT_REJECTED,
        Code.APPROVAL_REQUIRED,
        Code.PHONE_REQUIRED,
        Code.OWNER_PHONE_UNVERIFIED,
    ),
    tags=["Publishing"],
    summary="Send content to a phone",
)
async def notify_content_device(
    caller: PublishWrite,
    container_id: ContainerId,
    body: Annotated[NotifyDeviceRequest, body_of(NotifyDeviceRequest, is_optional=True)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Send a container to a phone by SMS, to be posted manually: the media, the caption, then the steps.

    The three messages are sent one after the other. No scheduled post is created.

    At most 10 notices in an hour and 30 in a day go to one phone number, and at most 500 in a day are sent by an
    organization. More return 429 `RATE_LIMITED`, and nothing is sent.
    """
    return await idempotent.run(
        lambda db: notify_device(
            db, context.platforms, context.keyring, container_id, body.phone_number, caller=caller, now=now
        ),
        DeviceNotice.of,
    )


@router.post("/callbacks/draft/{postId}", include_in_schema=False)
async def handle_draft_status(
    request: Request, named: Annotated[str, Path(alias="postId")], context: Ctx, now: Now
) -> Response:
    """Accept a status callback about the SMS of a draft, and wake the draft."""
    post_id = _id_of(POST, named)
    if post_id is None or not await _is_signed(request, context, "environment_of_draft", post_id):
        return _build_unsigned_response()
    await wake_post(context.pool, post_id, now=now)
    return Response(status_code=204)


@router.post("/callbacks/text/{textId}", include_in_schema=False)
async def handle_text_status(
    request: Request, named: Annotated[str, Path(alias="textId")], context: Ctx, now: Now
) -> Response:
    """Accept a status callback about the SMS of a notice, and wake the message."""
    text_id = _id_of(TEXT, named)
    if text_id is None or not await _is_signed(request, context, "environment_of_text", text_id):
        return _build_unsigned_response()
    await context.pool.fetchval(SQL["wake_text"], text_id, now)
    return Response(status_code=204)


async def _is_signed(request: Request, context: Context, statement: str, identity: UUID) -> bool:
    """Whether a callback is signed by the SMS service of the environment that the post or message belongs to."""
    try:
        fields = await read_form(request)
    except Invalid:
        return False
    environment = await context.pool.fetchval(SQL[statement], identity)
    if environment is None:
        return False
    try:
        texts = context.platforms.sms_gateway(Environment(environment))
    except (ValueError, Unavailable):
        return False
    signature = request.headers.get(texts.signature_header, "")
    query = f"?{request.url.query}" if request.url.query else ""
    return bool(signature) and texts.is_signed(f"{context.base_url}{request.url.path}{query}", fields, signature)


def _id_of(prefix: str, text: str) -> UUID | None:
    try:
        return parse_id(prefix, text)
    except ValueError:
        return None


def _build_unsigned_response() -> Response:
    """Return the same response for every unsigned callback, whatever it refers to."""
    return Response(
        "This callback is not signed by the SMS service. Check the auth token.\n",
        status_code=403,
        media_type="text/plain",
    )
