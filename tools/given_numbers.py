"""The numbers that a chapter gives: in outputs, code, formulas, settings it reads."""

import ast
import json
import operator
import re
from collections.abc import Iterator
from functools import cache
from html import unescape
from typing import Any

from chapter import ROOT
from nbformat import NotebookNode

RECORDS = ROOT / "src/allyouneed/records"
ANY = re.compile(r"\d+(?:(?:[_,]|\{,\})\d{3})*(?:\.\d+)?(?:e[-−+]?\d+)?", re.I)
OPERATORS: dict[type, Any] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


def values(text: str) -> set[float]:
    """Every number in a text."""
    found = (re.sub(r"[_,{}]", "", number) for number in ANY.findall(text))
    return {float(number.replace("−", "-")) for number in found}


def said(output: NotebookNode) -> str:
    """An output's text, and the words for its drawings instead of their strokes."""
    if output.output_type == "stream":
        return str(output.text)
    data = output.get("data", {})
    html = data.get("text/html", "")
    words = re.findall(r'aria-label="([^"]*)"', html)
    html = re.sub(r"<(svg|script|style)\b.*?</\1>", " ", html, flags=re.S)
    html = re.sub(r"<[^>]*>", " ", html)
    markdown = re.sub(r"<[^>]*>", " ", data.get("text/markdown", ""))
    return unescape(" ".join([data.get("text/plain", ""), markdown, html, *words]))


def computed(node: ast.AST) -> float | None:
    """The value of an expression that is made of numbers alone, else None."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return float(node.value)
    if isinstance(node, ast.BinOp):
        left, right = computed(node.left), computed(node.right)
        try:
            return float(OPERATORS[type(node.op)](left, right))
        except (KeyError, TypeError, ArithmeticError):
            return None
    return None


@cache
def settings(name: str) -> set[float]:
    """The numbers in the configurations of the records of this name."""
    lines = (RECORDS / f"{name}.jsonl").read_text(encoding="utf-8").split("\n")
    configs = (json.loads(line).get("config", {}) for line in lines if line)
    return values("\n".join({json.dumps(config) for config in configs}))


def written(source: str) -> Iterator[float]:
    """The numbers of a cell's code, what it makes of them, the settings it reads."""
    tree = ast.parse(re.sub(r"(?m)^(\s*)[%!].*", r"\1...", source))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from values(node.value)
            if node.value in {path.stem for path in RECORDS.glob("*.jsonl")}:
                yield from settings(node.value)
        elif (value := computed(node)) is not None:
            yield value


def given(notebook: NotebookNode, quoted: str) -> set[float]:
    """Every number that the chapter computes, sets, reads as a setting, or quotes."""
    found = values(quoted)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            found.update(written(cell.source))
            found.update(*(values(said(output)) for output in cell.outputs))
        else:
            for formula in re.findall(r"\$[^$]*\$|`[^`]*`", cell.source):
                found |= values(formula)
    return found
