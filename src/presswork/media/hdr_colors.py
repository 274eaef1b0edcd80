"""Colors of HDR video (PQ and HLG, BT.2020) as those of an ordinary screen (sRGB), by a table that Pillow applies.

libswscale can do the same, but takes 2.5 s of CPU time to build its table for each frame.

Sources: ITU-R BT.2100-2, tables 4 and 5 (PQ and HLG); BT.2408, 5.1 (203 cd/m² is the white of ordinary video); BT.2087
(the gamuts).
"""

import math
from collections.abc import Callable
from functools import cache
from typing import Final, Literal

from PIL import ImageFilter

_STEPS: Final = 33
"""Of each side of the table; between them, Pillow interpolates."""
_WHITE: Final = 203.0  # cd/m²
_HLG_PEAK: Final = 1000.0  # cd/m²
_KNEE: Final = 0.7
"""From this part of white on, brighter light is compressed, so that highlights keep their shapes."""
_TO_BT709: Final = ((1.6605, -0.5876, -0.0728), (-0.1246, 1.1329, -0.0083), (-0.0182, -0.1006, 1.1187))
_LUMINANCE: Final = (0.2627, 0.6780, 0.0593)

Color = tuple[float, float, float]
Curve = Literal["pq", "hlg"]


@cache
def screen_colors(curve: Curve) -> ImageFilter.Color3DLUT:
    """Return the filter for pictures that hold the signal of a curve."""
    light = _pq_light if curve == "pq" else _hlg_light
    return ImageFilter.Color3DLUT.generate(_STEPS, _convert(light))


def _convert(light: Callable[[Color], Color]) -> Callable[[float, float, float], Color]:
    def convert(red: float, green: float, blue: float) -> Color:
        wide = light((red, green, blue))
        peak = max(*wide, 1e-9)
        scale = _compress_light(peak) / peak
        narrow = [scale * sum(a * b for a, b in zip(row, wide, strict=True)) for row in _TO_BT709]
        return _encode_srgb(narrow[0]), _encode_srgb(narrow[1]), _encode_srgb(narrow[2])

    return convert


def _compress_light(light: float) -> float:
    rest = 1 - _KNEE
    return light if light <= _KNEE else _KNEE + rest * (1 - math.exp((_KNEE - light) / rest))


def _pq_light(signal: Color) -> Color:
    """Return the light of a PQ signal, in parts of white."""

    def one(value: float) -> float:
        power = value ** (1 / 78.84375)
        return float(
            10_000 / _WHITE * (max(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)) ** (1 / 0.1593017578125)
        )

    return one(signal[0]), one(signal[1]), one(signal[2])


def _hlg_light(signal: Color) -> Color:
    """Return the light of an HLG signal on a display of 1,000 cd/m², in parts of white."""

    def scene(value: float) -> float:
        return value**2 / 3 if value <= 0.5 else (math.exp((value - 0.55991073) / 0.17883277) + 0.28466892) / 12

    red, green, blue = (scene(value) for value in signal)
    luminance = sum(a * b for a, b in zip(_LUMINANCE, (red, green, blue), strict=True))
    gain = _HLG_PEAK / _WHITE * luminance**0.2
    return gain * red, gain * green, gain * blue


def _encode_srgb(light: float) -> float:
    clipped = min(max(light, 0.0), 1.0)
    return 12.92 * clipped if clipped <= 0.0031308 else 1.055 * clipped ** (1 / 2.4) - 0.055
