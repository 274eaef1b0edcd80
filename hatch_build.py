"""Refuse to build a wheel without the console."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ConsoleHook(BuildHookInterface):
    """Checks the build of the console, which git ignores."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  hatchling's signature
        """Raise FileNotFoundError for a wheel without the console. An editable installation may be without it."""
        page = Path(self.root, "src/presswork/console/static/index.html")
        if version != "editable" and not page.is_file():
            raise FileNotFoundError(
                "The console is not built. Run `python console/build.py`, then build the wheel again."
            )
