"""Makes layers.json: ten steps of gradient descent of small networks in PyTorch's float64.

Run with PyTorch 1.13 or later: python3 layers.py > layers.json
"""

import json

import torch
from torch import nn

ROWS, INPUTS, CLASSES, STEPS, RATE, REG, SEED = 6, 3, 3, 10, 0.1, 0.01, 5
NETWORKS = {
    "relu": [{"dense": 4}, "relu", {"dense": CLASSES}],
    "leaky-relu": [{"dense": 4}, "leaky-relu", {"dense": CLASSES}],
    "gelu": [{"dense": 4}, "gelu", {"dense": CLASSES}],
    "silu": [{"dense": 4}, "silu", {"dense": CLASSES}],
    "batch-norm": [{"dense": 4}, "batch-norm", "relu", {"dense": CLASSES}],
    "layer-norm": [{"dense": 4}, "layer-norm", "gelu", {"dense": CLASSES}],
    "dropout": [{"dropout": 0.25}, {"dense": 4}, "relu", {"dropout": 0.5}, {"dense": CLASSES}],
    "residual": [{"dense": 4}, "silu", {"residual": [{"dense": 4}, "batch-norm", "gelu", {"dropout": 0.25}]}, "layer-norm", {"dense": CLASSES}],
}

WORD, HALF = 2**64 - 1, 2**32 - 1


def mix(z):
    z = z + 0x9E3779B97F4A7C15 & WORD
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & WORD
    z = (z ^ z >> 27) * 0x94D049BB133111EB & WORD
    return z ^ z >> 31


def kept(rate, *words):
    """The elements that the dropout layer of that number keeps in a step: words are seed, step and number."""
    stream = len(words)
    for w in words:
        stream = mix(stream + mix(w) & WORD)
    key = mix(mix(stream))

    def hash32(i):
        h = i + (key & HALF) & HALF
        h = (h ^ h >> 16) * 0x7FEB352D & HALF
        h ^= key >> 32
        h = (h ^ h >> 15) * 0x846CA68B & HALF
        return h - 2**32 if h >= 2**31 else h  # signed

    return lambda n: torch.tensor([hash32(i) > round(rate * 2**32) - 2**31 - 1 for i in range(n)])


class Network(nn.Module):
    def __init__(self, layers):
        super().__init__()
        self.description, self.layers = layers, nn.ModuleList()
        self.add(layers, INPUTS)

    def add(self, layers, width):
        for layer in layers:
            if "dense" in layer:
                self.layers.append(nn.Linear(width, layer["dense"]))
                width = layer["dense"]
            elif "residual" in layer:
                self.add(layer["residual"], width)
            elif layer == "batch-norm":
                self.layers.append(nn.BatchNorm1d(width))
            elif layer == "layer-norm":
                self.layers.append(nn.LayerNorm(width))

    def forward(self, x, step=None):
        self.next, self.drops, self.step = iter(self.layers), 0, step
        return self.apply_list(self.description, x)

    def apply_list(self, layers, x):
        for layer in layers:
            x = self.apply_layer(layer, x)
        return x

    def apply_layer(self, layer, x):
        if "residual" in layer:
            return x + self.apply_list(layer["residual"], x)
        if "dropout" in layer:
            if self.step is None:
                return x
            mask = kept(layer["dropout"], SEED, self.step, self.drops)(x.numel()).reshape(x.shape)
            self.drops += 1
            return x * mask / (1 - layer["dropout"])
        return {
            "relu": torch.relu,
            "leaky-relu": nn.functional.leaky_relu,
            "gelu": lambda x: nn.functional.gelu(x, approximate="tanh"),
            "silu": nn.functional.silu,
        }.get(str(layer), lambda x: next(self.next)(x))(x)

    def tensors(self, of=lambda t: t):
        named = list(self.named_parameters()) + [(k, b) for k, b in self.named_buffers() if "running" in k]
        return {k: [round(v, 14) for v in of(t).detach().flatten().tolist()] for k, t in named if of(t) is not None}


def run(layers):
    generator = torch.Generator().manual_seed(1)
    draw = lambda *shape: torch.randn(shape, generator=generator, dtype=torch.float64)
    network = Network(layers).double()
    with torch.no_grad():
        for p in network.parameters():
            p.copy_((p + draw(*p.shape)).mul(2**10).round().div(2**10))  # few digits
    result = {"layers": layers, "start": network.tensors(), "losses": []}
    optimizer = torch.optim.SGD(network.parameters(), lr=RATE)
    for step in range(STEPS):
        network.train()
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(network(X, step), LABELS)
        loss = loss + REG * sum((m.weight**2).sum() for m in network.layers if isinstance(m, nn.Linear))
        loss.backward()
        if step == 0:
            result["gradients"] = network.tensors(lambda t: t.grad)
        optimizer.step()
        result["losses"].append(loss.item())
    network.eval()
    return result | {"end": network.tensors(), "logits": network(X).tolist()}


torch.manual_seed(1)
X = torch.randn(ROWS, INPUTS, dtype=torch.float64).mul(2**10).round().div(2**10)
LABELS = torch.arange(ROWS) % CLASSES

if __name__ == "__main__":
    print(json.dumps({
        "torch": torch.__version__, "inputs": X.tolist(), "labels": LABELS.tolist(), "rate": RATE, "reg": REG, "seed": SEED,
        "networks": {name: run(layers) for name, layers in NETWORKS.items()},
    }))
