"""Write the shipped translators as scripts that a page can load, from a folder too.

    python tools/export_live.py

A page that was opened from a disk may not fetch a file, but it may add a script: so the
numbers travel as text. Matrices become int8 with one scale for each row, vectors stay
float32. `first.js` holds one translation, for a page to show before anything is loaded.
"""

import argparse
import base64
import copy
import gzip
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from allyouneed.data import corpora
from allyouneed.decoding.greedy_search import greedy
from allyouneed.ground.special_tokens import BOS, EOS
from allyouneed.models.transformer import Transformer, TransformerConfig
from allyouneed.nn.attention import watch
from allyouneed.runs import pretrained
from allyouneed.training.checkpoints import Trained

FOLDER = Path(__file__).parents[1] / "web/_static/live/weights"
NOTICES = {
    "help-en-zh": "Trained on LibreOffice's help (Mozilla Public License 2.0; "
    "copyright 2000, 2010 Oracle and LibreOffice contributors and/or their "
    "affiliates). This file is made available under the same licence, "
    "https://mozilla.org/MPL/2.0/; origin: src/allyouneed/corpora/NOTICE.md.",
    "grammar-en-de": "Trained on sentences of our own grammar. MIT licence.",
}
FIRST = (
    "grammar-en-de",
    "My bicycle does not fit into the box because it is too small.",
)
WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")  # as WORD of subwords.js
FIRST_LOOK = ("decoder.1.cross_attention", 1)
# What the script computes, and no other way of it.
NEEDED = {
    "wiring": "post",
    "norm": "layer",
    "positions": "sinusoidal",
    "bias": False,
    "tied": True,
    "gated": False,
    "kv_heads": None,
}


def check(config: TransformerConfig) -> None:
    """Refuse a model that transformer.js would compute otherwise.

    Raises:
        ValueError: it names the setting, its value and the one that is computed.
    """
    for name, value in NEEDED.items():
        if getattr(config, name) != value:
            raise ValueError(
                f"{name}={getattr(config, name)!r}: the page computes {value!r} only"
            )
    width = config.d_model // config.heads
    if config.d_model % config.heads or {config.d_k, config.d_v} - {None, width}:
        raise ValueError(
            f"d_k={config.d_k}, d_v={config.d_v}: the page computes heads of "
            f"d_model / heads = {config.d_model} / {config.heads} only"
        )
    for name in ("d_model", "d_ff"):
        if getattr(config, name) % 4:
            raise ValueError(
                f"{name}={getattr(config, name)}: the page adds in fours, "
                "train a model whose widths are multiples of four"
            )


def quantised(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """Round each row to 255 levels: int8 (R, C) and its scale (R, 1)."""
    scale = matrix.abs().amax(-1, keepdim=True).clamp(min=1e-12) / 127
    return (matrix / scale).round().to(torch.int8), scale


def rounded(trained: Trained) -> Trained:
    """A copy of the translator with the very numbers that the page computes with."""
    model = copy.deepcopy(trained.model)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 2:
                whole, scale = quantised(parameter)
                parameter.copy_(whole * scale)
    return trained._replace(model=model)


def read(trained: Trained) -> list[str]:
    """Every word of the sentences that the translator learned to read, sorted.

    Raises:
        ValueError: its corpus is no longer the one that it was trained on.
    """
    learned = trained.about["settings"]
    corpus = corpora.load(learned["corpus"], target=learned["target"])
    pairs = hashlib.sha256(repr(corpus.train).encode()).hexdigest()
    if not pairs.startswith(learned["pairs_sha256"]):
        raise ValueError(
            f"the corpus {corpus.name} has changed since the translator learned from "
            "it: train it again"
        )
    return sorted(
        {word for english, _ in corpus.train for word in WORD.findall(english)}
    )


def exported(trained: Trained) -> dict[str, Any]:
    """What the page needs: sizes, pieces, words, where each tensor lies, all bytes.

    Raises:
        ValueError: the translator is no Transformer, or one that the page cannot be.
    """
    model = trained.model
    if not isinstance(model, Transformer):
        raise ValueError(f"{type(model).__name__} is no Transformer: export one")
    check(model.config)
    tensors, content = [], bytearray()
    for name, tensor in model.named_parameters():
        tensors.append([name, *tensor.shape])
        if tensor.dim() == 1:
            content += tensor.detach().numpy().astype("<f4").tobytes()
            continue
        whole, scale = quantised(tensor.detach())
        content += scale.numpy().astype("<f4").tobytes() + whole.numpy().tobytes()
        content += bytes(-len(content) % 4)
    sizes = ("vocab", "d_model", "layers", "heads", "d_ff")
    return {
        "config": {name: getattr(model.config, name) for name in sizes},
        "pieces": trained.subwords.vocabulary(),
        "read": " ".join(read(trained)),
        "tensors": tensors,
        "data": base64.b64encode(content).decode(),
    }


def script(name: str) -> str:
    """The text of a model's file: its notice, then an assignment."""
    value = _json(exported(pretrained.load(name)))
    return f'/* {NOTICES[name]} */\nallyouneed.weights["{name}"]={value};\n'


def first() -> str:
    """The text of `first.js`: one sentence, its translation, where a head looked."""
    name, sentence = FIRST
    model, subwords, _ = rounded(pretrained.load(name))
    source = [*subwords.encode(sentence), EOS]
    words = greedy(model, torch.tensor([source]))[0]
    with torch.no_grad(), watch(model) as seen:
        model(torch.tensor([source]), torch.tensor([[BOS, *words]]))
    layer, head = FIRST_LOOK
    weights = seen[layer][0][0, head].numpy().astype(np.float64).round(3)
    pieces = subwords.vocabulary()
    value = {
        "model": name,
        "text": sentence,
        "translation": subwords.decode(words),
        "layer": layer,
        "head": head,
        "keys": [pieces[i] for i in source],
        "queries": [pieces[i] for i in [*words, EOS]],
        "weights": weights.tolist(),
    }
    return f"allyouneed.first={_json(value)};\n"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def files() -> dict[Path, str]:
    """Every file of the folder, and what belongs into it."""
    models = {FOLDER / f"{name}.js": script(name) for name in NOTICES}
    return {**models, FOLDER / "first.js": first()}


def main() -> None:
    argparse.ArgumentParser(description=__doc__.partition("\n")[0]).parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, text in files().items():
        path.write_text(text, encoding="utf-8", newline="\n")
        wire = len(gzip.compress(text.encode(), 9))
        print(f"{path.name}: {path.stat().st_size:,} bytes, {wire:,} gzipped")


if __name__ == "__main__":
    main()
