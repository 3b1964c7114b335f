/* The numbers of a trained model, out of the text that carries them (tools/export_live.py).

   A page that was opened from a disk may not fetch a file, but it may add a script. */
"use strict";
(() => {
  /** Unpack allyouneed.weights[name]: matrices of whole numbers with a scale for each row. */
  function unpack({ config, pieces, read, tensors, data }) {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0)).buffer;
    let at = 0;
    const take = (kind, count) => {
      const part = new kind(bytes, at, count);
      at += part.byteLength;
      return part;
    };
    const tensor = ([name, rows, columns]) => {
      if (columns === undefined) return [name, take(Float32Array, rows)];
      const scale = take(Float32Array, rows);
      const matrix = new Float32Array(take(Int8Array, rows * columns));
      at += -at & 3; // what follows begins at a multiple of four
      for (let row = 0, i = 0; row < rows; row++) {
        for (const end = i + columns; i < end; i++) matrix[i] *= scale[row];
      }
      return [name, { rows, columns, data: matrix }];
    };
    return {
      config,
      pieces,
      read: new Set(read.split(" ")), // every word of its training, in the source language
      tensors: Object.fromEntries(tensors.map(tensor)),
    };
  }

  const loading = {};

  /** A model by its name, {config, pieces, read, tensors}: loaded on its first use, then kept. */
  function load(name, folder) {
    loading[name] ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = `${folder}${name}.js`;
      script.onload = () => {
        resolve(unpack(allyouneed.weights[name]));
        delete allyouneed.weights[name]; // the text is no longer needed, its numbers are kept
        script.remove();
      };
      script.onerror = () => {
        delete loading[name]; // the next click tries again
        script.remove();
        reject(new Error(`${script.src} cannot be loaded`));
      };
      document.head.append(script);
    });
    return loading[name];
  }

  Object.assign((globalThis.allyouneed ??= {}), { weights: {}, unpack, load });
})();
