"""Issue codes of the options that only some platforms have."""

from enum import StrEnum

from presswork.core.errors import IssueCode


class OptionCode(StrEnum):
    """What is wrong with an option, or with the post that carries it: as public as `IssueCode`, and in the same table of docs/."""

    TRACK_ID_REQUIRED = "track_id_required"
    UNKNOWN_TRACK = "unknown_track"
    MUSIC_ON_DRAFT = "music_on_draft"
    NON_PUBLISH_MODE = "non_publish_mode"
    NON_INSTAGRAM_TARGET = "non_instagram_target"
    NON_TIKTOK_TARGET = "non_tiktok_target"
    NON_VIDEO_CONTAINER = "non_video_container"
    NON_IMAGE_CONTAINER = "non_image_container"
    STORY_MEDIA = "story_media"
    STORY_TEXT = "story_text"
    USER_TAG_POSITION = "user_tag_position"


def issue_code_of(text: str) -> IssueCode | OptionCode:
    """Return the issue code with this text. Raises ValueError where there is none."""
    return OptionCode(text) if text in set(OptionCode) else IssueCode(text)
