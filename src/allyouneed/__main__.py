"""`python -m allyouneed` is the command line of `cli`."""

from allyouneed.cli.app import app

if __name__ == "__main__":
    app()
