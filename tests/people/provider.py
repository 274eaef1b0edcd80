"""An OpenID provider on loopback, in a separate process: oidc-provider-mock, which refuses a token request without PKCE.

It prints its address. `PUT /users/SUB` sets the claims of a person.
"""

import base64
import hashlib
import io
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from werkzeug.serving import make_server

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of the libraries of the provider
    import oidc_provider_mock  # type: ignore[import-untyped]  # it has no types

Environ = dict[str, Any]  # Any: WSGI's own
Start = Callable[..., Any]


class RequirePkce:
    """WSGI middleware: a code is exchanged only with the verifier of the challenge that it was requested with."""

    def __init__(self, app: Callable[[Environ, Start], Iterable[bytes]]) -> None:
        """Wrap the provider."""
        self._app = app
        self._challenges: Final[dict[str, str]] = {}

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        """Serve one request."""
        query = {name: values[0] for name, values in parse_qs(environ.get("QUERY_STRING", "")).items()}

        def start(status: str, headers: list[tuple[str, str]], *more: object) -> object:
            location = dict(headers).get("Location", "")
            code = parse_qs(urlsplit(location).query).get("code", [""])[0]
            if code and query.get("code_challenge_method") == "S256":
                self._challenges[code] = query["code_challenge"]
            return start_response(status, headers, *more)

        if environ["PATH_INFO"] == "/oauth2/token":
            raw = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = io.BytesIO(raw)
            form = {name: values[0] for name, values in parse_qs(raw.decode()).items()}
            digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
            challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
            if self._challenges.pop(form.get("code", ""), None) != challenge:
                start_response("400 Bad Request", [("Content-Type", "application/json")])
                return [b'{"error": "invalid_grant", "error_description": "PKCE"}']
        return self._app(environ, start)


@contextmanager
def running_provider() -> Iterator[str]:
    """Run a provider, and yield its address."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.people.provider"]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def main() -> None:
    """Serve until killed."""
    app = oidc_provider_mock.app(require_nonce=True)
    server = make_server("127.0.0.1", 0, RequirePkce(app), threaded=True)
    sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
