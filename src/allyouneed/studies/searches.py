"""Which search, and which mean of the last parameters: chosen on `valid` (section 6.1).

The paper's own choice is a beam of 4, a length penalty of 0.6, and the mean of the last
five saves; it says that they were chosen on the development set.
"""

from collections.abc import Mapping
from typing import Any

import torch

from allyouneed.data.corpora import Corpus, Pair
from allyouneed.data.subwords import Subwords
from allyouneed.models.seq2seq import EncoderDecoder
from allyouneed.runs.experiments import score

MEANS = (1, 5, 10)  # of the last parameters
GREEDY = (1, 0.0)
SEARCHES = (GREEDY, *((beams, a) for beams in (4, 10) for a in (0.0, 0.6, 1.0)))


def compared(
    means: Mapping[int, EncoderDecoder],
    subwords: Subwords,
    corpus: Corpus,
    *,
    device: torch.device,
) -> dict[str, Any]:
    """BLEU of every mean with every search on `valid`; the best one's on `test`.

    Raises:
        ValueError: there are no means.
    """
    if not means:
        raise ValueError("means is empty: give a model, by how many saves it is of")

    def bleu(mean: int, beams: int, alpha: float, pairs: list[Pair]) -> dict[str, Any]:
        found = score(
            means[mean],
            subwords,
            pairs,
            language=corpus.target,
            beams=beams,
            alpha=alpha,
            device=device,
        )
        return {
            "mean": mean,
            "beams": beams,
            "alpha": alpha,
            "bleu": round(found.bleu.value, 2),
            "bleu_signature": found.bleu.signature,
        }

    tried = [bleu(mean, *search, corpus.valid) for mean in means for search in SEARCHES]
    best = max(tried, key=lambda row: row["bleu"])
    test = bleu(best["mean"], best["beams"], best["alpha"], corpus.test)
    return {"valid": tried, "test": test}
