"""The teacher: a frozen vision transformer of DINOv2's layout, read from its weights.

B batch, C channels, T patch tokens, N = 1 + T with the class token, D width, H heads.
"""

import json

import torch
import torch.nn.functional as F
from torch import nn

from layers import Attention, Mlp, PatchEmbed
from tensors import read_tensors

EPS = 1e-6
HEAD_DIM = 64
IMAGENET = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}


class LayerScale(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.gamma


class Block(nn.Module):
    """Pre-norm attention and MLP, each with LayerScale."""

    def __init__(self, width: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width, eps=EPS)
        self.attn = Attention(width, heads)
        self.ls1 = LayerScale(width)
        self.norm2 = nn.LayerNorm(width, eps=EPS)
        self.mlp = Mlp(width, hidden, approximate="none")
        self.ls2 = LayerScale(width)

    def forward(self, x_BND: torch.Tensor, tap: bool) -> tuple[torch.Tensor, torch.Tensor | None]:
        y_BND, logits_BHNN = self.attn(self.norm1(x_BND), tap)
        x_BND = x_BND + self.ls1(y_BND)
        return x_BND + self.ls2(self.mlp(self.norm2(x_BND))), logits_BHNN


class VisionTransformer(nn.Module):
    """All blocks, as the released training code runs them."""

    def __init__(self, weights: dict[str, torch.Tensor], heads: int, grid: list[int]) -> None:
        super().__init__()
        width, channels, patch, _ = weights["patch_embed.proj.weight"].shape
        hidden = weights["blocks.0.mlp.fc1.weight"].shape[0]
        depth = 1 + max(int(name.split(".")[1]) for name in weights if name.startswith("blocks."))
        self.patch_embed = PatchEmbed(channels, width, patch)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.pos_embed = nn.Parameter(torch.zeros(1, 1 + grid[0] * grid[1], width))
        self.blocks = nn.ModuleList(Block(width, heads, hidden) for _ in range(depth))
        self.norm = nn.LayerNorm(width, eps=EPS)
        self.load_state_dict({**weights, "pos_embed": resample_positions(weights["pos_embed"], grid)})
        self.requires_grad_(False).eval()

    def forward(self, x_BCHW: torch.Tensor, attention: list[int]) -> tuple[torch.Tensor, dict[int, torch.Tensor]]:
        """The final patch tokens [B, T, D] and the logits of the blocks asked for [B, H, T, T], class token cut off."""
        patches = self.patch_embed(x_BCHW)
        x = torch.cat([self.cls_token.expand(patches.shape[0], -1, -1), patches], dim=1) + self.pos_embed
        logits = {}
        for index, block in enumerate(self.blocks):
            x, tapped = block(x, index in attention)
            if tapped is not None:
                logits[index] = tapped[:, :, 1:, 1:]
        return self.norm(x)[:, 1:], logits


class Teacher:
    """The encoder with its preprocessing: raw pixels in, taps out, no gradient."""

    def __init__(self, path: str, grid: list[int], device: str) -> None:
        weights, metadata = read_tensors(path)
        told = json.loads(metadata.get("haste.vit", "{}"))
        width, channels, patch, _ = weights["patch_embed.proj.weight"].shape
        self.vit = VisionTransformer(weights, told.get("numHeads", width // HEAD_DIM), grid).to(device)
        self.size = [side * patch for side in grid]
        normalisation = told.get("normalisation", IMAGENET)
        self.mean, self.std = (
            torch.tensor(normalisation[key], device=device).view(1, channels, 1, 1) for key in ("mean", "std")
        )

    @torch.no_grad()
    def encode(self, images_BCHW: torch.Tensor, attention: list[int]) -> tuple[torch.Tensor, dict[int, torch.Tensor]]:
        """@param images_BCHW raw pixels in [0, 255]."""
        x_BCHW = (images_BCHW / 255 - self.mean) / self.std
        if list(x_BCHW.shape[2:]) != self.size:
            x_BCHW = F.interpolate(x_BCHW, self.size, mode="bicubic")
        return self.vit(x_BCHW, attention)


def resample_positions(positions_1ND: torch.Tensor, grid: list[int]) -> torch.Tensor:
    """The table for another token grid, bicubic with antialias (timm's way); the class token's position stays."""
    first, rest = positions_1ND[:, :1], positions_1ND[:, 1:]
    side = round(rest.shape[1] ** 0.5)
    if [side, side] == grid:
        return positions_1ND
    image = rest.unflatten(1, (side, side)).permute(0, 3, 1, 2)
    moved = F.interpolate(image, grid, mode="bicubic", antialias=True)
    return torch.cat([first, moved.flatten(2).transpose(1, 2)], dim=1)
