"""Generate the page of platform limits and options from the code: `python -m presswork.platforms.limits_page`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from presswork.platforms.names import PlatformName
from presswork.platforms.option_registry import OPTIONS
from presswork.platforms.options import OptionField
from presswork.platforms.registry import manual_instructions, rules_of
from presswork.platforms.rules import Rules

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

## The same as data

`GET /v1/platforms` returns, for each platform, its `limits` with their numbers (`min`, `max`, `unit`, and of a text how it is counted), its `options` as
JSON Schema with the content and modes that take them, its `capabilities`, the `permissions` that its logins ask for, and whether organizations can have
[platform apps](platform-apps.md) of their own (`takesCustomerApps`). Any key works. The response has an `ETag`: with `If-None-Match`, an unchanged list is an empty 304. The forms of the console are made from it.
"""

_Json = Any  # a JSON schema


def page(rules: Mapping[PlatformName, Rules], options: Sequence[OptionField]) -> str:
    """Return the page, with a table of limits for each platform, and one for each field that it adds to a target."""
    sections = ["\n".join(_lines(name, of, options)) for name, of in rules.items()]
    return "\n".join([_INTRODUCTION, *sections])


def _lines(name: PlatformName, rules: Rules, options: Sequence[OptionField]) -> Iterator[str]:
    yield f"## {manual_instructions(name).title}\n"
    yield "| what | limit | beyond it |"
    yield "|---|---|---|"
    for row in rules.rows():
        yield f"| {row.what} | {row.limit} | {row.beyond.value} |"
    yield ""
    for option in options:
        if option.platform is name:
            yield from _option_lines(option)


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
