"""The Transformers back end: any device and dtype, through AutoModelForSeq2SeqLM.generate.

Since Transformers 5 the dtype defaults to that of the file (float16 would be slow and unsafe on a CPU) and
generation parameters live in the model's generation_config: both are overridden, each value explicitly.
Marian raises IndexError over its positions without truncation and loses text silently with it; here longer
inputs are refused before they reach the model.
"""

import threading
from collections.abc import Sequence
from typing import Any

from dragoman.errors import ModelError
from dragoman.models.catalog import ModelFolder
from dragoman.models.conversion import quiet_transformers
from dragoman.models.engine import Decoding, EngineInfo, RawHypothesis, Tokens
from dragoman.models.machine import n_cores
from dragoman.models.tokenisation import Tokeniser, load_tokeniser


class _Pending:
    def __init__(self, translator: "TransformersTranslator", batch: list[Tokens], decoding: Decoding) -> None:
        self._translator = translator
        self._batch = batch
        self._decoding = decoding

    def result(self) -> list[RawHypothesis]:
        """Translate the batch and return a hypothesis a sentence, in the batch's order."""
        return self._translator.generate(self._batch, self._decoding)


class TransformersTranslator:
    """A model loaded with AutoModelForSeq2SeqLM."""

    def __init__(
        self,
        model: Any,
        tokeniser: Tokeniser,
        token_ids: dict[str, int],
        target_tokens: dict[int, str],
        info: EngineInfo,
    ) -> None:
        self._model = model
        self._tokeniser = tokeniser
        self._ids = token_ids
        self._target_tokens = target_tokens
        self._lock = threading.Lock()
        self.info = info

    def tokenise(self, sentences: Sequence[str]) -> list[Tokens]:
        """Return the tokens that the model would be given for each sentence, control tokens included."""
        return self._tokeniser.encode(sentences)

    def submit(self, batch: Sequence[Tokens], decoding: Decoding) -> _Pending:
        """Prepare a batch; it is translated when its result is asked for."""
        longest = max(map(len, batch), default=0)
        if longest > self.info.max_positions:
            raise ValueError(
                f"{longest} source tokens; the model has positions for {self.info.max_positions}"
            )
        return _Pending(self, list(batch), decoding)

    def generate(self, batch: Sequence[Tokens], decoding: Decoding) -> list[RawHypothesis]:
        """Translate token lists with `model.generate`."""
        import torch

        if not batch:
            return []
        config = self._model.config
        width = max(map(len, batch))
        unknown = self._ids["<unk>"]
        # (n_sentences, width) int64: token ids, padded on the right.
        ids = torch.full((len(batch), width), config.pad_token_id, dtype=torch.long)
        mask = torch.zeros((len(batch), width), dtype=torch.long)
        for row, tokens in enumerate(batch):
            ids[row, : len(tokens)] = torch.tensor([self._ids.get(token, unknown) for token in tokens])
            mask[row, : len(tokens)] = 1
        prefix = self._tokeniser.tgt_prefix
        # Positions: the decoder's start token and the language token take one each.
        limit = min(decoding.max_tgt_tokens + 1, self.info.max_positions - 1 - len(prefix)) + len(prefix)
        with self._lock, torch.inference_mode():
            output = self._model.generate(
                input_ids=ids.to(self._model.device),
                attention_mask=mask.to(self._model.device),
                num_beams=decoding.beam,
                do_sample=False,
                num_return_sequences=1,
                length_penalty=decoding.length_penalty,
                early_stopping=False,
                no_repeat_ngram_size=decoding.no_repeat_ngram,
                repetition_penalty=decoding.repetition_penalty,
                max_new_tokens=max(1, limit),
                max_length=None,
                min_length=0,
                bad_words_ids=[[unknown]],
                forced_bos_token_id=self._ids[prefix[0]] if prefix else None,
                forced_eos_token_id=None,
                decoder_start_token_id=config.decoder_start_token_id,
                eos_token_id=self._ids["</s>"],
                pad_token_id=config.pad_token_id,
                return_dict_in_generate=True,
                output_scores=True,
            )
            steps = self._model.compute_transition_scores(
                output.sequences,
                output.scores,
                getattr(output, "beam_indices", None),
                normalize_logits=decoding.beam == 1,
            )
        return [
            self._finish(sequence, scores)
            for sequence, scores in zip(output.sequences.tolist(), steps.float().tolist(), strict=True)
        ]

    def _finish(self, sequence: list[int], step_scores: list[float]) -> RawHypothesis:
        end = self._ids["</s>"]
        produced = sequence[1:]  # after the decoder's start token
        is_finished = end in produced
        if is_finished:
            produced = produced[: produced.index(end) + 1]
        n_prefix = len(self._tokeniser.tgt_prefix)
        scores = step_scores[n_prefix : len(produced)]
        tokens = tuple(
            self._target_tokens.get(i, f"madeupword{i}")
            for i in produced[n_prefix : len(produced) - is_finished]
        )
        return RawHypothesis(
            text=self._tokeniser.decode(tokens),
            tokens=tokens,
            logprob=sum(score for score in scores if score > -1e9),
            n_tokens=len(tokens) + is_finished,
            is_finished=is_finished,
        )


def load(
    folder: ModelFolder, device: str, compute_type: str, threads: int, src_lang: str, tgt_lang: str
) -> TransformersTranslator:
    """Load a model with Transformers.

    Raises:
        ModelError: torch or transformers is missing, the device is not there, or the weights do not load.
    """
    try:
        import torch
        import transformers
    except ImportError as error:
        raise ModelError(f"the transformers back end needs torch and transformers: {error}") from error
    if device not in ("auto", "cpu", "cuda"):
        raise ModelError(f"unknown device {device!r}; expected auto, cpu or cuda")
    if device == "cuda" and not torch.cuda.is_available():
        raise ModelError("device cuda: torch sees no GPU here; use --device cpu")
    device = "cuda" if device != "cpu" and torch.cuda.is_available() else "cpu"
    if compute_type == "auto":
        compute_type = "float16" if device == "cuda" else "float32"
    dtypes = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}
    if compute_type not in dtypes:
        raise ModelError(
            f"compute type {compute_type!r} needs CTranslate2; Transformers takes {', '.join(dtypes)}"
        )
    n_threads = threads or n_cores()
    if device == "cpu":
        torch.set_num_threads(n_threads)
    with quiet_transformers():
        try:
            model = transformers.AutoModelForSeq2SeqLM.from_pretrained(
                str(folder.path),
                dtype=dtypes[compute_type],
                local_files_only=True,
                trust_remote_code=False,
                use_safetensors=not folder.layout.has_pickled_weights,
            )
            tokenizer = transformers.AutoTokenizer.from_pretrained(
                str(folder.path), local_files_only=True, trust_remote_code=False
            )
        except Exception as error:
            # Transformers raises many kinds for damaged files; to a user they are one.
            raise ModelError(
                f"model {folder.name} cannot be loaded: {' '.join(str(error).split())[:300]}"
            ) from error
    model = model.to(device).eval()
    tokeniser = load_tokeniser(folder.path, folder.layout, src_lang=src_lang, tgt_lang=tgt_lang)
    token_ids = dict(tokenizer.get_vocab())
    # M2M-100's tokeniser knows its language tokens, but does not list them.
    token_ids.update(getattr(tokenizer, "lang_token_to_id", {}))
    target = tokenizer.get_tgt_vocab() if getattr(tokenizer, "separate_vocabs", False) else token_ids
    info = EngineInfo(
        model=folder.name,
        digest=folder.digest,
        backend="transformers",
        device=device,
        compute_type=compute_type,
        version=transformers.__version__,
        max_src_tokens=folder.max_src_tokens,
        max_positions=folder.layout.max_positions,
        n_workers=1,
        n_threads=n_threads,
        notice=folder.entry.notice if folder.entry else "",
    )
    return TransformersTranslator(
        model, tokeniser, token_ids, {int(i): token for token, i in target.items()}, info
    )
