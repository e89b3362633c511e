"""Glossary terms through the model: where a translation lacks a term, search for one that has it.

Nothing is replaced in a finished text. First the model's next best translations are looked through: a term
that is a synonym of what it chose often stands in one of them. Where none has it, the term is forced as the
next words at every word boundary of the translation, and the model goes on from there; this is lexically
constrained decoding (Hokamp & Liu 2017) with the grid thinned to one hypothesis, so that any engine that can
go on from a beginning can do it. Of the translations found the most probable wins, if the model finds it
nearly as probable as its own.
"""

from collections.abc import Sequence
from dataclasses import replace

from dragoman.corpora.normalisation import defuse_control_tokens, for_model, restore_control_tokens
from dragoman.models.engine import Completing, RawHypothesis
from dragoman.translate.doubts import doubt
from dragoman.translate.glossary import Glossary, Term
from dragoman.translate.qa import check
from dragoman.units import Flag, Hypothesis, Origin, Severity

N_BEST = 8  # translations looked through
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
    n_best: int = N_BEST,
) -> list[Hypothesis]:
    """Search anew for the translations that lack a term of the glossary.

    Args:
        texts: source segments.
        hypotheses: their translations; only those of origin "mt" are changed.
        glossary: the terms.
        translator: the engine; one that cannot go on from a beginning changes nothing.
        max_loss: least probable translation that is taken, in natural log a token below the model's own.
        n_best: translations looked through before terms are forced; 0 to force them at once.

    Returns:
        A hypothesis a text. One that was changed has the flag "glossary-search" (info); one that still lacks
        a term is left for `dragoman.translate.qa.check` to flag.
    """
    if not isinstance(translator, Completing):
        return list(hypotheses)
    return [
        _with_terms(text, hypothesis, glossary, translator, max_loss, n_best)
        for text, hypothesis in zip(texts, hypotheses, strict=True)
    ]


def _with_terms(
    text: str,
    hypothesis: Hypothesis,
    glossary: Glossary,
    translator: Completing,
    max_loss: float,
    n_best: int,
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
    listed = translator.alternatives(source, n=n_best, max_tgt_tokens=2 * len(own) + 20) if n_best else []
    best = _best(text, hypothesis, listed, glossary, base, max_loss) or hypothesis
    left = glossary.missing(text, best.text)
    found = [term.src for term in missing if term not in left]
    for term in left:
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
    """Force a term at each word boundary; return the best translation, None when none is good enough."""
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
    return _best(text, hypothesis, answers, glossary, base, max_loss)


def _best(
    text: str,
    hypothesis: Hypothesis,
    answers: Sequence[RawHypothesis],
    glossary: Glossary,
    base: RawHypothesis,
    max_loss: float,
) -> Hypothesis | None:
    """Return the answer with the most terms, the most probable of several, None when none is good enough."""
    n_kept = glossary.kept(text, hypothesis.text)[0]
    n_errors = _n_errors(text, hypothesis.text)
    best: RawHypothesis | None = None
    for answer in sorted(answers, key=_mean, reverse=True):
        if _mean(answer) < _mean(base) - max_loss:
            break
        target = restore_control_tokens(answer.text)
        n_here = glossary.kept(text, target)[0]
        is_sound = doubt(text, target, is_finished=answer.is_finished) is None
        if n_here > n_kept and is_sound and _n_errors(text, target) <= n_errors:
            best, n_kept = answer, n_here
    if best is None:
        return None
    target = restore_control_tokens(best.text)
    return replace(hypothesis, text=target, logprob=best.logprob, n_tgt_tokens=best.n_tokens)


def _mean(hypothesis: RawHypothesis) -> float:
    return hypothesis.logprob / max(1, hypothesis.n_tokens)


def _n_errors(src: str, tgt: str) -> int:
    return sum(flag.severity is Severity.ERROR for flag in check(src, tgt))
