// The page Meet: a group pastes its lines, and sees the spread of votes before the answers.
(() => {
  "use strict";
  const KEPT = "allyouneed.meet";
  const SHARED = "#lines="; // the part of an address that no server is told
  const MINE = "#mine="; // a chapter's end leads here with the reader's own line
  const words = {
    label: "Paste everybody's line, as the chapters give it. You may write a name before it.",
    example: "Ann, ch 7: c b a\nch 7: a b b",
    nobody: "No line yet: below are the questions of all chapters, folded.",
    read: (n) => `${n === 1 ? "1 line" : `${n} lines`} read.`,
    wrong: (lines) => ` Not understood: ${lines.join(" · ")}`,
    votes: (n, all) => `${n} of ${all}`, right: "right", note: (note) => `note ${note}`,
    silent: (n) => `without a guess: ${n}`, divided: "the most divided",
    share: "Copy a link to these lines", shared: "Copied", clear: "Clear",
    ...window.allyouneedWords?.meet,
  };

  const make = (tag, attributes = {}, ...children) => {
    const made = Object.assign(document.createElement(tag), attributes);
    made.append(...children);
    return made;
  };
  const load = () => { try { return localStorage.getItem(KEPT) || ""; } catch { return ""; } };
  const keep = (text) => { try { localStorage.setItem(KEPT, text); } catch { /* for this visit only */ } };

  // "Ann, ch 7: c b a", "ch7 cba", "7: c b a" or "第 7 章：c b a" gives who, the chapter and the letters;
  // the last line of a name counts.
  const NUMBER = [/\bch(?:apter)?\.?\s*0*([\w-]+)(?:\s*[:：]|\s)/, /第\s*0*(\d+)\s*章\s*[:：]?/, /\b0*(\d+)\s*[:：]/];
  const LINE = new RegExp(`^(.*?)(?:${NUMBER.map(({ source }) => source).join("|")})\\s*([a-z-](?:[\\s,，、]*[a-z-])*)$`, "i");
  const SHORT = 14; // letters of a name beside a bar
  const short = (name) => (name.length > SHORT ? `${name.slice(0, SHORT - 1)}…` : name);
  const parse = (text, known) => {
    const votes = new Map();
    const wrong = [];
    text.split("\n").map((line) => line.trim()).filter(Boolean).forEach((line, place) => {
      const [, before, ...numbers] = line.match(LINE) || [];
      const letters = numbers.pop();
      const chapter = numbers.find(Boolean)?.toLowerCase();
      if (!known.includes(chapter)) { wrong.push(line.slice(0, 40)); return; }
      const name = before.replace(/[\s,，:：—–-]+$/, "");
      const who = name.toLowerCase() || `#${place}`;
      votes.set(`${who} ${chapter}`, { name, chapter, letters: letters.toLowerCase().match(/[a-z-]/g) });
    });
    return { votes: [...votes.values()], wrong };
  };

  // How many chose a letter, and who, as far as the lines say.
  const among = (said, letter) => {
    const those = said.filter((one) => one.letter === letter);
    return { count: those.length, names: those.map(({ name }) => short(name)).filter(Boolean).join(", ") };
  };

  // How often two of the group disagree, of all pairs that guessed.
  const division = (said) => {
    const letters = said.map(({ letter }) => letter).filter((letter) => letter !== "-");
    const apart = letters.flatMap((one, i) => letters.slice(i + 1).map((other) => one !== other));
    return apart.length ? apart.filter(Boolean).length / apart.length : 0;
  };

  // One option: how many chose it, and, once the answer is open, what is right.
  const bar = (item, { right, notes }, votes) => {
    const letter = item.textContent.match(/\(([a-z])\)/)[1];
    item.querySelector(".meet-bar")?.remove();
    if (!votes.length) return;
    const { count, names } = among(votes, letter);
    const said = notes.split(" ").filter((one) => one.endsWith(`:${letter}`));
    const marks = [
      ...(right === letter ? [["right", words.right]] : []),
      ...said.map((one) => ["note", words.note(one.split(":")[0])]),
    ].map(([kind, word]) => make("span", { className: `guess-mark guess-mark-${kind} meet-told` }, word));
    const shown = make("span", { className: "meet-bar" },
      make("span", { className: "meet-votes" }, words.votes(count, votes.length)),
      make("span", { className: "meet-names" }, names), ...marks);
    shown.style.setProperty("--share", count / votes.length);
    item.append(shown);
  };

  const draw = (question, votes, divided) => {
    const list = question.querySelector(":scope > ul");
    [...list.children].forEach((item) => bar(item, question.dataset, votes));
    question.querySelectorAll(".meet-silent, .meet-divided").forEach((old) => old.remove());
    const { count, names } = among(votes, "-");
    if (count) list.after(make("p", { className: "meet-silent" }, [words.silent(count), names].filter(Boolean).join(" · ")));
    if (divided) question.querySelector(".guess-place").append(make("span", { className: "meet-divided" }, words.divided));
  };

  // A chapter with votes stands open; its questions are compared.
  const drawChapter = (chapter, votes) => {
    const questions = [...chapter.querySelectorAll(".guess-question")];
    const said = questions.map((_, i) => votes
      .map(({ name, letters }) => ({ name, letter: letters[i] })).filter(({ letter }) => letter));
    const apart = said.map(division);
    const most = Math.max(...apart);
    const differ = Math.min(...apart) < most;
    chapter.querySelector(".meet-fold").open = votes.length > 0;
    questions.forEach((question, i) => draw(question, said[i], differ && apart[i] === most));
  };

  // What the field holds at first: lines from an address, or those of the last time with one's own.
  const first = () => {
    const from = (mark) => (location.hash.startsWith(mark) ? decodeURIComponent(location.hash.slice(mark.length)) : "");
    const [sent, mine, kept] = [from(SHARED), from(MINE), load()];
    const isNew = mine && kept.split("\n").every((line) => line.trim() !== mine);
    return sent || (isNew ? [kept.trimEnd(), mine].filter(Boolean).join("\n") : kept);
  };

  const share = async (text, button) => {
    const address = location.href.split("#")[0] + SHARED + encodeURIComponent(text);
    try { await navigator.clipboard.writeText(address); } catch { location.hash = address.split("#")[1]; }
    button.textContent = words.shared;
    setTimeout(() => { button.textContent = words.share; }, 2000);
  };

  const start = () => {
    const place = document.querySelector(".meet");
    if (!place) return;
    const chapters = [...place.querySelectorAll(".meet-chapter")];
    const numberOf = (chapter) => chapter.querySelector(".guess-question").dataset.number;
    const known = chapters.map(numberOf);
    const field = make("textarea", {
      rows: 5, placeholder: words.example, value: first(), spellcheck: false, autocomplete: "off",
    });
    const told = make("p", { className: "meet-read" });
    told.setAttribute("role", "status");
    const link = make("button", { type: "button" }, words.share);
    const clear = make("button", { type: "button", className: "plain" }, words.clear);
    const buttons = make("p", { className: "meet-buttons" }, link, clear);
    place.prepend(make("label", { className: "meet-label" }, words.label, field), buttons, told);

    const show = () => {
      const { votes, wrong } = parse(field.value, known);
      keep(field.value);
      told.textContent = field.value.trim()
        ? words.read(votes.length) + (wrong.length ? words.wrong(wrong) : "") : words.nobody;
      buttons.hidden = !field.value.trim();
      chapters.forEach((chapter) => {
        const its = votes.filter((vote) => vote.chapter === numberOf(chapter));
        chapter.hidden = votes.length > 0 && !its.length;
        drawChapter(chapter, its);
      });
    };
    // The marks "right" and "note" stay away until the answer's fold is opened.
    place.addEventListener("toggle", ({ target }) => {
      if (target.matches(".guess-answer")) target.closest(".guess-question").classList.toggle("meet-open", target.open);
    }, true);
    field.addEventListener("input", show);
    link.addEventListener("click", () => share(field.value, link));
    clear.addEventListener("click", () => { field.value = ""; show(); field.focus(); });
    show();
  };
  addEventListener("DOMContentLoaded", start);
})();
