"""TikTok's error codes and the reasons why a post failed, as tables.

Sources, read 2026-11: TikTok, "Content Posting API: Direct Post", "Photo Post", "Query Creator Info", "Get Post
Status" and "Media Transfer Guide" (codes, their HTTP status, fail reasons); TikTok, "OAuth error handling".
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from presswork.platforms.api_client import (
    Action,
    Brand,
    ErrorMeaning,
    at_least,
    bad_media,
    ineligible,
    rejected,
    unpermitted,
)
from presswork.platforms.errors import FailureCode
from presswork.platforms.tiktok.rules import DAY_CAP_RECHECK

TIKTOK: Final = Brand(name="TikTok")
OK: Final = "ok"
TOKEN_REFUSED: Final = "access_token_invalid"  # noqa: S105  an error code
MINUTE_WINDOW: Final = timedelta(seconds=60)
"""TikTok counts calls per account in a sliding minute and sends no Retry-After."""

_INVALID: Final = rejected(
    "TikTok refused the post's settings, caption or media description as invalid.", "Check them, then publish again."
)
_RECONNECT: Final = "Connect the account again, then publish again."
_DAY_CAP: Final = "The account has reached TikTok's cap on posts in 24 hours (about 15, those by other tools included)."
_AFTER_A_DAY: Final = "Publish again when some of its posts are older than 24 hours."

ERRORS: Final[Mapping[str, ErrorMeaning]] = {
    "invalid_param": _INVALID,
    "invalid_params": _INVALID,
    "invalid_file_upload": bad_media(
        "TikTok refused the video file.", "Export it again as MP4 (H.264) and publish that."
    ),
    "app_version_check_failed": ineligible(
        "The TikTok app on the account's phone is too old for this.", "Update it to 31.8 or newer, then publish again."
    ),
    "invalid_publish_id": rejected(
        "TikTok does not know this post's publish id (any more).",
        "Look at the account; publish again only if the post is not there.",
    ),
    "token_not_authorized_for_specified_publish_id": rejected(
        "TikTok reports that the post was started by another account than the one that is connected now.",
        "Look at both accounts; publish again only if the post is on neither.",
    ),
    TOKEN_REFUSED: ErrorMeaning(Action.RECONNECT, "TikTok no longer accepts this account's login.", _RECONNECT),
    "scope_not_authorized": ErrorMeaning(
        Action.RECONNECT,
        "The account has not allowed Presswork to post.",
        "Connect it again and leave the permission to post, and to upload drafts, ticked, then publish again.",
    ),
    "scope_permission_missed": ErrorMeaning(
        Action.RECONNECT,
        "The TikTok app or the account does not have the permission for this.",
        "Add the scopes video.publish (posts) and video.upload (drafts) to the app, connect the account again, "
        "then publish again.",
    ),
    "rate_limit_exceeded": ErrorMeaning(
        Action.THROTTLE, "TikTok's limit of calls a minute for this account is reached.", pause=at_least(MINUTE_WINDOW)
    ),
    "spam_risk_too_many_posts": ErrorMeaning(Action.THROTTLE, _DAY_CAP, _AFTER_A_DAY, pause=at_least(DAY_CAP_RECHECK)),
    "spam_risk_too_many_pending_share": ErrorMeaning(
        Action.REJECT,
        "The creator's TikTok inbox holds 5 drafts of the last 24 hours that are neither posted nor deleted, "
        "which is TikTok's cap (those by other tools count too).",
        "Ask the creator to post or delete one of them in the TikTok app, under Inbox; then publish again.",
        FailureCode.DELIVERY_FAILED,
    ),
    "reached_active_user_cap": ErrorMeaning(
        Action.THROTTLE,
        "The TikTok app has reached its daily cap on accounts that may post.",
        "Publish again tomorrow; request a higher cap in TikTok's developer portal.",
        pause=at_least(DAY_CAP_RECHECK),
    ),
    "spam_risk_user_banned_from_posting": ineligible(
        "TikTok has barred this account from posting.",
        "Its owner finds the reason in the TikTok app, under account status; publish again when the bar is lifted.",
    ),
    "spam_risk": rejected(
        "TikTok classified the post as spam.",
        "Change the content and publish again, or post it manually in the TikTok app.",
    ),
    "spam_risk_text": rejected(
        "TikTok classified the caption as spam or found a word in it that it does not allow.",
        "Change the caption, then publish again.",
    ),
    "unaudited_client_can_only_post_to_private_accounts": ineligible(
        "The TikTok app has not passed TikTok's audit, so it may only post to private accounts.",
        "Make the account private in the TikTok app, or have the app audited; then publish again.",
    ),
    "url_ownership_unverified": rejected(
        "TikTok only reads pictures from addresses that it has verified.",
        "Verify PRESSWORK_PUBLIC_URL under URL properties in TikTok's developer portal, then publish again.",
    ),
    "privacy_level_option_mismatch": rejected(
        "TikTok does not offer this privacyLevel to the account (any more): it may have turned private or public.",
        "Choose another privacyLevel, then publish again.",
    ),
    "publish_not_cancellable": rejected("TikTok can no longer cancel this post.", "Delete it in the TikTok app."),
    "internal_error": ErrorMeaning(Action.RETRY, "TikTok reported an internal error."),
}
"""Every error code that the posting endpoints document."""


_UNKNOWN: Final = rejected(
    "Presswork does not know this code and treats it as final.", "Fix what TikTok reports, then publish again."
)


SCOPE_REFUSED: Final = frozenset({"scope_not_authorized", "scope_permission_missed"})
"""The account, or the app, has not the permission that a call needs."""


def meaning_of(code: str | None, status: int) -> ErrorMeaning:
    """Return the row for a code, else by the HTTP status: 4xx is a refusal if the response is TikTok's own (it has a code).

    RETRY: the response does not prove that the call had no effect. It is not TikTok's own, a server error, or has an
    undocumented code on HTTP 200.
    """
    if (known := ERRORS.get(code or "")) is not None:
        return known
    if status == 429:
        return ERRORS["rate_limit_exceeded"]
    if code is None and status == 401:
        return ERRORS[TOKEN_REFUSED]
    return _UNKNOWN if code not in (None, OK) and 400 <= status < 500 else ERRORS["internal_error"]


def _recreate(sentence: str) -> ErrorMeaning:
    """Return the row for an error on TikTok's side: a new attempt may succeed."""
    return ErrorMeaning(Action.RECREATE, sentence, "Publish again later.")


FAIL_REASONS: Final[Mapping[str, ErrorMeaning]] = {
    "file_format_check_failed": bad_media(
        "TikTok can't use this file format.", "Publish an MP4, MOV or WebM video, or JPEG or WebP pictures."
    ),
    "duration_check_failed": bad_media(
        "TikTok refused the video's length for this account.", "Publish one of another length."
    ),
    "frame_rate_check_failed": bad_media(
        "TikTok refused the video's frame rate. It accepts 23 to 60 frames a second.", "Export the video again at 30."
    ),
    "picture_size_check_failed": bad_media(
        "TikTok refused the size in pixels. Videos need 360 to 4096 pixels a side and a shape between 9:16 and 16:9, pictures at most 1080p.",
        "Publish one of another size.",
    ),
    "video_bitrate_check_failed": bad_media(
        "TikTok refused the video's bit rate.", "Export it again with a lower one, then publish that."
    ),
    "internal": _recreate("TikTok failed to process the post for an internal reason."),
    "video_pull_failed": _recreate("TikTok could not download the video."),
    "photo_pull_failed": ErrorMeaning(
        Action.RECREATE,
        "TikTok could not download the pictures.",
        "Check that PRESSWORK_PUBLIC_URL can be reached from the internet, then publish again.",
    ),
    "publish_cancelled": ErrorMeaning(
        Action.REJECT,
        "The post was canceled at TikTok.",
        "Publish again if it is still wanted.",
        FailureCode.CANCELED_BY_PLATFORM,
    ),
    "auth_removed": unpermitted(
        "The account's owner withdrew the permission while TikTok was processing the post; it did not go live.",
        _RECONNECT,
    ),
    "spam_risk_too_many_posts": ERRORS["spam_risk_too_many_posts"],
    "spam_risk_user_banned_from_posting": ERRORS["spam_risk_user_banned_from_posting"],
    "spam_risk_text": ERRORS["spam_risk_text"],
    "spam_risk": ERRORS["spam_risk"],
}
"""Every reason that a status read returns for FAILED. Only here FAILED is final; the post did not go live.

RECREATE: a new attempt may succeed. THROTTLE: it may work later.
"""


def fail_reason(name: str | None) -> ErrorMeaning:
    """Return the row for a reason; an unknown one counts as final."""
    if name is not None and name in FAIL_REASONS:
        return FAIL_REASONS[name]
    reason = f"Presswork does not know the reason {name}" if name else "TikTok gives no reason"
    return rejected(
        f"{reason}, so the post is not tried again.",
        "Check whether the TikTok app shows more, change the post, then publish again.",
    )
