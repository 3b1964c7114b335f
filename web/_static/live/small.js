/* The translator at the head of another page: a sentence, its translation, one head.

   It opens with a translation that was computed when the book was made; a model is loaded
   when the reader asks for one. */
"use strict";
(() => {
  const { el, told, heard, lookOf, named, view, words, MODELS } = allyouneed;
  const root = document.querySelector('.translator[data-form="small"]');
  if (!root) return;
  const session = new allyouneed.Session(root.dataset.weights),
    { first } = allyouneed;
  let chosen = view.fresh(first.model, first.text);
  // The twin of the sentence that stands there, and one for the other translator.
  const examples = Object.values(MODELS).map(({ examples: [a, b] }, i) => (i ? a : b));
  const modelOf = (text) =>
    Object.keys(MODELS).find((name) => MODELS[name].examples.includes(text));

  const form = allyouneed.form(chosen, translate, {
    models: [first.model],
    examples: () => examples.map((text) => [modelOf(text), text]),
  });
  const translation = el("p", { class: "live-translation" }),
    picture = el("div"),
    notes = el("div"),
    caption = el("p", { class: "live-hint" }),
    lead = el("p", { class: "live-hint" });
  const spoken = el("p", { class: "live-spoken", role: "status" }),
    inside = el("a", { class: "live-inside" }, words.inside);
  root.replaceChildren(
    lead,
    form.element,
    el("div", { class: "live-card" }, translation, picture, notes, caption),
    spoken,
  );
  root.classList.add("live");

  async function translate(model, text) {
    chosen = view.fresh(model, text);
    form.say(session.has(model) ? words.working : words.loading(MODELS[model].size));
    try {
      const found = await session.translate(chosen, (soFar) => {
        translation.textContent = soFar;
      });
      if (found) {
        form.say("");
        show(shownOf(found));
        spoken.textContent = heard(found);
      }
    } catch {
      form.say(words.failed);
    }
  }

  function shownOf(found) {
    const { queries, keys, rows } = lookOf(found, view.headOf(chosen.look, chosen.model)),
      { head } = view.headOf(chosen.look, chosen.model);
    const text = (ids) => ids.map((id) => found.subwords.pieces[id]);
    return {
      translation: found.text,
      unread: found.unread,
      keys: text(keys),
      queries: text(queries),
      weights: rows.map((row) => row[head].weights),
    };
  }

  function show(shown) {
    const { lang } = MODELS[chosen.model],
      choose = (word) => {
        chosen.word = word;
        show(shown);
      };
    chosen.word = Math.min(chosen.word, shown.queries.length - 1);
    translation.replaceChildren(el("span", { lang }, shown.translation || words.nothing));
    allyouneed.keepingFocus(root, () =>
      picture.replaceChildren(
        allyouneed.fan({ ...shown, query: chosen.word, langs: ["en", lang], choose }),
      ),
    );
    lead.textContent = words.lead(words.models[chosen.model].read);
    const head = words.pair(
      words.kinds["decoder.cross_attention"],
      named(chosen.look, chosen.model),
    );
    const lesson = view.lesson(chosen);
    notes.replaceChildren(
      lesson ? told(lesson, { class: "live-lesson" }) : "",
      shown.unread?.length ? el("p", { class: "live-unread" }, words.unread(shown.unread)) : "",
    );
    caption.replaceChildren(words.then(head, words.follow), " ", inside);
    inside.href = root.dataset.page + view.written(chosen);
  }

  chosen.word = first.queries.indexOf("▁sie"); // the word that the rest of the sentence decides
  show(first);
})();
