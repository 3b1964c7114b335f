/* Figure 1 with the shapes of this very sentence: the drawing of the chapter on the whole
   model, which the page carries as it is stored there. Only its numbers change here. */
"use strict";
(() => {
  const { el, words, KINDS } = allyouneed;
  // The boxes of the three attentions in the drawing (whole_model.py): middle, width, height.
  const BOXES = {
    "encoder.attention": [118, 172],
    "decoder.attention": [242, 172],
    "decoder.cross_attention": [242, 268],
  };
  const [WIDE, HIGH] = [92, 30];

  /** "B × S × 512" with this sentence's numbers. */
  function shaped(text, { S, T, d_model, vocab, layers }) {
    return text
      .replace(/^6 ×$/, `${layers} ×`)
      .replace(/B × /, "")
      .replace(/\b512\b/, d_model)
      .replace(/\bS\b/, S)
      .replace(/\bT\b/, T)
      .replace(/\bV\b/, vocab);
  }

  /** The drawing, its attentions as buttons; `choose` is told which kind. */
  function figure(template, found, chosen, kind, choose) {
    const drawing = template.content.firstElementChild.cloneNode(true);
    const sizes = { S: found.source.length, T: chosen.word + 1, ...found.model.config };
    for (const text of drawing.querySelectorAll("text")) {
      if (text.childElementCount === 0) text.textContent = shaped(text.textContent, sizes);
    }
    const [, , width, height] = drawing.getAttribute("viewBox").split(" ").map(Number);
    const lit = drawing.querySelector('rect[stroke-width="3"]'),
      [x, y] = BOXES[kind];
    const around = { x: x - WIDE / 2 - 4, y: y - HIGH / 2 - 4, width: WIDE + 8, height: HIGH + 8 };
    Object.entries(around).forEach(([name, value]) => lit.setAttribute(name, value));
    drawing.setAttribute("aria-hidden", "true");
    const buttons = KINDS.map((one) => {
      const [left, top] = BOXES[one],
        part = (x, all) => `${(100 * x) / all}%`;
      return el("button", {
        type: "button",
        "data-key": `figure-${one}`,
        "aria-pressed": String(one === kind),
        "aria-label": words.kinds[one],
        title: words.kinds[one],
        style: `left:${part(left - WIDE / 2, width)};top:${part(top - HIGH / 2, height)};width:${part(WIDE, width)};height:${part(HIGH, height)}`,
        onclick: () => choose(one),
      });
    });
    return el("div", { class: "live-figure" }, drawing, ...buttons);
  }

  Object.assign(allyouneed, { figure });
})();
