"""What the README says of results is what the records say."""

from pathlib import Path

from allyouneed.records import recorded

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def test_multi30k_scores_are_the_recorded_ones() -> None:
    last, averaged = recorded("multi30k")[:2]
    assert (last["averaged"], averaged["averaged"]) == (1, 5)
    for run in (last, averaged):
        assert f"{run['metrics']['bleu']:.1f}" in README
        signature = run["metrics"]["bleu_signature"].replace("|", "\\|")
        assert signature in README
        assert f"{run['wall_seconds'] / 60:.0f} minutes" in README
