"""Put the sandbox and the client into the wheel, and refuse to build one without the console."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# Under a folder of presswork's, so that nothing collides with the distributions of these names (presswork/__init__.py).
BUNDLED = {
    "packages/sandbox/src/presswork_sandbox": "presswork/_bundled/presswork_sandbox",
    "sdk/python/src/presswork_client": "presswork/_bundled/presswork_client",
}


class PressworkHook(BuildHookInterface):
    """Checks the build of the console, which git ignores, and adds the bundled packages."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Raise FileNotFoundError for a wheel or an sdist without the console. An editable installation may be without it."""
        if version == "editable":
            return
        page = Path(self.root, "src/presswork/console/static/index.html")
        if not page.is_file():
            raise FileNotFoundError(
                f"The console is not built. Run `python console/build.py`, then build the {self.target_name} again."
            )
        if self.target_name == "wheel":
            for source, target in BUNDLED.items():
                build_data["force_include"][str(Path(self.root, source))] = target
