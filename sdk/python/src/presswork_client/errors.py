"""What can go wrong, from the widest to one class for each code of the API.

PressworkError
├── APIConnectionError      no answer came, however often it was tried
│   └── APITimeoutError     … within timeout_seconds
├── InvalidAnswerError      an answer that is not Presswork's
├── WaitTimeoutError        a post was not over in time
├── WebhookVerificationError
└── APIStatusError          Presswork refused; code, details, request_id
    ├── NotFoundError, ConflictError, RateLimitedError, … one for each code
"""

from collections.abc import Mapping

from presswork_client._answers import ApiResponse


class PressworkError(Exception):
    """Whatever this package raises by itself. The message is a sentence that says what to do next."""

    def __init__(self, message: str) -> None:
        """Take the sentence."""
        super().__init__(message)
        self.message = message


class APIConnectionError(PressworkError):
    """No answer came. Whether the call had its effect is not known; the same idempotency key makes a repetition safe."""

    def __init__(self, message: str, *, idempotency_key: str | None = None) -> None:
        """Take the sentence, and the key under which the call can be repeated."""
        super().__init__(message)
        self.idempotency_key = idempotency_key


class APITimeoutError(APIConnectionError):
    """No answer came in time."""


class InvalidAnswerError(PressworkError):
    """Something answered, but not as Presswork does: a proxy's page, or another program."""

    def __init__(self, message: str, *, response: ApiResponse) -> None:
        """Take the sentence and the answer."""
        super().__init__(message)
        self.response = response


class WaitTimeoutError(PressworkError):
    """What was waited for did not come in time; it may still come."""


class WebhookVerificationError(PressworkError):
    """The request was not made by Presswork, or not lately, or for another secret. Answer it with 400."""


class APIStatusError(PressworkError):
    """Presswork refused the call."""

    def __init__(self, message: str, *, code: str | None, details: Mapping[str, object], response: ApiResponse) -> None:
        """Take what the answer says."""
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
        """What to name to whoever runs the server."""
        return self.response.request_id

    def __str__(self) -> str:
        """Say what, which code and which request."""
        return f"{self.message} ({self.code or self.status_code}, request {self.request_id or 'without an id'})"
