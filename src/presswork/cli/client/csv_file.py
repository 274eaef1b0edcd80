"""Reads tables of posts as spreadsheets save them: with commas, semicolons or tabs, in UTF-8 or UTF-16."""

import codecs
import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from presswork.cli.client.login import NotPossible

COLUMNS: Final = (
    "media", "altText", "containerId", "caption", "link", "parts", "firstComment", "accounts", "date", "time", "queue",
    "mode", "options",
)  # fmt: skip
_ALIASES: Final[Mapping[str, str]] = {
    "mediaurl": "media", "mediaurls": "media", "url": "media", "image": "media", "imageurl": "media", "video": "media",
    "picture": "media", "photo": "media", "file": "media", "files": "media", "filename": "media",
    "contentid": "containerId", "content": "containerId", "text": "caption", "message": "caption",
    "post": "caption", "posttext": "caption", "description": "caption", "comment": "firstComment",
    "account": "accounts", "profile": "accounts", "profiles": "accounts", "channel": "accounts",
    "channels": "accounts", "scheduledfor": "date", "publishat": "date", "datetime": "date", "postingtime": "date",
    "hour": "time", "alt": "altText", "alttexts": "altText", "links": "link", "linkurl": "link", "page": "link",
    "thread": "parts",
}  # fmt: skip
"""Names that other tools and people use, in lower case without spaces and punctuation."""
_CONTENT: Final = frozenset({"media", "caption", "link", "parts", "containerId"})
"""The columns that say what is posted, of which a table has at least one."""
_MAX_BYTES: Final = 4 * 1024 * 1024
_SEPARATORS: Final = ",;\t"


_MAX_NAMES: Final = 10
"""Most files that a message lists."""
_FILE_NAME: Final = re.compile(r"\S+\.[A-Za-z0-9]{2,5}")


def file_names_in(cell: str) -> Sequence[str]:
    """Return the names of files in a cell of media; none if it has URLs. A name may have spaces where it stands alone."""
    if "://" in cell:
        return []
    names: list[str] = []
    for piece in re.split(r"[\n,;|]+", cell):
        words = piece.split()
        names += words if all(_FILE_NAME.fullmatch(word) for word in words) else [piece.strip()]
    return names


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a file with their line numbers, the columns that are not used, and the folder of the file."""

    rows: Sequence[Mapping[str, str]]
    lines: Sequence[int]
    unused: Sequence[str]
    folder: Path

    def find_files(self) -> Mapping[int, Sequence[Path]]:
        """Return the files of the rows that name files instead of URLs, by the position of the row.

        Raises NotPossible for a file that is not there. Files are looked for in the folder of the table alone: its author must not
        choose what is uploaded from elsewhere on this machine.
        """
        named = {place: names for place, row in enumerate(self.rows) if (names := file_names_in(row.get("media", "")))}
        folder = self.folder.resolve()
        found = {place: [(folder / name).resolve() for name in names] for place, names in named.items()}
        missing = [
            name
            for place, names in named.items()
            for name, path in zip(names, found[place], strict=True)
            if not (path.is_relative_to(folder) and path.is_file())
        ]
        if missing:
            listed = ", ".join(list(dict.fromkeys(missing))[:_MAX_NAMES]) + (", …" if len(missing) > _MAX_NAMES else "")
            raise NotPossible(
                f"The table names files that are not in its folder: {listed}. Put them into {folder}, or write URLs."
            )
        return found


def read_sheet(path: str) -> Sheet:
    """Read a file. Its first line has the names of the columns; empty lines are skipped. Raises NotPossible."""
    try:
        raw = Path(path).read_bytes()
    except OSError as error:
        raise NotPossible(f"{path} can't be read: {error.strerror}. Pass the name of a CSV file.") from error
    if len(raw) > _MAX_BYTES:
        raise NotPossible(f"{path} has more than {_MAX_BYTES // 1024 // 1024} MB. Split it into several files.")
    text = _decode(raw, path)
    if re.match(r"sep=.\r?\n", text):  # Excel's own first line
        separator, text = text[4], text.partition("\n")[2]
    else:
        header = text.partition("\n")[0]
        separator = max(_SEPARATORS, key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[Mapping[str, str]] = []
    lines: list[int] = []
    try:
        names = next(reader, [])
        columns = [_find_column(name) for name in names]
        _require_columns(columns, path)
        line = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                if len(cells) > len(columns):
                    raise NotPossible(
                        f"{path}: line {line} has {len(cells)} cells, but the first line names {len(columns)} columns. Put text "
                        f"that contains {_NAMES[separator]} in quotation marks."
                    )
                pairs = zip(columns, cells, strict=False)
                rows.append({name: cell for name, cell in pairs if name is not None and cell.strip()})
                lines.append(line)
            line = reader.line_num + 1
    except csv.Error as error:
        problem = f"{path}: line {reader.line_num} is not CSV: {error}."
        raise NotPossible(f"{problem} Save the table again as CSV UTF-8.") from error
    if not rows:
        raise NotPossible(f"{path} has no rows below the names of the columns. Add one for each post.")
    unused = [name for name, column in zip(names, columns, strict=True) if column is None and name]
    return Sheet(rows, lines, unused, Path(path).parent)


_NAMES: Final = {",": "a comma", ";": "a semicolon", "\t": "a tab"}


def _decode(raw: bytes, path: str) -> str:
    encoding = "utf-16" if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise NotPossible(
            f"{path} is not UTF-8, so its letters can't be read. In Excel, save it as “CSV UTF-8 (comma delimited)”."
        ) from error


def _find_column(name: str) -> str | None:
    plain = re.sub(r"[^a-z]", "", name.lower())
    return {column.lower(): column for column in COLUMNS}.get(plain) or _ALIASES.get(plain)


def _require_columns(columns: Sequence[str | None], path: str) -> None:
    named = [column for column in columns if column is not None]
    twice = sorted({column for column in named if named.count(column) > 1})
    if twice:
        raise NotPossible(f"{path} has two columns for {' and '.join(twice)}. Remove or rename one.")
    if "accounts" not in named or not _CONTENT & set(named):
        raise NotPossible(
            f"{path}: the first line must name the columns, with accounts and media, caption, link, parts or containerId among them. The columns "
            f"are {', '.join(COLUMNS)}."
        )
