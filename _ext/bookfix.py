"""What Jupyter Book and its theme need for a light site that asks nobody else."""

import gc
import re
from pathlib import Path

import pydata_sphinx_theme
from sphinx.application import Sphinx

SCRIPT = Path("scripts") / "fontawesome.js"
THEME = Path(pydata_sphinx_theme.__file__).parent / "theme/pydata_sphinx_theme/static"
ICON = re.compile(r'"?([a-z0-9-]+)"?:\[\d+,\d+,\[([^\]]*)\],"[0-9a-f]+",[^\]]*\],?')


def used_icons(folder: Path) -> set[str]:
    """Names of the icons that the pages in `folder` and the theme's scripts show."""
    files = [*folder.rglob("*.html"), *folder.glob("_static/**/sphinx-book-theme.js")]
    files += folder.glob("_static/scripts/pydata-sphinx-theme.js")
    names = (re.findall(r"fa-([a-z0-9-]+)", path.read_text("utf8")) for path in files)
    return set().union(*names)


def keep_icons(script: str, names: set[str]) -> str:
    """Font Awesome's script with the drawings of these icons only."""

    def kept(match: re.Match[str]) -> str:
        known_as = {match[1], *re.findall(r'"([a-z0-9-]+)"', match[2])}
        return match[0] if known_as & names else ""

    return ICON.sub(kept, script)


def lighten(app: Sphinx, error: Exception | None) -> None:
    """Cut Font Awesome, half of what a first visit would load, to the icons in use."""
    target = Path(app.outdir) / "_static" / SCRIPT
    if error is None and target.exists():
        script = (THEME / SCRIPT).read_text("utf8")
        target.write_text(keep_icons(script, used_icons(Path(app.outdir))), "utf8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    # A site is millions of objects that stay: looking for waste among them took a third
    # of the build.
    gc.set_threshold(1_000_000, 50, 50)
    # Jupyter Book sets it even when sphinx_comments is left out.
    app.add_config_value("comments_config", {}, "html")
    app.connect("build-finished", lighten)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
