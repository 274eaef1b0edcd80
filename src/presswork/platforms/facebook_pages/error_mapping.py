"""Maps Facebook's own error codes to actions and explanations, as one table; Graph's are in `graph/error_table.py`.

Source: Meta, "Page posts", "Page Photos", "Page Videos" and "Error Codes" (Video API), read 2026-11. Subcodes that stand without
a code were seen by other publishers (2026-08), with different codes before them, mostly 100 and 200.
"""

from typing import Final

from presswork.platforms.api_client import Action
from presswork.platforms.errors import FailureCode
from presswork.platforms.graph.client import Brand
from presswork.platforms.graph.error_table import (
    OTHER_FILE,
    PERMISSION,
    REACHABLE,
    Codes,
    ErrorTable,
    Row,
    bad_media,
    row,
)

OUT_OF_STEP: Final = 1363037
"""The subcode with which an upload in chunks refuses the wrong offset; the right one is in `error_data`."""
_OTHER_TEXT: Final = "Change the post, then publish again."
_MEDIA_ADVICE: Final = "Publish an MP4 with H.264 video and AAC sound."


def _final(codes: Codes, sentence: str, advice: str, fails_as: FailureCode | None = None) -> Row:
    """Return a row for a refusal that is permanent, and proof that nothing went live."""
    return row(codes, Action.REJECT, sentence, advice, fails_as, proves_nothing_live=True)


def _person_must_act(subcode: int, sentence: str, advice: str) -> Row:
    return _final((None, subcode), sentence, f"{advice} Then publish again.", FailureCode.ACCOUNT_NOT_ELIGIBLE)


def _limit(codes: Codes, sentence: str) -> Row:
    return row(codes, Action.THROTTLE, sentence, proves_nothing_live=True)


def _may_pass(codes: Codes, sentence: str) -> Row:
    """Return a row for an error of an upload after which the same call may succeed."""
    return row(codes, Action.RETRY, sentence)


PUBLISHED_BEFORE: Final = row(
    (None, 1366051),
    Action.REJECT,
    "Facebook has posted these pictures already.",
    "See on the Page whether the post is there, before you publish again.",
)
"""A picture that was uploaded for one post can be posted once: an earlier call worked."""
DUPLICATE: Final = row(
    (506, None),
    Action.REJECT,
    "Facebook refused the post because one with the same text was posted shortly before.",
    "See on the Page whether the post is there; otherwise change the text, then publish again.",
)
"""It may be the effect of an earlier call, so it is looked up first."""
PROCESSING: Final = Row(Action.RECREATE_LIMITED, "Facebook could not process the video.", OTHER_FILE)
"""A video that ends in an error, whose codes are not documented."""

_ROWS: Final[tuple[Row, ...]] = (
    row((1, 99), Action.RETRY, "Facebook had an unspecified internal error."),
    _final(
        (PERMISSION, None),
        "The account did not give Presswork the permission that this needs, or the person has lost the task on the Page.",
        "Connect it again with a person who may create content on the Page, leave every permission ticked, then publish again.",
        FailureCode.CREDENTIAL_INVALID,
    ),
    _final((100, None), "Facebook refused the request as invalid.", "Fix what it names, then publish again."),
    row((324, None), Action.RECREATE_LIMITED, "Facebook got no picture from Presswork.", REACHABLE),
    _limit((341, None), "A limit is reached: Facebook accepts no more posts from this Page for now."),
    bad_media((382, None), "The video is too small for Facebook.", "Publish a larger one."),
    row((389, None), Action.RECREATE_LIMITED, "Facebook could not fetch the media from Presswork.", REACHABLE),
    DUPLICATE,
    row((6000, None), Action.RECREATE_LIMITED, "Facebook could not take the video in.", OTHER_FILE),
    row((6001, None), Action.RECREATE_LIMITED, "Facebook could not take the video in.", OTHER_FILE),
    _final((None, 1346003), "Facebook judged the content to be abusive.", _OTHER_TEXT),
    _final((None, 1349125), "Facebook refused the content of the post.", _OTHER_TEXT),
    _final(
        (None, 1363005),
        "The person may not edit videos of this Page.",
        "Connect it again with a person who may create content on the Page, then publish again.",
        FailureCode.CREDENTIAL_INVALID,
    ),
    _may_pass((None, 1363019), "Facebook had a problem with the upload of the video."),
    _may_pass((None, 1363021), "Facebook had a problem with the upload of the video."),
    bad_media((None, 1363022), "The video is smaller than the 1 kB that Facebook accepts.", "Publish another file."),
    bad_media((None, 1363023), "The video is larger than Facebook accepts.", "Publish a smaller file."),
    bad_media((None, 1363024), "Facebook does not accept this video format.", _MEDIA_ADVICE),
    _may_pass((None, 1363030), "The upload of the video took Facebook too long."),
    bad_media((None, 1363031), "Facebook found no video in the file.", _MEDIA_ADVICE),
    _may_pass((None, 1363033), "Facebook got a part of the video only."),
    row((None, OUT_OF_STEP), Action.RECREATE, "Facebook has another part of the video than was expected."),
    row((None, 1363041), Action.RECREATE, "Facebook does not know this upload any more."),
    _final(
        (None, 1363042),
        "The person may not upload videos to this Page.",
        "Connect it again with a person who may create content on the Page, then publish again.",
        FailureCode.CREDENTIAL_INVALID,
    ),
    _may_pass((None, 1363047), "Facebook is not available for a short time."),
    bad_media(
        (None, 1366046),
        "The picture is larger than the 4 MB that Facebook accepts, or in another format.",
        "Publish another file.",
    ),
    PUBLISHED_BEFORE,
    _limit((None, 1390008), "Facebook finds that this Page posts too fast."),
    _person_must_act(1404006, "Facebook wants a security check.", "Log in to Facebook as this person and pass it."),
    _person_must_act(
        1404078,
        "The Page needs Facebook's Page Publishing Authorization.",
        "Complete it in the settings of the Page, under Page quality.",
    ),
    _final((None, 1404102), "Facebook found that the content violates its Community Standards.", _OTHER_TEXT),
    _person_must_act(
        1404112,
        "Facebook has limited this account for some days.",
        "See in the Facebook app what it asks for, and do it.",
    ),
    _final(
        (None, 1609008), "Facebook accepts no such link to facebook.com in a post.", "Remove it, then publish again."
    ),
    _may_pass((None, 1609010), "Facebook is not available for a short time."),
    _final((None, 2061006), "The text has a link that Facebook does not accept.", "Fix it, then publish again."),
    bad_media((None, 2069019), "Facebook does not accept this file.", "Publish another file."),
    _person_must_act(
        4854002, "Facebook wants the person to confirm their identity.", "Log in to Facebook as this person and do it."
    ),
)
"""What Graph's own rows do not cover, sorted by code."""

FACEBOOK: Final = Brand(
    name="Facebook",
    errors=ErrorTable(
        "Facebook",
        _ROWS,
        by_message={
            "these photos were already posted": PUBLISHED_BEFORE,
            "already posted this": DUPLICATE,  # code 368 with this message is not a block
        },
    ),
)
"""Facebook, as the shared code of Graph's platforms names it and reads its errors."""
