"""Translating with CTranslate2, as users will: the decoder of `evaluate` and `translate_corpus`."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import ctranslate2
import sentencepiece as spm
from ctranslate2.converters import TransformersConverter

MAX_PIECES = 250  # positions end at 256


@dataclass(frozen=True, slots=True)
class Decoding:
    """Settings that decide the output, all of them.

    Attributes:
        beam: hypotheses kept; 1 is greedy, or sampling where `sample_top` is above 1.
        sample_top: draw from this many best pieces; 1 draws nothing. For back-translation.
        no_repeat: refuse to repeat runs of this many pieces; 0 allows all.
        compute: CTranslate2's type.
        batch_tokens: source pieces in a batch.
    """

    beam: int = 4
    sample_top: int = 1
    no_repeat: int = 0
    compute: str = "int8"
    batch_tokens: int = 2048


class Decoder:
    """A model folder, converted once to a temporary folder and loaded."""

    def __init__(self, model: Path, decoding: Decoding, threads: int = 2) -> None:
        self._decoding = decoding
        self._source = spm.SentencePieceProcessor(model_file=str(model / "source.spm"))
        self._target = spm.SentencePieceProcessor(model_file=str(model / "target.spm"))
        with tempfile.TemporaryDirectory() as folder:
            converted = Path(folder) / "model"
            TransformersConverter(str(model)).convert(str(converted), quantization=decoding.compute)
            self._translator = ctranslate2.Translator(
                str(converted), device="cpu", compute_type=decoding.compute, intra_threads=threads
            )

    def translate(self, texts: Sequence[str]) -> list[str]:
        """Translate one sentence an item, in order. Longer ones than `MAX_PIECES` lose their end."""
        sources = [
            [*pieces[:MAX_PIECES], "</s>"] for pieces in self._source.encode(list(texts), out_type=str)
        ]
        results = self._translator.translate_batch(
            sources,
            beam_size=self._decoding.beam,
            sampling_topk=self._decoding.sample_top,
            no_repeat_ngram_size=self._decoding.no_repeat,
            max_decoding_length=MAX_PIECES,
            max_batch_size=self._decoding.batch_tokens,
            batch_type="tokens",
        )
        return [self._target.decode_pieces(result.hypotheses[0]) for result in results]

    def translate_all(self, texts: Sequence[str], chunk: int = 2000) -> Iterator[str]:
        """Translate many sentences in chunks, so that progress can be written as it comes."""
        for start in range(0, len(texts), chunk):
            yield from self.translate(texts[start : start + chunk])
