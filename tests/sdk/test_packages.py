"""The packages as users install them: built, and used in a clean environment."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

SDK: Final = Path(__file__).parents[2] / "sdk"
UV: Final = Path(sys.executable).with_name("uv")
USE_PYTHON: Final = """
import presswork_client, presswork_client._client
from presswork_client import APIConnectionError, Presswork
with Presswork(api_key="lp_test_x", base_url="http://127.0.0.1:1", max_retries=0) as presswork:
    try:
        presswork.publishing.publish_now(container_id="cnt_1", targets=[], idempotency_key="k")
    except APIConnectionError as error:
        print(error.idempotency_key, presswork_client.__file__)
"""
USE_NODE: Final = """
const presswork = new Presswork({ apiKey: "lp_test_x", baseUrl: "http://127.0.0.1:1", maxRetries: 0 });
presswork.publishing
  .publishNow({ containerId: "cnt_1", targets: [] }, { idempotencyKey: "k" })
  .catch((error) => console.log(error instanceof APIConnectionError, error.idempotencyKey));
"""
pytestmark = [pytest.mark.exhaustive, pytest.mark.slow]


def _run(*command: str | Path, cwd: Path, **variables: str) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    done = subprocess.run(command, cwd=cwd, env={**kept, **variables}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def test_the_python_package_works_by_itself(tmp_path: Path) -> None:
    """The wheel includes its types, and does not depend on the server."""
    _run(UV, "build", "--quiet", "--wheel", "--out-dir", tmp_path, SDK / "python", cwd=tmp_path)
    (wheel,) = tmp_path.glob("*.whl")
    _run(UV, "venv", "--quiet", "--python", sys.executable, tmp_path / "clean", cwd=tmp_path)
    python = tmp_path / "clean" / "bin" / "python"
    _run(UV, "pip", "install", "--quiet", "--python", python, wheel, cwd=tmp_path)
    key, file = _run(python, "-c", USE_PYTHON, cwd=tmp_path).split()
    assert key == "k"
    assert Path(file).is_relative_to(tmp_path / "clean")
    assert Path(file).with_name("py.typed").exists()


def test_the_typescript_package_works_by_itself(tmp_path: Path, built: Path) -> None:
    """The package has no dependencies, and works with import and require, both with types."""
    package = SDK / "typescript"
    (packed,) = json.loads(_run("npm", "pack", "--json", "--pack-destination", tmp_path, cwd=package))
    (tmp_path / "package.json").write_text('{"private": true}')
    _run("npm", "install", "--no-audit", "--no-fund", str(tmp_path / packed["filename"]), cwd=tmp_path)
    names = {path.name for path in (tmp_path / "node_modules").iterdir() if not path.name.startswith(".")}
    assert names == {"presswork-client"}
    (tmp_path / "a.mjs").write_text(f'import {{ APIConnectionError, Presswork }} from "presswork-client";\n{USE_NODE}')
    (tmp_path / "a.cjs").write_text(
        f'const {{ APIConnectionError, Presswork }} = require("presswork-client");\n{USE_NODE}'
    )
    assert _run("node", "a.mjs", cwd=tmp_path) == _run("node", "a.cjs", cwd=tmp_path) == "true k"
    files = {file["path"] for file in packed["files"]}
    assert {"dist/esm/index.d.ts", "dist/cjs/index.d.ts", "README.md"} <= files
    described: Mapping[str, object] = json.loads((package / "package.json").read_text())
    assert "dependencies" not in described
