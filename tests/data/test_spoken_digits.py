"""The tables are those that the tool made, and no voice is heard in two parts."""

import hashlib
import lzma

import build_spoken as tool
import numpy as np
import pytest

from allyouneed.data import spoken_digits as module
from allyouneed.data.spoken_digits import BANDS, FILE, FRAMES, LEVELS

SHA256 = "adedb2abe58dc926ca7bb1fff6570b550c115c38ab5a8034ba9b5a49333c22e9"


def test_the_file_is_the_tools() -> None:
    content = lzma.decompress(FILE.read_bytes())
    assert hashlib.sha256(content).hexdigest() == SHA256
    rows = [x.split("\t") for x in content.decode().splitlines() if x[0] != "#"]
    heard = {part: {row[1] for row in rows if row[0] == part} for part in tool.VOICES}
    assert heard == {part: {*voices} for part, voices in tool.VOICES.items()}
    assert not heard["train"] & (heard["valid"] | heard["test"])
    assert FILE.stat().st_size < 150_000


@pytest.mark.parametrize("part", tool.VOICES)
def test_every_digit_is_said_as_often(part: str) -> None:
    sounds = module.spoken()[part]
    assert len({*sounds.says.bincount().tolist()}) == 1
    assert sounds.loudness.shape[1:] == (FRAMES, BANDS)
    assert sounds.loudness.amax((1, 2)).min() == 1


@pytest.mark.parametrize("hertz", [300, 1000, 2500])
def test_a_tone_is_loudest_in_its_own_band(hertz: int) -> None:
    rate = 22050
    tone = np.sin(2 * np.pi * hertz * np.arange(rate) / rate)
    levels = tool.table(tone, rate)
    loudest = levels[3].argmax()
    middle = np.fft.rfftfreq(tool.FFT, 1 / rate)[tool.bands(rate)[loudest].argmax()]
    assert middle == pytest.approx(hertz, rel=0.15)
    assert levels.max() == LEVELS - 1


def test_a_damaged_file_is_named(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "x").write_bytes(b"no")
    monkeypatch.setattr(module, "FILE", tmp_path / "x")
    module.spoken.cache_clear()
    with pytest.raises(ValueError, match="missing or damaged"):
        module.spoken()
    module.spoken.cache_clear()
