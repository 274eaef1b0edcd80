"""The exceptions of this package.

PressworkError
├── APIConnectionError      no response, after all retries
│   └── APITimeoutError     … within timeout_seconds
├── InvalidAnswerError      a response that is not Presswork's
├── WaitTimeoutError        a post was not finished in time
├── WebhookVerificationError
└── APIStatusError          Presswork refused the call: code, details, request_id
    ├── NotFoundError, ConflictError, RateLimitedError, … one for each code
"""

from collections.abc import Mapping

from presswork_client._response import ApiResponse


class PressworkError(Exception):
    """Base class of this package's exceptions. The message says what is wrong and what to do."""

    def __init__(self, message: str) -> None:
        """Create an error with a message."""
        super().__init__(message)
        self.message = message


class APIConnectionError(PressworkError):
    """There was no response, so the call may have had its effect. Repeat it with the same idempotency key."""

    def __init__(self, message: str, *, idempotency_key: str | None = None) -> None:
        """Create an error; `idempotency_key` is the key that the call was sent with."""
        super().__init__(message)
        self.idempotency_key = idempotency_key


class APITimeoutError(APIConnectionError):
    """There was no response within `timeout_seconds`."""


class InvalidAnswerError(PressworkError):
    """The response is not one of the Presswork API, for example the page of a proxy."""

    def __init__(self, message: str, *, response: ApiResponse) -> None:
        """Create an error with the response."""
        super().__init__(message)
        self.response = response


class WaitTimeoutError(PressworkError):
    """A post was not finished in time; it is still processed."""


class WebhookVerificationError(PressworkError):
    """The request is not a valid webhook: wrong signature, wrong secret, or too old. Respond with 400."""


class APIStatusError(PressworkError):
    """Presswork refused the call."""

    def __init__(self, message: str, *, code: str | None, details: Mapping[str, object], response: ApiResponse) -> None:
        """Create an error from the fields of the response."""
        super().__init__(message)
        self.code = code
        self.details = details
        self.response = response

    @property
    def status_code(self) -> int:
        """The HTTP status."""
        return self.response.status_code

    @property
    def request_id(self) -> str | None:
        """The request id. Quote it when you report a problem to the server's operator."""
        return self.response.request_id

    def __str__(self) -> str:
        """Return the message with the code and the request id."""
        return f"{self.message} ({self.code or self.status_code}, request {self.request_id or 'without an id'})"
