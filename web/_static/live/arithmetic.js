/* Vectors and matrices in plain numbers: all the mathematics that the model needs.

   A vector is a Float32Array, a matrix {rows, columns, data} has its rows one after the
   other. Sums are kept in double precision, so the page agrees with PyTorch to about five
   decimals. */
"use strict";
(() => {
  /** W x + b: a matrix (rows, columns) and a vector (columns) -> (rows).

      Four sums run side by side, as no processor likes to wait for one; every width of
      these models is a multiple of four. */
  function linear({ rows, columns, data }, x, bias) {
    const y = new Float32Array(rows);
    for (let row = 0, at = 0; row < rows; row++) {
      let a = 0,
        b = 0,
        c = 0,
        d = 0;
      for (let column = 0; column < columns; column += 4, at += 4) {
        a += data[at] * x[column];
        b += data[at + 1] * x[column + 1];
        c += data[at + 2] * x[column + 2];
        d += data[at + 3] * x[column + 3];
      }
      y[row] = a + b + c + d + (bias ? bias[row] : 0);
    }
    return y;
  }

  const most = (numbers) => numbers.reduce((a, b) => Math.max(a, b), -Infinity);

  /** Positive, sums to one; a temperature above 1 levels, below 1 sharpens. */
  function softmax(scores, temperature = 1) {
    const top = most(scores);
    const powers = Float64Array.from(scores, (score) => Math.exp((score - top) / temperature));
    const sum = powers.reduce((a, b) => a + b, 0);
    return powers.map((power) => power / sum);
  }

  function logSoftmax(scores) {
    const top = most(scores);
    const sum = scores.reduce((a, b) => a + Math.exp(b - top), 0);
    return Float64Array.from(scores, (score) => score - top - Math.log(sum));
  }

  /** Add & Norm: LayerNorm(x + changed), mean 0 and variance 1 before gain and bias. */
  function addAndNorm(x, changed, { gain, bias }) {
    const sum = x.map((number, i) => number + changed[i]);
    const mean = sum.reduce((a, b) => a + b, 0) / sum.length;
    const variance = sum.reduce((a, b) => a + (b - mean) ** 2, 0) / sum.length;
    const width = Math.sqrt(variance + 1e-5);
    return sum.map((number, i) => ((number - mean) / width) * gain[i] + bias[i]);
  }

  /** Sines at even places, cosines at odd ones, for one position (section 3.5). */
  function sinusoid(position, d_model) {
    return Float32Array.from({ length: d_model }, (_, i) => {
      const angle = position * 10000 ** (-(i - (i % 2)) / d_model);
      return i % 2 ? Math.cos(angle) : Math.sin(angle);
    });
  }

  /** Places of the `count` largest numbers, the largest first; of equals the first. */
  function largest(numbers, count) {
    const best = [];
    numbers.forEach((number, place) => {
      if (best.length === count && number <= numbers[best[count - 1]]) return;
      const before = best.findIndex((other) => numbers[other] < number);
      best.splice(before < 0 ? best.length : before, 0, place);
      best.length = Math.min(best.length, count);
    });
    return best;
  }

  /** A small generator of chance that draws the same for the same seed (mulberry32). */
  function random(seed) {
    return () => {
      seed = (seed + 0x6d2b79f5) | 0;
      let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    };
  }

  Object.assign((globalThis.allyouneed ??= {}), {
    linear,
    softmax,
    logSoftmax,
    addAndNorm,
    sinusoid,
    largest,
    random,
  });
})();
