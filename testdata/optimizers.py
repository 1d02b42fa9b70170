"""Makes optimizers.json: the values of a parameter after each step of PyTorch's Adam and SGD.

Run with PyTorch 1.13 or later: python3 optimizers.py > optimizers.json
"""

import json

import torch

STEPS = 12
DECAY_EVERY, DECAY = 5, 0.95  # an epoch is five steps


def gradients():
    generator = torch.Generator().manual_seed(1)
    size = torch.tensor([1e-6, 1e-3, 1.0, 1e2, 0.0, 0.3, 0.3], dtype=torch.float64)
    return [torch.randn(7, dtype=torch.float64, generator=generator) * size for _ in range(STEPS)]


def run(dtype, make):
    w = torch.tensor([0.5, -0.25, 1.0, -3.0, 0.125, 0.0, 1e-3], dtype=dtype, requires_grad=True)
    optimizer = make([w])
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, DECAY_EVERY, DECAY)
    values = []
    for g in gradients():
        w.grad = g.to(dtype)
        optimizer.step()
        schedule.step()
        values.append([float(x) for x in w.detach()])
    return values


OPTIMIZERS = {
    "adam": lambda p: torch.optim.Adam(p, lr=1e-3),
    "adam_decay": lambda p: torch.optim.Adam(p, lr=1e-2, weight_decay=1e-1),
    "adam_betas": lambda p: torch.optim.Adam(p, lr=1e-3, betas=(0.5, 0.75), eps=1e-3, weight_decay=1e-3),
    "sgd": lambda p: torch.optim.SGD(p, lr=1e-2),
    "sgd_momentum": lambda p: torch.optim.SGD(p, lr=1e-2, momentum=0.9),
    "sgd_momentum_decay": lambda p: torch.optim.SGD(p, lr=1e-2, momentum=0.9, weight_decay=1e-1),
}

if __name__ == "__main__":
    print(json.dumps({
        "torch": torch.__version__,
        "start": [0.5, -0.25, 1.0, -3.0, 0.125, 0.0, 1e-3],
        "gradients": [g.tolist() for g in gradients()],
        "decay_every": DECAY_EVERY,
        "decay": DECAY,
        "float64": {name: run(torch.float64, make) for name, make in OPTIMIZERS.items()},
        "float32": {name: run(torch.float32, make) for name, make in OPTIMIZERS.items()},
    }))
