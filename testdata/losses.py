"""Makes losses.json: PyTorch's cross-entropy with smoothed labels and mixed examples, and its gradient, in float64.

Run with PyTorch 1.13 or later: python3 losses.py > losses.json
"""

import json

import torch
from torch.nn.functional import cross_entropy

ROWS, CLASSES = 6, 5

if __name__ == "__main__":
    generator = torch.Generator().manual_seed(2)
    logits = 3 * torch.randn(ROWS, CLASSES, dtype=torch.float64, generator=generator)
    labels = torch.randint(CLASSES, (ROWS,), generator=generator)
    others = torch.randint(CLASSES, (ROWS,), generator=generator)
    shares = torch.rand(ROWS, dtype=torch.float64, generator=generator) / 2
    weights = torch.tensor([1, 0, 2.5, 0.5, 1, 1], dtype=torch.float64)
    cases = []
    for smoothing in (0.0, 0.1, 0.6):
        for mixed in (False, True):
            for weighted in (False, True):
                z = logits.clone().requires_grad_()
                one, two = (cross_entropy(z, y, reduction="none", label_smoothing=smoothing) for y in (labels, others))
                each = (1 - shares) * one + shares * two if mixed else one
                loss = (each * weights if weighted else each).mean()
                loss.backward()
                cases.append({
                    "smoothing": smoothing, "mixed": mixed, "weighted": weighted,
                    "loss": float(loss), "gradient": z.grad.tolist(),
                })
    print(json.dumps({
        "torch": torch.__version__, "logits": logits.tolist(), "labels": labels.tolist(), "others": others.tolist(),
        "shares": shares.tolist(), "weights": weights.tolist(), "cases": cases,
    }))
