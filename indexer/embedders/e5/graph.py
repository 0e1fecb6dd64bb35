"""Writes the encoder as ONNX with 8-bit weights and activations.

Each row of activations has its own scale, so a text's vector does not depend on the batch it is encoded in;
the per-tensor scales of dynamic quantisation let a query alone and in a batch differ (cosine .997).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from indexer.embedders.e5.weights import Weights

_CONTRIB = "com.microsoft"
_LARGEST, _HALF_UP, _ZERO_POINT = "largest", "half.up", "zero.point"


class GraphWriter:
    def __init__(self, weights: Weights, kept: Sequence[int]) -> None:
        self.weights = weights
        self.kept = kept
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def write(self, path: Path) -> None:
        self._constant(_LARGEST, np.array([127], np.float32))
        self._constant(_HALF_UP, np.array([128.5], np.float32))
        self._constant(_ZERO_POINT, np.array(128, np.uint8))
        hidden = self._embeddings()
        for layer in range(self.weights.sizes.layers):
            hidden = self._layer(f"l{layer}.", hidden)
        self._pool(hidden)
        onnx.save(self._model(), str(path))

    def _model(self) -> onnx.ModelProto:
        ids = helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", "length"])
        mask = helper.make_tensor_value_info("mask", TensorProto.INT32, ["batch", "length"])
        vectors = helper.make_tensor_value_info(
            "vectors", TensorProto.FLOAT, ["batch", self.weights.sizes.hidden]
        )
        graph = helper.make_graph(self.nodes, "e5", [ids, mask], [vectors], self.constants)
        opsets = [helper.make_opsetid("", 17), helper.make_opsetid(_CONTRIB, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=9)

    def _constant(self, name: str, value: NDArray[np.generic]) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def _floats(self, name: str) -> str:
        return self._constant(name, self.weights.floats(name))

    def _node(
        self, kind: str, inputs: Sequence[str], output: str, domain: str = "", **attributes: Any
    ) -> str:
        self.nodes.append(helper.make_node(kind, list(inputs), [output], domain=domain, **attributes))
        return output

    def _embeddings(self) -> str:
        """Word rows as int8 with a scale each; positions count from 0."""
        hidden = self.weights.sizes.hidden
        words = self.weights.matrix("emb.word", hidden)[np.asarray(self.kept)]
        scales = np.maximum(np.abs(words).max(axis=1, keepdims=True), 1e-9) / 127
        self._constant("word.rows", np.round(words / scales).astype(np.int8))
        self._constant("word.scales", scales.astype(np.float32))
        places = self.weights.floats("emb.pos").reshape(-1, hidden) + self.weights.floats("emb.type")[:hidden]
        self._constant("places", places)
        self._node("Gather", ["word.rows", "ids"], "word.int8")
        self._node("Cast", ["word.int8"], "word.float", to=TensorProto.FLOAT)
        self._node("Gather", ["word.scales", "ids"], "word.scale")
        self._node("Mul", ["word.float", "word.scale"], "word")
        self._node("Shape", ["ids"], "length", start=1, end=2)
        self._constant("zero", np.array([0], np.int64))
        self._node("Slice", ["places", "zero", "length"], "place")
        self._node("Add", ["word", "place"], "embedded")
        return self._norm("embedded", "emb.ln")

    def _norm(self, value: str, name: str) -> str:
        inputs = [value, self._floats(f"{name}.w"), self._floats(f"{name}.b")]
        return self._node(
            "LayerNormalization", inputs, f"{name}.out", axis=-1, epsilon=self.weights.sizes.epsilon
        )

    def _add_norm(self, value: str, addend: str, name: str) -> str:
        return self._norm(self._node("Add", [value, addend], f"{name}.in"), name)

    def _quantise(self, value: str) -> str:
        """Adds `value`.rows, unsigned bytes around 128, and `value`.scale, one a row."""
        self._node("Abs", [value], f"{value}.abs")
        self._node("ReduceMax", [f"{value}.abs"], f"{value}.max", axes=[-1], keepdims=1)
        self._node("Div", [_LARGEST, f"{value}.max"], f"{value}.factor")
        self._node("Mul", [value, f"{value}.factor"], f"{value}.scaled")
        self._node("Add", [f"{value}.scaled", _HALF_UP], f"{value}.shifted")
        self._node("Cast", [f"{value}.shifted"], f"{value}.rows", to=TensorProto.UINT8)
        return self._node("Div", [f"{value}.max", _LARGEST], f"{value}.scale")

    def _linear(self, value: str, name: str, columns: int) -> str:
        weights = self.weights.matrix(f"{name}.w", columns)
        scales = np.abs(weights).max(axis=1) / 127
        rows = self._constant(f"{name}.int8", np.round(weights / scales[:, None]).astype(np.int8).T)
        self._node("MatMulInteger", [f"{value}.rows", rows, _ZERO_POINT], f"{name}.int32")
        self._node("Cast", [f"{name}.int32"], f"{name}.float", to=TensorProto.FLOAT)
        self._node("Mul", [f"{name}.float", f"{value}.scale"], f"{name}.rescaled")
        self._node("Mul", [f"{name}.rescaled", self._constant(f"{name}.scales", scales)], f"{name}.product")
        return self._node("Add", [f"{name}.product", self._floats(f"{name}.b")], name)

    def _layer(self, at: str, value: str) -> str:
        sizes = self.weights.sizes
        self._quantise(value)
        heads = [self._linear(value, f"{at}{part}", sizes.hidden) for part in "qkv"]
        inputs = [*heads, "", "mask"]
        attended = self._node("MultiHeadAttention", inputs, f"{at}attended", _CONTRIB, num_heads=sizes.heads)
        self._quantise(attended)
        value = self._add_norm(self._linear(attended, f"{at}ao", sizes.hidden), value, f"{at}aln")
        self._quantise(value)
        active = self._node("Gelu", [self._linear(value, f"{at}fi", sizes.hidden)], f"{at}gelu", _CONTRIB)
        self._quantise(active)
        return self._add_norm(self._linear(active, f"{at}fo", sizes.feed_forward), value, f"{at}oln")

    def _pool(self, hidden: str) -> None:
        """The mean over the text's own tokens; its length does not matter to a unit vector."""
        self._node("Cast", ["mask"], "mask.float", to=TensorProto.FLOAT)
        self._node(
            "Unsqueeze", ["mask.float", self._constant("last", np.array([-1], np.int64))], "mask.column"
        )
        self._node("Mul", [hidden, "mask.column"], "masked")
        self._node(
            "ReduceSum", ["masked", self._constant("tokens", np.array([1], np.int64))], "sum", keepdims=0
        )
        self._node("LpNormalization", ["sum"], "vectors", axis=-1, p=2)
