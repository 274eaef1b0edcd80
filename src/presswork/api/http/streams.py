"""Files that are sent as they are read."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing


async def all_of(first: bytes, chunks: AsyncGenerator[bytes]) -> AsyncIterator[bytes]:
    """Yield the chunks. An error closes the connection without the end of the transfer, so that no client takes it for the whole."""
    async with aclosing(chunks):
        yield first
        async for chunk in chunks:
            yield chunk
