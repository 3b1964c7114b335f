/* What stands under the form once there is a translation, from top to bottom: the
   translation as trained and changed, where its heads look, the switches, word by word. */
"use strict";
(() => {
  const { el, told, button, slider, plain, lookOf, largest, named, view, words, MODELS } = allyouneed;

  /** Keep what is looked at within what there is; the chosen head's pieces and rows. */
  function settled(found, chosen) {
    const at = view.headOf(chosen.look, chosen.model),
      look = lookOf(found, at);
    const own = at.stack === "encoder";
    chosen.word = Math.min(chosen.word, found.words.length - 1);
    chosen.query = own ? Math.min(chosen.query, found.source.length - 1) : chosen.word;
    const { weights } = look.rows[chosen.query][at.head];
    if (!(chosen.key < weights.length)) chosen.key = largest(weights, 1)[0];
    const text = (ids) => ids.map((id) => found.subwords.pieces[id]);
    const rows = look.rows.map((row) => row[at.head]);
    return { at, own, keys: text(look.keys), queries: text(look.queries), rows };
  }

  /** The translations; `trained` is undefined while it is not known. */
  function output({ text, trained }, chosen) {
    const { lang } = MODELS[chosen.model],
      same = text === trained;
    const card = (title, shown, kind) =>
      el(
        "div",
        { class: kind },
        el("p", { class: "live-label" }, title),
        el("p", { class: "live-translation", lang }, shown || words.nothing),
      );
    const cards = trained === undefined ? [] : [card(words.trained, trained, "trained")];
    if (view.isChanged(chosen)) {
      const title = same ? words.pair(words.changed, words.same) : words.changed;
      cards.push(card(title, text, same ? "changed same" : "changed"));
    }
    return cards;
  }

  /** What is said of a translation: what an example shows, which words are strange. */
  function notes({ unread, source, took, words: written }, chosen) {
    const lesson = view.lesson(chosen),
      cost = words.took(source.length, written.length, took.toFixed(0));
    return [
      lesson ? told(lesson, { class: "live-lesson" }) : "",
      unread.length ? el("p", { class: "live-unread" }, words.unread(unread)) : "",
      el("p", { class: "live-hint" }, cost),
    ];
  }

  /** The chosen head, large, and every head at once. */
  function looks(root, found, chosen, act) {
    const { at, own, keys, queries, rows } = settled(found, chosen);
    const { lang } = MODELS[chosen.model],
      gone = chosen.dropped.has(chosen.look);
    const choose = (query, key) => act.see(own ? { query, key } : { word: query, key });
    const langs = [at.kind === "decoder.attention" ? lang : "en", own ? "en" : lang];
    const picture = allyouneed.fan({
      keys,
      queries,
      langs,
      weights: rows.map((row) => row.weights),
      query: chosen.query,
      choose: (query) => choose(query, undefined),
    });
    const { config, d_k } = found.model,
      room = Math.min(root.clientWidth, 520);
    const table = allyouneed.map(
      { keys, queries, rows, d_k, scaled: chosen.scaled },
      chosen.query,
      chosen.key,
      room,
      choose,
    );
    const hint = (text) => el("p", { class: "live-hint" }, text);
    const title = words.pair(words.kinds[at.kind], named(chosen.look, chosen.model));
    return [
      el("h2", {}, words.looks),
      el("h3", {}, title, gone ? el("em", {}, words.aside(words.gone)) : ""),
      el(
        "div",
        { class: "live-large" },
        el(
          "div",
          {},
          picture,
          hint(words.follow),
          allyouneed.headSwitches(chosen, config.heads, act.translate),
        ),
        table,
      ),
      el("h3", {}, words.sheet),
      hint(words.sheetHint),
      allyouneed.sheet(found, chosen, (look) => act.see({ look }), root),
    ];
  }

  function switches(chosen, act) {
    const note = told(words.surgery, { class: "live-hint" });
    return [allyouneed.cuts(chosen, act.translate), allyouneed.ways(chosen, act.translate), note];
  }

  /** One word of the translation: its rivals, and figure 1 at that moment. */
  function wordwise(drawing, found, chosen, act) {
    const { way, word, model } = chosen,
      count = found.words.length;
    const { kind, layer, head } = view.headOf(chosen.look, model),
      at = words.place(word + 1, count);
    const pick = (index) => act.see({ word: index });
    const place = slider(words.word, at, {
      min: 0,
      max: count - 1,
      value: word,
      "data-key": "word",
      "aria-valuetext": words.pair(at, plain(found.subwords.pieces[found.words[word]])),
      oninput: ({ target }) => pick(+target.value),
    });
    const rivals =
      way === "beam"
        ? allyouneed.beams(found, chosen)
        : allyouneed.candidates(found, chosen, (forced) => act.translate({ forced }));
    const byKind = (other) => {
      const [stack, part] = other.split(".");
      act.see({ look: `${stack}.${layer}.${part}.${head}` });
    };
    const play = button(act.playing() ? words.pause : words.play, act.play, { "data-key": "play" });
    return [
      el("h2", {}, words.words),
      el(
        "div",
        { class: "live-pair" },
        el(
          "div",
          {},
          el("div", { class: "live-step" }, place, play),
          allyouneed.written(found, chosen, pick),
          rivals,
        ),
        el(
          "div",
          {},
          allyouneed.figure(drawing, found, chosen, kind, byKind),
          el("p", { class: "live-hint" }, words.figure),
        ),
      ),
    ];
  }

  /** The place of it all. `act` is what a reader's choice sets off. */
  function result(root, drawing, act) {
    const part = (name) => el("section", { class: `live-${name}` });
    const parts = ["output", "notes", "looks", "cut", "words", "share"].map(part);
    const element = el("div", { hidden: true }, ...parts);
    const [top, under, middle, cut, below, share] = parts;
    return {
      element,
      output(shown, chosen) {
        element.hidden = false;
        top.replaceChildren(...output(shown, chosen));
        under.replaceChildren();
      },
      draw(found, chosen) {
        this.output(found, chosen);
        under.replaceChildren(...notes(found, chosen));
        middle.replaceChildren(...looks(root, found, chosen, act));
        cut.replaceChildren(...switches(chosen, act));
        below.replaceChildren(...wordwise(drawing, found, chosen, act));
        share.replaceChildren(button(words.share, act.copy, { "data-key": "share" }));
      },
    };
  }

  Object.assign(allyouneed, { result });
})();
