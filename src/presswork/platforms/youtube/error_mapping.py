"""Maps YouTube's error reasons to actions and explanations, as one table.

Source: Google, "YouTube Data API: Errors" and the error lists of `videos.insert`, `videos.update`, `videos.list`,
`channels.list`, `playlistItems.list`, `commentThreads.insert`, `thumbnails.set`, `playlistItems.insert` and `captions.insert`,
read 2026-11.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from presswork.platforms.api_client import (
    QUERY,
    TAG,
    Action,
    ErrorMeaning,
    JsonBrand,
    at_least,
    bad_media,
    ineligible,
    rejected,
    unknown_pause,
    unpermitted,
)
from presswork.platforms.youtube.rules import CHANNEL_RECHECK, DAY, MAX_DESCRIPTION_BYTES, TITLE_LIMIT, until_reset

YOUTUBE: Final = JsonBrand(name="YouTube", secrets=((re.compile(r"\b(?:ya29\.|1//|4/)[\w./-]{8,}"), "…"), QUERY, TAG))
_SHORT_WAIT: Final = timedelta(seconds=30)
"""First wait after a limit of calls in a short time, for which YouTube documents no length."""
_AGAIN: Final = "then publish again."
_RECONNECT: Final = "Connect the account again and leave every permission ticked, then publish again."
_AUDIT: Final = (
    "YouTube Studio says why, under Content; then publish again. If the operator's Google Cloud project has not passed YouTube's API "
    "compliance audit, ask Google whether it is still locked. Until then, publish with privacy private."
)


def _invalid_value(what: str, advice: str) -> ErrorMeaning:
    return rejected(f"YouTube does not accept {what}.", f"{advice}, {_AGAIN}")


def _account(sentence: str) -> ErrorMeaning:
    advice = "Open YouTube as this channel and do what it asks for, then publish again."
    return ineligible(sentence, advice)


_NO_CHANNEL: Final = ineligible(
    "The Google account has no YouTube channel.",
    "Create a channel at youtube.com, connect the account again, then publish again.",
)
TOKEN_REFUSED: Final = ErrorMeaning(
    Action.RECONNECT,
    "YouTube no longer accepts this account's access: it expired or was withdrawn.",
    "Connect the account again, then publish again. If this happens every week, the operator's Google app is in testing, where "
    "an access lasts 7 days: set it to “In production”.",
)
_MISSING_PERMISSION: Final = unpermitted(
    "The account did not give Presswork the permission that this needs.", _RECONNECT
)
_NOT_ENABLED: Final = rejected(
    "The YouTube Data API is not enabled in the operator's Google Cloud project.",
    "Enable “YouTube Data API v3” there under APIs and services, Library; then publish again.",
)
_INTERNAL: Final = ErrorMeaning(Action.RETRY, "YouTube had an internal error.")
_SERVER_ERROR: Final = ErrorMeaning(Action.RETRY, "The error is temporary.")
_SLOW_DOWN: Final = ErrorMeaning(
    Action.THROTTLE, "A limit is reached: YouTube accepts no more calls for a short time.", pause=at_least(_SHORT_WAIT)
)
QUOTA: Final = ErrorMeaning(
    Action.THROTTLE,
    "The quota of the operator's Google Cloud project, which all its accounts share, is used up until midnight Pacific time.",
    "Publish again after that; ask Google for more quota in the API compliance audit.",
    pause=lambda _, now: None if now is None else until_reset(now),
)
NOT_PUBLIC: Final = rejected(
    "YouTube keeps the video private. Until 1 November 2026 it did so with all videos of Google Cloud projects that had not passed its "
    "audit.",
    _AUDIT,
)
"""A video that stays private after a successful call that made it public or unlisted, or whose visibility was refused."""
COMMENT_GONE: Final = frozenset({"commentNotFound", "parentCommentNotFound"})
"""Reasons of calls about a comment that YouTube does not have any more."""
_NOT_COMMENTABLE: Final = "Write this comment manually on YouTube."

_COMMENT_MISSING: Final = rejected("YouTube does not have the comment any more.", "Look at the video.")

ERROR_MEANINGS: Final[Mapping[str, ErrorMeaning]] = {
    "accessNotConfigured": _NOT_ENABLED,
    "SERVICE_DISABLED": _NOT_ENABLED,
    "accountClosed": _account("The YouTube channel is closed."),
    "accountDelegationForbidden": _account("The person may not act for this YouTube channel."),
    "accountSuspended": _account("YouTube has suspended the channel."),
    "authError": TOKEN_REFUSED,
    "UNAUTHENTICATED": TOKEN_REFUSED,
    "authenticatedUserAccountClosed": _account("The person's YouTube account is closed."),
    "authenticatedUserAccountSuspended": _account("YouTube has suspended the person's account."),
    "authenticatedUserNotChannel": _NO_CHANNEL,
    "backendError": _INTERNAL,
    "badRequest": _invalid_value("the request", "Fix what it names"),
    "captionExists": _invalid_value("a second track with this language and name", "Send another name"),
    "channelClosed": _account("The YouTube channel is closed."),
    "channelNotFound": _NO_CHANNEL,
    "channelOrVideoIdMissing": _invalid_value("the comment without a video", _NOT_COMMENTABLE.removesuffix(".")),
    "channelSuspended": _account("YouTube has suspended the channel."),
    "commentNotFound": _COMMENT_MISSING,
    "commentTextRequired": _invalid_value("an empty comment", "Send one with text"),
    "commentTextTooLong": _invalid_value("a comment of this length", "Shorten it"),
    "commentsDisabled": rejected(
        "The video has no comments: they are turned off for it, for its channel, or because it is made for kids.",
        "Turn comments on in YouTube Studio, and write it there.",
    ),
    "contentRequired": bad_media("YouTube found no captions in the upload.", "Send another file."),
    "dailyLimitExceeded": QUOTA,
    "defaultLanguageNotSet": _invalid_value("translated texts without a default language", "Send defaultLanguage"),
    "failedPrecondition": ErrorMeaning(
        Action.WAIT, "The picture is too large, or YouTube still processes the video.", "Send a smaller picture."
    ),
    "forbidden": unpermitted("YouTube does not let Presswork do this for the channel.", _RECONNECT),
    "forbiddenEmbedSetting": _invalid_value("the choice of embeddable for this channel", "Omit it"),
    "forbiddenLicenseSetting": _invalid_value("the license for this channel", "Omit it"),
    "forbiddenPrivacySetting": NOT_PUBLIC,
    "imageFormatUnsupported": bad_media("YouTube does not accept the picture's format.", "Send a JPEG or PNG."),
    "imageTooTall": bad_media("The picture is too tall for YouTube.", "Send one of 1280 × 720 pixels."),
    "imageTooWide": bad_media("The picture is too wide for YouTube.", "Send one of 1280 × 720 pixels."),
    "ineligibleAccount": ineligible(
        "YouTube does not let this channel comment: its person has not set YouTube up completely.",
        "Sign in to youtube.com as the channel and write a comment there once.",
    ),
    "insufficientPermissions": _MISSING_PERMISSION,
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": _MISSING_PERMISSION,
    "internalError": _INTERNAL,
    "invalidCategoryId": _invalid_value("the category", "Send another categoryId, or omit it"),
    "invalidCommentMetadata": _invalid_value("the comment", "Change its text"),
    "invalidCommentThreadMetadata": _invalid_value("the comment", "Change its text"),
    "invalidDescription": _invalid_value(
        "the description", f"Change the caption: at most {MAX_DESCRIPTION_BYTES:,} bytes, without < and >"
    ),
    "invalidFilename": _invalid_value("the file name", "Rename the file"),
    "invalidImage": bad_media("YouTube can't read the picture.", "Send another one."),
    "invalidMetadata": _invalid_value("the video's details", "Fix what it names"),
    "invalidPublishAt": _invalid_value("the time of publication", "Omit it"),
    "invalidRecordingDetails": _invalid_value("the recording details", "Omit them"),
    "invalidTags": _invalid_value("the tags", "Send fewer or shorter ones, without < and >"),
    "invalidTitle": _invalid_value("the title", f"Send one of 1 to {TITLE_LIMIT} characters, without < and >"),
    "invalidVideoGameRating": _invalid_value("the rating", "Omit it"),
    "invalidVideoMetadata": _invalid_value("the video's details", "Send a title and a valid categoryId"),
    "manualSortRequired": rejected("The playlist sorts itself, so no position can be set.", "Sort it manually."),
    "mediaBodyRequired": bad_media("YouTube found no file in the upload.", "Publish another file."),
    "nameTooLong": _invalid_value("a track with a name of this length", "Shorten it"),
    "operationNotSupported": rejected("YouTube does not support comments on this video.", _NOT_COMMENTABLE),
    "parentCommentIsPrivate": rejected("The comment is not public, so it can't be answered.", _NOT_COMMENTABLE),
    "parentCommentNotFound": _COMMENT_MISSING,
    "playlistContainsMaximumNumberOfVideos": rejected(
        "The playlist is full.", "Take videos out of it, or choose another playlist."
    ),
    "playlistItemsNotAccessible": rejected(
        "The playlist is not one that this channel can change.", "Choose one of the channel's own playlists."
    ),
    "playlistNotFound": rejected(
        "The playlist does not exist any more, or belongs to another channel.",
        "Choose one of the channel's own playlists.",
    ),
    "processingFailure": rejected("YouTube could not process the comment.", _NOT_COMMENTABLE),
    "quotaExceeded": QUOTA,
    "rateLimitExceeded": _SLOW_DOWN,
    "RESOURCE_EXHAUSTED": _SLOW_DOWN,
    "UNAVAILABLE": _INTERNAL,
    "uploadLimitExceeded": ErrorMeaning(
        Action.THROTTLE,
        "The channel has uploaded as many videos as YouTube lets it within 24 hours, those by other tools included.",
        "Publish again a day later; YouTube raises the limit of channels that are verified and have a history.",
        pause=unknown_pause,
        first_wait=CHANNEL_RECHECK,
        at_latest=DAY,
    ),
    "uploadRateLimitExceeded": _SLOW_DOWN,
    "userRateLimitExceeded": _SLOW_DOWN,
    "videoNotFound": rejected(
        "YouTube does not find the video: it was deleted, or is not visible yet.",
        "Look at the channel; publish again only if the video is not there.",
    ),
    "youtubeSignupRequired": _NO_CHANNEL,
}
"""Every documented reason, and the statuses of Google's newer envelope, by name."""

UNKNOWN: Final = rejected(
    "Presswork does not know this reason and treats it as final.", "Fix what YouTube names, then publish again."
)
"""Fallback for a reason that is not documented."""
SUSPENDED: Final = ineligible(
    "Google has suspended the Google Cloud project by which the channel is connected.",
    "Open the project at console.cloud.google.com and appeal there, then publish again.",
)
"""A project that Google has suspended; its reason is the one of other refusals, so that only the message identifies it."""
_PER_DAY: Final = "per day"
"""In the message of Google's newer envelope for a quota of a day, which shares its reason with short limits."""


def meaning_of(reason: str, status: int, message: str = "") -> ErrorMeaning:
    """Return the row for an error: a server error by its status, else by its reason, else by the HTTP status."""
    if status >= 500:
        return _SERVER_ERROR
    if "consumer '" in message.lower() and "has been suspended" in message.lower():
        return SUSPENDED
    found = ERROR_MEANINGS.get(reason)
    if found is _SLOW_DOWN and _PER_DAY in message.lower():
        return QUOTA
    if found is not None and found is not ERROR_MEANINGS["badRequest"]:
        return found
    if status == 401:
        return TOKEN_REFUSED
    if status == 429:
        return _SLOW_DOWN
    if status == 408:
        return _INTERNAL
    return found or UNKNOWN


def _rule(sentence: str) -> ErrorMeaning:
    return bad_media(sentence, "See YouTube Studio for the details, and publish another video.")


_OTHER_FILE: Final = "Export the video again as MP4 (H.264 and AAC) and publish that."
VIDEO_FAILURES: Final[Mapping[str, ErrorMeaning]] = {
    # failureReason
    "codec": bad_media("YouTube does not support the video's codec.", _OTHER_FILE),
    "conversion": bad_media("YouTube could not convert the video.", _OTHER_FILE),
    "emptyFile": bad_media("YouTube found the video file empty.", "Publish another file."),
    "invalidFile": bad_media("YouTube does not support the video's file format.", _OTHER_FILE),
    "tooSmall": bad_media("YouTube found the video file too small.", "Publish another file."),
    "uploadAborted": bad_media("YouTube reports that the upload was aborted.", "Publish again."),
    # rejectionReason
    "claim": _rule("YouTube rejected the video because of a claim on its content."),
    "copyright": _rule("YouTube rejected the video because of a copyright infringement."),
    "duplicate": _rule("YouTube rejected the video because the channel has the same one already."),
    "inappropriate": _rule("YouTube rejected the video because it finds its content inappropriate."),
    "legal": _rule("YouTube rejected the video for legal reasons."),
    "length": bad_media(
        "YouTube rejected the video because it is longer than the channel may upload.",
        "Verify the channel at youtube.com/verify, or publish a shorter video.",
    ),
    "termsOfUse": _rule("YouTube rejected the video because it violates its terms of use."),
    "trademark": _rule("YouTube rejected the video because of a trademark infringement."),
    "uploaderAccountClosed": _account("YouTube rejected the video because the channel is closed."),
    "uploaderAccountSuspended": _account("YouTube rejected the video because the channel is suspended."),
}
"""Every `failureReason` and `rejectionReason` of a video. Source: Google, "Videos" (resource), read 2026-11."""


def video_failure(reason: str | None) -> ErrorMeaning:
    """Return the row for the reason of a failed or rejected video."""
    if reason is not None and reason in VIDEO_FAILURES:
        return VIDEO_FAILURES[reason]
    named = f"for the reason {reason}, which Presswork does not know" if reason else "and gives no reason"
    return _rule(f"YouTube did not accept the video {named}.")
