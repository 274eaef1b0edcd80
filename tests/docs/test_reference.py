"""The reference pages document everything in the code and nothing else."""

import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from tests.api_server import shared_routes
from tests.docs.pages import DOCS
from typer.core import TyperGroup

from presswork.accounts.model import NotReady
from presswork.api.webhooks.event_schemas import PostEvent
from presswork.callers.model import ALL_BUT_ADMIN, Scope, Tier
from presswork.cli.main import COMMANDS, command_named
from presswork.core.enums import Mode
from presswork.core.errors import STATUS, Code
from presswork.core.setting_values import PREFIX
from presswork.events.model import EventType
from presswork.orgs.rates import LIMITS, RateClass
from presswork.platforms.errors import FailureCode
from presswork.platforms.registry import Platforms
from presswork.platforms.settings import Settings, SettingValues
from presswork.posts.model import Event
from presswork.safe_http.client import PostLimits
from presswork.webhooks import model

GUIDE: Final = DOCS / "api-guide.md"
_CELL: Final = re.compile(r"`([^`]+)`")


def _rows(page: Path, heading: str) -> list[list[str]]:
    """Return the cells of the tables between a heading and the next one, without header rows."""
    text = page.read_text(encoding="utf-8")
    _, found, rest = text.partition(f"\n{heading}\n")
    assert found, f"{page.name} has no heading {heading!r}"
    section = re.split(r"^#{1,6} ", rest, maxsplit=1, flags=re.MULTILINE)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    heads = {position - 1 for position, line in enumerate(lines) if line.startswith("|---")}
    kept = (line for position, line in enumerate(lines) if position not in heads and not line.startswith("|---"))
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in kept]


def _named(rows: Iterable[list[str]], column: int = 0) -> list[str]:
    """Return every name in backticks in one column."""
    return [name for row in rows for name in _CELL.findall(row[column])]


def _shown(default: object) -> str:
    """Return a default as the table writes it; durations in seconds, as `presswork config` prints them."""
    if default is None:
        return "—"
    if isinstance(default, timedelta):
        return f"`{default.total_seconds():.12g}`"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def test_every_setting_is_documented_with_its_default() -> None:
    """configuration.md has one row for each setting, in the order of the code, with the default."""
    headings = (
        "Locations and addresses",
        "Secrets",
        "The sandbox",
        "Platforms",
        "People",
        "Legal pages",
        "Behaviour",
        "Retention",
        "Logs",
        "Monitoring",
    )
    rows = [row for heading in headings for row in _rows(DOCS / "configuration.md", f"### {heading}")]
    documented = {_CELL.findall(row[0])[0]: row[1] for row in rows}
    wanted = {
        f"{PREFIX}{name.upper()}": "the user's data folder" if name == "data_dir" else _shown(field.default)
        for name, field in Settings.model_fields.items()
    }
    assert list(documented.items()) == list(wanted.items())


def _commands() -> Iterator[tuple[str, frozenset[str]]]:
    """Yield each command with the names of its options, without hidden ones."""
    for name in COMMANDS:
        command = command_named(name)
        parts = command.commands.items() if isinstance(command, TyperGroup) else [("", command)]
        for part, leaf in parts:
            options = {
                option
                for parameter in leaf.params
                if not getattr(parameter, "hidden", False)
                for option in (*parameter.opts, *parameter.secondary_opts)
                if option.startswith("--")
            }
            yield f"{name} {part}".strip(), frozenset(options - {"--help"})


def test_every_command_is_documented_with_its_options() -> None:
    """cli.md has a section for each command and subcommand, and a row for each of its options."""
    page = DOCS / "cli.md"
    documented = set(re.findall(r"^### `presswork ([a-z -]+)`$", page.read_text(encoding="utf-8"), re.MULTILINE))
    commands = dict(_commands())
    assert documented == set(commands)
    for name, options in commands.items():
        assert set(_named(_rows(page, f"### `presswork {name}`"))) == options, name


def test_every_error_code_is_documented_with_its_status() -> None:
    """The table of the guide has each error code once, with its HTTP status."""
    documented = {_CELL.findall(row[1])[0]: int(row[0]) for row in _rows(GUIDE, "### Errors")}
    assert documented == {code.value: STATUS[code] for code in Code}


def test_every_failure_code_is_explained() -> None:
    """why-a-post-failed.md has each code of `lastError` once, in order, with a remedy."""
    rows = list(_rows(DOCS / "why-a-post-failed.md", "## The codes"))
    assert [_CELL.findall(row[0])[0] for row in rows] == [code.value for code in FailureCode]
    assert all(len(row) == 4 and all(row) for row in rows)


def test_every_scope_is_documented() -> None:
    """The table of the guide has each scope once."""
    assert sorted(_named(_rows(GUIDE, "### Scopes"))) == sorted([*Scope, ALL_BUT_ADMIN])


def test_rate_limits_are_documented_as_they_are() -> None:
    """The table of the guide has each tier with its calls per minute."""
    documented = {row[0].strip("`"): tuple(row[1:]) for row in _rows(GUIDE, "### Rate limits")}
    wanted = {
        tier.value: ("no limit", "no limit")
        if tier is Tier.UNLIMITED
        else (f"{LIMITS[tier, RateClass.READ]:,}", f"{LIMITS[tier, RateClass.WRITE]:,}")
        for tier in Tier
    }
    assert documented == wanted


def test_every_timeline_event_is_documented() -> None:
    """The table of the guide has each event once."""
    assert sorted(_named(_rows(GUIDE, "### The timeline"))) == sorted(Event)


def test_every_webhook_event_is_documented() -> None:
    """The webhooks page has a row for each event, and its example is a real message."""
    page = DOCS / "webhooks.md"
    assert _named(_rows(page, "## The events")) == [event.value for event in EventType]
    (example,) = re.findall(r"^```json\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert PostEvent.model_validate_json(example).type is EventType.POST_PUBLISHED


def test_retries_of_webhooks_are_documented_as_they_are() -> None:
    """The waits and other numbers of the webhooks page are those of the code."""
    page = DOCS / "webhooks.md"
    text = page.read_text(encoding="utf-8")
    (line,) = re.findall(r"^\| next retry after (.*)\|$", text, re.MULTILINE)
    units = {"s": timedelta(seconds=1), "min": timedelta(minutes=1), "h": timedelta(hours=1)}
    waits = [int(number) * units[unit] for number, unit in re.findall(r"(\d+) (s|min|h)\b", line)]
    assert waits == list(model.RETRIES)
    for sentence in (
        f"After {model.PAUSE_AFTER} consecutive failed attempts",
        f"up to {model.MAX_RETRY_AFTER.seconds // 60} minutes",
        f"There may be {model.MAX_ENDPOINTS} endpoints",
        f"the last {SettingValues.model_fields['keep_webhook_deliveries'].default.days} days",
        f"Any 2xx within {PostLimits().response.seconds} seconds".replace("Any", "any"),
    ):
        assert sentence in text, sentence


def test_every_failure_code_is_documented() -> None:
    """The table of `lastError` codes in the guide has each code once."""
    assert sorted(_named(_rows(GUIDE, "### Why a post failed"))) == sorted(FailureCode)


def test_every_reason_why_an_account_is_not_ready_is_documented() -> None:
    """connecting-accounts.md has a row for each reason."""
    assert set(_named(_rows(DOCS / "connecting-accounts.md", "### Readiness"))) >= set(NotReady)


def test_every_error_before_published_is_documented() -> None:
    """from-pending-to-published.md has each code that is specific to its calls, with the HTTP status."""
    rows = _rows(DOCS / "from-pending-to-published.md", "## Errors")
    documented = {found[2]: int(found[1]) for row in rows if (found := re.match(r"(\d+) `(\w+)`", row[0]))}
    assert documented == {code: STATUS[Code(code)] for code in documented}
    paths = shared_routes().openapi()["paths"]
    calls = {(path, method): _codes(call) for path, methods in paths.items() for method, call in methods.items()}
    posted = [
        call for methods in paths.values() for method, call in methods.items() if method == "post" and call["security"]
    ]
    everywhere = set.intersection(*(_codes(call) for call in posted if "requestBody" in call))
    last_segments = ("publish", "schedule", "approve", "reject", "reschedule", "content-review-policy", "{postId}")
    own = set.union(*(codes for (path, _), codes in calls.items() if path.rpartition("/")[2] in last_segments))
    assert own - everywhere <= set(documented) <= own


def _codes(call: dict[str, Any]) -> set[str]:  # Any: a part of the OpenAPI document
    """Return the error codes of a call."""
    contents = (response.get("content", {}).get("application/json", {}) for response in call["responses"].values())
    return {code.value for content in contents for code in Code if code.value in content.get("examples", {})}


def test_every_route_is_documented() -> None:
    """The tables of the guide have each route of the OpenAPI document and no other."""
    paths = shared_routes().openapi()["paths"]
    served = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    documented = re.findall(
        r"^\| `((?:GET|POST|PUT|PATCH|DELETE) /[^`]+)` \|", GUIDE.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert sorted(documented) == sorted(served)


def test_what_can_be_done_to_live_posts_is_documented_for_each_login(tmp_path: Path) -> None:
    """The table has each login with the permissions of a take-down, and the fields that can be changed."""
    settings = Settings(data_dir=tmp_path)
    described = Platforms(settings, base_url="http://localhost").described()
    rows = {
        _CELL.findall(row[0])[0]: row for row in _rows(DOCS / "after-it-is-live.md", "## What each platform can do")
    }
    assert {login: [set(_CELL.findall(cell)) for cell in row[1:]] for login, row in rows.items()} == {
        login.value: [
            set(platform.take_down_scopes or ()) if platform.can_take_down(Mode.PUBLISH) else set(),
            {field.value for field in platform.editable(Mode.PUBLISH)},
        ]
        for login, platform in described.items()
    }
