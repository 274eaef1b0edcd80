"""Drawing by hand: shapes and texts on a white ground, so that a picture can be read on dark pages too, as SVG."""

from dataclasses import dataclass, field
from typing import Final, Literal
from xml.sax.saxutils import escape, quoteattr

INK: Final = "#24292f"
FAINT: Final = "#d0d7de"
_SIZE: Final = 12

Anchor = Literal["start", "middle", "end"]


@dataclass(slots=True)
class Drawing:
    """One picture, in the making. Lengths are in pixels of its natural size."""

    width: int
    height: int
    _parts: list[str] = field(default_factory=list)

    def rectangle(self, x: float, y: float, width: float, height: float, *, fill: str, tells: str = "") -> None:
        """Fill a rectangle; `tells` is shown when the pointer rests there."""
        title = f"<title>{escape(tells)}</title>" if tells else ""
        self._parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}"'
            + (f">{title}</rect>" if title else "/>")
        )

    def line(self, x1: float, y1: float, x2: float, y2: float, *, color: str = FAINT, dashes: str = "") -> None:
        """Draw a thin line."""
        style = f' stroke-dasharray="{dashes}"' if dashes else ""
        self._parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{color}"{style}/>')

    def path(self, points: list[tuple[float, float]], *, color: str, fill: str = "none") -> None:
        """Join points by a line; with `fill`, the shape that they enclose."""
        way = " L".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._parts.append(f'<path d="M{way}" fill="{fill}" stroke="{color}" stroke-width="1.5"/>')

    def text(
        self, x: float, y: float, words: str, *, anchor: Anchor = "start", size: int = _SIZE, is_bold: bool = False,
        is_upright: bool = False, color: str = INK,
    ) -> None:  # fmt: skip
        """Write; with `is_upright`, from below to above."""
        style = f' text-anchor="{anchor}"' if anchor != "start" else ""
        style += f' font-size="{size}"' if size != _SIZE else ""
        style += ' font-weight="bold"' if is_bold else ""
        style += f" transform={quoteattr(f'rotate(-90 {x:.1f} {y:.1f})')}" if is_upright else ""
        style += f' fill="{color}"' if color != INK else ""
        self._parts.append(f'<text x="{x:.1f}" y="{y:.1f}"{style}>{escape(words)}</text>')

    def svg(self) -> str:
        """Return the whole picture."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" width="{self.width}" '
            f'height="{self.height}" font-family="sans-serif" font-size="{_SIZE}" fill="{INK}">\n'
            '<rect width="100%" height="100%" rx="6" fill="#ffffff"/>\n' + "\n".join(self._parts) + "\n</svg>\n"
        )
