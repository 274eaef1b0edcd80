"""Instructions for manual posting: the steps, and the text messages that deliver them to a phone. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from presswork.core.enums import MediaType
from presswork.media.link_card import LinkCard
from presswork.platforms.description import ManualInstructions
from presswork.platforms.sms_port import LONGEST_BODY, length_of

LINK_ROOM: Final = 300
"""UTF-16 units reserved for the page's URL, so that the length is known before the URL is."""
LONGEST_HANDLE: Final = 30
_WHAT: Final[Mapping[MediaType, str]] = {
    MediaType.IMAGE: "the picture",
    MediaType.VIDEO: "the video",
    MediaType.MULTI: "all pictures",
    MediaType.MIXED: "all pictures and videos",
    MediaType.DOCUMENT: "the PDF",
}
_BEGIN: Final[Mapping[MediaType, str]] = {
    MediaType.IMAGE: "A picture",
    MediaType.VIDEO: "A video",
    MediaType.MULTI: "Pictures",
    MediaType.MIXED: "Pictures and videos",
    MediaType.DOCUMENT: "A PDF",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualPost:
    """The properties of a post that determine the steps."""

    media_type: MediaType
    caption: str
    first_comment: str | None
    is_attached: bool
    """Whether the media are attached to the message."""


def text_to_paste(caption: str, link: LinkCard | None) -> str:
    """Return what a person pastes into an app: the caption, and below it the link, unless it stands there already."""
    if link is None or link.url in caption:
        return caption
    return f"{caption}\n\n{link.url}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftText:
    """The text of a draft, and which parts did not fit."""

    body: str
    is_caption_left_out: bool
    is_comment_left_out: bool


def steps_of(
    instructions: ManualInstructions, post: ManualPost, *, handle: str | None = None, place: str | None = None
) -> Sequence[str]:
    """Return the steps in order. `handle` is the account to post as, `place` where the media can be saved."""
    place = place or ("that came with this text" if post.is_attached else "from the page behind the link")
    what = _WHAT.get(post.media_type)
    steps = [] if what is None else [f"Save {what} {place}."]
    steps.append(f"Open {instructions.title}{f' as {instructions.account(handle)}' if handle else ''}.")
    steps += instructions.choose.get(post.media_type, ())
    if post.caption:
        steps.append("Paste the caption." if what else "Paste the text.")
    steps.append(instructions.share)
    if post.first_comment:
        steps.append(instructions.comment)
    return steps


def numbered(steps: Sequence[str]) -> str:
    """Format steps as numbered lines."""
    return "\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1))


def draft_text(
    instructions: ManualInstructions, post: ManualPost, *, handle: str, reference: str, link: str
) -> DraftText:
    """Return the single text of a draft: steps, caption, first comment and link.

    What exceeds LONGEST_BODY is only on the page, and the text says so: the first comment is omitted first, then the
    caption.
    """
    head = f"{instructions.title} draft for {instructions.account(handle)} ({reference})\n\n{numbered(steps_of(instructions, post, handle=handle))}"
    tail = f"\n\nTo save and copy everything: {link}"
    room = LONGEST_BODY - length_of(head) - length_of(tail) - max(0, LINK_ROOM - length_of(link))
    caption, is_caption_left_out = _part("Caption", post.caption, room)
    comment, is_comment_left_out = _part("First comment", post.first_comment or "", room - length_of(caption))
    return DraftText(
        body=head + caption + comment + tail,
        is_caption_left_out=is_caption_left_out,
        is_comment_left_out=is_comment_left_out,
    )


_LINK_LINE: Final = LINK_ROOM + 60
_OTHERS_ROOM: Final = 200
"""Reserved for the names of apps whose steps are on the page alone, and for what is said of a first comment."""
_LEFT_OUT_ROOM: Final = 120
"""Reserved for the sentence that the comment is on the page."""


def _part(name: str, text: str, room: int) -> tuple[str, bool]:
    """Return a part of the text, and whether its content was omitted."""
    if not text:
        return "", False
    part = f"\n\n{name}:\n{text}"
    if length_of(part) <= room - _LEFT_OUT_ROOM:
        return part, False
    return f"\n\n{name}: too long for this text, copy it from the page.", True


def is_caption_too_long(
    instructions: ManualInstructions, media_type: MediaType, caption: str, *, is_attached: bool
) -> bool:
    """Whether a draft's caption may not fit into its text, before account and comment are known."""
    post = ManualPost(media_type=media_type, caption=caption, first_comment="x", is_attached=is_attached)
    text = draft_text(instructions, post, handle="x" * LONGEST_HANDLE, reference="PW-XXXXXXXX", link="")
    return text.is_caption_left_out


def with_link(body: str, *, reference: str, link: str) -> str:
    """Append the link to the page, and the reference by which the text is found again."""
    return f"{body}\n\nTo save and copy everything ({reference}): {link}"


def media_text(post: ManualPost) -> str:
    """Return the text that accompanies the media, to be sent with its link."""
    what = _BEGIN[post.media_type]
    where = "Here it comes" if post.is_attached else "It does not fit into a text: save it from the page"
    return f"{what} to post. {where}; the caption and the steps follow in two more texts."


def caption_text(caption: str) -> tuple[str, bool]:
    """Return the text that contains only the caption, so that it can be copied whole, and whether it needs the link instead."""
    if not caption.strip():
        return "This content has no caption.", True
    if length_of(caption) > LONGEST_BODY:
        return "The caption is too long for a text. Copy it from the page.", True
    return caption, False


def steps_text(apps: Sequence[ManualInstructions], post: ManualPost) -> str:
    """Return the text with the steps for the apps, to be sent with its link. Those that don't fit are on the page alone."""
    others: list[str] = []
    room, parts = LONGEST_BODY - _LINK_LINE - _OTHERS_ROOM, ""
    for app in apps:
        part = f"{app.title}:\n{numbered(steps_of(app, post))}\n\n"
        if others or length_of(parts + part) > room:
            others.append(app.title)
        else:
            parts += part
    parts += f"For {', '.join(others)}: see the page." if others else ""
    parts = parts.rstrip()
    comment, _ = _part("First comment", post.first_comment or "", LONGEST_BODY - length_of(parts) - _LINK_LINE)
    return parts + comment
