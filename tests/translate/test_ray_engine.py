"""The batch job on Ray: a real cluster, processes killed in mid-job, and the bytes of the local engine."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

ray = pytest.importorskip("ray")

from dragoman.cli import dragoman  # noqa: E402 (Ray may not be there)
from dragoman.errors import InputError  # noqa: E402
from dragoman.translate import align_job, ray_engine  # noqa: E402
from dragoman.translate.batch import run_job  # noqa: E402
from dragoman.translate.inputs import plan  # noqa: E402
from dragoman.translate.joining import finish  # noqa: E402
from dragoman.translate.ledger import Ledger  # noqa: E402
from dragoman.translate.options import BatchOptions  # noqa: E402
from dragoman.translate.pairs import AlignOptions, PairFiles  # noqa: E402
from dragoman.translate.ray_engine import run_ray  # noqa: E402
from dragoman.translate.shards import run_in_turn  # noqa: E402

_SENTENCES = (
    "افتتحت البلدية حديقة جديدة قرب النهر.",
    "وقال المدير إن العمل استمر عامين كاملين.",
    "حضر الحفل أكثر من 300 شخص من سكان المدينة.",
    "هل ينجح المشروع هذه المرة؟",
    "ويبلغ طول الجسر ١٢٠ مترا.",
    "لم تعلن الشركة عن موعد الرحلة المقبلة.",
)
_N_SHARDS = 12
_OPTIONS = BatchOptions(threads=1)


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    for name, value in ray_engine._QUIET.items():
        os.environ.setdefault(name, value)
    ray.init(
        "local", num_cpus=4, include_dashboard=False, object_store_memory=200 * 2**20, log_to_driver=False
    )
    yield
    ray.shutdown()


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Documents for twelve shards of four; two of the documents cannot be used."""
    folder = tmp_path_factory.mktemp("in")
    for i in range(4 * _N_SHARDS):
        picked = random.Random(i).sample(_SENTENCES, 3)
        (folder / f"article{i:02d}.txt").write_text(f"خبر رقم {i}\n\n{' '.join(picked)}\n", encoding="utf-8")
    (folder / "article05.txt").write_bytes(b"")
    (folder / "article30.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    return folder


@pytest.fixture(scope="module")
def local(source: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the local engine leaves behind."""
    ledger = _planned(source, tmp_path_factory.mktemp("local"))
    assert len(list(run_job(ledger.out, _OPTIONS))) == _N_SHARDS
    return _finished(ledger)


def _planned(source: Path, out: Path) -> Ledger:
    ledger = Ledger(out)
    ledger.plan(_OPTIONS.configuration(), plan([str(source)], max_documents=4))
    return ledger


def _finished(ledger: Ledger) -> dict[str, bytes]:
    """Join the results and return everything that a job leaves behind."""
    finish(ledger)
    return {
        str(path.relative_to(ledger.out)): path.read_bytes()
        for path in sorted(ledger.out.rglob("*"))
        if path.is_file() and path.name != "lock"
    }


def _n_done(ledger: Ledger) -> int:
    return len(list((ledger.folder / "done").glob("*.json")))


def _actor_pids() -> list[int]:
    """Processes of actors of this process's cluster; Ray writes their class into their command line."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if b"ray::Actor" in path.read_bytes() and _parent(_parent(int(path.parent.name))) == os.getpid():
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def _parent(pid: int) -> int:
    """The parent's process id; an actor's is the raylet, whose own is the process that started the cluster."""
    return int(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])


@pytest.mark.usefixtures("cluster")
def test_a_stopped_job_goes_on_and_ends_in_the_local_engines_bytes(
    source: Path, local: dict[str, bytes], tmp_path: Path
) -> None:
    ledger = _planned(source, tmp_path)
    first = list(run_ray(tmp_path, _OPTIONS, n_actors=2, stop=lambda: True))
    assert 0 < len(first) < _N_SHARDS
    assert len(first) == _n_done(ledger)
    second = list(run_ray(tmp_path, _OPTIONS, n_actors=2))
    assert sorted(done.shard.index for done in second) == list(range(_N_SHARDS))
    assert sum(done.was_done for done in second) == len(first)
    assert sorted(row.name for done in second for row in done.rows if row.error) == [
        "article05.txt",
        "article30.txt",
    ]
    assert _finished(ledger) == local


@pytest.mark.usefixtures("cluster")
@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="finds processes in /proc")
def test_a_killed_actor_is_replaced_and_its_shard_done_again(
    source: Path, local: dict[str, bytes], tmp_path: Path
) -> None:
    ledger = _planned(source, tmp_path)
    killed: list[int] = []
    for _ in run_ray(tmp_path, _OPTIONS, n_actors=1):
        if not killed:
            killed = _actor_pids()
            for pid in killed:
                os.kill(pid, signal.SIGKILL)
            assert _n_done(ledger) < _N_SHARDS
    assert len(killed) == 1
    assert _finished(ledger) == local


_DRIVER = """
import sys
from pathlib import Path
from dragoman.translate.ledger import Ledger
from dragoman.translate.options import BatchOptions
from dragoman.translate.ray_engine import run_ray
with Ledger(Path(sys.argv[1])).locked():
    for done in run_ray(Path(sys.argv[1]), BatchOptions(threads=1), n_actors=2, address=sys.argv[2]):
        print("done", flush=True)
"""


@pytest.mark.usefixtures("cluster")
def test_after_a_killed_driver_the_job_is_resumed_to_the_same_bytes(
    source: Path, local: dict[str, bytes], tmp_path: Path
) -> None:
    ledger = _planned(source, tmp_path)
    command = [sys.executable, "-c", _DRIVER, str(tmp_path), ray.get_runtime_context().gcs_address]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as driver:
        assert driver.stdout is not None
        assert driver.stdout.readline() == b"done\n"
        driver.kill()
    assert _n_done(ledger) > 0
    # At once: actors of the dead driver may still be writing.
    with ledger.locked():
        assert len(list(run_ray(tmp_path, _OPTIONS, n_actors=2))) == _N_SHARDS
    assert _finished(ledger) == local


@pytest.mark.usefixtures("cluster")
def test_a_shard_that_kills_its_workers_becomes_error_rows_and_the_others_are_done(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Deadly(ray_engine.Actor):
        def __init__(self, *args: object, **kwargs: object) -> None:
            from dragoman.translate import batch, ray_engine
            from dragoman.translate.batch import Worker
            from dragoman.translate.ledger import Shard
            from dragoman.translate.shards import ShardDone

            class Dying(Worker):
                def __call__(self, shard: Shard) -> ShardDone:
                    if shard.index == 3:
                        os._exit(1)
                    return super().__call__(shard)

            vars(batch).update(Worker=Dying)  # in the actor's process
            vars(ray_engine).update(_MAX_DEATHS=1)
            super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # as they are

    monkeypatch.setattr(ray_engine, "Actor", Deadly)
    ledger = _planned(source, tmp_path)
    done = {done.shard.index: done.rows for done in run_ray(tmp_path, _OPTIONS, n_actors=1)}
    assert sorted(done) == list(range(_N_SHARDS))
    assert all("workers died" in row.error for row in done[3])
    assert sum(bool(row.error) for rows in done.values() for row in rows) == 4 + 2
    assert finish(ledger).n_open == 0


@pytest.fixture
def pairs(tmp_path: Path) -> list[PairFiles]:
    """Document pairs of twelve sentences; one has no translation."""
    found = []
    for number in range(24):
        draw = random.Random(number)
        words = [
            [f"{draw.choice('bdklmnrst')}{draw.choice('aeiou')}{n}" for n in range(6)] for _ in range(12)
        ]
        for side in ("src", "tgt"):
            lines = [" ".join(row) + f" {side}\n" for row in words]
            (tmp_path / f"{number:02d}.{side}").write_text("".join(lines), encoding="utf-8")
        found.append(PairFiles(str(tmp_path / f"{number:02d}.src"), str(tmp_path / f"{number:02d}.tgt")))
    (tmp_path / "07.tgt").unlink()
    return found


@pytest.mark.usefixtures("cluster")
@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="finds processes in /proc")
def test_alignment_survives_a_killed_actor_and_gives_the_local_engines_bytes(
    pairs: list[PairFiles], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(align_job, "_MOST_BYTES", 1_000)  # two or three pairs
    options = AlignOptions("jsonl", device="cpu", threads=1)
    found = []
    for engine in ("local", "ray"):
        ledger = Ledger(tmp_path / engine)
        ledger.plan(options.configuration(), align_job.plan_pairs(pairs, options))
        if engine == "local":
            n_shards = len(list(run_in_turn(ledger.out, options)))
        else:
            killed: list[int] = []
            for _ in run_ray(ledger.out, options, n_actors=1):
                if not killed:
                    killed = _actor_pids()
                    for pid in killed:
                        os.kill(pid, signal.SIGKILL)
            assert len(killed) == 1
        assert _n_done(ledger) == n_shards > 5
        rows = [row for n in range(n_shards) for row in (ledger.done(n) or pytest.fail()).rows]
        assert [row.name for row in rows if row.error] == ["07.src"]
        ledger.clean()
        found.append(
            {
                str(path.relative_to(ledger.out)): path.read_bytes()
                for path in ledger.out.rglob("*")
                if path.is_file()
            }
        )
    assert len([name for name in found[0] if name.endswith(".jsonl")]) == 23 + 1  # and the plan
    assert found[0] == found[1]


@pytest.mark.usefixtures("cluster")
def test_an_actor_that_fits_on_no_machine_is_refused(source: Path, tmp_path: Path) -> None:
    _planned(source, tmp_path)
    with pytest.raises(InputError, match="has 64 CPUs for an actor"):
        next(run_ray(tmp_path, BatchOptions(threads=64)))


def test_without_ray_the_extra_is_named(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    arguments = ["batch", str(source), "-o", str(tmp_path / "out"), "--engine", "ray"]
    result = CliRunner().invoke(dragoman, arguments)
    assert result.exit_code == 1
    assert "dragoman[ray]" in result.stderr
    assert result.stderr.count("\n") == 1


def test_options_of_one_engine_are_refused_with_the_other(source: Path, tmp_path: Path) -> None:
    start = ["batch", str(source), "-o", str(tmp_path / "out")]
    for arguments in (["--actors", "2"], ["--address", "auto"], ["--engine", "ray", "--jobs", "2"]):
        assert CliRunner().invoke(dragoman, start + arguments).exit_code == 2
    assert not (tmp_path / "out").exists()


def test_each_shard_is_found_at_its_place(source: Path, tmp_path: Path) -> None:
    ledger = _planned(source, tmp_path)
    assert [ledger.shard_at(place) for place in ledger.places()] == list(ledger.shards())
