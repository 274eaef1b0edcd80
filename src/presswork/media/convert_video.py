"""Convert a video into the form that a platform accepts. The original stays unchanged.

Streams that already fit are remuxed: the frames stay the same, and it takes as long as reading the file.
"""

from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.error import BlockingIOError as NothingYet
from av.error import EOFError as EndOfStream
from av.filter import Graph
from av.filter.context import FilterContext
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from presswork.core.errors import MediaUnsupported
from presswork.media.model import Probe
from presswork.media.probe import Source, probe
from presswork.media.probe_video import opened_video, picture_stream, rotation_of, sound_stream
from presswork.media.specs import VideoSpec

_FALLBACK_RATE: Final = Fraction(30)
_SOUND_BITS_PER_SECOND: Final = 128_000
_THREADS: Final = 4  # a fixed number, so that every machine makes the same copy
_KEYFRAME_SECONDS: Final = 2
_SLACK: Final = timedelta(seconds=10)  # by which the frames of honest files may outlast their header
_TURNS: Final = {90: ("clock",), 180: ("clock", "clock"), 270: ("cclock",)}


def convert_video(source: Source, target: Path, spec: VideoSpec, *, sha256: str | None = None) -> Probe:
    """Write an MP4 copy that fits the spec, its table of contents first, and return what the copy is.

    Pictures are re-encoded (H.264, upright, progressive) only if they violate the spec, and so is the sound (AAC).
    `target` is written in place, so give a fresh name. With `sha256`, the source is not read once more for it. Raises MediaUnsupported on a broken video.
    """
    before = probe(source, sha256=sha256)
    is_new = spec.needs_new_pictures(before)
    options = {"movflags": "+faststart", "fflags": "+bitexact"}
    if is_new:
        options["use_editlist"] = "0"  # Instagram accepts none; a remux keeps what its pictures need
    with (
        source.open("rb") as file,
        opened_video(file) as container,
        av.open(target, "w", format="mp4", container_options=options) as output,
    ):
        pictures, sound = picture_stream(container), sound_stream(container)
        tracks: dict[int, _Track] = {
            pictures.index: _EncodedPictures(output, pictures, before, spec) if is_new else _Copied(output, pictures)
        }
        if sound is not None:
            track = _EncodedSound(output, sound, spec) if spec.needs_new_sound(before) else _Copied(output, sound)
            tracks[sound.index] = _FromZero(track) if is_new else track
        _pump(container, output, tracks)
    if not target.exists():  # libav makes the file with the first frame
        raise MediaUnsupported("The video has no frames that can be converted. Export it again and send the new file.")
    return probe(target)


class _Copied:
    """A track whose packets go over as they are."""

    def __init__(self, output: OutputContainer, source: Stream) -> None:
        self._stream = output.add_stream_from_template(source)

    def convert(self, packet: "Packet[Stream]") -> "Iterator[Packet[Stream]]":
        if packet.dts is not None:  # the empty packet at the end of a stream
            packet.stream = self._stream
            yield packet

    def finish(self) -> "Iterator[Packet[Stream]]":
        return iter(())


class _EncodedPictures:
    """Pictures decoded, brought in form by libav's filters and encoded as H.264.

    Where a frame lasts long, the filters repeat it. A file of a few kilobytes may say of each frame that it lasts for
    hours, and of the whole that it lasts a second: the number of frames is bounded by what the whole says.
    """

    def __init__(self, output: OutputContainer, source: VideoStream, probe: Probe, spec: VideoSpec) -> None:
        self._source = source
        self._probe = probe
        source.thread_count = _THREADS
        self._rate = _frame_rate(source, spec)
        self._size = _even_size(probe, spec)
        self._frames_left = int(((probe.duration or timedelta()) * 1.1 + _SLACK).total_seconds() * self._rate)
        bits = str(spec.max_bits_per_second)
        options = {
            "preset": "veryfast",
            "crf": "20",
            "bf": "0",
            "threads": str(_THREADS),
            "maxrate": bits,
            "bufsize": bits,
        }
        self._stream = output.add_stream("libx264", rate=self._rate, options=options)
        self._stream.width, self._stream.height = self._size
        self._stream.pix_fmt = "yuv420p"
        self._stream.codec_context.time_base = 1 / self._rate
        self._stream.codec_context.gop_size = round(self._rate * _KEYFRAME_SECONDS)
        self._graph: Graph | None = None

    def convert(self, packet: "Packet[Stream]") -> "Iterator[Packet[Stream]]":
        for frame in packet.decode():
            if isinstance(frame, VideoFrame):
                graph = self._graph = self._graph or self._build(frame)
                graph.vpush(frame)
                yield from self._encode_frames(graph)

    def finish(self) -> "Iterator[Packet[Stream]]":
        if self._graph is not None:
            self._graph.vpush(None)
            yield from self._encode_frames(self._graph)
        yield from self._stream.encode(None)

    def _encode_frames(self, graph: Graph) -> "Iterator[Packet[Stream]]":
        while True:
            try:
                frame = graph.vpull()
            except (NothingYet, EndOfStream):
                return
            self._frames_left -= 1
            if self._frames_left < 0:
                raise MediaUnsupported(
                    "The video's frames last longer than the video says. Export it again and send the new file."
                )
            frame.pict_type = 0  # the encoder chooses its own keyframes
            yield from self._stream.encode(frame)

    def _build(self, frame: VideoFrame) -> Graph:
        graph = Graph()
        width, height = self._size
        steps: list[FilterContext] = [graph.add_buffer(template=self._source, time_base=self._source.time_base)]
        if self._probe.is_interlaced:
            steps.append(graph.add("bwdif", "mode=send_frame"))
        steps.append(graph.add("fps", f"fps={self._rate}"))
        steps.extend(graph.add("transpose", f"dir={turn}") for turn in _TURNS.get(rotation_of(frame), ()))
        steps.append(graph.add("scale", f"w={width}:h={height}"))
        steps.append(graph.add("setsar", "1"))
        steps.append(graph.add("format", "pix_fmts=yuv420p"))
        # Upright now, so the note that a player shall turn the frame has to go.
        steps.append(graph.add("sidedata", "mode=delete:type=DISPLAYMATRIX"))
        steps.append(graph.add("buffersink"))
        graph.link_nodes(*steps).configure()
        return graph


class _EncodedSound:
    """Sound decoded, resampled where it must be and encoded as AAC."""

    def __init__(self, output: OutputContainer, source: AudioStream, spec: VideoSpec) -> None:
        rate = min(source.sample_rate, spec.max_audio_rate_hertz)
        layout = "mono" if min(source.channels, spec.max_audio_channels) == 1 else "stereo"
        self._stream = output.add_stream("aac", rate=rate)
        self._stream.bit_rate = _SOUND_BITS_PER_SECOND
        self._stream.layout = layout
        self._resampler = AudioResampler(format="fltp", layout=layout, rate=rate, frame_size=1024)

    def convert(self, packet: "Packet[Stream]") -> "Iterator[Packet[Stream]]":
        for frame in packet.decode():
            if isinstance(frame, av.AudioFrame):
                for piece in self._resampler.resample(frame):
                    yield from self._stream.encode(piece)

    def finish(self) -> "Iterator[Packet[Stream]]":
        for piece in self._resampler.resample(None):
            yield from self._stream.encode(piece)
        yield from self._stream.encode(None)


class _FromZero:
    """A track of sound whose first packet lies before zero, as AAC's does, moved to start there.

    Without an edit list the pictures would be moved instead, and the first of them would stay too long. The sound is
    late by one packet then, 23 ms at most, which is inaudible.
    """

    def __init__(self, track: _Copied | _EncodedSound) -> None:
        self._track = track
        self._delay: int | None = None  # in the packets' own time base

    def convert(self, packet: "Packet[Stream]") -> "Iterator[Packet[Stream]]":
        return map(self._move_packet, self._track.convert(packet))

    def finish(self) -> "Iterator[Packet[Stream]]":
        return map(self._move_packet, self._track.finish())

    def _move_packet(self, packet: "Packet[Stream]") -> "Packet[Stream]":
        if packet.dts is not None and packet.pts is not None:
            if self._delay is None:
                self._delay = max(0, -packet.dts)
            packet.dts, packet.pts = packet.dts + self._delay, packet.pts + self._delay
        return packet


_Track = _Copied | _EncodedPictures | _EncodedSound | _FromZero


def _pump(container: InputContainer, output: OutputContainer, tracks: dict[int, _Track]) -> None:
    """Send every packet through its track in the order of the file, so that little is held in memory."""
    streams = [stream for stream in container.streams if stream.index in tracks]
    for packet in container.demux(streams):
        for done in tracks[packet.stream.index].convert(packet):
            output.mux(done)
    for track in tracks.values():
        for done in track.finish():
            output.mux(done)


def _frame_rate(stream: VideoStream, spec: VideoSpec) -> Fraction:
    """Return the copy's frame rate: the source's own where the spec accepts it, else 30 or the highest that it accepts."""
    rate = stream.average_rate
    if rate is None or not spec.allows_frame_rate(float(rate)):
        return min(_FALLBACK_RATE, Fraction(spec.max_frame_rate))
    # An average over a phone's uneven frames is a fraction that no encoder likes; 30000/1001 is kept exactly.
    return rate.limit_denominator(1001)


def _even_size(probe: Probe, spec: VideoSpec) -> tuple[int, int]:
    """Return the copy's width and height: the shown size, scaled down to fit, with the even sides that 4:2:0 needs."""
    scale = min(1.0, (spec.max_width or probe.width) / probe.width, (spec.max_height or probe.height) / probe.height)
    return max(2, int(probe.width * scale) // 2 * 2), max(2, int(probe.height * scale) // 2 * 2)
