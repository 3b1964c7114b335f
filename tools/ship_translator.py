"""Put a trained translator into the package, in half precision.

python -m allyouneed train grammar --to de --seed 0 --out runs/grammar
python tools/ship_translator.py runs/grammar/averaged.safetensors grammar-en-de
"""

import argparse
from pathlib import Path

from allyouneed.runs.pretrained import FOLDER
from allyouneed.training import checkpoints


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    words.add_argument("checkpoint", type=Path)
    words.add_argument("name")
    given = words.parse_args()
    model, subwords, about = checkpoints.load_translator(given.checkpoint)
    path = FOLDER / f"{given.name}.safetensors"
    checkpoints.save(
        path,
        model.half(),
        step=about["step"],
        subwords=subwords,
        settings=about["settings"],
        provenance=about["provenance"],
    )
    print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
