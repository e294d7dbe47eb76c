"""What is asked of a trainer: its times, whether a batch fits, what a step calls."""

import resource
import sys
import time

import torch
from torch.profiler import ProfilerActivity, profile

from step import Trainer

# As many as the other side takes for a batch that is tried.
STEPS = 6


def run(trainer: Trainer, steps: int) -> dict:
    """Takes steps one by one. Times in ms; losses by name, a list over the steps. Reading them waits for the device."""
    times, losses = [], []
    for _ in range(steps):
        started = time.perf_counter()
        losses.append(trainer.step())
        times.append(1000 * (time.perf_counter() - started))
    return {"ms": times, "losses": losses}


def fit(trainer: Trainer, rows: int, limit: int | None) -> dict:
    """Whether steps with a batch of so many rows fit into memory; if they do, it is the batch from here on."""
    trainer.release()
    try:
        trainer.repeat_batch(rows)
        if limit is not None and rows > limit:
            raise MemoryError(f"Out of memory, as was agreed: {rows} rows are more than {limit}.")
        losses = run(trainer, STEPS)["losses"]
        reset_peak(trainer.device)
        return {"fits": True, "losses": losses}
    except (RuntimeError, MemoryError) as error:
        if "memory" not in str(error).lower():
            raise
        reason = str(error).splitlines()[0]
    # Outside of the handler: the traceback holds the frames of the step, and they its tensors.
    trainer.release()
    return {"fits": False, "reason": reason}


def calls(trainer: Trainer) -> dict:
    """Operators that a step calls, those called by other operators not counted, and kernels that it launches on a GPU."""
    on_gpu = trainer.device != "cpu"
    with profile(activities=[ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if on_gpu else [])]) as recorded:
        trainer.step()
    events = recorded.events()
    top = sum(1 for event in events if event.name.startswith("aten::") and not is_called_by_operator(event))
    launches = sum(1 for event in events if event.name.startswith(("cudaLaunchKernel", "cuLaunchKernel")))
    return {"calls": top, **({"launches": launches} if on_gpu else {})}


def is_called_by_operator(event) -> bool:
    parent = event.cpu_parent
    while parent is not None:
        if parent.name.startswith("aten::"):
            return True
        parent = parent.cpu_parent
    return False


def reset_peak(device: str) -> None:
    if device != "cpu":
        torch.cuda.reset_peak_memory_stats()


def peak_bytes(device: str) -> int:
    """Of the device's allocator, or of the process."""
    if device != "cpu":
        return torch.cuda.max_memory_allocated()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak
