"""Grids that have a name: what the command `sweep` runs and chapters read back."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from allyouneed.data import tasks
from allyouneed.data.tasks import Task
from allyouneed.models.sequence_models import MixerConfig, sized
from allyouneed.studies import (
    ablations,
    equal_budget,
    nine_years,
    one_or_two_stacks,
    table_2,
)
from allyouneed.studies.courses import study
from allyouneed.studies.small_tasks import Lesson, learn, seek
from allyouneed.studies.trials import Config, Trial

PARAMETERS = 40_000  # at most, of each model that takes the eight tasks
UPDATES = 400
PILOT_RATES = (3e-3, 1e-2)
RATES = {"gru": 1e-2, "lstm": 3e-3, "convolution": 1e-2, "attention": 3e-3}


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A trial and the configurations to try, all with the same seed."""

    trial: Trial
    configs: tuple[Config, ...]

    def seeded(self, seeds: Iterable[int]) -> list[Config]:
        """All configurations with the first seed, then with the second, and so on."""
        return [
            dataclasses.replace(config, seed=seed)
            for seed in seeds
            for config in self.configs
        ]

    @classmethod
    def eight_tasks(cls) -> "Grid":
        """Eight tasks, five models of about one size, each at a rate of its own."""
        lessons = (
            _lesson(task, model, RATES[model.mixer])
            for task in eight()
            for model in contestants(task.vocab)
        )
        return cls(trial=learn, configs=tuple(lessons))

    @classmethod
    def recall(cls) -> "Grid":
        """The task that 400 updates teach nobody: three models, three times as long."""
        lessons = (
            dataclasses.replace(lesson, steps=3 * UPDATES, every=60)
            for lesson in cls.eight_tasks().configs
            if isinstance(lesson, Lesson) and isinstance(lesson.task, tasks.Recall)
            if lesson.model.mixer != "lstm" and lesson.model.positions is None
        )
        return cls(trial=learn, configs=tuple(lessons))

    @classmethod
    def needle(cls) -> "Grid":
        """The needle again, found or not at each distance: one model of each kind."""
        lessons = (
            lesson
            for lesson in cls.eight_tasks().configs
            if isinstance(lesson, Lesson) and isinstance(lesson.task, tasks.Needle)
            if lesson.model.mixer != "lstm" and lesson.model.positions is None
        )
        return cls(trial=seek, configs=tuple(lessons))

    @classmethod
    def needle_race(cls) -> "Grid":
        """Attention and convolution on the needle, examined often, for many seeds."""
        lessons = (
            dataclasses.replace(lesson, every=5)
            for lesson in cls.needle().configs
            if isinstance(lesson, Lesson) and lesson.model.mixer != "gru"
        )
        return cls(trial=learn, configs=tuple(lessons))

    @classmethod
    def eight_tasks_rates(cls) -> "Grid":
        """The pilot: two of the tasks, to find a rate for each kind of model."""
        lessons = (
            _lesson(task, model, rate)
            for task in eight()
            if type(task) in (tasks.Copy, tasks.Recall)
            for model in contestants(task.vocab)
            for rate in PILOT_RATES
        )
        return cls(trial=learn, configs=tuple(lessons))

    @classmethod
    def table_3(cls) -> "Grid":
        """The ablations of table 3 and others, in miniature, on the grammar."""
        return cls(trial=study, configs=tuple(ablations.table_3()))

    @classmethod
    def table_3_multi30k(cls) -> "Grid":
        """Some of its rows on real captions."""
        return cls(trial=study, configs=tuple(ablations.on_captions()))

    @classmethod
    def table_3_trained(cls) -> "Grid":
        """Most rows of table 3, trained to the end of what they can learn."""
        return cls(trial=study, configs=tuple(ablations.trained()))

    @classmethod
    def table_3_base(cls) -> "Grid":
        """The base of these rows alone, for more seeds than the others have."""
        return cls(trial=study, configs=tuple(ablations.trained()[:1]))

    @classmethod
    def longest(cls) -> "Grid":
        """One translator of captions, trained for three hours of a core."""
        return cls(trial=study, configs=(ablations.longest(),))

    @classmethod
    def table_2_pilot(cls) -> "Grid":
        """Three translators of one size: a rate for each, and a norm for one."""
        return cls(trial=study, configs=tuple(table_2.pilot()))

    @classmethod
    def table_2(cls) -> "Grid":
        """The contest of the three, as the pilot left them."""
        return cls(trial=study, configs=tuple(table_2.contest()))

    @classmethod
    def table_2_controls(cls) -> "Grid":
        """What the contest kept, changed: the dropout of all, the norm of one."""
        return cls(trial=study, configs=tuple(table_2.controls()))

    @classmethod
    def nine_years_pilot(cls) -> "Grid":
        """The paper's recipe and today's: a peak rate for each change."""
        return cls(trial=study, configs=tuple(nine_years.pilot()))

    @classmethod
    def nine_years(cls) -> "Grid":
        """The same, each at the peak rate that was best for it in the pilot."""
        return cls(trial=study, configs=tuple(nine_years.contest()))

    @classmethod
    def nine_years_as_long(cls) -> "Grid":
        """Two of its rows once more, for as much time as the paper's recipe has."""
        return cls(trial=study, configs=tuple(nine_years.as_long()))

    @classmethod
    def nine_years_captions_pilot(cls) -> "Grid":
        """Some of its rows on captions: a peak rate for each."""
        return cls(trial=study, configs=tuple(nine_years.captions_pilot()))

    @classmethod
    def nine_years_captions(cls) -> "Grid":
        """The same, each at the peak rate that was best for it in that pilot."""
        return cls(trial=study, configs=tuple(nine_years.captions_contest()))

    @classmethod
    def one_stack_pilot(cls) -> "Grid":
        """Decoder-only translators: a peak rate for each."""
        return cls(trial=study, configs=tuple(one_or_two_stacks.pilot()))

    @classmethod
    def one_stack(cls) -> "Grid":
        """The same, each at the peak rate that was best for it in the pilot."""
        return cls(trial=study, configs=tuple(one_or_two_stacks.contest()))

    @classmethod
    def peaks(cls) -> "Grid":
        """The base of table 3 by peak rate, rise and place of the normalisation."""
        return cls(trial=study, configs=tuple(ablations.peaks()))

    @classmethod
    def ladder(cls) -> "Grid":
        """Four translators of one size, three texts, the same time for each."""
        return cls(trial=study, configs=tuple(equal_budget.ladder()))

    @classmethod
    def ladder_rates(cls) -> "Grid":
        """The pilot: one text, to find a rate for each of the four."""
        return cls(trial=study, configs=tuple(equal_budget.pilot()))


def eight() -> tuple[Task, ...]:
    """The eight tasks, in sizes that some models master in 400 updates and some not."""
    return (
        tasks.Copy(length=8),
        tasks.Reverse(length=8),
        tasks.Sort(length=8),
        tasks.SelectiveCopy(length=16),
        tasks.Recall(length=6, symbols=8),
        tasks.Needle(length=24),
        tasks.Parity(length=12),
        tasks.FirstOfTwo(length=20),
    )


@cache
def contestants(vocab: int) -> tuple[MixerConfig, ...]:
    """Five models of at most 40,000 parameters, as wide as that allows.

    GRU, LSTM and attention have two layers. The convolution has three of width 5, whose
    dilations 1, 2 and 4 let it see 28 tokens back. The last is attention without
    positions, the control.
    """
    models = (
        MixerConfig(vocab=vocab, mixer="gru", heads=1),
        MixerConfig(vocab=vocab, mixer="lstm", heads=1),
        MixerConfig(vocab=vocab, mixer="convolution", heads=1, layers=3, width=5),
        MixerConfig(vocab=vocab, mixer="attention"),
        MixerConfig(vocab=vocab, mixer="attention", positions="none"),
    )
    return tuple(sized(model, PARAMETERS) for model in models)


def _lesson(task: Task, model: MixerConfig, rate: float) -> Lesson:
    return Lesson(task=task, model=model, rate=rate, steps=UPDATES, size=32, every=20)
