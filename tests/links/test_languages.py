"""The languages of pages without a login: every text has its German, and the browser's language is used."""

from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from tests.links.conftest import Links

from presswork.api.http.languages import LANGUAGES, SOURCE, Language, preferred
from presswork.core.enums import LinkKind

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != SOURCE])
def test_every_text_is_translated(code: str) -> None:
    """The catalogue has each text of the sources, with its values, and no other. `make translations` collects them."""
    with ROOT.joinpath("babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]  # Babel does not annotate it
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2), "translatable": None}
    found = extract_from_dir(ROOT, methods, options, keywords=keywords)
    used = {one[2] if isinstance(one[2], str) else one[2][0] for one in found}
    catalog = read_po(StringIO((ROOT / f"src/presswork/locales/{code}.po").read_text()), locale=code)
    messages = {one.id if isinstance(one.id, str) else one.id[0]: one for one in catalog if one.id}
    assert used
    assert set(messages) == used
    texts = {
        name: [one.string] if isinstance(one.string, str) else [*(one.string or [""])] for name, one in messages.items()
    }
    assert [name for name, strings in texts.items() if not all(strings) or messages[name].fuzzy] == []
    assert [error for one in messages.values() for error in one.check(catalog)] == []
    assert not catalog.obsolete


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("en-US,en;q=0.9,de;q=0.8", "en"),
        ("fr,de;q=0.5", "de"),
        ("en;q=0.1,de;q=0.2", "de"),
        ("de;q=0", "en"),
        ("*", "en"),
        ("de;q=\x00, ;;;", "en"),
        ("x" * 10_000, "en"),
    ],
)
def test_the_language_of_the_browser_is_used(header: str, code: str) -> None:
    """The language with the highest quality that exists, English if none does."""
    assert preferred(header) == code


def test_dates_are_written_in_the_language_and_timezone() -> None:
    """An instant is shown with its day, in the project's timezone, with 24 hours in both languages."""
    at = datetime(2026, 11, 28, 16, 30, tzinfo=UTC)
    assert Language("de").date_time(at, "Europe/Berlin") == "Samstag, 28. November 2026, 17:30 MEZ"
    assert Language("en").date_time(at, "Europe/Berlin") == "Saturday, 28 November 2026, 17:30 CET"
    assert Language("de").date(at, "Pacific/Auckland") == "29. November 2026"


async def test_a_person_chooses_the_language_of_a_page(links: Links) -> None:
    """The page is in the browser's language; the switch at its top wins, and forms keep the choice."""
    _, token = await links.make(LinkKind.REVIEW)
    german = await links.open(LinkKind.REVIEW, token, **{"Accept-Language": "de-DE"})
    assert '<html lang="de">' in german.text
    assert 'aria-label="Sprache"' in german.text
    assert f'action="/review/{token}/act"' in german.text
    chosen = await links.browser.get(f"/links/review_link/{token}?lang=en", headers={"Accept-Language": "de-DE"})
    assert '<html lang="en">' in chosen.text
    assert f'action="/review/{token}/act?lang=en"' in chosen.text
    gone = await links.browser.get("/links/review_link/x?lang=de")
    assert "Dieser Link funktioniert nicht" in gone.text
