"""Logits of images by a model that `lanes export --format onnx` wrote.

    python3 onnx_logits.py model.onnx pixels.bin

It checks the model, and computes each operator as https://onnx.ai/onnx/operators defines it.
pixels.bin holds images one after the other, as bytes: a plane of red, then one of green and one
of blue. The script prints a line for each image. Needs python3-numpy and python3-onnx.
"""
import sys

import numpy as np
import onnx
from onnx import helper, numpy_helper

OPERATORS = {
    "Flatten": lambda x, axis: x.reshape(len(x), -1),
    "Gemm": lambda x, w, b, transB: x @ w.T + b,
    "Add": np.add,
    "Concat": lambda *all, axis: np.concatenate(all, axis),
    "MatMul": np.matmul,
    "Split": lambda x, axis: np.split(x, 2, axis),
    "Sub": np.subtract,
    "Mul": np.multiply,
    "Div": np.divide,
    "Sqrt": np.sqrt,
    "Relu": lambda x: np.maximum(x, 0),
    "Max": np.maximum,
    "Sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "ReduceMean": lambda x, axes: x.mean(tuple(axes), keepdims=True),
    "BatchNormalization": lambda x, scale, b, mean, var, epsilon: (x - mean) / np.sqrt(var + epsilon) * scale + b,
}

model = onnx.load(sys.argv[1])
onnx.checker.check_model(model, full_check=True)
values = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
shape = [d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim[1:]]
values[model.graph.input[0].name] = np.fromfile(sys.argv[2], np.uint8).reshape(-1, *shape).astype(values["input.mean"].dtype)
for node in model.graph.node:
    attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    results = OPERATORS[node.op_type](*[values[name] for name in node.input], **attributes)
    values.update(zip(node.output, results if len(node.output) > 1 else [results]))
np.savetxt(sys.stdout, values[model.graph.output[0].name], fmt="%.17g")
