"""The page about numbers matches the descriptions of the platforms."""

from pathlib import Path

from presswork.platforms.names import PlatformName
from presswork.platforms.registry import insights_of
from presswork.platforms.results_page import page

PAGE = Path(__file__).parents[2] / "docs" / "results.md"


def test_the_page_is_current() -> None:
    """The page is up to date; `python -m presswork.platforms.results_page` regenerates it."""
    assert PAGE.read_text(encoding="utf-8") == page({name: insights_of(name) for name in PlatformName})


def test_each_offered_number_is_explained() -> None:
    """Every login has a note about each number that it offers, and about no other."""
    for name in PlatformName:
        for login, support in insights_of(name).items():
            assert set(support.notes) == support.offered, login
