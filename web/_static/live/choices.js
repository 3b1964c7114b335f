/* Word by word: what might come next, or what the beams hold. */
"use strict";
(() => {
  const { el, token, plain, percent, number, softmax, largest, words, MODELS } = allyouneed;
  const SHOWN = 7; // candidates for the next word

  /** The likeliest next words as bars; a click makes the translator go on from there. */
  function candidates(found, chosen, choose) {
    const { pieces } = found.subwords,
      taken = found.words[chosen.word];
    const p = softmax(
      found.steps[chosen.word].logits,
      chosen.way === "draw" ? chosen.temperature : 1,
    );
    const best = largest(p, SHOWN);
    if (!best.includes(taken)) best.push(taken);
    const bar = (id) =>
      el(
        "li",
        {},
        el(
          "button",
          {
            type: "button",
            "data-key": `next-${id}`,
            "aria-pressed": String(id === taken),
            onclick: () => choose([...found.words.slice(0, chosen.word), id]),
          },
          el("span", { class: "piece", lang: MODELS[chosen.model].lang }, plain(pieces[id])),
          el("span", { class: "bar" }, el("span", { style: `width:${100 * p[id]}%` })),
          el("span", { class: "share" }, percent(p[id])),
        ),
      );
    return el(
      "div",
      {},
      el("p", { class: "live-hint" }, words.next),
      el("ol", { class: "live-bars" }, ...best.map(bar)),
    );
  }

  /** The open translations after a word, and those that ended there. */
  function beams(found, chosen) {
    const { lang } = MODELS[chosen.model],
      at = Math.min(chosen.word, found.rounds.length - 1);
    const { open, ended } = found.rounds[at];
    const row = (path, mark) =>
      el(
        "tr",
        {},
        el("td", { lang }, found.subwords.decode(path.words) || words.nothing),
        el("td", {}, number(path.logp)),
        el("td", {}, mark),
      );
    const head = [words.soFar, words.logp, words.score].map((text) =>
      el("th", { scope: "col" }, text),
    );
    const label = words.open(at + 1, chosen.beams);
    return el(
      "div",
      {},
      el("p", { class: "live-hint" }, label),
      el(
        "div",
        { class: "live-scroll", tabindex: 0, role: "region", "aria-label": label },
        el(
          "table",
          {},
          el("thead", {}, el("tr", {}, ...head)),
          el(
            "tbody",
            {},
            ...open.map((path) => row(path, words.still)),
            ...ended.map((path) => row(path, words.ended(number(path.score)))),
          ),
        ),
      ),
    );
  }

  /** The translation as buttons; the chosen word's place is marked. */
  function written(found, chosen, choose) {
    const { pieces } = found.subwords,
      { lang } = MODELS[chosen.model];
    return el(
      "div",
      { class: "live-row", role: "group", "aria-label": words.words },
      ...found.words.map((id, i) =>
        token(pieces[id], lang, {
          "data-key": `word-${i}`,
          "aria-pressed": String(i === chosen.word),
          onclick: () => choose(i),
        }),
      ),
    );
  }

  Object.assign(allyouneed, { candidates, beams, written });
})();
