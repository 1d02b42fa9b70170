"""Logits of images by a model that `lanes export --format npz` wrote.

    python3 numpy_logits.py model.npz pixels.bin

pixels.bin holds images one after the other, as bytes: a plane of red, then one of
green and one of blue. The script prints a line for each image. Needs numpy.
"""
import sys

import numpy as np

model = np.load(sys.argv[1])
mean, scale = model["input.mean"], model["input.scale"]
x = (np.fromfile(sys.argv[2], np.uint8).reshape(-1, len(mean)).astype(mean.dtype) - mean) * scale
layers = sum(name.endswith(".weight") for name in model.files)
for i in range(layers):
    if i > 0:
        x = np.maximum(x, 0)
    x = x @ model[f"layers.{i}.weight"].T + model[f"layers.{i}.bias"]
np.savetxt(sys.stdout, x, fmt="%.17g")
