"""The rest of the program works with any platform: it names none."""

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

from presswork.platforms.names import LoginName, PlatformName

SOURCES: Final = Path(__file__).parents[2] / "src" / "presswork"
_NAME: Final = re.compile(
    r"(?i:instagram|tiktok|facebook|youtube|linkedin|bluesky|mastodon|telegram|pinterest|twilio)|\bThreads\b|[\"']threads[\"']"
    r"|(?<![\w-])X(?![\w-])|\bxPostSettings\b"
)
_NAMES: Final = {name.value for name in (*PlatformName, *LoginName)}
_POSTING_PAGE: Final = (
    "the page that posts to TikTok, which TikTok's guideline prescribes; its links are `tiktok_post_link` in the API"
)
_MUSIC: Final = "the catalogue of TikTok's tracks: `tiktokMusic` in the API, `tiktok_tracks` in the database"
_EXAMPLE: Final = "an example of the API or of a command, which needs some platform"
_PEOPLE: Final = "a text for people that names platforms as examples"
_FOREIGN: Final = "what other products call the platforms, and their settings for each"
_SOURCE: Final = "the source of a fact that all platforms share"
EXCEPTIONS: Final = {
    "platforms/*": "the platforms themselves",
    "db/migrations/*": "they stay as they were released",
    "locales/*": "translations of texts that are elsewhere",
    "console/*": "the console's files, which are generated from console/",
    "tiktok_posting/*": _POSTING_PAGE,
    "api/tiktok_posting/*": _POSTING_PAGE,
    "api/app.py": _POSTING_PAGE,
    "api/audit/routes.py": _POSTING_PAGE,
    "api/http/assets/tiktok.css": _POSTING_PAGE,
    "api/http/ids.py": _POSTING_PAGE,
    "api/http/pages.py": _POSTING_PAGE,
    "api/http/project_visibility.py": _POSTING_PAGE,
    "audit/model.py": _POSTING_PAGE,
    "backup/restore_reconciliation.sql": _POSTING_PAGE,
    "callers/model.py": _POSTING_PAGE,
    "cli/commands/backup.py": _POSTING_PAGE,
    "core/enums.py": _POSTING_PAGE,
    "core/ids.py": _POSTING_PAGE,
    "links/__init__.py": _POSTING_PAGE,
    "links/model.py": _POSTING_PAGE,
    "music/*": _MUSIC,
    "api/music/*": _MUSIC,
    "api/http/openapi.py": _MUSIC,
    "backup/transfer.py": _MUSIC,
    "cli/commands/music.py": _MUSIC,
    "cli/main.py": _MUSIC,
    "posts/parts.sql": _MUSIC,
    "posts/preflight.sql": _MUSIC,
    "posts/publish.sql": _MUSIC,
    "posts/refusals.py": _MUSIC,
    "posts/targets.py": _MUSIC,
    "worker/queries.sql": _MUSIC,
    "agents/tools.py": _EXAMPLE,
    "api/*schemas.py": _EXAMPLE,
    "api/insights/routes.py": _EXAMPLE,
    "api/projects/routes.py": _EXAMPLE,
    "api/system/routes.py": _EXAMPLE,
    "cli/client/choose.py": _EXAMPLE,
    "cli/client/command.py": _EXAMPLE,
    "cli/commands/accounts.py": _EXAMPLE,
    "cli/commands/insights.py": _EXAMPLE,
    "cli/commands/publish.py": _EXAMPLE,
    "cli/commands/removed_metrics.py": _EXAMPLE,
    "cli/commands/review_kit.py": _EXAMPLE,
    "cli/client/foreign/*": _FOREIGN,
    "cli/demo/*": "the demo, which shows the sandbox's platforms",
    "api/accounts/routes.py": _PEOPLE,
    "api/http/error_guide.toml": _PEOPLE,
    "api/legal/templates/*": _PEOPLE,
    "accounts/tokens.py": "why tokens are committed as they are: what happens at the strictest platform",
    "cli/doctor/live_login.py": _SOURCE,
    "content/model.py": _SOURCE,
    "media/convert_video.py": _SOURCE,
    "media/link_card.py": _SOURCE,
    "media/samples.py": _SOURCE,
    "media/specs.py": _SOURCE,
}
"""Files that name a platform, and why."""


def test_only_platforms_name_a_platform() -> None:
    """A platform is added without a change elsewhere, unless a file is listed with its reason. Each of these still needs it."""
    found, used = [], set[str]()
    for path in sorted(SOURCES.rglob("*")):
        name = path.relative_to(SOURCES).as_posix()
        if not path.is_file() or path.suffix not in {".py", ".sql", ".html", ".css", ".js", ".toml", ".txt", ".po"}:
            continue
        lines = [line for line in path.read_text("utf-8").splitlines() if _NAME.search(line)]
        listed = [pattern for pattern in EXCEPTIONS if fnmatch(name, pattern)]
        if lines:
            used.update(listed)
        if not listed:
            found += [f"{name}: {line.strip()}" for line in lines]
    assert found == []
    assert set(EXCEPTIONS) - used == set(), "no file of these patterns names a platform any more"


def test_only_platforms_decide_by_a_platform() -> None:
    """Not even a file that may name one compares with a platform's name, or reads a member of the enumerations.

    Two folders are about certain platforms: the demo, and the page that posts to TikTok. Imports are the linter's.
    """
    found = []
    for path in sorted(SOURCES.rglob("*.py")):
        file = path.relative_to(SOURCES).as_posix()
        if not file.startswith(("platforms/", "cli/demo/", "tiktok_posting/")):
            tree = ast.parse(path.read_text("utf-8"))
            found += [f"{file}:{node.lineno}: {ast.unparse(node)}" for node in _decisions(tree)]
    assert found == []


def _decisions(tree: ast.AST) -> Iterator[ast.Attribute | ast.Compare | ast.MatchValue]:
    """Yield what depends on one platform: a comparison with its name, and a member of the enumerations."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id="PlatformName" | "LoginName")):
                yield node
            case ast.Compare() | ast.MatchValue() if _NAMES & {
                part.value for part in ast.walk(node) if isinstance(part, ast.Constant)
            }:
                yield node
