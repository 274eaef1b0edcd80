"""The files that code hosts and editors read: workflows, dependabot, issue forms, hooks. They are valid and name what exists."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml
from check_jsonschema import main as check_jsonschema  # type: ignore[import-untyped]  # it has no py.typed
from click.testing import CliRunner
from pre_commit.clientlib import load_config  # type: ignore[import-untyped]  # as above
from tests.docs.pages import ROOT

GITHUB: Final = ROOT / ".github"
WORKFLOWS: Final = sorted((GITHUB / "workflows").iterdir())
ISSUE_CONFIG: Final = GITHUB / "ISSUE_TEMPLATE" / "config.yml"
DEPENDABOT: Final = GITHUB / "dependabot.yml"
HOOKS: Final = ROOT / ".pre-commit-config.yaml"
SCHEMAS: Final = {
    "vendor.github-workflows": WORKFLOWS,
    "custom.github-workflows-require-timeout": WORKFLOWS,
    "vendor.dependabot": [DEPENDABOT],
    "vendor.github-issue-forms": sorted(set(ISSUE_CONFIG.parent.iterdir()) - {ISSUE_CONFIG}),
    "vendor.github-issue-config": [ISSUE_CONFIG],
}
ECOSYSTEMS: Final = {
    "uv.lock": "uv",
    "package-lock.json": "npm",
    "Containerfile": "docker",
    "compose.yaml": "docker-compose",
}
_ACTION: Final = re.compile(r"actions/[a-z-]+@v\d+|[\w.-]+/[\w.-]+@[0-9a-f]{40}")


def load(file: Path) -> dict[str, Any]:  # Any: YAML values
    """Return a YAML document."""
    document: dict[str, Any] = yaml.safe_load(file.read_text())
    return document


def jobs() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each job of each workflow, with its name."""
    for file in WORKFLOWS:
        for name, job in load(file)["jobs"].items():
            yield f"{file.name}: {name}", job


def tracked_files(*patterns: str) -> set[str]:
    """Return the files that git has, or would add."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    return set(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines())


def test_the_files_follow_their_schemas() -> None:
    """Each file follows the schema of its kind, of the copies in check-jsonschema; each job has a time limit."""
    errors = []
    for schema, files in SCHEMAS.items():
        assert files, schema
        done = CliRunner().invoke(check_jsonschema, ["--builtin-schema", schema, *map(str, files)])
        errors += [done.output] if done.exit_code else []
    assert errors == []


def test_workflows_run_commands_that_exist() -> None:
    """Each `make X` in a workflow is a target, each `bash FILE` a file, and the gate is .ci/run."""
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    commands = [(name, step["run"]) for name, job in jobs() for step in job["steps"] if "run" in step]
    assert ("ci.yml: gate", "bash .ci/run") in commands
    assert ("release.yml: build", "make release") in commands
    unknown = [
        (name, command)
        for name, command in commands
        if not set(re.findall(r"\bmake ([\w-]+)", command)) <= targets
        or not all((ROOT / file).is_file() for file in re.findall(r"\bbash (\S+)", command))
    ]
    assert unknown == []


def test_ci_runs_on_each_python_and_system_of_the_classifiers() -> None:
    """The matrix has the Python versions and the operating systems that the package claims, and no others."""
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["classifiers"]
    minors = re.findall(r"^Programming Language :: Python :: (3\.\d+)$", "\n".join(classifiers), re.MULTILINE)
    systems = {classifier for classifier in classifiers if classifier.startswith("Operating System")}
    matrix = load(GITHUB / "workflows" / "ci.yml")["jobs"]["gate"]["strategy"]["matrix"]
    assert matrix["python"] == minors
    assert [image.partition("-")[0] for image in matrix["os"]] == ["ubuntu", "macos"]
    assert systems == {"Operating System :: MacOS", "Operating System :: POSIX :: Linux"}


def test_workflows_have_few_permissions() -> None:
    """A workflow may read only; a job that may write runs no code of ours. No secrets, and no action by a name that may move."""
    for file in WORKFLOWS:
        workflow = load(file)
        assert workflow["permissions"] == {"contents": "read"}, file.name
        assert "concurrency" in workflow, file.name
        assert "secrets." not in file.read_text(), file.name
    for name, job in jobs():
        uses = [step["uses"] for step in job["steps"] if "uses" in step]
        assert [action for action in uses if not _ACTION.fullmatch(action)] == [], name
        checkouts = [step for step in job["steps"] if step.get("uses", "").startswith("actions/checkout@")]
        assert all(step["with"] == {"persist-credentials": False} for step in checkouts), name
        assert not (checkouts and "permissions" in job), name


def test_dependabot_reads_each_lock_file_and_image() -> None:
    """Each folder with a lock file, a Containerfile or a compose file has an entry, and no entry is left over."""
    entries = {
        (entry["package-ecosystem"], folder)
        for entry in load(DEPENDABOT)["updates"]
        for folder in entry.get("directories", [entry.get("directory")])
    }
    wanted = {
        (ecosystem, "/" + file.rpartition("/")[0])
        for name, ecosystem in ECOSYSTEMS.items()
        for file in tracked_files(name, f"**/{name}")
    }
    assert entries == wanted | {("github-actions", "/"), ("devcontainers", "/")}


def test_hooks_run_our_own_tools_on_the_files_of_make_lint() -> None:
    """Each hook is a program of the lock file, which is not fetched; codespell reads the files that `make lint` names."""
    hooks = {hook["id"]: hook for repo in load_config(str(HOOKS))["repos"] for hook in repo["hooks"]}
    for hook in hooks.values():
        program = hook["entry"].split()[0]
        assert program.startswith(".venv/bin/"), program
        assert Path(sys.executable).with_name(Path(program).name).exists(), program
        assert hook["language"] in {"system", "unsupported"}, hook["id"]  # two names of one language
    patterns = re.search(r"codespell \$\$\(git ls-files -- (.+)\)", (ROOT / "Makefile").read_text())
    assert patterns
    files = tracked_files(*(pattern.strip("'") for pattern in patterns[1].split()))
    assert {file for file in tracked_files() if re.search(hooks["codespell"]["files"], file)} == files
