"""How PyTorch is run: as installed, or with what its users turn on for speed."""

from dataclasses import dataclass

import torch

# float32 products of this size are good to about 1e-6; rounded to bfloat16 they are good to 2e-3.
ACCURATE = 1e-5


@dataclass(frozen=True)
class Variant:
    """Switches of one variant. `fused` is AdamW in one kernel, and the moving average in one call."""

    fused: bool = True
    matmul_flag: bool = False
    compile: bool = False
    bf16: bool = False


VARIANTS = {
    "eager": Variant(fused=False),
    "tuned": Variant(matmul_flag=True),
    "compile": Variant(matmul_flag=True, compile=True),
    "bf16": Variant(bf16=True),
    "compile-bf16": Variant(bf16=True, compile=True),
}


def matmul_error() -> float:
    """Relative error of a float32 product as the process computes it now, against float64."""
    generator = torch.Generator().manual_seed(0)
    a, b = (torch.randn(512, 512, generator=generator) for _ in range(2))
    exact = a.double() @ b.double()
    return ((a @ b - exact).norm() / exact.norm()).item()


def allow_fast_matmul() -> str:
    """
    Turns oneDNN's float32 flag on where the result stays accurate, and says what became of it. The flag lets oneDNN
    choose; on processors that multiply bfloat16 matrices in hardware it rounds, and float32 is float32 no more.
    """
    settings = torch.backends.mkldnn.matmul
    before = settings.fp32_precision
    settings.fp32_precision = "bf16"
    error = matmul_error()
    if error <= ACCURATE:
        return f"oneDNN matmul flag on: relative error {error:.1e}"
    settings.fp32_precision = before
    return f"oneDNN matmul flag refused: relative error {error:.1e} where float32 has {matmul_error():.1e}"
