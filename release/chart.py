"""Check the chart with Helm's own library and the schemas of Kubernetes, without a cluster: `make chart`.

Both libraries are large, and no part of the project's environment. What the chart renders from each example in its folder `ci` is
valid for the oldest Kubernetes that it supports and for a current one. Monitors are resources of the Prometheus operator, which
has no schema here.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import helm_python  # type: ignore[import-not-found]  # as the docstring says
import kubernetes_validate  # type: ignore[import-not-found]  # as above
import yaml

CHART: Final = Path(__file__).resolve().parents[1] / "deploy" / "helm" / "presswork"
VERSIONS: Final = ("1.29", "1.37")
FOREIGN: Final = "monitoring.coreos.com/"
WARNING: Final = 2


def errors_of(example: Path) -> Iterator[str]:
    """Lint and render the chart with the values of a file."""
    values = yaml.safe_load(example.read_text(encoding="utf-8"))
    for finding in helm_python.lint(CHART, values, strict=True)["messages"]:
        if finding["severity"] >= WARNING:
            yield f"{example.name}: {finding['path']}: {finding['error']}"
    with helm_python.Chart.load(CHART) as chart:
        manifests = chart.render(values, name="demo", namespace="press")
    documents = [
        (file, document)
        for file, text in manifests.items()
        if file.endswith(".yaml")
        for document in yaml.safe_load_all(text)
        if document
    ]
    _print(f"{example.name}: {len(documents)} resources")
    for file, document in documents:
        if document["apiVersion"].startswith(FOREIGN):
            continue
        for version in VERSIONS:
            try:
                kubernetes_validate.validate(document, version, strict=True)
            except kubernetes_validate.ValidationError as error:
                yield f"{example.name}: {file}: {document['kind']}, Kubernetes {version}: {error}"


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def main() -> int:
    """Print what is wrong, and return 1 if anything is."""
    _print(f"Helm {helm_python.helm_sdk_version()}, Kubernetes {' and '.join(VERSIONS)}")
    errors = [error for example in sorted((CHART / "ci").glob("*.yaml")) for error in errors_of(example)]
    _print("\n".join(errors) or "No errors.")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
