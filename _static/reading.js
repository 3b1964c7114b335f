// How a reader reads: guess mode, code shown or folded, folds that open for whoever is sent into them.
(() => {
  "use strict";
  const root = document.documentElement;
  const VOTES = "allyouneed.votes"; // {claim: "true" | "qualified" | "false"}
  const words = {
    colon: ": ", guess: "Guess mode", on: "on", off: "off", code: "Code", show: "shown", hide: "folded",
    help: { guess: "Verdicts and numbers wait until you have voted", code: "Show the code, or fold it" },
    ask: "Does it hold?", votes: { true: "holds", qualified: "with a condition", false: "wrong" },
    verdicts: {
      true: "holds", qualified: "holds with a condition", false: "wrong", opinion: "an opinion", slip: "a slip of the pen",
    },
    same: (vote) => `You said: ${vote}. So does the ledger.`,
    other: (vote, verdict) => `You said: ${vote}. The ledger says: ${verdict}.`,
    ...window.allyouneedWords?.reading,
  };

  const memory = {
    get: (key) => { try { return localStorage.getItem(key); } catch { return null; } },
    set: (key, value) => { try { localStorage.setItem(key, value); } catch { /* for this visit only */ } },
  };
  const make = (tag, attributes = {}, ...children) => {
    const made = Object.assign(document.createElement(tag), attributes);
    made.append(...children);
    return made;
  };

  // Two switches. They take effect before the first paint, so that nothing flashes.
  const switches = {
    guess: { key: "allyouneed.guess-mode", values: ["off", "on"], css: "guess-mode", needs: ".verdict:not(.ask)" },
    code: { key: "allyouneed.code", values: ["show", "hide"], css: "code-folded", needs: "details.code-fold" },
  };
  const turned = (name) => root.classList.contains(switches[name].css);
  Object.values(switches).forEach(({ key, values, css }) => root.classList.toggle(css, memory.get(key) === values[1]));

  const foldCode = () => document.querySelectorAll("details.code-fold")
    .forEach((fold) => { fold.open = !turned("code"); });

  const button = (name) => {
    const { key, values, css } = switches[name];
    const state = make("b");
    const made = make("button", { type: "button", className: "reading-switch", title: words.help[name] }, `${words[name]}${words.colon}`, state);
    const show = () => {
      state.textContent = words[values[+turned(name)]];
      made.setAttribute("aria-pressed", String(turned(name)));
    };
    made.addEventListener("click", () => {
      memory.set(key, values[+root.classList.toggle(css)]);
      foldCode();
      show();
    });
    show();
    return made;
  };

  // In the header where there is room, else below the title.
  const placeSwitches = () => {
    const wanted = Object.keys(switches).filter((name) => document.querySelector(switches[name].needs));
    if (!wanted.length) return;
    const box = make("div", { className: "reading" }, ...wanted.map(button));
    const wide = matchMedia("(min-width: 768px)");
    const place = () => {
      const header = document.querySelector(".article-header-buttons");
      if (wide.matches && header) header.prepend(box);
      else document.querySelector(".bd-article h1")?.after(box);
    };
    wide.addEventListener("change", place);
    place();
  };

  // A card asks: the claim, three buttons, then the rest. The stored output is not touched.
  const votes = () => { try { return JSON.parse(memory.get(VOTES)) || {}; } catch { return {}; } };
  const sentence = (vote, verdict) => (vote === verdict
    ? words.same(words.votes[vote]) : words.other(words.votes[vote], words.verdicts[verdict]));

  const card = (box) => {
    const claim = box.dataset.claim || box.id.replace(/^card-/, "");
    const verdict = Object.keys(words.verdicts).find((name) => box.classList.contains(`verdict-${name}`));
    const fold = box.querySelector(".vote-fold"); // of a card that asks whether guess mode is on or off
    box.classList.toggle("asks", Boolean(fold));
    const told = make("p", { className: "vote-told", tabIndex: -1 });
    told.setAttribute("role", "status");
    const reveal = (vote) => {
      box.classList.add("voted");
      told.textContent = sentence(vote, verdict);
      if (fold) fold.open = true;
    };
    const buttons = Object.entries(words.votes).map(([vote, word]) => {
      const made = make("button", { type: "button" }, word);
      made.addEventListener("click", () => {
        memory.set(VOTES, JSON.stringify({ ...votes(), [claim]: vote }));
        reveal(vote);
        told.focus({ preventScroll: true });
      });
      return made;
    });
    const ask = make("div", { className: "vote" }, make("span", {}, words.ask), ...buttons);
    ask.setAttribute("role", "group");
    ask.setAttribute("aria-label", words.ask);
    box.querySelector(".verdict-claim").after(ask, told);
    const before = votes()[claim];
    if (before in words.votes) reveal(before);
  };

  // Whoever is sent into a fold finds it open, with everything around it.
  const unfold = (target) => {
    let opened = false;
    for (let fold = target?.closest("details"); fold; fold = fold.parentElement.closest("details")) {
      opened ||= !fold.open || fold.hidden;
      fold.hidden = false;
      fold.open = true;
    }
    return opened;
  };
  let sought = null; // until the reader moves on: formulas that are drawn late push it away
  const follow = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!unfold(target)) return;
    target.scrollIntoView();
    sought = target;
  };
  const settle = () => window.MathJax?.startup?.promise?.then(() => sought?.scrollIntoView());
  ["wheel", "touchstart", "keydown", "pointerdown"].forEach((moved) => addEventListener(moved, () => { sought = null; }));

  // From the search into a fold: if the word stands nowhere before it, it opens there.
  const SOUGHT = "allyouneed.sought";
  const handOn = () => document.getElementById("search-results")?.addEventListener("click", () => {
    try { sessionStorage.setItem(SOUGHT, new URLSearchParams(location.search).get("q") || ""); } catch { /* no matter */ }
  });
  const seek = () => {
    let word = "";
    try {
      [word] = (sessionStorage.getItem(SOUGHT) || "").toLowerCase().split(/\s+/);
      sessionStorage.removeItem(SOUGHT);
    } catch { /* no matter */ }
    if (!word || location.hash) return;
    const first = [...document.querySelectorAll(".bd-article :is(h2, h3, p, li, td, pre)")]
      .find((element) => element.textContent.toLowerCase().includes(word));
    if (first?.closest(".more-fold") && unfold(first)) first.scrollIntoView({ block: "center" });
  };

  // On paper everything can be read but code that was folded.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll(".guess-answer, .more-fold, .ledger-fold, .verdict-details, .sd-dropdown")]
      .filter((fold) => !fold.open || fold.hidden).map((fold) => [fold, fold.open, fold.hidden]);
    closed.forEach(([fold]) => Object.assign(fold, { open: true, hidden: false }));
  });
  addEventListener("afterprint", () => {
    closed.forEach(([fold, open, hidden]) => Object.assign(fold, { open, hidden }));
  });

  // A slider and its figure agree, also where the browser filled the form in again.
  const agree = () => document.querySelectorAll(".explore input[type=range]").forEach((slider) => {
    const shown = slider.parentElement.querySelector("output").textContent;
    const chosen = JSON.parse(slider.dataset.labels)[slider.value];
    // Firefox fills in what the output said, too.
    if (chosen !== shown || slider.value !== slider.defaultValue)
      slider.dispatchEvent(new Event("input", { bubbles: true }));
  });

  addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll(".verdict[id^=card-], .verdict.ask").forEach(card);
    foldCode();
    placeSwitches();
    handOn();
    follow();
    seek();
  });
  addEventListener("load", () => { agree(); settle(); });
  addEventListener("pageshow", () => { agree(); setTimeout(agree, 50); });
  addEventListener("hashchange", follow);
})();
