"""Reads safetensors files: the length of the header (u64), the header as JSON, then the tensors' bytes."""

import json
import math
import mmap

import torch

DTYPES = {"F32": torch.float32, "I32": torch.int32, "U8": torch.uint8}


def read_tensors(path: str) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """All tensors of a file by name, and its metadata. They show the file's own pages: copy what is to be kept."""
    with open(path, "rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    metadata = header.pop("__metadata__", {})
    tensors = {
        name: torch.frombuffer(
            data,
            dtype=DTYPES[entry["dtype"]],
            count=math.prod(entry["shape"]),
            offset=start + entry["data_offsets"][0],
        ).reshape(entry["shape"])
        for name, entry in header.items()
    }
    return tensors, metadata
