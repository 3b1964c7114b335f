"""The first four ids, which mean the same in every vocabulary and every model."""

PAD, BOS, EOS, UNK = 0, 1, 2, 3
