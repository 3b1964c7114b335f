/* One head as a picture: from the word that looks, a line of ink to each word it looks at. */
"use strict";
(() => {
  const { el, svg, token, plain, percent, largest, words } = allyouneed;
  const SHOWN = 4; // words that the sentence under the picture names

  /** The middle of a piece's lower or upper edge, within the picture. */
  function edge(piece, picture, side) {
    const box = piece.getBoundingClientRect(),
      all = picture.getBoundingClientRect();
    return [box.left + box.width / 2 - all.left, box[side] - all.top];
  }

  function line([x, y], [toX, toY], weight) {
    const bend = Math.max(14, Math.abs(toY - y) * 0.55);
    return svg("path", {
      d: `M${x} ${y}C${x} ${y - bend} ${toX} ${toY + bend} ${toX} ${toY}`,
      "stroke-opacity": weight.toFixed(3),
      "stroke-width": (1 + 5 * weight).toFixed(2),
    });
  }

  /** "sie → too 61 %, it 20 %" for one query. */
  function told(query, keys, weights) {
    const best = largest(weights, SHOWN).filter((k) => weights[k] >= 0.005);
    return words.term(
      plain(query),
      best.map((k) => `${plain(keys[k])} ${percent(weights[k])}`).join(", "),
    );
  }

  /** Make the picture: pieces of keys and queries, weights[query][key], who is chosen.

      `choose` is told of a click; pointing and the keyboard's focus show without choosing. */
  function fan({ keys, queries, weights, query, langs, choose }) {
    const lines = svg("svg", { class: "live-lines", "aria-hidden": "true" });
    const says = el("p", { class: "live-told" });
    const above = keys.map((piece) => token(piece, langs[0]));
    const below = queries.map((piece, q) =>
      token(piece, langs[1], {
        "data-key": `query-${q}`,
        "aria-pressed": String(q === query),
        onclick: () => choose(q),
        onpointerenter: () => show(q),
        onfocus: () => show(q),
        onpointerleave: () => show(query),
        onblur: () => show(query),
      }),
    );
    const picture = el(
      "div",
      { class: "live-fan" },
      lines,
      el("div", { class: "live-row", role: "group", "aria-label": words.keys }, ...above),
      el("div", { class: "live-row", role: "group", "aria-label": words.queries }, ...below),
    );
    let shown = query;

    function show(q) {
      shown = q;
      const from = edge(below[q], picture, "top");
      above.forEach((piece, k) =>
        piece.style.setProperty("--ink", (weights[q][k] ?? 0).toFixed(3)),
      );
      below.forEach((piece, i) => piece.classList.toggle("shown", i === q));
      lines.replaceChildren(
        ...above.flatMap((piece, k) =>
          weights[q][k] > 0.01 ? [line(from, edge(piece, picture, "bottom"), weights[q][k])] : [],
        ),
      );
      says.textContent = told(queries[q], keys, weights[q]);
    }

    new ResizeObserver(() => picture.isConnected && show(shown)).observe(picture);
    return el("div", {}, picture, says);
  }

  Object.assign(allyouneed, { fan });
})();
