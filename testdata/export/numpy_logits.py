"""Logits of images by a model that `lanes export --format npz` wrote.

    python3 numpy_logits.py model.npz pixels.bin

pixels.bin holds images one after the other, as bytes: a plane of red, then one of
green and one of blue. The script prints a line for each image. Needs numpy.
"""
import json
import sys

import numpy as np

EPSILON = 1e-5
ACTIVATIONS = {
    "relu": lambda x: np.maximum(x, 0),
    "leaky-relu": lambda x: np.where(x > 0, x, x / 100),
    "gelu": lambda x: x / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))),
    "silu": lambda x: x / (1 + np.exp(-x)),
}

model = np.load(sys.argv[1])
count = 0  # of layers with tensors


def tensors(*names):
    global count
    count += 1
    return [model[f"layers.{count - 1}.{name}"] for name in names]


def normal(x, mean, variance):
    return (x - mean) / np.sqrt(variance + EPSILON)


def apply(layers, x):
    for layer in layers:
        if layer == "batch-norm":
            gamma, beta, mean, variance = tensors("weight", "bias", "running_mean", "running_var")
            x = normal(x, mean, variance) * gamma + beta
        elif layer == "layer-norm":
            gamma, beta = tensors("weight", "bias")
            x = normal(x, x.mean(1, keepdims=True), x.var(1, keepdims=True)) * gamma + beta
        elif isinstance(layer, str):
            x = ACTIVATIONS[layer](x)
        elif "dense" in layer:
            weight, bias = tensors("weight", "bias")
            x = x @ weight.T + bias
        elif "residual" in layer:
            x = x + apply(layer["residual"], x)
    return x  # dropout does nothing once training is over


mean, scale = model["input.mean"], model["input.scale"]
x = (np.fromfile(sys.argv[2], np.uint8).reshape(-1, len(mean)).astype(mean.dtype) - mean) * scale
np.savetxt(sys.stdout, apply(json.loads(str(model["architecture"][0]))["layers"], x), fmt="%.17g")
