"""As whom the server runs. PostgreSQL refuses to run as root, so root gives the server an unprivileged account."""

import json
import os
import pwd
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from presswork.db.embedded.binaries import Binaries
from presswork.db.embedded.child import WAYS, Plan
from presswork.db.embedded.errors import DatabaseUnavailable
from presswork.db.embedded.folder import Folder

CHILD: Final = Path(__file__).with_name("child.py")
_NOBODY: Final = "nobody"
_PROBE_SECONDS: Final = 20
_WEAK_WAYS: Final = frozenset({"read-capability", "override-capability", "user-namespace"})
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """The account of the server, and the way to it: see `child.py`."""

    way: str
    uid: int  # as the server sees itself
    gid: int
    file_uid: int  # as the file system sees it: who the server's files must belong to
    file_gid: int


def child_environment() -> dict[str, str]:
    """Return a bare environment: no PG* setting and no secret of ours reaches the server."""
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH") if name in os.environ}
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC", **kept}


def child_command(plan: Plan) -> list[str]:
    """Return the command line that carries out a plan."""
    return [sys.executable, "-I", "-S", str(CHILD), json.dumps(plan)]


def base_plan(folder: Folder, binaries: Binaries, *, uid: int, gid: int) -> Plan:
    """Return what every plan says: the account, and what it must be able to reach."""
    return Plan(
        owner_pid=os.getpid(),
        uid=uid,
        gid=gid,
        folder=str(folder.path),
        folders=[str(path) for path in (folder.path, folder.socket_dir.parent, binaries.root)],
        programs=[str(binaries.postgres), str(binaries.initdb)],
    )


def _account(folder: Folder) -> tuple[int, int]:
    """Return the folder's owner if that is a plain user with a name (initdb asks for it), otherwise nobody."""
    if folder.uid != 0:
        try:
            entry = pwd.getpwuid(folder.uid)
        except KeyError:
            pass
        else:
            return entry.pw_uid, folder.gid
    try:
        entry = pwd.getpwnam(_NOBODY)
    except KeyError as error:
        raise DatabaseUnavailable(
            "PostgreSQL refuses to run as root, and this system has no user nobody to run it as. Run Presswork as"
            " an unprivileged user, or set PRESSWORK_DATABASE_URL."
        ) from error
    return entry.pw_uid, entry.pw_gid


def choose_rights(folder: Folder, binaries: Binaries) -> Rights:
    """Return as whom the server runs. Raises DatabaseUnavailable if root can't give up its rights here."""
    if os.geteuid() != 0:
        user, group = os.geteuid(), os.getegid()
        return Rights(way="as-is", uid=user, gid=group, file_uid=user, file_gid=group)
    uid, gid = _account(folder)
    plan = Plan(**base_plan(folder, binaries, uid=uid, gid=gid), action="probe")
    done = subprocess.run(  # noqa: S603 -- our own program and plan
        child_command(plan),
        capture_output=True,
        text=True,
        check=False,
        timeout=_PROBE_SECONDS,
        stdin=subprocess.DEVNULL,
        env=child_environment(),
        cwd="/",
    )
    way = done.stdout.strip()
    if way not in WAYS:
        raise DatabaseUnavailable(
            f"PostgreSQL refuses to run as root, and user {uid} can't reach {folder.path} and {binaries.root}."
            " Run Presswork as an unprivileged user, put both where every user may pass, or set"
            f" PRESSWORK_DATABASE_URL. What was tried: {done.stderr.strip() or 'nothing'}"
        )
    if way in _WEAK_WAYS:
        _log.warning("database server keeps some of root's rights", way=way, account=uid)
    if way == "user-namespace":
        return Rights(way=way, uid=uid, gid=gid, file_uid=0, file_gid=0)
    return Rights(way=way, uid=uid, gid=gid, file_uid=uid, file_gid=gid)


def give(path: Path, rights: Rights) -> None:
    """As root, make the server's account own a file, or a folder and all below it. Links are not followed."""
    if os.geteuid() != 0 or path.lstat().st_uid == rights.file_uid:
        return
    if path.is_dir() and not path.is_symlink():
        for _, folders, files, handle in os.fwalk(path):
            for name in (*folders, *files):
                os.chown(name, rights.file_uid, rights.file_gid, dir_fd=handle, follow_symlinks=False)
    os.chown(path, rights.file_uid, rights.file_gid, follow_symlinks=False)  # last: a half-done change is begun again
