import re
from collections.abc import Iterator

import matplotlib.pyplot as plt
import pytest
from IPython.core.getipython import get_ipython
from IPython.core.interactiveshell import InteractiveShell

from allyouneed.book import Drawing, explore, show, speak, table, verdict
from allyouneed.book.claims import load

PAGE = "06-scaled-attention"
CLAIM = "at-003-self-highest"


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    InteractiveShell.clear_instance()
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


def shown(shell: InteractiveShell, value: object) -> dict[str, str]:
    return dict(shell.display_formatter.format(value)[0])


def card(share: str) -> object:
    claim = load()[CLAIM]
    return verdict(
        claim.id,
        holds=True,
        measured=f"rows of 32 tokens that look at themselves most: **{share}** with "
        "random $W^Q$, $W^K$ (mean of 30 draws, chance **3.1%**), 51% with Q = K = X "
        "in the plane, 100% if all have length 1 (3 seeds)",
    )


def test_a_new_card_is_chinese_with_its_own_numbers(shell: InteractiveShell) -> None:
    speak(PAGE)
    data = shown(shell, card("7.7%"))
    measured = re.search(r'class="measured">(.*?)</span>', data["text/html"], re.DOTALL)
    assert measured is not None
    assert "7.7%" in measured[1]
    assert "种子" in measured[1]
    assert r'<i class="math">\(W^Q\)</i>' in measured[1]
    assert load()[CLAIM].en not in data["text/html"]
    assert data["text/plain"].startswith(CLAIM)  # what notebooks are compared by


def draw(d_k: int = 4) -> Drawing:
    plt.style.use("allyouneed.book")
    figure, axes = plt.subplots()
    axes.set(ylabel="weight", title="without the root")
    return show(figure, alt=f"A curve at {d_k}.")


def test_figures_sliders_and_tables_are_chinese_too(shell: InteractiveShell) -> None:
    speak(PAGE)
    slid = shown(shell, explore(draw, d_k=[4, 16]))["text/html"]
    assert slid.count("无根号</text>") == 2
    assert "权重" in slid
    rows = shown(shell, table(["weight", "x"], [["keys", 3]]))["text/markdown"]
    assert rows.startswith("| 权重 | x |")


def test_without_it_nothing_changes(shell: InteractiveShell) -> None:
    assert "weight" in shown(shell, draw())["text/html"]
    assert "种子" not in shown(shell, card("7.7%"))["text/html"]


@pytest.mark.usefixtures("shell")
def test_what_speak_cannot_do_it_says() -> None:
    with pytest.raises(ValueError, match="page='99-none' has no Chinese"):
        speak("99-none")
    InteractiveShell.clear_instance()
    assert get_ipython() is None
    with pytest.raises(RuntimeError, match="notebook"):
        speak(PAGE)
