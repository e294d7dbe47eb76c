"""PyTorch's side of the bench: answers a line of JSON on stdin with a line of JSON on stdout, as bench/support/serve.mjs does.

    python main.py FOLDER SETTINGS

FOLDER holds case.json, weights.safetensors and batch.safetensors; SETTINGS is JSON: variant, threads, device, and limit,
a number of rows above which memory is said to be out.
"""

import json
import os
import sys

import torch
from torch._dynamo.exc import TorchDynamoException

from measure import calls, fit, peak_bytes, run
from step import Trainer
from tuning import VARIANTS, allow_fast_matmul


def main(folder: str, text: str) -> None:
    # Nothing but answers goes to stdout, whatever libraries print.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    settings = json.loads(text)
    device = settings.get("device") or "cpu"
    torch.set_num_threads(settings["threads"])
    variant = VARIANTS[settings["variant"]]
    if device != "cpu" and not torch.cuda.is_available():
        answer(answers, {"error": f"PyTorch {torch.__version__} sees no CUDA device here"})
        return
    notes = [allow_fast_matmul()] if variant.matmul_flag and device == "cpu" else []
    with open(f"{folder}/case.json", encoding="utf-8") as file:
        trainer = Trainer(json.load(file), folder, variant, device)
    answer(answers, {"about": about(device), "notes": notes})
    for line in sys.stdin:
        try:
            answer(answers, reply(trainer, json.loads(line), settings.get("limit")))
        except TorchDynamoException as error:
            # Most often for want of a C++ compiler: the other sides can go on.
            answer(answers, {"error": f"torch.compile does not work here: {str(error).splitlines()[0]}"})


def reply(trainer: Trainer, request: dict, limit: int | None) -> dict:
    if "fit" in request:
        return fit(trainer, request["fit"], limit)
    if "calls" in request:
        return calls(trainer)
    return {**run(trainer, request["run"]), "peakBytes": peak_bytes(trainer.device)}


def about(device: str) -> str:
    if device == "cpu":
        return f"PyTorch {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}"
    return f"PyTorch {torch.__version__}, CUDA {torch.version.cuda}, {torch.cuda.get_device_name()}"


def answer(answers, message: dict) -> None:
    print(json.dumps(message), file=answers, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
