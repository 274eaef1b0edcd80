"""Generate the page of limits and options from the code: `python -m website.limits_page`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from presswork.api.posts.target_schemas import MAX_OVERRIDE_CHARACTERS
from presswork.content.model import (
    MAX_ALT_TEXT_CHARACTERS,
    MAX_CAPTION_CHARACTERS,
    MAX_COMMENT_CHARACTERS,
    MAX_MEDIA,
    MAX_MIXED,
)
from presswork.core.setting_values import CoreSettingValues
from presswork.media.model import (
    MAX_DOCUMENT_BYTES,
    MAX_DOCUMENT_PAGES,
    MAX_IMAGE_BYTES,
    MAX_IMAGE_SIDE,
    MAX_VIDEO_BYTES,
    MAX_VIDEO_DURATION,
    ContentType,
    Kind,
    kind_of,
)
from presswork.platforms.limits import LimitRow, LimitSubject, megabytes, names_of
from presswork.platforms.names import PlatformName
from presswork.platforms.option_registry import OPTIONS
from presswork.platforms.options import OptionField
from presswork.platforms.parts import MAX_PARTS
from presswork.platforms.registry import manual_instructions, rules_of
from presswork.platforms.rules import Rules
from presswork.posts.targets import MAX_TARGETS

_INTRODUCTION: Final = f"""\
# What the platforms accept

Limits, and the options of a target. Each table has the rules of Presswork, which are the same for every platform, and those of the platform
side by side. Made from the rules in the code by `python -m website.limits_page > docs/platform-limits.md`; a test keeps it current.

**Beyond a rule of Presswork**, the call that brings the content or the text returns 422 (`VALIDATION`, `MEDIA_UNSUPPORTED`) or 413, and nothing is
stored. A dash means that it has none.

**Beyond a rule of the platform**, content can be stored, and published elsewhere. These rules stop a post before anything is sent, answer
`POST /v1/content/{{containerId}}/preflight`, and make the [warnings of publish and schedule](api-guide.md#warnings-and-strict). The last
column names what they report:

- **error**: the platform would refuse the post. Preflight reports it with the numbers. So do the warnings of publish and
  schedule, unless the limit is what the platform reports of an account. The post fails with the error's `code`
  (`PLATFORM_LIMIT` for a documented limit), or waits where only a quota is used up.
- **warning**: the post is accepted, and something may not be as you wish.
- **warning; a converted copy is sent**: Presswork makes a copy that fits; your original stays as it is.

Three rules of Presswork have no counterpart in the tables: {MAX_TARGETS} targets of a call, {MAX_PARTS} parts of a thread, and {MAX_ALT_TEXT_CHARACTERS:,} characters of an
alternative text.

## The same as data

`GET /v1/platforms` returns, for each platform, its `limits` with their numbers (`min`, `max`, `unit`, and of a text how it is counted), its `options` as
JSON Schema with the content and modes that take them, its `capabilities`, the `permissions` that its logins ask for, whether organizations can have
[platform apps](platform-apps.md) of their own (`takesCustomerApps`), and the currency in which it charges for posts, if it does (`priceCurrency`). Any key works. The response has an `ETag`: with `If-None-Match`, an
unchanged list is an empty 304. The forms of the console are made from it.
"""

_Json = Any  # a JSON schema
_NO_RULE: Final = "—"
_LENGTHS: Final = {
    "code_points",
    "visible_code_points",
    "escaped_utf16_units",
    "graphemes",
    "shortened_graphemes",
    "weighted_characters",
    "utf16_units",
    "utf8_bytes",
}
"""The measures of a text's length, which Presswork counts in characters (code points)."""


def page(rules: Mapping[PlatformName, Rules], options: Sequence[OptionField]) -> str:
    """Return the page, with a table of limits for each platform, and one for each field that it adds to a target."""
    sections = ["\n".join(_lines(name, of, options)) for name, of in rules.items()]
    return "\n".join([_INTRODUCTION, *sections])


def _lines(name: PlatformName, rules: Rules, options: Sequence[OptionField]) -> Iterator[str]:
    title = manual_instructions(name).title
    yield f"## {title}\n"
    yield f"| what | Presswork | {title} | beyond that |"
    yield "|---|---|---|---|"
    for row in rules.rows():
        yield f"| {row.what} | {_own_rule(row)} | {row.limit} | {row.beyond.value} |"
    yield ""
    for option in options:
        if option.platform is name:
            yield from _option_lines(option)


def _own_rule(row: LimitRow) -> str:
    """Return Presswork's rule about the same, whatever the platform."""
    if row.measure in _LENGTHS:
        characters = MAX_CAPTION_CHARACTERS if row.subject is LimitSubject.CAPTION else MAX_COMMENT_CHARACTERS
        return f"{characters:,} characters; {MAX_OVERRIDE_CHARACTERS:,} for one target"
    return _OWN_RULES.get((row.subject, row.measure), _NO_RULE)


def _formats_of(kind: Kind) -> str:
    return names_of([one for one in ContentType if kind_of(one) is kind])


_DEFAULT_VIDEO_BYTES: Final = int(CoreSettingValues.model_fields["max_video_bytes"].default)
_OWN_RULES: Final[Mapping[tuple[LimitSubject, str], str]] = {
    (LimitSubject.ITEMS, "count"): f"{MAX_MEDIA}, with videos {MAX_MIXED}",
    (LimitSubject.PICTURE, "format"): _formats_of(Kind.IMAGE),
    (LimitSubject.PICTURE, "size"): f"{MAX_IMAGE_BYTES / 2**20:g} MiB",
    (LimitSubject.PICTURE, "width"): f"{MAX_IMAGE_SIDE:,} pixels",
    (LimitSubject.PICTURE, "height"): f"{MAX_IMAGE_SIDE:,} pixels",
    (LimitSubject.VIDEO, "format"): _formats_of(Kind.VIDEO),
    (
        LimitSubject.VIDEO,
        "size",
    ): f"{_DEFAULT_VIDEO_BYTES / 2**30:g} GiB; a setting, up to {MAX_VIDEO_BYTES / 2**30:g} GiB",
    (LimitSubject.VIDEO, "duration"): f"{MAX_VIDEO_DURATION.total_seconds() / 3600:g} h",
    (LimitSubject.DOCUMENT, "size"): megabytes(MAX_DOCUMENT_BYTES),
    (LimitSubject.DOCUMENT, "pages"): f"{MAX_DOCUMENT_PAGES:,}",
}


def _option_lines(option: OptionField) -> Iterator[str]:
    yield f"### `{option.name}`\n"
    yield f"{option.description}\n"
    members: _Json = option.json_schema().get("properties", {})
    if not members:
        return
    yield "| option | value | meaning |"
    yield "|---|---|---|"
    for name, member in members.items():
        yield f"| `{name}` | {_value(member)} | {member.get('description', '').replace('|', '/')} |"
    yield ""


def _value(schema: _Json) -> str:
    """Describe the values of a JSON schema in a few words."""
    if "properties" in schema:
        return "{" + ", ".join(f"`{name}`: {_value(member)}" for name, member in schema["properties"].items()) + "}"
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if schema["type"] == "array":
        return f"up to {schema['maxItems']} of {_value(schema['items'])}"
    if schema["type"] == "boolean":
        return "`true`, `false`"
    if schema["type"] == "string":
        max_length = schema.get("maxLength")
        return str(schema.get("format", "text")).upper().replace("TEXT", "text") + (
            f", up to {max_length:,} characters" if max_length else ""
        )
    minimum, maximum = schema.get("minimum", 0), schema.get("maximum", schema.get("exclusiveMaximum", 1) - 1)
    return f"{minimum:,} to {maximum:,}"


if __name__ == "__main__":
    print(page({name: rules_of(name) for name in PlatformName}, OPTIONS), end="")  # noqa: T201  the page is what this command is for
