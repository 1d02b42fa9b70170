"""Makes toy.json: the toy problem of the report that Lanes reproduces, computed by numpy in float64.

    python3 toy.py > toy.json        (numpy 1.24; only its legacy RandomState is used)

The last digits depend on the BLAS that numpy multiplies with. X, y and params are the problem
itself, and stand in net/data/toy.json too.

The model is drawn from RandomState(0) and the data from RandomState(1), as in the notebook of
the assignment.
With the report's training protocol (full batch of 5, learning rate 0.1 times 0.95 after every
iteration, reg 5e-6, 100 iterations) the last loss is the report's own 0.015634987611856756.
"""
import json
import numpy as np


def model(std=0.1, inputs=4, hidden=10, classes=3):
    r = np.random.RandomState(0)
    return {"W1": std * r.randn(inputs, hidden), "b1": np.zeros(hidden),
            "W2": std * r.randn(hidden, classes), "b2": np.zeros(classes)}


def loss(p, X, y, reg):
    z2 = X @ p["W1"] + p["b1"]
    a2 = np.maximum(0, z2)
    z3 = a2 @ p["W2"] + p["b2"]
    e = np.exp(z3 - z3.max(1, keepdims=True))
    probs = e / e.sum(1, keepdims=True)
    n = len(X)
    value = -np.log(probs[np.arange(n), y]).mean() + reg * ((p["W1"] ** 2).sum() + (p["W2"] ** 2).sum())
    d = probs.copy()
    d[np.arange(n), y] -= 1
    d /= n
    grads = {"W2": a2.T @ d + 2 * reg * p["W2"], "b2": d.sum(0)}
    da = d @ p["W2"].T
    da[z2 <= 0] = 0
    grads["W1"] = X.T @ da + 2 * reg * p["W1"]
    grads["b1"] = da.sum(0)
    return value, grads, z3, probs


p = model()
X = 10 * np.random.RandomState(1).randn(5, 4)
y = np.array([0, 1, 2, 2, 1])
value, grads, logits, probs = loss(p, X, y, 0.05)
out = {"X": X.tolist(), "y": y.tolist(), "params": {k: v.tolist() for k, v in p.items()},
       "reg": 0.05, "logits": logits.tolist(), "probs": probs.tolist(), "loss": value,
       "grads": {k: v.tolist() for k, v in grads.items()}}
rate, reg, curve = 0.1, 5e-6, []
for _ in range(100):
    value, grads, _, _ = loss(p, X, y, reg)
    curve.append(value)
    for k in p:
        p[k] -= rate * grads[k]
    rate *= 0.95
out["training"] = {"learning_rate": 0.1, "lr_decay_per_iteration": 0.95, "reg": reg, "iterations": 100, "loss": curve}
print(json.dumps(out, indent=1))
