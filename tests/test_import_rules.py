"""The contract of `import_rules.py` finds what it forbids, and nothing else."""

import re
import tomllib
from pathlib import Path

from grimp import ImportGraph
from tests.import_rules import DirectImports


def violations(*imports: tuple[str, str], **options: list[str]) -> list[str]:
    """Return what a contract with these options finds among some imports."""
    graph = ImportGraph()
    for importer, imported in imports:
        graph.add_module(importer)
        graph.add_module(imported)
        graph.add_import(importer=importer, imported=imported)
    return list(DirectImports("rule", {}, options).check(graph, verbose=False).metadata["violations"])


def test_only_the_modules_that_are_meant_are_held_to_it() -> None:
    """A use case must not import the API; a route may, and allowed imports pass."""
    imports = [("app.posts.publish", "app.api.body"), ("app.posts.callback_routes", "app.api.body")]
    rule = {"modules": ["app.*"], "except_for": ["app.*routes", "app.api.*"], "forbidden": ["app.api.*"]}
    assert violations(*imports, **rule) == ["app.posts.publish -> app.api.body"]
    assert violations(*imports, **rule, allowed=["app.api.body"]) == []


def test_a_rule_can_be_for_those_that_use_a_package() -> None:
    """A command that talks to the API by the client must not reach into the database; another command may."""
    imports = [
        ("app.cli.post", "app.cli.client.show"),
        ("app.cli.post", "app.db.pool"),
        ("app.cli.migrate", "app.db.pool"),
    ]
    rule = {"modules": ["app.cli.*"], "using": ["app.cli.client.*"], "forbidden": ["app.db.*"]}
    assert violations(*imports, **rule) == ["app.cli.post -> app.db.pool"]


def test_statements_include_parts_of_their_own_package_or_of_lower_floors_only() -> None:
    """The linter sees Python only; the same floors hold for `-- include:` in SQL."""
    contracts = tomllib.loads(Path("pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(
        one["layers"] for one in contracts if one.get("containers") == ["presswork"] and one.get("exhaustive")
    )
    floors = {name: -floor for floor, names in enumerate(layers) for name in names.split(" | ")}
    sources = Path("src/presswork")
    upward = [
        f"{file.relative_to(sources)} includes {package}"
        for file in sources.rglob("*.sql")
        for package in re.findall(r"-- include: presswork\.(\w+)", file.read_text())
        if package != (own := file.relative_to(sources).parts[0]) and floors[package] >= floors[own]
    ]
    assert upward == []
