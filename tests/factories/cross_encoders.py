"""A cross-encoder of a few hundred bytes in the layout of real ones: a text scores by the words that it likes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path


def make_cross_encoder(folder: Path, *, liked: Sequence[str]) -> Path:
    """Write the model and its tokenizer into the folder; needs onnx. Returns the folder."""
    import onnx  # type: ignore[import-not-found, unused-ignore]
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    folder.mkdir(parents=True, exist_ok=True)
    words = {word: number for number, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *liked])}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))  # noqa: S106  no password
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {"model_max_length": 512, "pad_token": "[PAD]"}
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    (folder / "config.json").write_text(json.dumps({"pad_token_id": 0}))
    helper, number = onnx.helper, onnx.TensorProto
    # the score: how many of a pair's tokens are known words
    nodes = [
        helper.make_node("Greater", ["input_ids", "last_special"], ["is_word"]),
        helper.make_node("Cast", ["is_word"], ["counted"], to=number.FLOAT),
        helper.make_node("ReduceSum", ["counted", "axis"], ["logits"], keepdims=1),
    ]
    shape = ["batch", "tokens"]
    graph = helper.make_graph(
        nodes,
        "liking",
        [helper.make_tensor_value_info(name, number.INT64, shape) for name in ("input_ids", "attention_mask")],
        [helper.make_tensor_value_info("logits", number.FLOAT, ["batch", 1])],
        [helper.make_tensor("last_special", number.INT64, [], [3]), helper.make_tensor("axis", number.INT64, [1], [1])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, str(folder / "model.onnx"))
    return folder
