"""The command line: `python -m allyouneed env | train | translate | evaluate | ...`."""

import typer

from allyouneed.cli.bench import bench
from allyouneed.cli.environment import env
from allyouneed.cli.notes import notes
from allyouneed.cli.options import Polite
from allyouneed.cli.sweep import sweep
from allyouneed.cli.translators import evaluate, train, translate

app = typer.Typer(
    cls=Polite,
    help="Attention Is All You Need, put to the test: train, translate, evaluate.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # it would take "[default: ...]" for markup
)
for command in (env, train, translate, evaluate, sweep, bench):
    app.command()(command)
app.add_typer(notes, name="notes")
