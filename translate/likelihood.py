"""How probable a model finds one text as the translation of another."""

from collections.abc import Sequence
from pathlib import Path

from dragoman.corpora.alignment import PairScorer
from dragoman.models.catalog import DEFAULT_MODEL
from dragoman.models.engine import Tokens, Translator
from dragoman.translate.translation import translator_of


def pair_scorer(
    model: str | Path | Translator = DEFAULT_MODEL,
    *,
    src_lang: str = "ar",
    tgt_lang: str = "en",
    threads: int = 0,
    device: str = "auto",
) -> PairScorer:
    """Make a function that scores pairs of texts, for `dragoman.align`.

    Args:
        model: as in `dragoman.translate`.
        src_lang: language of the source.
        tgt_lang: language of the target.
        threads: CPU threads in all, 0 for every core.
        device: "auto", "cpu" or "cuda".

    Returns:
        A function that takes (source, target) pairs and returns for each the mean log-probability of the
        target's tokens, end of sentence included (natural logarithm, so 0 at most). Of texts longer than the
        model has positions for the beginnings are compared.

    Raises:
        ModelError: the model cannot be used.
    """
    translator = translator_of(model, "auto", device, "auto", threads, src_lang, tgt_lang)

    def score(pairs: Sequence[tuple[str, str]]) -> list[float]:
        most = translator.info.max_positions - 2  # the decoder's start and a language token take a position
        sources = translator.tokenise([src for src, _ in pairs])
        targets = [translator.encode_target(tgt)[: most - 1] for _, tgt in pairs]
        return translator.score([_cut(tokens, most) for tokens in sources], targets)

    return score


def _cut(tokens: Tokens, most: int) -> Tokens:
    """Keep the beginning of a source and its end of sentence."""
    return tokens if len(tokens) <= most else [*tokens[: most - 1], tokens[-1]]
