"""The Prometheus rules, the Grafana dashboard and docs/operations.md name only metrics that /metrics has."""

import json
import re
from collections.abc import Iterator, Set
from typing import Any, Final

import pytest
from prometheus_client import Counter
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.registry import Collector
from tests.clocks import MovableClock
from tests.docs.pages import DOCS, ROOT, anchors

from presswork.db.pool import Pool
from presswork.telemetry import meters
from presswork.telemetry.process import Families, Pools
from presswork.telemetry.queue_metrics import QueueMetrics

ALERTS: Final = ROOT / "deploy" / "prometheus" / "alerts.yaml"
DASHBOARD: Final = ROOT / "deploy" / "grafana" / "presswork.json"
PAGE: Final = DOCS / "operations.md"
_SCRAPED: Final = {"job", "instance"}
"""Labels that Prometheus adds to each sample."""
_SELECTED: Final = re.compile(r"\b(presswork_\w+|process_\w+)(?:\{([^}]*)\})?")
_SUFFIXES: Final = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}

Shown = dict[str, set[str]]


@pytest.fixture
async def shown(pool: Pool, clock: MovableClock) -> Shown:
    """The labels of each series of API and workers, by name."""
    queue = Families(await QueueMetrics(pool, clock).families())
    parts: list[Collector] = [queue, Pools({"main": pool}), meters.API, meters.WORKER, meters.EVERY]
    declared = {
        family._name: set(family._labelnames)
        for family in vars(meters).values()
        if isinstance(family, MetricWrapperBase)
    }
    labels: Shown = {}
    for family in (family for part in parts for family in part.collect()):
        labels_of_family = declared.get(family.name, set()).union(*(sample.labels for sample in family.samples))
        for suffix in _SUFFIXES.get(family.type, ("",)):
            labels[f"{family.name}{suffix}"] = (
                labels_of_family | {"le"} if suffix == "_bucket" else labels_of_family - {"le"}
            )
    return labels


def _panels() -> Iterator[dict[str, Any]]:  # Any: Grafana's JSON model
    yield from (
        panel for panel in json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"] if panel["type"] != "row"
    )


def _alerts() -> dict[str, str]:
    """Return the expression of each alert; each value of the file is on one line, or folded onto the next."""
    text = ALERTS.read_text(encoding="utf-8")
    return dict(re.findall(r"- alert: (\w+)\n +expr: >-\n +(.+)\n", text))


def _used(expression: str) -> Iterator[tuple[str, Set[str]]]:
    """Yield each series of an expression with the labels that it selects or groups by."""
    grouped = {name.strip() for part in re.findall(r"by \(([^)]*)\)", expression) for name in part.split(",")}
    for name, selector in _SELECTED.findall(expression):
        yield name, {*re.findall(r"(\w+)\s*[=!]~?\s*\"", selector), *grouped}


def _assert_shown(expression: str, shown: Shown) -> None:
    for name, labels in _used(expression):
        assert name in shown, f"{name} is not in /metrics: {expression}"
        assert labels <= shown[name] | _SCRAPED, f"{name} has no label {labels - shown[name] - _SCRAPED}: {expression}"


def test_each_alert_uses_existing_series_and_has_a_runbook(shown: Shown) -> None:
    """The series and labels of each rule exist, and its runbook is a section of docs/operations.md."""
    alerts = _alerts()
    text = ALERTS.read_text(encoding="utf-8")
    assert len(alerts) == text.count("- alert:") == text.count("for: ") == text.count("severity: ") > 10
    links = re.findall(r'runbook_url: "docs/operations\.md#(\w+)"', text)
    assert links == [name.lower() for name in alerts]
    assert set(links) <= anchors(PAGE)
    for expression in alerts.values():
        assert list(_used(expression)) or expression.startswith("up{")
        _assert_shown(expression, shown)


def test_alerts_on_one_event_detect_the_first(shown: Shown) -> None:
    """An alert that one event raises selects counters without labels, counters that a worker starts at zero, or, where
    labels are known only at the event, also the series that were not there before: `increase` ignores a first sample."""
    declared = {f"{family._name}_total": family for family in vars(meters).values() if isinstance(family, Counter)}
    found = 0
    for name, expression in _alerts().items():
        for series, selector, window in re.findall(
            r"increase\((\w+)(?:\{([^}]*)\})?\[(\w+)\]\)\) > [01]\b", expression
        ):
            found += 1
            if not declared[series]._labelnames:
                continue
            counter = f"{series}{{{selector}}}"
            starts_at_zero = any(f'="{value}"' in selector for value in ("OUTCOME_UNKNOWN", "crashed"))
            assert starts_at_zero or f"({counter} unless {counter} offset {window})" in expression, name
    assert found > 3


def test_each_panel_uses_existing_series(shown: Shown) -> None:
    """Each panel has a description, and its queries and legends name existing series and labels."""
    panels = list(_panels())
    assert len(panels) > 15
    for panel in panels:
        assert panel["title"]
        assert panel["description"]
        for target in panel["targets"]:
            _assert_shown(target["expr"], shown)
            series = [labels for name, labels in shown.items() if name in target["expr"]]
            wanted = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
            assert wanted <= set.union(*series) | _SCRAPED, target


def test_the_page_documents_each_metric(shown: Shown) -> None:
    """docs/operations.md has each metric and no other; histograms by the name of their family."""
    documented = {
        name
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`(presswork_\w+)`", line.split("|")[1])
    }
    ours = {re.sub(r"_(bucket|sum|count)$", "", name) for name in shown if name.startswith("presswork_")}
    assert documented == ours


def test_missing_series_and_labels_are_detected(shown: Shown) -> None:
    """The check of these tests detects a missing series and a missing label."""
    for wrong in ("presswork_nothing_total", 'presswork_workers{worker="w"}', "sum by (post) (presswork_workers)"):
        with pytest.raises(AssertionError):
            _assert_shown(wrong, shown)
