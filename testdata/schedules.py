"""Makes schedules.json: the learning rate of every step of a run by PyTorch's schedules.

Run with PyTorch 1.13 or later: python3 schedules.py > schedules.json
"""

import json

import torch
from torch.optim import lr_scheduler as schedules

PEAK, STEPS, WARMUP = 0.3, 97, 10


def constant(optimizer):
    return schedules.ConstantLR(optimizer, factor=1, total_iters=0)


def step(optimizer):
    return schedules.StepLR(optimizer, step_size=7, gamma=0.9)


def cosine(optimizer, steps=STEPS, final=0.0):
    return schedules.CosineAnnealingLR(optimizer, T_max=steps, eta_min=final * PEAK)


def one_cycle(optimizer):
    return schedules.OneCycleLR(optimizer, max_lr=PEAK, total_steps=STEPS, pct_start=29 / STEPS, cycle_momentum=False)


def rise(optimizer):
    return schedules.LinearLR(optimizer, start_factor=1 / WARMUP, total_iters=WARMUP - 1)


def warm(schedule):
    """PyTorch multiplies the factors of schedules that are stepped together."""
    return lambda optimizer: schedules.ChainedScheduler([rise(optimizer), schedule(optimizer)])


def warm_cosine(optimizer):
    after = lambda o: cosine(o, STEPS - WARMUP, 0.1)
    return schedules.SequentialLR(optimizer, [rise(optimizer), after(optimizer)], milestones=[WARMUP])


def rates(make):
    optimizer = torch.optim.SGD([torch.zeros(1, dtype=torch.float64, requires_grad=True)], lr=PEAK)
    schedule = make(optimizer)
    values = []
    for _ in range(STEPS):
        values.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return values


SCHEDULES = {
    "constant": constant,
    "constant, warm-up": warm(constant),
    "step": step,
    "step, warm-up": warm(step),
    "cosine": cosine,
    "cosine, warm-up": warm_cosine,
    "one-cycle": one_cycle,
}

if __name__ == "__main__":
    print(json.dumps({
        "torch": torch.__version__, "peak": PEAK, "steps": STEPS, "warmup": WARMUP,
        "rates": {name: rates(make) for name, make in SCHEDULES.items()},
    }))
