/* What may be taken away, and how words are chosen: the switches of the page. */
"use strict";
(() => {
  const { el, button, option, slider, view, words } = allyouneed;

  /** Name a head as a reader counts: from 1. */
  function named(name, model) {
    const { stack, layer, head } = view.headOf(name, model);
    return words.headOf(words.stacks[stack], layer + 1, head + 1);
  }

  /** Root, positions, heads; `change` is told what becomes different. */
  function cuts(chosen, change) {
    const box = (text, key) =>
      option("checkbox", text, {
        "data-key": key,
        checked: !chosen[key],
        onchange: ({ target }) => change({ [key]: !target.checked }),
      });
    const root = el("span", {}, words.noScale, el("sub", {}, "k"));
    const back = (name) => {
      const dropped = new Set(chosen.dropped);
      dropped.delete(name);
      change({ dropped });
    };
    const heads = [...chosen.dropped].map((name) =>
      button(`${named(name, chosen.model)} ✕`, () => back(name), {
        "aria-label": words.putBack(named(name, chosen.model)),
        "data-key": `back-${name}`,
      }),
    );
    return el(
      "fieldset",
      {},
      el("legend", {}, words.cut),
      box(root, "scaled"),
      box(words.noPlace, "placed"),
      el(
        "p",
        { class: "live-chips" },
        `${words.dropped} ${heads.length ? "" : words.none}`,
        ...heads,
      ),
      button(
        words.reset,
        () => change({ scaled: true, placed: true, dropped: new Set(), forced: [] }),
        {
          disabled: !view.isChanged(chosen),
          "data-key": "reset",
        },
      ),
    );
  }

  /** Greedy, beams or chance, each with its own number. */
  function ways(chosen, change) {
    const way = (name) =>
      option("radio", words.ways[name], {
        name: "live-way",
        "data-key": `way-${name}`,
        checked: chosen.way === name,
        onchange: () => change({ way: name, forced: [] }),
      });
    const more = {
      greedy: [],
      beam: [
        slider(words.beams, chosen.beams, {
          min: 1,
          max: 8,
          value: chosen.beams,
          "data-key": "beams",
          onchange: ({ target }) => change({ beams: +target.value }),
        }),
      ],
      draw: [
        slider(words.temperature, chosen.temperature.toFixed(1), {
          min: 0.2,
          max: 2,
          step: 0.1,
          value: chosen.temperature,
          "data-key": "temperature",
          onchange: ({ target }) => change({ temperature: +target.value, forced: [] }),
        }),
        button(words.again, () => change({ seed: chosen.seed + 1, forced: [] }), {
          "data-key": "again",
        }),
      ],
    };
    return el(
      "fieldset",
      {},
      el("legend", {}, words.choose),
      ...Object.keys(words.ways).map(way),
      ...more[chosen.way],
    );
  }

  /** Take the chosen head out, or all of its layer, or put them back. */
  function headSwitches(chosen, heads, change) {
    const { name, site } = view.headOf(chosen.look, chosen.model);
    const layer = Array.from({ length: heads }, (_, head) => `${site}.${head}`);
    const toggle = (names) => {
      const dropped = new Set(chosen.dropped),
        all = names.every((one) => dropped.has(one));
      names.forEach((one) => (all ? dropped.delete(one) : dropped.add(one)));
      change({ dropped });
    };
    const has = (names) => names.every((one) => chosen.dropped.has(one));
    return el(
      "p",
      { class: "live-buttons" },
      button(has([name]) ? words.back : words.drop, () => toggle([name]), { "data-key": "drop" }),
      button(has(layer) ? words.backLayer : words.dropLayer, () => toggle(layer), {
        "data-key": "drop-layer",
      }),
    );
  }

  Object.assign(allyouneed, { cuts, ways, headSwitches, named });
})();
