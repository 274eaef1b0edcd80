"""Generate the page of platform limits and options from the code: `python -m presswork.platforms.limits_page`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pydantic import TypeAdapter

from presswork.core.enums import PlatformName
from presswork.platforms.limits import LimitRow
from presswork.platforms.option_registry import OPTIONS
from presswork.platforms.options import OptionField
from presswork.platforms.registry import limits, manual_instructions

_INTRODUCTION: Final = """\
# What the platforms accept

Limits, and the options of a target. Made from the rules in the code by `python -m presswork.platforms.limits_page > docs/platform-limits.md`; a test keeps it
current. The same rules stop a post before anything is sent, answer `POST /v1/content/{containerId}/preflight`, and make the
[warnings of publish and schedule](api-guide.md#warnings-and-strict).

- **error**: the platform would refuse the post. Preflight reports it with the numbers. So do the warnings of publish and
  schedule, unless the limit is what the platform reports of an account. The post fails with the error's `code`
  (`PLATFORM_LIMIT` for a documented limit), or waits where only a quota is used up.
- **warning**: the post is accepted, and something may not be as you wish.
- **warning; a converted copy is sent**: Presswork makes a copy that fits; your original stays as it is.
"""

_Json = dict[str, Any]  # a JSON schema


def page(rows: Mapping[PlatformName, Sequence[LimitRow]], options: Sequence[OptionField]) -> str:
    """Return the page, with a table of limits for each platform, and one for each field that it adds to a target."""
    sections = ["\n".join(_lines(name, of, options)) for name, of in rows.items()]
    return "\n".join([_INTRODUCTION, *sections])


def _lines(name: PlatformName, rows: Sequence[LimitRow], options: Sequence[OptionField]) -> Iterator[str]:
    yield f"## {manual_instructions(name).title}\n"
    yield "| what | limit | beyond it |"
    yield "|---|---|---|"
    for row in rows:
        yield f"| {row.what} | {row.limit} | {row.beyond.value} |"
    yield ""
    for option in options:
        if option.platform is name:
            yield from _option_lines(option)


def _option_lines(option: OptionField) -> Iterator[str]:
    yield f"### `{option.name}`\n"
    yield f"{option.description}\n"
    schema = TypeAdapter(option.schema).json_schema()
    if "properties" not in schema:
        return
    yield "| option | value | meaning |"
    yield "|---|---|---|"
    for name, part in schema["properties"].items():
        yield f"| `{name}` | {_value(part, schema)} | {part.get('description', '').replace('|', '/')} |"
    yield ""


def _value(part: _Json, root: _Json) -> str:
    """Describe the values of one part of a JSON schema in a few words."""
    choices = [one for one in part.get("anyOf", [part]) if one.get("type") != "null"]
    if len(choices) > 1:
        return " or ".join(_value(one, root) for one in choices)
    (one,) = choices
    if "$ref" in one:
        fields = root["$defs"][one["$ref"].rpartition("/")[2]]["properties"]
        return "{" + ", ".join(f"`{name}`: {_value(field, root)}" for name, field in fields.items()) + "}"
    if "enum" in one:
        return ", ".join(f"`{value}`" for value in one["enum"])
    if one["type"] == "array":
        return f"up to {one['maxItems']} of {_value(one['items'], root)}"
    if one["type"] == "boolean":
        return "`true`, `false`"
    if one["type"] == "string":
        most = one.get("maxLength")
        return str(one.get("format", "text")).upper().replace("TEXT", "text") + (
            f", up to {most:,} characters" if most else ""
        )
    least, most = one.get("minimum", 0), one.get("maximum", one.get("exclusiveMaximum", 1) - 1)
    return f"{least:,} to {most:,}"


if __name__ == "__main__":
    print(page(limits(), OPTIONS), end="")  # noqa: T201  the page is what this command is for
