"""A guess is asked, kept in the browser, scored, and taken to a group."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

READER = Callable[..., BrowserContext]
MASKS, HEADS = "/chapters/08-masks.html", "/chapters/07-heads.html"


@pytest.fixture(scope="module")
def page(reader: READER) -> Iterator[Page]:
    """A chapter open before one reader, who goes on from test to test."""
    context = reader()
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(MASKS)
    yield page
    page.close()


def question(page: Page, number: int) -> Locator:
    return page.locator(".guess-question").nth(number)


def commit(page: Page, number: int) -> None:
    question(page, number).get_by_role("button", name="Commit").click()


def test_it_asks_and_tells_nothing_before(page: Page) -> None:
    first = question(page, 0)
    assert first.get_by_role("radio").count() == 3
    expect(first.get_by_role("group")).to_contain_text(
        "How often is the next coin right"
    )
    for told in (".guess-answer", ".guess-mark", ".guess-line"):
        expect(page.locator(told).first).to_be_hidden()
    expect(page.locator(".guess-sum")).to_have_text(
        "0 of 2 guesses made. The score opens with the last one."
    )
    expect(first.locator("mjx-container")).to_be_visible()


def test_an_empty_commit_is_refused(page: Page) -> None:
    commit(page, 0)
    assert page.evaluate("document.querySelector('.guess-form :invalid') !== null")
    expect(question(page, 0).locator(".guess-answer")).to_be_hidden()
    assert page.evaluate("localStorage['allyouneed.guesses']") is None


def test_by_keyboard_alone_the_answer_opens_beside_the_notes(page: Page) -> None:
    first = question(page, 0)
    first.get_by_role("radio").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(first.get_by_role("status")).to_have_text(
        "You said b. The answer is c. Note 003 says a."
    )
    expect(first.locator(".guess-answer")).to_have_attribute("open", "")
    assert page.evaluate("document.activeElement.textContent") == "Answer"
    marks = [item.inner_text() for item in first.locator("li").all()]
    assert ["note 003" in marks[0], "you" in marks[1], "right" in marks[2]] == [
        True
    ] * 3
    expect(page.locator(".guess-line")).to_have_count(0)
    assert "1 of 2" in page.locator(".guess-sum").inner_text()


def test_the_last_guess_opens_score_and_line(page: Page) -> None:
    question(page, 1).get_by_role("button", name="Show the answer").click()
    expect(question(page, 1).get_by_role("status")).to_have_text(
        "You did not guess. The answer is b."
    )
    score = page.locator(".guess-score")
    expect(score.locator(".guess-sum")).to_have_text(
        "You: 0 of 2 right. The notes: 0 of 1."
    )
    expect(score.get_by_role("textbox")).to_have_value("ch 8: b -")
    score.get_by_role("button", name="Copy").click()
    expect(score.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "ch 8: b -"


def test_it_is_kept_for_this_page_and_others_and_sent_nowhere(page: Page) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method + request.url))
    page.goto(HEADS)
    question(page, 0).get_by_label("(b) eight").check()
    commit(page, 0)
    expect(page.locator(".bd-links .guess-tick")).to_have_count(2)
    page.goto("/index.html")
    expect(page.locator(".guess-total")).to_have_text(
        "Your guesses so far: 1 of 3 right. The notes: 1 of 2."
    )
    page.goto(MASKS)
    expect(question(page, 0).get_by_role("status")).to_contain_text("You said b.")
    assert not [one for one in sent if not one.startswith("GET") or "?q" in one]


def test_what_was_kept_of_another_question_is_ignored(page: Page) -> None:
    page.evaluate(
        """() => {
          const kept = JSON.parse(localStorage["allyouneed.guesses"]);
          const [first, second] = kept.masks.keys;
          kept.masks.you = {[first]: "z", [second]: "a", "0ld0ne": "b"};
          localStorage["allyouneed.guesses"] = JSON.stringify(kept);
        }"""
    )
    page.reload()
    expect(question(page, 0).get_by_role("radio").first).to_be_enabled()
    expect(question(page, 1).get_by_role("status")).to_contain_text("You said a.")
    question(page, 0).get_by_label("(c) nearly always").check()
    commit(page, 0)
    expect(page.locator(".guess-sum")).to_have_text(
        "You: 1 of 2 right. The notes: 0 of 1."
    )
    page.get_by_role("button", name="Forget").click()
    expect(page.locator(".guess-sum")).to_contain_text("0 of 2 guesses made")


def test_without_a_script_it_is_a_list_and_a_fold(reader: READER) -> None:
    page = reader(java_script_enabled=False).new_page()
    page.goto(MASKS)
    first = question(page, 0)
    expect(first.get_by_text("(b) about six times in ten")).to_be_visible()
    first.get_by_text("Answer", exact=True).click()
    expect(first.get_by_text("Answer: c · note 003: a")).to_be_visible()
    expect(first.get_by_text("The hidden scores still stand")).to_be_visible()
    for role in ("radio", "button"):
        expect(page.locator(".bd-article").get_by_role(role)).to_have_count(0)
    page.goto("/meet.html")
    expect(page.locator(".guess-question")).to_have_count(3)
    page.get_by_text("2 questions").click()
    expect(page.locator("#meet-masks").get_by_text("(c) nearly")).to_be_visible()


@pytest.fixture(scope="module")
def member(reader: READER) -> Iterator[Page]:
    """A chapter open before one of a group, who goes on from test to test."""
    page = reader().new_page()
    page.goto(MASKS)
    yield page
    page.close()


def test_for_a_group_an_answer_waits(member: Page) -> None:
    first = question(member, 0)
    first.get_by_label("answer later").check()
    expect(question(member, 1).get_by_label("answer later")).to_be_checked()
    first.get_by_label("(b) about six").check()
    commit(member, 0)
    for _ in range(2):
        expect(first.get_by_role("status")).to_have_text(
            "You said b. The answer waits."
        )
        expect(first.get_by_role("radio").nth(1)).to_be_checked()
        expect(first.get_by_role("radio").nth(1)).to_be_disabled()
        for told in (".guess-answer", ".guess-mark", ".guess-right", ".guess-end"):
            expect(first.locator(told).locator("visible=true")).to_have_count(0)
        expect(member.locator(".guess-sum")).to_have_text(
            "1 of 2 guesses made. The line for your group comes with the last one."
        )
        member.reload()


def test_its_line_comes_before_its_score(member: Page) -> None:
    question(member, 1).get_by_label("(b) only").check()
    commit(member, 1)
    question(member, 1).get_by_role("link", name="Your line").click()
    score = member.locator(".guess-score")
    expect(score).to_be_in_viewport()
    expect(score.get_by_role("textbox")).to_have_value("ch 8: b b")
    expect(score.locator(".guess-sum")).to_have_text("2 answers wait to be opened.")
    member.goto("/index.html")
    expect(member.locator(".guess-total")).to_be_empty()
    member.goto(HEADS)
    expect(question(member, 0).get_by_label("answer later")).to_be_checked()


def test_what_waits_is_opened_one_by_one_or_all_at_once(member: Page) -> None:
    member.goto(MASKS)
    question(member, 1).get_by_role("button", name="Open the answer").click()
    expect(question(member, 1).get_by_role("status")).to_have_text(
        "You said b. The answer is b."
    )
    expect(question(member, 0).locator(".guess-answer")).to_be_hidden()
    sum_ = member.locator(".guess-sum")
    expect(sum_).to_have_text("You: 1 of 1 right. 1 answer waits to be opened.")
    member.get_by_role("button", name="Open the answers").click()
    expect(sum_).to_have_text("You: 1 of 2 right. The notes: 0 of 1.")
    expect(question(member, 0).locator(".guess-answer")).to_have_attribute("open", "")
    expect(member.get_by_role("button", name="Open the")).to_have_count(0)
    member.reload()
    expect(sum_).to_have_text("You: 1 of 2 right. The notes: 0 of 1.")


def test_the_own_line_goes_to_the_group_without_being_sent(member: Page) -> None:
    sent: list[str] = []
    member.on("request", lambda request: sent.append(request.url))
    field = member.get_by_role("textbox").last
    for before in ("", "Cy, ch 7: a"):
        member.goto("/meet.html")
        field.fill(before)
        for _ in range(2):  # a line that is there already does not come twice
            member.goto(MASKS)
            member.get_by_role("link", name="Take it to Meet").click()
            expect(field).to_have_value(f"{before}\nch 8: b b".strip())
    expect(member.locator("#meet-masks .meet-votes").first).to_have_text("0 of 1")
    assert not [one for one in sent if "b%20b" in one.split("#")[0]]


LINES = """Ann, ch 8: c b
李雷 ch 8：c -
nonsense
bob: chapter 08: A,A,b
Bob, ch 8: b
ch 5: a"""


def test_a_group_sees_its_votes_before_the_answers(reader: READER) -> None:
    page = reader().new_page()
    page.goto("/meet.html")
    page.get_by_role("textbox").last.fill(LINES)
    expect(page.locator(".meet mjx-container")).to_be_visible()
    expect(page.locator(".meet-read")).to_have_text(
        "3 lines read. Not understood: nonsense · ch 5: a"
    )
    first, second = question(page, 1), question(page, 2)
    votes = [bar.inner_text() for bar in first.locator(".meet-votes").all()]
    assert votes == ["0 of 3", "1 of 3", "2 of 3"]
    expect(second.locator(".meet-silent")).to_have_text("without a guess: 1 · 李雷")
    names = [bar.inner_text() for bar in first.locator(".meet-names").all()]
    assert names == ["", "Bob", "Ann, 李雷"]
    expect(page.locator("#meet-heads")).to_be_hidden()
    expect(first.get_by_text("note 003", exact=True)).to_be_hidden()
    first.get_by_text("Answer", exact=True).click()
    expect(first.get_by_text("note 003", exact=True)).to_be_visible()
    link = first.get_by_role("link", name="the answer").get_attribute("href")
    assert link == "chapters/08-masks.html#the-answer"


@pytest.mark.parametrize(
    "line",
    [
        "ch 8: c b",
        "ch8 c b",
        "8: cb",
        "第 8 章：c b",
        "第8章 c，b",
        "10:32 Chapter 8 CB",
    ],
)
def test_a_line_may_be_written_in_several_ways(page: Page, line: str) -> None:
    page.goto("/meet.html")
    field = page.get_by_role("textbox").last
    for name in ("", "小安, "):
        field.fill(name + line)
        expect(page.locator(".meet-read")).to_have_text("1 line read.")
        chosen = page.locator("#meet-masks li").filter(has_text="1 of 1")
        assert [one.inner_text()[:3] for one in chosen.all()] == ["(c)", "(b)"]
    for other in ("8 c b", "ch 8", "ch: c b", "Ann8: c b"):
        field.fill(other)
        expect(page.locator(".meet-read")).to_contain_text(f"Not understood: {other}")


def test_chapters_are_folded_until_there_are_lines(page: Page) -> None:
    page.goto("/meet.html")
    field = page.get_by_role("textbox").last
    field.fill("")
    shown = page.locator(".meet .guess-question").locator("visible=true")
    expect(shown).to_have_count(0)
    expect(page.locator("#meet-masks h2")).to_contain_text("ch 8 · Masks: what may")
    field.fill("a 8: ca\nb 8: cb")
    expect(shown).to_have_count(2)
    expect(shown.nth(0)).to_contain_text("Question 1 of 2 · in its chapter")
    divided = page.get_by_text("the most divided")
    expect(divided).to_have_count(1)
    expect(shown.nth(1)).to_contain_text("the most divided")
    field.fill("a 8: ca\nb 8: bb")  # no one question is
    expect(divided).to_have_count(0)
    shown.nth(1).get_by_role("link", name="in its chapter").click()
    expect(page.locator(":target")).to_contain_text("When is the causal mask needed")
    expect(page.locator(":target")).to_be_in_viewport()


def test_lines_travel_in_the_address(reader: READER) -> None:
    context = reader()
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto("/meet.html")
    page.get_by_role("textbox").last.fill("Ann ch 7: b\n李雷 ch 7: a")
    page.get_by_role("button", name="Copy a link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    address = page.evaluate("navigator.clipboard.readText()")
    other = reader().new_page()
    other.goto(address)
    expect(other.get_by_role("textbox").last).to_have_value("Ann ch 7: b\n李雷 ch 7: a")
    expect(other.locator("#meet-heads .meet-votes").first).to_have_text("1 of 2")
