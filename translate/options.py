"""How a batch job is translated, and how the ledger writes that down."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from dragoman.corpora.normalisation import NORMALISER_VERSION
from dragoman.errors import InputError
from dragoman.models.catalog import resolve
from dragoman.translate.results import OUTPUTS_VERSION
from dragoman.translate.shards import ShardWorker


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """How the documents of a job are translated; see `dragoman.pipeline.Options` for most fields.

    Attributes:
        memory: translation memory that is asked before the model and learns the job's results; "" for none.
        glossary: file of terms that are searched for and checked; "" for none.
        export: "omegat" for a project folder of that tool beside the results; "" for none.
    """

    model: str = "starter-ar-en"
    backend: str = "auto"
    device: str = "auto"
    beam: int = 4
    threads: int = 0
    keep_all: bool = False
    any_language: bool = False
    memory: str = ""
    glossary: str = ""
    export: str = ""

    def configuration(self) -> dict[str, str]:
        """Return what decides the results, as the ledger keeps it; threads and device do not.

        Raises:
            ModelError: there is no such model.
        """
        return {
            "model": self.model,
            "model digest": resolve(self.model).digest,
            "back end": self.backend,
            "beam": str(self.beam),
            "keep all": str(self.keep_all),
            "any language": str(self.any_language),
            "memory": self.memory,
            "glossary": self.glossary,
            "glossary digest": self.glossary_digest(),
            "export": self.export,
            "normaliser": str(NORMALISER_VERSION),
            "outputs": str(OUTPUTS_VERSION),
        }

    def glossary_digest(self) -> str:
        """Return the SHA-256 of the glossary's file, "" without one.

        Raises:
            InputError: the file cannot be read.
        """
        if not self.glossary:
            return ""
        try:
            return hashlib.sha256(Path(self.glossary).read_bytes()).hexdigest()
        except OSError as error:
            raise InputError(f"{self.glossary}: cannot be read: {error.strerror or error}") from error

    def on(self, threads: int, device: str) -> "BatchOptions":
        """Return the same options for other threads and another device."""
        return replace(self, threads=threads, device=device)

    def worker(self, out: Path, owner: str = "") -> ShardWorker:
        """Return a worker for the job in a folder; `owner` as in `Ledger`."""
        from dragoman.translate.batch import Worker

        return Worker(out, self, owner=owner)

    @classmethod
    def of(cls, configuration: dict[str, str], *, threads: int = 0, device: str = "auto") -> "BatchOptions":
        """Return the options that a job was planned with."""
        return cls(
            model=configuration["model"],
            backend=configuration["back end"],
            device=device,
            beam=int(configuration["beam"]),
            threads=threads,
            keep_all=configuration["keep all"] == "True",
            any_language=configuration["any language"] == "True",
            memory=configuration["memory"],
            glossary=configuration["glossary"],
            export=configuration.get("export", ""),
        )
