"""What Facebook Pages refuse, by code and subcode, in Graph's envelope.

Source: Meta, "Page Feed", "Page Photos", "Page Videos" and "Reels Publishing" (reference, errors), read 2026-11. Subcodes are
those that publishing clients match on; where they name no main code, 100 stands in front here. The words in quotation marks
of the real API are used where they are known.
"""

from typing import Final

from presswork_sandbox.instagram.errors import BAD_TOKEN, KNOWN, MISSING_OBJECT, Problem

_RULES: Final = "https://developers.facebook.com/docs/pages-api"


def parameter(message: str, subcode: int | None = None) -> Problem:
    """Return the refusal of a parameter: code 100."""
    return Problem(code=100, subcode=subcode, message=f"(#100) {message}")


def needs_permission(scope: str) -> Problem:
    """Return the refusal of a read for which a permission is missing."""
    return Problem(
        code=10,
        message=f"(#10) This endpoint requires the '{scope}' permission or the 'Page Public Content Access' feature."
        f" Refer to {_RULES} for details.",
    )


NOT_ALLOWED: Final = Problem(
    code=200,
    message="(#200) If posting to a page, requires both pages_read_engagement and pages_manage_posts as an admin with"
    " sufficient administrative permission",
)
OTHER_APP: Final = NOT_ALLOWED.about("(#200) Only the app that made a post can edit it")
COMMENTS_NOT_ALLOWED: Final = Problem(
    code=200,
    message="(#200) Permissions error: the pages_manage_engagement permission and the MODERATE task are required",
)
METADATA_NOT_ALLOWED: Final = COMMENTS_NOT_ALLOWED.about(
    "(#200) Permissions error: the pages_manage_metadata permission is required"
)
# The words of these two are not documented.
NOT_OWN_COMMENT: Final = COMMENTS_NOT_ALLOWED.about("(#200) Only the author of a comment can edit it")
NOT_TO_BE_HIDDEN: Final = COMMENTS_NOT_ALLOWED.about("(#200) This comment can't be hidden: can_hide is false")
# Newer Pages are said to answer code 190 with subcode 2069032 instead. Not confirmed; 210 is the documented one.
PAGE_TOKEN_NEEDED: Final = Problem(code=210, message="(#210) A page access token is required to request this resource.")
EMPTY_POST: Final = Problem(
    code=100,
    subcode=1349125,
    message="Invalid parameter",
    user_message="The post is empty. Please enter a message to share.",
)
OWN_LINK: Final = Problem(code=100, subcode=1609008, message="(#100) You cannot share a facebook.com link.")
INVALID_LINK: Final = Problem(code=100, subcode=2061006, message="(#100) The URL is invalid.")
DUPLICATE_MESSAGE: Final = Problem(code=506, message="(#506) Duplicate status message")
PHOTOS_USED: Final = Problem(
    code=100,
    subcode=1366051,
    message="Invalid parameter",
    user_message="These photos were already posted.",
)
PHOTO_GONE: Final = parameter("No unpublished photo of this Page has this id")
# What a second finish of a story answers is not documented, only that its video must be in no earlier post.
STORY_USED: Final = parameter("The video of this story was already posted")
PHOTO_REFUSED: Final = Problem(
    code=100,
    subcode=1366046,
    message="Invalid parameter",
    user_message="Your photos couldn't be uploaded. Photos should be smaller than 4 MB and saved as JPG, PNG, GIF, TIFF,"
    " HEIF or WebP files.",
)
NO_IMAGE: Final = Problem(code=324, subcode=2069019, message="(#324) Missing or invalid image file")
NOT_FETCHED: Final = Problem(code=389, message="(#389) Unable to fetch video file from URL.")
# Video errors: in the call where the file is at hand, otherwise in the status of the video.
BAD_VIDEO: Final = Problem(
    code=6000,
    subcode=1363024,
    message="There was a problem uploading your video file. Please try again with another file.",
)
VIDEO_TOO_SMALL: Final = Problem(
    code=382, message="(#382) The video file you tried to upload is too small. Please try again"
)
# What a finish answers before every byte is there is not documented. The subcode is one that Meta's own client names.
INCOMPLETE: Final = Problem(
    code=6000, subcode=1363030, message="There was a problem uploading your video: the upload is not complete."
)
WRONG_OFFSET: Final = Problem(
    code=6001, subcode=1363037, message="There was a problem uploading your video. Please try uploading it again."
)
UNKNOWN_SESSION: Final = Problem(code=6001, subcode=1363041, message="The upload session is invalid or has ended.")
# The limit of 30 is documented, its error is not: 341 is the code of limits on posting.
REELS_LIMIT: Final = Problem(code=341, message="(#341) Feed action request limit reached: 30 reels within 24 hours")

_ONLY_BY_FAULT: Final = (
    Problem(code=1, subcode=99, message="An unknown error occurred"),
    Problem(code=32, message="(#32) Page request limit reached"),
    Problem(
        code=80001, message="(#80001) There have been too many calls to this Page account. Wait a bit and try again."
    ),
    Problem(code=341, message="(#341) Feed action request limit reached"),
    Problem(code=368, message="(#368) The action attempted has been deemed abusive or is otherwise disallowed"),
    Problem(
        code=368, subcode=1390008, message="(#368) It looks like you were misusing this feature by going too fast."
    ),
    Problem(code=200, subcode=1346003, message="(#200) This content was reported as abusive."),
    Problem(code=200, subcode=1404102, message="(#200) This content goes against our Community Standards."),
    Problem(code=200, subcode=1404006, message="(#200) A security check is required."),
    Problem(code=200, subcode=1404112, message="(#200) Your account is limited for now."),
    Problem(code=200, subcode=4854002, message="(#200) Confirm your identity in the app."),
    Problem(code=200, subcode=1404078, message="(#200) Page Publishing Authorization is required."),
    Problem(code=2, subcode=1363047, message="Service temporarily unavailable"),
    Problem(code=2, subcode=1609010, message="Service temporarily unavailable"),
    Problem(
        code=190,
        subcode=460,
        message="Error validating access token: The session has been invalidated because the user"
        " changed their password or Facebook has changed the session for security reasons.",
    ),
    Problem(code=190, subcode=492, message="Error validating access token: The user has no role on the Page any more."),
    Problem(code=102, message="Session key invalid or no longer valid"),
)

KNOWN_TO_PAGES: Final = KNOWN | {
    (problem.code, problem.subcode): problem
    for problem in (
        *_ONLY_BY_FAULT,
        BAD_TOKEN,
        BAD_VIDEO,
        COMMENTS_NOT_ALLOWED,
        DUPLICATE_MESSAGE,
        EMPTY_POST,
        INCOMPLETE,
        INVALID_LINK,
        MISSING_OBJECT,
        NOT_ALLOWED,
        NOT_FETCHED,
        NO_IMAGE,
        OWN_LINK,
        PAGE_TOKEN_NEEDED,
        PHOTOS_USED,
        PHOTO_REFUSED,
        UNKNOWN_SESSION,
        VIDEO_TOO_SMALL,
        WRONG_OFFSET,
    )
}
"""The words that a platform_error fault has if its value names none."""
