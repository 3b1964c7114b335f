// The filter above the ledger. Without it every claim is shown; on other pages it does nothing.
(() => {
  "use strict";
  const words = {
    title: "Filter the claims", chapter: "Chapter", note: "Note", verdict: "Verdict", decided: "Decided",
    text: "Words", all: "all", reset: "Show all", shown: (n, all) => (n ? `${n} of ${all} claims` : "No claim fits. Loosen a choice, or show all."),
    verdicts: { true: "holds", qualified: "holds with a condition", false: "wrong", opinion: "opinion", slip: "a slip of the pen" },
    bases: { tested: "by an experiment", derivation: "by a derivation", source: "by a source", waiting: "not yet", untestable: "cannot be" },
    ...window.allyouneedWords?.ledger,
  };

  const element = (name, attributes, ...children) => {
    const made = Object.assign(document.createElement(name), attributes);
    made.append(...children);
    return made;
  };

  const choice = (name, options) => element("label", {}, `${words[name]} `, element(
    "select", { name },
    element("option", { value: "", textContent: words.all }),
    ...options.map(([value, textContent]) => element("option", { value, textContent })),
  ));

  const start = () => {
    const sections = [...document.querySelectorAll("section.ledger-chapter")];
    if (!sections.length) return;
    const rows = sections.flatMap((section) => [...section.querySelectorAll(".ledger-row")].map(
      (row) => ({ row, section, text: row.textContent.toLowerCase() }),
    ));
    const has = (row, mark) => row.classList.contains(`ledger-is-${mark}`);
    const notes = [...new Set(rows.flatMap(({ row }) => [...row.classList])
      .map((mark) => mark.match(/^ledger-is-note-(\d+)$/)?.[1]).filter(Boolean))].sort();
    const found = (table) => Object.entries(table).filter(([mark]) => rows.some(({ row }) => has(row, mark)));
    const heading = (section) => [...section.querySelector("h2, h3").childNodes]
      .filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.data).join("").trim();

    const count = element("output", { className: "ledger-shown" });
    count.setAttribute("aria-live", "polite");
    const fields = element(
      "div", { className: "ledger-fields" },
      choice("chapter", sections.map((section) => [section.id, heading(section)])),
      choice("note", notes.map((note) => [note, note])),
      choice("verdict", found(words.verdicts)),
      choice("decided", found(words.bases)),
      element("label", {}, `${words.text} `, element("input", { type: "search", name: "text", autocomplete: "off" })),
      element("button", { type: "reset", textContent: words.reset }),
    );
    const fold = element("details", { className: "ledger-choices" }, element("summary", { textContent: words.title }), fields);
    const form = element("form", { className: "ledger-filter" }, fold);
    form.setAttribute("role", "search");
    form.setAttribute("aria-label", words.title);

    const chapters = document.querySelectorAll(".ledger-fold");
    let opened = false;
    const filter = () => {
      const { chapter, note, verdict, decided, text } = Object.fromEntries(new FormData(form));
      const wanted = text.toLowerCase().split(/\s+/);
      const chosen = Boolean(chapter || note || verdict || decided || text);
      let shown = 0;
      sections.forEach((section) => { section.hidden = true; });
      rows.forEach(({ row, section, text: content }) => {
        const fits = (!chapter || section.id === chapter) && (!note || has(row, `note-${note}`))
          && (!verdict || has(row, verdict)) && (!decided || has(row, decided))
          && wanted.every((word) => content.includes(word));
        row.hidden = !fits;
        if (fits) { section.hidden = false; shown += 1; }
      });
      count.textContent = words.shown(shown, rows.length);
      // What is found stands open; with no choice left, what the filter opened closes again.
      if (chosen !== opened) {
        opened = chosen;
        chapters.forEach((one) => { one.open = chosen; });
      }
    };

    // On a phone the choices are folded until they are wanted.
    const wide = matchMedia("(min-width: 768px)");
    const room = () => {
      fold.open = wide.matches || opened;
      (wide.matches ? fields : form).append(count);
    };

    // What is chosen stands in the address, so that it can be sent to somebody.
    const NAMES = ["chapter", "note", "verdict", "decided", "text"];
    const write = () => {
      const chosen = [...new FormData(form)].filter(([, value]) => value);
      const query = chosen.length ? `?${new URLSearchParams(chosen)}` : location.pathname;
      try { history.replaceState(null, "", query + location.hash); } catch { /* not from every disk */ }
    };
    const read = () => {
      const asked = new URLSearchParams(location.search);
      NAMES.filter((name) => asked.has(name)).forEach((name) => {
        const field = form.elements[name];
        field.value = asked.get(name);
        if (field.selectedIndex === -1) field.value = ""; // no such choice
      });
    };

    // A link to one claim must find it, whatever is filtered.
    const follow = () => {
      const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
      const section = target?.closest(".ledger-chapter");
      if (!section) return;
      if (target.closest("[hidden]")) { form.reset(); filter(); write(); }
      section.querySelector(".ledger-fold").open = true;
      target.scrollIntoView();
    };

    form.addEventListener("input", () => { filter(); write(); });
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(() => { filter(); write(); }));
    addEventListener("hashchange", follow);
    sections[0].before(form);
    read();
    filter();
    room();
    wide.addEventListener("change", room);
    follow();
  };

  if (document.readyState === "loading") addEventListener("DOMContentLoaded", start);
  else start();
})();
