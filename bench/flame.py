"""Profile an API process under publish calls with py-spy: `python -m bench.flame docs/pictures/publish-call.svg`.

The picture is a flame graph: each box is a function, below it are the functions that it calls, and its width is its
share of the samples. py-spy attaches to a running process, so it needs permission to trace one: root, the capability
SYS_PTRACE, or `kernel.yama.ptrace_scope = 0`.
"""

import asyncio
import re
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from bench.child import Child
from bench.publish_call import Case, create_world_for_calls, load_job
from bench.site import Scale, Site, open_site
from presswork.core.logging import set_up_logs
from presswork.platforms.settings import Settings

_PY_SPY: Final = Path(sys.executable).with_name("py-spy")
_SAMPLES_PER_SECOND: Final = 250
_TITLE: Final = re.compile(r'(<text id="title"[^>]*>)[^<]*')
_MARGIN_SECONDS: Final = 2
"""The load lasts longer than the profile by this much, so that every sample is taken under load."""


async def profile(site: Site, to: Path, *, seconds: int, targets: int = 10) -> None:
    """Sample an API process under publish calls, and write the flame graph. Raises CalledProcessError."""
    dsn, world = await create_world_for_calls(site)
    scale = Scale(seconds=seconds + _MARGIN_SECONDS, rows=1, posts=1, drained=1, targets=[targets])
    with Child("bench.load") as caller, site.api(dsn) as api:
        job = load_job(api.url, world, scale, Case(targets=targets))
        await caller.ask(job | {"seconds": 1})  # opens connections and makes plans
        async with asyncio.TaskGroup() as group:
            group.create_task(caller.ask(job))
            group.create_task(asyncio.to_thread(_record, api.process.pid, to, seconds, targets))


def _record(pid: int, to: Path, seconds: int, targets: int) -> None:
    options = {
        "--pid": str(pid),
        "--duration": str(seconds),
        "--rate": str(_SAMPLES_PER_SECOND),
        "--format": "flamegraph",
        "--output": str(to),
    }
    arguments = [argument for option in options.items() for argument in option]
    subprocess.run([_PY_SPY, "record", *arguments, "--function"], check=True)  # noqa: S603  a development dependency
    # The title that py-spy writes is its command line, with paths of this machine.
    title = rf"\g<1>Publish calls, {targets} target{'s' if targets > 1 else ''} each"
    to.write_text(_TITLE.sub(title, to.read_text(encoding="utf-8")), encoding="utf-8")


def main(
    to: Annotated[Path, typer.Argument(help="Where to write the SVG.")],
    seconds: Annotated[int, typer.Option(min=1, help="How long to sample.")] = 20,
    targets: Annotated[int, typer.Option(min=1, max=50, help="Targets of each call.")] = 10,
) -> None:
    """Put an API process under load and write its profile as a flame graph."""
    set_up_logs(Settings(_env_file=None, log_level="warning"))
    with open_site() as site:
        asyncio.run(profile(site, to.absolute(), seconds=seconds, targets=targets))


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    app()
