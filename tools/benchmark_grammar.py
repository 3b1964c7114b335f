"""Train the grammar's preset with three seeds, as a reader would, and record the runs.

    python tools/benchmark_grammar.py [--to de] [--seeds 3] [--record FILE]

Each run is `python -m allyouneed train grammar` in an empty folder. The limits are what
the book promises: so good, in less than a minute from the first to the last line.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import allyouneed
from allyouneed.studies import records

RECORD = Path(allyouneed.__file__).parent / "records/grammar.jsonl"
LEAST_BLEU, LEAST_EXACT, MOST_SECONDS = 90.0, 0.70, 60.0


def run(seed: int, to: str) -> dict[str, Any]:
    """Train once, from nothing; the run's record with the whole command's time."""
    with tempfile.TemporaryDirectory() as folder:
        record = Path(folder) / "record.jsonl"
        command = [sys.executable, "-m", "allyouneed", "train", "grammar", "--to", to]
        where = ["--seed", str(seed), "--out", folder, "--record", str(record)]
        start = time.perf_counter()
        subprocess.run(command + where, check=True)
        seconds = round(time.perf_counter() - start, 1)
        return records.read(record)[0] | {"command_seconds": seconds}


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    words.add_argument("--to", default="de")
    words.add_argument("--seeds", type=int, default=3)
    words.add_argument("--record", type=Path, default=RECORD)
    given = words.parse_args()
    found = [run(seed, given.to) for seed in range(given.seeds)]
    for record in found:
        records.append(given.record, record)
    bleu = [record["metrics"]["bleu"] for record in found]
    exact = [record["metrics"]["exact_match"] for record in found]
    seconds = [record["command_seconds"] for record in found]
    for name, values in (("BLEU", bleu), ("exact", exact), ("seconds", seconds)):
        print(f"{name:8} median {statistics.median(values):g} of {sorted(values)}")
    good = min(bleu) >= LEAST_BLEU and min(exact) >= LEAST_EXACT
    if not good or max(seconds) > MOST_SECONDS:
        sys.exit("not what the book promises")


if __name__ == "__main__":
    main()
