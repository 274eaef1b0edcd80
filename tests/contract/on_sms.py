"""Text messages for contract tests: the client and the draft connector against the sandbox."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

from pydantic import JsonValue
from tests.clocks import JumpingClock
from tests.contract.control import SandboxControl
from tests.contract.job import EMPTY_CONTEXT, End, MediaHost, MemoryJob, Sample, drive

from presswork.platforms.instagram.description import DESCRIPTION
from presswork.platforms.port import MediaType, Mode, RetryPolicy, TargetAccount, Tokens
from presswork.platforms.sms.draft import TextDraft
from presswork.platforms.sms.messages import SenderAccess, TwilioGateway
from presswork.platforms.sms_port import SmsGateway
from presswork.platforms.transport import Transport

PHONE = "+15551230001"
PAGE = "https://presswork.example.com/handover/sp_1?expires=1&signature=abc"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnSMS:
    """The set-up of a test that sends texts to the sandbox's phones."""

    sandbox: SandboxControl
    access: SenderAccess
    transport: Transport
    clock: JumpingClock
    host: MediaHost
    retry_policy: RetryPolicy

    async def job(
        self,
        samples: Sample | Sequence[Sample],
        *,
        caption: str = "Fresh from the oven",
        comment: str | None = None,
        phone: str | None = PHONE,
    ) -> MemoryJob:
        """Return a draft to be sent as a text."""
        items = [samples] if isinstance(samples, Sample) else list(samples)
        media_type = MediaType.MULTI if len(items) > 1 else MediaType.IMAGE
        if items[0].media.is_video:
            media_type = MediaType.VIDEO
        return MemoryJob(
            account=TargetAccount(id=uuid4(), external_id="1", handle="brand", scopes=frozenset()),
            samples=items,
            media_type=media_type,
            caption=caption,
            tokens=Tokens(access_token="none", issued_at=self.clock.now(), expires_at=None),
            clock=self.clock,
            host=self.host,
            mode=Mode.DRAFT,
            context=replace(EMPTY_CONTEXT, operator_phone=phone, page_url=PAGE, first_comment=comment),
        )

    @property
    def texts(self) -> TwilioGateway:
        """The client of the service."""
        return TwilioGateway(self.access, transport=self.transport, retry_policy=self.retry_policy)

    @property
    def connector(self) -> TextDraft:
        """The connector of Instagram's drafts."""
        return TextDraft(self.texts, DESCRIPTION.manual_instructions)

    def paced(self, retry_policy: RetryPolicy) -> "OnSMS":
        """Return the same with other waits."""
        return replace(self, retry_policy=retry_policy)

    async def drive(self, job: MemoryJob) -> End:
        """Drive a draft to its end."""
        return await drive(self.connector, job, self.retry_policy)

    async def fault(self, operation: str, fault: str, **more: JsonValue) -> None:
        """Arm a fault."""
        await self.sandbox.fault("sms", operation, fault, **more)


def as_texts(texts: TwilioGateway) -> SmsGateway:
    """Make the type checker compare the client with the protocol."""
    return texts
