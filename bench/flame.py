"""The profile of the publish call, as a flame graph: `python -m bench.flame docs/pictures/publish-call.svg`.

Each box is a function; those that it calls stand on it, and it is as wide as its share of the API process's time.
"""

import asyncio
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final

import typer

from bench.child import Child
from bench.drawing import FAINT, Drawing
from bench.publish_call import load_job, set_scene_for_calls
from bench.sampled import SETTING
from bench.site import Scale, Site, open_site
from presswork.core.logging import set_up_logs
from presswork.core.settings import Settings

_WIDTH: Final = 1100
_MARGIN: Final = 20
_ROW: Final = 17
_TOP: Final = 84
_LETTER: Final = 5.6
"""How wide a letter is, about."""
_THINNEST: Final = 1.5
_BEGIN: Final = "python/runners.py"
"""What lies above is starting the program, the same for all."""
_COLORS: Final = {
    "presswork": "#9ecae1",
    "asyncpg": "#fdae6b",
    "uvicorn, starlette, fastapi": "#a1d99b",
    "pydantic": "#fbb4c4",
    "structlog": "#cbc9e2",
    "Python and others": FAINT,
}


@dataclass(slots=True)
class Frame:
    """A function, called from one place: how often it was seen, and what it called."""

    count: int = 0
    called: dict[str, "Frame"] = field(default_factory=dict)

    def add(self, names: Sequence[str], count: int) -> None:
        """Count one stack."""
        self.count += count
        if names:
            self.called.setdefault(names[0], Frame()).add(names[1:], count)

    def depth(self) -> int:
        """Return how many boxes stand on one another."""
        return 1 + max((frame.depth() for frame in self.called.values()), default=0)


def read_stacks(text: str) -> Frame:
    """Read what `bench.sampled` wrote, from the event loop on; what is not under it is left out."""
    root = Frame()
    for line in text.splitlines():
        stack, _, count = line.rpartition(" ")
        names = stack.split(";")
        begins = [place for place, name in enumerate(names) if name.endswith(_BEGIN)]
        if begins:
            root.add(names[begins[-1] + 1 :], int(count))
    return root


def draw(root: Frame, title: str) -> str:
    """Return the graph as SVG."""
    bottom = _TOP + _ROW * root.depth()
    drawing = Drawing(_WIDTH + 2 * _MARGIN, bottom + _MARGIN)
    drawing.text(_MARGIN, 30, title, size=16, is_bold=True)
    drawing.text(
        _MARGIN,
        48,
        f"{root.count:,} looks by processor time. A box is as wide as its share; what it calls stands on it.",
    )
    x = float(_MARGIN)
    for name, color in _COLORS.items():
        drawing.rectangle(x, 58, 12, 12, fill=color)
        drawing.text(x + 17, 68, name)
        x += 40 + len(name) * 6.5
    _draw_frame(drawing, root, "event loop python/runners.py", _MARGIN, bottom - _ROW, _WIDTH / root.count, root.count)
    return drawing.svg()


def _draw_frame(drawing: Drawing, frame: Frame, name: str, x: float, y: float, scale: float, total: int) -> None:
    width = frame.count * scale
    title, _, place = name.rpartition(" ")
    drawing.rectangle(
        x, y, max(width - 0.5, 0.5), _ROW - 1, fill=_color(place), tells=f"{title} ({place}): {frame.count / total:.1%}"
    )
    letters = int((width - 6) / _LETTER)
    if letters >= 4:
        drawing.text(x + 3, y + 12, title if len(title) <= letters else f"{title[: letters - 1]}…", size=10)
    for called, inner in sorted(frame.called.items()):
        if inner.count * scale >= _THINNEST:
            _draw_frame(drawing, inner, called, x, y - _ROW, scale, total)
        x += inner.count * scale


def _color(place: str) -> str:
    package = place.partition("/")[0]
    return next((color for name, color in _COLORS.items() if package in name.split(", ")), FAINT)


async def profile(site: Site, *, seconds: float, targets: int = 10) -> str:
    """Return the stacks of an API process under load."""
    stacks = site.folder / "stacks"
    dsn, scene = await set_scene_for_calls(site)
    scale = Scale(seconds=seconds, rows=1, posts=1, drained=1, targets=[targets])
    with Child("bench.load") as caller, site.api(dsn, module="bench.sampled", **{SETTING: str(stacks)}) as api:
        job = load_job(api.address, scene, scale, targets, is_idempotent=False)
        await caller.ask(job | {"seconds": 1})  # connections, plans
        api.process.send_signal(signal.SIGUSR2)
        await caller.ask(job)
    return stacks.read_text("utf-8")


def main(
    to: Annotated[Path, typer.Argument(help="Where the picture goes.")],
    seconds: Annotated[float, typer.Option(min=1, help="How long the load lasts.")] = 20,
    title: str = "The API process under publish calls with 10 targets",
) -> None:
    """Put an API process under load, look where it is, and draw it."""
    set_up_logs(Settings(_env_file=None, log_level="warning"))
    with open_site() as site:
        to.write_text(draw(read_stacks(asyncio.run(profile(site, seconds=seconds))), title), "utf-8")


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    app()
