// A guess box asks: choose, commit, and the answer opens; for a group it waits. Nothing leaves the browser.
// Without this script a box is a list of options and a fold; guess.py wrote what is right.
(() => {
  "use strict";
  const theirs = window.allyouneedWords?.guess; // of an edition in another language
  const KEPT = theirs ? `allyouneed.guesses.${document.documentElement.lang}` : "allyouneed.guesses"; // {chapter: {number, keys: [...], right, notes, you: {key: letter}, closed: [keys...]}}
  const WHEN = "allyouneed.answers"; // "later": a committed guess leaves its answer closed
  const NONE = "-"; // of somebody who opened the answer without a guess
  const words = {
    place: (n, all) => `Question ${n} of ${all}`,
    commit: "Commit", skip: "Show the answer without a guess",
    later: "answer later, as a group", open: "Open the answer", openAll: "Open the answers",
    closed: (letter) => `You said ${letter}. The answer waits.`, end: "Your line for the group",
    you: (letter) => (letter === NONE ? "You did not guess." : `You said ${letter}.`),
    right: (letter) => `The answer is ${letter}.`,
    note: (note, letter) => `Note ${note} says ${letter}.`,
    marks: { right: "right", you: "you", note: (note) => `note ${note}` },
    title: "Your guesses in this chapter",
    made: (n, all) => `${n} of ${all} guesses made. The score opens with the last one.`,
    madeLater: (n, all) => `${n} of ${all} guesses made. The line for your group comes with the last one.`,
    waiting: (n) => (n === 1 ? "1 answer waits to be opened." : `${n} answers wait to be opened.`),
    score: ({ you, all, notes, noted }) => `You: ${you} of ${all} right.${words.noted(notes, noted)}`,
    total: ({ you, all, notes, noted }) => `Your guesses so far: ${you} of ${all} right.${words.noted(notes, noted)}`,
    noted: (notes, noted) => (noted ? ` The notes: ${notes} of ${noted}.` : ""),
    space: " ", line: "For your group:", copy: "Copy", copied: "Copied", meet: "Take it to Meet", forget: "Forget my guesses here",
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
  let later = false;
  try { later = localStorage.getItem(WHEN) === "later"; } catch { /* at once */ }
  const wait = (wanted) => {
    later = wanted;
    document.querySelectorAll(".guess-later input").forEach((box) => { box.checked = later; });
    try { localStorage.setItem(WHEN, later ? "later" : "at once"); } catch { /* for this visit only */ }
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
  const remember = (boxes, box, letter, shut) => {
    const { chapter, number, key } = box.dataset;
    const before = load();
    const keys = boxes.map((one) => one.dataset.key);
    const known = Object.entries(before[chapter]?.you || {}).filter(([old]) => keys.includes(old));
    const right = boxes.map((one) => one.dataset.right).join("");
    const notes = boxes.map((one) => noted(one)[0]?.[1] || NONE).join("");
    const you = { ...Object.fromEntries(known), [key]: letter };
    const closed = (before[chapter]?.closed || []).filter((old) => keys.includes(old) && old !== key);
    keep({ ...before, [chapter]: { number, keys, right, notes, you, closed: shut ? [...closed, key] : closed } });
  };

  const chosen = ({ dataset: { chapter, key } }) => guesses[chapter]?.you[key];
  const isClosed = ({ dataset: { chapter, key } }) => Boolean(guesses[chapter]?.closed?.includes(key));

  // Only what is open: a sum over closed answers would tell of them.
  const count = ({ keys, right, notes, you, closed = [] }) => {
    const sum = { you: 0, all: 0, notes: 0, noted: 0 };
    keys.forEach((key, i) => {
      if (!you[key] || closed.includes(key)) return;
      sum.all += 1;
      sum.you += you[key] === right[i];
      sum.noted += notes[i] !== NONE;
      sum.notes += notes[i] === right[i];
    });
    return sum;
  };

  // A guess that stands and whose answer waits.
  const fix = (box, letter) => {
    const form = box.querySelector("form");
    form.classList.add("guess-done");
    form.querySelector(".guess-buttons").hidden = true;
    form.querySelector(".guess-wait").hidden = false;
    form.querySelectorAll("[type=radio]").forEach((input) => {
      input.checked = input.value === letter;
      input.disabled = true;
    });
    box.querySelector(".guess-said").textContent = words.closed(letter);
  };

  // The answer: marks on the options, a sentence, the open fold.
  const tell = (box, letter) => {
    const { right } = box.dataset;
    fix(box, letter);
    box.querySelector(".guess-wait").hidden = true;
    box.querySelectorAll("form [type=radio]").forEach((input) => {
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
    const choice = make("input", { type: "checkbox", checked: later, autocomplete: "off" });
    const buttons = make("p", { className: "guess-buttons" }, make("button", { type: "submit" }, words.commit),
      make("label", { className: "guess-later" }, choice, words.later), skip);
    const open = make("button", { type: "button", className: "plain" }, words.open);
    const end = make("a", { className: "guess-end", href: "#guess-score" }, words.end);
    const waits = make("p", { className: "guess-buttons guess-wait", hidden: true }, open, end);
    const form = make("form", { className: "guess-form", autocomplete: "off" });
    answer.before(form, status("guess-said"));
    form.append(make("fieldset", {}, legend, list, buttons, waits));
    answer.hidden = true;

    const commit = (letter, shut) => {
      remember(boxes, box, letter, shut);
      (shut ? fix : tell)(box, letter);
      (shut ? open : answer.querySelector("summary")).focus({ preventScroll: true });
      changed();
    };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      commit(new FormData(form).get(name), later);
    });
    choice.addEventListener("change", () => { wait(choice.checked); changed(); });
    skip.addEventListener("click", () => commit(NONE, false));
    open.addEventListener("click", () => commit(chosen(box), false));
    const before = chosen(box);
    const letters = [...form.querySelectorAll("[type=radio]")].map((input) => input.value);
    if ([NONE, ...letters].includes(before)) (isClosed(box) ? fix : tell)(box, before);
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

  const line = ({ chapter, number, meet }, letters) => {
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
    const lead = meet ? [make("a", { href: `${meet}#mine=${encodeURIComponent(value)}` }, words.meet)] : [];
    return make("p", { className: "guess-line" }, make("label", {}, `${words.line} `, field), button, ...lead, forget);
  };

  // At a chapter's end; before the last guess it would tell, and so it would of an answer that waits.
  const score = (place, boxes, openAll) => {
    const letters = boxes.map(chosen).filter(Boolean);
    const done = letters.length === boxes.length;
    document.querySelectorAll(".guess-end").forEach((link) => { link.hidden = !done; });
    const closed = boxes.filter(isClosed).length;
    const sum = done && count(guesses[place.dataset.chapter]);
    place.querySelector(".guess-sum").textContent = done
      ? [...(sum.all ? [words.score(sum)] : []), ...(closed ? [words.waiting(closed)] : [])].join(words.space)
      : words[later ? "madeLater" : "made"](letters.length, boxes.length);
    place.querySelectorAll(".guess-line, .guess-buttons").forEach((old) => old.remove());
    if (!done) return;
    place.append(line(place.dataset, letters));
    if (!closed) return;
    const button = make("button", { type: "button" }, words.openAll);
    button.addEventListener("click", openAll);
    place.append(make("p", { className: "guess-buttons" }, button));
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
      make("p", { className: "guess-title" }, make("a", { href: "#guess-1" }, words.title)), status("guess-sum"),
    ));
    const changed = () => { places.forEach((place) => score(place, boxes, openAll)); tick(); };
    const openAll = () => {
      boxes.filter(isClosed).forEach((box) => {
        remember(boxes, box, chosen(box), false);
        tell(box, chosen(box));
      });
      changed();
      places[0].querySelector("input").focus({ preventScroll: true });
    };
    boxes.forEach((box) => ask(box, boxes, changed));
    changed();
    document.querySelectorAll(".guess-total").forEach(total);
  };
  addEventListener("DOMContentLoaded", start);
})();
