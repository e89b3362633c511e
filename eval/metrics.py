"""BLEU, chrF, chrF++ and TER through sacreBLEU, as sums of per-segment statistics.

sacreBLEU's metrics are functions of statistics that add up over segments (Post 2018, A Call for Clarity in
Reporting BLEU Scores). Here each metric yields its statistics as one array, and its formula takes many rows
of summed statistics at once, so that resampling, breakdowns and segment scores never touch text again. The
statistics and the corpus score are sacreBLEU's own; the vectorised formulas repeat its arithmetic,
precision included, and a test holds both against each other.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import sacrebleu
from sacrebleu.metrics.base import Metric
from sacrebleu.metrics.bleu import BLEUScore

from dragoman.errors import InputError, MismatchError
from dragoman.eval.results import BleuDetails, ConfidenceInterval, Coverage, MetricScore, Mode

Array = npt.NDArray[np.floating]
Formula = Callable[[Array], Array]

METRICS = ("bleu", "chrf", "chrf++", "ter")
DEFAULT_METRICS = ("bleu", "chrf++", "ter")
TOKENISERS = ("13a", "intl", "char", "none", "zh", "flores101", "flores200", "spm")

# sacreBLEU fetches these models from the network when they are first used; here they must be there already.
_SPM_MODELS = {"flores101": "flores101", "flores200": "flores200", "spm": "flores101"}

_CHRF_ORDERS = {"chrf": (6, 0), "chrf++": (6, 2)}  # character and word n-gram orders (Popović 2015, 2017)
_CHRF_BETA = 2
_WORTH_PROCESSES = (
    1500  # segments; TER and chrF take milliseconds a segment, starting processes a tenth of a second
)
_EPSILON = 1e-16
_LOG_OF_ZERO = -9999999999.0  # sacreBLEU's floor of the logarithm


@dataclass(frozen=True, slots=True, eq=False)
class Statistics:
    """One metric's sufficient statistics for one system.

    Attributes:
        name: the metric's name as sacreBLEU prints it.
        signature: sacreBLEU's signature.
        values: `(n_units, n_statistics) float64`.
        formula: summed statistics `(m, n_statistics)` → scores `(m,)`, of the same dtype family.
        unit_formula: the same for single units (BLEU then takes the effective order).
        corpus: the corpus score, as sacreBLEU computes it.
        higher_is_better: False for TER.
        bleu: the parts of BLEU.
    """

    name: str
    signature: str
    values: npt.NDArray[np.float64]
    formula: Formula
    unit_formula: Formula
    corpus: float
    higher_is_better: bool = True
    bleu: BleuDetails | None = None

    def unit_scores(self) -> npt.NDArray[np.float64]:
        """Score each unit by itself: `(n_units,) float64`."""
        return np.asarray(self.unit_formula(self.values), dtype=np.float64)

    def part_score(self, units: Sequence[int]) -> float | None:
        """Score the units of one part of the data together, None when there are none."""
        if not units:
            return None
        return float(self.formula(self.values[list(units)].sum(axis=0, keepdims=True))[0])

    def score(
        self, mode: Mode, coverage: Coverage, interval: ConfidenceInterval | None = None
    ) -> MetricScore:
        """Give the corpus score its mode, coverage and interval."""
        return MetricScore(
            name=self.name,
            score=self.corpus,
            signature=self.signature,
            mode=mode,
            coverage=coverage,
            higher_is_better=self.higher_is_better,
            interval=interval,
            bleu=self.bleu,
        )

    def signed(self, **options: int) -> "Statistics":
        """Name the resampling in the signature, where sacreBLEU puts it: after the number of references."""
        if not options:
            return self
        head, _, rest = self.signature.partition("|")
        shown = "|".join(f"{name}:{value}" for name, value in options.items())
        return replace(self, signature=f"{head}|{shown}|{rest}" if rest else f"{head}|{shown}")


class SacreMetric:
    """A sacreBLEU metric with its references counted once for all systems."""

    def __init__(
        self,
        name: str,
        references: Sequence[Sequence[str | None]],
        *,
        tokenize: str = "13a",
        lowercase: bool = False,
    ) -> None:
        """Count the references.

        Args:
            name: one of `METRICS`.
            references: streams of one length; None where a stream has no reference for a unit.
            tokenize: BLEU's tokeniser, one of `TOKENISERS`.
            lowercase: fold case in BLEU and chrF; TER folds case anyway.
        """
        self.name = name
        self.n_units = len(references[0])
        if any(len(stream) != self.n_units for stream in references):
            raise MismatchError(f"the references have different lengths: {[len(s) for s in references]}")
        self._metric = _build(name, tokenize, lowercase)
        # sacreBLEU keeps counted references in this attribute; it fills it itself only from its constructor.
        self._metric._ref_cache = self._metric._cache_references(references)  # type: ignore[arg-type]  # None is allowed

    def measure(self, hypotheses: Sequence[str]) -> Statistics:
        """Extract a system's statistics.

        Raises:
            MismatchError: there are not as many hypotheses as references (sacreBLEU's API would cut to the
                shorter side in silence).
        """
        if len(hypotheses) != self.n_units:
            raise MismatchError(f"{len(hypotheses)} hypotheses against {self.n_units} references")
        return self._statistics(_extract(self._metric, hypotheses))

    def measure_all(self, systems: Sequence[Sequence[str]]) -> list[Statistics]:
        """Extract several systems' statistics, all but BLEU's on all cores when there is much to do.

        Raises:
            MismatchError: a system has another number of hypotheses than there are references.
        """
        n_jobs = min(len(systems), os.cpu_count() or 1)
        if self.name == "bleu" or n_jobs < 2 or len(systems) * self.n_units < _WORTH_PROCESSES:
            return [self.measure(hypotheses) for hypotheses in systems]
        for hypotheses in systems:
            if len(hypotheses) != self.n_units:
                raise MismatchError(f"{len(hypotheses)} hypotheses against {self.n_units} references")
        with ProcessPoolExecutor(n_jobs) as pool:
            return [self._statistics(raw) for raw in pool.map(partial(_extract, self._metric), systems)]

    def _statistics(self, raw: list[list[float]]) -> Statistics:
        score = self._metric._aggregate_and_compute(raw)
        values = np.array(raw, dtype=np.float64)
        bleu = None
        formula: Formula
        if isinstance(score, BLEUScore):
            bleu = BleuDetails(tuple(score.precisions), score.bp, score.sys_len, score.ref_len)
            formula, unit_formula = _bleu, _bleu_effective
        else:
            formula = _ter if self.name == "ter" else _chrf
            unit_formula = formula
        return Statistics(
            name=score.name,
            signature=self._metric.get_signature().format(),
            values=values,
            formula=formula,
            unit_formula=unit_formula,
            corpus=float(score.score),
            higher_is_better=self.name != "ter",
            bleu=bleu,
        )


def _extract(metric: Metric, hypotheses: Sequence[str]) -> list[list[float]]:
    """Take a system's statistics, a row a unit, against the references that the metric has counted."""
    rows: list[list[float]] = metric._extract_corpus_statistics(hypotheses, None)
    return rows


def mean_statistics(
    name: str, scores: Sequence[float], signature: str, *, higher_is_better: bool = True
) -> Statistics:
    """Make statistics of a metric whose corpus score is the mean of its segments' (COMET and its kind)."""
    values = np.column_stack([np.asarray(scores, dtype=np.float64), np.ones(len(scores))])
    return Statistics(
        name=name,
        signature=signature,
        values=values,
        formula=_mean,
        unit_formula=_mean,
        corpus=float(values[:, 0].mean()),
        higher_is_better=higher_is_better,
    )


def _build(name: str, tokenize: str, lowercase: bool) -> Metric:
    if name == "bleu":
        _check_tokeniser(tokenize)
        # `force` silences a warning on standard error: tokenised text is reported by our own checks, by line.
        return sacrebleu.BLEU(tokenize=tokenize, lowercase=lowercase, force=True)
    if name in _CHRF_ORDERS:
        char_order, word_order = _CHRF_ORDERS[name]
        return sacrebleu.CHRF(
            char_order=char_order, word_order=word_order, beta=_CHRF_BETA, lowercase=lowercase
        )
    if name == "ter":
        return sacrebleu.TER()
    raise InputError(f"unknown metric {name!r}: expected one of {', '.join(METRICS)}")


def _check_tokeniser(tokenize: str) -> None:
    if tokenize not in TOKENISERS:
        raise InputError(f"unknown tokeniser {tokenize!r}: expected one of {', '.join(TOKENISERS)}")
    if tokenize in _SPM_MODELS:
        folder = Path(os.environ.get("SACREBLEU", str(Path.home() / ".sacrebleu"))) / "models"
        file_name = f"{_SPM_MODELS[tokenize]}sacrebleuspm"
        if not any(folder.glob(f"{_SPM_MODELS[tokenize]}*")):
            raise InputError(
                f"the tokeniser {tokenize} needs sacreBLEU's SentencePiece model {file_name} in {folder}: "
                "nothing is downloaded here, put it there or choose another tokeniser"
            )


def _bleu(sums: Array, *, effective: bool = False) -> Array:
    """BLEU with exponential smoothing (Papineni et al. 2002; smoothing method 3 of Chen & Cherry 2014).

    Args:
        sums: `(m, 10)`: hypothesis length, reference length, 4 match counts, 4 totals.
        effective: leave out the orders for which the hypothesis is too short.
    """
    n_orders = (sums.shape[1] - 2) // 2
    hyp_len, ref_len = sums[:, 0].astype(np.float64), sums[:, 1].astype(np.float64)
    correct, total = sums[:, 2 : 2 + n_orders], sums[:, 2 + n_orders :]
    with np.errstate(divide="ignore", invalid="ignore"):
        penalty = np.where(hyp_len < ref_len, np.where(hyp_len > 0, np.exp(1 - ref_len / hyp_len), 0.0), 1.0)
        reached = np.ones(len(sums), dtype=bool)
        smooth = np.ones(len(sums), dtype=sums.dtype)
        log_sum = np.zeros(len(sums))
        orders = np.full(len(sums), 0 if effective else n_orders)
        for n in range(n_orders):
            reached &= total[:, n] > 0
            missed = reached & (correct[:, n] == 0)
            smooth = np.where(missed, smooth * 2, smooth)
            hundred = sums.dtype.type(100)
            precision = np.where(
                missed, hundred / (smooth * total[:, n]), hundred * correct[:, n] / total[:, n]
            )
            logs = np.where(reached, np.log(precision.astype(np.float64)), _LOG_OF_ZERO)
            if effective:
                orders = np.where(reached, n + 1, orders)
                logs = np.where(reached, logs, 0.0)
            log_sum = log_sum + logs
        score = penalty * np.exp(log_sum / orders)
    return np.where(correct.any(axis=1), score, 0.0)


def _bleu_effective(sums: Array) -> Array:
    return _bleu(sums, effective=True)


def _chrf(sums: Array) -> Array:
    """Score chrF (Popović 2015) from `(m, 3 · orders)` counts: hypothesis, reference, matches by order."""
    n_hyp, n_ref, n_match = sums[:, 0::3], sums[:, 1::3], sums[:, 2::3]
    precision = np.zeros(len(sums), dtype=sums.dtype)
    recall = np.zeros(len(sums), dtype=sums.dtype)
    orders = np.zeros(len(sums), dtype=sums.dtype)
    factor = sums.dtype.type(_CHRF_BETA**2)
    with np.errstate(divide="ignore", invalid="ignore"):
        for n in range(n_hyp.shape[1]):
            both = (n_hyp[:, n] > 0) & (n_ref[:, n] > 0)
            precision += np.where(both, n_match[:, n] / n_hyp[:, n], 0)
            recall += np.where(both, n_match[:, n] / n_ref[:, n], 0)
            orders += both
        precision, recall = precision / orders, recall / orders
        score = (1 + factor) * precision * recall / (factor * precision + recall)
        return np.where((orders > 0) & (precision + recall > 0), 100 * score, 0)


def _ter(sums: Array) -> Array:
    """TER from `(m, 2)`: edits and average reference length (Snover et al. 2006)."""
    edits, length = sums[:, 0], sums[:, 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(
            length > 0, 100 * (edits / length), np.where(edits > 0, 100.0, 0.0).astype(sums.dtype)
        )


def _mean(sums: Array) -> Array:
    return sums[:, 0] / sums[:, 1]
