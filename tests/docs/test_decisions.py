"""The decision records are numbered, have a status, and are listed in docs/index.md by their titles."""

import re
from pathlib import Path
from typing import Final

from tests.docs.pages import DOCS, links

RECORDS: Final = sorted((DOCS / "decisions").glob("*.md"))
_HEAD: Final = re.compile(
    r"# (?P<number>\d+)\. (?P<title>.+)\n\nStatus: (?P<status>(?:accepted|superseded by \[).*)\n\n## "
)
_LISTED: Final = re.compile(r"^(\d+\. \[.+\]\(decisions/.+\))$", re.MULTILINE)
_BY: Final = re.compile(r"(?:superseded|amended) by \[(?P<number>\d+)\]\((?P<file>[^)]+)\)")


def test_each_record_has_its_number_and_a_status_below_its_title() -> None:
    """The numbers are those of the files, one after the other. A successor links the record that names it, and is its number."""
    wrong = []
    for number, record in enumerate(RECORDS, start=1):
        head = _HEAD.match(record.read_text(encoding="utf-8"))
        if head is None or not int(head["number"]) == int(record.name[:4]) == number:
            wrong.append(f"{record.name}: begins with another number, or without `Status: accepted` below the title")
            continue
        for successor in _BY.finditer(head["status"]):
            other = record.with_name(successor["file"])
            if not other.name.startswith(f"{int(successor['number']):04}-") or record.name not in links(other):
                wrong.append(f"{record.name}: {other.name} does not link it")
    assert wrong == []


def test_the_index_lists_the_records_by_their_titles() -> None:
    """Each line is the number, the title and the link of a record, in their order."""
    assert _LISTED.findall((DOCS / "index.md").read_text(encoding="utf-8")) == [_line_of(record) for record in RECORDS]


def _line_of(record: Path) -> str:
    number, title = record.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ").split(". ", 1)
    return f"{number}. [{title}](decisions/{record.name})"
