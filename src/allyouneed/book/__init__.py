"""What a page of the book shows: cards, answers to exercises, figures, sliders.

You are here for the look or the behaviour of a page. This room takes arrays and records
and knows no model.
"""

from typing import TYPE_CHECKING

from allyouneed._doors import door

if TYPE_CHECKING:
    from allyouneed.book.claims import verdict
    from allyouneed.book.exercises import attempt, check
    from allyouneed.book.figures import (
        BLUE,
        GREEN,
        GREY,
        ORANGE,
        PINK,
        WEIGHTS,
        Drawing,
        heatmap,
        show,
    )
    from allyouneed.book.own_ledger import read_ledger
    from allyouneed.book.spoken import speak
    from allyouneed.book.tables import board, table
    from allyouneed.book.widgets import explore
    from allyouneed.book.wording import at_least, span, within
else:
    __getattr__, __all__ = door(__name__)
