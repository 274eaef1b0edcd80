"""Tables of commands: aligned on a terminal, whose width no id, link or header is broken for; tab-separated elsewhere.

A narrow terminal shows fewer columns: those that matter least are dropped first, then long texts are cut.
"""

import textwrap
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypedDict

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from presswork.core.timestamps import write_instant
from presswork.core.visible import visible_line

_GAP: Final = "  "
_MIN_TEXT: Final = 16
"""The fewest characters that a long text is cut to."""
_WANTED_TEXT: Final = 30
"""How much of a long text is shown before a less important column is."""
_MIN_BELOW: Final = 40
"""The text below a row is not wrapped to less than this."""


class Layout(TypedDict, total=False):
    """How a table gets narrower."""

    drop: Sequence[str]
    """Columns that a narrow terminal does not show; the first is dropped first."""
    cut: Collection[str]
    """Columns with texts that may be cut."""
    below: Collection[str]
    """Columns that are shown below their row where they don't fit beside it."""
    wrap: str
    """The last column, if its text continues on the next lines."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under named columns. Cells are any values; a `Text` keeps its style."""

    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    layout: Layout = field(default_factory=Layout)

    def tab_separated(self) -> Iterator[str]:
        """Yield the header and the rows with every column."""
        yield tab_separated(self.columns)
        yield from map(tab_separated, self.rows)

    def lines(self, width: int | None) -> Iterator[Text]:
        """Yield the lines for a terminal of a width; None shows all of every column."""
        cells = [[_format_cell(value) for value in row] for row in self.rows]
        natural = {
            name: max([cell_len(name), *(row[place].cell_len for row in cells)])
            for place, name in enumerate(self.columns)
        }
        beside, below = self._place_columns(natural, width)
        widths = self._share_width(natural, beside, width)
        yield self._build_line([Text(name, style="bold") for name in self.columns], widths)
        for row in cells:
            yield from self._build_row(row, widths)
            for name in below:
                yield from self._build_below(name, row[self.columns.index(name)], width or _MIN_BELOW)

    def _is_cut(self, name: str) -> bool:
        return name in self.layout.get("cut", ()) or name == self.layout.get("wrap")

    def _place_columns(self, natural: dict[str, int], width: int | None) -> tuple[Sequence[str], Sequence[str]]:
        """Return the columns that fit beside each other, and those that go below their row."""
        wanted = {name: min(size, _WANTED_TEXT) if self._is_cut(name) else size for name, size in natural.items()}
        beside = list(self.columns)
        if width is None or _sum_widths(wanted, beside) <= width:
            return beside, ()
        below = [name for name in beside if name in self.layout.get("below", ())]
        dropped = [name for name in self.layout.get("drop", ()) if name not in below]
        beside = [name for name in beside if name not in below and name not in dropped]
        for name in reversed(dropped):  # the most important first
            wider = [one for one in self.columns if one in beside or one == name]
            if _sum_widths(wanted, wider) <= width:
                beside = wider
        return beside, below

    def _share_width(self, natural: dict[str, int], beside: Sequence[str], width: int | None) -> dict[str, int]:
        """Share what the whole columns leave among the texts, from left to right."""
        if width is None:
            return {name: natural[name] for name in beside}
        minimum = {
            name: min(natural[name], max(_MIN_TEXT, cell_len(name))) if self._is_cut(name) else natural[name]
            for name in beside
        }
        left = max(0, width - _sum_widths(minimum, beside))
        widths = {}
        for name in beside:
            widths[name] = min(natural[name], minimum[name] + left)
            left -= widths[name] - minimum[name]
        return widths

    def _build_row(self, row: Sequence[Text], widths: dict[str, int]) -> Iterator[Text]:
        wrap = self.layout.get("wrap")
        if wrap is None or wrap not in widths or row[-1].cell_len <= widths[wrap]:
            yield self._build_line(row, widths)
            return
        lines = _wrap(row[-1].plain, widths[wrap])
        yield self._build_line([*row[:-1], Text(lines[0])], widths)
        indent = _sum_widths(widths, list(widths)) - widths[wrap]
        yield from (Text(f"{' ' * indent}{line}") for line in lines[1:])

    def _build_line(self, row: Sequence[Text], widths: dict[str, int]) -> Text:
        line = Text()
        for name, width in widths.items():
            cell = row[self.columns.index(name)].copy()
            if name != self.layout.get("wrap"):
                cell.plain = _shorten(cell.plain, width)
            cell.pad_right(max(0, width - cell.cell_len))
            line.append_text(cell).append(_GAP)
        line.rstrip()
        return line

    def _build_below(self, name: str, cell: Text, width: int) -> Iterator[Text]:
        """Yield the lines of a value below its row, after its column's name. Words stay whole, and a link stays alone."""
        if not cell.plain or cell.plain == _NOTHING:
            return
        is_link = cell.plain.startswith(("http://", "https://")) and " " not in cell.plain
        text = cell.plain if is_link else f"{name}: {cell.plain}"
        room = max(_MIN_BELOW, width - len(_GAP))
        lines = [_shorten(text, room)] if self._is_cut(name) else _wrap(text, room)
        yield from (Text(f"{_GAP}{line}", style="dim") for line in lines)


def _sum_widths(widths: dict[str, int], names: Sequence[str]) -> int:
    """Return the width of columns with the gaps between them."""
    return sum(widths[name] for name in names) + len(_GAP) * (len(names) - 1)


def _wrap(text: str, width: int) -> Sequence[str]:
    """Wrap a text between words."""
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)


def _shorten(text: str, width: int) -> str:
    return text if cell_len(text) <= width else f"{set_cell_size(text, max(1, width - 1)).rstrip()}…"


def tab_separated(row: Sequence[object]) -> str:
    """Return a row for a pipe. Values are whole; tabs and line feeds in them are escapes."""
    return "\t".join(map(_format_value, row))


_NOTHING: Final = "—"


def _format_cell(value: object) -> Text:
    if isinstance(value, Text):
        return value
    if isinstance(value, datetime):
        return Text(local_time(value))
    if isinstance(value, list | tuple):
        return Text(visible_line(", ".join(map(str, value))) or _NOTHING)
    return Text(_format_value(value) or _NOTHING)


def _format_value(value: object) -> str:
    """Return a value as text on one line; nothing for None."""
    match value:
        case None:
            return ""
        case Text():
            return visible_line(value.plain)
        case bool():
            return str(value).lower()
        case float():
            return f"{value:g}"
        case datetime():
            return write_instant(value)
        case list() | tuple():
            return visible_line(",".join(str(item) for item in value))
        case _:
            return visible_line(str(value))


def local_time(at: datetime | None) -> str:
    """Return a time in the local time zone, for people."""
    return _NOTHING if at is None else f"{at.astimezone():%Y-%m-%d %H:%M:%S}"
