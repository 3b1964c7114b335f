"""One update of a model: recipe, gradient, the step of Adam (sections 5.3 and 5.4).

Shapes: B sentences, S source positions, T target positions.
"""

import dataclasses
import hashlib
import math
from typing import Literal, get_args

import torch
from torch import Tensor, nn

from allyouneed.data.batches import Batch
from allyouneed.ground import runtime
from allyouneed.ground.configurations import LATER, stated
from allyouneed.ground.special_tokens import PAD
from allyouneed.models.seq2seq import EncoderDecoder
from allyouneed.training import optimizers, schedules
from allyouneed.training.distributed import Alone

Precision = Literal["auto", "fp32", "bf16", "fp16"]
Schedule = Literal["inverse_sqrt", "cosine", "stable_decay"]
CHOICES = {
    "precision": get_args(Precision),
    "schedule": get_args(Schedule),
    "optimizer": get_args(optimizers.Kind),
}
LEAST_SCALE = 1e-4  # of fp16's losses, as in fairseq; they start at 65,536


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """How a model is trained; the defaults are the paper's (section 5).

    Args:
        steps: updates.
        warmup: updates during which the learning rate rises.
        rise: whether it does; False stays at the highest rate for that long.
        peak: the highest learning rate; None takes the paper's, which follows from
            d_model and warmup (equation 3).
        betas, eps: of Adam.
        epsilon_ls: share of label smoothing.
        clip: longest gradient let through; None lets all.
        accumulate: batches that make up one update.
        precision: of the matrix products; "auto" takes the device's best.
        seed: of dropout, and of it alone.
        schedule: what follows the rise: "inverse_sqrt", the paper's, "cosine" or
            "stable_decay", which both end at `steps` (`schedules`).
        optimizer: "adam", the paper's, "adamw" or "muon" (`optimizers.optimizer`).
        weight_decay: of the latter two.

    Raises:
        ValueError: a number is out of its range.
    """

    steps: int
    warmup: int = 4000
    rise: bool = True
    peak: float | None = None
    betas: tuple[float, float] = (0.9, 0.98)
    eps: float = 1e-9
    epsilon_ls: float = 0.1
    clip: float | None = None
    accumulate: int = 1
    precision: Precision = "auto"
    seed: int = 0
    schedule: Schedule = dataclasses.field(default="inverse_sqrt", metadata=LATER)
    optimizer: optimizers.Kind = dataclasses.field(default="adam", metadata=LATER)
    weight_decay: float = dataclasses.field(default=0.1, metadata=LATER)

    def __post_init__(self) -> None:
        for name in ("steps", "warmup", "accumulate"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}={getattr(self, name)}: give at least 1")
        for name in ("peak", "clip"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise ValueError(f"{name}={value}: give more than 0, or None")
        for name, choices in CHOICES.items():
            if getattr(self, name) not in choices:
                raise ValueError(
                    f"{name}={getattr(self, name)!r}: choose {', '.join(choices)}"
                )
        if self.schedule != "inverse_sqrt" and self.steps <= self.warmup:
            raise ValueError(
                f"steps={self.steps}, warmup={self.warmup}: {self.schedule} needs more "
                "steps than the rise takes"
            )
        for name in ("epsilon_ls", "weight_decay"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(
                    f"{name}={getattr(self, name)}: give a share from 0 to below 1"
                )
        if not (all(0 <= beta < 1 for beta in self.betas) and self.eps >= 0):
            raise ValueError(
                f"betas={self.betas}, eps={self.eps}: give shares from 0 to below 1, "
                "and 0 or more"
            )

    def learning_rate(self, step: int, *, d_model: int) -> float:
        """The learning rate of update `step`, counted from 1."""
        step = step if self.rise else max(step, self.warmup)
        if self.schedule == "inverse_sqrt" and self.peak is None:
            return schedules.noam(step, d_model=d_model, warmup=self.warmup)
        peak = self.peak or schedules.noam(
            self.warmup, d_model=d_model, warmup=self.warmup
        )
        if self.schedule == "inverse_sqrt":
            return schedules.inverse_sqrt(step, peak=peak, warmup=self.warmup)
        shape = getattr(schedules, self.schedule)
        return float(shape(step, peak=peak, warmup=self.warmup, steps=self.steps))

    def identity(self) -> dict[str, object]:
        """What a run must share to go on: all but `steps`, unless the schedule ends."""
        own = stated(self)
        if self.schedule == "inverse_sqrt":
            del own["steps"]
        return own


@dataclasses.dataclass(frozen=True)
class Step:
    """Where training stands after an update.

    `loss` is the mean of the update's target tokens, smoothed as trained; `tokens` and
    `seconds` add up since the run began, kills and the caller's own time left out.
    """

    step: int
    loss: float
    tokens: int
    seconds: float
    learning_rate: float
    gradient_norm: float


class Learner:
    """A model on its way: what one update changes."""

    def __init__(
        self,
        model: EncoderDecoder,
        config: TrainingConfig,
        device: torch.device,
        team: Alone,
    ) -> None:
        self.model, self.config, self.device, self.team = model, config, device, team
        self.model.to(device)
        self.parameters = list(model.parameters())
        self.precision = (
            runtime.precision(device)
            if config.precision == "auto"
            else config.precision
        )
        self.optimizer = optimizers.optimizer(
            model,
            config.optimizer,
            betas=config.betas,
            eps=config.eps,
            weight_decay=config.weight_decay,
            fused=runtime.fuses(device),
        )
        self.scaler = torch.amp.GradScaler(
            device.type, enabled=self.precision == "fp16"
        )
        self.step, self.tokens, self.seconds = 0, 0, 0.0

    def update(self, group: list[Batch]) -> Step:
        """Follow the mean gradient over all target tokens of the group, once.

        Raises:
            ValueError: there is none.
        """
        start = runtime.seconds(self.device)
        step = self.step + 1
        count = sum(int((batch.labels != PAD).sum()) for batch in group)
        if not count:
            raise ValueError(
                f"step {step} finds no target token: give batches without end, and "
                "none of padding alone"
            )
        loss = torch.zeros((), device=self.device)
        self.model.train()
        with runtime.seeded(self.device, self._seed(step)):
            for batch in group:
                loss = loss + self._backward(self.team.share(batch), count)
        loss = self.team.sum(self.parameters, loss)
        if not math.isfinite(loss):
            raise self._lost(step, loss=loss.item())
        rate = self.config.learning_rate(step, d_model=self.model.config.d_model)
        norm = self._follow(rate, step)
        self.step, self.tokens = step, self.tokens + count
        self.seconds += runtime.seconds(self.device) - start
        return Step(step, loss.item(), self.tokens, self.seconds, rate, norm)

    def _backward(self, batch: Batch, count: int) -> Tensor:
        """Add the batch's part of the gradient, and return its part of the loss."""
        own = int((batch.labels != PAD).sum())
        if not own:
            return torch.zeros((), device=self.device)
        batch = batch.to(self.device)
        with runtime.autocast(self.device, self.precision):
            mean = self.model.loss(
                batch.source,
                batch.inputs,
                batch.labels,
                epsilon=self.config.epsilon_ls,
            )
        loss = mean * (own / count)
        self.scaler.scale(loss).backward()
        return loss.detach()

    def _follow(self, rate: float, step: int) -> float:
        """Let Adam move the parameters; return the gradient's length, not clipped.

        In fp16 one that is not finite is no fault: the update is left out, and the
        scaler scales less. Only a scale sunk to nothing tells that none is finite.
        """
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.scaler.unscale_(self.optimizer)
        length = nn.utils.clip_grad_norm_(self.parameters, self.config.clip or math.inf)
        norm = length.item()
        if math.isfinite(norm):
            self.scaler.step(self.optimizer)
        elif not self.scaler.is_enabled() or self.scaler.get_scale() < LEAST_SCALE:
            raise self._lost(step, gradient_norm=norm)
        self.scaler.update()
        self.optimizer.zero_grad()
        return norm

    def _lost(self, step: int, **named: float) -> FloatingPointError:
        """The error for a number that is none any more; the model is as it was."""
        self.optimizer.zero_grad()
        ((name, value),) = named.items()
        return FloatingPointError(
            f"{name}={value} at step {step}: lower peak, or set clip"
        )

    def _seed(self, step: int) -> int:
        """A seed of its own for each update and process."""
        text = f"{self.config.seed} {step} {self.team.rank}"
        return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())
