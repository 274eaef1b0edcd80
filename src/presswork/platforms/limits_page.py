"""Generate the page of platform limits from the rules: `python -m presswork.platforms.limits_page`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from presswork.core.enums import PlatformName
from presswork.platforms.limits import LimitRow
from presswork.platforms.registry import limits

_INTRODUCTION: Final = """\
# What the platforms accept

Made from the rules in the code by `python -m presswork.platforms.limits_page > docs/platform-limits.md`; a test keeps it
current. The same rules stop a post before anything is sent, answer `POST /v1/content/{containerId}/preflight`, and make the
[warnings of publish and schedule](api-guide.md#warnings-and-strict).

- **error**: the platform would refuse the post. Preflight reports it with the numbers. So do the warnings of publish and
  schedule, unless the limit is what the platform reports of an account. The post fails with the error's `code`
  (`PLATFORM_LIMIT` for a documented limit), or waits where only a quota is used up.
- **warning**: the post is accepted, and something may not be as you wish.
- **warning; a converted copy is sent**: Presswork makes a copy that fits; your original stays as it is.
"""

_NAMES: Final[Mapping[PlatformName, str]] = {PlatformName.INSTAGRAM: "Instagram", PlatformName.TIKTOK: "TikTok"}


def page(rows: Mapping[PlatformName, Sequence[LimitRow]]) -> str:
    """Return the page, with a table for each platform."""
    return "\n".join([_INTRODUCTION, *(_section(_NAMES.get(name, name.value), of) for name, of in rows.items())])


def _section(name: str, rows: Sequence[LimitRow]) -> str:
    return "\n".join(_lines(name, rows))


def _lines(name: str, rows: Sequence[LimitRow]) -> Iterator[str]:
    yield f"## {name}\n"
    yield "| what | limit | beyond it |"
    yield "|---|---|---|"
    for row in rows:
        yield f"| {row.what} | {row.limit} | {row.beyond.value} |"
    yield ""


if __name__ == "__main__":
    print(page(limits()), end="")  # noqa: T201  the page is what this command is for
