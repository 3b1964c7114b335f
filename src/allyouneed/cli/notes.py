"""The command `python -m allyouneed notes new`."""

import typer

from allyouneed.cli import options as given
from allyouneed.ground import own_notes

notes = typer.Typer(
    help="Put your own notes to the test.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@notes.callback()
def _notes() -> None:
    """Keep `new` a word of its own: there may be others."""


@notes.command()
def new(folder: given.Folder, language: given.Language = given.Edition.en) -> None:
    """Begin a folder with a ledger of claims and a notebook that decides them."""
    ledger, notebook = own_notes.begin(folder, language=language)
    typer.echo(f"{ledger} holds three claims: write yours under them.")
    typer.echo(f"{notebook} decides two: open it in Jupyter, run it, go on.")
