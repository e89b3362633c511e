"""Converting a Transformers folder for CTranslate2: once, whole or not at all, by one process, and tested.

The converted model goes into the user's cache under a name that holds everything it depends on: the digest of
the source files, the kind of quantisation and the converter's version. It is written to a temporary folder,
tested against Transformers there (`dragoman.models.golden`), and only then renamed into place; a file lock
keeps other processes waiting meanwhile. The converter saves no tokeniser, so its files are copied beside the
weights: at run time neither the source folder's weights nor torch are looked at.
"""

import contextlib
import json
import logging
import secrets
import shutil
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dragoman.errors import ModelError, OutputError
from dragoman.models import golden
from dragoman.models.catalog import ModelFolder, cache_folder
from dragoman.models.masked_vocabulary import drop_forbidden_tokens
from dragoman.models.tokenisation import load_tokeniser, tokeniser_files

CONVERSION_VERSION = 3  # part of the converted folder's name; raise it when conversions are done otherwise
QUANTISATIONS = ("int8", "int8_float16", "float32", "float16", "bfloat16")
_REPORT = "dragoman.json"
_LOG = logging.getLogger(__name__)


class DoesNotConvertError(ModelError):
    """The model is whole, but CTranslate2 has no conversion for it."""


def converted_path(folder: ModelFolder, quantisation: str) -> Path:
    """Return where the converted model is, or would be, in the user's cache."""
    from ctranslate2.version import __version__

    name = folder.name.replace("/", "--")
    name += f"-{folder.digest[:16]}-{quantisation}-ct2-{__version__}-{CONVERSION_VERSION}"
    return cache_folder() / "converted" / name


def is_converted(folder: ModelFolder, quantisation: str) -> bool:
    """Tell whether the converted model is in the cache; it is there only when its self-test succeeded."""
    return (converted_path(folder, quantisation) / _REPORT).is_file()


def convert(
    folder: ModelFolder,
    quantisation: str = "int8",
    *,
    force: bool = False,
    step: Callable[[str], None] | None = None,
) -> Path:
    """Return the converted model's folder, converting when it is not there yet.

    Args:
        folder: the verified model.
        quantisation: one of `QUANTISATIONS`.
        force: convert again even if it is there.
        step: told in a few words what is being done, when there is something to do.

    Raises:
        DoesNotConvertError: CTranslate2 has no conversion for this model.
        ModelError: the conversion or its self-test failed.
        OutputError: the cache cannot be written.
    """
    if quantisation not in QUANTISATIONS:
        raise ModelError(f"unknown quantisation {quantisation!r}; expected one of {', '.join(QUANTISATIONS)}")
    target = converted_path(folder, quantisation)
    if is_converted(folder, quantisation) and not force:
        return target
    with _lock(target.with_name(target.name + ".lock")):
        if is_converted(folder, quantisation) and not force:
            return target  # another process has just done it
        message = f"converting {folder.name} to CTranslate2 {quantisation} (once)"
        _LOG.info("%s", message)
        if step is not None:
            step(message)
        temporary = target.with_name(f".tmp-{secrets.token_hex(8)}")
        try:
            _write(folder, quantisation, temporary)
            agreement = golden.check_converted(folder, temporary, quantisation)
            report = {"source": str(folder.path), "digest": folder.digest, "self_test": agreement.as_dict()}
            (temporary / _REPORT).write_text(json.dumps(report, indent=1), encoding="utf-8")
            if target.exists():
                shutil.rmtree(target)
            temporary.replace(target)
        except OSError as error:
            raise OutputError(
                f"cannot write the converted model to {target}: {error.strerror or error}"
            ) from error
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    return target


def _write(folder: ModelFolder, quantisation: str, target: Path) -> None:
    with quiet_transformers():
        try:
            _converter(folder.path).convert(str(target), quantization=quantisation)
        except ValueError as error:
            if "No conversion is registered" in str(error):
                raise DoesNotConvertError(
                    f"model {folder.name} does not convert to CTranslate2: {error}"
                ) from error
            raise ModelError(f"model {folder.name} cannot be converted: {_one_line(error)}") from error
        except (ImportError, NameError) as error:
            raise ModelError(
                f"model {folder.name} is not converted yet, and that needs torch and transformers ({error})"
            ) from error
        except NotImplementedError as error:
            raise DoesNotConvertError(f"model {folder.name} does not convert: {_one_line(error)}") from error
        except OSError:
            raise
        except Exception as error:
            # Transformers raises many kinds for damaged weights; to a user they are one.
            raise ModelError(f"model {folder.name} cannot be converted: {_one_line(error)}") from error
    for name in tokeniser_files(folder.layout):
        shutil.copyfile(folder.path / name, target / name)
    load_tokeniser(target, folder.layout)


def _converter(path: Path) -> Any:
    from ctranslate2.converters import TransformersConverter

    class Converter(TransformersConverter):  # type: ignore[misc]  # the base class has no types
        def load_model(self, *args: Any, **settings: Any) -> Any:
            model = super().load_model(*args, **settings)
            if model.config.model_type == "mbart":
                # Transformers builds mBART in this way whatever its config.json says; the converter asks it.
                model.config.normalize_before = model.config.normalize_embedding = True
                model.config.tokenizer_class = "MBart50Tokenizer"
            return model

        def load_tokenizer(self, *args: Any, **settings: Any) -> Any:
            self._tokenizer = super().load_tokenizer(*args, **settings)
            if self._tokenizer.bos_token is None and not hasattr(self._tokenizer, "spm_source"):
                self._tokenizer.bos_token = "<s>"  # the engine's configuration needs one for mBART
            return self._tokenizer

        def _load(self) -> Any:
            spec = super()._load()
            if hasattr(self._tokenizer, "lang_token_to_id"):
                # Since Transformers 5 the converter no longer finds the language tokens of M2M-100.
                _complete_vocabulary(spec, self._tokenizer)
            drop_forbidden_tokens(spec)
            return spec

    return Converter(str(path))


def _complete_vocabulary(spec: Any, tokenizer: Any) -> None:
    tokens = [f"madeupword{i}" for i in range(spec.get_source_vocabulary_size()[0])]
    for token, i in {**tokenizer.get_vocab(), **tokenizer.lang_token_to_id}.items():
        if i < len(tokens):
            tokens[i] = token
    spec._vocabularies["source"][0] = spec._vocabularies["target"][0] = tokens


@contextmanager
def quiet_transformers() -> Iterator[None]:
    """Keep Transformers from drawing progress bars and warning: the library prints nothing."""
    with warnings.catch_warnings(), contextlib.ExitStack() as stack:
        warnings.filterwarnings("ignore", message="Recommended: pip install sacremoses")
        try:
            import transformers.utils.logging as their_logging
        except ImportError:
            yield
            return
        level = their_logging.get_verbosity()
        had_bars = their_logging.is_progress_bar_enabled()
        their_logging.set_verbosity_error()
        their_logging.disable_progress_bar()
        stack.callback(their_logging.set_verbosity, level)
        if had_bars:
            stack.callback(their_logging.enable_progress_bar)
        yield


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    import filelock

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(path)
        lock.acquire()
    except OSError as error:
        raise OutputError(
            f"cannot write to the cache {path.parent}: {error.strerror or error}; "
            "set DRAGOMAN_CACHE to a folder that you can write to"
        ) from error
    try:
        yield
    finally:
        lock.release()


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__
