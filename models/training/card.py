"""Step 6: the model's card, in the Hugging Face format, from the configuration and the reports.

    python -m dragoman.models.training.card CONFIG DATA RUN OUT --scores NAME=REPORT.json ...

Figures come from `report.json` (prepare), `checkpoint.pt` (train) and the JSON of `evaluate`; what only a
person can tell (phases, hardware, weaknesses) stands in the configuration's `[card]` table.
"""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dragoman.models.training.checkpoint import load_state
from dragoman.models.training.config import Config, read_config

LANGUAGES = {"ar": "Arabic", "en": "English"}


def write_card(
    config: Config, report: Mapping[str, Any], scores: Mapping[str, Mapping[str, Any]], facts: str
) -> str:
    """Return the card's Markdown.

    Args:
        config: the model's configuration, with its `[card]` table.
        report: what prepare kept, by source.
        scores: evaluation reports by the test set's name.
        facts: a line on the run: steps, pairs, pieces, hours.
    """
    card = config.card
    head = [
        "---",
        "language:",
        f"- {config.src}",
        f"- {config.tgt}",
        "library_name: transformers",
        "pipeline_tag: translation",
        "license: cc-by-sa-4.0",
        "tags:",
        "- marian",
        "- ctranslate2",
        "metrics:",
        "- bleu",
        "- chrf",
        "---",
    ]
    title = f"# {config.name}: {LANGUAGES[config.src]} to {LANGUAGES[config.tgt]}, small, for the CPU"
    parts = [
        "\n".join(head),
        title,
        card.get("summary", ""),
        "## Use\n\n" + card.get("use", ""),
        "## Scores\n\n" + _scores(scores) + "\n\n" + card.get("scores", ""),
        "## Shape\n\n" + _shape(config),
        "## Training\n\n" + card.get("training", "").strip() + f"\n\n{facts}",
        "## Data\n\n" + card.get("data", "").strip() + "\n\n" + _sources(config, report),
        "## Weaknesses\n\n" + card.get("weaknesses", ""),
        "## Licence\n\n" + card.get("licence", ""),
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _scores(scores: Mapping[str, Mapping[str, Any]]) -> str:
    rows = ["| test set | segments | BLEU | chrF++ |", "|---|---|---|---|"]
    rows += [
        f"| {name} | {s['n_segments']} | {s['bleu']:.2f} | {s['chrf']:.2f} |" for name, s in scores.items()
    ]
    first = next(iter(scores.values()), None)
    if first is None:
        return "Not measured."
    decoding = first["decoding"]
    rows += [
        "",
        f"CTranslate2 {decoding['compute']}, beam {decoding['beam']}, one sentence at a time. Signatures:",
        f"BLEU `{first['bleu_signature']}`; chrF++ `{first['chrf_signature']}`.",
    ]
    return "\n".join(rows)


def _shape(config: Config) -> str:
    shape = config.shape
    return (
        f"Marian: {shape.encoder_layers} encoder and {shape.decoder_layers} decoder layers, "
        f"d = {shape.d_model}, feed-forward {shape.ffn}, {shape.heads} heads, ReLU, "
        "sinusoidal positions, tied embeddings. Unigram pieces; the Arabic normalisation is inside "
        "`source.spm`. Weights in fp16."
    )


def _sources(config: Config, report: Mapping[str, Any]) -> str:
    rows = ["| source | licence | pairs kept | passes an epoch |", "|---|---|---|---|"]
    for source in config.sources:
        kept = report.get(source.name, {}).get("kept", 0)
        rows.append(f"| {source.name} | {source.licence} | {kept} | {source.weight:g} |")
    return "\n".join(rows)


def main() -> None:
    """Parse the command line and write the card."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("config", type=Path)
    parser.add_argument("data", type=Path, help="folder that prepare wrote")
    parser.add_argument("run", type=Path, help="folder with the checkpoint")
    parser.add_argument("out", type=Path, help="the model folder; README.md is written there")
    parser.add_argument(
        "--scores", action="append", default=[], help="NAME=REPORT.json of evaluate; repeatable"
    )
    args = parser.parse_args()
    scores = {}
    for item in args.scores:
        name, _, path = item.partition("=")
        scores[name] = json.loads(Path(path).read_text(encoding="utf-8"))
    state = load_state(args.run / "checkpoint.pt").progress
    facts = (
        f"This recipe's part of the training: {state.step:,} steps, {state.n_pairs:,} pairs and "
        f"{state.n_tokens:,} target pieces (repeats counted) in {state.seconds / 3600:.2f} hours; "
        f"best dev loss {state.best_loss:.3f} nats a piece "
        f"at step {state.best_step:,}."
    )
    report = json.loads((args.data / "report.json").read_text(encoding="utf-8"))
    content = write_card(read_config(args.config), report, scores, facts)
    (args.out / "README.md").write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
