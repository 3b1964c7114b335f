"""What holds of every example: splits, agreement, coreference, trees.

German is checked by a table of its endings, not by the code that makes them.
"""

import ast
import hashlib
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import get_args

import pytest

from allyouneed.data import grammar
from allyouneed.data.grammar import (
    Example,
    Split,
    Tree,
    chinese,
    english,
    examples,
    german,
    leaves,
)
from allyouneed.data.grammar.meanings import SHARES, Speaker
from allyouneed.data.grammar.phrases import text

MASCULINE = (
    "Mann Junge König Bauer Hund Esel Bär Apfel Kuchen Brief Schlüssel Hut Ball Tisch "
    "Koffer Wagen Garten Wald Fluss Baum"
)
FEMININE = (
    "Frau Königin Krankenschwester Katze Kuh Ente Maus Banane Lampe Blume Kiste Tür "
    "Schule Kirche Küche Brücke Straße Mauer"
)
NEUTER = (
    "Mädchen Pferd Schwein Krokodil Ei Buch Bild Bett Fenster Auto Fahrrad Haus Schloss"
)
PLURALS = (
    "Männer Frauen Jungen Mädchen Könige Königinnen Bauern Krankenschwestern Hunde "
    "Katzen Pferde Kühe Schweine Esel Enten Mäuse Bären Krokodile Äpfel Kuchen Bananen "
    "Eier Bücher Briefe Schlüssel Hüte Bälle Lampen Bilder Blumen"
)
DATIVE_PLURALS = (
    "Männern Frauen Jungen Mädchen Königen Königinnen Bauern Krankenschwestern Hunden "
    "Katzen Pferden Kühen Schweinen Eseln Enten Mäusen Bären Krokodilen Äpfeln Kuchen "
    "Bananen Eiern Büchern Briefen Schlüsseln Hüten Bällen Lampen Bildern Blumen"
)
N_NOUNS = {"Junge": "Jungen", "Bauer": "Bauern", "Bär": "Bären"}
# Article or numeral and the ending of the adjective behind it, by case and gender.
COMPANY = """
nominative m der-e dieser-e ein-er mein-er kein-er
nominative f die-e diese-e eine-e meine-e keine-e
nominative n das-e dieses-e ein-es mein-es kein-es
nominative p diese-en zwei-e drei-e
accusative m den-en diesen-en einen-en meinen-en keinen-en
accusative f die-e diese-e eine-e meine-e keine-e
accusative n das-e dieses-e ein-es mein-es kein-es
accusative p diese-en zwei-e drei-e
dative m dem-en diesem-en einem-en meinem-en keinem-en
dative f der-en dieser-en einer-en meiner-en keiner-en
dative n dem-en diesem-en einem-en meinem-en keinem-en
dative p diesen-en zwei-en drei-en
"""
CLASSIFIERS = """
个 男人 女人 男孩 女孩 农夫 护士 苹果 鸡蛋 球 箱子 手提箱 花园
位 国王 王后
只 狗 猫 鸭子 老鼠
匹 马
头 牛 猪 驴 熊
条 鳄鱼 河 马路
块 蛋糕
根 香蕉
本 书
封 信
把 钥匙
顶 帽子
盏 灯
幅 画
朵 花
张 桌子 床
扇 门 窗户
辆 汽车 自行车 马车
座 房子 教堂 城堡 桥
所 学校
间 厨房
片 森林
棵 树
堵 墙
"""
CONTRACTED = {"zum": "dem", "zur": "der", "im": "dem", "ins": "das"}
TAKES_DATIVE = (
    "helfen helfe hilft half halfen geholfen danken danke dankt dankte dankten gedankt"
)
TAKES_BOTH = (
    "geben gebe gibt gab gaben gegeben "
    "schicken schicke schickt schickte schickten geschickt"
)
MOVES = re.compile("(ge)?(renn|rann|spring|sprang|sprung|kletter|pass)")
GENDERS = {
    noun: gender
    for gender, nouns in zip("mfn", (MASCULINE, FEMININE, NEUTER), strict=True)
    for noun in nouns.split()
}
LONG = 8000
PRONOUNS = {"m": "er", "f": "sie", "n": "es"}
PERSONAL = {
    "nominative": ["ich", "er", "sie", "es", "wir"],
    "accusative": ["mich", "ihn", "sie", "es", "uns"],
    "dative": ["mir", "ihm", "ihr", "uns", "ihnen"],
}
ONE_FORM = {"Bären": "Bär"}
TRAITS = {
    "subject": ["tired", "weak", "lazy", "slow", "big"],
    "object": ["deep", "wide", "high", "heavy", "fast", "hard", "small"],
}
RELATIVE = {
    "der": [("nominative", "m"), ("dative", "f")],
    "die": [(case, gender) for case in ("nominative", "accusative") for gender in "fp"],
    "das": [("nominative", "n"), ("accusative", "n")],
    "den": [("accusative", "m")],
    "dem": [("dative", "m"), ("dative", "n")],
    "denen": [("dative", "p")],
}


@cache
def sample(split: Split, count: int = 800, seed: int = 0) -> list[Example]:
    return examples(split, count=count, seed=seed)


def everything() -> list[Example]:
    return [e for split in get_args(Split) for e in sample(split)]


def subtrees(tree: Tree) -> Iterator[Tree]:
    yield tree
    for child in children(tree):
        yield from subtrees(child)


# German


@cache
def patterns() -> dict[tuple[str, str, str], set[tuple[str, str]]]:
    """(determiner, adjective's ending, noun) -> the (case, gender) they agree in."""
    found = defaultdict(set)
    for line in COMPANY.split("\n")[1:-1]:
        case, gender, *company = line.split()
        for words in company:
            determiner, ending = words.split("-")
            for noun in forms(case, gender):
                found[determiner, ending, noun].add((case, gender))
                found[determiner, "", noun].add((case, gender))
    return dict(found)


def forms(case: str, gender: str) -> list[str]:
    if gender == "p":
        return (DATIVE_PLURALS if case == "dative" else PLURALS).split()
    nouns = [noun for noun, own in GENDERS.items() if own == gender]
    return nouns if case == "nominative" else [N_NOUNS.get(n, n) for n in nouns]


def readings(words: list[str]) -> set[tuple[str, str]]:
    """The (case, gender) in which determiner, adjectives and noun may stand."""
    determiner, *adjectives, noun = words
    endings = {re.sub(".*?(e[rns]?)$", r"\1", word) for word in adjectives}
    assert len(endings) < 2, f"{words}: endings differ"
    key = determiner.lower(), endings.pop() if endings else "", noun
    return patterns().get(key, set())


def cases(part: Tree) -> set[str]:
    """The cases of a noun phrase or pronoun."""
    words = leaves(own(part))
    if part[1][0] == "PPER":
        return {case for case, row in PERSONAL.items() if words[0].lower() in row}
    return {case for case, _ in readings(words)}


def own(part: Tree) -> Tree:
    """The phrase without relative clause and commas."""
    return tuple(c for c in part if isinstance(c, str) or c[0] not in ("S", "$,"))


def children(tree: Tree) -> Iterator[Tree]:
    yield from (child for child in tree[1:] if not isinstance(child, str))


def parts(clause: Tree) -> Iterator[Tree]:
    """What a clause is made of, its verb phrase opened, other clauses left out."""
    for child in children(clause):
        if child[0] == "VP":
            yield from parts(child)
        elif child[0] != "S":
            yield child


def nominal(part: Tree) -> bool:
    """Whether this is a noun phrase, not one of time and not one behind "als"."""
    times = ("Woche", "Tag", "Morgen")
    return part[0] == "NP" and part[1][0] != "KOKOM" and leaves(part)[-1] not in times


def is_relative(tree: Tree) -> bool:
    return tree[0] == "S" and tree[1][0] == "PRELS"


def relatives(tree: Tree) -> Iterator[tuple[Tree, Tree]]:
    """Each relative clause with its head, which may stand far before it."""
    for node in subtrees(tree):
        for clause in filter(is_relative, children(node)):
            yield (
                node if node[0] == "NP" else [p for p in parts(node) if nominal(p)][-1],
                clause,
            )


def governed(clause: Tree) -> list[str]:
    """The cases that the clause's verb asks for, the subject's first."""
    verbs = {leaves(part)[0] for part in parts(clause) if part[0].startswith("VV")}
    if verbs & set(TAKES_BOTH.split()):
        return ["nominative", "dative", "accusative"]
    return [
        "nominative",
        "dative" if verbs & set(TAKES_DATIVE.split()) else "accusative",
    ]


def german_trees() -> list[Tree]:
    return [example.tree_de for example in everything()]


def test_determiner_adjectives_and_noun_agree() -> None:
    for tree in german_trees():
        for part in filter(nominal, subtrees(tree)):
            assert cases(part), leaves(part)


def test_each_phrase_has_the_case_that_its_verb_asks_for() -> None:
    clauses = [
        node
        for tree in german_trees()
        for node in subtrees(tree)
        if node[0] == "S" and not is_relative(node)
    ]
    for clause in clauses:
        phrases = [part for part in parts(clause) if nominal(part)]
        for part, case in zip(phrases, governed(clause), strict=False):
            assert case in cases(part), leaves(clause)


def test_a_relative_pronoun_has_its_nouns_gender_and_its_verbs_case() -> None:
    seen = Counter[str]()
    for head, clause in (pair for tree in german_trees() for pair in relatives(tree)):
        genders = {gender for _, gender in readings(leaves(own(head)))}
        here = RELATIVE[leaves(clause)[0]]
        slots = [{case for case, gender in here if gender in genders}]
        slots += [cases(part) for part in parts(clause) if nominal(part)]
        expected = governed(clause)[: len(slots)]
        orders = [
            order
            for order in (expected, expected[::-1])
            if all(case in slot for case, slot in zip(order, slots, strict=True))
        ]
        assert orders, leaves(clause)
        seen[leaves(clause)[0]] += 1
    assert seen.keys() == RELATIVE.keys()


def test_prepositions_have_their_case() -> None:
    for tree in german_trees():
        for clause in (node for node in subtrees(tree) if node[0] == "S"):
            verbs = [leaves(p)[0] for p in parts(clause) if p[0].startswith("VV")]
            moves = any(map(MOVES.match, verbs))
            for part in (p for p in parts(clause) if p[0] == "PP"):
                first, *rest = leaves(part)
                if rest[-1] == "Abend":
                    continue
                words = [CONTRACTED[first], *rest] if first in CONTRACTED else rest
                case = "accusative" if moves and first[0] != "z" else "dative"
                assert case in {case for case, _ in readings(words)}, leaves(clause)


def test_the_finite_verb_agrees_with_its_subject() -> None:
    for tree in german_trees():
        for clause in (node for node in subtrees(tree) if node[0] == "S"):
            here = list(parts(clause))
            subject = next((part for part in here if nominal(part)), None)
            if is_relative(clause) or subject is None or subject[1][0] == "PPER":
                continue
            finite = next(leaves(part)[0] for part in here if part[0].endswith("FIN"))
            many = (finite[-1] == "n" and finite != "kann") or finite == "sind"
            own_genders = {gender for _, gender in readings(leaves(own(subject)))}
            assert ("p" in own_genders) == many, leaves(clause)


def test_the_verb_stands_second_or_last() -> None:
    for tree in german_trees():
        first = [child[0] for child in tree[1:] if child[0] != "$,"][1]
        assert first.endswith("FIN"), leaves(tree)
        for clause in (
            node for node in subtrees(tree) if node[1][0] in ("KOUS", "PRELS")
        ):
            before = [c[0] for c in clause[1:] if c[0] not in ("S", "$,")]
            if not {"versuchte", "vergaß"} & {*leaves(clause)}:
                assert before[-1].endswith("FIN"), leaves(clause)


# Coreference


def test_it_has_the_gender_of_the_noun_it_means() -> None:
    puzzles = [e for e in everything() if e.antecedent]
    assert {e.construction for e in puzzles} == {"reference"}
    for example in puzzles:
        main, _, reason = example.de.partition(", weil ")
        subject, thing = (
            gender
            for word in re.findall(r"\w+", main)
            if (gender := GENDERS.get(ONE_FORM.get(word, word)))
        )
        meant = subject if example.antecedent == "subject" else thing
        assert reason.split()[0] == example.pronoun_de == PRONOUNS[meant]
        trait = example.en.rstrip(".").split()[-1]
        assert trait in TRAITS[example.antecedent], example.en
        nouns = [leaves(n)[0] for n in subtrees(example.tree) if n[0] == "NN"]
        assert (nouns[example.antecedent == "object"], trait) in example.pairs
    sides = Counter((e.antecedent, e.pronoun_de) for e in puzzles)
    assert len(sides) == 6
    assert min(sides.values()) > 0.05 * len(puzzles)


def test_nobody_does_anything_to_himself() -> None:
    same = {"i": "me us", "we": "me us", "he": "him", "she": "her", "they": "them"}
    for example in sample("train", LONG):
        if example.construction in ("transitive", "giving"):
            words = example.en.lower().rstrip(".").split()
            for subject in same.keys() & words:
                assert not {*same[subject].split()} & {*words}, example.en


# Chinese


def test_a_noun_is_counted_with_its_classifier() -> None:
    classifier = {
        noun: line.split()[0]
        for line in CLASSIFIERS.split("\n")[1:-1]
        for noun in line.split()[1:]
    }
    seen = set()
    for example in sample("train", LONG):
        for node in subtrees(example.tree_zh):
            words = leaves(node)
            for part in children(node):
                if part[0] in ("QP", "DP") and leaves(part)[-1] != "这些":
                    assert leaves(part)[-1] == classifier[words[-1]], example.zh
                    seen.add(words[-1])
    assert len(seen) > 45


# Trees


def test_leaves_are_the_sentences_words() -> None:
    for example in everything():
        assert re.findall(r"\w+|[.,]", example.en) == leaves(example.tree)
        assert re.findall(r"\w+|[.,]", example.de) == leaves(example.tree_de)
        assert "".join(leaves(example.tree_zh)) == example.zh


def test_sentences_are_written_as_usual() -> None:
    for example in everything():
        for sentence in (example.en, example.de):
            assert re.fullmatch(r"[A-ZÄÖÜ][\wäöüß ,]*\.", sentence)
            assert not re.search(r" [,.]|,\S|,,|,\.|  ", sentence)
        assert re.fullmatch(r"[\u4e00-\u9fff，]+。", example.zh)
        assert "，。" not in example.zh


def test_no_constituent_is_empty() -> None:
    for example in everything():
        for tree in (example.tree, example.tree_de, example.tree_zh):
            for node in subtrees(tree):
                assert len(node) > 1
                assert isinstance(node[0], str)
                assert all(isinstance(c, tuple) for c in node[1:]) or len(node) == 2


def test_a_sub_clause_is_a_constituent() -> None:
    for example in (e for e in everything() if e.construction == "content"):
        _, _, content = example.en.rstrip(".").partition(" that ")
        clauses = [" ".join(leaves(n)) for n in subtrees(example.tree) if n[0] == "S"]
        assert content in clauses


# Splits


def test_splits_share_no_sentence_whatever_the_seed() -> None:
    places: dict[str, set[str]] = defaultdict(set)
    for split in get_args(Split):
        for seed in range(3):
            for example in sample(split, 300, seed):
                places[example.en].add(split)
    assert all(len(splits) == 1 for splits in places.values())


def test_a_call_repeats_nothing_and_a_longer_one_goes_on() -> None:
    for split in get_args(Split):
        long = [e.en for e in sample(split)]
        assert len(set(long)) == len(long)
        assert [e.en for e in examples(split, count=200)] == long[:200]


def test_the_same_sentences_on_every_machine() -> None:
    written = "\n".join(
        f"{e.en}\t{e.de}\t{e.zh}"
        for split in get_args(Split)
        for e in sample(split)[:250]
    )
    digest = hashlib.sha256(written.encode()).hexdigest()
    assert digest[:16] == "b78fa283f1c06186"


def test_another_seed_gives_other_sentences() -> None:
    one, other = ({e.en for e in sample("train", 800, seed)} for seed in (0, 1))
    assert len(one & other) < 0.3 * len(one)


def pairs_in(tree: Tree) -> set[tuple[str, str]]:
    """(noun, adjective) read off the English tree."""
    return {
        (leaves(node)[-1], leaves(child)[0])
        for node in subtrees(tree)
        if node[0] == "NP" and node[-1][0] == "NN"
        for child in children(node)
        if child[0] == "JJ"
    }


def test_hard_sentences_have_a_pair_that_no_other_sentence_has() -> None:
    others = [*sample("train", LONG), *sample("valid"), *sample("test")]
    told = {pair for example in others for pair in example.pairs}
    read = {pair for example in others for pair in pairs_in(example.tree)}
    new = set()
    for example in sample("hard"):
        unseen = set(example.pairs) - told
        assert unseen, example.en
        new |= unseen & pairs_in(example.tree)
    assert len(new) > 20
    assert not new & read


def test_every_hard_word_is_in_train() -> None:
    for name in ("tree", "tree_de", "tree_zh"):
        known = {
            w.lower() for e in sample("train", LONG) for w in leaves(getattr(e, name))
        }
        words = {w.lower() for e in sample("hard") for w in leaves(getattr(e, name))}
        assert words <= known


# Meanings


def test_an_english_sentence_has_one_translation() -> None:
    speaker, found = Speaker(Random(7)), defaultdict(set)
    for _ in range(20_000):
        meaning = speaker.meaning().sentence
        found[text(english.sentence(meaning))].add(
            (text(german.sentence(meaning)), text(chinese.sentence(meaning)))
        )
    assert len(found) > 15_000
    assert [en for en, others in found.items() if len(others) > 1] == []


def test_constructions_come_as_often_as_they_should() -> None:
    count = Counter(e.construction for e in sample("train", LONG))
    total = sum(SHARES.values())
    for name, share in SHARES.items():
        assert 0.7 < count[name] / LONG / (share / total) < 1.5, name


@pytest.mark.parametrize("split", ["all", "", "Train"])
def test_an_unknown_split_is_refused(split: Split) -> None:
    with pytest.raises(ValueError, match=f"split='{split}': give one of train, valid"):
        examples(split, count=1)


def test_a_negative_count_is_refused() -> None:
    assert examples("train", count=0) == []
    with pytest.raises(ValueError, match="count=-1: give 0 or more"):
        examples("train", count=-1)


# The package


def test_its_modules_need_nothing_but_each_other_and_python() -> None:
    for path in Path(grammar.__file__).parent.glob("*.py"):
        for module in imported(path.read_text(encoding="utf-8")):
            first = module.partition(".")[0]
            own = f"{module}.".startswith("allyouneed.data.grammar.")
            assert own or first in sys.stdlib_module_names, f"{path.stem}: {module}"


def imported(source: str) -> Iterator[str]:
    """Modules from which a source imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)
