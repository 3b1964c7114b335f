// What the search shows: an article's own sentence round the words, and a way to its section.
document.addEventListener("DOMContentLoaded", () => { // before Sphinx begins to search
  "use strict";
  if (typeof Search === "undefined") return; // Sphinx's, on the page of the search
  const NOT_TEXT = ".headerlink, script, style, svg, math, button, form, .toctree-wrapper, .prompt";
  const BLOCKS = "h2, h3, h4, p, dt, dd, li, td, th, figcaption, pre";
  const PLACES = ".bd-article section section[id], .ledger-row[id], dt[id], .citation[id]";
  const LONGEST = 240; // characters of an excerpt, a third of them before the word

  const squeeze = (text) => text.replace(/\s+/g, " ").trim();
  // A formula in a line stays if it can be read as it is written.
  const plain = (tex) => {
    const bare = tex.replace(/^\\[([]|\\[)\]]$/g, "").replace(/\\(?:text|mathrm|operatorname)\{([^{}]*)\}/g, "$1").replace(/\\times/g, "×");
    return bare.includes("\\") ? "…" : bare.replace(/[{}]/g, "");
  };
  const article = (html) => {
    const found = new DOMParser().parseFromString(html, "text/html").querySelector(".bd-article, [role=main]");
    found?.querySelectorAll(NOT_TEXT).forEach((part) => part.remove());
    found?.querySelectorAll(".math").forEach((formula) => { formula.textContent = plain(formula.textContent.trim()); });
    return found;
  };
  Search.htmlToText = (html, anchor) => {
    const whole = article(html);
    return squeeze(((anchor && whole?.querySelector(anchor)) || whole)?.textContent ?? "");
  };

  // The stem of a word stands at the beginning of its forms: queri in query and queries.
  const pattern = (stem) => {
    const word = stem.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/i$/, "[iy]");
    return new RegExp(/^[\u3400-\u9fff]/.test(stem) ? word : `(?<![\\p{L}\\p{N}])${word}`, "iu");
  };
  const holder = (block) => {
    const term = block.closest("dd")?.previousElementSibling;
    return term?.id ? term : block.closest(PLACES);
  };

  // The block that holds the most of the words: a sentence before a heading, code last.
  const best = (place, patterns) => {
    const blocks = [place, ...place.querySelectorAll(BLOCKS)].filter((block) => !block.querySelector(BLOCKS));
    const worth = (block) => patterns.filter((word) => word.test(block.textContent)).length
      - (block.matches("pre") ? 0.5 : block.matches("h2, h3, h4") ? 0.25 : 0);
    return blocks.map((block) => ({ block, worth: worth(block) })).reduce((a, b) => (b.worth > a.worth ? b : a), { worth: 0 }).block;
  };
  const excerpt = (block, patterns) => {
    const lines = block.matches("pre") ? block.textContent.split("\n") : [block.textContent];
    const text = squeeze(lines.find((line) => patterns.some((word) => word.test(line))) ?? lines[0]);
    const at = Math.min(...patterns.map((word) => text.search(word)).filter((place) => place >= 0));
    const from = text.length > LONGEST && at > LONGEST / 3 ? text.indexOf(" ", at - LONGEST / 3) + 1 || at : 0;
    const start = from > at ? at : from;
    return (start ? "…" : "") + text.slice(start, start + LONGEST) + (start + LONGEST < text.length ? "…" : "");
  };

  const named = (place) => squeeze((place.matches("section") ? place.querySelector("h2, h3, h4") : place.querySelector(".label"))?.textContent ?? "");
  // Sphinx puts the excerpt below the link and has no more to do with either.
  const lead = (link, place) => {
    if (!link || !place?.id || link.hash) return;
    link.hash = place.id;
    const name = named(place);
    if (name) link.append(` › ${name}`);
  };

  Search.makeSearchSummary = (html, stems, anchor) => {
    const whole = article(html);
    const place = (anchor && whole?.querySelector(`[id="${CSS.escape(anchor.slice(1))}"]`)) || whole;
    const patterns = [...stems].map(pattern);
    const below = place?.matches("dt") ? place.nextElementSibling : place;
    const block = below && (best(below, patterns) || (anchor && best(below, [/\S/])));
    const summary = document.createElement("p");
    summary.className = "context";
    if (block) {
      summary.textContent = excerpt(block, place === below ? patterns : [/^/]);
      if (!anchor) queueMicrotask(() => lead(summary.closest("li")?.querySelector("a"), holder(block)));
    }
    return summary;
  };

  // A term of the glossary or a name of the code is called so; its page is not named a second time.
  const search = Search._performSearch;
  Search._performSearch = (...asked) => {
    const { docnames, indexentries } = Search._index;
    const names = Object.fromEntries(Object.entries(indexentries)
      .flatMap(([name, places]) => places.map(([file, id]) => [`${docnames[file]}#${id}`, name])));
    const found = search(...asked).reverse(); // the last is shown first
    const objects = new Set(found.filter((hit) => hit[3]).map((hit) => hit[0] + hit[2]));
    const terms = new Set(found.filter((hit) => hit[2].startsWith("#term-")).map((hit) => hit[0]));
    return found
      .filter(([page, , anchor, object]) => object || (anchor ? !objects.has(page + anchor) : !terms.has(page)))
      .map(([page, title, anchor, ...rest]) => {
        const name = anchor && !rest[0] && names[page + anchor];
        return [page, name ? `${title.split(/[:：]/)[0]} › ${name}` : title, anchor, ...rest];
      }).reverse();
  };
});
