/* A translator at work: it loads a model on its first use and translates a view with it. */
"use strict";
(() => {
  const { EOS, BOS, AS_TRAINED, Subwords, Transformer, tidy, unread, load, random, view } = allyouneed;
  const loaded = {};

  /** {model, subwords, read} of a name. */
  async function ready(name, folder) {
    const parts = await load(name, folder);
    return (loaded[name] ??= {
      model: new Transformer(parts),
      subwords: new Subwords(parts.pieces),
      read: parts.read,
    });
  }

  function search({ model, subwords }, source, chosen, change, forced) {
    if (chosen.way === "beam")
      return allyouneed.beam(model, source, { change, beams: chosen.beams });
    const choose =
      chosen.way === "draw" ? allyouneed.draw(random(chosen.seed), chosen.temperature) : undefined;
    forced = forced.filter((id) => id < subwords.pieces.length);
    return allyouneed.wordByWord(model, source, { change, choose, forced });
  }

  class Session {
    constructor(folder) {
      this.folder = folder;
      this.run = 0;
      this.kept = new Map(); // translations as trained, by what they depend on
    }

    has(model) {
      return model in loaded;
    }

    /** What the model makes of a view, or undefined if a later call has overtaken this one.

        `word` hears of the text so far. The translation as trained stands beside. */
    async translate(chosen, word = () => {}) {
      const run = ++this.run,
        stale = () => run !== this.run;
      const translator = await ready(chosen.model, this.folder);
      if (stale()) return undefined;
      const { subwords } = translator,
        start = performance.now();
      const source = [...subwords.encode(tidy(chosen.text)), EOS];
      const tell = (ids) => word(subwords.decode(ids));
      const { scaled, placed, dropped } = chosen;
      const change = { scaled, placed, dropped: new Set(dropped) };
      const found = await allyouneed.gently(
        search(translator, source, chosen, change, chosen.forced),
        { word: tell, stale },
      );
      if (!found) return undefined;
      const took = performance.now() - start;
      const trained = view.isChanged(chosen)
        ? await this.asTrained(translator, source, chosen, stale)
        : subwords.decode(found.words);
      if (trained === undefined) return undefined;
      return {
        ...found,
        ...translator,
        asked: chosen.text,
        unread: unread(tidy(chosen.text), translator.read),
        source,
        took,
        text: subwords.decode(found.words),
        trained,
      };
    }

    async asTrained(translator, source, chosen, stale) {
      const { model, way, beams, temperature, seed } = chosen;
      const key = JSON.stringify([model, source, way, beams, temperature, seed]);
      if (!this.kept.has(key)) {
        const found = await allyouneed.gently(search(translator, source, chosen, AS_TRAINED, []), {
          stale,
        });
        if (!found) return undefined;
        this.kept.set(key, translator.subwords.decode(found.words));
      }
      return this.kept.get(key);
    }
  }

  /** One head of what was found: its queries and keys as ids, and rows[query][head]. */
  function lookOf(found, { site, kind, stack }) {
    const steps = found.steps.map((step) => step.seen[site]?.[0]);
    return {
      queries: stack === "encoder" ? found.source : found.words,
      keys: kind === "decoder.attention" ? [BOS, ...found.words.slice(0, -1)] : found.source,
      rows: stack === "encoder" ? found.memory.seen[site] : steps,
    };
  }

  Object.assign(allyouneed, { Session, lookOf });
})();
