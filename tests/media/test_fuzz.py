"""Hostile media through the pool, like an upload: unusual files are accepted, harmful ones refused, no child dies."""

import struct
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from tests.media.corpus import doubtful, fine, fingerprint, hostile, large_scan_bomb, png, scan_bomb, with_field
from tests.media.fuzz import Verdict, case, judge, run
from tests.tiers import exhaustive

from presswork.core.errors import MediaUnsupported
from presswork.media.convert_image import convert_image
from presswork.media.convert_video import convert_video
from presswork.media.model import ContentType
from presswork.media.pool import MediaPool
from presswork.media.probe import probe
from presswork.media.samples import sample_video
from presswork.media.specs import ImageSpec, VideoSpec

SEED = 20261125
CASES = 120


async def test_every_sample_is_accepted_or_refused(tmp_path: Path) -> None:
    """Each unusual but valid file is accepted and converted, each hostile one refused, and none kills or blocks a child."""
    async with MediaPool(1) as pool:
        became = {
            name: await judge(pool, data, tmp_path)
            for name, data in {**fine(), **hostile(), **doubtful(), "nothing": b""}.items()
        }
    assert {name for name, verdict in became.items() if verdict is not Verdict.TAKEN} - doubtful().keys() == {
        *hostile(),
        "nothing",
    }
    assert set(became.values()) == {Verdict.TAKEN, Verdict.REFUSED}


@pytest.mark.parametrize("cases", [range(40), *exhaustive([range(40, CASES)])])
async def test_damaged_files_are_accepted_or_refused(cases: range) -> None:
    """Files that were cut, altered, spliced and disguised by a seed: a Probe or MediaUnsupported, from a child that lives."""
    report = await run(SEED, cases, processes=1)
    assert report.unwanted == []
    assert min(report.verdicts[Verdict.TAKEN], report.verdicts[Verdict.REFUSED]) > len(cases) // 10


def test_a_case_is_reproducible() -> None:
    """The seed and the number determine the case, in any process, so that a finding of a long run can be replayed."""
    program = (
        "from tests.media.corpus import fingerprint\n"
        "from tests.media.fuzz import case\n"
        f"print(repr((case({SEED}, 7), fingerprint())))"
    )
    root = Path(__file__).parents[2]
    other = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert other.stdout.strip() == repr((case(SEED, 7), fingerprint()))
    assert case(SEED, 7) != case(SEED, 8)


def test_a_picture_of_empty_scans_is_refused() -> None:
    """Half a megabyte of scans would keep a decoder busy for minutes; real encoders stay far below the limit."""
    with pytest.raises(MediaUnsupported, match="too many parts"):
        probe(scan_bomb(scans=101))
    assert probe(scan_bomb(scans=80)).width == 200


def test_the_scans_of_a_large_picture_are_limited_by_its_pixels() -> None:
    """Each scan walks over all pixels: the largest picture may have few."""
    with pytest.raises(MediaUnsupported, match="too many parts"):
        probe(large_scan_bomb())


@pytest.mark.exhaustive
def test_the_largest_picture_may_have_the_scans_of_an_encoder() -> None:
    """As many as encoders write are accepted; to decode that picture takes a second."""
    assert probe(scan_bomb(scans=12, side=10_400)).width == 10_400


@pytest.mark.parametrize("size", [(2, 60_000), (60_000, 2), (1, 65_535), (65_535, 1)])
@pytest.mark.parametrize("content_type", [ContentType.JPEG, ContentType.WEBP])
def test_an_extremely_narrow_picture_is_converted_in_bounded_memory(
    size: tuple[int, int], content_type: ContentType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A picture that is thousands of times as high as wide fits the copy, and the bars beside it stay small."""
    thread = png(*size, (b"\0" + bytes(3 * size[0])) * size[1])
    copy = probe(convert_image(thread, ImageSpec(content_type=content_type)))
    assert max(copy.width, copy.height) <= {ContentType.JPEG: 65_500, ContentType.WEBP: 16_383}[content_type]
    pages: list[int] = []
    new = Image.new

    def noted(mode: str, size: tuple[int, int], *color: tuple[int, int, int]) -> Image.Image:
        pages.append(size[0] * size[1])
        return new(mode, size, *color)

    monkeypatch.setattr(Image, "new", noted)
    barred = ImageSpec(content_type=content_type, max_width=100, min_ratio=0.8, max_ratio=1.91, is_padded=True)
    copy = probe(convert_image(thread, barred))
    assert copy.width <= 100
    assert 0.8 <= copy.ratio <= 1.91
    assert max(pages) <= 100 * 125


def test_frames_that_outlast_their_video_are_not_converted(tmp_path: Path) -> None:
    """Two hundred milliseconds by the header, hours by the frames: the conversion ends where the header says."""
    source = tmp_path / "source"
    lying = with_field(fine()["silent mp4"], b"stts", 12, struct.pack(">I", 12_800 * 3600))
    source.write_bytes(lying)
    assert probe(source).duration == timedelta(seconds=0.2)
    with pytest.raises(MediaUnsupported, match="last longer"):
        convert_video(source, tmp_path / "copy", VideoSpec())
    source.write_bytes(sample_video(timedelta(seconds=2), 64, 48))
    copy = convert_video(source, tmp_path / "honest copy", VideoSpec(max_width=32))
    assert copy.duration == timedelta(seconds=2)


def test_a_video_that_yields_no_frame_is_refused(tmp_path: Path) -> None:
    """libav creates no file where there is nothing to write; that is an error of the video and not a missing file."""
    source = tmp_path / "source"
    source.write_bytes(with_field(fine()["silent mp4"], b"stts", 8, b"\xff" * 8))
    with pytest.raises(MediaUnsupported, match="no frames that can be converted"):
        convert_video(source, tmp_path / "copy", VideoSpec())
