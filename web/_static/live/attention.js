/* One head of attention for one query (equation 1): its weights, and what it brings home.

   Keys and values hold all heads side by side; a head's own part begins at `start`. */
"use strict";
(() => {
  const { softmax } = allyouneed;

  /** One head of one query: its products q·k with every key, and the weights of equation 1. */
  function look(q, keys, start, d_k, scaled) {
    const products = Float64Array.from(keys, (k) => {
      let sum = 0;
      for (let i = start; i < start + d_k; i++) sum += q[i] * k[i];
      return sum;
    });
    const root = scaled ? Math.sqrt(d_k) : 1;
    return { products, weights: softmax(products.map((product) => product / root)) };
  }

  /** Add the head's values, mixed by its weights, to its own part of `mixed`. */
  function mix(mixed, weights, values, start, d_k) {
    values.forEach((v, j) => {
      for (let i = start; i < start + d_k; i++) mixed[i] += weights[j] * v[i];
    });
  }

  Object.assign(allyouneed, { look, mix });
})();
