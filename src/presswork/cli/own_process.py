"""What a command sets for its own process; the commands of clients don't need the event loop of `run/processes.py`."""

import signal

try:
    import resource
except ImportError:  # Windows has no such limits
    resource = None  # type: ignore[assignment]  # a module or nothing


def leave_no_core() -> None:
    """Disable core dumps of this process and its children: a core has the memory, including keys and tokens.

    Only the soft limit is lowered, so that it can be raised for debugging (`prlimit --core`).
    """
    if resource is not None:
        _, hard = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, hard))


def stop_as_interrupt() -> None:
    """Let SIGTERM raise KeyboardInterrupt, as Ctrl-C does, until an event loop handles it: context managers exit in order."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
