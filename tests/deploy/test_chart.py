"""The Helm chart: its values, its schema and the names in its templates agree with each other and with the program.

`make chart` renders it with Helm's own library; here are the parts that a change of the program can break.
"""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from textwrap import dedent
from typing import Any, Final

import pytest
import yaml
from jsonschema import Draft7Validator  # type: ignore[import-untyped]  # it has no py.typed
from tests.deploy.test_deploy import DEPLOY, check_command
from tests.docs.pages import ROOT

from presswork.api.health.routes import router
from presswork.core.setting_values import PREFIX
from presswork.platforms.settings import Settings

CHART: Final = DEPLOY / "helm" / "presswork"
TEMPLATES: Final = sorted((CHART / "templates").iterdir())
EXAMPLES: Final = [*sorted((CHART / "ci").iterdir()), ROOT / "docs" / "kubernetes.md"]
SECRET_NAMES: Final = {
    f"{PREFIX}{name.upper()}" for name, field in Settings.model_fields.items() if "Secret" in repr(field)
}
_STOP_SECONDS: Final = {
    "api": 5 + 10,
    "worker": 28,
}  # docs/configuration.md, "Combinations"; the API waits five before it stops
Values = dict[str, Any]  # Any: YAML values


@pytest.fixture(scope="module")
def schema() -> Values:
    """Return the schema of the values."""
    document: Values = yaml.safe_load((CHART / "values.schema.json").read_text())
    Draft7Validator.check_schema(document)
    return document


def defaults() -> Values:
    """Return the default values."""
    document: Values = yaml.safe_load((CHART / "values.yaml").read_text())
    return document


def merged(values: Values, over: Values) -> Values:
    """Return values as Helm merges them over the defaults."""
    for name, value in over.items():
        is_section = isinstance(value, dict) and isinstance(values.get(name), dict)
        values[name] = merged(values[name], value) if is_section else value
    return values


def example(file: Path) -> Values:
    """Return the values of an example, or of the block of YAML on a page, with the defaults."""
    text = file.read_text()
    return merged(defaults(), yaml.safe_load(dedent(text.partition("```yaml")[2].partition("```")[0] or text)))


def paths(values: Values, schema: Mapping[str, Any], start: str = "") -> Iterator[tuple[str, bool]]:
    """Yield each value's path, and whether the schema has it."""
    for name, value in values.items():
        known = schema.get("properties", {})
        yield f"{start}{name}", name in known
        if isinstance(value, dict) and known.get(name, {}).get("properties"):
            yield from paths(value, known[name], f"{start}{name}.")


def test_values_and_schema_have_the_same_names(schema: Values) -> None:
    """Each default is in the schema, which forbids any other name, and each name of the schema has a default."""
    found = dict(paths(defaults(), schema))
    own = {name for name in found if not name.startswith("settings.")}
    assert [name for name in own if not found[name]] == []
    assert set(schema["properties"]) - {"global"} == set(defaults())
    for name, section in schema["properties"].items():
        if section.get("additionalProperties") is False:
            assert set(section["properties"]) == set(defaults()[name]), name


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_the_examples_are_valid_and_name_settings(file: Path, schema: Values) -> None:
    """Each example passes, and the program accepts its settings."""
    values = example(file)
    assert [error.message for error in Draft7Validator(schema).iter_errors(values)] == []
    given = {**values["settings"], **dict.fromkeys(values["secrets"]["values"], "")}
    names = {name.removeprefix(PREFIX).lower(): value for name, value in given.items() if name.startswith(PREFIX)}
    assert set(names) <= set(Settings.model_fields)
    Settings.model_validate({name: str(value) for name, value in names.items() if value != ""})
    assert not SECRET_NAMES & set(values["settings"]), "secrets belong in a Secret"


def test_wrong_values_are_refused(schema: Values) -> None:
    """A value that would start pods that can't work is refused before anything is installed."""
    small = example(CHART / "ci" / "small-values.yaml")
    wrong: list[tuple[str, Values]] = [
        ("no image", {"image": {"repository": ""}}),
        ("a misspelt name", {"api": {"replica": 3}}),
        ("a folder, which pods do not share", {"settings": {"PRESSWORK_MEDIA_STORE": "/media"}}),
        ("no https", {"settings": {"PRESSWORK_PUBLIC_URL": "http://presswork.example.com"}}),
        ("a sandbox in each pod", {"settings": {"PRESSWORK_SANDBOX": "true"}}),
        ("the port of the probes", {"settings": {"PRESSWORK_PORT": 9000}}),
        ("a secret among the settings", {"settings": {"PRESSWORK_DATABASE_URL": "postgresql://db1/presswork"}}),
        ("no secrets", {"secrets": {"existing": ""}}),
        ("a fraction", {"settings": {"PRESSWORK_WORKER_LEASE": 0.5}}),
    ]
    validator = Draft7Validator(schema)
    assert [why for why, over in wrong if validator.is_valid(merged(deepcopy(small), over))] == []


def test_templates_read_values_that_exist() -> None:
    """Each `.Values.` path of a template has a default: Helm renders nothing for a misspelt one."""
    missing = set()
    for file in TEMPLATES:
        for path in re.findall(r"\.Values((?:\.\w+)+)", file.read_text()):
            value: Any = defaults()
            for name in path.split(".")[1:]:
                if not isinstance(value, dict) or name not in value:
                    missing.add(f"{file.name}: {path}")
                    break
                value = value[name]
    assert missing == set()


def test_pods_run_commands_and_are_asked_where_they_answer() -> None:
    """Each container runs an existing command; probes ask existing paths; each has more time to stop than it needs."""
    routes = {route.path for route in router.routes if hasattr(route, "path")}
    for name in ("api", "worker", "migration"):
        text = (CHART / "templates" / f"{name}.yaml").read_text()
        check_command(re.findall(r"args: \[(\w+)\]", text))
        assert {path.partition("?")[0] for path in re.findall(r'path: "?(/[\w?=]+)"?, port', text)} <= routes
        assert set(re.findall(r" port: ([a-z]+)}", text)) <= set(
            re.findall(r"\{name: ([a-z]+), (?:containerPort|port):", text)
        )
        for seconds in re.findall(r"terminationGracePeriodSeconds: (\d+)", text):
            assert int(seconds) > _STOP_SECONDS[name] + 10
        for helper in ("podSecurity", "container", "environment"):
            assert f'include "presswork.{helper}"' in text, f"{name} has no {helper}"
    helpers = (CHART / "templates" / "_helpers.tpl").read_text()
    for line in (
        "runAsNonRoot: true",
        "readOnlyRootFilesystem: true",
        "allowPrivilegeEscalation: false",
        "capabilities: {drop: [ALL]}",
        "seccompProfile: {type: RuntimeDefault}",
        "enableServiceLinks: false",
    ):
        assert line in helpers


def test_the_chart_uses_user_and_port_of_the_image() -> None:
    """The user, the port and the data folder are those of the Containerfile."""
    image = (DEPLOY / "Containerfile").read_text()
    helpers = (CHART / "templates" / "_helpers.tpl").read_text()
    api = (CHART / "templates" / "api.yaml").read_text()
    (user,) = re.findall(r"--uid (\d+)", image)
    assert set(re.findall(r"(?:runAsUser|runAsGroup|fsGroup): (\d+)", helpers)) == {user}
    assert re.findall(r"PRESSWORK_PORT=(\d+)", image) == re.findall(r"containerPort: (\d+)", api)
    (folder,) = re.findall(r"PRESSWORK_DATA_DIR=(\S+)", image)
    assert f"mountPath: {folder}}}" in helpers
