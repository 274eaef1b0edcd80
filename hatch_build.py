"""Put the sandbox and the client into the wheel, and refuse to build one without the console."""

import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# Under a folder of presswork's, so that nothing collides with the distributions of these names (presswork/__init__.py).
CLIENT = {"sdk/python/src/presswork_client": "presswork/_bundled/presswork_client"}
SANDBOX = {"packages/sandbox/src/presswork_sandbox": "presswork/_bundled/presswork_sandbox"}


class PressworkHook(BuildHookInterface):
    """Checks the build of the console, which git ignores, and adds the bundled packages."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Raise FileNotFoundError for a wheel or an sdist without the console. An editable installation may be without it.

        With the variable WITHOUT_SANDBOX the wheel has no sandbox (docs/decisions/0053-make-the-sandbox-an-extra.md).
        """
        if version == "editable":
            return
        page = Path(self.root, "src/presswork/console/static/index.html")
        if not page.is_file():
            raise FileNotFoundError(
                f"The console is not built. Run `python console/build.py`, then build the {self.target_name} again."
            )
        if self.target_name != "wheel":
            return
        is_without_sandbox = bool(os.environ.get("WITHOUT_SANDBOX"))
        if is_without_sandbox:
            self._make_the_sandbox_an_extra()
        for source, target in (CLIENT if is_without_sandbox else CLIENT | SANDBOX).items():
            build_data["force_include"][str(Path(self.root, source))] = target

    def _make_the_sandbox_an_extra(self) -> None:
        """Require what only the sandbox needs, and the sandbox itself, for the extra `sandbox` instead of always."""
        requirements, extra = self.metadata.core.dependencies, self.metadata.core.optional_dependencies["sandbox"]
        requirements[:] = [requirement for requirement in requirements if requirement not in extra]
        extra.append(f"presswork-sandbox=={self.metadata.version}")
