"""What Pinterest accepts, as data: picture and video formats, and limits of texts.

Source: pinterest/api-description 5.23.0 (2025-12), `pins`; Pinterest's help pages for media; read 2026-12.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from presswork.core.enums import MediaType
from presswork.media.model import ContentType
from presswork.media.specs import ImageSpec, VideoSpec
from presswork.platforms import rules
from presswork.platforms.bounds import NONE_WITHIN
from presswork.platforms.errors import FailureCode
from presswork.platforms.findings import Findings, Problem, found
from presswork.platforms.limits import LimitSubject, cover_problem, pixels
from presswork.platforms.pinterest.options import MAX_SECONDS, settings_of
from presswork.platforms.port import Board, Draft
from presswork.platforms.rules import Formats, NumericLimit, Rules, Stated

MAX_ALT_TEXT: Final = 500
"""Characters of the alternative text, of which a Pin has one."""
IMAGE: Final = ImageSpec(
    accepts=frozenset({ContentType.JPEG, ContentType.PNG, ContentType.WEBP}), max_size_bytes=20_000_000
)
"""A picture: JPEG, PNG or WebP up to 20 MB."""
VIDEO: Final = VideoSpec(max_width=None, is_moov_first=False)
"""A video: H.264 or HEVC in MP4 or MOV."""


def _find_missing_board(draft: Draft) -> Iterator[Problem]:
    if settings_of(draft.options).board_id is None:
        sentence = "Each Pin belongs to a board. Choose one of the account's boards."
        yield Problem(FailureCode.PLATFORM_LIMIT, sentence, {"reason": "board_missing"})


def _find_other_size(draft: Draft) -> Iterator[Problem]:
    """Yield the first picture of another size than the one before all: Pinterest shows a carousel in one size."""
    first, *others = draft.media or (None,)
    for media in others:
        if first is not None and (media.width, media.height) != (first.width, first.height):
            sentence = (
                f"Picture {media.position + 1} is {pixels(media)}, and the first one is {pixels(first)}; Pinterest accepts one "
                "size for all. Crop it."
            )
            yield Problem(FailureCode.PLATFORM_LIMIT, sentence, {"reason": "picture_sizes", "item": media.position + 1})
            return


RULES: Final = Rules(
    platform="Pinterest",
    has_alt_texts=True,
    rules=(
        Stated(
            what="Board",
            limit="one of the account's",
            subject=LimitSubject.OPTIONS,
            check=_find_missing_board,
            within=NONE_WITHIN,  # each post needs an option
        ),
        NumericLimit(measure=rules.CHARACTERS, max=800),
        NumericLimit(measure=rules.ITEMS, min=2, max=5, advice="Take some out."),
        Stated(
            what="Size of pictures",
            limit="the same for all of a Pin",
            subject=LimitSubject.PICTURE,
            media_types=frozenset({MediaType.MULTI}),
            check=_find_other_size,
            within=NONE_WITHIN,
        ),
        NumericLimit(measure=rules.DURATION, min=4, max=MAX_SECONDS),
        NumericLimit(measure=rules.VIDEO_RATIO, min=0.5, max=1.91, tolerance=0.005),
        NumericLimit(measure=rules.SIZE, max=2_000_000_000),
        Stated(
            what="Cover frame",
            limit="within the video",
            subject=LimitSubject.OPTIONS,
            media_types=rules.VIDEOS,
            check=lambda draft: cover_problem(draft, settings_of(draft.options).cover_timestamp_ms),
        ),
        Formats(spec=IMAGE),
        Formats(spec=VIDEO),
    ),
)
"""All limits."""
BOUNDS: Final = RULES.bounds()
check: Final = RULES.check


def check_board(draft: Draft, boards: Sequence[Board]) -> Findings:
    """Check that a post is for one of the account's boards, all of which are given."""
    board_id = settings_of(draft.options).board_id
    if board_id is None or board_id in {board.id for board in boards}:
        return Findings()
    sentence = "The account has no board with the id of pinterestPostSettings.boardId. Choose another one."
    return found(Problem(FailureCode.PLATFORM_LIMIT, sentence, {"reason": "board_unknown", "value": board_id}))
