"""Results with their HTTP response, for `with_raw_response`."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Generic, ParamSpec, Protocol, TypeVar

from presswork_client._response import ApiResponse


class _HasResponse(Protocol):
    @property
    def response(self) -> ApiResponse | None: ...


P = ParamSpec("P")
R = TypeVar("R", bound=_HasResponse)


@dataclass(frozen=True, slots=True, kw_only=True)
class RawResponse(Generic[R]):
    """An HTTP response with its parsed result."""

    parsed: R
    """What the method returns without `with_raw_response`."""
    http: ApiResponse
    """The whole response."""

    @property
    def status_code(self) -> int:
        """The HTTP status."""
        return self.http.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, by lower-case name."""
        return self.http.headers

    @property
    def content(self) -> bytes:
        """The body, byte for byte."""
        return self.http.content

    @property
    def request_id(self) -> str | None:
        """The request id."""
        return self.http.request_id

    @property
    def attempts(self) -> int:
        """How many times the request was sent."""
        return self.http.attempts

    @property
    def is_replayed(self) -> bool:
        """Whether this is the stored response of an earlier call with the same idempotency key."""
        return self.http.is_replayed


def raw(method: Callable[P, R]) -> Callable[P, RawResponse[R]]:
    """Return the method with its HTTP response."""

    def called(*args: P.args, **kwargs: P.kwargs) -> RawResponse[R]:
        return _with_response(method(*args, **kwargs))

    return called


def async_raw(method: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[RawResponse[R]]]:
    """Return the method of an asyncio client with its HTTP response."""

    async def called(*args: P.args, **kwargs: P.kwargs) -> RawResponse[R]:
        return _with_response(await method(*args, **kwargs))

    return called


def _with_response(parsed: R) -> RawResponse[R]:
    assert parsed.response is not None  # noqa: S101  the result of a call has one
    return RawResponse(parsed=parsed, http=parsed.response)
