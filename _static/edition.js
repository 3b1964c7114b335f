// The switch between the editions leads to the section that is being read, or to the view of the translator: both
// editions call it the same.
(() => {
  "use strict";
  const MARGIN = 120; // pixels: below the theme's header

  const section = () => [...document.querySelectorAll(".bd-article section[id]")]
    .filter((one) => one.firstElementChild && one.firstElementChild.getBoundingClientRect().top < MARGIN).pop();

  const aim = ({ currentTarget: link }) => {
    const here = document.scrollingElement.scrollTop < MARGIN ? null : section();
    link.hash = location.hash.startsWith("#model=") ? location.hash : here ? here.id : "";
  };

  addEventListener("DOMContentLoaded", () => {
    const page = location.pathname.split("/").pop() || "index.html";
    document.querySelectorAll("a.edition").forEach((link) => {
      if (link.pathname.split("/").pop() !== page) return; // to the landing page, in lack of this one
      ["click", "auxclick", "focus", "pointerenter"].forEach((moved) => link.addEventListener(moved, aim));
    });
  });
})();
