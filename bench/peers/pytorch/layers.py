"""What the student and the teacher share. B batch, T tokens, D width, H heads, d = D / H."""

import torch
import torch.nn.functional as F
from torch import nn


class Attention(nn.Module):
    """Multi-head self-attention with one linear for queries, keys and values."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x_BTD: torch.Tensor, tap: bool) -> tuple[torch.Tensor, torch.Tensor | None]:
        """The attended tokens and, for a tap, the logits q·kᵀ·d^−½ [B, H, T, T], which fused attention does not give."""
        q, k, v = self.qkv(x_BTD).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        y_BTD = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)
        logits_BHTT = (q @ k.transpose(-2, -1)) * q.shape[-1] ** -0.5 if tap else None
        return self.proj(y_BTD), logits_BHTT


class Mlp(nn.Module):
    """Linear, GELU, Linear."""

    def __init__(self, width: int, hidden: int, approximate: str) -> None:
        super().__init__()
        self.fc1 = nn.Linear(width, hidden)
        self.act = nn.GELU(approximate)
        self.fc2 = nn.Linear(hidden, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc2(self.act(self.fc1(x)))


class PatchEmbed(nn.Module):
    """A convolution with stride and kernel p: [B, C, H, W] → [B, T, D]."""

    def __init__(self, channels: int, width: int, patch: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(channels, width, patch, patch)

    def forward(self, x_BCHW: torch.Tensor) -> torch.Tensor:
        return self.proj(x_BCHW).flatten(2).transpose(1, 2)
