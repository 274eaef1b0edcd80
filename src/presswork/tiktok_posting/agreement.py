"""The sentence that a person agrees to by posting, as TikTok's guideline words it. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from markupsafe import Markup

from presswork.core.texts import translatable
from presswork.tiktok_posting.model import Policy

Translate = Callable[[str], str]

_SENTENCES: Final[Mapping[tuple[Policy, ...], str]] = {
    (Policy.MUSIC_USAGE,): translatable("By posting, you agree to TikTok’s %(music)s."),
    (Policy.BRANDED_CONTENT, Policy.MUSIC_USAGE): translatable(
        "By posting, you agree to TikTok’s %(branded)s and %(music)s."
    ),
}
_NAMES: Final[Mapping[Policy, tuple[str, str]]] = {
    Policy.MUSIC_USAGE: ("music", translatable("Music Usage Confirmation")),
    Policy.BRANDED_CONTENT: ("branded", translatable("Branded Content Policy")),
}


def agreement_text(policies: Sequence[Policy], translate: Translate) -> str:
    """Return the sentence as it is read, without its links."""
    return translate(_SENTENCES[tuple(policies)]) % {name: translate(text) for name, text in _NAMES.values()}


def agreement_html(policies: Sequence[Policy], translate: Translate) -> Markup:
    """Return the sentence with links to the policies, which open beside the page: TikTok can't be framed."""
    links = {
        name: Markup('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>').format(
            policy.value, translate(text)
        )
        for policy, (name, text) in _NAMES.items()
    }
    return Markup.escape(translate(_SENTENCES[tuple(policies)])) % links
