"""The lock of a data folder: one `presswork up` at a time, and other commands find it."""

import json
import os
import threading
from pathlib import Path

import pytest

from presswork.cli.run.data_dir_lock import AlreadyUp, claimed, find_running
from presswork.core.errors import Unavailable


def test_a_second_lock_is_refused_and_names_the_first(tmp_path: Path) -> None:
    """The error of the second process has the process id and the URL of the first."""
    with claimed(tmp_path) as lock:
        lock.announce("http://127.0.0.1:4711")
        with pytest.raises(AlreadyUp, match=f"process {os.getpid()} at http://127.0.0.1:4711"), claimed(tmp_path):
            pass
        running = find_running(tmp_path)
        assert running is not None
        assert (running.pid, running.url) == (os.getpid(), "http://127.0.0.1:4711")


def test_the_lock_of_root_belongs_to_the_owner_of_the_folder(tmp_path: Path) -> None:
    """A service that runs as another user can lock the folder after root did."""
    owner = os.geteuid() or 4001
    os.chown(tmp_path, owner, -1)
    with claimed(tmp_path):
        assert (tmp_path / "up.lock").stat().st_uid == owner


def test_a_released_lock_can_be_acquired_again(tmp_path: Path) -> None:
    """After the release no process is found, and the next one acquires the lock."""
    with claimed(tmp_path) as lock:
        lock.announce("http://127.0.0.1:1")
    assert find_running(tmp_path) is None
    with claimed(tmp_path):
        running = find_running(tmp_path)
        assert running is not None
        assert running.url is None


def test_the_file_of_a_killed_process_is_ignored(tmp_path: Path) -> None:
    """The up.json of a killed process is ignored, and the next lock replaces it."""
    (tmp_path / "up.json").write_text(json.dumps({"pid": 1, "url": "http://127.0.0.1:1"}))
    assert find_running(tmp_path) is None
    with claimed(tmp_path):
        running = find_running(tmp_path)
        assert running is not None
        assert running.url is None


def test_find_running_does_not_block_the_lock(tmp_path: Path) -> None:
    """The lock is acquired while another thread calls find_running in a loop."""
    (tmp_path / "up.lock").touch()
    stop = threading.Event()

    def find_repeatedly() -> None:
        while not stop.is_set():
            find_running(tmp_path)

    thread = threading.Thread(target=find_repeatedly)
    thread.start()
    try:
        for _ in range(50):
            with claimed(tmp_path):
                pass
    finally:
        stop.set()
        thread.join()


def test_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    """A data folder that can't be created raises Unavailable with a sentence."""
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match="can't be used"), claimed(tmp_path / "file"):
        pass
