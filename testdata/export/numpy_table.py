"""Logits of the rows of a table by a model that `lanes export --format npz` wrote.

    python3 numpy_table.py model.npz rows.csv

The first line of rows.csv names the columns. The script prints a line for each row: the
logits or, of a regression, the number that it finds. Needs numpy.
"""
import csv
import sys

import numpy as np

model = np.load(sys.argv[1])
mean, scale = model["input.mean"], model["input.scale"]
x = []
for row in csv.DictReader(open(sys.argv[2], encoding="utf-8")):
    inputs = []
    for name, category, text, m, s in zip(model["input.name"], model["input.category"], model["input.text"], mean, np.broadcast_to(scale, mean.shape)):
        field = row[str(name)]
        if category >= 0:
            inputs.append(float(field == text))
        else:
            inputs.append((mean.dtype.type(field) - m) * s if field else 0)
    x.append(inputs)
x = np.array(x, mean.dtype)
for i in range(sum(name.endswith(".weight") for name in model.files)):
    if i > 0:
        x = np.maximum(x, 0)
    x = x @ model[f"layers.{i}.weight"].T + model[f"layers.{i}.bias"]
if "target.mean" in model.files:
    x = model["target.mean"] + x / model["target.scale"]
np.savetxt(sys.stdout, x, fmt="%.17g")
