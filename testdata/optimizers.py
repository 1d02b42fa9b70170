"""Makes optimizers.json: the values of a parameter after each step of PyTorch's Adam and SGD, and, under recipes, of a
weight and a bias after each step of these, AdamW and Lion, with clipped gradients and a running mean of the values.
PyTorch has no Lion: it stands below as its paper has it.

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

class Lion(torch.optim.Optimizer):
    """Algorithm 2 of Symbolic Discovery of Optimization Algorithms, arXiv:2302.06675."""

    def __init__(self, params, lr, betas, weight_decay=0.0):
        super().__init__(params, {"lr": lr, "weight_decay": weight_decay})
        self.betas = betas

    @torch.no_grad()
    def step(self):
        beta1, beta2 = self.betas
        for group in self.param_groups:
            for w in group["params"]:
                m = self.state[w].setdefault("m", torch.zeros_like(w))
                c = beta1 * m + (1 - beta1) * w.grad
                w -= group["lr"] * (torch.sign(c) + group["weight_decay"] * w)
                self.state[w]["m"] = beta2 * m + (1 - beta2) * w.grad


def recipe(make, clip, average):
    """Yields the values after each step: of the weight, the first four, and the bias; then likewise their means."""
    start = torch.tensor([0.5, -0.25, 1.0, -3.0, 0.125, 0.0, 1e-3], dtype=torch.float64)
    w, b = start[:4].clone().requires_grad_(), start[4:].clone().requires_grad_()
    optimizer, mean = make(w, b), start.clone()
    for step, g in enumerate(gradients(), 1):
        w.grad, b.grad = g[:4].clone(), g[4:].clone()
        if clip:
            torch.nn.utils.clip_grad_norm_([w, b], clip)
        optimizer.step()
        values = torch.cat([w, b]).detach()
        mean = torch.lerp(mean, values, 1 - min(average, step / (9 + step)))
        yield values.tolist() + (mean.tolist() if average else [])


def spared(make):
    """Weight decay spares biases."""
    return lambda w, b: make([{"params": [w], "weight_decay": 0.1}, {"params": [b], "weight_decay": 0.0}])


RULES = {
    "sgd": lambda w, b: torch.optim.SGD([w, b], lr=1e-2, weight_decay=0.1),
    "momentum": lambda w, b: torch.optim.SGD([w, b], lr=1e-2, momentum=0.9, weight_decay=0.1),
    "nesterov": lambda w, b: torch.optim.SGD([w, b], lr=1e-2, momentum=0.9, nesterov=True, weight_decay=0.1),
    "adam": lambda w, b: torch.optim.Adam([w, b], lr=1e-2, weight_decay=0.1),
    "adamw": spared(lambda groups: torch.optim.AdamW(groups, lr=1e-2)),
    "lion": spared(lambda groups: Lion(groups, lr=1e-2, betas=(0.9, 0.99))),
}
BOUNDS = {"": (0, 0), ", clipped and averaged": (1.5, 0.4)}

if __name__ == "__main__":
    print(json.dumps({
        "torch": torch.__version__,
        "start": [0.5, -0.25, 1.0, -3.0, 0.125, 0.0, 1e-3],
        "gradients": [g.tolist() for g in gradients()],
        "decay_every": DECAY_EVERY,
        "decay": DECAY,
        "float64": {name: run(torch.float64, make) for name, make in OPTIMIZERS.items()},
        "float32": {name: run(torch.float32, make) for name, make in OPTIMIZERS.items()},
        "recipes": {
            rule + bounds: list(recipe(make, clip, average))
            for rule, make in RULES.items() for bounds, (clip, average) in BOUNDS.items()
        },
    }))
