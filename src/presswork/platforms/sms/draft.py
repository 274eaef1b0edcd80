"""Drafts by text message: the media, the caption and the steps go to the operator's phone, who posts manually.

The one message is the irreversible call. It contains a reference derived from the post's id, so that after a lost response
it is looked up among the messages to that phone before anything is sent again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from pydantic import AwareDatetime, JsonValue

from presswork.core.phone_numbers import masked
from presswork.platforms.description import ManualInstructions
from presswork.platforms.errors import FailureCode, Rejected
from presswork.platforms.findings import Advice, Findings, Warned, found, in_words
from presswork.platforms.job_state import JobState
from presswork.platforms.manual_posting import ManualPost, draft_text, is_caption_too_long, text_to_paste
from presswork.platforms.port import (
    Absent,
    Credentials,
    Draft,
    Failed,
    Job,
    Located,
    Media,
    MediaType,
    Present,
    Processing,
    Sighting,
    TargetAccount,
    Validator,
)
from presswork.platforms.sms_port import (
    MAX_MEDIA,
    MAX_MEDIA_BYTES,
    NOT_CARRIED,
    PHONE_MISSING,
    RECEIPT_WAIT,
    SmsGateway,
    TextMessage,
    TextState,
    can_attach,
    pause_after,
    reference_of,
)

STEP: Final = "text_message"
_RARE_POLL_FACTOR: Final = 10
"""How many times longer than usual the wait may grow, for a text that the service certainly has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Progress(JobState):
    """What is stored of a text."""

    text_id: str | None = None
    text_sent_since: AwareDatetime | None = None
    """Since when the carrier is known to have it, UTC."""


class TextDraft:
    """The port's `Connector` for drafts of one platform that reach their creator as a text message."""

    can_comment: Final = False

    def __init__(self, texts: SmsGateway, instructions: ManualInstructions) -> None:
        """Store the SMS service, and the manual instructions of the platform's app."""
        self._texts: Final = texts
        self._instructions: Final = instructions

    def check(self, draft: Draft) -> Findings:
        """Report what of a draft does not fit into its text. Nothing is refused: the person meets the platform's limits."""
        return found(self._warn_of_links(draft), self._warn_of_caption(draft))

    def _warn_of_links(self, draft: Draft) -> Warned | None:
        if not draft.media or _is_attached(draft.media):
            return None
        details: dict[str, JsonValue] = {}
        if any(piece.content_type in NOT_CARRIED for piece in draft.media):
            message = "A text message carries no WebP pictures and no PDF files."
        elif (count := len(draft.media)) > MAX_MEDIA:
            message = f"There are {count} files, more than the {MAX_MEDIA} that a text message carries."
            details = {"value": count, "limit": MAX_MEDIA, "unit": "files"}
        else:
            size_bytes = sum(piece.size_bytes for piece in draft.media)
            max_size = f"{MAX_MEDIA_BYTES / 1e6:.0f} MB"
            message = f"The media have {size_bytes / 1e6:.1f} MB, more than the {max_size} that a text message carries."
            details = {"value": size_bytes, "limit": MAX_MEDIA_BYTES, "unit": "bytes"}
        return Warned(Advice.MEDIA_LINKED, f"{message} The text links to the media instead.", details)

    def _warn_of_caption(self, draft: Draft) -> Warned | None:
        is_attached = _is_attached(draft.media)
        if not is_caption_too_long(self._instructions, draft.media_type, draft.caption, is_attached=is_attached):
            return None
        return Warned(
            Advice.CAPTION_ON_PAGE,
            "The caption is too long for a text message that contains the steps too. It is on the page behind the text's link.",
            {"value": len(draft.caption), "unit": "characters"},
        )

    async def fetch_constraints(self, account: TargetAccount, credentials: Credentials) -> Validator:  # noqa: ARG002  the port's form
        """Make no call: a text needs no account."""
        return lambda _draft: Findings()

    async def prepare(self, job: Job) -> Mapping[str, JsonValue]:
        """Render the text. Raises Rejected where there is no phone, or the media can't be served; TryLater."""
        context = await job.delivery_context()
        if context.operator_phone is None:
            raise Rejected(PHONE_MISSING, step="prepare", failure=FailureCode.OPERATOR_PHONE_UNVERIFIED)
        is_attached = _is_attached(job.media)
        text = draft_text(
            self._instructions,
            ManualPost(
                media_type=job.media_type,
                caption=text_to_paste(job.caption, job.link),
                first_comment=context.first_comment,
                is_attached=is_attached,
            ),
            handle=job.account.handle,
            reference=reference_of(job.post_id),
            link=context.page_url,
        )
        left_out = [
            *([] if is_attached or job.media_type is MediaType.TEXT else ["the media"]),
            *(["the caption"] if text.is_caption_left_out else []),
            *(["the first comment"] if text.is_comment_left_out else []),
        ]
        sentence = f" It links to what did not fit: {', '.join(left_out)}." if left_out else ""
        await job.note("prepared", f"The text for {masked(context.operator_phone)} is written.{sentence}")
        urls: list[JsonValue] = [await job.media_url(piece, None) for piece in job.media] if is_attached else []
        return {
            "phone": context.operator_phone,
            "body": text.body,
            "mediaUrls": urls,
            "callbackUrl": context.callback_url,
        }

    async def make_live(self, job: Job, prepared: Mapping[str, JsonValue]) -> Processing:
        """Send the one message. Raises Rejected, TryLater, OutcomeUnknown."""
        urls = prepared["mediaUrls"]
        message = await self._texts.send(
            to=_read_phone(prepared),
            body=str(prepared["body"]),
            media_urls=[str(url) for url in urls] if isinstance(urls, list) else [],
            callback_url=str(prepared["callbackUrl"]),
        )
        await replace(_Progress.load(job.state), text_id=message.id).save(job)
        phone = masked(_read_phone(prepared))
        return Processing(
            message=f"The service accepted the text to {phone}.", check_after=self._texts.retry_policy.poll_first
        )

    async def look_up(self, job: Job, prepared: Mapping[str, JsonValue]) -> Sighting:
        """Fetch the message: by its id, or by its reference where the response with the id was lost.

        Raises TryLater, Rejected where it can't be read.
        """
        known, phone = _Progress.load(job.state).text_id, masked(_read_phone(prepared))
        message = await self._texts.fetch(known) if known is not None else await self._find_message(job, prepared)
        if message is None:
            return Absent(
                message=f"No such text to {phone} is listed {in_words(_measure_elapsed(job))} after the call."
            )
        if message.id != known:
            await replace(_Progress.load(job.state), text_id=message.id).save(job)
        match message.state:
            case TextState.DELIVERED:
                return Present(external_id=message.id, message=f"The text was delivered to {phone}.")
            case TextState.FAILED:
                return Failed(reason=message.failure or Rejected("The text was not delivered.", step=STEP))
            case TextState.SENT:
                return await self._await_receipt(job, message, phone)
            case TextState.UNDER_WAY:
                return Processing(
                    message=f"The service has not sent the text to {phone} yet.", check_after=self._choose_pause(job)
                )

    async def _find_message(self, job: Job, prepared: Mapping[str, JsonValue]) -> TextMessage | None:
        reference = reference_of(job.post_id)
        messages = await self._texts.find(
            to=_read_phone(prepared), since=job.live_call_at or job.now(), is_it=lambda body: reference in body
        )
        return messages[0] if messages else None

    async def _await_receipt(self, job: Job, message: TextMessage, phone: str) -> Present | Processing:
        """Wait for the carrier's receipt; without one, the message counts as delivered after RECEIPT_WAIT."""
        wait = min(RECEIPT_WAIT, self._texts.retry_policy.processing_limit)
        progress = _Progress.load(job.state)
        since = progress.text_sent_since or job.now()
        if progress.text_sent_since is None:
            await replace(progress, text_sent_since=since).save(job)
        left = since + wait - job.now()
        if left <= timedelta():
            sentence = f"The carrier accepted the text to {phone} and sent no receipt for {in_words(wait)}; it counts as delivered."
            return Present(external_id=message.id, message=sentence)
        sentence = (
            f"The carrier has the text to {phone}; without a receipt it counts as delivered after {in_words(wait)}."
        )
        return Processing(message=sentence, check_after=min(self._choose_pause(job), left), until=since + wait)

    def _choose_pause(self, job: Job) -> timedelta:
        retry_policy = self._texts.retry_policy
        return pause_after(_measure_elapsed(job), retry_policy, longest=retry_policy.poll_max * _RARE_POLL_FACTOR)

    async def locate(
        self,
        job: Job,  # noqa: ARG002  the port's form
        prepared: Mapping[str, JsonValue],  # noqa: ARG002  as above
        external_id: str | None,
    ) -> Located:
        """Return nothing: a manual post is not reported here."""
        return Located(external_id=external_id, external_url=None)

    async def comment(self, job: Job, external_id: str, text: str, *, may_be_there: bool) -> None:  # noqa: ARG002  the port's form
        """Raise Rejected: the first comment is in the text, for the person who posts."""
        raise Rejected("A draft can't have a comment; its first comment is in the text.", step="comment")


def _is_attached(media: Sequence[Media]) -> bool:
    return can_attach([(piece.content_type, piece.size_bytes) for piece in media])


def _read_phone(prepared: Mapping[str, JsonValue]) -> str:
    return str(prepared["phone"])


def _measure_elapsed(job: Job) -> timedelta:
    """Return the time since the call."""
    return job.now() - (job.live_call_at or job.now())
