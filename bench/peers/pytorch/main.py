"""PyTorch's side of the bench: takes {"run": n} a line on stdin, answers a line of JSON with the times of n steps.

    python main.py FOLDER VARIANT THREADS

FOLDER holds case.json, weights.safetensors and batch.safetensors.
"""

import json
import os
import resource
import sys
import time

import torch
from torch._dynamo.exc import TorchDynamoException

from step import Trainer
from tuning import VARIANTS, allow_fast_matmul


def main(folder: str, name: str, threads: str) -> None:
    # Nothing but answers goes to stdout, whatever libraries print.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    torch.set_num_threads(int(threads))
    variant = VARIANTS[name]
    notes = [allow_fast_matmul()] if variant.matmul_flag else []
    with open(f"{folder}/case.json", encoding="utf-8") as file:
        trainer = Trainer(json.load(file), folder, variant)
    about = f"PyTorch {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}"
    answer(answers, {"about": about, "notes": notes})
    for line in sys.stdin:
        try:
            answer(answers, run(trainer, json.loads(line)["run"]))
        except TorchDynamoException as error:
            # Most often for want of a C++ compiler: the other sides can go on.
            answer(answers, {"error": f"torch.compile does not work here: {str(error).splitlines()[0]}"})


def run(trainer: Trainer, steps: int) -> dict:
    """Takes steps one by one. Times in ms; losses by name, a list over the steps; the process's peak memory in bytes."""
    times, losses = [], []
    for _ in range(steps):
        started = time.perf_counter()
        losses.append(trainer.step())
        times.append(1000 * (time.perf_counter() - started))
    return {"ms": times, "losses": losses, "peakBytes": peak_bytes()}


def peak_bytes() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


def answer(answers, message: dict) -> None:
    print(json.dumps(message), file=answers, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
