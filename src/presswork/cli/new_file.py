"""Files that commands write."""

from collections.abc import Iterable
from pathlib import Path

from presswork.cli.client.login import NotPossible


def write_new(file: Path, chunks: Iterable[bytes]) -> int:
    """Write a file that does not exist, whole or not at all, and return its size. Raises NotPossible."""
    partial = file.with_name(f".{file.name}.part")
    try:
        if file.exists():
            raise NotPossible(f"{file} exists already. Choose another file with --output.")
        with partial.open("wb") as target:
            size_bytes = sum(target.write(chunk) for chunk in chunks)
        partial.rename(file)
    except OSError as error:
        raise NotPossible(f"{file} can't be written: {error.strerror}. Choose another file with --output.") from error
    finally:
        partial.unlink(missing_ok=True)
    return size_bytes
