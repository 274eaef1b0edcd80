"""Filling in the texts of posts: what a post stores of its project's values, and what goes out with them. Pure."""

import json
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Final

from pydantic import JsonValue

from presswork.core.errors import Invalid, Issue, IssueCode
from presswork.core.json_text import compact_json
from presswork.media.link_card import LinkCard
from presswork.platforms.names import PlatformName
from presswork.platforms.option_registry import OPTIONS
from presswork.platforms.parts import StoredPart
from presswork.projects.model import FillValues
from presswork.snippets.fill import (
    UnknownVariables,
    fill_text,
    fill_url,
    missing_in,
    used_values,
    without_platform,
)

_REASON: Final = "unknown_variable"
_ANYWHERE: Final = "phone"
"""What `{platform}` becomes in content that goes to a phone, whose owner chooses where it is posted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostTexts:
    """The texts of one post, as they were written or as they go out."""

    caption: str
    first_comment: str | None
    parts: Sequence[StoredPart] = ()
    link: LinkCard | None = None
    options: Mapping[str, JsonValue] = field(default_factory=dict)

    def filled(self, values: FillValues, platform: PlatformName | None) -> "PostTexts":
        """Return them as they go out, on a platform or to a phone. Raises UnknownVariables."""
        name = _ANYWHERE if platform is None else platform.value

        def fill(text: str) -> str:
            return fill_text(text, values, platform=name)

        return PostTexts(
            caption=fill(self.caption),
            first_comment=None if self.first_comment is None else fill(self.first_comment),
            parts=[replace(part, text=fill(part.text)) for part in self.parts],
            link=self.link and replace(self.link, url=fill_url(self.link.url, values, platform=name)),
            options={**self.options, **self._filled_options(fill, platform)},
        )

    def filled_if_possible(self, values: FillValues, platform: PlatformName | None) -> "PostTexts":
        """Return them as they go out, or unchanged where a variable has no value: for pages that show them."""
        try:
            return self.filled(values, platform)
        except UnknownVariables:
            return self

    def filled_for_all(self, values: FillValues, platforms: Set[PlatformName]) -> "PostTexts":
        """Return them as they go out on all of these platforms, or on any where there is none: for pages that show them once."""
        if len(platforms) == 1:
            return self.filled_if_possible(values, next(iter(platforms)))
        return self.filled_if_possible(without_platform(values), None)

    def stored_fill(self, values: FillValues, platform: PlatformName) -> str:
        """Return what a post stores: the values that it uses, and its texts with them. Raises UnknownVariables."""
        out = self.filled(values, platform)
        used = used_values(values, list(self.named(platform).values()))
        texts = {"caption": out.caption, "firstComment": out.first_comment or None}
        return compact_json({**json.loads(used.text() or "{}"), "texts": texts})

    def unknown(self, values: FillValues, platform: PlatformName | None) -> Mapping[str, Sequence[str]]:
        """Return the variables without a value, by the path of the text that names them."""
        found = {path: missing_in(text, values) for path, text in self.named(platform).items()}
        return {path: names for path, names in found.items() if names}

    def named(self, platform: PlatformName | None) -> Mapping[str, str]:
        """Return the texts by their paths in the API."""
        parts = {f"parts[{place}].text": part.text for place, part in enumerate(self.parts)}
        return {
            **(parts or {"caption": self.caption}),
            **({} if self.first_comment is None else {"firstComment": self.first_comment}),
            **{f"{name}.{member}": text for (name, member), text in self._option_texts(platform).items()},
        }

    def _option_texts(self, platform: PlatformName | None) -> Mapping[tuple[str, str], str]:
        if platform is None:
            return {}
        return {
            (option.name, member): text
            for option in OPTIONS
            if option.platform is platform and isinstance(value := self.options.get(option.name), dict)
            for member in option.filled
            if isinstance(text := value.get(member), str)
        }

    def _filled_options(self, fill: Callable[[str], str], platform: PlatformName | None) -> Mapping[str, JsonValue]:
        changed: dict[str, JsonValue] = {}
        for (name, member), text in self._option_texts(platform).items():
            former = changed.get(name, self.options[name])
            changed[name] = {**(former if isinstance(former, dict) else {}), member: fill(text)}
        return changed


def unknown_variables(unknown: Mapping[str, Sequence[str]]) -> Invalid | None:
    """Return the refusal of texts that name variables without a value, by the paths of the texts; None where there are none."""
    if not unknown:
        return None
    issues = [
        Issue.at(
            path,
            f"names {', '.join(f'{{{{{name}}}}}' for name in names)}, and the project has no such "
            f"{'variables' if len(names) > 1 else 'variable'}. Correct the text, or set the value (PATCH /v1/projects/{{projectId}}).",
            IssueCode.UNKNOWN_VARIABLE,
        )
        for path, names in unknown.items()
    ]
    names = list(dict.fromkeys(name for named in unknown.values() for name in named))
    return Invalid(issues, reason=_REASON, variables=names)
