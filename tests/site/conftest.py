"""The built site in a real browser with its network cut."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import sample_book
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Route,
    expect,
    sync_playwright,
)
from weaving import weave
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).parents[2]


class ByPage(LoadScopeScheduling):
    """Tests of one page of the book go to one process, and so do those of one module.

    xdist_group says the same, but not with every version of pytest.
    """

    def _split_scope(self, nodeid: str) -> str:
        module, _, name = nodeid.partition("::")
        return f"{module}[{name.partition('[')[2]}" if "[" in name else module


def pytest_xdist_make_scheduler(
    config: pytest.Config, log: Producer
) -> LoadScopeScheduling:
    return ByPage(config, log)


PATIENCE = 150_000  # milliseconds: a busy machine is not a failure
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def site() -> Path:
    """Folder of the built site; built here unless `make book` has been."""
    folder = ROOT / "_build/html"
    if not (folder / "index.html").exists():
        command = [Path(sys.executable).with_name("jupyter-book"), "build", ".", "-q"]
        subprocess.run([*command, "-W", "--keep-going", "-n"], cwd=ROOT, check=True)
    if not (folder / "zh/index.html").exists():
        weave(ROOT, ROOT / "_build/zh")
        builder = Path(sys.executable).with_name("jupyter-book")
        command = [builder, "build", "_build/zh", "-q", "-W", "--keep-going", "-n"]
        subprocess.run(command, cwd=ROOT, check=True)
        (ROOT / "_build/zh/_build/html").rename(folder / "zh")
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
def new_page(browser: Browser) -> Callable[..., Page]:
    """A function that opens a page of its own, which the test closes."""

    def opened(**settings: Any) -> Page:
        page = browser.new_page(**settings)
        page.set_default_timeout(PATIENCE)
        return page

    return opened


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
        context.set_default_timeout(PATIENCE)
        context.route("**/*", local_only)
        contexts.append(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


class Quiet(SimpleHTTPRequestHandler):
    """A server that says nothing."""

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a small book with everything a chapter may hold, over http.

    Chromium keeps what a page from the disk stores less surely.
    """
    folder = sample_book.build(tmp_path_factory.mktemp("sample"))
    handler = partial(Quiet, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")
def reader(browser: Browser, sample: str) -> Iterator[Callable[..., BrowserContext]]:
    """A function that makes a reader with an empty memory, who sees only the sample."""
    contexts = []

    def came(**settings: object) -> BrowserContext:
        settings = {"viewport": {"width": 1440, "height": 900}} | settings
        context = browser.new_context(base_url=sample, **settings)
        context.set_default_timeout(PATIENCE)
        inside = (sample, "data:", "blob:")
        context.route(
            lambda address: not address.startswith(inside), lambda route: route.abort()
        )
        contexts.append(context)
        return context

    yield came
    for context in contexts:
        context.close()
