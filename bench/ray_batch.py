"""The batch job on Ray beside the local engine: start, rate, two one-CPU actors against one.

    python bench/ray_batch.py [--documents 2000] [--rounds 2] [--model starter-ar-en] [--json FILE]

Documents are made of sentences of the bundled sample article, each with a number, so that no two are equal.
Four engines: local with one thread, Ray with one actor, local with two threads, Ray with two actors. A
round does all of them, so that a load that changes meets them alike; the best round of each counts. Rates are
of segments after each worker's first shard, which waits for the model; `start` is the time until then.

On a machine with other work the wall clock tells little: so CPU seconds are counted as well, of this process
and all below it, Ray's own among them (Linux). From them follow how much faster two actors are than one on
two free cores, and what a job of five minutes on one free core takes longer on Ray: the local engine with one
thread uses more than one core by the clock, for it reads and checks beside the engine.
(The file is not called ray.py: Python would take it for Ray.)
"""

import argparse
import json
import os
import platform
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from dragoman.corpora.segmentation import segment
from dragoman.translate.batch import run_job
from dragoman.translate.inputs import plan
from dragoman.translate.ledger import Ledger
from dragoman.translate.options import BatchOptions
from dragoman.translate.ray_engine import run_ray
from dragoman.translate.shards import ShardDone

_SAMPLE = Path(__file__).parents[1] / "corpora" / "samples" / "harbour.ar.txt"
_SENTENCES_A_DOCUMENT = 4
_DOCUMENTS_A_SHARD = 16  # a quarter of the usual, so that a short job has shards enough
_JOB_SECONDS = 300.0

_COMPARED = ("local, 1 thread", "Ray, 1 actor", "local, 2 threads", "Ray, 2 actors")

_Engine = Callable[[Path, BatchOptions], Iterator[ShardDone]]


@dataclass(frozen=True, slots=True)
class Measured:
    """A run, in seconds.

    Attributes:
        start_seconds: until every worker has done a shard.
        segments_per_s: from then on.
        segments_per_cpu_s: from then on, of all processes together.
        seconds: in all.
    """

    start_seconds: float
    segments_per_s: float
    segments_per_cpu_s: float
    seconds: float


def _write(path: Path, n_documents: int) -> None:
    sentences = [s.text for s in segment(_SAMPLE.read_text(encoding="utf-8"))]
    chance = random.Random(11)
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        for i in range(n_documents):
            picked = chance.sample(sentences, _SENTENCES_A_DOCUMENT)
            text = "\n\n".join(f"{i}.{k} {sentence}" for k, sentence in enumerate(picked))
            stream.write(json.dumps({"id": str(i), "text": text}, ensure_ascii=False) + "\n")


def _measure(engine: _Engine, n_workers: int, source: Path, options: BatchOptions, out: Path) -> Measured:
    ledger = Ledger(out)
    ledger.plan(options.configuration(), plan([str(source)], max_documents=_DOCUMENTS_A_SHARD))
    begin = time.monotonic()
    start = cpu_start = 0.0
    steady = cpu = 0.0
    n_segments = 0
    last = (
        sum(1 for _ in ledger.places()) - 3 * n_workers
    )  # Ray lets actors go when no shard is left for them
    for number, done in enumerate(engine(out, options), 1):
        if number == n_workers:
            start, cpu_start = time.monotonic() - begin, _cpu_seconds()
        elif n_workers < number <= last:
            n_segments += sum(row.n_segments for row in done.rows)
        if number == last:
            steady, cpu = time.monotonic() - begin - start, _cpu_seconds() - cpu_start
    return Measured(start, n_segments / steady, n_segments / cpu, time.monotonic() - begin)


def _cpu_seconds() -> float:
    """Return the CPU time of this process, of those below it and of those below it that have ended."""
    parents: dict[int, int] = {}
    ticks: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        pid = int(path.parent.name)
        parents[pid] = int(fields[1])
        ticks[pid] = sum(map(int, fields[11:15]))
    return sum(n for pid, n in ticks.items() if _is_below(pid, parents)) / os.sysconf("SC_CLK_TCK")


def _is_below(pid: int, parents: dict[int, int]) -> bool:
    while pid in parents:
        if pid == os.getpid():
            return True
        pid = parents[pid]
    return False


def _best(found: list[Measured]) -> Measured:
    return Measured(
        min(run.start_seconds for run in found),
        max(run.segments_per_s for run in found),
        max(run.segments_per_cpu_s for run in found),
        min(run.seconds for run in found),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--documents", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--model", default="starter-ar-en")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    engines: dict[str, tuple[_Engine, int, int]] = {  # with its workers, and the threads it is given
        "local, 1 thread": (run_job, 1, 1),
        "Ray, 1 actor": (lambda out, options: run_ray(out, options, n_actors=1), 1, 1),
        "local, 2 threads": (run_job, 1, 2),
        "Ray, 2 actors": (lambda out, options: run_ray(out, options, n_actors=2), 2, 1),
    }
    runs: dict[str, list[Measured]] = {name: [] for name in engines}
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "docs.jsonl"
        _write(source, args.documents)
        for number in range(args.rounds):
            for name, (engine, n_workers, threads) in engines.items():
                out = Path(folder) / f"{name} {number}"
                options = BatchOptions(model=args.model, threads=threads)
                measured = _measure(engine, n_workers, source, options, out)
                runs[name].append(measured)
                print(
                    f"{name:20} start {measured.start_seconds:5.1f} s",
                    f"{measured.segments_per_s:6.1f} segments/s",
                    f"{measured.segments_per_cpu_s:6.1f} segments/CPU s",
                    f"whole {measured.seconds:6.1f} s",
                    f"load {os.getloadavg()[0]:.1f}",
                    sep="  ",
                    flush=True,
                )
    local, one, local_two, two = ({k: _best(found) for k, found in runs.items()}[name] for name in _COMPARED)
    one_core = one.start_seconds + (
        (_JOB_SECONDS - local.start_seconds) * local.segments_per_cpu_s / one.segments_per_cpu_s
    )
    two_cores = two.start_seconds + (
        (_JOB_SECONDS - local_two.start_seconds) * local_two.segments_per_s / two.segments_per_s
    )
    figures = {
        "two actors / one, wall clock": two.segments_per_s / one.segments_per_s,
        "two actors / one, by CPU seconds": 2 * two.segments_per_cpu_s / one.segments_per_cpu_s,
        "Ray / local, five minutes, one core, by CPU seconds": one_core / _JOB_SECONDS,
        "Ray / local, five minutes, two cores, wall clock": two_cores / _JOB_SECONDS,
    }
    for name, figure in figures.items():
        print(f"{name:52} {figure:6.3f}")
    if args.json:
        content = {
            "machine": f"{platform.machine()}, {os.cpu_count()} cores",
            "documents": args.documents,
            "model": args.model,
            "figures": figures,
            "runs": {name: [asdict(run) for run in found] for name, found in runs.items()},
        }
        args.json.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
