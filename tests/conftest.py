"""What all tests share."""

import os

os.environ.setdefault("MPLBACKEND", "Agg")  # before matplotlib asks for a display
