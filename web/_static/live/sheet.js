/* Every head of the three attentions at once, as small squares of ink. */
"use strict";
(() => {
  const { el, lookOf, view, words, KINDS } = allyouneed;

  function paint(canvas, rows, head, ink) {
    canvas.width = Math.max(...rows.map((row) => row[head].weights.length));
    canvas.height = rows.length;
    const context = canvas.getContext("2d");
    context.fillStyle = ink;
    rows.forEach((row, q) =>
      row[head].weights.forEach((weight, k) => {
        context.globalAlpha = weight;
        context.fillRect(k, q, 1, 1);
      }),
    );
  }

  /** One head: its picture, a mark if it is taken out, and a click to see it large. */
  function square(found, at, chosen, ink, choose) {
    const { rows } = lookOf(found, at),
      gone = chosen.dropped.has(at.name);
    const canvas = el("canvas"),
      name = words.headOf(words.stacks[at.stack], at.layer + 1, at.head + 1);
    paint(canvas, rows, at.head, ink);
    return el(
      "button",
      {
        type: "button",
        class: gone ? "gone" : "",
        "data-key": at.name,
        "aria-pressed": String(at.name === chosen.look),
        "aria-label": gone ? words.both(name, words.gone) : name,
        title: name,
        onclick: () => choose(at.name),
      },
      canvas,
    );
  }

  /** A block for each attention, in it a row for each layer. */
  function sheet(found, chosen, choose, root) {
    const { layers, heads } = found.model.config,
      ink = getComputedStyle(root).color;
    const block = (kind) => {
      const [stack, part] = kind.split(".");
      const squares = Array.from({ length: layers * heads }, (_, i) => {
        const name = `${stack}.${Math.floor(i / heads)}.${part}.${i % heads}`;
        return square(found, view.headOf(name, chosen.model), chosen, ink, choose);
      });
      return el(
        "div",
        { class: "live-block", role: "group", "aria-label": words.kinds[kind] },
        el("p", {}, words.kinds[kind]),
        el("div", { class: "live-grid", style: `--heads:${heads}` }, ...squares),
      );
    };
    return el("div", { class: "live-sheet" }, ...KINDS.map(block));
  }

  Object.assign(allyouneed, { sheet });
})();
