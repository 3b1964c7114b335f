"""Make the spoken digits of the package: a synthesiser's voices as log-mel tables.

    python tools/build_spoken.py [--record FILE]

Needs espeak-ng on the path (Debian: apt-get install espeak-ng; here 1.51). Each digit
is said by twelve voices at two pitches and two speeds. A table has 20 frames, 40 ms
apart, of 16 mel bands from 100 to 4,000 Hz, in 64 levels below the loudest.
"""

import argparse
import itertools
import lzma
import math
import subprocess
import tempfile
import wave
from pathlib import Path

import numpy as np

from allyouneed.data.spoken_digits import BANDS, FILE, FRAMES, LEVELS, ORIGIN

WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
VOICES = {
    "train": [
        *("en-us", "en-gb", "en-us+f2", "en-gb+f4", "en-gb-scotland+m3", "en-029+m1"),
        *("en-gb-x-rp+f1", "en-us+m7"),
    ],
    "valid": ["en-gb-x-gbclan+m5", "en-us+f5"],
    "test": ["en-gb-x-gbcwmd+m4", "en-us-nyc+f3"],
}
PITCHES, SPEEDS = (35, 65), (130, 170)
WINDOW, HOP, LOW, HIGH, DEPTH = 0.03, 0.04, 100, 4000, 9.0  # s, s, Hz, Hz, nats
FFT = 1024


def spoken(word: str, voice: str, pitch: int, speed: int) -> tuple[np.ndarray, int]:
    """The samples, from where the sound begins, and their rate."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        choices = ["-v", voice, "-p", str(pitch), "-s", str(speed)]
        subprocess.run(["espeak-ng", *choices, "-w", str(path), word], check=True)
        with wave.open(str(path)) as file:
            rate = file.getframerate()
            sound = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    loud = np.flatnonzero(abs(sound) > 0.02 * abs(sound).max())
    return sound[loud[0] :].astype(float), rate


def bands(rate: int) -> np.ndarray:
    """Triangles that overlap by half, evenly spaced in mel: (BANDS, FFT / 2 + 1)."""
    low, high = (2595 * math.log10(1 + hertz / 700) for hertz in (LOW, HIGH))
    corners = 700 * (10 ** (np.linspace(low, high, BANDS + 2) / 2595) - 1)
    at = np.fft.rfftfreq(FFT, 1 / rate)
    lower, middle, upper = (corners[i : i + BANDS, None] for i in range(3))
    return np.clip(
        np.minimum((at - lower) / (middle - lower), (upper - at) / (upper - middle)),
        0,
        None,
    )


def table(sound: np.ndarray, rate: int) -> np.ndarray:
    """Levels from 0 to LEVELS - 1, the loudest cell the last: (FRAMES, BANDS)."""
    wide, hop = int(WINDOW * rate), int(HOP * rate)
    padded = np.pad(sound, (0, FRAMES * hop + wide))
    rows = np.stack([padded[i * hop : i * hop + wide] for i in range(FRAMES)])
    power = abs(np.fft.rfft(rows * np.hanning(wide), FFT)) ** 2
    heard = np.log(power @ bands(rate).T + 1e-9)
    level = (heard - heard.max() + DEPTH) / DEPTH * (LEVELS - 1)
    return np.clip(level.round(), 0, LEVELS - 1).astype(int)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--record", type=Path, default=FILE)
    lines = [f"# {line}" for line in ORIGIN.split("\n")]
    for part, voices in VOICES.items():
        grid = itertools.product(voices, PITCHES, SPEEDS, enumerate(WORDS))
        for voice, pitch, speed, (digit, word) in grid:
            levels = table(*spoken(word, voice, pitch, speed)).flatten()
            signs = "".join(chr(ord("0") + level) for level in levels)
            lines.append(f"{part}\t{voice}\t{pitch}\t{speed}\t{digit}\t{signs}")
    content = ("\n".join(lines) + "\n").encode()
    words.parse_args().record.write_bytes(lzma.compress(content, preset=9))


if __name__ == "__main__":
    main()
