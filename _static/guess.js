// A guess box asks: choose, commit, and the answer opens. Nothing leaves the browser.
// Without this script a box is a list of options and a fold; guess.py wrote what is right.
(() => {
  "use strict";
  const theirs = window.allyouneedWords?.guess; // of an edition in another language
  const KEPT = theirs ? `allyouneed.guesses.${document.documentElement.lang}` : "allyouneed.guesses"; // {chapter: {number, keys: [...], right, notes, you: {key: letter}}}
  const NONE = "-"; // of somebody who opened the answer without a guess
  const words = {
    place: (n, all) => `Question ${n} of ${all}`,
    commit: "Commit", skip: "Show the answer without a guess",
    you: (letter) => (letter === NONE ? "You did not guess." : `You said ${letter}.`),
    right: (letter) => `The answer is ${letter}.`,
    note: (note, letter) => `Note ${note} says ${letter}.`,
    marks: { right: "right", you: "you", note: (note) => `note ${note}` },
    title: "Your guesses in this chapter",
    open: (n, all) => `${n} of ${all} guesses made. The score opens with the last one.`,
    score: ({ you, all, notes, noted }) => `You: ${you} of ${all} right.${words.noted(notes, noted)}`,
    total: ({ you, all, notes, noted }) => `Your guesses so far: ${you} of ${all} right.${words.noted(notes, noted)}`,
    noted: (notes, noted) => (noted ? ` The notes: ${notes} of ${noted}.` : ""),
    space: " ", line: "For your group:", copy: "Copy", copied: "Copied", forget: "Forget my guesses here",
    ticked: "all guesses made",
    ...theirs,
  };

  const load = () => {
    try { return JSON.parse(localStorage.getItem(KEPT)) || {}; } catch { return {}; }
  };
  let guesses = load();
  const keep = (changed) => {
    guesses = changed;
    try { localStorage.setItem(KEPT, JSON.stringify(guesses)); } catch { /* for this visit only */ }
  };

  const make = (tag, attributes = {}, ...children) => {
    const made = Object.assign(document.createElement(tag), attributes);
    made.append(...children);
    return made;
  };
  const status = (className) => {
    const made = make("p", { className });
    made.setAttribute("role", "status");
    return made;
  };

  // What the notes say in a box: [["003", "a"], ...].
  const noted = (box) => box.dataset.notes.split(" ").filter(Boolean).map((said) => said.split(":"));
  const letterOf = (item) => item.textContent.match(/\(([a-z])\)/)[1];

  // Right and notes stand beside what was guessed, so that the landing page can add up.
  const remember = (boxes, box, letter) => {
    const { chapter, number, key } = box.dataset;
    const before = load();
    const keys = boxes.map((one) => one.dataset.key);
    const known = Object.entries(before[chapter]?.you || {}).filter(([old]) => keys.includes(old));
    const right = boxes.map((one) => one.dataset.right).join("");
    const notes = boxes.map((one) => noted(one)[0]?.[1] || NONE).join("");
    const you = { ...Object.fromEntries(known), [key]: letter };
    keep({ ...before, [chapter]: { number, keys, right, notes, you } });
  };

  const count = ({ keys, right, notes, you }) => {
    const sum = { you: 0, all: 0, notes: 0, noted: 0 };
    keys.forEach((key, i) => {
      if (!you[key]) return;
      sum.all += 1;
      sum.you += you[key] === right[i];
      sum.noted += notes[i] !== NONE;
      sum.notes += notes[i] === right[i];
    });
    return sum;
  };

  // The answer, once there is a guess: marks on the options, a sentence, the open fold.
  const tell = (box, letter) => {
    const { right } = box.dataset;
    const form = box.querySelector("form");
    form.classList.add("guess-done");
    form.querySelector(".guess-buttons").hidden = true;
    form.querySelectorAll("input").forEach((input) => {
      input.checked = input.value === letter;
      input.disabled = true;
      const marks = [
        ...(input.value === right ? [["right", words.marks.right]] : []),
        ...(input.value === letter ? [["you", words.marks.you]] : []),
        ...noted(box).filter(([, says]) => says === input.value).map(([note]) => ["note", words.marks.note(note)]),
      ].map(([kind, word]) => make("span", { className: `guess-mark guess-mark-${kind}` }, word));
      const item = input.closest("li");
      item.classList.toggle("guess-right", input.value === right);
      if (marks.length) item.append(make("span", { className: "guess-marks" }, ...marks));
    });
    const answer = box.querySelector(".guess-answer");
    answer.hidden = false;
    answer.open = true;
    box.querySelector(".guess-said").textContent = [
      words.you(letter), words.right(right), ...noted(box).map(([note, says]) => words.note(note, says)),
    ].join(words.space);
  };

  const radios = (list, name) => list.querySelectorAll(":scope > li").forEach((item) => {
    const value = letterOf(item);
    const radio = make("input", { type: "radio", name, value, required: true, autocomplete: "off" });
    const inside = [...item.childNodes].flatMap((node) => (node.nodeName === "P" ? [...node.childNodes] : [node]));
    item.replaceChildren(make("label", {}, radio, make("span", {}, ...inside)));
  });

  // A form in place of the list; the last paragraph before the options is its legend.
  const ask = (box, boxes, changed) => {
    const list = box.querySelector(":scope > ul");
    const answer = box.querySelector(".guess-answer");
    if (!list || !answer) return; // the build has complained
    const place = words.place(boxes.indexOf(box) + 1, boxes.length);
    const question = list.previousElementSibling;
    const legend = make("legend", {}, ...(question?.childNodes || []));
    question?.remove();
    if (boxes.length > 1) box.prepend(make("p", { className: "guess-place" }, place));
    list.classList.add("guess-options");
    const name = `guess-${box.dataset.key}`;
    radios(list, name);
    const skip = make("button", { type: "button", className: "plain" }, words.skip);
    const buttons = make("p", { className: "guess-buttons" }, make("button", { type: "submit" }, words.commit), skip);
    const form = make("form", { className: "guess-form", autocomplete: "off" });
    answer.before(form, status("guess-said"));
    form.append(make("fieldset", {}, legend, list, buttons));
    answer.hidden = true;

    const commit = (letter) => {
      remember(boxes, box, letter);
      tell(box, letter);
      answer.querySelector("summary").focus({ preventScroll: true });
      changed();
    };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      commit(new FormData(form).get(name));
    });
    skip.addEventListener("click", () => commit(NONE));
    const before = guesses[box.dataset.chapter]?.you[box.dataset.key];
    const letters = [...form.querySelectorAll("input")].map((input) => input.value);
    if ([NONE, ...letters].includes(before)) tell(box, before);
  };

  const copy = async (field, button) => {
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      field.select();
      document.execCommand("copy");
    }
    button.textContent = words.copied;
    setTimeout(() => { button.textContent = words.copy; }, 2000);
  };

  const line = (chapter, number, letters) => {
    const value = `ch ${number}: ${letters.join(" ")}`;
    const field = make("input", { readOnly: true, value, size: 16, autocomplete: "off" });
    const button = make("button", { type: "button" }, words.copy);
    const forget = make("button", { type: "button", className: "plain" }, words.forget);
    button.addEventListener("click", () => copy(field, button));
    forget.addEventListener("click", () => {
      const { [chapter]: _gone, ...others } = load();
      keep(others);
      location.reload();
    });
    return make("p", { className: "guess-line" }, make("label", {}, `${words.line} `, field), button, forget);
  };

  // At a chapter's end; before the last guess it would tell.
  const score = (place, boxes) => {
    const { chapter, number } = place.dataset;
    const letters = boxes.map((box) => guesses[chapter]?.you[box.dataset.key]).filter(Boolean);
    const done = letters.length === boxes.length;
    const text = done ? words.score(count(guesses[chapter])) : words.open(letters.length, boxes.length);
    place.querySelector(".guess-sum").textContent = text;
    place.querySelector(".guess-line")?.remove();
    if (done) place.append(line(chapter, number, letters));
  };

  // On the landing page: all chapters together, as far as they were guessed.
  const total = (place) => {
    const sums = Object.values(guesses).map(count);
    const add = (name) => sums.reduce((sum, one) => sum + one[name], 0);
    const sum = { you: add("you"), all: add("all"), notes: add("notes"), noted: add("noted") };
    if (sum.all) place.textContent = words.total(sum);
  };

  // In the list of chapters: a tick where all guesses are made.
  const tick = () => document.querySelectorAll(".bd-links a").forEach((link) => {
    const chapter = link.pathname.match(/\/(?:\d+-)?([\w-]+)\.html$/)?.[1];
    const { keys = [], you = {} } = guesses[chapter] || {};
    link.querySelector(".guess-tick")?.remove();
    if (!keys.length || !keys.every((key) => you[key])) return;
    const mark = make("span", { className: "guess-tick", title: words.ticked }, " ✓");
    mark.setAttribute("role", "img");
    mark.setAttribute("aria-label", words.ticked);
    link.append(mark);
  });

  const start = () => {
    const boxes = [...document.querySelectorAll(".admonition.guess .guess-question")];
    const places = [...document.querySelectorAll(".guess-score")];
    places.forEach((place) => place.append(
      make("p", { className: "guess-title" }, words.title), status("guess-sum"),
    ));
    const changed = () => { places.forEach((place) => score(place, boxes)); tick(); };
    boxes.forEach((box) => ask(box, boxes, changed));
    changed();
    document.querySelectorAll(".guess-total").forEach(total);
  };
  addEventListener("DOMContentLoaded", start);
})();
