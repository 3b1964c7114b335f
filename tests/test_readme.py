"""What the README says of results is what the records say."""

from pathlib import Path

from allyouneed.studies.records import recorded

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def test_multi30k_scores_are_the_recorded_ones() -> None:
    last, averaged = recorded("multi30k")[:2]
    assert (last["averaged"], averaged["averaged"]) == (1, 5)
    for run in (last, averaged):
        assert f"{run['metrics']['bleu']:.1f}" in README
        signature = run["metrics"]["bleu_signature"].replace("|", "\\|")
        assert signature in README
        assert f"{run['wall_seconds'] / 60:.0f} minutes" in README


def test_grammar_scores_are_the_recorded_ones() -> None:
    runs = [run["metrics"] for run in recorded("grammar")]
    scores = sorted(run["bleu"] for run in runs)
    assert len(scores) == 3
    assert f"{scores[0]:.1f} to {scores[-1]:.1f}" in README
    exact = sum(run["exact_match"] for run in runs) / 3
    assert f"exactly right {exact:.0%}" in README
