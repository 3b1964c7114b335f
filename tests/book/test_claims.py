"""The ledger of claims: complete, in step with the notebooks, and whole on its page."""

import hashlib
import importlib
import json
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from allyouneed.book import claims

ROOT = Path(__file__).parents[2]
CLAIMS = ROOT / "src/allyouneed/claims.toml"
CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))
EXPECTED = Counter(true=170, qualified=170, false=70, opinion=11)
ALL_IDS = "c954c46e486dbb8cf9e26c6e6f1d9f592e001135cc6bbce49f65b757457b43d8"
TRUE, WRONG = "at-003-formula", "at-003-self-highest"


@pytest.fixture(scope="module")
def ledger() -> ModuleType:
    return importlib.import_module("ledger")


@pytest.fixture(scope="module")
def entries() -> ModuleType:
    return importlib.import_module("entries")


@pytest.fixture(autouse=True)
def forgiving(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALLYOUNEED_STRICT", raising=False)


def chapter_numbers() -> dict[str, int | None]:
    """Number by slug; a page of practice or an appendix has none."""
    chapters = tomllib.loads(CLAIMS.read_text(encoding="utf-8"))["chapter"]
    return {chapter["slug"]: chapter.get("number") for chapter in chapters}


# The claims ---------------------------------------------------------------------------


def test_no_claim_of_the_notes_is_lost() -> None:
    written = re.findall('^id = "(.*)"$', CLAIMS.read_text(encoding="utf-8"), re.M)
    assert len(written) == len(claims.load()) == 421
    listed = "\n".join(sorted(written)).encode()
    assert hashlib.sha256(listed).hexdigest() == ALL_IDS


def test_every_field_says_something_known() -> None:
    for claim in claims.load().values():
        assert claim.note in {"000", "001", "002", "003", "004"}, claim.id
        assert claim.id.split("-")[1] == claim.note
        assert claim.verdict in claims.WORDS, claim.id
        assert claim.chapter in chapter_numbers(), claim.id
        assert claim.how in {
            "experiment",
            "recorded",
            "derivation",
            "source",
            "planned",
        }, claim.id
        assert min(len(claim.en), len(claim.zh), len(claim.why)) > 2, claim.id


def test_every_experiment_says_in_a_line_how_far_its_verdict_goes() -> None:
    tried = [claim for claim in claims.load().values() if claim.how == "experiment"]
    assert [claim.id for claim in tried if not claim.limits] == []
    assert [
        c.id for c in tried if len(c.limits.split()) > 32 or c.limits[-1] != "."
    ] == []
    said = Counter(claim.limits for claim in tried)
    assert [limits for limits, times in said.items() if times > 1] == []


def test_a_verdict_changes_only_with_what_speaks_against_it() -> None:
    counts = Counter(claim.verdict for claim in claims.load().values())
    changed = sum((EXPECTED - counts).values()) - counts["slip"]
    assert changed <= sum(bool(claim.contradicts) for claim in claims.load().values())


# The notebooks ------------------------------------------------------------------------


def test_notebooks_and_ledger_agree_on_what_is_tested(ledger: ModuleType) -> None:
    numbers = chapter_numbers()
    shown = [
        (name, int(path.name[:2]) if path.name[0].isdecimal() else None)
        for path in CHAPTERS
        for name, _ in ledger.cards("", path)
    ]
    due = {
        (claim.id, numbers[claim.chapter])
        for claim in claims.load().values()
        if claim.how in claims.TESTED
    }
    assert not [name for name, times in Counter(shown).items() if times > 1]
    assert not due - set(shown), "experiments without a card"
    assert not set(shown) - due, "cards in a chapter that is not the claim's"


def test_stored_cards_show_the_ledger_as_it_is(ledger: ModuleType) -> None:
    for path in CHAPTERS:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        outputs = [output for cell in cells for output in cell.get("outputs", [])]
        shown = ["".join(o.get("data", {}).get("text/html", "")) for o in outputs]
        for name, stored in ledger.cards("", path):
            card = claims.verdict(
                name, holds=True, measured=stored.measured, details=stored.details
            )
            assert card.html() in "".join(shown), f"{name}: run {path.name} again"


def test_a_slip_of_one_character_is_quoted_with_it() -> None:
    pointed = re.compile(r"U\+([0-9A-F]{4})")
    found = {c.id: (pointed.search(c.why), c.zh) for c in claims.load().values()}
    named = {name: (chr(int(u[1], 16)), zh) for name, (u, zh) in found.items() if u}
    assert named
    assert not [name for name, (character, zh) in named.items() if character not in zh]


# The cards ----------------------------------------------------------------------------


def test_a_card_shows_claim_verdict_number_reason_and_link() -> None:
    card = claims.verdict(WRONG, holds=True, measured="itself in 1 of 10")
    html, claim = card.html(), claims.load()[WRONG]
    assert '<div class="verdict verdict-false" id="card-at-003-self-highest">' in html
    assert '<strong class="verdict-word">wrong</strong>' in html
    assert '<span class="measured">itself in 1 of 10</span>' in html
    assert f'<q lang="zh">{claim.zh}</q>' in html
    assert claims.typeset(claim.why) in html
    assert 'href="../ledger.html#at-003-self-highest"' in html
    assert "differently" not in html


def test_a_card_that_differs_says_so() -> None:
    card = claims.verdict(TRUE, holds=False, measured="off by 0.3")
    assert "On this run it came out differently:" in card.html()
    assert card._repr_mimebundle_()["text/plain"].endswith("(differs on this run)")


def test_the_plain_card_holds_no_number() -> None:
    bundle = claims.verdict(TRUE, holds=True, measured="1e-7")._repr_mimebundle_()
    assert bundle["text/plain"] == "at-003-formula: holds"


def test_a_card_escapes_what_it_is_given() -> None:
    words = "<script>&"
    claim = claims.Claim(
        id="x", note="000", chapter="x", verdict="true", how="experiment",
        en=words, zh=words, why=words,
    )  # fmt: skip
    html = claims.Card(claim=claim, holds=True, measured=words).html()
    assert html.count("&lt;script&gt;&amp;") == 4
    assert "<script>" not in html


NUMBERS = "**95%** of **5** coins, not **all**: 2**3 & 3**2"


def test_a_single_character_is_bold_alone() -> None:
    card = claims.verdict(TRUE, holds=True, measured="**1** of **77**")
    assert "<strong>1</strong> of <strong>77</strong>" in card.html()


def test_the_numbers_that_decide_are_bold_and_the_others_folded() -> None:
    card = claims.verdict(TRUE, holds=True, measured=NUMBERS, details="a < 1\n**b**")
    bold = "<strong>95%</strong> of <strong>5</strong> coins, not <strong>all</strong>"
    assert f'<span class="measured">{bold}: 2**3 &amp; 3**2</span>' in card.html()
    folded = card.html().split('<details class="verdict-details">')[1]
    assert folded.startswith("<summary>All numbers</summary>")
    assert '<span class="measured">a &lt; 1<br><strong>b</strong></span>' in folded
    assert "details" not in claims.verdict(TRUE, holds=True, measured="1").html()


def test_tex_between_dollars_is_a_formula_and_a_lone_dollar_none() -> None:
    claim = claims.Claim(
        id="x", note="000", chapter="x", verdict="true", how="experiment",
        en="$d_k < 8$ costs $5", zh="除以 $d_k$", why=r"the pattern ^a\$?$ or $a$$b$",
    )  # fmt: skip
    html = claims.Card(claim=claim, holds=True, measured="1").html()
    assert r'<strong><span class="math">\(d_k &lt; 8\)</span> costs $5</strong>' in html
    assert r'<q lang="zh">除以 <span class="math">\(d_k\)</span></q>' in html
    assert html.count("math") == 4
    assert r"^a\$?$ or" in html
    assert claims.quotation("$x$") == r'<q><span class="math">\(x\)</span></q>'


def test_strict_mode_stops_at_what_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLYOUNEED_STRICT", "1")
    claims.verdict(TRUE, holds=True, measured="fine")
    with pytest.raises(AssertionError, match=r"at-003-formula.*off by 0\.3"):
        claims.verdict(TRUE, holds=False, measured="off by 0.3")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (("at-003-formla", "1"), "did you mean at-003-formula"),
        (("nothing like it", "1"), "see claims.toml"),
        ((TRUE, "  "), r"measured='  '.*say what was measured"),
        (("at-003-k-typo-v", "1"), "decided by 'derivation'"),
    ],
)
def test_a_card_that_cannot_be_made_says_why(
    call: tuple[str, str], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        claims.verdict(call[0], holds=True, measured=call[1])


# The page -----------------------------------------------------------------------------

Build = Callable[[str], str]


def notebook(*cards: claims.Card) -> str:
    cells: list[dict[str, object]] = [
        {"cell_type": "markdown", "metadata": {}, "source": "# A chapter"}
    ]
    for number, card in enumerate(cards, 1):
        data = card._repr_mimebundle_()
        output = {"output_type": "display_data", "metadata": {}, "data": data}
        cells.append(
            {
                "cell_type": "code",
                "metadata": {},
                "execution_count": number,
                "source": "verdict(...)",
                "outputs": [output],
            }
        )
    metadata = {"language_info": {"name": "python", "pygments_lexer": "python3"}}
    book = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 4}
    return json.dumps(book)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = tmp_path_factory.mktemp("book")
    (source / "src/allyouneed/records").mkdir(parents=True)
    (source / "chapters").mkdir()
    (source / "src/allyouneed/claims.toml").write_bytes(CLAIMS.read_bytes())
    (source / "ledger.md").write_bytes((ROOT / "ledger.md").read_bytes())
    (source / "conf.py").write_text(
        f"import sys\nsys.path.insert(0, {str(ROOT / '_ext')!r})\n"
        "extensions = ['myst_nb', 'ledger']\nhtml_theme = 'basic'\n"
        "nb_execution_mode = 'off'\nexclude_patterns = ['out']\n"
    )
    (source / "index.md").write_text(
        "# Home\n\n```{ledger-score}\n```\n\n"
        "```{toctree}\n:glob:\n\nledger\nchapters/*\n```\n"
    )
    (source / "chapters/05-a.ipynb").write_text(
        notebook(claims.verdict(TRUE, holds=True, measured="**difference** < 1e-7"))
    )
    attack = source / "src/allyouneed/records/attack.jsonl"
    code = hashlib.sha256(b"verdict(...)").hexdigest()[:12]
    attack.write_text(
        "".join(
            json.dumps(
                {
                    "config": {"code": code},
                    "metrics": {"cards": [{"id": TRUE, "held": held}]},
                }
            )
            + "\n"
            for held in (True, False, True)
        )
    )
    return source


@pytest.fixture(scope="module")
def build(book: Path) -> Build:
    def run(builder: str) -> str:
        command = [sys.executable, "-m", "sphinx", "-W", "-n", "-b", builder]
        done = subprocess.run(
            [*command, str(book), str(book / "out" / builder)],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        name = "index" if builder == "singlehtml" else "ledger"
        return (book / "out" / builder / f"{name}.html").read_text(encoding="utf-8")

    return run


def test_what_a_card_stores_is_read_as_it_was_written(
    ledger: ModuleType, tmp_path: Path
) -> None:
    told = "$W^O$ moves **1 < 2**\n3"
    card = claims.verdict(TRUE, holds=True, measured=NUMBERS, details=told)
    assert r'<i class="math">\(W^O\)</i> moves' in card.html()
    path = tmp_path / "01-a.ipynb"
    path.write_text(notebook(card))
    ((name, stored),) = ledger.cards("", path)
    assert (name, stored.measured, stored.details) == (TRUE, NUMBERS, told)


def test_formulas_of_a_claim_are_formulas_of_its_row(entries: ModuleType) -> None:
    words = entries.pieces("$d_k$ grows, so do $q k$")
    assert [type(node).__name__ for node in words] == ["math", "Text", "math"]
    assert words[0].astext() == "d_k"


def row(page: str, name: str) -> str:
    return page.split(f'id="{name}"')[1].split("</li>")[0]


def test_the_page_lists_every_claim_and_what_was_measured(build: Build) -> None:
    page = build("html")
    assert len(re.findall('<li class="ledger-row ', page)) == 421
    assert len(set(re.findall('<li class="ledger-row [^>]*id="([^"]*)"', page))) == 421
    verdicts = Counter(claim.verdict for claim in claims.load().values())
    assert f"{verdicts['qualified']} hold with a condition" in page
    assert "1 decided by an experiment here" in page
    assert "<strong>difference</strong> &lt; 1e-7" in row(page, TRUE)
    assert "held in 2 of 3 with other seeds" in row(page, TRUE)
    limited = next(claim for claim in claims.load().values() if claim.limits)
    assert "How far it goes: " in row(page, limited.id)
    assert "are slips of the pen, counted apart" in page
    assert 'href="chapters/05-a.html#card-at-003-formula"' in row(page, TRUE)
    assert '<span lang="zh">' in row(page, WRONG)
    assert "waiting for its chapter" in row(page, WRONG)


def test_the_page_follows_its_notebooks(build: Build, book: Path) -> None:
    build("html")
    added = book / "chapters/06-b.ipynb"
    added.write_text(notebook(claims.verdict(WRONG, holds=True, measured="9 of 10")))
    assert "9 of 10" in row(build("html"), WRONG)
    added.write_text(notebook(claims.verdict(WRONG, holds=False, measured="2 of 10")))
    assert "differs on the stored run: " in row(build("html"), WRONG)
    added.unlink()
    page = build("html")
    assert "waiting for its chapter" in row(page, WRONG)
    assert "1 decided by an experiment here" in page


def test_on_a_single_page_rows_and_cards_point_at_each_other(build: Build) -> None:
    page = build("singlehtml")
    assert 'href="index.html#card-at-003-formula"' in row(page, TRUE)
    assert 'href="#at-003-formula"' in page
    assert "verdict-claim" in page
    assert "../ledger.html" not in page


def test_page_and_cards_use_the_same_words(entries: ModuleType) -> None:
    assert (entries.FORMULA, entries.BOLD) == (claims.FORMULA, claims.BOLD)
    assert {kind: one for kind, (one, _) in entries.VERDICTS.items()} == claims.WORDS
