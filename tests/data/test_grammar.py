"""The grammar against sentences written by hand, one for each thing it can do."""

from typing import Any

import pytest

from allyouneed.data.grammar import chinese, english, german, leaves
from allyouneed.data.grammar.clauses import being
from allyouneed.data.grammar.lexicon import adjectives_of, lexicon
from allyouneed.data.grammar.phrases import (
    Adjective,
    Clause,
    Noun,
    NounPhrase,
    Place,
    Pronoun,
    Sentence,
    Time,
    capitalised,
    text,
)


def noun_phrase(words: str, relative: Clause | None = None) -> NounPhrase:
    """The phrase of these English words: determiner, adjectives, noun."""
    determiner, *names, name = words.split()
    nouns = lexicon().nouns.values()
    noun = next(n for n in nouns if name == n.en[determiner in ("two", "these")])
    looks = tuple(adjective(noun, each) for each in names)
    return NounPhrase(noun, determiner, looks, relative)


def adjective(noun: Noun, en: str) -> Adjective:
    return next(a for a in adjectives_of(noun) if a.en == en)


def phrase(words: str) -> NounPhrase | Pronoun:
    return noun_phrase(words) if " " in words else lexicon().pronouns[words]


def where(en: str, what: str) -> tuple[Place, NounPhrase]:
    return next(p for p in lexicon().places if p.en == en), noun_phrase(what)


def when(zh: str) -> Time:
    return next(time for time in lexicon().times if time.zh == zh)


def action(subject: str, do: str, mode: str, what: str = "", **more: Any) -> Clause:
    """A clause; `do` is the English verb and the beginning of the Chinese one."""
    en, zh = do.split()
    every = (v for group in lexicon().verbs.values() for v in group)
    verb = next(v for v in every if v.en == en and v.zh.startswith(zh))
    clause = Clause(phrase(subject), verb, mode, **more)
    return clause._replace(object=phrase(what)) if what else clause


def being_so(subject: str, en: str, mode: str, **more: Any) -> Clause:
    """A clause of a noun and an adjective; "it-m dog" is the pronoun of the dog."""
    what = noun_phrase("the " + subject.split()[-1])
    clause = being(what, adjective(what.noun, en), mode)._replace(**more)
    if subject.startswith(("the ", "my ", "these ")):
        return clause._replace(subject=noun_phrase(subject))
    return clause._replace(subject=lexicon().pronouns[subject.split()[0]])


def told_apart(words: str, do: str, mode: str, other: str, gap: str) -> NounPhrase:
    """A noun with a relative clause, in which it is the subject or the object."""
    parts = (words, do, mode, other) if gap == "subject" else (other, do, mode, words)
    return noun_phrase(words, action(*parts, gap=gap))


RAINS = action("it-n", "rain 下", "present")
RAINED, SNOWS = RAINS._replace(mode="past"), action("it-n", "snow 下", "present")
CROSSED = action("the dog", "cross 过", "past", "the street", negation="not")
FITS = action("the ball", "fit 放", "present", "my suitcase", negation="not")
YESTERDAY, GARDEN = when("昨天"), where("in", "the garden")

GOLD: list[tuple[Clause | Sentence, str, str, str]] = [
    (
        action("the king", "see 看见", "past", "a small black dog",
               place=GARDEN, time=YESTERDAY),
        "The king saw a small black dog in the garden yesterday.",
        "Der König sah gestern im Garten einen kleinen schwarzen Hund.",
        "国王昨天在花园里看见了一只小黑狗。",
    ),
    (
        action("the king", "see 看见", "past", "the dog",
               place=GARDEN, time=YESTERDAY, front=True),
        "Yesterday the king saw the dog in the garden.",
        "Gestern sah der König den Hund im Garten.",
        "昨天国王在花园里看见了狗。",
    ),
    (
        action("the farmer", "buy 买", "perfect", "two big pigs"),
        "The farmer has bought two big pigs.",
        "Der Bauer hat zwei große Schweine gekauft.",
        "农夫已经买了两头大猪。",
    ),
    (
        action("the boy", "see 看见", "perfect", "a bear", negation="never"),
        "The boy has never seen a bear.",
        "Der Junge hat nie einen Bären gesehen.",
        "男孩从来没有看见过熊。",
    ),
    (
        action("the queen", "buy 买", "past", "a new lamp", negation="not"),
        "The queen did not buy a new lamp.",
        "Die Königin kaufte keine neue Lampe.",
        "王后没有买新灯。",
    ),
    (
        action("the girl", "eat 吃", "present", "a apple"),
        "The girl eats an apple.",
        "Das Mädchen isst einen Apfel.",
        "女孩吃一个苹果。",
    ),
    (
        action("the boy", "open 打开", "must", "the door", negation="not"),
        "The boy must not open the door.",
        "Der Junge darf die Tür nicht aufmachen.",
        "男孩不准打开门。",
    ),
    (
        action("I", "open 打开", "present", "the window"),
        "I open the window.",
        "Ich mache das Fenster auf.",
        "我打开窗户。",
    ),
    (
        action("we", "find 找到", "can", "the key", negation="not"),
        "We cannot find the key.",
        "Wir können den Schlüssel nicht finden.",
        "我们找不到钥匙。",
    ),
    (
        action("the nurse", "wash 洗", "want", "my dog", negation="not"),
        "The nurse does not want to wash my dog.",
        "Die Krankenschwester will meinen Hund nicht waschen.",
        "护士不想洗我的狗。",
    ),
    (
        action("the woman", "open 打开", "forgot", "the window", time=YESTERDAY),
        "The woman forgot to open the window yesterday.",
        "Die Frau vergaß gestern, das Fenster aufzumachen.",
        "女人昨天忘了打开窗户。",
    ),
    (
        action("the boy", "sleep 睡", "tried", place=where("in", "the kitchen")),
        "The boy tried to sleep in the kitchen.",
        "Der Junge versuchte, in der Küche zu schlafen.",
        "男孩试着在厨房里睡觉。",
    ),
    (
        action("these horses", "run 跑进", "perfect", "the forest"),
        "These horses have run into the forest.",
        "Diese Pferde sind in den Wald gerannt.",
        "这些马已经跑进了森林。",
    ),
    (
        action("the cat", "run 跑向", "past", "the old church"),
        "The cat ran to the old church.",
        "Die Katze rannte zur alten Kirche.",
        "猫跑向了古老的教堂。",
    ),
    (
        action("he", "jump 跳进", "past", "the river"),
        "He jumped into the river.",
        "Er sprang in den Fluss.",
        "他跳进了河里。",
    ),
    (
        action("the man", "give 给", "future", "a red apple",
               receiver=phrase("the girl"), time=when("明天")),
        "The man will give the girl a red apple tomorrow.",
        "Der Mann wird dem Mädchen morgen einen roten Apfel geben.",
        "男人明天会给女孩一个红苹果。",
    ),
    (
        action("she", "send 寄", "past", "this picture", receiver=phrase("I")),
        "She sent me this picture.",
        "Sie schickte mir dieses Bild.",
        "她给我寄了这幅画。",
    ),
    (
        action("I", "help 帮助", "past", "the young farmer"),
        "I helped the young farmer.",
        "Ich half dem jungen Bauern.",
        "我帮助了年轻的农夫。",
    ),
    (
        being_so("the bear", "tired", "past", degree="very"),
        "The bear was very tired.",
        "Der Bär war sehr müde.",
        "熊非常累。",
    ),
    (
        being_so("my cow", "hungry", "present", negation="not"),
        "My cow is not hungry.",
        "Meine Kuh ist nicht hungrig.",
        "我的牛不饿。",
    ),
    (
        being_so("the horse", "fast", "present", degree="than",
                 object=phrase("the donkey")),
        "The horse is faster than the donkey.",
        "Das Pferd ist schneller als der Esel.",
        "马比驴快。",
    ),
    (
        action("the man", "buy 买", "past", "a book")._replace(
            subject=told_apart("the man", "love 爱", "present", "the cat", "subject")
        ),
        "The man who loves the cat bought a book.",
        "Der Mann, der die Katze liebt, kaufte ein Buch.",
        "爱猫的男人买了一本书。",
    ),
    (
        action("the boy", "find 找到", "perfect", "the key")._replace(
            object=told_apart("the key", "steal 偷", "past", "the queen", "object")
        ),
        "The boy has found the key which the queen stole.",
        "Der Junge hat den Schlüssel gefunden, den die Königin stahl.",
        "男孩已经找到了王后偷的钥匙。",
    ),
    (
        action("these men", "sing 唱", "past")._replace(
            subject=told_apart("these men", "help 帮助", "past", "the nurse", "object")
        ),
        "These men whom the nurse helped sang.",
        "Diese Männer, denen die Krankenschwester half, sangen.",
        "护士帮助的这些男人唱了歌。",
    ),
    (
        action("the king", "see 看见", "past")._replace(
            object=told_apart("a mouse", "cross 过", "past", "the street", "subject")
        ),
        "The king saw a mouse which crossed the street.",
        "Der König sah eine Maus, die die Straße überquerte.",
        "国王看见了一只过了马路的老鼠。",
    ),
    (
        action("a man", "buy 买", "past", "a car")._replace(
            subject=told_apart("a man", "know 认识", "present", "the girl", "object")
        ),
        "A man whom the girl knows bought a car.",
        "Ein Mann, den das Mädchen kennt, kaufte ein Auto.",
        "女孩认识的一个男人买了一辆汽车。",
    ),
    (
        action("the woman", "know 知道", "present")._replace(
            content=action("the girl", "eat 吃", "perfect", "the cake")
        ),
        "The woman knows that the girl has eaten the cake.",
        "Die Frau weiß, dass das Mädchen den Kuchen gegessen hat.",
        "女人知道女孩已经吃了蛋糕。",
    ),
    (
        Sentence(action("she", "sing 唱", "present"), "because",
                 action("the man", "open 打开", "present", "the door")),
        "She sings because the man opens the door.",
        "Sie singt, weil der Mann die Tür aufmacht.",
        "她唱歌，因为男人打开门。",
    ),
    (
        Sentence(action("the farmer", "sleep 睡", "past"), "when", RAINED, True),
        "When it rained, the farmer slept.",
        "Als es regnete, schlief der Bauer.",
        "下雨的时候，农夫睡了觉。",
    ),
    (
        Sentence(action("the boy", "draw 画", "can", "the bear"), "if", SNOWS),
        "The boy can draw the bear if it snows.",
        "Der Junge kann den Bären zeichnen, wenn es schneit.",
        "如果下雪，男孩就能画熊。",
    ),
    (
        Sentence(action("the queen", "dance 跳", "past"), "although",
                 being_so("the king", "sad", "past"), True),
        "Although the king was sad, the queen danced.",
        "Obwohl der König traurig war, tanzte die Königin.",
        "虽然国王很难过，但是王后跳了舞。",
    ),
    (
        Sentence(action("the cat", "run 跑进", "present", "the house"), "because",
                 RAINS, True),
        "Because it rains, the cat runs into the house.",
        "Weil es regnet, rennt die Katze ins Haus.",
        "因为下雨，所以猫跑进房子。",
    ),
    (
        Sentence(CROSSED, "because",
                 being_so("it-f street", "wide", "past", degree="too")),
        "The dog did not cross the street because it was too wide.",
        "Der Hund überquerte die Straße nicht, weil sie zu breit war.",
        "狗没有过马路，因为它太宽了。",
    ),
    (
        Sentence(CROSSED, "because",
                 being_so("it-m dog", "lazy", "past", degree="too")),
        "The dog did not cross the street because it was too lazy.",
        "Der Hund überquerte die Straße nicht, weil er zu faul war.",
        "狗没有过马路，因为它太懒了。",
    ),
    (
        Sentence(FITS, "because",
                 being_so("it-m suitcase", "small", "present", degree="too")),
        "The ball does not fit into my suitcase because it is too small.",
        "Der Ball passt nicht in meinen Koffer, weil er zu klein ist.",
        "球放不进我的手提箱，因为它太小了。",
    ),
    (
        action("a white duck", "jump 跳上", "past", "the wall",
               time=when("今天早上")),
        "A white duck jumped onto the wall this morning.",
        "Eine weiße Ente sprang heute Morgen auf die Mauer.",
        "有一只白鸭子今天早上跳上了墙。",
    ),
    (
        action("my beautiful horse", "see 看见", "present", "we"),
        "My beautiful horse sees us.",
        "Mein schönes Pferd sieht uns.",
        "我漂亮的马看见我们。",
    ),
    (
        action("he", "wash 洗", "present", "the car",
               place=where("in front of", "the house"), time=when("晚上")),
        "He washes the car in front of the house in the evening.",
        "Er wäscht das Auto am Abend vor dem Haus.",
        "他晚上在房子前面洗汽车。",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("meaning", "en", "de", "zh"), GOLD, ids=[g[1] for g in GOLD])
def test_says_what_was_written_by_hand(
    meaning: Clause | Sentence, en: str, de: str, zh: str
) -> None:
    sentence = meaning if isinstance(meaning, Sentence) else Sentence(meaning)
    assert text(capitalised(english.sentence(sentence))) == en
    assert text(capitalised(german.sentence(sentence))) == de
    assert "".join(leaves(chinese.sentence(sentence))) == zh
