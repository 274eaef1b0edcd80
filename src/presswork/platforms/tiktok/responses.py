"""Parses TikTok's responses: the envelope, its error codes and the reasons why a post failed.

Sources, read 2026-11: TikTok, "Content Posting API: Direct Post", "Photo Post", "Query Creator Info", "Get Post
Status" and "Media Transfer Guide" (codes, their HTTP status, fail reasons); TikTok, "OAuth error handling".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Final

from pydantic import JsonValue

from presswork.platforms.errors import CredentialInvalid, FailureCode, PlatformError, Rejected, Reported, TryLater
from presswork.platforms.transport import Reply

OK: Final = "ok"
TOKEN_REFUSED: Final = "access_token_invalid"  # noqa: S105  an error code
MINUTE_WINDOW: Final = timedelta(seconds=60)
"""TikTok counts calls per account in a sliding minute and sends no Retry-After."""
DAY_CAP_RECHECK: Final = timedelta(hours=1)
"""How often a 24-hour cap is checked again: posts leave the window one by one, at unknown times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiResponse:
    """A parsed API response. `code` None: not TikTok's envelope (an error page, a malformed or truncated response)."""

    status: int
    code: str | None
    message: str
    data: Mapping[str, JsonValue]
    log_id: str | None
    retry_after: timedelta | None
    """TikTok documents none; a gateway may add it."""

    @property
    def is_ok(self) -> bool:
        """Whether the call succeeded: the code decides, since TikTok also reports errors with HTTP 200."""
        return self.code == OK and self.status < 300

    @property
    def is_token_refused(self) -> bool:
        """Whether the access token was refused; such a call had no effect."""
        return self.code == TOKEN_REFUSED or (self.code is None and self.status == 401)

    @property
    def full_message(self) -> str | None:
        """TikTok's own message, with the id that its support asks for."""
        parts = [self.message] if self.message else []
        if self.log_id:
            parts.append(f"(log_id {self.log_id})")
        return " ".join(parts) or None

    @property
    def reported(self) -> Reported:
        """The code, the message and the trace id, for an error of Presswork."""
        return Reported(platform_code=self.code, platform_message=self.full_message, trace_id=self.log_id)


def read_response(reply: Reply) -> ApiResponse:
    """Parse the envelope `{"data": …, "error": {"code", "message", "log_id"}}`; never raises."""
    body = reply.json_object()
    error = body.get("error") if body is not None else None
    code = error.get("code") if isinstance(error, dict) else None
    if body is None or not isinstance(error, dict) or not isinstance(code, str):
        return ApiResponse(
            status=reply.status, code=None, message="", data={}, log_id=None, retry_after=reply.retry_after
        )
    data = body.get("data")
    message = error.get("message")
    log_id = error.get("log_id", error.get("logid"))
    return ApiResponse(
        status=reply.status,
        code=code,
        message=message if isinstance(message, str) else "",
        data=data if isinstance(data, dict) else {},
        log_id=log_id if isinstance(log_id, str) else None,
        retry_after=reply.retry_after,
    )


class Kind(Enum):
    """What an error code means for the call that returned it."""

    REJECTED = "refused for good"
    THROTTLED = "refused for now: a limit"
    CREDENTIAL = "refused until the account is connected again"
    UNCLEAR = "the call may or may not have had its effect"


@dataclass(frozen=True, slots=True)
class Refusal:
    """The reaction to an error code, and its explanation."""

    kind: Kind
    sentence: str
    """Explanation for a person."""
    advice: str = ""
    """What to do when it ends the post; the worker adds when it retries."""
    failure: FailureCode | None = None
    wait: timedelta | None = None


_INVALID: Final = Refusal(
    Kind.REJECTED,
    "TikTok refused the post's settings, caption or media description as invalid.",
    "Check them, then publish again.",
)
_RECONNECT: Final = "Connect the account again, then publish again."
_DAY_CAP: Final = "The account has reached TikTok's cap on posts in 24 hours (about 15, those by other tools included)."
_AFTER_A_DAY: Final = "Publish again when some of its posts are older than 24 hours."

ERRORS: Final[Mapping[str, Refusal]] = {
    "invalid_param": _INVALID,
    "invalid_params": _INVALID,
    "invalid_file_upload": Refusal(
        Kind.REJECTED,
        "TikTok refused the video file.",
        "Export it again as MP4 (H.264) and publish that.",
        failure=FailureCode.MEDIA_REJECTED,
    ),
    "app_version_check_failed": Refusal(
        Kind.REJECTED,
        "The TikTok app on the account's phone is too old for this.",
        "Update it to 31.8 or newer, then publish again.",
        failure=FailureCode.ACCOUNT_NOT_ELIGIBLE,
    ),
    "invalid_publish_id": Refusal(
        Kind.REJECTED,
        "TikTok does not know this post's publish id (any more).",
        "Look at the account; publish again only if the post is not there.",
    ),
    "token_not_authorized_for_specified_publish_id": Refusal(
        Kind.REJECTED,
        "TikTok reports that the post was started by another account than the one that is connected now.",
        "Look at both accounts; publish again only if the post is on neither.",
    ),
    TOKEN_REFUSED: Refusal(Kind.CREDENTIAL, "TikTok no longer accepts this account's login.", _RECONNECT),
    "scope_not_authorized": Refusal(
        Kind.CREDENTIAL,
        "The account has not allowed Presswork to post.",
        "Connect it again and leave the permission to post, and to upload drafts, ticked, then publish again.",
    ),
    "scope_permission_missed": Refusal(
        Kind.CREDENTIAL,
        "The TikTok app or the account does not have the permission for this.",
        "Add the scopes video.publish (posts) and video.upload (drafts) to the app, connect the account again, "
        "then publish again.",
    ),
    "rate_limit_exceeded": Refusal(
        Kind.THROTTLED, "TikTok's limit of calls a minute for this account is reached.", wait=MINUTE_WINDOW
    ),
    "spam_risk_too_many_posts": Refusal(Kind.THROTTLED, _DAY_CAP, _AFTER_A_DAY, wait=DAY_CAP_RECHECK),
    "spam_risk_too_many_pending_share": Refusal(
        Kind.REJECTED,
        "The creator's TikTok inbox holds 5 drafts of the last 24 hours that are neither posted nor deleted, "
        "which is TikTok's cap (those by other tools count too).",
        "Ask the creator to post or delete one of them in the TikTok app, under Inbox; then publish again.",
        failure=FailureCode.DELIVERY_FAILED,
    ),
    "reached_active_user_cap": Refusal(
        Kind.THROTTLED,
        "The TikTok app has reached its daily cap on accounts that may post.",
        "Publish again tomorrow; request a higher cap in TikTok's developer portal.",
        wait=DAY_CAP_RECHECK,
    ),
    "spam_risk_user_banned_from_posting": Refusal(
        Kind.REJECTED,
        "TikTok has barred this account from posting.",
        "Its owner finds the reason in the TikTok app, under account status; publish again when the bar is lifted.",
        failure=FailureCode.ACCOUNT_NOT_ELIGIBLE,
    ),
    "spam_risk": Refusal(
        Kind.REJECTED,
        "TikTok classified the post as spam.",
        "Change the content and publish again, or post it manually in the TikTok app.",
    ),
    "spam_risk_text": Refusal(
        Kind.REJECTED,
        "TikTok classified the caption as spam or found a word in it that it does not allow.",
        "Change the caption, then publish again.",
    ),
    "unaudited_client_can_only_post_to_private_accounts": Refusal(
        Kind.REJECTED,
        "The TikTok app has not passed TikTok's audit, so it may only post to private accounts.",
        "Make the account private in the TikTok app, or have the app audited; then publish again.",
        failure=FailureCode.ACCOUNT_NOT_ELIGIBLE,
    ),
    "url_ownership_unverified": Refusal(
        Kind.REJECTED,
        "TikTok only reads pictures from addresses that it has verified.",
        "Verify PRESSWORK_PUBLIC_URL under URL properties in TikTok's developer portal, then publish again.",
    ),
    "privacy_level_option_mismatch": Refusal(
        Kind.REJECTED,
        "TikTok does not offer this privacyLevel to the account (any more): it may have turned private or public.",
        "Choose another privacyLevel, then publish again.",
    ),
    "publish_not_cancellable": Refusal(
        Kind.REJECTED, "TikTok can no longer cancel this post.", "Delete it in the TikTok app."
    ),
    "internal_error": Refusal(Kind.UNCLEAR, "TikTok reported an internal error."),
}
"""Every error code that the posting endpoints document."""


def quote(response: ApiResponse) -> str:
    """Quote TikTok's error message with its code."""
    if response.code is None:
        return f"TikTok answered HTTP {response.status} and gave no reason."
    if not response.message:
        return f"TikTok answered {response.code} without a message."
    stop = "" if response.message.endswith((".", "!", "?")) else "."
    return f"TikTok answered ({response.code}): “{response.message}”{stop}"


def refusal(response: ApiResponse, *, step: str) -> PlatformError | None:
    """Return the error for a refused call, or None where the response does not prove that the call had no effect.

    None: a response that is not TikTok's own, a server error, or an undocumented code on HTTP 200.
    """
    known = ERRORS.get(response.code or "")
    if known is None:
        return _unlisted(response, step)
    what = f"{quote(response)} {known.sentence}"
    match known.kind:
        case Kind.UNCLEAR:
            return None
        case Kind.THROTTLED:
            return TryLater(
                what,
                advice=known.advice,
                step=step,
                retry_after=max(known.wait or MINUTE_WINDOW, response.retry_after or timedelta()),
                is_throttled=True,
                **response.reported,
            )
        case Kind.CREDENTIAL:
            return CredentialInvalid(what, advice=known.advice, step=step, **response.reported)
        case Kind.REJECTED:
            return Rejected(what, advice=known.advice, step=step, failure=known.failure, **response.reported)


def _unlisted(response: ApiResponse, step: str) -> PlatformError | None:
    """Return the error for a response without a known code by its HTTP status: 4xx is a refusal if it is TikTok's own."""
    if response.status == 429:
        return TryLater(
            f"{quote(response)} {ERRORS['rate_limit_exceeded'].sentence}",
            step=step,
            retry_after=max(MINUTE_WINDOW, response.retry_after or timedelta()),
            is_throttled=True,
            **response.reported,
        )
    if response.is_token_refused:
        known = ERRORS[TOKEN_REFUSED]
        return CredentialInvalid(
            f"{quote(response)} {known.sentence}", advice=known.advice, step=step, platform_code="401"
        )
    if response.code not in (None, OK) and 400 <= response.status < 500:
        return Rejected(
            f"{quote(response)} Presswork does not know this code and treats it as final.",
            advice="Fix what TikTok reports, then publish again.",
            step=step,
            **response.reported,
        )
    return None


def unavailable(response: ApiResponse, *, step: str) -> TryLater:
    """Return the error for a repeatable call without a usable response: a server error or an unreadable response."""
    if response.status >= 500:
        quoted_message = f", “{response.message}”" if response.message else ""
        what = f"TikTok answered HTTP {response.status}{quoted_message}: an internal error."
    else:
        what = f"TikTok sent an unreadable response (HTTP {response.status})."
    return TryLater(
        what,
        step=step,
        retry_after=response.retry_after,
        platform_code=response.code or str(response.status),
        platform_message=response.full_message,
        trace_id=response.log_id,
    )


class FailureEffect(Enum):
    """What a failed post means for the next attempt."""

    REJECTED = "trying again would not help"
    AGAIN = "an error on TikTok's side: a new attempt may succeed"
    CAPPED = "a cap of 24 hours: a new attempt may work later"


@dataclass(frozen=True, slots=True)
class FailReason:
    """The reaction to a `fail_reason`, and its explanation."""

    effect: FailureEffect
    sentence: str
    advice: str = "Publish again later."
    failure: FailureCode | None = None


def _media(sentence: str, advice: str) -> FailReason:
    return FailReason(FailureEffect.REJECTED, sentence, advice, failure=FailureCode.MEDIA_REJECTED)


def _account_barred(code: str) -> FailReason:
    known = ERRORS[code]
    return FailReason(FailureEffect.REJECTED, known.sentence, known.advice, failure=known.failure)


FAIL_REASONS: Final[Mapping[str, FailReason]] = {
    "file_format_check_failed": _media(
        "TikTok can't use this file format.", "Publish an MP4, MOV or WebM video, or JPEG or WebP pictures."
    ),
    "duration_check_failed": _media(
        "TikTok refused the video's length for this account.", "Publish one of another length."
    ),
    "frame_rate_check_failed": _media(
        "TikTok refused the video's frame rate. It accepts 23 to 60 frames a second.", "Export the video again at 30."
    ),
    "picture_size_check_failed": _media(
        "TikTok refused the size in pixels. Videos need 360 to 4096 pixels a side and a shape between 9:16 and 16:9, pictures at most 1080p.",
        "Publish one of another size.",
    ),
    "video_bitrate_check_failed": _media(
        "TikTok refused the video's bit rate.", "Export it again with a lower one, then publish that."
    ),
    "internal": FailReason(FailureEffect.AGAIN, "TikTok failed to process the post for an internal reason."),
    "video_pull_failed": FailReason(FailureEffect.AGAIN, "TikTok could not download the video."),
    "photo_pull_failed": FailReason(
        FailureEffect.AGAIN,
        "TikTok could not download the pictures.",
        "Check that PRESSWORK_PUBLIC_URL can be reached from the internet, then publish again.",
    ),
    "publish_cancelled": FailReason(
        FailureEffect.REJECTED,
        "The post was canceled at TikTok.",
        "Publish again if it is still wanted.",
        failure=FailureCode.CANCELED_BY_PLATFORM,
    ),
    "auth_removed": FailReason(
        FailureEffect.REJECTED,
        "The account's owner withdrew the permission while TikTok was processing the post; it did not go live.",
        _RECONNECT,
        failure=FailureCode.CREDENTIAL_INVALID,
    ),
    "spam_risk_too_many_posts": FailReason(
        FailureEffect.CAPPED, _DAY_CAP, _AFTER_A_DAY, failure=FailureCode.PLATFORM_RATE_LIMITED
    ),
    "spam_risk_user_banned_from_posting": _account_barred("spam_risk_user_banned_from_posting"),
    "spam_risk_text": _account_barred("spam_risk_text"),
    "spam_risk": _account_barred("spam_risk"),
}
"""Every reason that a status read returns for FAILED. Only here FAILED is final; the post did not go live."""


def fail_reason(name: str | None) -> FailReason:
    """Return the row for a reason; an unknown one counts as final."""
    if name is not None and name in FAIL_REASONS:
        return FAIL_REASONS[name]
    reason = f"Presswork does not know the reason {name}" if name else "TikTok gives no reason"
    return FailReason(
        FailureEffect.REJECTED,
        f"{reason}, so the post is not tried again.",
        "Check whether the TikTok app shows more, change the post, then publish again.",
    )


def post_ids(data: Mapping[str, JsonValue]) -> list[str]:
    """Return the public ids of a post, oldest first; empty until moderation is over and for posts that aren't public.

    The field is spelled `publicaly_available_post_id`; lists of numbers are documented, single values and strings occur.
    """
    value = data.get("publicaly_available_post_id", data.get("publicly_available_post_id"))
    values = value if isinstance(value, list) else [value]
    texts = (str(one) for one in values if isinstance(one, int | str) and not isinstance(one, bool))
    return [text for text in texts if text.isascii() and text.isdigit() and text.strip("0")]


def whole(value: JsonValue) -> int | None:
    """Return an integer that JSON contains as a number or as text (64-bit ones occur both ways); None for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else None
