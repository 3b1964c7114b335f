"""The page's weights: what is refused, what is rounded, what is written."""

import base64
import dataclasses
import json
import re
from typing import Any

import export_live
import numpy as np
import pytest
import torch

from allyouneed.data import corpora
from allyouneed.models.transformer import Transformer, TransformerConfig
from allyouneed.runs import pretrained

TINY = TransformerConfig(vocab=12, d_model=8, layers=1, heads=2, d_ff=12)


@pytest.mark.parametrize(
    "change",
    [
        {"wiring": "pre"},
        {"norm": "rms"},
        {"positions": "rotary"},
        {"positions": "learned", "max_length": 9},
        {"bias": True},
        {"tied": False},
        {"d_k": 2},
        {"gated": True},
        {"kv_heads": 1},
        {"d_v": 8},
        {"d_ff": 10},
        {"d_model": 6},
        {"d_model": 9, "d_k": 4, "d_v": 4},
    ],
)
def test_what_the_page_does_not_compute_is_refused(change: dict[str, Any]) -> None:
    export_live.check(TINY)
    with pytest.raises(ValueError, match=f"{next(iter(change))}=|d_k="):
        export_live.check(dataclasses.replace(TINY, **change))


def test_a_recurrent_translator_is_refused() -> None:
    with pytest.raises(ValueError, match="is no Transformer"):
        export_live.exported(pretrained.load("grammar-en-de-recurrent"))


def test_rounding_keeps_the_largest_of_a_row_and_half_a_level_of_the_rest() -> None:
    torch.manual_seed(0)
    matrix = torch.randn(5, 8) * torch.tensor([1e-3, 1, 10, 1, 0])[:, None]
    whole, scale = export_live.quantised(matrix)
    assert whole.dtype == torch.int8
    assert ((whole * scale - matrix).abs() <= scale / 2 + 1e-9).all()
    assert whole[:4].abs().amax(-1).tolist() == [127] * 4


def test_bytes_come_back_as_the_numbers_they_were() -> None:
    trained = pretrained.load("grammar-en-de")
    parts = export_live.exported(trained)
    content, at = base64.b64decode(parts["data"]), 0
    rounded = dict(export_live.rounded(trained).model.named_parameters())
    for name, *shape in parts["tensors"]:
        rows = shape[0]
        found = np.frombuffer(content, "<f4", rows, at)
        at += 4 * rows
        if len(shape) == 2:
            whole = np.frombuffer(content, np.int8, rows * shape[1], at)
            at += -(-rows * shape[1] // 4) * 4
            found = whole.reshape(shape) * found[:, None]
        torch.testing.assert_close(torch.tensor(found), rounded[name].detach())
    assert at == len(content)
    assert isinstance(trained.model, Transformer)
    assert len(parts["pieces"]) == parts["config"]["vocab"]


def stored(name: str) -> set[str]:
    """The words that the page takes for read."""
    text = (export_live.FOLDER / f"{name}.js").read_text(encoding="utf-8")
    parts, _ = json.JSONDecoder().raw_decode(text, text.index("]={") + 2)
    return {*parts["read"].split(" ")}


@pytest.mark.parametrize("name", export_live.NOTICES)
def test_the_page_knows_each_word_of_the_text_and_no_other(name: str) -> None:
    corpus = corpora.load(name.split("-")[0], target=name.split("-")[-1])
    words = {
        word.strip("'’-")
        for english, _ in corpus.train
        for word in re.split(r"[^\w'’-]|_", english)
    }
    assert stored(name) <= {part for word in words for part in (word, *parted(word))}
    plain = {word for word in words if word.isalnum()}
    assert plain <= stored(name)


def parted(word: str) -> list[str]:
    """Where two marks stand side by side, a word ends."""
    return re.split("[-'’]{2,}", word)


def test_the_help_carries_its_notice() -> None:
    for name, notice in export_live.NOTICES.items():
        opened = (export_live.FOLDER / f"{name}.js").read_text(encoding="utf-8")[:600]
        assert opened.startswith(f"/* {notice} */")
    assert "Mozilla Public License 2.0" in export_live.NOTICES["help-en-zh"]


def test_the_page_says_what_each_translator_has_read() -> None:
    words = (export_live.FOLDER.parent / "words.js").read_text(encoding="utf-8")
    for name in export_live.NOTICES:
        pairs = pretrained.load(name).about["settings"]["pairs"]
        assert words.count(f"{pairs:,} sentence pairs of") == 1
        assert words.count(f"{pairs:,} pairs of sentences") == 1
