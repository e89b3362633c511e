"""Step 5: BLEU and chrF++ of a model on a test set, with sacreBLEU's signatures.

    python -m dragoman.models.training.evaluate MODEL SOURCE REFERENCE [--output HYPOTHESES] [--json REPORT]

int8 CTranslate2, beam 4, one sentence a line.
"""

import argparse
import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from dragoman.errors import MismatchError
from dragoman.models.training.decode import Decoder, Decoding
from dragoman.models.training.sources import read_lines


@dataclass(frozen=True, slots=True)
class Scores:
    """Two scores and all that is needed to trust them."""

    bleu: float
    chrf: float
    bleu_signature: str
    chrf_signature: str
    n_segments: int
    source_sha256: str
    reference_sha256: str
    decoding: Decoding


def evaluate(model: Path, source: Path, reference: Path, decoding: Decoding) -> tuple[Scores, list[str]]:
    """Translate `source` and score it against `reference`; return the scores and the translations.

    Raises:
        MismatchError: the two files have different numbers of lines.
    """
    sources, references = read_lines(source), read_lines(reference)
    if len(sources) != len(references):
        raise MismatchError(f"{source} has {len(sources)} lines, {reference} has {len(references)}")
    hypotheses = list(Decoder(model, decoding).translate_all(sources))
    bleu, chrf = BLEU(), CHRF(word_order=2)
    bleu_score, chrf_score = (metric.corpus_score(hypotheses, [references]).score for metric in (bleu, chrf))
    scores = Scores(
        round(bleu_score, 2),
        round(chrf_score, 2),
        str(bleu.get_signature()),
        str(chrf.get_signature()),
        len(sources),
        _sha256(source),
        _sha256(reference),
        decoding,
    )
    return scores, hypotheses


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main() -> None:
    """Parse the command line, evaluate, print the scores as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("source", type=Path)
    parser.add_argument("reference", type=Path)
    parser.add_argument("--beam", type=int, default=4)
    parser.add_argument("--no-repeat", type=int, default=0, help="refuse repeated runs of this many pieces")
    parser.add_argument("--output", type=Path, help="write the translations here")
    parser.add_argument("--json", type=Path, help="write the scores here as well, for the card")
    args = parser.parse_args()
    decoding = Decoding(beam=args.beam, no_repeat=args.no_repeat)
    scores, hypotheses = evaluate(args.model, args.source, args.reference, decoding)
    report = json.dumps(asdict(scores), indent=1)
    print(report)
    if args.json:
        args.json.write_text(report + "\n", encoding="utf-8")
    if args.output:
        args.output.write_text("".join(f"{line}\n" for line in hypotheses), encoding="utf-8")


if __name__ == "__main__":
    main()
