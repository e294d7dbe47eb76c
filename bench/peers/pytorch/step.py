"""One training step: losses, gradients, clip, AdamW, moving average."""

import math

import torch
from torch import nn

from align import Alignment
from model import SiT, interpolate, velocity_loss
from teacher import Teacher
from tensors import read_tensors
from tuning import Variant


class Trainer:
    """
    A case in PyTorch, from the same weights and on the same batch as the framework's side.

    Phase `aligning` does all the work of the released code: the teacher with its attention maps, and every term. Phase
    `free` does what that code goes on doing after the stop: teacher, its maps and the student's q·kᵀ, for no loss.
    """

    def __init__(self, case: dict, folder: str, variant: Variant, device: str) -> None:
        self.case, self.variant, self.device = case, variant, device
        self.given = load_batch(f"{folder}/batch.safetensors", device)
        self.batch = self.given
        told = case["teacher"]
        self.teacher = Teacher(told["path"], told["grid"], device) if told else None
        teacher_width = self.teacher.vit.norm.weight.numel() if self.teacher else 0
        self.alignment = Alignment(case["terms"], teacher_width)
        student = case["student"]
        self.model = SiT(student, self.alignment.projectors(student["width"]))
        self.model.load_state_dict(read_tensors(f"{folder}/weights.safetensors")[0])
        self.model.to(device)
        self.trainable = [parameter for parameter in self.model.parameters() if parameter.requires_grad]
        self.ema = [parameter.detach().clone() for parameter in self.trainable]
        self.optimizer, self.schedule = optimizer_of(case["optimizer"], self.trainable, variant)
        self.align = self.alignment.losses
        if variant.compile:
            self.model.compile()
            self.align = torch.compile(self.align)
            if self.teacher:
                self.teacher.vit.compile()

    def step(self) -> dict[str, float]:
        """One step; waits for its losses, as a run that watches them does."""
        with torch.autocast(self.device, dtype=torch.bfloat16, enabled=self.variant.bf16):
            losses = self.losses()
        self.optimizer.zero_grad()
        losses["loss/total"].backward()
        norm = nn.utils.clip_grad_norm_(self.trainable, self.case["gradientClip"] or math.inf)
        self.optimizer.step()
        if self.schedule:
            self.schedule.step()
        self.average()
        told = {**losses, "grad_norm": norm}
        # One transfer, one wait.
        return dict(zip(told, torch.stack([value.detach().float() for value in told.values()]).tolist()))

    def repeat_batch(self, rows: int) -> None:
        """The given batch, repeated to a multiple of its rows: the losses stay."""
        times = rows // self.given["t"].shape[0]
        self.batch = {name: tensor.repeat(times, *[1] * (tensor.dim() - 1)) for name, tensor in self.given.items()}

    def release(self) -> None:
        """Gives back what a step that failed left."""
        self.batch = self.given
        self.optimizer.zero_grad()
        if self.device != "cpu":
            torch.cuda.empty_cache()

    def losses(self) -> dict[str, torch.Tensor]:
        batch, phase = self.batch, self.case["phase"]
        taps = {"tokens": [], "attention": []} if phase == "plain" else self.alignment.student_taps
        seen = None if self.teacher is None else self.teacher.encode(batch["images"], self.alignment.teacher_attention)
        x, target = interpolate(self.case["path"], batch["x0"], batch["noise"], batch["t"])
        velocity, tokens, logits = self.model(x, batch["t"], batch["y"], taps)
        denoise = velocity_loss(velocity, target)
        terms = self.align(self.model.projectors, (tokens, logits), seen) if phase == "aligning" else {}
        total = denoise + sum(self.alignment.weight(name) * loss for name, loss in terms.items())
        aligned = {f"align/{name}": loss for name, loss in terms.items()}
        return {"loss/total": total, "loss/denoise": denoise, **aligned}

    @torch.no_grad()
    def average(self) -> None:
        """ema ← decay·ema + (1 − decay)·parameter."""
        decay = self.case["emaDecay"]
        if self.variant.fused:
            torch._foreach_lerp_(self.ema, self.trainable, 1 - decay)
            return
        for average, parameter in zip(self.ema, self.trainable):
            average.mul_(decay).add_(parameter, alpha=1 - decay)


def load_batch(path: str, device: str) -> dict[str, torch.Tensor]:
    batch = {name: tensor.clone().to(device) for name, tensor in read_tensors(path)[0].items()}
    return {**batch, "y": batch["y"].long()}


def optimizer_of(
    config: dict, parameters: list[nn.Parameter], variant: Variant
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler | None]:
    """AdamW, and a schedule where the learning rate is not constant."""
    optimizer = torch.optim.AdamW(
        parameters,
        lr=config["lr"],
        betas=tuple(config["betas"]),
        eps=config["eps"],
        weight_decay=config["weightDecay"],
        **({"fused": True} if variant.fused else {}),
    )
    if config["warmup"] == 0 and "decay" not in config:
        return optimizer, None
    return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate(config, step))


def rate(config: dict, step: int) -> float:
    """Factor on the learning rate: linear warm-up, then constant or cosine."""
    rise = min(1, (step + 1) / config["warmup"]) if config["warmup"] else 1
    if "decay" not in config:
        return rise
    decay = config["decay"]
    progress = min(1, max(0, (step - decay["from"]) / (decay["until"] - decay["from"])))
    return rise * (decay["to"] + (1 - decay["to"]) * 0.5 * (1 + math.cos(math.pi * progress)))
