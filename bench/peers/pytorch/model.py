"""The student: SiT with adaLN-Zero, class-conditional. Parameters have the names of the released checkpoints.

B batch, C channels, T tokens, D width, H heads, N classes.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn

from layers import Attention, Mlp, PatchEmbed

SINUSOIDS = 256
MAX_PERIOD = 10_000
EPS = 1e-6


def modulate(x_BTD: torch.Tensor, shift_BD: torch.Tensor, scale_BD: torch.Tensor) -> torch.Tensor:
    return x_BTD * (1 + scale_BD.unsqueeze(1)) + shift_BD.unsqueeze(1)


class TimestepEmbedder(nn.Module):
    """Cosines, then sines, of the diffusion time, through an MLP: [B] → [B, D]."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.mlp = nn.Sequential(nn.Linear(SINUSOIDS, width), nn.SiLU(), nn.Linear(width, width))
        half = SINUSOIDS // 2
        frequencies = torch.exp(-math.log(MAX_PERIOD) * torch.arange(half, dtype=torch.float32) / half)
        self.register_buffer("frequencies", frequencies, persistent=False)

    def forward(self, t_B: torch.Tensor) -> torch.Tensor:
        angles = t_B[:, None] * self.frequencies
        return self.mlp(torch.cat([angles.cos(), angles.sin()], dim=-1))


class LabelEmbedder(nn.Module):
    """A row a class; the last is the null class: [B] → [B, D]."""

    def __init__(self, classes: int, width: int) -> None:
        super().__init__()
        self.embedding_table = nn.Embedding(classes + 1, width)

    def forward(self, y_B: torch.Tensor) -> torch.Tensor:
        return self.embedding_table(y_B)


class Block(nn.Module):
    """x + gate·attention(modulate(norm(x))), then the same with the MLP."""

    def __init__(self, width: int, heads: int, mlp_ratio: float) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width, eps=EPS, elementwise_affine=False)
        self.attn = Attention(width, heads)
        self.norm2 = nn.LayerNorm(width, eps=EPS, elementwise_affine=False)
        self.mlp = Mlp(width, int(width * mlp_ratio), approximate="tanh")
        self.adaLN_modulation = nn.Sequential(nn.SiLU(), nn.Linear(width, 6 * width))

    def forward(self, x: torch.Tensor, c_BD: torch.Tensor, tap: bool) -> tuple[torch.Tensor, torch.Tensor | None]:
        shift_a, scale_a, gate_a, shift_m, scale_m, gate_m = self.adaLN_modulation(c_BD).chunk(6, dim=1)
        y, logits = self.attn(modulate(self.norm1(x), shift_a, scale_a), tap)
        x = x + gate_a.unsqueeze(1) * y
        x = x + gate_m.unsqueeze(1) * self.mlp(modulate(self.norm2(x), shift_m, scale_m))
        return x, logits


class FinalLayer(nn.Module):
    """Modulated norm, then a linear to the pixels of each patch."""

    def __init__(self, width: int, pixels: int) -> None:
        super().__init__()
        self.norm_final = nn.LayerNorm(width, eps=EPS, elementwise_affine=False)
        self.linear = nn.Linear(width, pixels)
        self.adaLN_modulation = nn.Sequential(nn.SiLU(), nn.Linear(width, 2 * width))

    def forward(self, x_BTD: torch.Tensor, c_BD: torch.Tensor) -> torch.Tensor:
        shift, scale = self.adaLN_modulation(c_BD).chunk(2, dim=1)
        return self.linear(modulate(self.norm_final(x_BTD), shift, scale))


class SiT(nn.Module):
    """The student and, where a feature term has them, its projectors, which the released code keeps inside the model."""

    def __init__(self, config: dict, projectors: list[nn.Module]) -> None:
        super().__init__()
        self.patch, self.grid = config["patch"], config["grid"]
        width, channels = config["width"], config["channels"]
        self.x_embedder = PatchEmbed(channels, width, self.patch)
        self.t_embedder = TimestepEmbedder(width)
        self.y_embedder = LabelEmbedder(config["classes"], width)
        tokens = self.grid[0] * self.grid[1]
        self.pos_embed = nn.Parameter(torch.zeros(1, tokens, width), requires_grad=False)
        self.blocks = nn.ModuleList(
            Block(width, config["heads"], config["mlpRatio"]) for _ in range(config["blocks"])
        )
        self.final_layer = FinalLayer(width, self.patch**2 * channels)
        self.projectors = nn.ModuleList(projectors)

    def forward(
        self, x_BCHW: torch.Tensor, t_B: torch.Tensor, y_B: torch.Tensor, taps: dict[str, list[int]]
    ) -> tuple[torch.Tensor, dict[int, torch.Tensor], dict[int, torch.Tensor]]:
        """The velocity [B, C, H, W], the tokens after the blocks asked for, and the logits of their attention."""
        tokens, logits = {}, {}
        x = self.x_embedder(x_BCHW) + self.pos_embed
        c = self.t_embedder(t_B) + self.y_embedder(y_B)
        for index, block in enumerate(self.blocks):
            x, tapped = block(x, c, index in taps["attention"])
            if tapped is not None:
                logits[index] = tapped
            if index in taps["tokens"]:
                tokens[index] = x
        return self.unpatchify(self.final_layer(x, c)), tokens, logits

    def unpatchify(self, x_BTP: torch.Tensor) -> torch.Tensor:
        """Patches as (p, p, C), row by row, back to an image."""
        patches = x_BTP.unflatten(1, self.grid).unflatten(-1, (self.patch, self.patch, -1))
        return torch.einsum("nhwpqc->nchpwq", patches).flatten(4, 5).flatten(2, 3)


def interpolate(
    path: str, x0: torch.Tensor, noise: torch.Tensor, t_B: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """The noisy state αₜ·x₀ + σₜ·ε and the velocity α̇ₜ·x₀ + σ̇ₜ·ε that the model is to predict."""
    t = t_B.view(-1, 1, 1, 1)
    if path == "linear":
        return (1 - t) * x0 + t * noise, noise - x0
    angle = t * (math.pi / 2)
    cos, sin = angle.cos(), angle.sin()
    return cos * x0 + sin * noise, (math.pi / 2) * (cos * noise - sin * x0)


def velocity_loss(predicted: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    return F.mse_loss(predicted.float(), target)
