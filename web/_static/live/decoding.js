/* From scores to a sentence: the likeliest word, a draw, or several beams (section 6.1).

   Every search is a generator. It stops for breath after each word, so that a long
   sentence does not freeze the page, and ends with what it found. A path is what was
   decided so far: {words, logp, steps}; a step is what the model gave for one word,
   {logits, seen, past}. */
"use strict";
(() => {
  const { BOS, EOS, softmax, logSoftmax, largest } = allyouneed;
  const EXTRA = 50; // a translation is at most that much longer than its source
  const PATIENCE = 24; // milliseconds of work before the page may answer its reader

  const argmax = (scores) => largest(scores, 1)[0];
  const lengthPenalty = (length, alpha = 0.6) => ((5 + length) / 6) ** alpha;

  /** Word by word. `choose` takes logits, gives an id; `forced` are the first words. */
  function* wordByWord(
    model,
    source,
    { change, choose = argmax, forced = [], extra = EXTRA } = {},
  ) {
    const memory = yield* model.encode(source, change);
    const words = [],
      steps = [];
    let last = BOS,
      past;
    while (last !== EOS && words.length < source.length + extra) {
      const step = model.decode(last, memory, past);
      last = forced[words.length] ?? choose(step.logits);
      words.push(last);
      steps.push(step);
      past = step.past;
      yield words;
    }
    return { memory, words, steps };
  }

  /** A choice for `wordByWord`: by chance, as likely as the model says at `temperature`. */
  function draw(chance, temperature) {
    return (logits) => {
      const p = softmax(logits, temperature);
      let left = chance();
      const id = p.findIndex((share) => (left -= share) < 0);
      return id < 0 ? argmax(logits) : id;
    };
  }

  /** Beam search, step by step as beam_search.py does it, for one sentence.

      Ends with the best finished path, and of each step the open and ended candidates. */
  function* beam(model, source, { change, beams = 4, alpha = 0.6, extra = EXTRA } = {}) {
    const memory = yield* model.encode(source, change);
    const most = source.length + extra,
      rounds = [];
    let open = [{ words: [], logp: 0, steps: [] }],
      ended = 0;
    let best = { words: [], score: -Infinity, steps: [] };
    const finish = (path, length) => {
      path.score = path.logp / lengthPenalty(length, alpha);
      if (path.score > best.score) best = path;
    };
    for (let length = 1; length <= most && ended < beams; length++) {
      const candidates = [];
      for (const path of open) {
        candidates.push(...continued(model, memory, path, 2 * beams));
        yield path.words;
      }
      candidates.sort((a, b) => b.logp - a.logp).splice(2 * beams);
      const ends = candidates.slice(0, beams).filter((path) => path.words.at(-1) === EOS);
      ends.forEach((path) => finish(path, length)); // an end counts among the first K only
      ended += ends.length;
      open = candidates.filter((path) => path.words.at(-1) !== EOS).slice(0, beams);
      if (length === most) open.forEach((path) => finish(path, length));
      rounds.push({ open, ended: ends });
      if (open[0].logp / lengthPenalty(most, alpha) <= best.score) break; // no hope left
    }
    return { memory, ...best, rounds };
  }

  /** The likeliest `count` paths that go on from a path by one word. */
  function continued(model, memory, path, count) {
    const step = model.decode(path.words.at(-1) ?? BOS, memory, path.past);
    const logp = logSoftmax(step.logits);
    return largest(logp, count).map((word) => ({
      words: [...path.words, word],
      logp: path.logp + logp[word],
      steps: [...path.steps, step],
      past: step.past,
    }));
  }

  /** Run a search to its end at once. */
  function finished(search) {
    for (;;) {
      const { done, value } = search.next();
      if (done) return value;
    }
  }

  /** Run a search to its end, but let the page live: undefined when `stale` says so. */
  async function gently(search, { word = () => {}, stale = () => false } = {}) {
    for (let since = performance.now(); ;) {
      const { done, value } = search.next();
      if (done) return value;
      if (performance.now() - since < PATIENCE) continue;
      if (value) word(value);
      await new Promise((go) => setTimeout(go));
      if (stale()) return undefined;
      since = performance.now();
    }
  }

  Object.assign(allyouneed, { wordByWord, beam, draw, finished, gently });
})();
