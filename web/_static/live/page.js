/* The translator's own page: a sentence goes in, its translation comes out, and every head
   can be looked at and taken out.

   All that the reader chose is in `chosen`, all that the model gave in `found`. A choice
   that changes the translation goes through `translate`, any other through `draw`. */
"use strict";
(() => {
  const { el, button, slider, keepingFocus, plain, largest, lookOf, named, view, words, MODELS } = allyouneed;
  const root = document.querySelector('.translator[data-form="full"]');
  if (!root) return;
  const PACE = 900; // milliseconds a word when the page plays them
  const drawing = root.querySelector("template");
  const session = new allyouneed.Session(root.dataset.weights);
  const linked = view.read(location.hash);
  let chosen = linked ?? view.fresh(), found, playing;

  /* The parts, from top to bottom ------------------------------------------------------ */
  const form = allyouneed.form(chosen, (model, text) => translate(
    model === chosen.model ? { text, forced: [], word: 0, query: 0, key: undefined } : view.fresh(model, text)));
  const part = (name) => el("section", { class: `live-${name}` });
  const output = part("output"), looks = part("looks"), cut = part("cut"), wordwise = part("words"), share = part("share");
  const spoken = el("p", { class: "live-spoken", role: "status" });
  const result = el("div", { hidden: true }, output, looks, cut, wordwise, share);
  root.replaceChildren(form.element, spoken, result);
  root.classList.add("live");

  /* Computing -------------------------------------------------------------------------- */
  async function translate(change = {}) {
    Object.assign(chosen, change);
    stop();
    form.say(session.has(chosen.model) ? words.working : words.loading(MODELS[chosen.model].size));
    result.classList.add("working");
    let next;
    try {
      next = await session.translate(chosen, progress);
    } catch {
      form.say(words.failed);
      return;
    } finally {
      result.classList.remove("working");
    }
    if (!next) return; // a later choice has overtaken this one
    found = next;
    form.say("");
    spoken.textContent = words.said(found.text || words.nothing);
    draw();
  }

  /** The words so far, where the whole translation will stand. */
  function progress(text) {
    const changed = view.isChanged(chosen), known = found?.asked === chosen.text ? found.trained : undefined;
    form.say("");
    result.hidden = false;
    drawOutput({ text, trained: changed ? known : text }, changed);
  }

  /** Keep what is looked at within what there is. */
  function settle() {
    const at = view.headOf(chosen.look, chosen.model), look = lookOf(found, at);
    chosen.word = Math.min(chosen.word, found.words.length - 1);
    chosen.query = at.stack === "encoder" ? Math.min(chosen.query, found.source.length - 1) : chosen.word;
    const { weights } = look.rows[chosen.query][at.head];
    if (!(chosen.key < weights.length)) chosen.key = largest(weights, 1)[0];
    const text = (ids) => ids.map((id) => found.subwords.pieces[id]);
    return { at, keys: text(look.keys), queries: text(look.queries), rows: look.rows.map((row) => row[at.head]) };
  }

  /** Look at something else: another head, another word. */
  function see(change) {
    Object.assign(chosen, { key: undefined }, change);
    draw();
  }

  /* Drawing ---------------------------------------------------------------------------- */
  function draw() {
    keepingFocus(root, () => {
      result.hidden = false;
      const look = settle();
      drawOutput(found, view.isChanged(chosen));
      drawLooks(look);
      cut.replaceChildren(allyouneed.cuts(chosen, translate), allyouneed.ways(chosen, translate));
      const note = el("p", { class: "live-hint" });
      note.innerHTML = words.surgery; // of our own table
      cut.append(note);
      drawWords(look.at.kind);
      share.replaceChildren(button(words.share, copy, { "data-key": "share" }));
    });
    history.replaceState(null, "", view.written(chosen));
  }

  function drawOutput({ text, trained, source, took, words: written }, changed) {
    const { lang } = MODELS[chosen.model];
    const card = (title, shown, kind) => el("div", { class: kind }, el("p", { class: "live-label" }, title),
      el("p", { class: "live-translation", lang }, shown || words.nothing));
    output.replaceChildren(...(trained === undefined ? [] : [card(words.trained, trained, "trained")]));
    if (changed) {
      output.append(card(text === trained ? `${words.changed}: ${words.same}` : words.changed, text, `changed${text === trained ? " same" : ""}`));
    }
    if (source) output.append(el("p", { class: "live-hint" }, words.took(source.length, written.length, took.toFixed(0))));
  }

  function drawLooks({ at, keys, queries, rows }) {
    const { lang } = MODELS[chosen.model], own = at.stack === "encoder";
    const target = (kind) => (kind === "decoder.attention" ? lang : "en");
    const choose = (query, key) => see(own ? { query, key } : { word: query, key });
    const head = named(chosen.look, chosen.model), gone = chosen.dropped.has(chosen.look);
    const large = el("div", { class: "live-large" });
    looks.replaceChildren(
      el("h2", {}, words.looks),
      el("h3", {}, `${words.kinds[at.kind]}: ${head}`, gone ? el("em", {}, ` (${words.gone})`) : ""),
      large,
      el("h3", {}, words.sheet), el("p", { class: "live-hint" }, words.sheetHint),
      allyouneed.sheet(found, chosen, (name) => see({ look: name }), root));
    const room = Math.min(root.clientWidth, 520), { scaled } = chosen, { d_k } = found.model;
    large.append(
      el("div", {}, allyouneed.fan({ keys, queries, weights: rows.map((row) => row.weights), query: chosen.query,
        langs: [target(at.kind), own ? "en" : lang], choose: (query) => choose(query, undefined) }),
      el("p", { class: "live-hint" }, words.follow), allyouneed.headSwitches(chosen, found.model.config.heads, translate)),
      allyouneed.map({ keys, queries, rows, d_k, scaled }, chosen.query, chosen.key, room, choose));
  }

  function drawWords(kind) {
    const { way, word } = chosen, count = found.words.length;
    const pick = (index) => see({ word: index });
    const place = slider(words.word, words.place(word + 1, count), { min: 0, max: count - 1, value: word, "data-key": "word",
      "aria-valuetext": `${words.place(word + 1, count)}: ${plain(found.subwords.pieces[found.words[word]])}`,
      oninput: ({ target }) => pick(+target.value) });
    const bars = way === "beam" ? allyouneed.beams(found, chosen)
      : allyouneed.candidates(found, chosen, (forced) => translate({ forced }));
    wordwise.replaceChildren(el("h2", {}, words.words), el("div", { class: "live-pair" },
      el("div", {}, el("div", { class: "live-step" }, place, button(playing ? words.pause : words.play, play, { "data-key": "play" })),
        allyouneed.written(found, chosen, pick), bars),
      el("div", {}, allyouneed.figure(drawing, found, chosen, kind, byKind), el("p", { class: "live-hint" }, words.figure))));
  }

  /** The same layer and head of another of the three attentions. */
  function byKind(kind) {
    const [stack, name] = kind.split("."), { layer, head } = view.headOf(chosen.look, chosen.model);
    see({ look: `${stack}.${layer}.${name}.${head}` });
  }

  /* What else the reader does ------------------------------------------------------------ */
  function play() {
    if (playing) { stop(); return draw(); }
    const first = chosen.word >= found.words.length - 1 ? 0 : chosen.word;
    playing = setInterval(() => {
      if (chosen.word >= found.words.length - 1) stop();
      see(playing ? { word: chosen.word + 1 } : {});
    }, PACE);
    see({ word: first });
  }
  function stop() {
    clearInterval(playing);
    playing = undefined;
  }

  async function copy({ target }) {
    try { await navigator.clipboard.writeText(location.href); target.textContent = words.shared; } catch { /* the address bar has it */ }
  }

  function follow() {
    const next = view.read(location.hash);
    if (!next) return;
    chosen = next;
    form.take(chosen.model);
    form.set(chosen.text);
    translate();
  }

  new MutationObserver(() => found && draw()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  addEventListener("hashchange", follow);
  if (linked) follow();
})();
