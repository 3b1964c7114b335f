"""All translators by name: from a configuration to the model that it is of."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from types import MappingProxyType
from typing import Any

from allyouneed.models.convolutional_translator import (
    ConvolutionalConfig,
    ConvolutionalTranslator,
)
from allyouneed.models.one_stack_translator import OneStackConfig, OneStackTranslator
from allyouneed.models.recurrent_translator import RecurrentConfig, RecurrentTranslator
from allyouneed.models.seq2seq import EncoderDecoder
from allyouneed.models.transformer import Transformer, TransformerConfig

Config = TransformerConfig | RecurrentConfig | ConvolutionalConfig | OneStackConfig

CONFIGS: Mapping[type[EncoderDecoder], type[Config]] = MappingProxyType(
    {
        Transformer: TransformerConfig,
        RecurrentTranslator: RecurrentConfig,
        ConvolutionalTranslator: ConvolutionalConfig,
        OneStackTranslator: OneStackConfig,
    }
)


def build(config: Config) -> EncoderDecoder:
    """Make the translator that `config` describes, with fresh parameters.

    >>> type(build(RecurrentConfig(vocab=10, d_model=8))).__name__
    'RecurrentTranslator'
    """
    if isinstance(config, RecurrentConfig):
        return RecurrentTranslator(config)
    if isinstance(config, ConvolutionalConfig):
        return ConvolutionalTranslator(config)
    if isinstance(config, OneStackConfig):
        return OneStackTranslator(config)
    return Transformer(config)


def config_of(name: str | None, values: Mapping[str, Any]) -> Config:
    """The configuration with these values of the translator class `name`.

    Raises:
        ValueError: this version has no such class, or none with these values.
    """
    for model, config in CONFIGS.items():
        known = {field.name for field in fields(config)}
        if model.__name__ == name and values.keys() <= known:
            return config(**values)
    raise ValueError(
        f"a {name} with {', '.join(sorted(values))}: "
        "read it with the version that wrote it"
    )


def completed(about: Mapping[str, Any]) -> dict[str, Any]:
    """What a checkpoint says of its model, with the defaults that came in since then.

    >>> about = {"name": "RecurrentTranslator", "vocab": 10}
    >>> completed(about)["attention"]
    'additive'
    """
    values = dict(about)
    name = values.pop("name", None)
    try:
        return {"name": name} | asdict(config_of(name, values))
    except ValueError:  # of another kind: whoever restores it will tell
        return dict(about)
