"""The command line as its users meet it: what works, and every mistake in one line."""

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
import torch
from typer.testing import CliRunner, Result

from allyouneed.cli import options
from allyouneed.cli.app import app
from allyouneed.cost import benchmarks
from allyouneed.data import corpora
from allyouneed.models.layers import TransformerConfig
from allyouneed.models.transformer import Transformer
from allyouneed.runs import presets, pretrained
from allyouneed.studies import records, registered_sweeps
from allyouneed.training import checkpoints

FEW = ("--sentences", "6", "--beams", "1")
SMALL = ("--steps", "4", "--size", "150", "--tokens", "256", "--vocab", "300", *FEW)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)


def run(*words: str, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(app, words, input=stdin)


def trained(*words: str) -> Result:
    return run("train", "grammar", "--to", "de", *SMALL, *words)


def mistake(result: Result) -> str:
    """The one line that a user's mistake is answered with."""
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    (line,) = result.stderr.strip().splitlines()[-1:]
    assert line.startswith("error: ")
    return line


def test_env_says_what_the_machine_offers() -> None:
    result = run("env")
    assert result.exit_code == 0
    rows = {line.split()[0] for line in result.stdout.splitlines()}
    asked = {"driver", "CUDA", "torch", "device", "memory", "precision", "matmul"}
    assert asked <= rows
    assert torch.__version__ in result.stdout
    assert "GFLOP/s" in result.stdout


def test_train_translates_scores_records_and_keeps(tmp_path: Path) -> None:
    result = trained("--seed", "3", "--log", "tensorboard", "--record", "r.jsonl")
    assert result.exit_code == 0, result.output
    folder = tmp_path / "runs/grammar-en-de"
    assert len([x for x in result.stdout.splitlines() if x.startswith("en  ")]) == 5
    assert "tok:13a" in result.stdout
    (record,) = records.read(Path("r.jsonl"))
    assert record["metrics"]["sentences"] == 6
    assert "tok:13a" in record["metrics"]["bleu_signature"]
    assert record["seed"] == record["settings"]["seed"] == 3
    assert record["settings"]["corpus"] == "grammar"
    assert record["provenance"]["versions"]["torch"] == torch.__version__
    assert record["step"] == 4
    assert record["wall_seconds"] > record["state"]["seconds"] > 0
    assert list((folder / "log").glob("events*"))
    model, subwords, about = checkpoints.load_translator(
        folder / "checkpoint.safetensors"
    )
    assert model.config.vocab == len(subwords) == 300
    assert about["settings"]["pairs"] == 150


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("recurrent", "RecurrentTranslator"),
        ("recurrent-plain", "RecurrentTranslator"),
        ("convolutional", "ConvolutionalTranslator"),
    ],
)
def test_other_translators_are_trained_kept_and_used_alike(
    tmp_path: Path, model: str, name: str
) -> None:
    assert trained("--model", model).exit_code == 0
    path = tmp_path / f"runs/{model}-grammar-en-de/checkpoint.safetensors"
    found = checkpoints.load_translator(path).model
    assert type(found).__name__ == name
    (record,) = records.read(path.with_name("records.jsonl"))
    assert record["model"]["name"] == name
    assert record["model"].get("attention", "") == {
        "recurrent": "additive", "recurrent-plain": "none", "convolutional": ""
    }[model]  # fmt: skip
    one = run("translate", "--to", "de", "The dog is old.", "--beams", "3")
    assert one.exit_code == 0, one.output
    assert run("evaluate", *FEW).exit_code == 0
    assert trained("--model", model, "--steps", "6").exit_code == 0
    assert checkpoints.load(path).about["step"] == 6


def test_the_mean_of_the_last_saves_is_scored_kept_and_used(tmp_path: Path) -> None:
    assert trained("--every", "1", "--average", "3").exit_code == 0
    folder = tmp_path / "runs/grammar-en-de"
    saves = [folder / f"checkpoint-{step:09d}.safetensors" for step in (2, 3, 4)]
    name = "model.embedding.words.weight"
    words = [checkpoints.load(save).tensors[name] for save in saves]
    kept = checkpoints.load(folder / "averaged.safetensors").tensors
    torch.testing.assert_close(kept[name], sum(words) / 3)
    assert records.read(folder / "records.jsonl")[0]["averaged"] == 3
    (folder / "checkpoint.safetensors").unlink()
    assert run("translate", "--to", "de", "The dog is old.").exit_code == 0


def test_the_vocabulary_comes_from_the_training_sentences_alone(tmp_path: Path) -> None:
    assert trained("--size", "20", "--vocab", "120").exit_code == 0
    path = tmp_path / "runs/grammar-en-de/checkpoint.safetensors"
    found = checkpoints.load_translator(path).subwords
    train = corpora.load("grammar", size=20).train
    expected = type(found).train((s for pair in train for s in pair), size=120)
    assert found.to_bytes() == expected.to_bytes()


def test_the_same_command_goes_on_and_another_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "runs/grammar-en-de/checkpoint.safetensors"
    assert trained("--steps", "2").exit_code == 0
    assert trained().exit_code == 0
    assert checkpoints.load(path).about["step"] == 4
    assert trained("--out", "straight").exit_code == 0
    straight = checkpoints.load(Path("straight/checkpoint.safetensors"))
    for name, tensor in checkpoints.load(path).tensors.items():
        assert torch.equal(tensor, straight.tensors[name])
    before, listing = path.read_bytes(), sorted(path.parent.iterdir())
    line = mistake(trained("--seed", "1"))
    assert "seed=0 there, 1 here" in line
    assert "batch_tokens=256 there, 300 here" in mistake(trained("--tokens", "300"))
    assert "preset" not in mistake(trained("--preset", "tiny"))
    assert path.read_bytes() == before
    assert sorted(path.parent.iterdir()) == listing
    path.write_bytes(before[:1000])
    assert "damaged or cut short" in mistake(trained())


def test_translate_and_evaluate_take_the_newest_checkpoint() -> None:
    trained()
    one = run("translate", "--to", "de", "The dog is old.", "--beams", "2")
    assert one.exit_code == 0, one.output
    assert len(one.stdout.splitlines()) == 1
    assert "the newest here" in one.stderr
    many = run("translate", "--to", "de", stdin="The dog is old.\n\nThe cat sleeps.\n")
    assert len(many.stdout.split("\n")) == 4
    assert many.stdout.split("\n")[1] == ""
    for split in ("test", "valid", "hard"):
        scores = run("evaluate", "--split", split, *FEW)
        assert scores.exit_code == 0, scores.output
        assert "of 6 unseen sentences" in scores.stdout


def test_without_a_run_the_translator_of_the_package_answers() -> None:
    result = run("translate", "--to", "de", "This old dog is tired.")
    assert result.exit_code == 0, result.output
    assert result.stdout == "Dieser alte Hund ist müde.\n"
    assert "grammar-en-de, which comes with the package" in result.stderr


def test_a_manual_is_translated_into_chinese_without_a_run() -> None:
    result = run("translate", "--to", "zh", "Select the separator options.")
    assert result.exit_code == 0, result.output
    assert "分隔符" in result.stdout
    assert "help-en-zh, which comes with the package" in result.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("train", "latin", "--to", "de"), "'latin' is not known"),
        (("train", "grammar", "--to", "fr"), "'fr' is not in grammar"),
        (("translate", "--from", "de", "--to", "en", "Ja."), "no runs/*-de-en/check"),
        (("evaluate", "--checkpoint", "none"), "no file none"),
        (
            ("train", "help", "--to", "de", "--model", "recurrent"),
            "--model recurrent has no preset tiny: add --preset grammar",
        ),
        (("train", "grammar", "--to", "de", "--vocab", "9"), "size=9 does not suit"),
    ],
)
def test_mistakes_are_answered_in_one_line(
    words: tuple[str, ...], message: str
) -> None:
    assert message in mistake(run(*words))


def test_a_translator_into_another_language_is_refused() -> None:
    trained()
    path = "runs/grammar-en-de/checkpoint.safetensors"
    line = mistake(run("translate", "--to", "zh", "Hello.", "--checkpoint", path))
    assert "translates en into de" in line


@pytest.mark.parametrize(
    "words",
    [
        ("train", "grammar"),
        ("evaluate", "--split", "easy"),
        ("env", "--fast"),
    ],
)
def test_words_that_are_no_command_are_explained(words: tuple[str, ...]) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_the_module_runs_as_a_program_without_a_traceback(tmp_path: Path) -> None:
    words = ("translate", "--from", "de", "--to", "en", "Hallo.")
    command = (sys.executable, "-m", "allyouneed", *words)
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("error: no runs/*-de-en/checkpoint.safetensors: ")
    assert done.stderr.count("\n") == 1
    assert not done.stdout


@pytest.mark.parametrize(
    "words", [(), ("env",), ("train",), ("translate",), ("evaluate",), ("sweep",)]
)
def test_help_comes_without_pytorch(words: tuple[str, ...]) -> None:
    command = (sys.executable, "-X", "importtime", "-m", "allyouneed", *words, "--help")
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0
    assert "Usage: " in done.stdout
    read = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "allyouneed.cli.app" in read
    assert not read & {"torch", "numpy", "scipy", "sentencepiece", "tqdm", "joblib"}


def test_a_translation_reads_no_more_than_it_needs() -> None:
    words = ("translate", "--to", "de", "The dog sleeps.")
    command = (sys.executable, "-X", "importtime", "-m", "allyouneed", *words)
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.stdout == "Der Hund schläft.\n"
    read = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "torch" in read
    assert not read & {"scipy", "sacrebleu", "matplotlib", "joblib", "accelerate"}


def test_the_words_of_the_options_are_those_of_the_library() -> None:
    def recipes(kind: type) -> set[str]:
        return {n for n, v in vars(kind).items() if isinstance(v, classmethod)}

    assert [*options.Part] == [*benchmarks.PARTS]
    assert {size.value for size in options.Size} == recipes(presets.Preset)
    assert [*options.Model] == [*get_args(presets.Kind)]
    assert {name.name for name in options.GridName} == recipes(registered_sweeps.Grid)


def test_two_processes_are_launched_as_one_run(tmp_path: Path) -> None:
    launch = (sys.executable, "-m", "accelerate.commands.launch", "--cpu")
    command = ("train", "grammar", "--to", "de", *SMALL, "--seed", "2")
    two = ("--num_processes", "2", "--num_machines", "1", "--mixed_precision", "no")
    port = ("--main_process_port", "0", "--dynamo_backend", "no")
    done = subprocess.run(
        (*launch, *two, *port, "-m", "allyouneed", *command),
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    (line,) = (tmp_path / "runs/grammar-en-de/records.jsonl").read_text().splitlines()
    assert json.loads(line)["step"] == 4
    assert done.stdout.count("BLEU") == 1


TO_GERMAN = ("translate", "--to", "de", "--beams", "1")
OLD_DOG, ALTER_HUND = "This old dog is tired.", "Dieser alte Hund ist müde.\n"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
def test_as_many_lines_come_out_as_went_in(codec: str) -> None:
    rows = [
        OLD_DOG,
        "This old\u2028dog\x0bis\x85tired.\r",
        "",
        "\ufeff\u200bThis\u00a0old\tdog is ti\u00adred.\x0c",
        "\u200b \u00a0",
        OLD_DOG,
    ]
    result = run(*TO_GERMAN, stdin="\n".join(rows).encode(codec))
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{2 * ALTER_HUND}\n{ALTER_HUND}\n{ALTER_HUND}"


def test_bytes_that_are_no_text_are_a_mistake() -> None:
    line = mistake(run(*TO_GERMAN, stdin=b"This.\n\x93That\x94.\n"))
    assert "standard input, line 2: no text in UTF-8" in line
    assert "holds half of a surrogate pair at 3" in mistake(
        run(*TO_GERMAN, "Oui\udce9")
    )


@pytest.mark.parametrize("sentence", ["", " \u00a0", "\u200b"])
def test_an_empty_sentence_is_an_empty_line(sentence: str) -> None:
    result = run(*TO_GERMAN, sentence, stdin="Not to be read.\n")
    assert (result.exit_code, result.stdout) == (0, "\n")


def test_no_lines_in_are_no_lines_out() -> None:
    result = run(*TO_GERMAN, stdin=b"")
    assert (result.exit_code, result.stdout) == (0, "")


def saved(path: Path, settings: dict[str, str], **change: object) -> Transformer:
    """A translator of the grammar that has learnt nothing, on disk."""
    subwords = pretrained.load("grammar-en-de").subwords
    tiny = TransformerConfig.tiny(vocab=len(subwords))
    torch.manual_seed(0)  # of chance weights, some end every sentence at once
    model = Transformer(dataclasses.replace(tiny, d_model=8, heads=2, **change))
    checkpoints.save(path, model, step=1, subwords=subwords, settings=settings)
    return model


def test_a_line_too_long_for_the_model_is_left_empty(tmp_path: Path) -> None:
    path = tmp_path / "c"
    settings = {"source": "en", "target": "de"}
    saved(path, settings, positions="learned", max_length=12)
    words, long = (*TO_GERMAN, "--checkpoint", str(path)), 9 * OLD_DOG
    result = run(*words, stdin=f"{OLD_DOG}\n{long}\n{OLD_DOG}\n")
    assert result.exit_code == 0, result.output
    first, second, third, end = result.stdout.split("\n")
    assert first == third != ""
    assert second == end == ""
    assert "warning: sentences[1] has " in result.stderr
    assert result.stderr.count("\n") == 1
    assert "make it shorter" in mistake(run(*words, long))


def test_a_broken_model_is_a_mistake(tmp_path: Path) -> None:
    path, settings = tmp_path / "c", {"source": "en", "target": "de"}
    model, subwords = saved(path, settings), checkpoints.load_translator(path).subwords
    with torch.no_grad():
        model.embedding.words.weight[7] = torch.nan
    checkpoints.save(path, model, step=1, subwords=subwords, settings=settings)
    words = (*TO_GERMAN, OLD_DOG, "--checkpoint", str(path))
    assert "scores are NaN or infinite" in mistake(run(*words))


def test_a_checkpoint_that_does_not_say_its_languages_is_a_mistake(
    tmp_path: Path,
) -> None:
    path = tmp_path / "c"
    saved(path, {})
    words = (*TO_GERMAN, OLD_DOG, "--checkpoint", str(path))
    assert "does not say its source and target" in mistake(run(*words))
    line = mistake(run("evaluate", "--checkpoint", str(path)))
    assert "does not say its corpus and source and target" in line


def test_a_folder_that_cannot_be_written_is_told_before_training() -> None:
    result = trained("--out", "/dev/null/run")
    assert "/dev/null/run" in mistake(result)
    assert "step" not in result.stderr


def test_a_reader_that_has_enough_ends_the_program_quietly(tmp_path: Path) -> None:
    """As `| head -1` does."""
    running = subprocess.Popen(
        (sys.executable, "-m", "allyouneed", *TO_GERMAN),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
    )
    assert running.stdin
    assert running.stdout
    assert running.stderr
    running.stdin.write(OLD_DOG.encode() + 20_000 * b"\n")
    running.stdin.close()
    first = running.stdout.readline()
    running.stdout.close()
    assert first.decode() == ALTER_HUND  # as UTF-8, whatever the locale
    told = running.stderr.read().decode()
    assert told == "by grammar-en-de, which comes with the package\n"
    assert running.wait(60) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk_is_a_mistake(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "allyouneed", *TO_GERMAN, "")
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, cwd=tmp_path, text=True
        )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 2
    assert done.stderr.endswith("error: [Errno 28] No space left on device\n")


def test_env_explains_the_table_of_another_machine(tmp_path: Path) -> None:
    saved = tmp_path / "smi.txt"
    line = "| NVIDIA-SMI 565.75  Driver Version: 566.24  CUDA Version: 12.7 |"
    saved.write_bytes(f"{line}\n".encode("utf-16"))  # as PowerShell's > writes it
    result = run("env", "--smi", str(saved), "--torch", "2.8.0+cpu", "--wsl")
    assert result.exit_code == 0, result.output
    assert "566.24, runs CUDA up to 12.7" in result.stdout
    assert "mend       a GPU nobody uses" in result.stdout
    assert "Install no driver in WSL" in result.stdout
    assert "GFLOP/s" not in result.stdout


def test_env_refuses_what_it_cannot_explain(tmp_path: Path) -> None:
    saved = tmp_path / "smi.txt"
    saved.write_text("command not found\n")
    assert "no table of nvidia-smi" in mistake(run("env", "--smi", str(saved)))
    assert "give its --smi, too" in mistake(run("env", "--torch", "2.8.0+cpu"))
    saved.write_text("| NVIDIA-SMI 566.24  Driver Version: 566.24 |\n")
    asked = ("env", "--smi", str(saved), "--torch", "2.8.0")
    assert "give it with its tag" in mistake(run(*asked))


def test_notes_begins_a_folder_once() -> None:
    told = run("notes", "new", "my-notes", "--language", "zh")
    assert told.exit_code == 0
    assert "claims.toml" in told.stdout
    assert 'language = "zh"' in Path("my-notes/claims.toml").read_text(encoding="utf-8")
    assert "stays as it is" in mistake(run("notes", "new", "my-notes"))
    Path("file").touch()
    assert "is a file" in mistake(run("notes", "new", "file"))
    assert run("notes", "new", "other", "--language", "de").exit_code == 2
    assert not Path("other").exists()
