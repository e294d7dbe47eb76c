"""Holistic alignment: the projector, the feature term and the attention term.

B batch, T tokens, D width, H heads.
"""

import torch
import torch.nn.functional as F
from torch import nn


def projector(width: int, hidden: int, target: int) -> nn.Module:
    return nn.Sequential(
        nn.Linear(width, hidden),
        nn.SiLU(),
        nn.Linear(hidden, hidden),
        nn.SiLU(),
        nn.Linear(hidden, target),
    )


def feature_loss(projected_BTD: torch.Tensor, target_BTD: torch.Tensor) -> torch.Tensor:
    """−mean over batch and tokens of the cosine."""
    return -F.cosine_similarity(projected_BTD.float(), target_BTD.float(), dim=-1).mean()


def attention_loss(student_BHTT: torch.Tensor, teacher_BHTT: torch.Tensor) -> torch.Tensor:
    """Cross-entropy of the rows of the heads that both have: −Σ softmax(Aₜ)·log softmax(Aₛ), mean over batch, heads, rows."""
    heads = min(student_BHTT.shape[1], teacher_BHTT.shape[1])
    teacher = teacher_BHTT[:, :heads].float().softmax(dim=-1)
    student = student_BHTT[:, :heads].float().log_softmax(dim=-1)
    return -(teacher * student).sum(dim=-1).mean()


class Alignment:
    """The terms of a case: what to take from both models, and the losses of it by name."""

    def __init__(self, terms: dict[str, dict], teacher_width: int) -> None:
        self.terms = terms
        self.student_taps = {"tokens": self._blocks("feature", 0), "attention": self._blocks("attention", 0)}
        self.teacher_attention = self._blocks("attention", 1)
        self.teacher_width = teacher_width

    def projectors(self, width: int) -> list[nn.Module]:
        """One for each feature term, in the order of the terms."""
        return [projector(width, term["hidden"], self.teacher_width) for term in self._of("feature").values()]

    def losses(
        self,
        projectors: nn.ModuleList,
        student: tuple[dict[int, torch.Tensor], dict[int, torch.Tensor]],
        teacher: tuple[torch.Tensor, dict[int, torch.Tensor]],
    ) -> dict[str, torch.Tensor]:
        """Unweighted; each the mean over its pairs of blocks."""
        (tokens, logits), (final_BTD, targets) = student, teacher
        features = {
            name: [feature_loss(project(tokens[block]), final_BTD) for block, _ in term["pairs"]]
            for (name, term), project in zip(self._of("feature").items(), projectors)
        }
        maps = {
            name: [attention_loss(logits[block], targets[target]) for block, target in term["pairs"]]
            for name, term in self._of("attention").items()
        }
        return {name: torch.stack(pairs).mean() for name, pairs in {**features, **maps}.items()}

    def weight(self, name: str) -> float:
        return self.terms[name]["weight"]

    def _of(self, kind: str) -> dict[str, dict]:
        return {name: term for name, term in self.terms.items() if term["kind"] == kind}

    def _blocks(self, kind: str, side: int) -> list[int]:
        return sorted({pair[side] for term in self._of(kind).values() for pair in term["pairs"]})
