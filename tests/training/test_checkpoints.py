"""Checkpoints come back bit for bit, or not at all with a reason; none is ever lost."""

import ast
import dataclasses
import errno
import json
import resource
from pathlib import Path

import pytest
import safetensors.torch
import torch

import allyouneed
from allyouneed.data.subwords import Subwords
from allyouneed.ground import storage
from allyouneed.ground.special_tokens import EOS
from allyouneed.models.convolutional_translator import ConvolutionalConfig
from allyouneed.models.recurrent_translator import RecurrentConfig
from allyouneed.models.transformer import Transformer, TransformerConfig
from allyouneed.models.translators import Config, build
from allyouneed.training import checkpoints

SUBWORDS = Subwords.train(["der Hund bellt", "the dog barks"], size=32)
CONFIG = TransformerConfig(vocab=32, d_model=8, layers=1, heads=2, d_ff=12, p_drop=0.0)


def make(seed: int = 0, config: TransformerConfig = CONFIG) -> Transformer:
    torch.manual_seed(seed)
    return Transformer(config)


def learnt(model: torch.nn.Module, updates: int = 3) -> torch.optim.Optimizer:
    """An optimizer with a past: what `save` must keep of it."""
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for step in range(updates):
        loss = model(torch.full((1, 3), 5 + step), torch.full((1, 2), 7)).square().sum()
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return optimizer


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "runs" / "model.safetensors"
    model = make()
    checkpoints.save(
        path,
        model,
        step=3,
        optimizer=learnt(model),
        subwords=SUBWORDS,
        settings={"corpus": "grammar", "betas": (0.9, 0.98)},
        state={"seconds": 1.5},
        provenance={"commit": "abc"},
    )
    return path


def same(a: torch.nn.Module, b: torch.nn.Module) -> bool:
    return all(map(torch.equal, a.state_dict().values(), b.state_dict().values()))


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_a_translator_comes_back_bit_for_bit(
    tmp_path: Path, tied: bool, dtype: torch.dtype
) -> None:
    model = make(config=dataclasses.replace(CONFIG, tied=tied)).to(dtype)
    checkpoints.save(tmp_path / "m", model, step=7, subwords=SUBWORDS)
    found, subwords, about = checkpoints.load_translator(tmp_path / "m")
    assert same(model, found)
    assert not found.training
    assert found.config == model.config
    assert subwords.to_bytes() == SUBWORDS.to_bytes()
    assert about["step"] == 7
    words = [*subwords.encode("the dog"), EOS]
    assert torch.equal(
        found(torch.tensor([words]), torch.tensor([[1]])),
        model(torch.tensor([words]), torch.tensor([[1]])),
    )


@pytest.mark.parametrize(
    "config",
    [
        RecurrentConfig(vocab=32, d_model=8, cell="lstm", attention="multiplicative"),
        RecurrentConfig(vocab=32, d_model=8, layers=1, attention="none", tied=False),
        ConvolutionalConfig(vocab=32, d_model=8, layers=2, width=5),
    ],
)
def test_every_kind_of_translator_comes_back(tmp_path: Path, config: Config) -> None:
    torch.manual_seed(0)
    model = build(config)
    learnt(model)
    checkpoints.save(tmp_path / "m", model, step=3, subwords=SUBWORDS)
    found, _, _ = checkpoints.load_translator(tmp_path / "m")
    assert type(found) is type(model)
    assert found.config == config
    assert same(model, found)


def test_the_optimizer_goes_on_as_if_nothing_had_happened(path: Path) -> None:
    straight = make()
    learnt(straight, updates=3)
    optimizer = torch.optim.Adam((model := make(9)).parameters(), lr=1e-2)
    checkpoints.restore(checkpoints.load(path), model, optimizer=optimizer)
    assert same(model, straight)
    expected = make()
    before = learnt(expected, updates=3)
    for one, other in ((model, optimizer), (expected, before)):
        one(torch.full((1, 3), 9), torch.full((1, 2), 7)).sum().backward()
        other.step()
    assert same(model, expected)


def test_the_file_is_plain_safetensors_with_tied_weights_once(path: Path) -> None:
    tensors = safetensors.torch.load_file(path)
    count = sum(t.numel() for name, t in tensors.items() if name.startswith("model."))
    assert count == sum(p.numel() for p in make().parameters())
    assert bytes(tensors["subwords"].numpy()) == SUBWORDS.to_bytes()
    with safetensors.safe_open(path, framework="pt") as file:
        about = json.loads(file.metadata()["about"])
    assert about["model"]["d_model"] == 8
    assert about["settings"] == {"corpus": "grammar", "betas": [0.9, 0.98]}
    assert (about["step"], about["state"]["seconds"]) == (3, 1.5)


def test_weights_under_two_names_are_kept_once_and_stay_tied(tmp_path: Path) -> None:
    def tied() -> torch.nn.Sequential:
        pair = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.Linear(3, 3))
        pair[1].weight = pair[0].weight
        return pair

    one, other = tied(), tied()
    checkpoints.save(tmp_path / "m", one, step=0)
    found = checkpoints.load(tmp_path / "m")
    assert found.part("model").keys() == {"0.weight", "0.bias", "1.bias"}
    checkpoints.restore(found, other)
    assert same(one, other)
    assert other[1].weight is other[0].weight


def test_another_configuration_is_refused_and_the_difference_listed(path: Path) -> None:
    found = checkpoints.load(path)
    wider = make(config=dataclasses.replace(CONFIG, d_ff=16, heads=4))
    before = [p.clone() for p in wider.parameters()]
    with pytest.raises(ValueError, match=r"d_ff=12 there, 16 here; heads=2 there, 4"):
        checkpoints.restore(found, wider)
    assert all(map(torch.equal, before, wider.parameters()))
    settings = {"corpus": "help", "betas": (0.9, 0.98)}
    with pytest.raises(ValueError, match=r"\(corpus='grammar' there, 'help' here\)"):
        checkpoints.restore(found, make(), settings=settings)
    checkpoints.restore(found, make(), settings=settings | {"corpus": "grammar"})


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no file .*none: check the path"):
        checkpoints.load(tmp_path / "none")


@pytest.mark.parametrize("kept", [0, 5, 8, 100, 0.3, 0.9, -1])
def test_a_truncated_file_is_noticed(path: Path, kept: float) -> None:
    whole = path.read_bytes()
    length = int(kept * len(whole)) if isinstance(kept, float) else kept
    path.write_bytes(whole[:length])
    with pytest.raises(ValueError, match=r"model\.safetensors is damaged .*delete it"):
        checkpoints.load(path)


def test_one_wrong_bit_anywhere_is_noticed(path: Path) -> None:
    whole = path.read_bytes()
    for at in range(0, len(whole), len(whole) // 200):
        damaged = bytearray(whole)
        damaged[at] ^= 16
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"damaged|not written by"):
            checkpoints.load(path)


def test_files_of_others_are_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.safetensors"
    safetensors.torch.save_file({"weight": torch.ones(2)}, other)
    with pytest.raises(ValueError, match="not written by allyouneed"):
        checkpoints.load(other)
    storage.write(other, {}, {"format": 99})
    with pytest.raises(ValueError, match="format 99, this version reads 1"):
        checkpoints.load(other)
    torch.save({"weight": torch.ones(2)}, other)
    with pytest.raises(ValueError, match="damaged"):
        checkpoints.load(other)


def test_models_of_another_version_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "m"
    checkpoints.save(file, make(), step=1)
    with pytest.raises(ValueError, match="holds no sub-words"):
        checkpoints.load_translator(file)
    tensors, about = storage.read(file)
    about["model"]["rotary"] = True
    storage.write(file, tensors, about)
    with pytest.raises(ValueError, match=r"Transformer with .*rotary.*: read it"):
        checkpoints.load_translator(file)


def test_a_full_disk_leaves_the_old_checkpoint(path: Path) -> None:
    """The system itself refuses to write more than 1000 bytes."""
    old, limits = path.read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(OSError, match=f"File too large: '{path}'"):
            checkpoints.save(path, make(5), step=4)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == old
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("broken", ["os.fsync", "pathlib.Path.replace"])
def test_a_write_that_fails_late_leaves_the_old_checkpoint(
    path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.EIO, "the disk is gone")

    old = path.read_bytes()
    monkeypatch.setattr(broken, fail)
    with pytest.raises(OSError, match="the disk is gone"):
        checkpoints.save(path, make(5), step=4)
    assert path.read_bytes() == old
    assert list(path.parent.iterdir()) == [path]


def test_leftovers_of_a_kill_are_tidied_and_nothing_else(path: Path) -> None:
    left = path.with_name(f"{path.name}.123.partial")
    other = path.with_name("notes.partial")
    left.write_bytes(b"half")
    other.write_bytes(b"mine")
    storage.tidy(path)
    assert sorted(path.parent.iterdir()) == [path, other]


def test_average_is_the_mean_of_the_parameters(tmp_path: Path) -> None:
    models, paths = [make(seed) for seed in range(3)], []
    for i, model in enumerate(models):
        paths.append(tmp_path / str(i))
        checkpoints.save(paths[-1], model, step=i, subwords=SUBWORDS)
    found = checkpoints.average(paths)
    mean = checkpoints.translator(found).model
    for name, parameter in mean.named_parameters():
        expected = sum(model.get_parameter(name) for model in models) / 3
        torch.testing.assert_close(parameter, expected)
    assert found.about["step"] == 2
    with pytest.raises(ValueError, match="paths is empty"):
        checkpoints.average([])
    wide = dataclasses.replace(CONFIG, d_ff=16)
    checkpoints.save(paths[0], make(config=wide), step=0)
    with pytest.raises(ValueError, match="d_ff=16 there, 12 here"):
        checkpoints.average(paths)
    checkpoints.save(paths[0], models[0], step=0, settings={"seed": 1})
    with pytest.raises(ValueError, match="seed=1 there, None here"):
        checkpoints.average(paths)


def test_nothing_in_the_library_reads_pickles() -> None:
    for path in Path(allyouneed.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                assert not {"pickle", "dill"} & {alias.name for alias in node.names}
            if isinstance(node, ast.Call):
                module, _, name = ast.unparse(node.func).rpartition(".")
                files = module in ("torch", "joblib") and name in ("load", "save")
                assert not files, path


def test_a_choice_added_later_is_at_its_default_in_an_older_file(path: Path) -> None:
    checkpoints.save(path, make(), step=1, subwords=SUBWORDS)
    tensors, about = storage.read(path)
    del about["model"]["tied"], about["model"]["wiring"]
    storage.write(path, tensors, about)
    old = checkpoints.load_translator(path).model
    assert torch.equal(old.embedding.words.weight, make().embedding.words.weight)
    checkpoints.restore(checkpoints.load(path), make())


def test_what_has_no_optimizer_gives_none_back(path: Path) -> None:
    model = make(9)
    checkpoints.save(path, make(), step=3)
    optimizer, before = learnt(model), make(9)
    before.load_state_dict(model.state_dict())
    with pytest.raises(ValueError, match="holds no optimizer: restore without one"):
        checkpoints.restore(checkpoints.load(path), model, optimizer=optimizer)
    assert same(model, before)
    assert optimizer.state_dict()["state"]
    checkpoints.save(path, make(), step=0)  # nothing has moved yet
    checkpoints.restore(checkpoints.load(path), model, optimizer=optimizer)


def test_names_with_brackets_are_names(tmp_path: Path) -> None:
    path = tmp_path / "run [1].safetensors"
    storage.replace(storage.copy_of(path, 7), b"")
    path.with_name(f"{path.name}.123.partial").write_bytes(b"half")
    storage.tidy(path)
    assert storage.copies(path) == [storage.copy_of(path, 7)] == [*tmp_path.iterdir()]
