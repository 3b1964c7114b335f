"""The built site in a real browser with its network cut."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

ROOT = Path(__file__).parents[2]
expect.set_options(timeout=30_000)  # milliseconds: a busy machine is not a failure


@pytest.fixture(scope="session")
def site() -> Path:
    """Folder of the built site; built here unless `make book` has been."""
    folder = ROOT / "_build/html"
    if not (folder / "index.html").exists():
        command = [Path(sys.executable).with_name("jupyter-book"), "build", ".", "-q"]
        subprocess.run([*command, "-W", "--keep-going", "-n"], cwd=ROOT, check=True)
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium: an installed one, or the one that tools/browser.sh installs."""
    found = subprocess.run(
        [ROOT / "tools/browser.sh"], capture_output=True, text=True, check=False
    )
    if found.returncode:
        pytest.fail(found.stderr.strip() or "tools/browser.sh found no browser")
    with sync_playwright() as playwright:
        path = found.stdout.split("\n")[0]
        browser = playwright.chromium.launch(executable_path=path)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """A function that opens a page at no address, refusing whatever is not a file."""
    contexts = []

    def opened(*, width: int = 1440, asked: list[str] | None = None) -> Page:
        def local_only(route: Route) -> None:
            if route.request.url.startswith(("file:", "data:", "blob:")):
                return route.continue_()
            if asked is not None:
                asked.append(route.request.url)
            return route.abort()

        context = browser.new_context(viewport={"width": width, "height": 900})
        context.route("**/*", local_only)
        contexts.append(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()
