"""Maps Instagram's own error codes to actions and explanations, as one table; Graph's are in `graph/error_table.py`.

Source: Meta, "Instagram Platform error codes", "Handle errors" and the reference pages of media and media_publish,
read 2026-11; codes that are missing there (20/1772107, 2207076, 2207077, 2207081, 2207082, 2207085) were seen in logs of other
publishers.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from presswork.platforms.api_client import Action, ErrorMeaning, bad_media, rejected, unknown_pause
from presswork.platforms.errors import FailureCode
from presswork.platforms.graph.client import Brand
from presswork.platforms.graph.error_table import EXPIRED_CONTAINER, OTHER_FILE, REACHABLE, Codes, ErrorTable
from presswork.platforms.instagram.rules import MAX_CHARACTERS, MAX_PICTURE_BYTES, MAX_RATIO
from presswork.platforms.limits import megabytes

_LATER: Final = "Publish again later."
_TAGS: Final = "Correct or remove them, then publish again."
FATAL: Final = 2207085
FATAL_FOR_NOW: Final = ErrorMeaning(
    Action.WAIT,
    "Instagram ended with an internal error that it calls fatal. In July 2026 it answered every deletion so, for weeks.",
    pause=unknown_pause,
    first_wait=timedelta(hours=6),
)
"""The subcode FATAL where a post is deleted. It was repaired by 2026-08-16, as other publishers report."""

_ROWS: Final[Mapping[Codes, ErrorMeaning]] = {
    (-2, 2207003): ErrorMeaning(Action.RECREATE_LIMITED, "Instagram could not download the media in time.", OTHER_FILE),
    (-2, 2207020): EXPIRED_CONTAINER,
    (-1, 2207001): ErrorMeaning(Action.RETRY, "Instagram had an internal error."),
    (-1, 2207032): ErrorMeaning(Action.RETRY, "Instagram could not accept the upload."),
    (-1, 2207053): ErrorMeaning(Action.RECREATE_LIMITED, "Instagram could not take the video in.", OTHER_FILE),
    (1, 2207057): bad_media(
        "The requested cover frame lies outside the video.", "Choose one within the video, then publish again."
    ),
    (9, 2207042): ErrorMeaning(
        Action.THROTTLE,
        "The account has used up the posts that Instagram lets it publish within 24 hours.",
        "Publish again when some of its posts are older than 24 hours.",
        proves_nothing_live=True,
    ),
    (20, 1772107): ErrorMeaning(Action.RETRY, "Instagram reported an error, but may have done what it was asked."),
    (24, 2207006): ErrorMeaning(
        Action.RECREATE,
        "Instagram does not find what was uploaded for this post.",
        "Publish again; if it happens again, connect the account again first.",
    ),
    (24, 2207008): ErrorMeaning(
        Action.RECREATE, "Instagram does not find what was uploaded for this post, or it expired.", _LATER
    ),
    (25, 2207050): ErrorMeaning(
        Action.REJECT,
        "Instagram has restricted this account, or it is inactive.",
        "Open the Instagram app as this account, do what it asks for, then publish again.",
        fails_as=FailureCode.ACCOUNT_NOT_ELIGIBLE,
        proves_nothing_live=True,
    ),
    (100, 2207023): rejected("Instagram does not know this kind of post.", "Report it to the Presswork project."),
    (100, 2207028): rejected("A carousel needs 2 to 10 items.", "Change the number of items, then publish again."),
    (100, 2207035): rejected("The position of the product tags is wrong.", _TAGS),
    (100, 2207036): rejected("Product tags need a picture.", _TAGS),
    (100, 2207037): rejected("A product that is tagged is not valid.", _TAGS),
    (100, 2207040): rejected(
        "The caption names more than 20 accounts.", "Take some of the @ mentions out, then publish again."
    ),
    (352, 2207026): bad_media(
        "Instagram does not accept this video format.", "Publish an MP4 or MOV with H.264 video and AAC sound."
    ),
    (9007, 2207027): ErrorMeaning(Action.RETRY, "Instagram is not done with the media yet.", proves_nothing_live=True),
    (36000, 2207004): bad_media(
        f"The picture is larger than the {megabytes(MAX_PICTURE_BYTES)} that Instagram accepts.",
        "Publish a smaller file.",
    ),
    (36001, 2207005): bad_media("Instagram does not accept this picture format.", "Publish a JPEG."),
    (36003, 2207009): bad_media(
        f"The picture is too tall or too wide: Instagram accepts 4:5 (tall) to {MAX_RATIO}:1 (wide).",
        "Crop it, then publish again.",
    ),
    (36004, 2207010): rejected(
        f"The caption is longer than Instagram's {MAX_CHARACTERS:,} characters.", "Shorten it, then publish again."
    ),
    (None, 2207076): bad_media("Instagram could not process the media.", OTHER_FILE),
    (None, 2207077): bad_media("Instagram could not download the video.", REACHABLE),
    (None, 2207081): bad_media("This account may not post trial reels.", "Publish it as an ordinary reel."),
    (None, 2207082): ErrorMeaning(
        Action.RECREATE_LIMITED,
        "Instagram could not take the video in. Videos whose shorter side is under 640 pixels often end so.",
        "Publish a larger video.",
    ),
    (None, FATAL): ErrorMeaning(
        Action.RECREATE_LIMITED,
        "Instagram ended with an internal error that it calls fatal; the next upload usually succeeds.",
        OTHER_FILE,
    ),
}
"""What Graph's own rows do not cover, sorted by code."""

NOT_BUSINESS: Final = ErrorMeaning(
    Action.REJECT,
    "Instagram lets programs publish to business and creator accounts only, and this one is personal.",
    "Turn it into a professional account in the Instagram app, connect it again, then publish again.",
    fails_as=FailureCode.ACCOUNT_NOT_ELIGIBLE,
    proves_nothing_live=True,
)
"""A personal account; recognized by its message, since its code is not documented."""

INSTAGRAM: Final = Brand(
    name="Instagram", errors=ErrorTable("Instagram", _ROWS, by_message={"not an instagram business": NOT_BUSINESS})
)
"""Instagram, as the shared code of Graph's platforms names it and reads its errors."""
