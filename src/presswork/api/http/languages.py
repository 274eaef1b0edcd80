"""The languages of pages without a login: English, the language of the sources, and the translations in `locales`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from importlib.resources import files
from io import BytesIO, StringIO
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_skeleton, get_day_names
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations
from starlette.requests import Request

SOURCE: Final = "en"
LANGUAGES: Final[Mapping[str, str]] = {SOURCE: "English", "de": "Deutsch"}
"""Codes of the languages, with their own names."""
_DATE_TIMES: Final = {SOURCE: "EEEE, d MMMM y, HH:mm z", "de": "EEEE, d. MMMM y, HH:mm z"}
_WEEKDAYS: Final = {SOURCE: "EEEE, d MMMM", "de": "EEEE, d. MMMM"}
_Day = date  # a language has a method of that name
PARAMETER: Final = "lang"
"""Query parameter with which a person chooses a language."""
_RANGE: Final = re.compile(
    r"\s*([A-Za-z]{1,8}|\*)(?:-[A-Za-z0-9-]{1,64})?\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*", re.ASCII
)
_MAX_HEADER_CHARACTERS: Final = 500


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its texts, and how it writes dates. Texts without a translation stay English."""

    code: str
    is_chosen: bool = False  # with the query parameter, which links to further pages then repeat

    @property
    def texts(self) -> NullTranslations:
        """The translations."""
        return _texts(self.code)

    def gettext(self, text: str, /, **values: object) -> str:
        """Return a text in this language, with values in place of `%(name)s`."""
        translated: str = self.texts.ugettext(text)
        return translated % values if values else translated

    def date_time(self, at: datetime, timezone: str) -> str:
        """Return an instant as the date and time in a timezone, with the day of the week and the zone."""
        text: str = format_datetime(at, _DATE_TIMES[self.code], tzinfo=ZoneInfo(timezone), locale=self._locale)
        return text

    def date(self, at: datetime, timezone: str) -> str:
        """Return the date of an instant in a timezone."""
        text: str = format_date(at.astimezone(ZoneInfo(timezone)), "long", locale=self._locale)
        return text

    def day(self, at: datetime, timezone: str) -> str:
        """Return the day and month of an instant in a timezone."""
        text: str = format_skeleton("MMMMd", at, tzinfo=ZoneInfo(timezone), locale=self._locale)
        return text

    def time(self, at: datetime, timezone: str) -> str:
        """Return the time of day of an instant in a timezone."""
        return f"{at.astimezone(ZoneInfo(timezone)):%H:%M}"

    def weekday(self, day: _Day) -> str:
        """Return a day with the day of the week, without the year."""
        text: str = format_date(day, _WEEKDAYS[self.code], locale=self._locale)
        return text

    def weekdays(self) -> Sequence[str]:
        """Return the short names of the days of a week, from Monday."""
        names = get_day_names("abbreviated", context="stand-alone", locale=self._locale)
        return [names[place] for place in range(7)]

    def month(self, day: _Day) -> str:
        """Return the month of a day, with the year."""
        text: str = format_date(day, "LLLL y", locale=self._locale)
        return text

    def number(self, value: int) -> str:
        """Return a number with separators between thousands."""
        text: str = format_decimal(value, locale=self._locale)
        return text

    @property
    def _locale(self) -> Locale:
        # Dates in English are those of no country in particular: day before month, and 24 hours.
        return Locale.parse("en_150" if self.code == SOURCE else self.code)


def language_of(request: Request) -> Language:
    """Return the language of a page: the one chosen in the query, else the first of Accept-Language that exists."""
    chosen = request.query_params.get(PARAMETER, "")
    if chosen in LANGUAGES:
        return Language(chosen, is_chosen=True)
    return Language(preferred(request.headers.get("accept-language", "")))


def preferred(header: str) -> str:
    """Return the language that a browser prefers of those that exist; English if it names none."""
    matches = map(_RANGE.fullmatch, header[:_MAX_HEADER_CHARACTERS].split(","))
    ranges = [(-float(match[2] or 1), match[1].lower()) for match in matches if match is not None]
    wanted = [code for quality, code in sorted(ranges, key=lambda one: one[0]) if quality < 0]
    return next((code for code in wanted if code in LANGUAGES), SOURCE)


@lru_cache(maxsize=len(LANGUAGES))
def _texts(code: str) -> NullTranslations:
    """Return the translations of a language. The file is compiled in memory, so no compiled one can be out of date."""
    if code == SOURCE:
        return NullTranslations()
    compiled = BytesIO()
    text = files("presswork").joinpath("locales", f"{code}.po").read_text(encoding="utf-8")
    write_mo(compiled, read_po(StringIO(text), locale=code))
    compiled.seek(0)
    return Translations(compiled)
