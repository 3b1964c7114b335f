/* What the theme leaves out for those who read by keyboard or by ear. */
const BOXES = ".math, mjx-container[display=true], pre, .cell_output .output, .explore-stage";

function reach() {
  mark();
  setTimeout(mark, 400); // the theme answers late and may take the focus away again
}

function mark() {
  document.querySelectorAll(BOXES).forEach((box) => {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  });
}

window.addEventListener("load", () => {
  // The title above the search field stands in no landmark on wide screens.
  const title = document.querySelector(".sidebar-primary-items__start .navbar-brand");
  if (title) title.parentElement.setAttribute("role", "banner");
  // An empty header is no landmark; the theme measures it whenever the page changes.
  const header = document.getElementById("pst-header");
  if (header && !header.children.length) header.setAttribute("role", "none");
  // A chapter's unfolding arrow says whose sections it unfolds.
  document.querySelectorAll(".bd-links summary").forEach((arrow) => {
    const chapter = arrow.closest("li").querySelector("a").textContent.trim();
    const words = window.allyouneedWords?.reach || { sections: (name) => `Sections of ${name}` };
    arrow.setAttribute("aria-label", words.sections(chapter));
  });
  // Sphinx writes the parameters of a long signature as definitions without a term.
  document.querySelectorAll("dt.sig dl, dt.sig dd").forEach((element) => {
    const line = document.createElement("span");
    line.className = "sig-line";
    line.append(...element.childNodes);
    element.replaceWith(line);
  });
  // A list of works is a list: docutils gives its items a role that no list may hold.
  document.querySelectorAll("[role=list] > [role=doc-biblioentry]")
    .forEach((item) => item.setAttribute("role", "listitem"));
  // What scrolls sideways on a narrow screen must scroll by keyboard too.
  reach();
  window.addEventListener("resize", reach);
  const sizes = new ResizeObserver(mark);
  document.querySelectorAll(BOXES).forEach((box) => sizes.observe(box));
  if (window.MathJax?.startup?.promise) MathJax.startup.promise.then(reach);
});
