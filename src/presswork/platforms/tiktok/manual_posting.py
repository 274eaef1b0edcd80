"""How a person posts in TikTok's app, step by step."""

from typing import Final

from presswork.core.enums import MediaType
from presswork.platforms.manual_posting import ManualInstructions

MANUAL_INSTRUCTIONS: Final = ManualInstructions(
    title="TikTok",
    choose={
        MediaType.IMAGE: ("Tap +, then Upload, pick the picture and tap Next twice.",),
        MediaType.VIDEO: ("Tap +, then Upload, pick the video and tap Next twice.",),
        MediaType.MULTI: (
            "Tap +, then Upload, pick the pictures in their order (they become a slideshow) and tap Next twice.",
        ),
    },
    share="Tap Post.",
    comment="When the post is there, write the first comment below it.",
)
