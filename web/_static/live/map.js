/* The chosen head as a table of ink, and the arithmetic of the weight under the pointer. */
"use strict";
(() => {
  const { el, svg, plain, number, percent, words } = allyouneed;
  const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

  const wide = (text) => Array.from(text).reduce((sum, c) => sum + (c > "\u2e80" ? 13 : 7), 0);
  const within = (x, most) => Math.max(0, Math.min(most, x));

  /** Where things lie: `left` and `top` make room for the words beside the cells. */
  function measure(queries, keys, room) {
    const left = Math.min(96, Math.max(...queries.map((piece) => wide(plain(piece)))) + 12);
    const top = Math.min(90, Math.max(...keys.map((piece) => wide(plain(piece)))) * 0.8 + 16);
    const cell = Math.max(7, Math.min(26, (room - left - 26) / keys.length));
    return { left, top, cell, every: Math.ceil(12 / cell) }; // labels that would overlap wait
  }

  function labels({ left, top, cell, every }, queries, keys, query, key) {
    const word = (piece, on, place) =>
      svg("text", { class: on ? "on" : "", ...place }, plain(piece));
    return [
      ...keys.flatMap((piece, k) => {
        const x = left + (k + 0.5) * cell,
          y = top - 6;
        return k % every && k !== key
          ? []
          : [word(piece, k === key, { x, y, transform: `rotate(-55 ${x} ${y})` })];
      }),
      ...queries.flatMap((piece, q) =>
        q % every && q !== query
          ? []
          : [
              word(piece, q === query, {
                x: left - 6,
                y: top + (q + 0.5) * cell + 4,
                "text-anchor": "end",
              }),
            ],
      ),
    ];
  }

  /** "sie → it: q·k = 12.31, ÷ √32 = 2.18, softmax over 15: 20 %". */
  function sum({ queries, keys, rows, d_k, scaled }, q, k) {
    const { products, weights } = rows[q],
      term = (text) => el("span", {}, text);
    return [
      el("strong", {}, words.term(plain(queries[q]), plain(keys[k]))),
      term(words.product(number(products[k]))),
      term(scaled ? words.root(d_k, number(products[k] / Math.sqrt(d_k))) : words.noRoot),
      term(words.softmax(weights.length, percent(weights[k]))),
    ];
  }

  /** Make the table. `rows[query]` has products and weights; `choose(query, key)` is told. */
  function map(look, query, key, room, choose) {
    const { queries, keys, rows } = look,
      at = measure(queries, keys, room),
      { left, top, cell } = at;
    const size = { width: left + cell * keys.length + 26, height: top + cell * queries.length + 2 };
    const ink = rows.flatMap(({ weights }, q) =>
      Array.from(weights).flatMap((weight, k) =>
        weight < 0.004
          ? []
          : [
              svg("rect", {
                x: left + k * cell,
                y: top + q * cell,
                width: cell - 0.5,
                height: cell - 0.5,
                "fill-opacity": weight.toFixed(3),
              }),
            ],
      ),
    );
    const frame = svg("rect", { class: "chosen", width: cell + 1, height: cell + 1 });
    const text = svg("g");
    const says = el("p", { class: "live-sum", role: "status" });
    const picture = svg(
      "svg",
      { ...size, viewBox: `0 0 ${size.width} ${size.height}`, "aria-hidden": "true" },
      svg("rect", {
        class: "ground",
        x: left,
        y: top,
        width: cell * keys.length,
        height: cell * queries.length,
      }),
      ...ink,
      frame,
      text,
    );

    function show(q, k) {
      frame.setAttribute("x", left + k * cell - 0.75);
      frame.setAttribute("y", top + q * cell - 0.75);
      text.replaceChildren(...labels(at, queries, keys, q, k));
      says.replaceChildren(...sum(look, q, k));
    }
    const under = ({ clientX, clientY }) => {
      const box = picture.getBoundingClientRect();
      const q = within(Math.floor((clientY - box.top - top) / cell), queries.length - 1);
      return [
        q,
        within(Math.floor((clientX - box.left - left) / cell), rows[q].weights.length - 1),
      ];
    };
    picture.addEventListener("pointermove", (event) => show(...under(event)));
    picture.addEventListener("pointerleave", () => show(query, key));
    picture.addEventListener("click", (event) => choose(...under(event)));
    show(query, key);
    const onkeydown = (event) => {
      const [down, right] = MOVES[event.key] ?? [];
      if (down === undefined) return;
      event.preventDefault();
      const q = within(query + down, queries.length - 1);
      choose(q, within(key + right, rows[q].weights.length - 1));
    };
    return el(
      "div",
      {},
      el(
        "div",
        {
          class: "live-map",
          tabindex: 0,
          role: "group",
          "aria-label": words.map,
          "data-key": "map",
          onkeydown,
        },
        picture,
      ),
      says,
    );
  }

  Object.assign(allyouneed, { map });
})();
