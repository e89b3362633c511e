"""Translation speed: dragoman beside what people do without it, on the same text and the same weights.

    python bench/translate.py --text BENCH/mt/flores-dev.ar --reference BENCH/mt/flores-dev.en

Systems, each in a process of its own so that its peak memory is its own:

    hf-one          Transformers float32, `generate` a sentence at a time, as tutorials do
    hf-32           Transformers float32, batches of 32 in file order
    raw-int8        CTranslate2 int8 on tokens that are ready and sorted: the engine's limit
    raw-float32     the same in float32
    dragoman-int8   the whole job: reading, segmentation, translation, checks, writing
    dragoman-float32
    dragoman-hf     the same with the Transformers back end

Rates count source tokens over the time from a loaded model to the last line written; loading is given apart.

`--random` takes a randomly initialised model of OPUS-MT's size: 6+6 layers of width 512 and 62,834 tokens, of
which the starter's tokeniser uses its own. Its output means nothing (no BLEU), and it is kept from ending a
sentence, so that every system decodes to the limit: as many tokens as the source has and three more, about
what news takes. A batch goes on to the limit of its longest sentence, as batches of a real model do. Second
tries are off, for every answer would want one.
"""

import argparse
import importlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from peak import peak_mb

SYSTEMS = ("hf-one", "hf-32", "raw-int8", "raw-float32", "dragoman-int8", "dragoman-float32", "dragoman-hf")
BARS = (  # system, is at least this many times as fast as, system
    ("dragoman-int8", 8.0, "hf-one"),
    ("dragoman-float32", 3.0, "hf-32"),
    ("dragoman-int8", 0.92, "raw-int8"),
    ("dragoman-float32", 0.92, "raw-float32"),
)
BATCH_TOKENS = 1024
OPUS_MT_TOKENS = 62_834


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    bench = os.environ.get("DRAGOMAN_BENCH", "")
    parser.add_argument("--text", type=Path, default=Path(bench) / "mt" / "flores-dev.ar" if bench else None)
    parser.add_argument(
        "--reference", type=Path, default=Path(bench) / "mt" / "flores-dev.en" if bench else None
    )
    parser.add_argument("--model", default="starter-ar-en")
    parser.add_argument("--random", action="store_true", help="a random model of OPUS-MT's size")
    parser.add_argument("--sentences", type=int, default=200)
    parser.add_argument("--beam", type=int, default=4)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--systems", default=",".join(SYSTEMS))
    parser.add_argument("--json", type=Path, help="write the figures here, for bench/compare.py")
    parser.add_argument("--system", choices=SYSTEMS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.text is None:
        parser.error("--text FILE, or DRAGOMAN_BENCH in the environment")
    if options.system:
        print(json.dumps(measure(options)))
        return
    with tempfile.TemporaryDirectory() as folder:
        if options.random:
            # Its conversions go with it.
            os.environ["DRAGOMAN_CACHE"] = str(Path(folder) / "cache")
            options.model = str(Path(folder) / "random-6-6-512")
            make_random_model(Path(options.model))
        rows = [run(options, system) for system in options.systems.split(",")]
    report(rows, options)


def run(options: argparse.Namespace, system: str) -> dict[str, Any]:
    command = [sys.executable, __file__, "--system", system]
    for name in ("text", "model", "sentences", "beam", "threads", "reference"):
        value = getattr(options, name)
        command += [f"--{name}", str(value)] if value is not None else []
    command += ["--random"] if options.random else []
    if system.endswith(("int8", "float32")):
        # The conversion is done before anything is measured.
        kind = system.rpartition("-")[2]
        convert = ["-m", "dragoman", "models", "convert", options.model, "--compute-type", kind]
        subprocess.run([sys.executable, *convert], check=True, capture_output=True)
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    row: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(f"{system:18} {row['tokens_per_s']:8.0f} tokens/s", file=sys.stderr)
    return row


def measure(options: argparse.Namespace) -> dict[str, Any]:
    if options.random:
        job = importlib.import_module("dragoman.translate.job")
        vars(job).update(doubt=lambda *_, **__: None, _broken=lambda _: {})
        batching = importlib.import_module("dragoman.translate.batching")
        vars(batching).update(MAX_TGT_RATIO=1, MAX_TGT_EXTRA=3)
    sentences = options.text.read_text(encoding="utf-8").split("\n")[: options.sentences]
    start = time.perf_counter()
    work = {"hf-one": hugging_face, "hf-32": hugging_face, "raw-int8": raw, "raw-float32": raw}.get(
        options.system, whole_job
    )
    translate = work(options)
    load_s = time.perf_counter() - start
    start, start_cpu = time.perf_counter(), cpu_seconds()
    translations = translate(sentences)
    seconds, cpu = time.perf_counter() - start, cpu_seconds() - start_cpu
    n_tokens = count_tokens(options.model, sentences)
    row: dict[str, Any] = {
        "system": options.system,
        "sentences": len(sentences),
        "src_tokens": n_tokens,
        "seconds": seconds,
        "cpu_seconds": cpu,
        "load_seconds": load_s,
        "tokens_per_s": n_tokens / seconds,
        "tokens_per_cpu_s": n_tokens / cpu,
        "segments_per_s": len(sentences) / seconds,
        "peak_mb": peak_mb(),
    }
    if options.reference and not options.random:
        import sacrebleu

        references = options.reference.read_text(encoding="utf-8").split("\n")[: len(sentences)]
        row["bleu"] = sacrebleu.corpus_bleu(translations, [references]).score
    return row


def hugging_face(options: argparse.Namespace) -> Any:
    import torch
    import transformers

    from dragoman.models.catalog import resolve
    from dragoman.models.machine import n_cores
    from dragoman.translate.batching import max_tgt_tokens

    folder = resolve(options.model)
    torch.set_num_threads(options.threads or n_cores())
    model = transformers.AutoModelForSeq2SeqLM.from_pretrained(str(folder.path), dtype=torch.float32).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(str(folder.path))
    size = 1 if options.system == "hf-one" else 32

    def translate(sentences: list[str]) -> list[str]:
        found: list[str] = []
        with torch.inference_mode():
            for i in range(0, len(sentences), size):
                inputs = tokenizer(sentences[i : i + size], return_tensors="pt", padding=True)
                limit = max_tgt_tokens(inputs["input_ids"].shape[1], folder.layout.max_positions)
                output = model.generate(**inputs, num_beams=options.beam, max_new_tokens=limit + 1)
                found += tokenizer.batch_decode(output, skip_special_tokens=True)
        return found

    return translate


def raw(options: argparse.Namespace) -> Any:
    import ctranslate2

    from dragoman.models.catalog import resolve
    from dragoman.models.conversion import convert
    from dragoman.models.division import choose
    from dragoman.models.tokenisation import load_tokeniser
    from dragoman.translate.batching import batches, max_tgt_tokens

    folder = resolve(options.model)
    kind = options.system.removeprefix("raw-")
    path = convert(folder, kind)
    division = choose(folder.digest, options.threads)
    engine = ctranslate2.Translator(
        str(path),
        compute_type=kind,
        inter_threads=division.n_workers,
        intra_threads=division.n_threads,
        max_queued_batches=-1,
    )
    tokeniser = load_tokeniser(path, folder.layout)
    # Tokenising and sorting are done ahead: what is measured is the engine alone.
    sentences = options.text.read_text(encoding="utf-8").split("\n")[: options.sentences]
    rows = tokeniser.encode(sentences)
    order = batches([len(row) for row in rows], BATCH_TOKENS)

    def translate(_: list[str]) -> list[str]:
        pending = [
            engine.translate_batch(
                [rows[i] for i in batch],
                asynchronous=True,
                beam_size=options.beam,
                max_input_length=0,
                max_decoding_length=max_tgt_tokens(len(rows[batch[0]]), folder.layout.max_positions) + 1,
            )
            for batch in order
        ]
        found = [""] * len(rows)
        for batch, futures in zip(order, pending, strict=True):
            for i, future in zip(batch, futures, strict=True):
                found[i] = tokeniser.decode(future.result().hypotheses[0])
        return found

    return translate


def whole_job(options: argparse.Namespace) -> Any:
    from dragoman.corpora.reading import read_text
    from dragoman.corpora.segmentation import segment
    from dragoman.models.engine import load
    from dragoman.translate.qa import checked
    from dragoman.translate.translation import translate_stream

    backend = "transformers" if options.system.endswith("hf") else "ctranslate2"
    kind = "int8" if options.system.endswith("int8") else "float32"
    engine = load(options.model, backend=backend, device="cpu", compute_type=kind, threads=options.threads)

    def translate(sentences: list[str]) -> list[str]:
        document = read_text("\n".join(sentences), keep_all=True)
        segments = segment(document)
        stream = translate_stream((part.text for part in segments), model=engine, beam=options.beam)
        hypotheses = []
        with tempfile.TemporaryFile("w", encoding="utf-8") as out:
            for part, hypothesis in zip(segments, stream, strict=True):
                hypotheses.append(checked(part.text, hypothesis))
                out.write(hypotheses[-1].text + "\n")
        # A line may hold several sentences: put them together again for BLEU.
        found = [""] * len(sentences)
        ends = [0]
        for sentence in sentences:
            ends.append(ends[-1] + len(sentence) + 1)
        line = 0
        for part, hypothesis in zip(segments, hypotheses, strict=True):
            while part.start >= ends[line + 1]:
                line += 1
            found[line] = f"{found[line]} {hypothesis.text}".strip()
        return found

    return translate


def count_tokens(model: str, sentences: list[str]) -> int:
    from dragoman.models.catalog import resolve
    from dragoman.models.tokenisation import load_tokeniser

    folder = resolve(model)
    return sum(map(len, load_tokeniser(folder.path, folder.layout).encode(sentences)))


def make_random_model(folder: Path) -> None:
    """Make a model of OPUS-MT's size that never ends a sentence by itself, the same each time."""
    import torch
    import transformers

    from dragoman.models.catalog import resolve

    starter = resolve("starter-ar-en").path
    folder.mkdir()
    for name in ("source.spm", "target.spm", "tokenizer_config.json"):
        (folder / name).write_bytes((starter / name).read_bytes())
    tokens = json.loads((starter / "vocab.json").read_text(encoding="utf-8"))
    pad = tokens.pop("<pad>")  # the last, as converters expect it
    tokens |= {f"<unused{number}>": number for number in range(pad, OPUS_MT_TOKENS - 1)}
    tokens["<pad>"] = OPUS_MT_TOKENS - 1
    (folder / "vocab.json").write_text(json.dumps(tokens), encoding="utf-8")
    config = transformers.AutoConfig.from_pretrained(str(starter))
    config.update({"vocab_size": len(tokens), "decoder_vocab_size": len(tokens)})
    config.update({"pad_token_id": tokens["<pad>"], "decoder_start_token_id": tokens["<pad>"]})
    for side in ("encoder", "decoder"):
        config.update({f"{side}_layers": 6, f"{side}_attention_heads": 8, f"{side}_ffn_dim": 2048})
    config.update({"d_model": 512, "dtype": "float32"})
    torch.manual_seed(1)
    model = transformers.MarianMTModel(config)
    model.final_logits_bias[0, tokens["</s>"]] = -1e4
    model.save_pretrained(str(folder))


def cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def report(rows: list[dict[str, Any]], options: argparse.Namespace) -> None:
    from dragoman.models.machine import n_cores, simd

    name = Path(options.model).name
    print(f"{name}, beam {options.beam}, {rows[0]['sentences']} sentences, {n_cores()} cores, {simd()}")
    with_bleu = any("bleu" in row for row in rows)
    header = f"{'system':18} {'tokens/s':>9} {'tokens/CPU s':>13} {'segments/s':>11} {'peak MB':>8}"
    print(header + (f" {'BLEU':>6}" if with_bleu else ""))
    for row in rows:
        print(
            f"{row['system']:18} {row['tokens_per_s']:9.0f} {row['tokens_per_cpu_s']:13.0f} "
            f"{row['segments_per_s']:11.1f} {row['peak_mb']:8.0f}"
            + (f" {row['bleu']:6.2f}" if "bleu" in row else "")
        )
    by_name = {row["system"]: row for row in rows}
    for fast, factor, slow in BARS:
        if fast in by_name and slow in by_name:
            wall = by_name[fast]["tokens_per_s"] / by_name[slow]["tokens_per_s"]
            cpu = by_name[fast]["tokens_per_cpu_s"] / by_name[slow]["tokens_per_cpu_s"]
            print(f"{fast} / {slow}: {wall:.2f} by the clock, {cpu:.2f} by CPU time (bar {factor})")
    if "dragoman-int8" in by_name and "raw-int8" in by_name:
        memory = by_name["dragoman-int8"]["peak_mb"] / by_name["raw-int8"]["peak_mb"]
        print(f"peak memory dragoman-int8 / raw-int8: {memory:.2f} (bar 1.15)")
    if options.json:
        options.json.write_text(json.dumps({row["system"]: row for row in rows}, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
