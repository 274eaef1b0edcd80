"""The page of limits matches the rules."""

from pathlib import Path

from website.limits_page import page

from presswork.platforms.names import PlatformName
from presswork.platforms.option_registry import OPTIONS
from presswork.platforms.registry import rules_of

PAGE = Path(__file__).parents[2] / "docs" / "platform-limits.md"


def test_the_page_is_current() -> None:
    """The page is up to date; `python -m website.limits_page` regenerates it."""
    assert PAGE.read_text(encoding="utf-8") == page({name: rules_of(name) for name in PlatformName}, OPTIONS)


def test_every_platform_has_a_table() -> None:
    """Every platform has limits."""
    assert all(rules_of(name).rows() for name in PlatformName)
