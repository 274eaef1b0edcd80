"""Tables of commands: aligned on a terminal, whose width no id, link or header is broken for; tab-separated elsewhere.

A narrow terminal shows fewer columns: those that matter least are dropped first, then long texts are cut.
"""

import textwrap
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from presswork.core.timestamps import write_instant
from presswork.core.visible import visible_line

_GAP: Final = "  "
_LEAST_TEXT: Final = 16
"""The fewest characters that a long text is cut to."""
_WANTED_TEXT: Final = 30
"""How much of a long text is shown before a less important column is."""
_NARROWEST: Final = 40
"""The text below a row is not wrapped to less than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a table gets narrower."""

    drop: Sequence[str] = ()
    """Columns that a narrow terminal does not show; the first is dropped first."""
    cut: Collection[str] = ()
    """Columns with texts that may be cut."""
    below: Collection[str] = ()
    """Columns that are shown below their row where they don't fit beside it."""
    wrap: str | None = None
    """The last column, if its text continues on the next lines."""


class Table:
    """Rows under named columns. Cells are any values; a `Text` keeps its style."""

    def __init__(self, columns: Sequence[str], rows: Sequence[Sequence[object]], layout: Layout | None = None) -> None:
        """Lay out rows of values."""
        layout = layout or Layout()
        self._columns: Final = columns
        self._rows: Final = rows
        self._drop: Final = layout.drop
        self._cut: Final = frozenset([*layout.cut, layout.wrap])
        self._wrap: Final = layout.wrap
        self._below: Final = frozenset(layout.below)

    def tab_separated(self) -> Iterator[str]:
        """Yield the header and the rows with every column."""
        yield tab_separated(self._columns)
        yield from map(tab_separated, self._rows)

    def lines(self, width: int | None) -> Iterator[Text]:
        """Yield the lines for a terminal of a width; None shows all of every column."""
        cells = [[_cell(value) for value in row] for row in self._rows]
        natural = {
            name: max([cell_len(name), *(row[place].cell_len for row in cells)])
            for place, name in enumerate(self._columns)
        }
        beside, below = self._fitting(natural, width)
        widths = self._widths(natural, beside, width)
        yield self._line([Text(name, style="bold") for name in self._columns], widths)
        for row in cells:
            yield from self._row(row, widths)
            for name in below:
                yield from self._under(name, row[self._columns.index(name)], width or _NARROWEST)

    def _fitting(self, natural: dict[str, int], width: int | None) -> tuple[Sequence[str], Sequence[str]]:
        """Return the columns that fit beside each other, and those that go below their row."""
        beside = list(self._columns)
        if width is None or self._wanted(natural, beside) <= width:
            return beside, ()
        below = [name for name in beside if name in self._below]
        dropped = [name for name in self._drop if name not in below]
        beside = [name for name in beside if name not in below and name not in dropped]
        for name in reversed(dropped):  # the most important first
            wider = [one for one in self._columns if one in beside or one == name]
            if self._wanted(natural, wider) <= width:
                beside = wider
        return beside, below

    def _needed(self, natural: dict[str, int], beside: Sequence[str]) -> int:
        widths = (self._least(natural, name) for name in beside)
        return sum(widths) + len(_GAP) * (len(beside) - 1)

    def _wanted(self, natural: dict[str, int], beside: Sequence[str]) -> int:
        widths = (min(natural[name], _WANTED_TEXT) if name in self._cut else natural[name] for name in beside)
        return sum(widths) + len(_GAP) * (len(beside) - 1)

    def _least(self, natural: dict[str, int], name: str) -> int:
        return min(natural[name], max(_LEAST_TEXT, cell_len(name))) if name in self._cut else natural[name]

    def _widths(self, natural: dict[str, int], beside: Sequence[str], width: int | None) -> dict[str, int]:
        """Share what the whole columns leave among the texts, from left to right."""
        if width is None:
            return {name: natural[name] for name in beside}
        left = max(0, width - self._needed(natural, beside))
        widths = {}
        for name in beside:
            least = self._least(natural, name)
            widths[name] = min(natural[name], least + left)
            left -= widths[name] - least
        return widths

    def _row(self, row: Sequence[Text], widths: dict[str, int]) -> Iterator[Text]:
        if self._wrap not in widths or row[-1].cell_len <= widths[self._wrap]:
            yield self._line(row, widths)
            return
        lines = _wrapped(row[-1].plain, widths[self._wrap])
        yield self._line([*row[:-1], Text(lines[0])], widths)
        indent = sum(widths.values()) - widths[self._wrap] + len(_GAP) * (len(widths) - 1)
        yield from (Text(f"{' ' * indent}{line}") for line in lines[1:])

    def _line(self, row: Sequence[Text], widths: dict[str, int]) -> Text:
        line = Text()
        for name, width in widths.items():
            cell = row[self._columns.index(name)].copy()
            if name != self._wrap:
                cell.plain = _shortened(cell.plain, width)
            cell.pad_right(max(0, width - cell.cell_len))
            line.append_text(cell).append(_GAP)
        line.rstrip()
        return line

    def _under(self, name: str, cell: Text, width: int) -> Iterator[Text]:
        """Yield the lines of a value below its row, after its column's name. Words stay whole, and a link stays alone."""
        if not cell.plain or cell.plain == _NOTHING:
            return
        is_link = cell.plain.startswith(("http://", "https://")) and " " not in cell.plain
        text = cell.plain if is_link else f"{name}: {cell.plain}"
        room = max(_NARROWEST, width - len(_GAP))
        if name in self._cut:
            yield Text(f"{_GAP}{_shortened(text, room)}", style="dim")
            return
        for line in _wrapped(text, room):
            yield Text(f"{_GAP}{line}", style="dim")


def _wrapped(text: str, width: int) -> Sequence[str]:
    """Wrap a text between words."""
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)


def _shortened(text: str, width: int) -> str:
    return text if cell_len(text) <= width else f"{set_cell_size(text, max(1, width - 1)).rstrip()}…"


def tab_separated(row: Sequence[object]) -> str:
    """Return a row for a pipe. Values are whole; tabs and line feeds in them are escapes."""
    return "\t".join(map(_value, row))


_NOTHING: Final = "—"


def _cell(value: object) -> Text:
    if isinstance(value, Text):
        return value
    if isinstance(value, datetime):
        return Text(local_time(value))
    if isinstance(value, list | tuple):
        return Text(visible_line(", ".join(map(str, value))) or _NOTHING)
    return Text(_value(value) or _NOTHING)


def _value(value: object) -> str:
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
