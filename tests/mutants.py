"""Take out one safeguard at a time and see the tests of every change fail: `python -m tests.mutants [NAME …]`.

Each mutant is made in a copy of the tree. A mutant that survives is a safeguard that no test of `make test` protects.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.repeat import ROOT

_SOURCES: Final = ("src", "packages/sandbox/src", "sdk/python/src")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A safeguard, the text that makes it, what replaces that text everywhere in the file, and the tests that protect it."""

    name: str
    file: str
    old: str
    new: str
    tests: Sequence[str]


MUTANTS: Final = (
    Mutant(
        name="a write needs the version that was read",
        file="src/presswork/worker/parts.sql",
        old="WHERE p.version = given.version AND {condition}",
        new="WHERE {condition}",
        tests=["tests/worker/test_group_commit.py", "tests/worker/test_queue.py", "tests/worker/test_cancel_race.py"],
    ),
    Mutant(
        name="a lease protects a post from other workers",
        file="src/presswork/worker/queries.sql",
        old="WHERE status = 'publishing' AND leased_until <= coalesce($1, now())\n       AND id <> ALL",
        new="WHERE status = 'publishing'\n       AND id <> ALL",
        tests=["tests/worker/test_queue.py"],
    ),
    Mutant(
        name="a thread is not canceled between two parts",
        file="src/presswork/posts/queries.sql",
        old="live_parts = 0",
        new="live_parts >= 0",
        tests=["tests/worker/test_parts.py"],
    ),
    Mutant(
        name="a thread with a live part does not fail",
        file="src/presswork/worker/follow_ups.py",
        old="if not post.live_parts:",
        new="if True:",
        tests=["tests/worker/test_parts.py"],
    ),
    Mutant(
        name="each part has a call of its own",
        file="src/presswork/worker/publish_attempt.py",
        old="return {name: value for name, value in self._post.state.items() if name in _KEPT_FOR_NEXT_PART}",
        new="return dict(self._post.state)",
        tests=["tests/worker/test_parts.py"],
    ),
    Mutant(
        name="a lost answer is looked up",
        file="src/presswork/worker/publish_attempt.py",
        old="return await self._reconcile(prepared, error.what, **messages.facts(error))",
        new="return Present(external_id=None)",
        tests=["tests/worker/test_delivery.py", "tests/worker/test_attempt.py"],
    ),
    Mutant(
        name="a call needs a lease that still runs",
        file="src/presswork/worker/publish_attempt.py",
        old="if self._job.now() >= lease:\n            # This process",
        new="if False:\n            # This process",
        tests=["tests/worker/test_attempt.py", "tests/worker/test_suspended.py"],
    ),
    Mutant(
        name="absence must last before the call is made again",
        file="src/presswork/worker/reconciliation.py",
        old="if (left := since + lasts - now) > timedelta() or now <= since:",
        new="if (left := since + lasts - now) > timedelta.max:",
        tests=["tests/worker/test_reconciliation.py"],
    ),
    Mutant(
        name="one failed read ends no post",
        file="src/presswork/worker/reconciliation.py",
        old="if now > since and _is_over(",
        new="if True or _is_over(",
        tests=["tests/worker/test_reconciliation.py"],
    ),
    Mutant(
        name="doubt is counted while a worker looks",
        file="src/presswork/worker/reconciliation.py",
        old="if pause <= _LATE:",
        new="if True:",
        tests=["tests/worker/test_reconciliation.py"],
    ),
    Mutant(
        name="a list that was cut off is no absence",
        file="src/presswork/platforms/linkedin/connector.py",
        old="FoundPost(None, is_cut=True)",
        new="FoundPost(None)",
        tests=["tests/contract/test_linkedin_faults.py"],
    ),
    Mutant(
        name="a comment below many others is not written again",
        file="src/presswork/platforms/graph/comments.py",
        old="raise comment_not_found(_PAGES * _A_PAGE, step=COMMENTS)",
        new="return False",
        tests=["tests/platforms/instagram/test_feed.py"],
    ),
    Mutant(
        name="a post is made live five times at most",
        file="src/presswork/worker/publish_attempt.py",
        old="if calls >= LIVE_CALLS:",
        new="if calls < 0:",
        tests=["tests/worker/test_attempt.py"],
    ),
    Mutant(
        name="a limit is no error",
        file="src/presswork/worker/error_window.py",
        old="limit = THROTTLED_LIMIT if error.is_throttled else",
        new="limit = retry_policy.fault_limit if error.is_throttled else",
        tests=["tests/worker/test_error_window.py", "tests/worker/test_waits.py"],
    ),
    Mutant(
        name="a post whose call was made is not canceled",
        file="src/presswork/posts/queries.sql",
        old="p.status IN ('queued', 'publishing') AND p.live_call_at IS NULL\n       AND p.live_parts",
        new="p.status IN ('queued', 'publishing')\n       AND p.live_parts",
        tests=["tests/posts", "tests/worker/test_cancel_race.py"],
    ),
    Mutant(
        name="content that was rejected does not go out",
        file="src/presswork/posts/publish.sql",
        old="(c.approval_status = 'not_required'\n",
        new="(c.approval_status IN ('not_required', 'rejected', 'changes_requested')\n",
        tests=["tests/posts", "tests/content"],
    ),
    Mutant(
        name="a caller sees its own organization",
        file="src/presswork/posts/queries.sql",
        old="p.id = $3 AND p.organization_id = $1",
        new="p.id = $3 AND $1::uuid IS NOT NULL",
        tests=["tests/api/test_tenancy.py"],
    ),
    Mutant(
        name="a route needs its scope",
        file="src/presswork/api/http/auth.py",
        old="caller.require(self.scope)",
        new="pass",
        tests=["tests/api/test_scopes.py"],
    ),
    Mutant(
        name="a killed key is refused",
        file="src/presswork/orgs/keys.py",
        old="if stored.is_killed:",
        new="if stored is None:",
        tests=["tests/api/test_auth.py", "tests/api/test_api_keys.py"],
    ),
    Mutant(
        name="a session writes from the console's own pages",
        file="src/presswork/api/http/origin.py",
        old='if request.headers.getlist(CONSOLE_HEADER) != ["1"]:',
        new="if request is None:",
        tests=["tests/people"],
    ),
    Mutant(
        name="guesses of a password are limited",
        file="src/presswork/people/throttle.py",
        old='if row is not None and row["attempts"] > limit:',
        new="if row is None:",
        tests=["tests/people"],
    ),
    Mutant(
        name="a code of an agent needs its verifier",
        file="src/presswork/agents/model.py",
        old="return hmac.compare_digest(digest, challenge)",
        new="return bool(digest)",
        tests=["tests/agents/test_oauth.py"],
    ),
    Mutant(
        name="an idempotency key stands for one request",
        file="src/presswork/idempotency/stored_replies.py",
        old="if stored_fingerprint != self.fingerprint:",
        new="if not stored_fingerprint:",
        tests=["tests/api/test_idempotency.py"],
    ),
    Mutant(
        name="calls of a key are limited",
        file="src/presswork/api/http/auth.py",
        old="if rate.remaining < 0:",
        new="if rate.limit < 0:",
        tests=["tests/api/test_rates.py"],
    ),
    Mutant(
        name="a signed URL expires",
        file="src/presswork/crypto/signed_urls.py",
        old="if now >= expires_at:",
        new="if now is None:",
        tests=["tests/media/test_signing.py", "tests/api/test_media_routes.py"],
    ),
    Mutant(
        name="an untrusted URL does not reach this network",
        file="src/presswork/safe_http/guard.py",
        old="if plain != host or not self.is_allowed(address):",
        new="if plain != host:",
        tests=["tests/safe_http"],
    ),
    Mutant(
        name="a webhook of TikTok is signed",
        file="src/presswork/platforms/tiktok/inbound_webhooks.py",
        old="if not any(hmac.compare_digest(one, found[2]) for one in wanted):",
        new="if not wanted:",
        tests=["tests/inbound_webhooks", "tests/platforms/tiktok"],
    ),
    Mutant(
        name="known secrets are hidden in texts",
        file="src/presswork/core/logging.py",
        old="if value in text:",
        new="if not text:",
        tests=["tests/secrecy"],
    ),
    Mutant(
        name="the media of an organization have a quota",
        file="src/presswork/content/quota.py",
        old="if used + size_bytes > quota_bytes:",
        new="if used < 0:",
        tests=["tests/content/test_quota.py"],
    ),
    Mutant(
        name="Instagram's used-up quota is a limit, not a failure",
        file="src/presswork/platforms/instagram/error_mapping.py",
        old="(9, 2207042):",
        new="(9, 9999999):",
        tests=["tests/platforms/instagram", "tests/contract/test_instagram_publishing.py"],
    ),
    Mutant(
        name="deliveries of webhooks are signed",
        file="src/presswork/crypto/webhook_signatures.py",
        old="matches = [hmac.compare_digest(one, other) for one in given_signatures for other in wanted]",
        new="matches = [bool(one) for one in given_signatures for other in wanted]",
        tests=["tests/posts", "tests/inbound_webhooks", "tests/examples"],
    ),
)


def outdated() -> list[str]:
    """Return the mutants whose text is no longer in their file: what makes that safeguard now has to be written down."""
    return [
        f"{mutant.name}: {mutant.file}"
        for mutant in MUTANTS
        if mutant.old not in (ROOT / mutant.file).read_text(encoding="utf-8")
    ]


def _copy(folder: Path) -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in listed.split("\0"):
        source, target = ROOT / name, folder / name
        if name and source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    built = ROOT / "src/presswork/console/static"
    if built.is_dir():
        shutil.copytree(built, folder / "src/presswork/console/static", dirs_exist_ok=True)


def _is_killed(mutant: Mutant, folder: Path) -> bool:
    file = folder / mutant.file
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
    try:
        paths = os.pathsep.join(str(folder / source) for source in _SOURCES)
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-x",
            "-n",
            "2",
            "--no-header",
            "-p",
            "no:cacheprovider",
            *mutant.tests,
        ]
        done = subprocess.run(
            command, cwd=folder, env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True, check=False
        )
    finally:
        file.write_text(text, encoding="utf-8")
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    if done.returncode and not failed:
        raise SystemExit(f"“{mutant.name}”: the tests did not run.\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    print(f"{'killed  ' if failed else 'SURVIVED'} {mutant.name} {failed[:1]}", flush=True)
    return bool(failed)


def main() -> int:
    """Try the mutants, and return 1 if one survives."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="part of a mutant's name; all without it")
    names = parser.parse_args().names
    if old := outdated():
        raise SystemExit("\n".join(["Write down what makes these safeguards now:", *old]))
    chosen = [mutant for mutant in MUTANTS if not names or any(name in mutant.name for name in names)]
    with tempfile.TemporaryDirectory(prefix="presswork-mutants-") as folder:
        _copy(Path(folder))
        survivors = [mutant.name for mutant in chosen if not _is_killed(mutant, Path(folder))]
    print(f"{len(chosen) - len(survivors)} of {len(chosen)} mutants killed")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
