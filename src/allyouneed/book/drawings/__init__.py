"""Mechanisms drawn by code, one module each, in one visual language.

You are here for a picture of how something works. `panel` holds the language: boxes,
wires, streams. Labels are text, so that a page can be searched and translated.
"""

from typing import TYPE_CHECKING

from allyouneed._doors import door

if TYPE_CHECKING:
    from allyouneed.book.drawings.asking import patch_asks
    from allyouneed.book.drawings.bags import word_bags
    from allyouneed.book.drawings.bills import Bill, bill_and_work
    from allyouneed.book.drawings.bracketing import tree_and_brackets
    from allyouneed.book.drawings.cells import TAPS, gated_cells
    from allyouneed.book.drawings.clocks import Turn, clock_hands, rotary_pairs
    from allyouneed.book.drawings.descendants import three_descendants
    from allyouneed.book.drawings.differentiation import Slopes, two_directions
    from allyouneed.book.drawings.dilation import dilation_trees
    from allyouneed.book.drawings.equations import lstm_equations
    from allyouneed.book.drawings.families import three_families
    from allyouneed.book.drawings.fetching import mean_or_pair
    from allyouneed.book.drawings.futures import two_futures
    from allyouneed.book.drawings.generating import prefix_or_cache
    from allyouneed.book.drawings.head import STEPS, one_head
    from allyouneed.book.drawings.head_numbers import Head
    from allyouneed.book.drawings.heads import split_and_join
    from allyouneed.book.drawings.induction import two_looks
    from allyouneed.book.drawings.installing import Versions, four_versions
    from allyouneed.book.drawings.keeping import Kept, seen_and_kept
    from allyouneed.book.drawings.kernel import kernel_slides
    from allyouneed.book.drawings.kernels import dilated_strip
    from allyouneed.book.drawings.lookback import Looks, look_back
    from allyouneed.book.drawings.lookup import table_and_network
    from allyouneed.book.drawings.masking import MaskTable, who_sees_whom
    from allyouneed.book.drawings.matching import matched_runs
    from allyouneed.book.drawings.means import shared_means
    from allyouneed.book.drawings.meetings import ways_to_meet
    from allyouneed.book.drawings.mirrors import shift_and_mirror
    from allyouneed.book.drawings.moving import moved_word
    from allyouneed.book.drawings.operations import Work, where_operations_go
    from allyouneed.book.drawings.paths import three_paths
    from allyouneed.book.drawings.placing import added_or_taken_off
    from allyouneed.book.drawings.prices import Shelf, price_squares
    from allyouneed.book.drawings.products import three_products
    from allyouneed.book.drawings.proportions import added_arrows
    from allyouneed.book.drawings.racing import Race, Runner, race_lanes
    from allyouneed.book.drawings.renewal import paper_and_today
    from allyouneed.book.drawings.routes import four_routes
    from allyouneed.book.drawings.searching import Candidate, search_trees
    from allyouneed.book.drawings.shifting import shift_by_one
    from allyouneed.book.drawings.silencing import Silenced, silenced_token
    from allyouneed.book.drawings.sliding import window_and_state
    from allyouneed.book.drawings.stations import Way, claim_stations
    from allyouneed.book.drawings.stream import residual_stream
    from allyouneed.book.drawings.strips import Strips, time_strips
    from allyouneed.book.drawings.taps import lstm_taps
    from allyouneed.book.drawings.turning import Knob, one_knob_turned
    from allyouneed.book.drawings.unrolled import rnn_unrolled
    from allyouneed.book.drawings.updating import Update, training_step
    from allyouneed.book.drawings.waiting import steps_that_wait
    from allyouneed.book.drawings.whole_model import PARTS, figure_one
    from allyouneed.book.drawings.wirings import two_wirings
else:
    __getattr__, __all__ = door(__name__)
