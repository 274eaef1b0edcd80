"""What hosting platforms and registries read: known keys, existing settings and commands, no secret.

The keys are those of each platform's documentation, read in December 2026; a key that is not among them is a misspelling, or new.
"""

import base64
import json
import re
import secrets
import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import yaml
from check_jsonschema import main as check_jsonschema  # type: ignore[import-untyped]  # it has no py.typed
from click.testing import CliRunner
from tests.deploy.test_deploy import CONTAINERFILE, DEPLOY, SECRETS, check_command
from tests.docs.pages import ROOT

from presswork import __version__
from presswork.api.health.routes import router
from presswork.core.setting_values import OTHER_VARIABLES, PREFIX
from presswork.crypto.keyring import parse_keys
from presswork.platforms.settings import Settings

PROGRAM: Final = "/opt/presswork/bin/presswork"
KNOWN_SETTINGS: Final = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
OTHERS: Final = {"PORT", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"}
NEEDED: Final = {f"{PREFIX}{name}" for name in ("DATABASE_URL", "SECRET_KEYS", "PUBLIC_URL", "MEDIA_STORE")}
HEALTH_PATHS: Final = {route.path for route in router.routes if hasattr(route, "path")}

# https://render.com/docs/blueprint-spec
RENDER_SERVICE: Final = {
    *("name", "type", "runtime", "region", "plan", "branch", "rootDir", "preDeployCommand", "autoDeployTrigger"),
    *("maxShutdownDelaySeconds", "healthCheckPath", "domains", "envVars", "buildFilter", "disk", "scaling"),
    *("numInstances", "registryCredential", "image", "dockerfilePath", "dockerContext", "dockerCommand", "previews"),
}
RENDER_DATABASE: Final = {
    *("name", "plan", "previewPlan", "previewDiskSizeGB", "postgresMajorVersion", "databaseName", "user", "region"),
    *("diskSizeGB", "storageAutoscalingEnabled", "readReplicas", "highAvailability", "ipAllowList"),
}
RENDER_VARIABLE: Final = {"key", "value", "generateValue", "sync", "fromDatabase", "fromService", "fromGroup"}
# https://docs.railway.com/config-as-code/reference
RAILWAY: Final = {
    "build": {"builder", "watchPatterns", "buildCommand", "dockerfilePath", "railpackVersion"},
    "deploy": {
        *("startCommand", "preDeployCommand", "multiRegionConfig", "healthcheckPath", "healthcheckTimeout"),
        *("restartPolicyType", "restartPolicyMaxRetries", "cronSchedule", "overlapSeconds", "drainingSeconds"),
    },
}
# https://coolify.io/docs/services/configuration/docker-compose
COOLIFY_KEY: Final = "exclude_from_hc"
COOLIFY_VALUE: Final = re.compile(
    r"SERVICE_(?:URL_[A-Z]+(?:_\d+)?|PASSWORD(?:_64)?_[A-Z]+|REALBASE64(?:_32|_64|_128)?_[A-Z]+|USER_[A-Z]+)"
)
# https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json
SERVER_KEYS: Final = {
    *("$schema", "name", "title", "description", "version", "websiteUrl", "repository", "packages", "remotes"),
    *("icons", "_meta"),
}
PACKAGE_KEYS: Final = {
    *("registryType", "registryBaseUrl", "identifier", "version", "fileSha256", "runtimeHint", "runtimeArguments"),
    *("packageArguments", "environmentVariables", "transport"),
}
INPUT_KEYS: Final = {
    *("name", "description", "format", "isRequired", "isSecret", "default", "placeholder", "choices", "value"),
    "variables",
}
Document = dict[str, Any]  # Any: JSON or YAML values


def check_settings(names: Iterable[str], *, extra: Iterable[str] = ()) -> None:
    """Assert that variables are settings of the program, or known ones of a provider, and that none is missing."""
    found = {name for name in names if name not in extra}
    assert found - KNOWN_SETTINGS - OTHERS == set()
    assert found >= NEEDED


def check_program(command: str) -> None:
    """Assert that a command line names the program by its path in the image, and is valid."""
    program, *words = shlex.split(command)
    assert program == PROGRAM
    assert f"{PROGRAM}\n" in CONTAINERFILE.read_text() or f"> {PROGRAM}" in CONTAINERFILE.read_text()
    check_command(words)


def test_render_knows_every_key() -> None:
    """render.yaml has known keys, existing commands, and settings that the worker takes from the API."""
    blueprint: Document = yaml.safe_load((ROOT / "render.yaml").read_text())
    assert set(blueprint) == {"services", "databases"}
    (database,) = blueprint["databases"]
    assert set(database) <= RENDER_DATABASE
    assert database["ipAllowList"] == []
    services = {service["type"]: service for service in blueprint["services"]}
    assert set(services) == {"web", "worker"}
    for service in services.values():
        assert set(service) <= RENDER_SERVICE
        assert (ROOT / service["dockerContext"] / service["dockerfilePath"]).resolve() == CONTAINERFILE
        assert service["autoDeployTrigger"] in ("off", "commit", "checksPass"), "YAML reads a bare off as false"
        assert 1 <= service["maxShutdownDelaySeconds"] <= 300
        for command in ("preDeployCommand", "dockerCommand"):
            if command in service:
                check_program(service[command])
        for variable in service["envVars"]:
            assert set(variable) <= RENDER_VARIABLE
            assert len(variable) == 2, "a key and one source"
            assert variable["key"] not in SECRETS or "value" not in variable
            if "fromDatabase" in variable:
                assert variable["fromDatabase"] == {"name": database["name"], "property": "connectionString"}
        check_settings(variable["key"] for variable in service["envVars"])
    assert services["web"]["healthCheckPath"] in HEALTH_PATHS
    web, worker = ({one["key"]: one for one in services[kind]["envVars"]} for kind in ("web", "worker"))
    for name, variable in worker.items():
        if "fromService" in variable:
            assert variable["fromService"] == {"type": "web", "name": services["web"]["name"], "envVarKey": name}
            assert name in web
    assert web["PORT"]["value"] == re.findall(r"PRESSWORK_PORT=(\d+)", CONTAINERFILE.read_text())[0]
    assert web["PRESSWORK_SECRET_KEYS"] == {"key": "PRESSWORK_SECRET_KEYS", "generateValue": True}
    generated = base64.b64encode(
        secrets.token_bytes(32)
    ).decode()  # as Render and Coolify generate it: not base64url, and padded
    assert parse_keys([generated], source="Render")


def test_railway_knows_every_key() -> None:
    """Each file has known keys, existing commands and a path that answers; the page names settings that exist."""
    for file in sorted((DEPLOY / "railway").iterdir()):
        document: Document = json.loads(file.read_text())
        assert document.pop("$schema") == "https://railway.com/railway.schema.json"
        assert set(document) == set(RAILWAY)
        assert all(set(section) <= RAILWAY[name] for name, section in document.items())
        deploy = document["deploy"]
        assert (ROOT / document["build"]["dockerfilePath"]) == CONTAINERFILE
        assert deploy["restartPolicyType"] in ("ON_FAILURE", "ALWAYS", "NEVER")
        assert deploy.get("healthcheckPath", "/healthz") in HEALTH_PATHS
        for command in (deploy["startCommand"], *deploy.get("preDeployCommand", ())):
            check_program(command)
    page = (ROOT / "docs" / "hosting-platforms.md").read_text()
    block = page.partition("```ini\n")[2].partition("```")[0]
    check_settings(re.findall(r"^ +(\w+)=", block, re.MULTILINE))


def test_coolify_reads_the_compose_file(tmp_path: Path) -> None:
    """It follows the schema of Compose, apart from a key of Coolify's; its values are ones that Coolify generates."""
    file = DEPLOY / "coolify" / "compose.yaml"
    document: Document = yaml.safe_load(file.read_text())
    services: Mapping[str, Document] = document["services"]
    for service in services.values():
        service.pop(COOLIFY_KEY, None)
        if "build" in service:
            assert ROOT / service["build"]["dockerfile"] == CONTAINERFILE
            assert service["build"]["context"] == ".", "relative to the base directory, which is the repository"
            check_command(service["command"])
            check_settings(service["environment"], extra=["SERVICE_URL_API_8000"])
            assert service["read_only"]
            assert service["cap_drop"] == ["ALL"]
    copy = tmp_path / "compose.json"
    copy.write_text(json.dumps(document))
    done = CliRunner().invoke(check_jsonschema, ["--builtin-schema", "vendor.compose-spec", str(copy)])
    assert done.exit_code == 0, done.output
    values = {name for name in re.findall(r"\$\{(\w+)", file.read_text()) if not name.startswith(PREFIX)}
    assert values
    assert all(COOLIFY_VALUE.fullmatch(name) for name in values)
    assert set(document["volumes"]) == {
        entry.partition(":")[0] for service in services.values() for entry in service.get("volumes", ())
    }


def test_the_entry_of_the_mcp_registry_is_valid() -> None:
    """server.json has the fields and bounds of its schema, our version, and a command and variables that exist."""
    entry: Document = json.loads((ROOT / "server.json").read_text())
    assert set(entry) <= SERVER_KEYS
    assert re.fullmatch(r"[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+", entry["name"])
    assert 1 <= len(entry["description"]) <= 100
    assert 1 <= len(entry["title"]) <= 100
    assert set(entry["repository"]) == {"url", "source"}
    (package,) = entry["packages"]
    assert set(package) <= PACKAGE_KEYS
    assert entry["version"] == package["version"] == __version__
    assert package["transport"] == {"type": "stdio"}
    check_command([argument["value"] for argument in package["packageArguments"]])
    variables = {variable["name"]: variable for variable in package["environmentVariables"]}
    assert set(variables) <= OTHER_VARIABLES
    assert all(set(variable) <= INPUT_KEYS for variable in variables.values())
    assert [name for name, variable in variables.items() if variable.get("isSecret")] == ["PRESSWORK_API_KEY"]
    (remote,) = entry["remotes"]
    assert set(remote) <= {"type", "url", "headers", "variables"}
    assert set(re.findall(r"\{(\w+)\}", remote["url"])) == set(remote["variables"])
    assert all(set(variable) <= INPUT_KEYS - {"name"} for variable in remote["variables"].values())
    assert f"mcp-name: {entry['name']}" in (ROOT / "README.md").read_text(), "the registry looks for it on PyPI"
