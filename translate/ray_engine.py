"""A job on Ray: the shards of a plan done by a pool of actors, on this machine or on a cluster.

Each actor holds a worker, the local engine's own, and writes what it does through the same ledger, so the
folders of the job must be on a file system that all machines share. Through Ray go only where a shard stands
in the plan and what became of it: a few hundred bytes a shard, in any order. Ray starts a dead actor again
and gives it the shards that it held; the ledger knows which of them are done.

What may go wrong in one document is its own error row. A shard at which process after process dies (memory,
a fault in native code) is written off after some attempts, for a later one, and the job goes on.
"""

import os
import shutil
import socket
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from dragoman.errors import DragomanError, InputError, MismatchError
from dragoman.models.machine import n_cores
from dragoman.translate.ledger import Ledger
from dragoman.translate.shards import JobOptions, ShardDone, ShardWorker

_MAX_DEATHS = 3  # at one shard; machines that are taken away hit a given shard rarely so often
_IN_FLIGHT = 2  # an actor has one shard at work and one that waits for it; the others wait in the plan
_OBJECT_STORE_BYTES = 200 * 2**20  # the least that Ray is content with; a job needs next to nothing
_STOP = "stop"
# Ray's native part warns in every job that actors are constructed with objects of the driver's; so they are.
_QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_BACKEND_LOG_LEVEL": "fatal"}


def run_ray(
    out: Path,
    options: JobOptions,
    *,
    n_actors: int = 0,
    address: str | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[ShardDone]:
    """Do the shards of a planned job on Ray and yield each when it is on disk, as they are finished.

    The caller holds the ledger's lock. What is marked as done is not done again. When `stop` says so, the
    shards in the engines are finished and no others begun.

    Args:
        out: the job's folder.
        options: `threads` are those of one actor, which reserves as many CPUs; 0 for one.
        n_actors: actors, each with a model of its own; 0 for as many as the cluster has room for.
        address: a running cluster ("auto", "host:port"); None for the one this process is connected to, or
            else one of its own on this machine, which ends with the job.
        stop: asked whenever a shard is done.

    Raises:
        InputError: Ray is not installed, the cluster does not answer or has no room for an actor.
        ModelError: the model cannot be used.
        OutputError: a result cannot be written; the job can be resumed.
        DragomanError: Ray gave the job up; the job can be resumed.
    """
    ray = _imported()
    ledger = Ledger(out.absolute())
    threads = options.threads or 1
    run = f"ray-{uuid.uuid4().hex[:12]}"
    folder = ledger.folder / "tmp" / run
    with _connected(ray, address, n_cpus=max(n_cores(), n_actors * threads)):
        n_actors, resources, device = _room(ray, options.device, threads, n_actors)
        for left in folder.parent.glob("ray-*"):
            shutil.rmtree(left, ignore_errors=True)  # of a driver that was killed
        folder.mkdir(parents=True)
        constructor = {
            "out": ledger.out,
            "options": options.on(threads, device),
            "run": run,
            "cwd": Path.cwd(),
        }
        try:
            for outcome in _outcomes(ray, ledger.places(), n_actors, resources, constructor):
                if isinstance(outcome, DragomanError):
                    raise outcome
                if outcome is not None:
                    yield outcome
                if stop():
                    (folder / _STOP).touch()
        except ray.exceptions.RayError as error:
            reason = str(error).strip().rpartition("\n")[2]
            raise DragomanError(
                f"the job on Ray ended before it was done; started again it goes on: {reason}"
            ) from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)


class Actor:
    """What an actor of the pool does with the shards it is given.

    Args:
        out: the job's folder.
        options: how the job is done.
        run: name of this run of the job, unlike those before.
        cwd: the driver's folder, which relative paths of the plan start from.
    """

    def __init__(self, out: Path, options: JobOptions, run: str, cwd: Path) -> None:
        self._host = socket.gethostname()
        self._ledger = Ledger(out)
        self._folder = self._ledger.folder / "tmp" / run
        self._options = options
        self._cwd = cwd
        # An actor that is believed dead may still write: no two stage in one place.
        self._owner = f"{run}/{self._host}-{os.getpid()}"
        self._worker: ShardWorker | None = None

    def wake(self) -> None:
        """Return at once: the actor has found a machine."""

    def do(self, place: int) -> ShardDone | DragomanError | None:
        """Do the shard at a place of the plan.

        Returns:
            What became of it; the error that ends the job; None when the job is being stopped.
        """
        if (self._folder / _STOP).exists():
            return None
        try:
            if self._worker is None:
                self._check()
                self._worker = self._options.worker(self._ledger.out, self._owner)
            shard = self._ledger.shard_at(place)
            begun = self._folder / "begun" / f"{shard.index:06d}"
            if _count(begun) <= _MAX_DEATHS:
                done = self._worker(shard)
            else:
                reason = f"{_MAX_DEATHS} workers died at this document or at one beside it"
                done = self._worker.give_up(shard, reason)
            begun.unlink(missing_ok=True)  # a death later on is not this shard's
            return done
        except DragomanError as error:
            return error

    def _check(self) -> None:
        """Refuse to work where the results would differ from those of other machines."""
        try:
            os.chdir(self._cwd)
        except OSError:
            raise InputError(f"{self._host}: no folder {self._cwd}; the machines must share it") from None
        if not self._ledger.exists():
            raise InputError(
                f"{self._host}: no job in {self._ledger.out}; the machines must share this folder"
            )
        planned, here = self._ledger.configuration(), self._options.configuration()
        if planned != here:
            keys = sorted(key for key in planned.keys() | here.keys() if planned.get(key) != here.get(key))
            raise MismatchError(
                f"{self._host}: {', '.join(keys)} not as in the job; "
                "install the same dragoman and model on every machine"
            )


def _count(path: Path) -> int:
    """Count one more in a file that may not be there yet, and return the count."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as stream:
        stream.write(b".")
        return stream.tell()


def _outcomes(
    ray: Any, places: Iterable[int], n_actors: int, resources: dict[str, int], constructor: dict[str, object]
) -> Iterator[ShardDone | DragomanError | None]:
    """Yield what became of each shard, as they are finished."""
    actor_class = ray.remote(max_restarts=-1, max_task_retries=-1, **resources)(Actor)
    actors = [actor_class.remote(**constructor) for _ in range(n_actors)]
    coming = iter(places)
    # Only an actor that has found a machine is given shards: they would wait with one that has not.
    waking = {actor.wake.remote(): actor for actor in actors}
    working: dict[Any, Any] = {}
    is_all_given = False
    try:
        while working or not is_all_given:
            ((ready, *_), _) = ray.wait([*waking, *working])
            outcome, is_shard = ray.get(ready), ready in working
            actor = (working if is_shard else waking).pop(ready)
            n_free = 1 if is_shard else _IN_FLIGHT
            given = list(islice(coming, n_free))
            working |= {actor.do.remote(place): actor for place in given}
            is_all_given = len(given) < n_free
            if is_shard:
                yield outcome
    finally:
        for actor in actors:
            ray.kill(actor)


def _room(ray: Any, device: str, threads: int, n_actors: int) -> tuple[int, dict[str, int], str]:
    """Return how many actors to start, what each reserves, and the device it uses.

    Raises:
        InputError: no machine of the cluster has room for an actor.
    """
    machines = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    has_gpus = device != "cpu" and any(machine.get("GPU", 0) for machine in machines)
    if device == "cuda" and not has_gpus:
        raise InputError("device cuda: no machine of the Ray cluster has a GPU; use --device cpu")
    kind, each = ("GPU", 1) if has_gpus else ("CPU", threads)
    room = sum(int(machine.get(kind, 0)) // each for machine in machines)
    if not room:
        raise InputError(f"no machine of the Ray cluster has {each} CPUs for an actor; use fewer --threads")
    return n_actors or room, {f"num_{kind.lower()}s": each}, "cuda" if has_gpus else "cpu"


@contextmanager
def _connected(ray: Any, address: str | None, n_cpus: int) -> Iterator[None]:
    """Be connected to a cluster; one of our own ends with the block."""
    if address is None and ray.is_initialized():
        yield
        return
    try:
        if address is None:
            ray.init(
                "local",
                num_cpus=n_cpus,
                include_dashboard=False,
                object_store_memory=_OBJECT_STORE_BYTES,
                log_to_driver=False,
                logging_level="ERROR",
            )
        else:
            ray.init(address, log_to_driver=False, logging_level="ERROR")
    except Exception as error:  # Ray raises many kinds, a bare Exception where its processes start too slowly
        where = address or "on this machine"
        raise InputError(f"no Ray cluster {where}: {' '.join(str(error).split())[:200]}") from error
    try:
        yield
    finally:
        ray.shutdown()


def _imported() -> Any:
    """Import Ray, quiet: it neither reports usage to its makers nor warns, unless told to."""
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    try:
        import ray
    except ImportError as error:
        raise InputError(
            f"--engine ray needs Ray ({error}); install it with `pip install 'dragoman[ray]'`"
        ) from error
    return ray
