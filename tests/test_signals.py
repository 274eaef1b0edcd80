"""Programs that tests start react to signals, however the tests were started."""

import subprocess
import sys

_SHOW = "import signal; print([signal.getsignal(getattr(signal, name)) is signal.SIG_IGN for name in ('SIGINT', 'SIGQUIT', 'SIGHUP')])"
_START = f"""
import subprocess, sys
from tests.signals import default_signals_for_children
for is_called in (False, True):
    if is_called:
        default_signals_for_children()
    subprocess.run([sys.executable, "-S", "-c", {_SHOW!r}], check=True)
"""


def test_programs_of_a_run_in_the_background_react_to_signals() -> None:
    """A shell has its background jobs ignore SIGINT, and programs inherit that; those that tests start do not."""
    script = 'trap "" INT QUIT HUP; exec "$0" -c "$1"'
    done = subprocess.run(["bash", "-c", script, sys.executable, _START], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[True, True, True]", "[False, False, False]"]
