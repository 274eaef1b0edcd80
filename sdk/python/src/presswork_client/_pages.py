"""Pages of a list: page by page, or as an iterator over all rows."""

from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from presswork_client._model import Model
from presswork_client._response import ApiResponse
from presswork_client.errors import InvalidArgumentError

T = TypeVar("T")
P = TypeVar("P", bound=Model)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T, P]):
    """One page. Iterating over it continues with the following pages, which are fetched on demand."""

    items: Sequence[T]
    """The rows of this page only."""
    next_cursor: str | None
    answer: P
    """The page as the API returns it, with its other fields."""
    _fetch: Callable[[str], "Page[T, P]"]

    @property
    def response(self) -> ApiResponse | None:
        """The HTTP response."""
        return self.answer.response

    @property
    def has_next_page(self) -> bool:
        """Whether there is another page."""
        return self.next_cursor is not None

    def next_page(self) -> "Page[T, P]":
        """Fetch the next page. Raises InvalidArgumentError on the last page."""
        if self.next_cursor is None:
            raise InvalidArgumentError("This is the last page. Check has_next_page first.")
        return self._fetch(self.next_cursor)

    def pages(self) -> "Iterator[Page[T, P]]":
        """Yield this page and all following pages."""
        page = self
        yield page
        while page.has_next_page:
            page = page.next_page()
            yield page

    def __iter__(self) -> Iterator[T]:
        """Yield every row of this page and all following pages."""
        for page in self.pages():
            yield from page.items


@dataclass(frozen=True, slots=True, kw_only=True)
class AsyncPage(Generic[T, P]):
    """One page. `async for` over it continues with the following pages."""

    items: Sequence[T]
    """The rows of this page only."""
    next_cursor: str | None
    answer: P
    """The page as the API returns it, with its other fields."""
    _fetch: Callable[[str], "AsyncPages[T, P]"]

    @property
    def response(self) -> ApiResponse | None:
        """The HTTP response."""
        return self.answer.response

    @property
    def has_next_page(self) -> bool:
        """Whether there is another page."""
        return self.next_cursor is not None

    async def next_page(self) -> "AsyncPage[T, P]":
        """Fetch the next page. Raises InvalidArgumentError on the last page."""
        if self.next_cursor is None:
            raise InvalidArgumentError("This is the last page. Check has_next_page first.")
        return await self._fetch(self.next_cursor)

    async def pages(self) -> "AsyncIterator[AsyncPage[T, P]]":
        """Yield this page and all following pages."""
        page = self
        yield page
        while page.has_next_page:
            page = await page.next_page()
            yield page

    async def __aiter__(self) -> AsyncIterator[T]:
        """Yield every row of this page and all following pages."""
        async for page in self.pages():
            for row in page.items:
                yield row


class AsyncPages(Generic[T, P]):
    """A list: `await` it for its first page, or iterate over every row with `async for`."""

    def __init__(self, first: Callable[[], Awaitable[AsyncPage[T, P]]]) -> None:
        """Create a list from the function that fetches its first page."""
        self._first = first

    def __await__(self) -> Generator[object, None, AsyncPage[T, P]]:
        """Fetch the first page."""
        return self._first().__await__()

    async def __aiter__(self) -> AsyncIterator[T]:
        """Yield every row of all pages."""
        async for row in await self._first():
            yield row
