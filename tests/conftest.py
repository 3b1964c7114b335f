"""What all tests share."""

import os

os.environ.setdefault("MPLBACKEND", "Agg")  # before matplotlib asks for a display
os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # before torch starts
