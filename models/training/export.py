"""Step 4: write a run's best weights as a model folder that transformers and CTranslate2 load.

    python -m dragoman.models.training.export CONFIG DATA RUN OUT [--weights best|average|last]

The embeddings are stored once, in fp16; `final_logits_bias` masks the pieces that only the source can
contain and `<unk>`, so that no decoder can write them; the tokeniser's files are copied beside.
"""

import argparse
import json
import shutil
from pathlib import Path

import torch
from transformers import GenerationConfig, MarianMTModel

from dragoman.models.training.checkpoint import load_state
from dragoman.models.training.config import Config, read_config
from dragoman.models.training.network import marian_config
from dragoman.models.training.packed import Meta, load_meta
from dragoman.models.training.prepare import TOKENIZER_FILES

# Far below any logit, and still finite in fp16.
IMPOSSIBLE = -1e4
MAX_LENGTH = 256
CHOICES = ("best", "average", "last")


def export(config: Config, data: Path, run: Path, out: Path, choice: str = "best") -> None:
    """Write config.json, generation_config.json, model.safetensors and the tokeniser's four files to `out`.

    Args:
        config: the model's configuration.
        data: the folder that prepare wrote.
        run: the folder with the checkpoint.
        out: the model folder; files of other names in it stay.
        choice: "best" by dev loss, the newest "average", or the "last" raw weights.
    """
    meta = load_meta(data)
    state = load_state(run / "checkpoint.pt")
    weights = {"best": state.best, "average": state.average, "last": state.weights}[choice]
    model = MarianMTModel(marian_config(config.shape, meta))
    model.load_state_dict(weights, strict=False)
    model.tie_weights()
    model.final_logits_bias = output_mask(meta)
    model.generation_config = GenerationConfig(
        num_beams=4,
        max_length=MAX_LENGTH,
        pad_token_id=meta.pad,
        eos_token_id=meta.eos,
        bos_token_id=meta.eos,
        decoder_start_token_id=meta.pad,
        forced_eos_token_id=meta.eos,
    )
    out.mkdir(parents=True, exist_ok=True)
    model.half().save_pretrained(out)
    for name in TOKENIZER_FILES:
        shutil.copyfile(data / name, out / name)
    tokenizer = {
        "source_lang": config.src,
        "target_lang": config.tgt,
        "tokenizer_class": "MarianTokenizer",
        "eos_token": "</s>",
        "unk_token": "<unk>",
        "pad_token": "<pad>",
        "model_max_length": MAX_LENGTH,
        "clean_up_tokenization_spaces": False,
    }
    (out / "tokenizer_config.json").write_text(json.dumps(tokenizer, indent=1) + "\n", encoding="utf-8")


def output_mask(meta: Meta) -> torch.Tensor:
    """Return (1, n_vocab) float32: 0 for pieces that the target may contain, `IMPOSSIBLE` for all others."""
    mask = torch.zeros(1, meta.n_vocab)
    mask[0, meta.n_tgt :] = IMPOSSIBLE
    mask[0, 1] = IMPOSSIBLE  # <unk>
    return mask


def main() -> None:
    """Parse the command line and export."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("config", type=Path)
    parser.add_argument("data", type=Path, help="folder that prepare wrote")
    parser.add_argument("run", type=Path, help="folder with the checkpoint")
    parser.add_argument("out", type=Path, help="the model folder to write")
    parser.add_argument("--weights", choices=CHOICES, default="best")
    args = parser.parse_args()
    export(read_config(args.config), args.data, args.run, args.out, args.weights)


if __name__ == "__main__":
    main()
