"""The physical limit: what a model's matrix products cost a token, beside what the machine can multiply.

    python bench/limit.py [MODEL] [--beam 4]

Operations count a multiplication and an addition as two; attention's own products, normalisation and search
are left out (a few per cent at these sizes). The rate is the best of several products of the model's shapes,
with every core: in float32 by numpy's BLAS, in int8 by the fastest of torch's engines, which multiply as
CTranslate2 does (8 bits to 32, a scale for the result) with other kernels. `torch._int_mm` is left out: on
AVX2 it takes thirty times as long as float32.
"""

import argparse
import json
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from dragoman.models.catalog import resolve
from dragoman.models.machine import n_cores, simd

ROWS = 64  # some sixteen sentences of beam 4 advance together
TARGETS_A_SOURCE = 1.1  # tokens; about that on news


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", nargs="?", default="starter-ar-en")
    parser.add_argument("--beam", type=int, default=4)
    parser.add_argument("--json", type=Path, help="write the rates here, for bench/compare.py")
    options = parser.parse_args()
    config = json.loads((resolve(options.model).path / "config.json").read_text(encoding="utf-8"))
    encoder, decoder, vocabulary = operations(config)
    total = encoder + TARGETS_A_SOURCE * options.beam * (decoder + vocabulary)
    print(f"{options.model}, beam {options.beam}, {n_cores()} cores, {simd()}")
    print(f"encoder, a source token        {encoder / 1e6:8.2f} million operations")
    print(f"decoder, a token a hypothesis  {decoder / 1e6:8.2f}")
    print(f"vocabulary, the same           {vocabulary / 1e6:8.2f}")
    print(f"in all, a source token         {total / 1e6:8.2f}")
    shape = (ROWS, config["d_model"], config["encoder_ffn_dim"])
    rates = {"float32": float32_rate(shape), **int8_rates(shape)}
    for kind, rate in rates.items():
        print(
            f"{kind:13} {rate / 1e9:7.1f} billion operations/s: at most {rate / total:8.0f} source tokens/s"
        )
    if options.json:
        content = {name: {"operations_per_s": r, "src_tokens_per_s": r / total} for name, r in rates.items()}
        options.json.write_text(json.dumps(content, indent=1), encoding="utf-8")


def operations(config: dict[str, int]) -> tuple[float, float, float]:
    """Operations of the encoder a source token, of the decoder and of the output layer a target token.

    The keys and values of the cross-attention are computed once a source token: they count as the encoder's.
    The output layer scores half of the joint vocabulary, the other language's pieces are left out.
    """
    d = config["d_model"]
    encoder = config["encoder_layers"] * (4 * d * d + 2 * d * config["encoder_ffn_dim"])
    cross = config["decoder_layers"] * 2 * d * d
    decoder = config["decoder_layers"] * (6 * d * d + 2 * d * config["decoder_ffn_dim"])
    return 2.0 * (encoder + cross), 2.0 * decoder, 2.0 * d * config["vocab_size"] / 2


def float32_rate(shape: tuple[int, int, int]) -> float:
    rows, inner, columns = shape
    rng = np.random.default_rng(1)
    a = rng.random((rows, inner), dtype=np.float32)
    b = rng.random((inner, columns), dtype=np.float32)
    return best_rate(lambda: a @ b, shape)


def int8_rates(shape: tuple[int, int, int]) -> dict[str, float]:
    """Measure a layer that takes and gives 8 bits, with each engine that torch was built with."""
    import torch

    rows, inner, columns = shape
    found = {}
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")  # the interface is on its way out
        torch.set_num_threads(n_cores())
        given = torch.quantize_per_tensor(torch.randn(rows, inner), 0.05, 64, torch.quint8)
        for engine in torch.backends.quantized.supported_engines:
            if engine not in ("none", "qnnpack"):  # that one is of telephones
                torch.backends.quantized.engine = engine
                layer = torch.ao.nn.quantized.Linear(inner, columns)
                found[f"int8 {engine}"] = best_rate(lambda layer=layer: layer(given), shape)
    return found


def best_rate(product: Callable[[], object], shape: tuple[int, int, int]) -> float:
    rows, inner, columns = shape
    best = float("inf")
    for _ in range(20):
        start = time.perf_counter()
        for _ in range(50):
            product()
        best = min(best, (time.perf_counter() - start) / 50)
    return 2.0 * rows * inner * columns / best


if __name__ == "__main__":
    main()
