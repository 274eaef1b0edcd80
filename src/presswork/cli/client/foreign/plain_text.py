"""Texts of editors that store HTML, as the plain text that people saw."""

import re
from html.parser import HTMLParser
from typing import Final

_BLOCKS: Final = frozenset({"p", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "blockquote"})
_TAG: Final = re.compile(r"</?(p|div|br|li|ul|ol|strong|em|b|i|u|a|span|h[1-4]|blockquote)\b[^<>]*>", re.IGNORECASE)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = [""]
        self._is_ended = False  # whether the block of the last line has ended, also if it is empty
        self._has_break = False  # a break at the end of a block makes no line

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  HTMLParser passes them
        if tag == "br":
            if self._has_break:
                self.lines.append("")
            self._has_break = True
        elif tag in _BLOCKS:
            self._begin_line()
            if tag == "li":
                self.lines[-1] += "- "

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._is_ended, self._has_break = True, False

    def handle_data(self, data: str) -> None:
        if self._is_ended and data.strip():
            self._begin_line()
        if self._has_break:
            self.lines.append("")
            self._has_break = False
        self.lines[-1] += data

    def _begin_line(self) -> None:
        if self._is_ended or self.lines[-1] not in ("", "- "):
            self.lines.append("")
        self._is_ended = self._has_break = False


def plain_text(written: str) -> str:
    """Return the text of HTML: a line for each paragraph, `- ` before entries of lists. A text without tags stays as it is."""
    if _TAG.search(written) is None:
        return written
    reader = _Reader()
    reader.feed(written)
    reader.close()
    return "\n".join(line.replace("\xa0", " ").rstrip() for line in reader.lines).strip("\n")
