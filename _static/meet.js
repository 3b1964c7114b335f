// The page Meet: a group pastes its lines, and sees the spread of votes before the answers.
(() => {
  "use strict";
  const KEPT = "allyouneed.meet";
  const SHARED = "#lines="; // the part of an address that no server is told
  const words = {
    label: "Paste everybody's line, as the chapters give it. You may write a name before it.",
    example: "Ann, ch 7: c b a\nch 7: a b b",
    nobody: "No line yet: below are the questions of all chapters.",
    read: (n) => `${n === 1 ? "1 line" : `${n} lines`} read.`,
    wrong: (lines) => ` Not understood: ${lines.join(" · ")}`,
    votes: (n, all) => `${n} of ${all}`, right: "right", note: (note) => `note ${note}`,
    silent: (n) => `without a guess: ${n}`,
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

  // "Ann, ch 7: c b a" gives who, the chapter and the letters; the last line of a name counts.
  const LINE = /^(.*?)\bch(?:apter)?\.?\s*0*([\w-]+)\s*[:：]\s*([a-z-](?:[\s,，、]*[a-z-])*)\s*$/i;
  const parse = (text) => {
    const votes = new Map();
    const wrong = [];
    text.split("\n").map((line) => line.trim()).filter(Boolean).forEach((line, place) => {
      const [, name, number, letters] = line.match(LINE) || [];
      if (!number) { wrong.push(line.slice(0, 40)); return; }
      const who = name.replace(/[\s,，:：—–-]+$/, "").toLowerCase() || `#${place}`;
      const chapter = number.toLowerCase();
      votes.set(`${who} ${chapter}`, { chapter, letters: letters.toLowerCase().match(/[a-z-]/g) });
    });
    return { votes: [...votes.values()], wrong };
  };

  // One option: how many chose it, and, once the answer is open, what is right.
  const bar = (item, { right, notes }, letters) => {
    const letter = item.textContent.match(/\(([a-z])\)/)[1];
    item.querySelector(".meet-bar")?.remove();
    if (!letters.length) return;
    const count = letters.filter((one) => one === letter).length;
    const said = notes.split(" ").filter((one) => one.endsWith(`:${letter}`));
    const marks = [
      ...(right === letter ? [["right", words.right]] : []),
      ...said.map((one) => ["note", words.note(one.split(":")[0])]),
    ].map(([kind, word]) => make("span", { className: `guess-mark guess-mark-${kind} meet-told` }, word));
    const shown = make("span", { className: "meet-bar" },
      make("span", { className: "meet-votes" }, words.votes(count, letters.length)), ...marks);
    shown.style.setProperty("--share", count / letters.length);
    item.append(shown);
  };

  const draw = (question, letters) => {
    const list = question.querySelector(":scope > ul");
    [...list.children].forEach((item) => bar(item, question.dataset, letters));
    question.querySelector(".meet-silent")?.remove();
    const silent = letters.filter((one) => one === "-").length;
    if (silent) list.after(make("p", { className: "meet-silent" }, words.silent(silent)));
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
    const sent = location.hash.startsWith(SHARED) && decodeURIComponent(location.hash.slice(SHARED.length));
    const chapters = [...place.querySelectorAll(".meet-chapter")];
    const field = make("textarea", {
      rows: 5, placeholder: words.example, value: sent || load(), spellcheck: false, autocomplete: "off",
    });
    const told = make("p", { className: "meet-read" });
    told.setAttribute("role", "status");
    const link = make("button", { type: "button" }, words.share);
    const clear = make("button", { type: "button", className: "plain" }, words.clear);
    const buttons = make("p", { className: "meet-buttons" }, link, clear);
    place.prepend(make("label", { className: "meet-label" }, words.label, field), buttons, told);

    const show = () => {
      const { votes, wrong } = parse(field.value);
      keep(field.value);
      told.textContent = field.value.trim()
        ? words.read(votes.length) + (wrong.length ? words.wrong(wrong) : "") : words.nobody;
      buttons.hidden = !field.value.trim();
      chapters.forEach((chapter) => {
        const questions = [...chapter.querySelectorAll(".guess-question")];
        const mine = votes.filter((vote) => vote.chapter === questions[0].dataset.number);
        chapter.hidden = votes.length > 0 && !mine.length;
        questions.forEach((question, i) => draw(question, mine.map(({ letters }) => letters[i]).filter(Boolean)));
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
