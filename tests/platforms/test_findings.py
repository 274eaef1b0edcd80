"""Formatting of durations, and the documentation of warnings."""

import re
from datetime import timedelta
from pathlib import Path

from tests.platforms.rows import each_row

from presswork.platforms.findings import Advice, in_words


@each_row(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (2.94, "2.9 s"),
        (3, "3 s"),
        (59.97, "1 min"),
        (60, "1 min"),
        (600, "10 min"),
        (843, "14 min 3 s"),
        (843.02, "14 min 3 s"),
        (301.5, "5 min 1.5 s"),
        (3600, "1 h"),
        (3725, "1 h 2 min 5 s"),
    ],
)
def test_durations_are_formatted(seconds: float, words: str) -> None:
    """Zero parts are omitted, and so is a zero decimal."""
    assert in_words(timedelta(seconds=seconds)) == words


def test_every_warning_is_documented() -> None:
    """The guide's table lists each preflight warning once."""
    guide = (Path(__file__).parents[2] / "docs" / "api-guide.md").read_text(encoding="utf-8")
    section = guide.partition("\n## Check before publishing\n")[2].partition("\n## ")[0]
    assert sorted(re.findall(r"^\| `([A-Z_]+)` \|", section, re.MULTILINE)) == sorted(Advice)
