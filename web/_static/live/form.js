/* The form on top: which translator, which sentence; what it is doing is said beside. */
"use strict";
(() => {
  const { el, button, option, view, words, MODELS } = allyouneed;

  /** Make the form. `translate(model, text)` is told what was asked. */
  function form(
    chosen,
    translate,
    {
      models = Object.keys(MODELS),
      examples = (model) => MODELS[model].examples.map((text) => [model, text]),
    } = {},
  ) {
    const input = el("textarea", {
      rows: 2,
      lang: "en",
      maxlength: view.LONGEST,
      autocomplete: "off",
      spellcheck: "false",
      "aria-label": words.sentence,
      onkeydown: (event) => {
        if (event.key !== "Enter" || event.isComposing) return;
        event.preventDefault();
        element.requestSubmit();
      },
    });
    input.value = chosen.text;
    const status = el("p", { class: "live-status", role: "status" });
    const about = el("p", { class: "live-hint" }),
      chips = el("div", { class: "live-chips", role: "group", "aria-label": words.another });
    let model = chosen.model;
    const ask = (text) => {
      input.value = text;
      if (!text.trim()) status.textContent = words.empty;
      else translate(model, text.trim());
    };
    const choices = models.map((name) =>
      option(
        "radio",
        el("span", {}, el("b", {}, words.models[name].name), ` · ${words.models[name].from}`),
        {
          name: "live-model",
          value: name,
          onchange: () => {
            take(name);
            ask(MODELS[name].examples[0]);
          },
        },
      ),
    );

    function take(name) {
      model = name;
      const { about: tells } = words.models[name];
      about.textContent = tells;
      choices.forEach((choice) => {
        choice.firstElementChild.checked = choice.firstElementChild.value === name;
      });
      chips.replaceChildren(
        ...examples(name).map(([other, text]) =>
          button(
            text,
            () => {
              take(other);
              ask(text);
            },
            { lang: "en" },
          ),
        ),
      );
    }
    take(model);
    const element = el(
      "form",
      {
        class: "live-form",
        onsubmit: (event) => {
          event.preventDefault();
          ask(input.value);
        },
      },
      models.length > 1
        ? el("fieldset", { class: "live-models" }, el("legend", {}, words.model), ...choices)
        : "",
      el("div", { class: "live-line" }, input, el("button", { class: "live-go" }, words.translate)),
      chips,
      about,
      status,
    );
    return {
      element,
      say: (text) => {
        status.textContent = text;
      },
      take,
      set: (text) => {
        input.value = text;
      },
    };
  }

  Object.assign(allyouneed, { form });
})();
