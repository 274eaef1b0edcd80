"""How a person posts in Instagram's app, step by step."""

from typing import Final

from presswork.core.enums import MediaType
from presswork.platforms.manual_posting import ManualInstructions

MANUAL_INSTRUCTIONS: Final = ManualInstructions(
    title="Instagram",
    choose={
        MediaType.IMAGE: ("Tap +, choose Post, pick the picture and tap Next twice.",),
        MediaType.VIDEO: ("Tap +, choose Reel, pick the video and tap Next twice.",),
        MediaType.MULTI: (
            "Tap +, choose Post, tap Select, pick the pictures in their order (they become a carousel) and tap Next twice.",
        ),
    },
    share="Tap Share.",
    comment="When the post is there, write the first comment below it.",
)
