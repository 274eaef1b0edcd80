"""What the parameters of a post say about it, in words for a page; each platform's folder reads its own."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A tagged account, and where it is on the picture, in percent; None where it has no place."""

    username: str
    left: float | None = None
    top: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkCard:
    """The page that a post links to, as it is shown below the text."""

    url: str
    title: str = ""
    description: str = ""
    picture: int | None = None  # number of an asset


@dataclass(slots=True, kw_only=True)
class Details:
    """What the parameters of a post say."""

    title: str = ""
    labels: list[str] = field(default_factory=list)
    collaborators: list[str] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)
    alts: list[str] = field(default_factory=list)
    tags: list[list[Tag]] = field(default_factory=list)
    cover_asset: int | None = None
    cover_index: int | None = None
    link: LinkCard | None = None


def frame_at(milliseconds: int) -> str:
    """Return the words for a frame of a video as its cover."""
    return f"The frame at {milliseconds / 1000:g} s"
