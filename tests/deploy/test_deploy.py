"""The files in deploy/ name existing commands, options, settings and files, and have no secret."""

import asyncio
import configparser
import json
import os
import re
import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
import yaml
from dotenv import dotenv_values
from tests.api_server import Api
from tests.docs.pages import ROOT
from typer.core import TyperGroup

from presswork.cli.main import COMMANDS, command_named
from presswork.core.setting_values import PREFIX
from presswork.platforms.settings import Settings

DEPLOY: Final = ROOT / "deploy"
COMPOSE: Final = DEPLOY / "compose" / "compose.yaml"
CONTAINERFILE: Final = DEPLOY / "Containerfile"
UNITS: Final = sorted((DEPLOY / "systemd").glob("*.service"))
EXAMPLES: Final = sorted(DEPLOY.rglob("*.env.example"))
SECRETS: Final = {f"{PREFIX}{name.upper()}" for name, field in Settings.model_fields.items() if "Secret" in repr(field)}


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:  # Any: YAML values
    """The services of the compose file, with YAML anchors merged."""
    found: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE.read_text())["services"]
    return found


def check_command(words: Sequence[str]) -> None:
    """Assert that a `presswork` command line is valid: the command and each option exist."""
    name, *rest = words
    assert name in COMMANDS
    command = command_named(name)
    assert not isinstance(command, TyperGroup)
    command.make_context(name, list(rest))  # raises on an unknown option and on an invalid value


def named_settings() -> Iterator[tuple[Path, str]]:
    """Yield each setting that a file in deploy/ mentions."""
    for file in sorted(path for path in DEPLOY.rglob("*") if path.is_file() and path.suffix != ".json"):
        for name in re.findall(rf"\b({PREFIX}[A-Z_]+)\b", file.read_text()):
            yield file, name


def test_each_mentioned_setting_exists() -> None:
    """Each mentioned PRESSWORK_ variable is a setting, except the port that compose publishes."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | {"PRESSWORK_PUBLISHED_PORT"}
    named = {name for _, name in named_settings()}
    assert {"PRESSWORK_DATABASE_URL", "PRESSWORK_SECRET_KEYS", "PRESSWORK_PUBLIC_URL", "PRESSWORK_MEDIA_STORE"} <= named
    assert [(file.name, name) for file, name in named_settings() if name not in known] == []


def test_the_image_runs_a_command_that_exists(services: dict[str, dict[str, Any]]) -> None:
    """The image runs `presswork`, by default the API on the port of the proxy."""
    text = CONTAINERFILE.read_text()
    settings = dict(re.findall(rf"({PREFIX}\w+)=(\S+)", text))
    assert 'ENTRYPOINT ["presswork"]' in text
    check_command(re.findall(r'"([^"]+)"', text.partition("\nCMD ")[2]))
    assert re.search(r"^USER presswork$", text, re.MULTILINE)
    port = settings["PRESSWORK_PORT"]
    assert services["api"]["expose"] == [port]
    assert f"dynamic a api {port}" in (COMPOSE.parent / "Caddyfile").read_text()
    assert f":{port} {{" in (COMPOSE.parent / "Caddyfile").read_text()
    for name in re.findall(r"^COPY (?!--)(.+) \S+$", text, re.MULTILINE):
        assert all((ROOT / part).exists() for part in name.split() if part != "build/image/packages")  # of `make image`


def test_what_installs_and_builds_is_pinned_by_hash() -> None:
    """pip and uv run nothing whose hash is not in the repository, also where they get uv, Node or what builds our wheels."""
    for file in (CONTAINERFILE, ROOT / "Makefile"):
        steps = re.findall(r"^.*(?:pip install|uv build).*$", file.read_text(), re.MULTILINE)
        assert steps
        assert [step for step in steps if "--require-hashes" not in step and "--no-deps /dist/" not in step] == [], file
    for file in (ROOT / ".ci").glob("*.txt"):
        requirements = [line for line in file.read_text().splitlines() if line[0] not in "# "]
        assert all(re.fullmatch(r"[a-z0-9-]+==[0-9.]+ \\", line) for line in requirements), file
        assert file.read_text().count("--hash=sha256:") > len(requirements) > 0, file


async def test_the_health_check_of_the_image_asks_about_the_api_only(api: Api) -> None:
    """The check uses the port of the settings, and passes without a worker: otherwise every API would be unhealthy at once."""
    assert (await (await api.anonymous()).get("/readyz")).status_code == 503
    check = json.loads(re.findall(r"HEALTHCHECK [^\[]+CMD (\[.+\])", CONTAINERFILE.read_text())[0])
    assert check[0] == "python"
    port = str(urlsplit(api.base_url).port)
    for number, is_healthy in ((port, True), ("1", False)):
        process = await asyncio.create_subprocess_exec(
            sys.executable, *check[1:], env={**os.environ, "PRESSWORK_PORT": number}, stderr=asyncio.subprocess.DEVNULL
        )
        assert (await process.wait() == 0) is is_healthy


def test_the_compose_file_runs_commands_that_exist(services: dict[str, dict[str, Any]]) -> None:
    """API, worker, migration and sandbox run existing commands and depend on each other in the right order."""
    ours = {name: service for name, service in services.items() if service["image"] == "presswork"}
    assert set(ours) == {"migrate", "api", "worker", "sandbox"}
    for service in ours.values():
        check_command(service["command"])
        assert service["env_file"] == "presswork.env"
        assert (
            COMPOSE.parent / service["build"]["context"] / service["build"]["dockerfile"]
        ).resolve() == CONTAINERFILE
    assert services["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    for name in ("api", "worker"):
        assert services[name]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    assert services["migrate"]["restart"] == "no"
    assert "ports" not in services["api"], "a fixed port allows only one API"
    volumes = yaml.safe_load(COMPOSE.read_text())["volumes"]
    mounted = {entry.partition(":")[0] for service in services.values() for entry in service.get("volumes", ())}
    assert {name for name in mounted if not name.startswith(".")} == set(volumes)
    assert all((COMPOSE.parent / name).exists() for name in mounted if name.startswith("."))
    env_files = {service["env_file"] for service in services.values() if "env_file" in service}
    assert {f"{name}.example" for name in env_files} == {path.name for path in COMPOSE.parent.glob("*.example")}


def test_the_database_is_healthy_only_where_the_migration_reaches_it(services: dict[str, dict[str, Any]]) -> None:
    """The check connects by TCP: while its image prepares a new database, PostgreSQL listens on its Unix socket alone."""
    kind, check = services["postgres"]["healthcheck"]["test"]
    assert (kind, shlex.split(check)[0]) == ("CMD-SHELL", "pg_isready")
    assert "--host 127.0.0.1" in check


def test_each_command_that_builds_the_image_keeps_its_health_check() -> None:
    """Podman's own format of images has no health checks, and drops that of the Containerfile with a warning only."""
    texts = [path.read_text() for path in (CONTAINERFILE, *sorted((ROOT / "docs").glob("*.md")))]
    builds = [line for text in texts for line in text.splitlines() if "podman build " in line]
    assert builds
    assert [line for line in builds if "podman build --format docker " not in line] == []


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_units_run_commands_that_exist(unit: Path) -> None:
    """Each unit runs an existing command as an unprivileged user, with the settings of one file."""
    parser = configparser.ConfigParser(strict=True, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]  # the documented way to keep the case of names
    parser.read_string(unit.read_text())
    service = parser["Service"]
    program, *words = shlex.split(service["ExecStart"].replace("%i", "8000"))
    assert program == "/opt/presswork/bin/presswork"
    check_command(words)
    assert (service["User"], service["NoNewPrivileges"], service["ProtectSystem"]) == ("presswork", "yes", "strict")
    assert service["EnvironmentFile"] == "/etc/presswork/presswork.env"
    if words == [
        "up"
    ]:  # migrates by itself; its children, the database among them, are stopped by the main process in their order
        assert (service["Restart"], service["KillMode"]) == ("always", "mixed")
        assert parser["Install"]["WantedBy"] == "multi-user.target"
    elif words != ["migrate"]:
        assert (service["Restart"], parser["Install"]["WantedBy"]) == ("always", "multi-user.target")
        assert "presswork-migrate.service" in parser["Unit"]["After"]
    else:
        assert service["Type"] == "oneshot"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: str(path.relative_to(DEPLOY)))
def test_examples_are_settings_without_secrets(example: Path) -> None:
    """An example file is valid once the secrets are filled in, and has no secret itself."""
    values = {name: value or "" for name, value in dotenv_values(example).items()}
    for name, value in values.items():
        if name in SECRETS or name.endswith(("PASSWORD", "KEY")):
            assert not value or ":PASSWORD@" in value, name
    given = {
        name.removeprefix(PREFIX).lower(): value for name, value in values.items() if name.startswith(PREFIX) and value
    }
    Settings.model_validate(given)
