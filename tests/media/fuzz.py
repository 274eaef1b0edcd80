"""Fuzz the media pool with damaged files: `python -m tests.media.fuzz --cases 20000`.

Each case is a sample that was cut, altered, spliced or disguised. It passes through the pool like an upload, and an
accepted file gets its previews and is converted as for a platform. A case is a seed and a number, so that each can be replayed. Expected is a
Probe or MediaUnsupported, in time, from a child process that survives. See docs/hostile-input.md.
"""

import argparse
import asyncio
import os
import random
import resource
import secrets
import struct
import sys
import tempfile
import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Final

from tests.media.corpus import PNG_MARK, doubtful, fine, hostile, png_chunk

from presswork.core.errors import MediaUnsupported
from presswork.media.model import Kind, Probe
from presswork.media.pool import JobLimits, MediaPool
from presswork.media.specs import ImageSpec, VideoSpec

LIMITS: Final = JobLimits(probe=timedelta(seconds=20), image=timedelta(seconds=20), video=timedelta(seconds=60))
LONGEST_CONVERTED: Final = timedelta(minutes=15)
"""Platforms accept nothing longer, and what they don't accept is never converted."""
SPECS: Final = (
    ImageSpec(max_size_bytes=8_000_000),
    ImageSpec(max_width=20, is_padded=True, min_ratio=0.8, max_ratio=1.91),
)
VIDEO_SPECS: Final = (VideoSpec(), VideoSpec(max_width=32))

_NUMBERS: Final = (0, 1, 2, 7, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_BOXES: Final = (
    b"mvhd tkhd mdhd hdlr stsd stts stss stsc stsz stco ctts elst avc1 avcC mp4a esds moov trak mdia minf stbl mdat ftyp "
    b"moof traf trun tfhd tfdt mvex trex mehd edts udta"
).split()


class Verdict(StrEnum):
    """The outcome of a case. All but the first two are failures."""

    TAKEN = "taken"
    REFUSED = "refused"
    SLOW = "slow"
    HUNGRY = "hungry"
    CRASHED = "crashed"
    ERROR = "another error"


@dataclass(slots=True)
class Report:
    """The results of a run."""

    verdicts: Counter[Verdict] = field(default_factory=Counter)
    unwanted: list[str] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")

    def add(self, case: str, verdict: Verdict, seconds: float) -> None:
        """Count one case."""
        self.verdicts[verdict] += 1
        self.slowest = max(self.slowest, (seconds, case))
        if verdict not in (Verdict.TAKEN, Verdict.REFUSED):
            self.unwanted.append(f"{case}: {verdict}")


def case(seed: int, number: int) -> tuple[str, bytes]:
    """Return one case: the mutation and the bytes."""
    chance = random.Random(f"{seed}:{number}")  # noqa: S311  to be had again, not a secret
    samples = {**fine(), **doubtful()}
    name = chance.choice(list(samples))
    data, done = samples[name], []
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        mutate = chance.choice(_MUTATIONS)
        data = mutate(chance, data)
        done.append(mutate.__name__.strip("_"))
    return f"{seed}:{number} {name}, {' + '.join(done)}", data


def _cut(chance: random.Random, data: bytes) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def _flip(chance: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    reach = min(len(data), chance.choice((64, 1000, len(data))))
    for _ in range(chance.choice((1, 2, 8, 50)) if reach else 0):
        changed[chance.randrange(reach)] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _overwrite(chance: random.Random, data: bytes) -> bytes:
    """Insert a number that parsers often mishandle anywhere, in either byte order."""
    form = chance.choice((">B", ">H", "<H", ">I", "<I"))
    number = struct.pack(form, chance.choice(_NUMBERS) & ((1 << 8 * struct.calcsize(form)) - 1))
    place = chance.randrange(len(data) + 1)
    return data[:place] + number + data[place + len(number) :]


def _remove(chance: random.Random, data: bytes) -> bytes:
    place = chance.randrange(len(data) + 1)
    return data[:place] + data[place + chance.randrange(1, 500) :]


def _repeat(chance: random.Random, data: bytes) -> bytes:
    place, length = chance.randrange(len(data) + 1), chance.randrange(1, 2000)
    piece = data[place : place + length]
    return data[:place] + piece * chance.choice((2, 3, 50)) + data[place + length :]


def _splice(chance: random.Random, data: bytes) -> bytes:
    """Continue with another file in the middle of this one."""
    other = chance.choice([*fine().values(), *hostile().values()])
    return data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other)) :]


def _disguise(chance: random.Random, data: bytes) -> bytes:
    """Put one file's magic bytes before another's bytes, or one file whole before the other."""
    other = chance.choice([*fine().values(), *hostile().values()])
    return other[: chance.choice((3, 8, 12, 24, len(other)))] + data


def _bend_box(chance: random.Random, data: bytes) -> bytes:
    """Change a field, the size or the name of a box of an MP4."""
    places = [place for name in _BOXES for place in _all(data, name)]
    if not places:
        return _flip(chance, data)
    place = chance.choice(places)
    start = place + chance.choice((-4, 0, 4, 4 + 4 * chance.randrange(12)))
    new = chance.choice(_BOXES) if start == place else struct.pack(">I", chance.choice(_NUMBERS))
    return data[: max(0, start)] + new + data[max(0, start) + 4 :]


def _bend_chunk(chance: random.Random, data: bytes) -> bytes:
    """Change the body of a PNG's chunk, and for pixels what they decompress to, with a corrected checksum."""
    if not data.startswith(PNG_MARK):
        return _overwrite(chance, data)
    chunks, place = [], len(PNG_MARK)
    while place + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, place)
        chunks.append((data[place + 4 : place + 8], data[place + 8 : place + 8 + length]))
        place += 12 + length
    if not chunks:
        return _flip(chance, data)
    index = chance.randrange(len(chunks))
    name, body = chunks[index]
    if name == b"IDAT" and chance.random() < 0.5:
        try:
            body = zlib.compress(_overwrite(chance, zlib.decompressobj().decompress(body, 1_000_000)))
        except zlib.error:
            body = _overwrite(chance, body)
    else:
        body = _overwrite(chance, body)
    chunks[index] = (name, body)
    return PNG_MARK + b"".join(png_chunk(*chunk) for chunk in chunks)


def _bend_segment(chance: random.Random, data: bytes) -> bytes:
    """Change the length or the first fields of a JPEG's segment."""
    places = [place for marker in b"\xc0\xc2\xc4\xda\xdb\xdd\xe0\xe1" for place in _all(data, bytes((0xFF, marker)))]
    if not places:
        return _overwrite(chance, data)
    start = chance.choice(places) + 2 + chance.randrange(16)
    return data[:start] + chance.randbytes(chance.choice((1, 2, 2))) + data[start + 2 :]


_Mutation = Callable[[random.Random, bytes], bytes]
_MUTATIONS: Final[Sequence[_Mutation]] = (
    _cut,
    *(_flip,) * 3,
    *(_overwrite,) * 3,
    _remove,
    _repeat,
    _splice,
    _disguise,
    *(_bend_box,) * 4,
    *(_bend_chunk,) * 2,
    *(_bend_segment,) * 2,
)


def _all(data: bytes, part: bytes) -> Sequence[int]:
    places, place = [], data.find(part)
    while place >= 0:
        places.append(place)
        place = data.find(part, place + 1)
    return places


def unwanted(error: MediaUnsupported) -> Verdict:
    """Whether a refusal is one of those that only the pool's last resorts return."""
    marks: Mapping[str, Verdict] = {
        "too long to read": Verdict.SLOW,
        "too much memory": Verdict.HUNGRY,
        "crashes the program": Verdict.CRASHED,
    }
    return next((verdict for mark, verdict in marks.items() if mark in error.message), Verdict.REFUSED)


async def judge(pool: MediaPool, data: bytes, folder: Path) -> Verdict:
    """Accept one file, make its previews and convert it as for a platform; return the first failure, if any."""
    source, target = folder / "source", folder / "target"
    source.write_bytes(data)
    try:
        probe = await pool.probe(source)
    except MediaUnsupported as error:
        return unwanted(error)
    except OSError:
        return Verdict.ERROR
    found = Verdict.TAKEN
    is_convertible = probe.duration is None or probe.duration <= LONGEST_CONVERTED
    for make in (
        (_previews, partial(_converted, number=0), partial(_converted, number=1)) if is_convertible else (_previews,)
    ):
        try:
            await make(pool, probe, source, target)
        except MediaUnsupported as error:
            verdict = unwanted(error)
        except OSError:
            verdict = Verdict.ERROR
        else:
            verdict = Verdict.TAKEN
        if found is Verdict.TAKEN and verdict is not Verdict.REFUSED:
            found = verdict
        target.unlink(missing_ok=True)
    return found


async def _previews(pool: MediaPool, probe: Probe, source: Path, target: Path) -> None:
    await pool.write_previews(source, target, None if probe.kind is Kind.IMAGE else target)


async def _converted(pool: MediaPool, probe: Probe, source: Path, target: Path, *, number: int) -> None:
    if probe.kind is Kind.IMAGE:
        await pool.convert_image(source, target, SPECS[number])
    else:
        await pool.convert_video(source, target, VIDEO_SPECS[number])


async def run(seed: int, numbers: Sequence[int], *, processes: int) -> Report:
    """Run these cases of a seed and return their results."""
    report, left = Report(), iter(numbers)

    async def work(pool: MediaPool, folder: Path) -> None:
        await asyncio.to_thread(folder.mkdir)
        for number in left:
            name, data = case(seed, number)
            began = perf_counter()
            report.add(name, await judge(pool, data, folder), perf_counter() - began)

    with tempfile.TemporaryDirectory(prefix="presswork-fuzz-") as scratch:
        async with MediaPool(processes, limits=LIMITS) as pool, asyncio.TaskGroup() as group:
            for worker in range(processes):
                group.create_task(work(pool, Path(scratch) / str(worker)))
    return report


def main() -> int:
    """Run the requested number of cases, print the results, and return 0 if there was no failure."""
    parser = argparse.ArgumentParser(prog="python -m tests.media.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=2000, help="how many (default 2000)")
    parser.add_argument("--seed", type=int, help="which cases (default: a new random seed)")
    parser.add_argument("--case", type=int, help="only the case with this number; needs --seed")
    parser.add_argument("--keep", type=Path, help="with --case: also write its bytes here")
    parser.add_argument("--processes", type=int, default=2, help="children at work (default 2)")
    asked = parser.parse_args()
    if asked.case is not None and asked.seed is None:
        parser.error("--case needs --seed: a case is a number and a seed")
    seed = secrets.randbelow(2**32) if asked.seed is None else asked.seed
    replay = f"python -m tests.media.fuzz --seed {seed}"
    print(f"Seed {seed}. Replay with: {replay} --cases {asked.cases}", flush=True)
    os.nice(19)
    numbers = range(asked.cases) if asked.case is None else range(asked.case, asked.case + 1)
    if asked.keep is not None and asked.case is not None:
        asked.keep.write_bytes(case(seed, asked.case)[1])
    began = perf_counter()
    report = asyncio.run(run(seed, numbers, processes=asked.processes))
    for one in report.unwanted:
        print(f"{one}\n  replay with: {replay} --case {one.split()[0].partition(':')[2]}")
    print(", ".join(f"{count:,} {verdict}" for verdict, count in sorted(report.verdicts.items())))
    print(f"slowest: {report.slowest[0]:.1f} s, {report.slowest[1]}")
    largest, own = (
        resource.getrusage(who).ru_maxrss // 1024 for who in (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF)
    )
    print(f"memory: {largest} MiB the largest child, {own} MiB this process; {perf_counter() - began:.0f} s in all")
    return 1 if report.unwanted else 0


if __name__ == "__main__":
    sys.exit(main())
