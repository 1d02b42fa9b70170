"""Logits of images by a model that `lanes export --format safetensors` wrote.

    python3 torch_logits.py model.safetensors pixels.bin

pixels.bin holds images one after the other, as bytes: a plane of red, then one of
green and one of blue. The script prints a line for each image. Needs only
PyTorch: with the package safetensors, safetensors.torch.load_file does what load does.
"""
import json
import struct
import sys

import torch
from torch import nn

DTYPES = {"F32": torch.float32, "F64": torch.float64}


def load(path):
    """The tensors of a safetensors file by name."""
    with open(path, "rb") as f:
        (size,) = struct.unpack("<Q", f.read(8))
        header = json.loads(f.read(size))
        data = bytearray(f.read())
    header.pop("__metadata__", None)
    return {
        name: torch.frombuffer(data, dtype=DTYPES[t["dtype"]], offset=t["data_offsets"][0], count=torch.Size(t["shape"]).numel()).reshape(t["shape"])
        for name, t in header.items()
    }


class Standardize(nn.Module):
    """(x - mean) * scale"""

    def __init__(self, inputs):
        super().__init__()
        self.register_buffer("mean", torch.zeros(inputs))
        self.register_buffer("scale", torch.ones(1))

    def forward(self, x):
        return (x - self.mean) * self.scale


class Network(nn.Module):
    """Dense layers with ReLU between them, whose parameters have the file's names."""

    def __init__(self, sizes):
        super().__init__()
        self.input = Standardize(sizes[0])
        self.layers = nn.ModuleList(nn.Linear(i, o) for i, o in zip(sizes, sizes[1:]))

    def forward(self, x):
        x = self.input(x)
        for layer in self.layers[:-1]:
            x = torch.relu(layer(x))
        return self.layers[-1](x)


tensors = load(sys.argv[1])
sizes = [len(tensors["input.mean"])]
while f"layers.{len(sizes) - 1}.bias" in tensors:
    sizes.append(len(tensors[f"layers.{len(sizes) - 1}.bias"]))
network = Network(sizes).to(tensors["input.mean"].dtype)
network.load_state_dict(tensors)  # strict: every name, every shape
with open(sys.argv[2], "rb") as f:
    pixels = torch.frombuffer(bytearray(f.read()), dtype=torch.uint8).reshape(-1, sizes[0])
with torch.no_grad():
    for row in network(pixels.to(tensors["input.mean"].dtype)).tolist():
        print(*row)
