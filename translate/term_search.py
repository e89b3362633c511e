"""Glossary terms through the model: where a translation lacks a term, search for one that has it.

Nothing is replaced in a finished text. At every word boundary of the translation the term is forced as the
next words and the model goes on from there; the most probable of these translations wins, if the model finds
it nearly as probable as its own. It is lexically constrained decoding (Hokamp & Liu 2017) with the grid
thinned to one hypothesis, so that any engine that can go on from a beginning can do it.
"""

from collections.abc import Sequence
from dataclasses import replace

from dragoman.corpora.normalisation import defuse_control_tokens, for_model, restore_control_tokens
from dragoman.models.engine import Completing, RawHypothesis
from dragoman.translate.doubts import doubt
from dragoman.translate.glossary import Glossary, Term
from dragoman.translate.qa import check
from dragoman.units import Flag, Hypothesis, Origin, Severity

MAX_LOSS = 0.35  # natural log a token that a translation with the term may be less probable
_MAX_PLACES = 48  # word boundaries tried
_MAX_SRC_TOKENS = 200  # longer segments were translated in pieces
_BEAM = 2
_WORD_START = "\u2581"  # LOWER ONE EIGHTH BLOCK begins a word's first token


def keep_terms(
    texts: Sequence[str],
    hypotheses: Sequence[Hypothesis],
    glossary: Glossary,
    translator: object,
    *,
    max_loss: float = MAX_LOSS,
) -> list[Hypothesis]:
    """Search anew for the translations that lack a term of the glossary.

    Args:
        texts: source segments.
        hypotheses: their translations; only those of origin "mt" are changed.
        glossary: the terms.
        translator: the engine; one that cannot go on from a beginning changes nothing.
        max_loss: least probable translation that is taken, in natural log a token below the model's own.

    Returns:
        A hypothesis a text. One that was changed has the flag "glossary-search" (info); one that still lacks
        a term is left for `dragoman.translate.qa.check` to flag.
    """
    if not isinstance(translator, Completing):
        return list(hypotheses)
    return [
        _with_terms(text, hypothesis, glossary, translator, max_loss)
        for text, hypothesis in zip(texts, hypotheses, strict=True)
    ]


def _with_terms(
    text: str, hypothesis: Hypothesis, glossary: Glossary, translator: Completing, max_loss: float
) -> Hypothesis:
    missing = glossary.missing(text, hypothesis.text) if hypothesis.origin is Origin.MT else []
    if not missing or not hypothesis.text.strip():
        return hypothesis
    (source,) = translator.tokenise([defuse_control_tokens(for_model(text))])
    if len(source) > _MAX_SRC_TOKENS:
        return hypothesis
    own = translator.encode_target(hypothesis.text)
    # The model's own translation, scored in the same way: forced as a whole.
    (base,) = translator.complete(source, [own], beam=1, max_tgt_tokens=len(own) + 1)
    best, found = hypothesis, []
    for term in missing:
        candidate = _search(text, best, term, glossary, translator, source, base, max_loss)
        if candidate is not None:
            best = candidate
            found.append(term.src)
    if not found:
        return hypothesis
    note = Flag("glossary-search", Severity.INFO, f"translated anew with the terms {', '.join(found)}")
    return replace(best, flags=(*hypothesis.flags, note))


def _search(
    text: str,
    hypothesis: Hypothesis,
    term: Term,
    glossary: Glossary,
    translator: Completing,
    source: list[str],
    base: RawHypothesis,
    max_loss: float,
) -> Hypothesis | None:
    """Return the most probable translation with one more term, None when there is none good enough."""
    own = translator.encode_target(hypothesis.text)
    places = [i for i, token in enumerate(own) if token.startswith(_WORD_START)] + [len(own)]
    places = places[:: 1 + len(places) // _MAX_PLACES]
    beginnings = []
    for target in term.targets[:2]:
        inside, first = (
            translator.encode_target(target),
            translator.encode_target(target[:1].upper() + target[1:]),
        )
        beginnings += [[*own[:place], *(inside if place else first)] for place in places]
    beginnings = [tokens for tokens in beginnings if "<unk>" not in tokens]
    longest = max(map(len, beginnings), default=0) + len(own) + 20
    answers = translator.complete(source, beginnings, beam=_BEAM, max_tgt_tokens=longest)
    n_kept = glossary.kept(text, hypothesis.text)[0]
    n_errors = _n_errors(text, hypothesis.text)
    for answer in sorted(answers, key=_mean, reverse=True):
        if _mean(answer) < _mean(base) - max_loss:
            return None
        target_text = restore_control_tokens(answer.text)
        is_sound = doubt(text, target_text, is_finished=answer.is_finished) is None
        if (
            is_sound
            and glossary.kept(text, target_text)[0] > n_kept
            and _n_errors(text, target_text) <= n_errors
        ):
            return replace(hypothesis, text=target_text, logprob=answer.logprob, n_tgt_tokens=answer.n_tokens)
    return None


def _mean(hypothesis: RawHypothesis) -> float:
    return hypothesis.logprob / max(1, hypothesis.n_tokens)


def _n_errors(src: str, tgt: str) -> int:
    return sum(flag.severity is Severity.ERROR for flag in check(src, tgt))
