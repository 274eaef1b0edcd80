"""What a target can request about threads of posts, whatever its platform."""

from typing import Final

from pydantic import Field, StrictBool

from presswork.core.enums import Mode
from presswork.platforms.options import OptionField, OptionModel, PostOptions

AUTO_SPLIT: Final = "autoSplit"
JOIN_PARTS: Final = "joinParts"


class AutoSplit(OptionModel):
    """Split a text that is too long for one post into a thread of posts, at sentences."""

    numbering: StrictBool | None = Field(
        title="Number the parts",
        default=None,
        description="Add the place of each part and their number, like 2/5. Default: no.",
    )


def joins_parts(options: PostOptions) -> bool:
    """Whether the parts of the content may go out as one text."""
    return options.document.get(JOIN_PARTS) is True


OPTIONS: Final = (
    OptionField(
        name=AUTO_SPLIT,
        platform=None,
        schema=AutoSplit,
        description="Splits a text that is longer than one post of the platform into a thread of posts, by the platform's own counting. "
        "Media and link stay with the first. For platforms with threads in the mode `publish`; has no effect on others.",
        modes=frozenset({Mode.PUBLISH}),
    ),
    OptionField(
        name=JOIN_PARTS,
        platform=None,
        schema=StrictBool,
        description="Publishes content with `parts` as one post where the platform has no threads: its texts with blank lines between "
        "them, and all media. Has no effect where parts are published as a thread.",
        modes=frozenset(Mode),
    ),
)
