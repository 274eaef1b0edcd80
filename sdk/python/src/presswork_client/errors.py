"""The exceptions of this package.

PressworkError
├── InvalidArgumentError    a wrong argument, found before anything is sent; also a ValueError
├── APIConnectionError      no response, after all retries
│   └── APITimeoutError     … within timeout_seconds
├── InvalidResponseError      a response that is not Presswork's
├── WaitTimeoutError        posts were not finished in time
├── WebhookVerificationError
└── APIStatusError          Presswork refused the call: code, details, request_id
    ├── NotFoundError, ConflictError, RateLimitedError, … one for each code
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

from presswork_client._response import ApiResponse, excerpt

if TYPE_CHECKING:
    from presswork_client.models import ScheduledPost

E = TypeVar("E", bound="PressworkError")
_COUNT: Final = re.compile(r" \(\d+ more in details\.issues\)$")


class PressworkError(Exception):
    """Base class of this package's exceptions. The message says what is wrong and what to do.

    Every exception can be pickled and copied, and `str()` of it is complete.
    """

    idempotency_key: str | None = None
    """The key that a write was sent with. Repeat the call with it, and nothing is done twice."""

    def __init__(self, message: str) -> None:
        """Create an error with a message."""
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        """Return the message, with all facts that the error has."""
        return self.message

    def __reduce__(self) -> tuple[object, ...]:
        """Support pickle and copy: the constructors of subclasses have keyword parameters, which pickle does not pass."""
        return _restored, (type(self), self.args, dict(self.__dict__))


class InvalidArgumentError(PressworkError, ValueError):
    """An argument is wrong. Nothing was sent."""


class APIConnectionError(PressworkError):
    """There was no response, so the call may have had its effect. Repeat it with the same idempotency key."""

    def __init__(self, message: str, *, idempotency_key: str | None = None) -> None:
        """Create an error; `idempotency_key` is the key that the call was sent with."""
        super().__init__(message)
        self.idempotency_key = idempotency_key

    def __str__(self) -> str:
        """Return the message, and how to repeat a write."""
        if self.idempotency_key is None:
            return self.message
        return (
            f"{self.message} The call may have had its effect. To repeat it safely, pass "
            f"idempotency_key={self.idempotency_key!r}."
        )


class APITimeoutError(APIConnectionError):
    """There was no response within `timeout_seconds`."""


class InvalidResponseError(PressworkError):
    """The response is not one of the Presswork API, for example the page of a proxy."""

    def __init__(self, message: str, *, response: ApiResponse) -> None:
        """Create an error with the response."""
        super().__init__(message)
        self.response = response

    @property
    def status_code(self) -> int:
        """The HTTP status."""
        return self.response.status_code

    @property
    def request_id(self) -> str | None:
        """The request id, if the response has one."""
        return self.response.request_id

    def __str__(self) -> str:
        """Return the message with the beginning of the response."""
        return f"{self.message} {excerpt(self.response)}"


class WaitTimeoutError(PressworkError):
    """Posts were not finished in time; they are still processed."""

    def __init__(self, message: str, *, posts: "Sequence[ScheduledPost]" = (), pending_ids: Sequence[str] = ()) -> None:
        """Create an error with the posts as they were read last."""
        super().__init__(message)
        self.posts = list(posts)
        """Every post as it was read last, in the order of the ids."""
        self.pending_ids = list(pending_ids)
        """The ids of the posts that are not finished. Pass them to `wait_all` to wait longer."""


class WebhookVerificationError(PressworkError):
    """The request is not a valid webhook: wrong signature, wrong secret, or too old. Respond with 400."""


class APIStatusError(PressworkError):
    """Presswork refused the call."""

    def __init__(
        self,
        message: str,
        *,
        code: str | None,
        details: Mapping[str, object],
        response: ApiResponse,
        doc_url: str | None = None,
    ) -> None:
        """Create an error from the fields of the response."""
        super().__init__(message)
        self.code = code
        self.details = details
        self.doc_url = doc_url
        """Page about the code: what it means, and what to do. None from a server that sends none."""
        self.response = response

    @property
    def status_code(self) -> int:
        """The HTTP status."""
        return self.response.status_code

    @property
    def request_id(self) -> str | None:
        """The request id. Quote it when you report a problem to the server's operator."""
        return self.response.request_id

    @property
    def issues(self) -> Sequence[Mapping[str, object]]:
        """The issues of a `VALIDATION` error: `path`, `message` and `code` of each."""
        found = self.details.get("issues")
        return [issue for issue in found if isinstance(issue, Mapping)] if isinstance(found, Sequence) else []

    def __str__(self) -> str:
        """Return the message with status, code and request id, then every issue and the other details, one a line."""
        facts = [str(self.status_code), self.code, f"request {self.request_id or 'without an id'}"]
        message = _COUNT.sub("", self.message)  # every issue follows
        first = f"{message} ({', '.join(fact for fact in facts if fact)})"
        return "\n".join([first, *(f"  {line}" for line in self._lines(message))])

    def __repr__(self) -> str:
        """Return the constructor-like form with all facts."""
        return (
            f"{type(self).__name__}({self.message!r}, status_code={self.status_code}, code={self.code!r}, "
            f"request_id={self.request_id!r}, details={dict(self.details)!r})"
        )

    def _lines(self, message: str) -> Iterator[str]:
        issues = [_line(issue) for issue in self.issues]
        if len(issues) > 1 or not all(issue.startswith(message) for issue in issues):
            yield from issues
        for name, value in self.details.items():
            if name != "issues" or not issues:
                yield f"{name}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)}"


def _line(issue: Mapping[str, object]) -> str:
    code = f" [{issue['code']}]" if issue.get("code") else ""
    return f"{issue.get('path') or 'body'}: {issue.get('message')}{code}"


def _restored(kind: type[E], args: tuple[object, ...], state: Mapping[str, object]) -> E:
    """Create an error without its constructor, as pickle does for other objects."""
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error
