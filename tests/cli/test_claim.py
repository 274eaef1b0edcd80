"""One `presswork up` per data folder, and others find it."""

import json
import os
import threading
from pathlib import Path

import pytest

from presswork.cli.run.data_dir_lock import AlreadyUp, claimed, find_running
from presswork.core.errors import Unavailable


def test_second_claim_is_refused_and_names_the_first(tmp_path: Path) -> None:
    """Who comes second learns the process and the address of the first."""
    with claimed(tmp_path) as claim:
        claim.announce("http://127.0.0.1:4711")
        with pytest.raises(AlreadyUp, match=f"process {os.getpid()} at http://127.0.0.1:4711"), claimed(tmp_path):
            pass
        running = find_running(tmp_path)
        assert running is not None
        assert (running.pid, running.url) == (os.getpid(), "http://127.0.0.1:4711")


def test_claim_that_is_over_can_be_made_again(tmp_path: Path) -> None:
    """After the end nothing is found, and another may begin."""
    with claimed(tmp_path) as claim:
        claim.announce("http://127.0.0.1:1")
    assert find_running(tmp_path) is None
    with claimed(tmp_path):
        running = find_running(tmp_path)
        assert running is not None
        assert running.url is None


def test_note_of_a_killed_one_is_not_believed(tmp_path: Path) -> None:
    """A note that a killed process left behind says nothing, and the next claim removes it."""
    (tmp_path / "up.json").write_text(json.dumps({"pid": 1, "url": "http://127.0.0.1:1"}))
    assert find_running(tmp_path) is None
    with claimed(tmp_path):
        running = find_running(tmp_path)
        assert running is not None
        assert running.url is None


def test_looking_does_not_keep_anyone_from_starting(tmp_path: Path) -> None:
    """A command that looks all the time does not make a claim fail."""
    (tmp_path / "up.lock").touch()
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            find_running(tmp_path)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        for _ in range(50):
            with claimed(tmp_path):
                pass
    finally:
        over.set()
        looking.join()


def test_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    """A data folder that can't be made is told of in a sentence."""
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match="can't be used"), claimed(tmp_path / "file"):
        pass
