"""Whether this installation has the sandbox: one that publishes live posts only may be without it."""

from importlib.util import find_spec

from presswork.core.errors import Unavailable


def is_sandbox_installed() -> bool:
    """Return whether `presswork_sandbox` can be imported, without importing it."""
    return find_spec("presswork_sandbox") is not None


def require_sandbox(user: str, *, otherwise: str = "") -> None:
    """Raises Unavailable, which says what to install, if the sandbox is missing. `user`: a clause that ends with its name."""
    if not is_sandbox_installed():
        raise Unavailable(f"{user}, which is not installed. Install Presswork as `presswork[sandbox]`{otherwise}.")
