/* Sentences to sub-words and back, as subwords.py does it with SentencePiece.

   Byte-pair encoding (section 5.1): cut into characters, then join, again and again, the
   neighbours whose pair was learned first. A piece's id tells when it was learned. */
"use strict";
(() => {
  const PAD = 0,
    BOS = 1,
    EOS = 2,
    UNK = 3;
  const BLANK = "\u2581"; // "▁" stands for the blank before a word
  const UNSEEN = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/g;
  const BLANKS = /[\s\x1c-\x1f\x85]+/g; // what Python's str.split takes for a blank

  const WORD = /[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu;

  /** The words of a text that are not among those `read`, as they are written. */
  const unread = (text, read) =>
    [...new Set(text.match(WORD) ?? [])].filter((word) => !read.has(word));

  /** The sentence as every corpus has it (plain_text.tidy): for all that is translated. */
  function tidy(sentence) {
    return sentence
      .replace(UNSEEN, "")
      .normalize("NFC")
      .replace(/[\ufb00-\ufb06]/g, (letters) => letters.normalize("NFKC"))
      .replace(BLANKS, " ")
      .trim();
  }

  class Subwords {
    constructor(pieces) {
      this.pieces = pieces;
      // The special pieces are no text: nobody can type an end of sentence.
      this.ids = new Map(pieces.map((piece, id) => [piece, id]).slice(UNK + 1));
    }

    /** Ids of the pieces, without BOS and EOS; a character never seen gives UNK. */
    encode(sentence) {
      const text = BLANK + sentence.replace(/^ +/, "").replace(/ +/g, BLANK);
      const parts = Array.from(text.replace(/\u2581+$/, ""));
      for (;;) {
        let best = Infinity,
          place = -1;
        for (let i = 0; i + 1 < parts.length; i++) {
          const id = this.ids.get(parts[i] + parts[i + 1]);
          if (id < best) [best, place] = [id, i]; // of equals the leftmost
        }
        if (place < 0) break;
        parts.splice(place, 2, parts[place] + parts[place + 1]);
      }
      const ids = parts.map((part) => this.ids.get(part) ?? UNK);
      return ids.filter((id, i) => id !== UNK || ids[i - 1] !== UNK); // a run is one
    }

    /** Put the text together up to the first EOS; PAD and BOS are left out. */
    decode(ids) {
      const end = ids.indexOf(EOS);
      return (end < 0 ? ids : ids.slice(0, end))
        .map((id) => (id === UNK ? " \u2047 " : id > UNK ? this.pieces[id] : ""))
        .join("")
        .replace(/^\u2581+/, "")
        .replaceAll(BLANK, " ");
    }
  }

  Object.assign((globalThis.allyouneed ??= {}), { Subwords, tidy, unread, PAD, BOS, EOS, UNK, BLANK });
})();
