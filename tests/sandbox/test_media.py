"""How the sandbox fetches and probes media: https, rotation, size, and files that are not media."""

import asyncio
import hashlib
import io
from pathlib import Path

import pytest
from aiohttp import web
from PIL import Image
from tests.every_row import every_row
from tests.safe_http.hostile import certificate
from tests.sandbox.running_sandbox import MediaServer, Sandboxes, clip, listening, picture

from presswork_sandbox.http_client import HTTPClient
from presswork_sandbox.media import FetchFailed, MediaStore, MediaTooLarge
from presswork_sandbox.media_info import MediaInfo, NotMedia
from presswork_sandbox.probe import KnownFiles, Prober
from presswork_sandbox.store import Store


@pytest.mark.parametrize("trusted", [True, False])
async def test_https_trusts_ssl_cert_file(
    sandboxes: Sandboxes, media: MediaServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, trusted: bool
) -> None:
    """A picture at an https URL is fetched only if SSL_CERT_FILE names its certificate."""
    cert_file, context = certificate(tmp_path, "localhost")
    app = web.Application()
    app.router.add_get("/{name}", media.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    listener = listening()
    await web.SockSite(runner, listener, ssl_context=context).start()
    media.put("picture.jpg", picture())
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(cert_file))
    sandbox = await sandboxes.start(tmp_path / "state")
    token = await sandbox.graph_login("brand")
    url = f"https://localhost:{listener.getsockname()[1]}/picture.jpg"
    answer = await sandbox.graph(token, "POST", "me/media", image_url=url)
    assert answer.status_code == (200 if trusted else 400), answer.text
    await sandboxes.stop(sandbox)
    await runner.cleanup()


async def probed(path: Path) -> tuple[MediaInfo, bytes]:
    """Probe a file as the sandbox does."""
    return await Prober(known=KnownFiles()).probe(path, "x")


async def test_exif_rotation_swaps_width_and_height(tmp_path: Path) -> None:
    """A picture with an EXIF rotation of 90 degrees is measured as it is shown."""
    image = Image.new("RGB", (400, 300))
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    path = tmp_path / "turned"
    path.write_bytes(out.getvalue())
    facts, _ = await probed(path)
    assert (facts.width, facts.height, facts.is_video) == (300, 400, False)


async def test_a_video_is_probed(tmp_path: Path) -> None:
    """Format, codec, size, duration and frame rate are read from the bytes."""
    path = tmp_path / "clip"
    path.write_bytes(clip(2.0, width=320, height=240, fps=30))
    facts, _ = await probed(path)
    assert (facts.format, facts.codec, facts.width, facts.height) == ("MP4", "h264", 320, 240)
    assert facts.duration_seconds == pytest.approx(2.0, abs=0.1)
    assert facts.fps == pytest.approx(30, abs=0.5)
    path.write_bytes(clip(1.0, kind="mov"))
    facts, _ = await probed(path)
    assert facts.format == "MOV"


async def test_invalid_files_are_not_media(tmp_path: Path) -> None:
    """Empty, truncated and other files raise NotMedia and no other error."""
    rows: list[bytes] = [b"", b"hello", b"\xff\xd8\xff" + bytes(100), picture()[:2000], clip(1.0)[:300]]
    with every_row() as row:
        for data in rows:
            with row(data):
                path = tmp_path / "broken"
                path.write_bytes(data)
                with pytest.raises(NotMedia):
                    await probed(path)


async def test_a_known_file_is_probed_once(tmp_path: Path) -> None:
    """A file whose digest was probed before needs no child; the latest digests are remembered."""
    path = tmp_path / "picture"
    path.write_bytes(picture())
    known = KnownFiles(max_files=2)
    probe = await Prober(known=known).probe(path, "first")
    dead = Prober(child=("-c", ""), known=known)
    assert await dead.probe(path, "first") == probe
    for digest in ("second", "third"):
        await Prober(known=known).probe(path, digest)
    assert known.find("third") is not None
    with pytest.raises(NotMedia):
        await dead.probe(path, "first")


async def test_calls_that_wait_for_a_child_share_its_probe(tmp_path: Path) -> None:
    """Many posts with one new file start no more children than may run at once."""
    path, log = tmp_path / "picture", tmp_path / "children"
    path.write_bytes(picture())
    program = f"open({str(log)!r}, 'a').write('.'); import presswork_sandbox.probe_child as child; child.main()"
    prober = Prober(processes=1, child=("-c", program), known=KnownFiles())
    probes = await asyncio.gather(*(prober.probe(path, "one") for _ in range(8)))
    assert probes == probes[:1] * 8
    assert log.read_text() == "."


async def test_concurrent_fetches_of_one_video_store_one_file(media: MediaServer, tmp_path: Path) -> None:
    """Two concurrent fetches of the same new bytes store one file with one playable copy."""
    store = Store(tmp_path / "state")
    web = HTTPClient()
    library = MediaStore(store, web)
    url = media.put("clip.mp4", clip(1.0))
    both = await asyncio.gather(*(library.fetch(url, limit_bytes=1_000_000) for _ in range(4)))
    assert len({asset.id for asset in both}) == 1
    assert [file.name for file in store.folder.iterdir()] == [both[0].copy]
    await web.close()
    store.close()


async def test_fetch_stops_at_the_size_limit(media: MediaServer, tmp_path: Path) -> None:
    """Too many bytes raise MediaTooLarge, an unreachable URL FetchFailed; no file is left on disk."""
    store = Store(tmp_path / "state")
    web = HTTPClient()
    library = MediaStore(store, web)
    url = media.put("picture.jpg", picture())
    with pytest.raises(MediaTooLarge):
        await library.fetch(url, limit_bytes=1000)
    for wrong in ("http://[", "nonsense", f"{media.address}/none"):
        with pytest.raises(FetchFailed):
            await library.fetch(wrong, limit_bytes=1000)
    first = await library.fetch(url, limit_bytes=1_000_000)
    again = await library.fetch(url, limit_bytes=1_000_000)
    assert first == again
    assert first.sha256 == hashlib.sha256(picture()).hexdigest()
    assert list(store.folder.iterdir()) == []
    await web.close()
    store.close()
