/* What the reader has chosen, and the link that shows it to somebody else.

   A link comes from anywhere, so each of its parts is checked by itself and left out when
   it makes no sense: ...#model=grammar-en-de&text=My+bicycle...&look=encoder.1.attention.3
   Layers and heads are named as in Python and counted from 0, words from 1. */
"use strict";
(() => {
  const { MODELS, KINDS, words } = allyouneed;
  const LONGEST = 300; // characters of a sentence
  const HEAD = /^(encoder|decoder)\.(\d+)\.(attention|cross_attention)\.(\d+)$/;

  /** The parts of a head's name, or undefined if the model has none of that name. */
  function headOf(name, model) {
    const [, stack, layer, part, head] = String(name).match(HEAD) ?? [];
    const { layers, heads } = MODELS[model];
    if (!stack || !KINDS.includes(`${stack}.${part}`) || +layer >= layers || +head >= heads)
      return undefined;
    return {
      name: `${stack}.${+layer}.${part}.${+head}`,
      site: `${stack}.${+layer}.${part}`,
      kind: `${stack}.${part}`,
      stack,
      layer: +layer,
      head: +head,
    };
  }

  /** A model with its first example, as it was trained. */
  function fresh(model = Object.keys(MODELS)[0], text = MODELS[model].examples[0]) {
    return {
      model,
      text,
      look: MODELS[model].look,
      word: 0,
      query: 0,
      key: undefined,
      way: "greedy",
      beams: 4,
      temperature: 1,
      seed: 1,
      forced: [],
      scaled: true,
      placed: true,
      dropped: new Set(),
    };
  }

  const isChanged = ({ scaled, placed, dropped, forced }) =>
    !scaled || !placed || dropped.size > 0 || forced.length > 0;

  /** What an example has to show as it was trained, as HTML of our own table. */
  function lesson(view) {
    const example = MODELS[view.model].examples.indexOf(view.text);
    const shown = !isChanged(view) && view.way === "greedy";
    return shown ? words.models[view.model].lessons?.[example] : undefined;
  }

  /** The views that are worth a try: links, each with its name and what to look for. */
  const tries = () =>
    Object.entries(MODELS).flatMap(([model, { tries = [] }]) =>
      tries.map(({ without, ...change }, i) => {
        const view = { ...fresh(model), ...change, dropped: new Set(without) };
        const [name, look] = words.tried[i];
        return { link: written(view), name, look };
      }),
    );

  /** The link's part after "#": what differs from `fresh` and nothing else. */
  function written(view) {
    const link = new URLSearchParams({ model: view.model, text: view.text, look: view.look });
    const set = (name, value, usual) => {
      if (String(value) !== String(usual)) link.set(name, value);
    };
    set("word", view.word + 1, 1);
    if (view.look.startsWith("encoder")) set("from", view.query + 1, 1);
    set("way", view.way, "greedy");
    if (view.way === "beam") set("beams", view.beams, 4);
    if (view.way === "draw") {
      set("temperature", view.temperature, 1);
      set("seed", view.seed, 1);
    }
    set("choose", view.forced.join(","), "");
    set("root", +view.scaled, 1);
    set("positions", +view.placed, 1);
    set("drop", [...view.dropped].join(","), "");
    return `#${link}`;
  }

  /** The view of a link; undefined if it names no sentence for a translator of ours. */
  function read(hash) {
    const link = new URLSearchParams(hash.replace(/^#/, ""));
    const model = link.get("model"),
      text = link.get("text")?.slice(0, LONGEST).trim();
    if (!Object.hasOwn(MODELS, model) || !text) return undefined;
    const number = (name, least, most, usual, whole = true) => {
      const given = link.has(name) ? Number(link.get(name)) : NaN;
      return given >= least && given <= most && (!whole || Number.isInteger(given)) ? given : usual;
    };
    const list = (name) => link.get(name)?.split(",").slice(0, 400) ?? [];
    const way = link.get("way"),
      usual = fresh(model, text);
    const forced = list("choose").map(Number);
    return {
      ...usual,
      look: headOf(link.get("look"), model)?.name ?? usual.look,
      word: number("word", 1, 400, 1) - 1,
      query: number("from", 1, 400, 1) - 1,
      way: ["greedy", "beam", "draw"].includes(way) ? way : usual.way,
      beams: number("beams", 1, 8, 4),
      temperature: number("temperature", 0.2, 2, 1, false),
      seed: number("seed", 1, 1e9, 1),
      forced: forced.every((id) => Number.isInteger(id) && id > 0) ? forced : [],
      scaled: link.get("root") !== "0",
      placed: link.get("positions") !== "0",
      dropped: new Set(
        list("drop")
          .map((name) => headOf(name, model)?.name)
          .filter(Boolean),
      ),
    };
  }

  Object.assign(allyouneed, { view: { fresh, isChanged, lesson, tries, written, read, headOf, LONGEST } });
})();
