"""The translator's page as its reader has it: by mouse, by keyboard, by a link."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from urllib.parse import parse_qsl, quote

import axe_playwright_python
import pytest
from layout import beyond
from playwright.sync_api import Page, expect

AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
OPEN = Callable[..., Page]
TOO_BIG = "My bicycle does not fit into the box because it is too big."
HEAD = "encoder.1.attention.3"
HAN, LATIN = re.compile("[\u3400-\u9fff]"), re.compile("[A-Za-z]{4,}")
LONG = "If the cell contains text, an error message is displayed. " * 5
# What stays away for longer than a blink would freeze the page.
WATCHED = """async (text) => {
  const session = new allyouneed.Session(
    document.querySelector(".translator").dataset.weights);
  const view = allyouneed.view.fresh("help-en-zh", text);
  await session.translate({...view, text: "File"});
  let last = performance.now(), gap = 0;
  const timer = setInterval(() => {
    gap = Math.max(gap, performance.now() - last);
    last = performance.now();
  }, 10);
  const start = performance.now();
  const found = await session.translate(view);
  clearInterval(timer);
  return {all: performance.now() - start, gap, words: found.words.length};
}"""


# The page writes its address last of all that it draws.
COUNTED = """{
  const written = history.replaceState;
  window.drawings = 0;
  history.replaceState = function (...all) {
    written.apply(this, all);
    window.drawings += 1;
  };
}"""
# The names of a table of words, and what each word takes in.
NAMED = """function named(table, above = "") {
  return Object.entries(table).flatMap(([key, word]) =>
    typeof word === "object" ? named(word, `${above}${key}.`)
      : [[`${above}${key}`, word.length * (typeof word === "function")]]).sort();
}"""
# What the translator says itself: texts and names, not the pieces of sentences.
SAID = """() => {
  const foreign = "[lang]:not(html), svg, .live-told, .live-spoken, .live-sum strong";
  const own = [...document.querySelectorAll(".translator *")].filter(
    (one) => one.offsetParent && !one.closest(foreign));
  const texts = own.flatMap((one) => [...one.childNodes]
    .filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.data));
  const names = own.flatMap((one) => [one.title, one.ariaLabel, one.ariaValueText]);
  return [...texts, ...names].filter((text) => text?.trim());
}"""


@pytest.fixture(scope="module")
def page(site: Path, open_page: OPEN) -> Iterator[Page]:
    """The page open before one reader, who goes on from test to test."""
    page, faults = open_page(), []
    page.add_init_script(COUNTED)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto((site / "translator.html").as_uri())
    yield page
    assert faults == []
    page.close()


@pytest.fixture(scope="module")
def chinese(site: Path, open_page: OPEN) -> Iterator[Page]:
    """The page of the Chinese edition, open before one reader."""
    page, faults = open_page(), []
    page.add_init_script(COUNTED)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto((site / "zh/translator.html").as_uri())
    yield page
    assert faults == []
    page.close()


@contextmanager
def drawn_anew(page: Page) -> Iterator[None]:
    """Wait at the end until the page has drawn what was asked for within."""
    before = page.evaluate("drawings")
    yield
    page.wait_for_function("before => drawings > before", arg=before)


def test_numbers_come_with_the_first_translation(page: Page) -> None:
    loaded: list[str] = []
    page.on(
        "request", lambda sent: loaded.append(sent.url.partition("live/weights/")[2])
    )
    page.reload()
    expect(page.get_by_label("English sentence")).to_have_value(
        "My bicycle does not fit into the box because it is too small."
    )
    assert not any(loaded)
    page.get_by_role("button", name="Translate", exact=True).click()
    expect(page.locator(".trained .live-translation")).to_have_text(
        "Mein Fahrrad passt nicht in die Kiste, weil sie zu klein ist."
    )
    expect(page.locator(".live-spoken")).to_contain_text("weil sie zu klein ist.")
    expect(page.locator(".live-grid button")).to_have_count(24)
    assert [name for name in loaded if name] == ["grammar-en-de.js"]


def test_other_pages_carry_none_of_it(site: Path) -> None:
    carry = {
        path.relative_to(site).as_posix()
        for path in site.rglob("*.html")
        if "_static/live/" in path.read_text(encoding="utf-8")
    }
    pages = ("index.html", "translator.html")
    assert carry == {*pages, *(f"zh/{name}" for name in pages)}


def test_a_dropped_head_stands_beside_the_whole_by_keyboard(page: Page) -> None:
    box = page.get_by_label("English sentence")
    box.fill(TOO_BIG)
    box.press("Enter")
    expect(page.locator(".trained .live-translation")).to_contain_text(
        "weil es zu groß"
    )
    page.get_by_role("button", name="encoder, layer 2, head 4").press("Enter")
    drop = page.get_by_role("button", name="Take this head out")
    drop.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".changed .live-translation")).to_contain_text(
        "weil sie zu groß"
    )
    expect(page.locator(".trained .live-translation")).to_contain_text(
        "weil es zu groß"
    )
    back = page.get_by_role("button", name="Put this head back")
    expect(back).to_be_focused()
    expect(page).to_have_url(re.compile(f"drop={HEAD}"))
    page.locator(".live-map").focus()
    before = page.locator(".live-sum").inner_text()
    with drawn_anew(page):
        page.keyboard.press("ArrowDown")
    assert page.locator(".live-sum").inner_text() != before
    expect(page.locator(".live-map")).to_be_focused()


def test_the_weight_under_the_pointer_is_worked_out(page: Page) -> None:
    picture = page.locator(".live-map svg").bounding_box()
    page.mouse.move(picture["x"] + picture["width"] - 60, picture["y"] + 200)
    said = page.locator(".live-sum").inner_text()
    for term in ("q·k = ", "√32", "softmax over 15"):
        assert term in said
    page.get_by_label("the division by √d").check()
    expect(page.locator(".live-sum")).to_contain_text("not divided")


def test_a_link_opens_the_same_view_elsewhere(page: Page, open_page: OPEN) -> None:
    link, translation = (
        page.evaluate("location.href"),
        page.locator(".changed .live-translation").inner_text(),
    )
    other = open_page(width=390)
    other.goto(link)
    expect(other.locator(".changed .live-translation")).to_have_text(translation)
    expect(other.get_by_text("encoder, layer 2, head 4 ✕")).to_be_visible()
    expect(other.get_by_label("the division by √d")).to_be_checked()
    assert beyond(other) == []
    other.close()


NONSENSE = [
    "look=decoder.9.attention.0",
    "look=encoder.0.cross_attention.0",
    "look=__proto__&drop=constructor,encoder.1.attention.77,,x",
    "word=-3&from=1e9&beams=NaN&way=beam",
    "word=400&way=magic&seed=Infinity",
    "temperature=99&way=draw&seed=0.5",
    "choose=999999,3,-1",
    "choose=%00,<b>",
    "text=" + quote("<img src=x onerror=alert(1)>"),
    "text=" + "x" * 5000,
]


def test_a_link_with_nonsense_opens_what_makes_sense(page: Page) -> None:
    for nonsense in NONSENSE:
        text = "" if nonsense.startswith("text=") else "text=The+dog+danced.&"
        link = f"model=grammar-en-de&{text}{nonsense}"
        with drawn_anew(page):
            page.evaluate("link => { location.hash = link; }", link)
        assert page.locator(".live-grid button[aria-pressed=true]").count() == 1
    for nothing in ("model=__proto__&text=a", "model=grammar-en-de&text=+", "%", "{}"):
        assert page.evaluate(f"allyouneed.view.read({nothing!r}) === undefined")
    assert page.locator(".translator img").count() == 0
    assert len(page.get_by_label("English sentence").input_value()) <= 300


def test_every_link_of_the_book_says_what_it_shows(page: Page, site: Path) -> None:
    links = {
        unescape(link)
        for folder in ("", "zh/")
        for path in site.glob(f"{folder}chapters/*.html")
        for link in re.findall(
            r'"\.\./translator\.html(#model=[^"]+)"', path.read_text("utf8")
        )
    }
    assert len(links) >= 3
    for link in links:
        again = page.evaluate(
            "link => allyouneed.view.written(allyouneed.view.read(link))", link
        )
        assert sorted(parse_qsl(again[1:])) == sorted(parse_qsl(link[1:]))


def test_another_word_another_search_another_translator(page: Page) -> None:
    page.get_by_label("English to Chinese").check()
    expect(page.locator(".live-grid button")).to_have_count(48)
    expect(page.locator(".trained .live-translation")).to_have_text(
        "点击此按钮打开文件。"
    )
    page.locator(".live-bars button").nth(1).click()
    expect(page.locator(".changed")).to_be_visible()
    expect(page).to_have_url(re.compile("choose="))
    page.get_by_label("beam search").check()
    expect(page.locator(".live-pair tbody tr")).not_to_have_count(0)
    page.get_by_role("button", name="The source looks at itself").click()
    expect(page).to_have_url(re.compile("look=encoder.3.attention.0"))
    expect(page.locator(".live-figure")).to_contain_text("9 × 128")


def test_axe_finds_nothing_wide_and_narrow_light_and_dark(page: Page) -> None:
    for width, scheme in ((1440, "light"), (390, "dark"), (1440, "dark")):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(700)  # the theme fades its colours
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run('.translator', {resultTypes: ['violations']})")
        assert [(v["id"], v["nodes"][0]["html"]) for v in found["violations"]] == []
        assert beyond(page, width) == []


def test_a_slow_processor_translates_and_never_freezes(page: Page) -> None:
    client = page.context.new_cdp_session(page)
    client.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    text = "Click the button to open the file."
    quick = min(page.evaluate(WATCHED, text)["all"] for _ in range(3))
    long = page.evaluate(WATCHED, LONG[:290])
    client.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    assert quick < 1500
    assert long["gap"] < max(300, long["all"] / 4)


def test_what_is_worth_a_try_comes_out_as_it_says(page: Page) -> None:
    """Each try: the words that it promises, and nothing else than what it names."""
    page.goto(page.evaluate("location.href.split('#')[0]"))
    whole, changed = (
        page.locator(f".{kind} .live-translation") for kind in ("trained", "changed")
    )

    def follow(name: str) -> tuple[str, str]:
        with drawn_anew(page):
            page.get_by_role("link", name=name).click()
        expect(page.locator(".live-grid button")).to_have_count(24)
        expect(page.locator(".changed:not(.same)")).to_be_visible()
        expect(page.locator(".live-output")).to_be_in_viewport()
        return whole.inner_text(), changed.inner_text()

    before, after = follow("Take its gender away")
    assert after == before.replace("die Kiste", "den Kiste") != before
    assert "weil sie zu klein" in after
    first = page.evaluate("allyouneed.view.fresh().look")
    assert page.evaluate("allyouneed.view.read(location.hash).look") == first
    expect(page).to_have_url(re.compile(f"drop={first}"))
    before, after = follow("Let it forget the box")
    assert after == before.replace("weil sie", "weil es") != before
    expect(page.locator(".live-told")).to_have_text(re.compile("^it → box "))
    before, after = follow("Take the order away")
    assert before == "Der Hund sieht den Mann."
    box = page.get_by_label("English sentence")
    box.fill("The man sees the dog.")
    with drawn_anew(page):
        box.press("Enter")
    expect(whole).to_have_text("Der Mann sieht den Hund.")
    assert changed.inner_text() == after
    page.get_by_role("button", name="All as trained").click()
    expect(page.locator(".changed")).to_have_count(0)


def test_words_that_it_never_read_are_named(page: Page) -> None:
    box = page.get_by_label("English sentence")
    box.fill("I love my mother and my mother.")
    box.press("Enter")
    expect(page.locator(".live-unread")).to_contain_text("training: mother, and. ")
    expect(page.locator(".live-spoken")).to_contain_text("training: mother, and. ")
    expect(page.locator(".live-lesson")).to_have_count(0)
    box.fill(TOO_BIG)
    box.press("Enter")
    expect(page.locator(".live-lesson")).to_contain_text("das Fahrrad")
    expect(page.locator(".live-unread")).to_have_count(0)


def test_a_switch_says_that_ticked_is_taken_out(page: Page, chinese: Page) -> None:
    for reader, said in ((page, "take out: "), (chinese, "拿掉：")):
        reader.evaluate("location.hash = 'model=grammar-en-de&text=A+dog+sings.'")
        boxes = reader.locator(".live-cut label:has([type=checkbox])")
        expect(boxes).to_have_count(2)
        assert all(words.strip().startswith(said) for words in boxes.all_inner_texts())


def test_the_landing_page_shows_a_head_before_anything_loads(
    site: Path, open_page: OPEN
) -> None:
    page = open_page()
    files: list[str] = []
    page.on("request", lambda sent: files.append(sent.url))
    page.goto((site / "index.html").as_uri())
    expect(page.locator(".live-told")).to_contain_text("sie → too")
    expect(page.locator(".live-card .live-lesson")).to_contain_text("die Kiste")
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        field = page.get_by_label("English sentence")
        assert field.evaluate(
            "one => one.scrollHeight <= one.clientHeight && one.clientHeight < 80"
        )
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("button", name="Fahrrad").hover()
    expect(page.locator(".live-told")).to_contain_text("Fahrrad → bicycle")
    assert not [url for url in files if url.endswith("-de.js")]
    page.get_by_role("button", name=TOO_BIG).click()
    expect(page.locator(".live-card .live-translation")).to_contain_text(
        "weil es zu groß"
    )
    expect(page.locator(".live-card .live-lesson")).to_contain_text("die Kiste")
    page.get_by_label("English sentence").fill("My mother danced.")
    page.get_by_label("English sentence").press("Enter")
    expect(page.locator(".live-card .live-unread")).to_contain_text("mother")
    expect(page.locator(".live-card .live-lesson")).to_have_count(0)
    page.get_by_role("button", name=TOO_BIG).click()
    expect(page.locator(".live-card .live-unread")).to_have_count(0)
    page.get_by_role("link", name="Look inside").click()
    expect(page.locator(".trained .live-translation")).to_contain_text(
        "weil es zu groß"
    )


def test_the_chinese_words_are_those_of_the_english(page: Page, chinese: Page) -> None:
    english = page.evaluate(f"({NAMED})(allyouneed.words)")
    assert chinese.evaluate(f"({NAMED})(allyouneedWords.live)") == english


def test_the_chinese_page_speaks_chinese(chinese: Page) -> None:
    chinese.get_by_label("英文句子").fill(TOO_BIG)
    chinese.get_by_role("button", name="翻译", exact=True).click()
    whole = chinese.locator(".trained .live-translation")
    expect(whole).to_contain_text("weil es zu groß")
    chinese.get_by_role("button", name="编码器第 2 层头 4").click()
    with drawn_anew(chinese):
        chinese.get_by_role("button", name="拿掉这个头").click()
    expect(chinese.locator(".changed .live-translation")).to_contain_text("weil sie")
    for way in ("束搜索", "随机抽"):
        with drawn_anew(chinese):
            chinese.get_by_label(way).check()
        said = chinese.evaluate(SAID)
        assert len(said) > 80
        english = [t for t in said if LATIN.search(t) and not HAN.search(t)]
        assert english == []


def test_the_switch_of_editions_keeps_the_view(chinese: Page) -> None:
    view = chinese.evaluate("location.hash")
    assert f"drop={HEAD}" in view
    chinese.locator("a.edition").click()
    expect(chinese).not_to_have_url(re.compile("/zh/"))
    assert chinese.evaluate("location.hash") == view
    expect(chinese.get_by_text("encoder, layer 2, head 4 ✕")).to_be_visible()


def test_without_scripts_it_says_what_would_be_here(site: Path, new_page: OPEN) -> None:
    page = new_page(java_script_enabled=False)
    page.goto((site / "translator.html").as_uri())
    expect(page.get_by_text("Here would be a form")).to_be_visible()
    expect(page.get_by_text("pretrained.load")).to_be_visible()
    page.close()
