/* How the parts of the page are made: elements, pieces of a sentence, numbers as text. */
"use strict";
(() => {
  const { BLANK, words } = allyouneed;
  const SVG = "http://www.w3.org/2000/svg";
  const SPECIAL = { "<s>": words.start, "</s>": words.end, "<unk>": words.unknown };

  /** Give an element attributes and children; "onclick" listens, true and false are bare. */
  function fill(element, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value === true) element.setAttribute(name, "");
      else if (value !== false && value !== undefined) element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  }
  const el = (tag, attributes = {}, ...children) =>
    fill(document.createElement(tag), attributes, children);
  const svg = (tag, attributes = {}, ...children) =>
    fill(document.createElementNS(SVG, tag), attributes, children);
  const button = (text, onclick, attributes = {}) =>
    el("button", { type: "button", onclick, ...attributes }, text);

  /** A paragraph with HTML of our own table of words, never a reader's. */
  function told(html, attributes) {
    const made = el("p", attributes);
    made.innerHTML = html;
    return made;
  }

  /** What a screen reader hears of a translation. */
  const heard = ({ text, unread }) =>
    [words.said(text || words.nothing), ...(unread.length ? [words.unread(unread)] : [])].join(" ");

  const percent = (p) => (p < 0.0005 ? "0 %" : `${(100 * p).toFixed(p < 0.1 ? 1 : 0)} %`);
  const number = (x) => x.toFixed(2).replace("-", "\u2212");

  /** A piece as a reader sees it: without the mark of a blank before it. */
  const plain = (piece) =>
    SPECIAL[piece] ?? (piece === BLANK ? words.blank : piece.replace(BLANK, ""));

  /** A piece of a sentence; a button if it can be chosen. */
  function token(piece, lang, attributes = {}) {
    const special = piece in SPECIAL || piece === BLANK;
    const kind = `live-token${piece.startsWith(BLANK) ? " begins" : ""}${special ? " special" : ""}`;
    return el(
      attributes.onclick ? "button" : "span",
      {
        class: kind,
        type: attributes.onclick && "button",
        lang: special ? undefined : lang,
        ...attributes,
      },
      plain(piece),
    );
  }

  /** A switch, or a choice of several, with its words. */
  const option = (type, text, attributes) =>
    el("label", {}, el("input", { type, ...attributes }), " ", text);

  /** A slider between its name and its value. */
  function slider(text, shown, attributes) {
    const output = el("output", {}, shown);
    return el(
      "label",
      { class: "live-slider" },
      el("span", {}, text),
      el("input", { type: "range", ...attributes }),
      output,
    );
  }

  /** Draw anew, and leave the keyboard where it was: elements are known by `data-key`. */
  function keepingFocus(root, draw) {
    const key = root.contains(document.activeElement)
      ? document.activeElement.dataset.key
      : undefined;
    draw();
    if (key && document.activeElement?.dataset.key !== key) {
      root.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
    }
  }

  Object.assign(allyouneed, {
    el,
    svg,
    button,
    told,
    heard,
    percent,
    number,
    plain,
    token,
    option,
    slider,
    keepingFocus,
  });
})();
