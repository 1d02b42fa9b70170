"""Makes the golden files of a tiny network: its files as numpy and onnx write them,
and its logits as PyTorch computes them. Needs python3-numpy, python3-onnx and python3-torch.

    cd testdata/export && python3 make.py
"""
import json

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

rng = np.random.default_rng(4)
SHAPE, HIDDEN, CLASSES = [3, 2, 2], [5, 4], ["cat", "dog", "frøg"]
SIZES = [12, *HIDDEN, len(CLASSES)]
DOC = "A tiny network."
METADATA = {"classes": json.dumps(CLASSES, ensure_ascii=False), "step": "7"}


def draw(*shape):
    return rng.normal(size=shape).astype(np.float32)


tensors = {"input.mean": 128 + 10 * draw(12), "input.scale": np.array([1 / 64], np.float32)}
for i, (n, m) in enumerate(zip(SIZES, SIZES[1:])):
    tensors[f"layers.{i}.weight"], tensors[f"layers.{i}.bias"] = draw(m, n), draw(m)
pixels = rng.integers(0, 256, (4, 12), np.uint8)


def torch_logits():
    t = {k: torch.tensor(v).double() for k, v in tensors.items()}
    x = (torch.tensor(pixels).double() - t["input.mean"]) * t["input.scale"]
    for i in range(len(SIZES) - 1):
        x = torch.nn.functional.linear(torch.relu(x) if i else x, t[f"layers.{i}.weight"], t[f"layers.{i}.bias"])
    return x


def onnx_model(tensors):
    element = helper.mapping.NP_TYPE_TO_TENSOR_TYPE[tensors["input.mean"].dtype]
    nodes = [
        helper.make_node("Flatten", ["pixels"], ["flat"], axis=1),
        helper.make_node("Sub", ["flat", "input.mean"], ["centred"]),
        helper.make_node("Mul", ["centred", "input.scale"], ["input"]),
    ]
    x = "input"
    for i in range(len(SIZES) - 1):
        last = i == len(SIZES) - 2
        y = "logits" if last else f"layers.{i}"
        nodes.append(helper.make_node("Gemm", [x, f"layers.{i}.weight", f"layers.{i}.bias"], [y], transB=1))
        x = y
        if not last:
            x = f"layers.{i}.relu"
            nodes.append(helper.make_node("Relu", [y], [x]))
    graph = helper.make_graph(
        nodes,
        "lanes",
        [helper.make_tensor_value_info("pixels", element, ["batch", *SHAPE])],
        [helper.make_tensor_value_info("logits", element, ["batch", len(CLASSES)])],
        [numpy_helper.from_array(v, k) for k, v in tensors.items()],
    )
    model = helper.make_model(graph, producer_name="lanes", producer_version="v0", ir_version=7, doc_string=DOC, opset_imports=[helper.make_opsetid("", 13)])
    helper.set_model_props(model, METADATA)
    onnx.checker.check_model(model, full_check=True)
    return model


for name, dtype in ("float32", np.float32), ("float64", np.float64):
    typed = {k: v.astype(dtype) for k, v in tensors.items()}
    onnx.save(onnx_model(typed), f"tiny.{name}.onnx")
    np.savez(f"tiny.{name}.npz", **typed, classes=np.array(CLASSES))
with open("tiny.json", "w") as f:
    json.dump(
        {
            "shape": SHAPE,
            "classes": CLASSES,
            "doc": DOC,
            "metadata": METADATA,
            "tensors": [{"name": k, "shape": v.shape, "data": v.astype(np.float64).ravel().tolist()} for k, v in tensors.items()],
            "pixels": pixels.tolist(),
            "logits": torch_logits().tolist(),
        },
        f,
        ensure_ascii=False,
    )
