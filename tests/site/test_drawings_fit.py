"""Every label of every stored drawing can be read on a telephone."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page
from translated import promised
from weaving import woven

ROOT = Path(__file__).parents[2]
DRAWING = re.compile(r'<div role="img" aria-label="[^"]*" class="ink drawing".*?</div>')
PHONE = 358  # pixels that a page of 390 leaves to a figure
# DejaVu Sans is the widest of the fonts that a page may meet.
STYLE = "body{margin:0;font-family:'DejaVu Sans',sans-serif}.drawing{width:%dpx;%s}"
LOOK = "line-height:1.2;font-variant-numeric:tabular-nums"
# What is wrong: small type, or a label that leaves its panel or its box, or that
# covers another. A line of text is taller than its ink.
PROBLEMS = """(drawing) => [...drawing.querySelectorAll("svg")].flatMap((svg) => {
  const edge = svg.getBoundingClientRect(), found = [];
  const scale = edge.width / svg.viewBox.baseVal.width;
  const texts = [...svg.querySelectorAll("text")].map((node) => {
    const box = node.getBoundingClientRect();
    const size = parseFloat(getComputedStyle(node).fontSize) * scale;
    const slim = (box.height - size * 0.78) / 2;
    return {said: node.textContent, size, left: box.left, right: box.right,
      top: box.top + slim, bottom: box.bottom - slim};
  });
  const boxes = [...svg.querySelectorAll("rect[stroke]")]
    .filter((box) => box.getAttribute("stroke-width") !== "3")
    .map((box) => box.getBoundingClientRect());
  for (const text of texts) {
    if (text.size < 10.99) found.push(`${text.said}: ${text.size.toFixed(1)} px`);
    if (text.left < edge.left - 1 || text.right > edge.right + 1 ||
        text.bottom > edge.bottom + 1) found.push(`${text.said}: leaves its panel`);
    const x = (text.left + text.right) / 2, y = (text.top + text.bottom) / 2;
    for (const box of boxes)
      if (x > box.left && x < box.right && y > box.top && y < box.bottom &&
          (text.left < box.left - 0.5 || text.right > box.right + 0.5))
        found.push(`${text.said}: wider than its box`);
  }
  texts.forEach((a, i) => texts.slice(i + 1).forEach((b) => {
    if (a.left < b.right - 1 && b.left < a.right - 1 &&
        a.top < b.bottom - 1 && b.top < a.bottom - 1)
      found.push(`${a.said} covers ${b.said}`);
  }));
  return found;
})"""


def drawings(notebook: Path) -> list[str]:
    """Every drawing that the notebook stores, each frame of a stepper too."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    found = []
    for cell in cells:
        for output in cell.get("outputs", []):
            html = "".join(output.get("data", {}).get("text/html", ""))
            found += DRAWING.findall(html)
    return found


def problems(page: Page, found: list[str]) -> list[str]:
    style = f"<style>{STYLE % (PHONE, LOOK)}</style>"
    page.set_content(f"<!doctype html>{style}{''.join(found)}")
    return page.locator(".drawing").evaluate_all(
        f"(all) => [...new Set(all.flatMap({PROBLEMS}))]"
    )


@pytest.mark.parametrize(
    "notebook", sorted((ROOT / "chapters").glob("*.ipynb")), ids=lambda path: path.stem
)
def test_labels_fit(notebook: Path, open_page: Callable[..., Page]) -> None:
    assert not problems(open_page(width=390), drawings(notebook))


@pytest.mark.parametrize(
    "page", [page for page in promised(ROOT) if page.startswith("chapters/")]
)
def test_chinese_labels_fit(page: str, open_page: Callable[..., Page]) -> None:
    notebook, _ = woven(ROOT, page, [])
    html = [
        output.get("data", {}).get("text/html", "")
        for cell in notebook.cells
        for output in cell.get("outputs", [])
    ]
    assert not problems(open_page(width=390), DRAWING.findall("".join(html)))


def test_what_does_not_fit_is_found(open_page: Callable[..., Page]) -> None:
    box = (
        '<rect x="10" y="30" width="30" height="20" stroke="currentColor" fill="none"/>'
    )
    texts = (
        '<text x="20" y="20" font-size="14">one</text>'
        '<text x="30" y="22" font-size="14">two</text>'
        '<text x="340" y="80" font-size="14">far away</text>'
        '<text x="0" y="45" font-size="14">too wide</text>'
        '<text x="100" y="99" font-size="9">tiny</text>'
    )
    svg = f'<svg viewBox="0 0 360 100">{box}{texts}</svg>'
    drawing = f'<div role="img" aria-label="x" class="ink drawing">{svg}</div>'
    found = problems(open_page(width=390), [drawing])
    assert found == [
        "far away: leaves its panel",
        "too wide: wider than its box",
        "tiny: 8.9 px",
        "one covers two",
    ]
