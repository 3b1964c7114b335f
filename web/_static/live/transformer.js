/* The Transformer of figure 1, one position at a time.

   Names and shapes are those of the Python library (transformer.py, attention.py):

       S, T   source and target positions     d_model   width of the model
       H      heads                           d_k       width of a head's keys

   What every head did is noted while it is done, never computed a second time. */
"use strict";
(() => {
  const { linear, addAndNorm, sinusoid, look, mix } = allyouneed;

  /** What may be changed in the trained model; this changes nothing. */
  const AS_TRAINED = Object.freeze({ scaled: true, placed: true, dropped: new Set() });

  class Transformer {
    constructor({ config, tensors }) {
      this.config = config;
      this.d_k = config.d_model / config.heads;
      this.tensors = tensors;
    }

    /** Read the source ids into a memory: keys and values for each decoder layer.

        A generator: it stops for breath after each position, and ends with the memory. */
    *encode(source, change = AS_TRAINED) {
      const seen = {};
      let states = source.map((id, i) => this.embed(id, i, change));
      for (const layer of this.layers("encoder")) {
        const { keys, values } = this.project(`${layer}.attention`, states);
        const read = [];
        for (const x of states) {
          yield;
          const looked = this.attention(`${layer}.attention`, 0, x, keys, values, change, seen);
          read.push(this.feedForward(layer, 1, looked));
        }
        states = read;
      }
      const across = this.layers("decoder").map((layer) =>
        this.project(`${layer}.cross_attention`, states),
      );
      const past = { position: 0, layers: across.map(() => ({ keys: [], values: [] })) };
      return { states, across, past, seen, change };
    }

    /** Score the word after `word`: logits (V), what was seen, and the past to go on from.

        The past is never written to, so several beams can go on from the same one. No
        causal mask is needed: there is no later position yet to hide. */
    decode(word, memory, past = memory.past) {
      const { across, change } = memory,
        seen = {};
      let x = this.embed(word, past.position, change);
      const layers = this.layers("decoder").map((layer, i) => {
        const own = this.project(`${layer}.attention`, [x]);
        const keys = [...past.layers[i].keys, ...own.keys];
        const values = [...past.layers[i].values, ...own.values];
        x = this.attention(`${layer}.attention`, 0, x, keys, values, change, seen);
        x = this.attention(
          `${layer}.cross_attention`,
          1,
          x,
          across[i].keys,
          across[i].values,
          change,
          seen,
        );
        x = this.feedForward(layer, 2, x);
        return { keys, values };
      });
      const logits = linear(this.tensors["embedding.words.weight"], x); // tied (3.4)
      return { logits, seen, past: { position: past.position + 1, layers } };
    }

    layers(stack) {
      return Array.from({ length: this.config.layers }, (_, i) => `${stack}.${i}`);
    }

    /** The word's vector times sqrt(d_model), plus the wave of its position. */
    embed(id, position, { placed }) {
      const { d_model } = this.config,
        { data } = this.tensors["embedding.words.weight"];
      const wave = placed ? sinusoid(position, d_model) : new Float32Array(d_model);
      return wave.map((w, i) => data[id * d_model + i] * Math.sqrt(d_model) + w);
    }

    /** Keys and values of these positions, all heads side by side: (d_model) each. */
    project(name, states) {
      const of = (part) => states.map((x) => linear(this.tensors[`${name}.${part}.weight`], x));
      return { keys: of("key"), values: of("value") };
    }

    /** Multi-head attention of one query position, then Add & Norm (section 3.2). */
    attention(name, around, x, keys, values, change, seen) {
      const { heads } = this.config,
        { d_k } = this,
        rows = [];
      const q = linear(this.tensors[`${name}.query.weight`], x);
      const mixed = new Float32Array(heads * d_k);
      for (let head = 0; head < heads; head++) {
        const row = look(q, keys, head * d_k, d_k, change.scaled);
        rows.push(row);
        if (change.dropped.has(`${name}.${head}`)) continue; // its term of the sum is zero
        mix(mixed, row.weights, values, head * d_k, d_k);
      }
      (seen[name] ??= []).push(rows);
      const out = linear(this.tensors[`${name}.output.weight`], mixed);
      return addAndNorm(x, out, this.norm(name, around));
    }

    /** max(0, x W1 + b1) W2 + b2, then Add & Norm (equation 2). */
    feedForward(layer, around, x) {
      const part = (name) => this.tensors[`${layer}.feed_forward.${name}`];
      const hidden = linear(part("hidden.weight"), x, part("hidden.bias"));
      const bent = hidden.map((h) => Math.max(0, h));
      const out = linear(part("output.weight"), bent, part("output.bias"));
      return addAndNorm(x, out, this.norm(layer, around));
    }

    norm(name, around) {
      const [stack, number] = name.split(".");
      const part = (key) => this.tensors[`${stack}.${number}.around.${around}.norm.${key}`];
      return { gain: part("gain"), bias: part("bias") };
    }
  }

  Object.assign(allyouneed, { Transformer, AS_TRAINED });
})();
