"""A model small enough to be built in a test: each character is a direction, words that mean the same share one."""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Regex, Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Split

SAME = ("车轿", "拖牵", "领取", "走回")
"""Characters that this model takes for one another."""
SIZE = 64


def build(folder: Path, *, pooled: bool = False) -> Path:
    """Write model.onnx and tokenizer.json; ``pooled``: the model returns one vector for each text by itself."""
    folder.mkdir(exist_ok=True)
    words = {"[PAD]": 0, "[UNK]": 1}
    for code in range(0x4E00, 0x9FA6):
        words[chr(code)] = len(words)
    tokenizer = Tokenizer(WordLevel(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Split(Regex("."), "isolated")
    tokenizer.save(str(folder / "tokenizer.json"))

    table = np.random.default_rng(7).standard_normal((len(words), SIZE)).astype(np.float32)
    for one, other in SAME:
        table[words[other]] = table[words[one]]
    table[:2] = 0
    nodes = [helper.make_node("Gather", ["table", "input_ids"], ["states"])]
    shape: list[object] = ["batch", "tokens", SIZE]
    if pooled:
        axis = numpy_helper.from_array(np.array([1], np.int64), "axis")
        nodes.append(helper.make_node("ReduceMean", ["states", "axis"], ["pooled"], keepdims=0))
        shape = ["batch", SIZE]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "tokens"])],
        [helper.make_tensor_value_info("pooled" if pooled else "states", TensorProto.FLOAT, shape)],
        [numpy_helper.from_array(table, "table"), *([axis] if pooled else [])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.save(model, folder / "model.onnx")
    return folder


def cls(folder: Path) -> Path:
    """The same, to be read by its first token."""
    (folder / "pooling.json").write_text(json.dumps({"pooling": "cls"}), "utf-8")
    return folder
