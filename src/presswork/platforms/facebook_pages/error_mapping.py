"""Maps Facebook's own error codes to actions and explanations, as one table; Graph's are in `graph/error_table.py`.

Source: Meta, "Page posts", "Page Photos", "Page Videos" and "Error Codes" (Video API), read 2026-11. Subcodes that stand without
a code were seen by other publishers (2026-08), with different codes before them, mostly 100 and 200.
"""

from collections.abc import Mapping
from typing import Final

from presswork.platforms.api_client import Action, ErrorMeaning, bad_media, rejected
from presswork.platforms.errors import FailureCode
from presswork.platforms.graph.client import Brand
from presswork.platforms.graph.error_table import OTHER_FILE, PERMISSION, REACHABLE, Codes, ErrorTable

OUT_OF_STEP: Final = 1363037
"""The subcode with which an upload in chunks refuses the wrong offset; the right one is in `error_data`."""
_OTHER_TEXT: Final = "Change the post, then publish again."
_MEDIA_ADVICE: Final = "Publish an MP4 with H.264 video and AAC sound."


def _final(sentence: str, advice: str, fails_as: FailureCode | None = None) -> ErrorMeaning:
    """Return a row for a refusal that is permanent, and proof that nothing went live."""
    return ErrorMeaning(Action.REJECT, sentence, advice, fails_as, proves_nothing_live=True)


def _person_must_act(sentence: str, advice: str) -> ErrorMeaning:
    return _final(sentence, f"{advice} Then publish again.", FailureCode.ACCOUNT_NOT_ELIGIBLE)


def _limit(sentence: str) -> ErrorMeaning:
    return ErrorMeaning(Action.THROTTLE, sentence, proves_nothing_live=True)


PUBLISHED_BEFORE: Final = rejected(
    "Facebook has posted these pictures already.",
    "See on the Page whether the post is there, before you publish again.",
)
"""A picture that was uploaded for one post can be posted once: an earlier call worked."""
DUPLICATE: Final = rejected(
    "Facebook refused the post because one with the same text was posted shortly before.",
    "See on the Page whether the post is there; otherwise change the text, then publish again.",
)
"""It may be the effect of an earlier call, so it is looked up first."""
PROCESSING: Final = ErrorMeaning(Action.RECREATE_LIMITED, "Facebook could not process the video.", OTHER_FILE)
"""A video that ends in an error, whose codes are not documented."""

_ROWS: Final[Mapping[Codes, ErrorMeaning]] = {
    (1, 99): ErrorMeaning(Action.RETRY, "Facebook had an unspecified internal error."),
    (PERMISSION, None): _final(
        "The account did not give Presswork the permission that this needs, or the person has lost the task on the Page.",
        "Connect it again with a person who may create content on the Page, leave every permission ticked, then publish again.",
        FailureCode.CREDENTIAL_INVALID,
    ),
    (100, None): _final("Facebook refused the request as invalid.", "Fix what it names, then publish again."),
    (324, None): ErrorMeaning(Action.RECREATE_LIMITED, "Facebook got no picture from Presswork.", REACHABLE),
    (341, None): _limit("A limit is reached: Facebook accepts no more posts from this Page for now."),
    (382, None): bad_media("The video is too small for Facebook.", "Publish a larger one."),
    (389, None): ErrorMeaning(Action.RECREATE_LIMITED, "Facebook could not fetch the media from Presswork.", REACHABLE),
    (506, None): DUPLICATE,
    (6000, None): ErrorMeaning(Action.RECREATE_LIMITED, "Facebook could not take the video in.", OTHER_FILE),
    (6001, None): ErrorMeaning(Action.RECREATE_LIMITED, "Facebook could not take the video in.", OTHER_FILE),
    (None, 1346003): _final("Facebook judged the content to be abusive.", _OTHER_TEXT),
    (None, 1349125): _final("Facebook refused the content of the post.", _OTHER_TEXT),
    (None, 1363005): _final(
        "The person may not edit videos of this Page.",
        "Connect it again with a person who may create content on the Page, then publish again.",
        FailureCode.CREDENTIAL_INVALID,
    ),
    (None, 1363019): ErrorMeaning(Action.RETRY, "Facebook had a problem with the upload of the video."),
    (None, 1363021): ErrorMeaning(Action.RETRY, "Facebook had a problem with the upload of the video."),
    (None, 1363022): bad_media("The video is smaller than the 1 kB that Facebook accepts.", "Publish another file."),
    (None, 1363023): bad_media("The video is larger than Facebook accepts.", "Publish a smaller file."),
    (None, 1363024): bad_media("Facebook does not accept this video format.", _MEDIA_ADVICE),
    (None, 1363030): ErrorMeaning(Action.RETRY, "The upload of the video took Facebook too long."),
    (None, 1363031): bad_media("Facebook found no video in the file.", _MEDIA_ADVICE),
    (None, 1363033): ErrorMeaning(Action.RETRY, "Facebook got a part of the video only."),
    (None, OUT_OF_STEP): ErrorMeaning(Action.RECREATE, "Facebook has another part of the video than was expected."),
    (None, 1363041): ErrorMeaning(Action.RECREATE, "Facebook does not know this upload any more."),
    (None, 1363042): _final(
        "The person may not upload videos to this Page.",
        "Connect it again with a person who may create content on the Page, then publish again.",
        FailureCode.CREDENTIAL_INVALID,
    ),
    (None, 1363047): ErrorMeaning(Action.RETRY, "Facebook is not available for a short time."),
    (None, 1366046): bad_media(
        "The picture is larger than the 4 MB that Facebook accepts, or in another format.", "Publish another file."
    ),
    (None, 1366051): PUBLISHED_BEFORE,
    (None, 1390008): _limit("Facebook finds that this Page posts too fast."),
    (None, 1404006): _person_must_act(
        "Facebook wants a security check.", "Log in to Facebook as this person and pass it."
    ),
    (None, 1404078): _person_must_act(
        "The Page needs Facebook's Page Publishing Authorization.",
        "Complete it in the settings of the Page, under Page quality.",
    ),
    (None, 1404102): _final("Facebook found that the content violates its Community Standards.", _OTHER_TEXT),
    (None, 1404112): _person_must_act(
        "Facebook has limited this account for some days.", "See in the Facebook app what it asks for, and do it."
    ),
    (None, 1609008): _final(
        "Facebook accepts no such link to facebook.com in a post.", "Remove it, then publish again."
    ),
    (None, 1609010): ErrorMeaning(Action.RETRY, "Facebook is not available for a short time."),
    (None, 2061006): _final("The text has a link that Facebook does not accept.", "Fix it, then publish again."),
    (None, 2069019): bad_media("Facebook does not accept this file.", "Publish another file."),
    (None, 4854002): _person_must_act(
        "Facebook wants the person to confirm their identity.", "Log in to Facebook as this person and do it."
    ),
}
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
