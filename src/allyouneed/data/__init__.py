"""What is read: corpora, texts and tasks, and their way into batches of numbers.

You are here for a new corpus (`corpora`), another vocabulary (`subwords`), other
batches, or a task small enough to understand. The texts themselves lie in `../corpora`.
"""

from typing import TYPE_CHECKING

from allyouneed._doors import door

if TYPE_CHECKING:
    from allyouneed.data import (
        associative_recall,
        grammar,
        literature,
        numberwords,
        parsing,
        tasks,
        two_back,
    )
    from allyouneed.data.batches import Batch, Batches
    from allyouneed.data.corpora import (
        Corpus,
        MissingCorpusError,
        Pair,
        load,
        load_or_help,
    )
    from allyouneed.data.digit_images import digits, strips
    from allyouneed.data.quoted_words import MASK, hide, passages, vocabulary
    from allyouneed.data.spoken_digits import spoken
    from allyouneed.data.subwords import BOS, EOS, PAD, UNK, Subwords
    from allyouneed.data.wordvectors import word_vectors
else:
    __getattr__, __all__ = door(__name__)
