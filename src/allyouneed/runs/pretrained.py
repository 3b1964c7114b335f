"""Trained translators that come with the package, to translate and to look into."""

from pathlib import Path

from allyouneed.training import checkpoints
from allyouneed.training.checkpoints import Trained

FOLDER = Path(__file__).parents[1] / "weights"


def available() -> list[str]:
    """Names of the translators there are.

    >>> "grammar-en-de" in available()
    True
    """
    return sorted(path.stem for path in FOLDER.glob("*.safetensors"))


def load(name: str) -> Trained:
    """A trained translator, its sub-words, and what is known of its training.

    They are stored in half precision and come back in float32, on the CPU.

    Raises:
        ValueError: there is none of that name, or its file is damaged.

    >>> load("grammar-en-de").about["settings"]["target"]
    'de'
    """
    if name not in available():
        raise ValueError(f"{name=} is no trained model: take {', '.join(available())}")
    model, subwords, about = checkpoints.load_translator(FOLDER / f"{name}.safetensors")
    return Trained(model.float(), subwords, about)
