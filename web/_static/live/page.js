/* The translator's own page: a sentence goes in, its translation comes out, and every head
   can be looked at and taken out.

   All that the reader chose is in `chosen`, all that the model gave in `found`. A choice
   that changes the translation goes through `translate`, any other through `see`. */
"use strict";
(() => {
  const { el, told, heard, keepingFocus, view, words, MODELS } = allyouneed;
  const root = document.querySelector('.translator[data-form="full"]');
  if (!root) return;
  const PACE = 900; // milliseconds a word when the page plays them
  const session = new allyouneed.Session(root.dataset.weights);
  const linked = view.read(location.hash);
  let chosen = linked ?? view.fresh(),
    found,
    playing;

  const form = allyouneed.form(chosen, ask);
  const result = allyouneed.result(root, root.querySelector("template"), {
    translate,
    see,
    play,
    copy,
    playing: () => playing !== undefined,
  });
  const spoken = el("p", { class: "live-spoken", role: "status" });
  root.replaceChildren(form.element, tries(), spoken, result.element);
  root.classList.add("live");

  /** A sentence of the form: what was taken away stays away, for the same translator. */
  async function ask(model, text) {
    const anew = { text, forced: [], word: 0, query: 0, key: undefined };
    await translate(model === chosen.model ? anew : view.fresh(model, text));
    reveal();
  }

  /** Links to views with something to see; each with what to look for. */
  function tries() {
    const row = ({ link, name, look }) => {
      const hint = told(look, { class: "live-hint" });
      return el("li", {}, el("a", { href: link }, name), hint);
    };
    return el(
      "section",
      { class: "live-tries" },
      el("h2", {}, words.tries),
      el("ul", {}, ...view.tries().map(row)),
    );
  }

  function reveal() {
    if (result.element.getBoundingClientRect().top < innerHeight * 0.7) return;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    result.element.scrollIntoView({ behavior: still ? "instant" : "smooth" });
  }

  async function translate(change = {}) {
    Object.assign(chosen, change);
    stop();
    const { size } = MODELS[chosen.model];
    form.say(session.has(chosen.model) ? words.working : words.loading(size));
    let next;
    try {
      next = await session.translate(chosen, progress);
    } catch {
      form.say(words.failed);
      return;
    }
    if (!next) return; // a later choice has overtaken this one
    found = next;
    form.say("");
    spoken.textContent = heard(found);
    draw();
  }

  /** The words so far, where the whole translation will stand. */
  function progress(text) {
    const known = found?.asked === chosen.text ? found.trained : undefined;
    form.say("");
    result.output({ text, trained: view.isChanged(chosen) ? known : text }, chosen);
  }

  /** Look at something else: another head, another word. */
  function see(change) {
    Object.assign(chosen, { key: undefined }, change);
    draw();
  }

  function draw() {
    keepingFocus(root, () => result.draw(found, chosen));
    history.replaceState(null, "", view.written(chosen));
  }

  function play() {
    const last = found.words.length - 1;
    if (playing) {
      stop();
      return draw();
    }
    playing = setInterval(() => {
      if (chosen.word + 1 >= last) stop();
      see({ word: Math.min(chosen.word + 1, last) });
    }, PACE);
    return see({ word: chosen.word >= last ? 0 : chosen.word });
  }

  function stop() {
    clearInterval(playing);
    playing = undefined;
  }

  async function copy({ target }) {
    try {
      await navigator.clipboard.writeText(location.href);
      target.textContent = words.shared;
    } catch {
      /* the address bar has it */
    }
  }

  /** Show what a link says. */
  async function follow() {
    const next = view.read(location.hash);
    if (!next) return;
    chosen = next;
    form.take(chosen.model);
    form.set(chosen.text);
    await translate();
    reveal();
  }

  const redraw = () => found && draw();
  new MutationObserver(redraw).observe(document.documentElement, {
    attributeFilter: ["data-theme"],
  });
  addEventListener("resize", redraw);
  addEventListener("hashchange", follow);
  if (linked) follow();
})();
