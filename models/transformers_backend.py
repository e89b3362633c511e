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

_SCORED_AT_ONCE = 16  # targets whose probability is asked for in one batch


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
        self._target_ids = {token: i for i, token in target_tokens.items()}
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
        unknown = self._ids["<unk>"]
        ids, mask = self._padded([self._source_ids(tokens) for tokens in batch])
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

    def encode_target(self, text: str) -> Tokens:
        """Return the tokens of a text on the target side, without control tokens."""
        return self._tokeniser.encode_target(text)

    def score(self, sources: Sequence[Tokens], targets: Sequence[Tokens]) -> list[float]:
        """Return the mean log-probability of the tokens of each target, end of sentence included."""
        order = sorted(range(len(targets)), key=lambda i: (len(targets[i]), len(sources[i])))
        means = [0.0] * len(targets)
        for start in range(0, len(order), _SCORED_AT_ONCE):
            here = order[start : start + _SCORED_AT_ONCE]
            found = self._score_batch([sources[i] for i in here], [targets[i] for i in here])
            for i, mean in zip(here, found, strict=True):
                means[i] = mean
        return means

    def _score_batch(self, sources: Sequence[Tokens], targets: Sequence[Tokens]) -> list[float]:
        import torch

        ids, mask = self._padded([self._source_ids(tokens) for tokens in sources])
        prefix = self._tokeniser.tgt_prefix
        unknown = self._ids["<unk>"]
        wanted, is_wanted = self._padded(
            [
                [
                    *(self._ids[token] for token in prefix),
                    *(self._target_ids.get(token, unknown) for token in tokens),
                    self._ids["</s>"],
                ]
                for tokens in targets
            ]
        )
        # (n, width): the decoder sees each target one place to the right of where it is to say it.
        start = torch.full((len(targets), 1), self._model.config.decoder_start_token_id, dtype=torch.long)
        with self._lock, torch.inference_mode():
            device = self._model.device
            logits = self._model(
                input_ids=ids.to(device),
                attention_mask=mask.to(device),
                decoder_input_ids=torch.cat([start, wanted[:, :-1]], dim=1).to(device),
                use_cache=False,
            ).logits
            logprobs = logits.float().log_softmax(-1).cpu().gather(-1, wanted[:, :, None])[:, :, 0]
        is_wanted[:, : len(prefix)] = 0
        means: list[float] = ((logprobs * is_wanted).sum(1) / is_wanted.sum(1)).tolist()
        return means

    def _source_ids(self, tokens: Tokens) -> list[int]:
        unknown = self._ids["<unk>"]
        return [self._ids.get(token, unknown) for token in tokens]

    def _padded(self, rows: Sequence[list[int]]) -> tuple[Any, Any]:
        """Return rows of ids padded on the right, and where they are: two (n, width) int64 tensors."""
        import torch

        width = max(map(len, rows))
        ids = torch.full((len(rows), width), self._model.config.pad_token_id, dtype=torch.long)
        mask = torch.zeros((len(rows), width), dtype=torch.long)
        for number, row in enumerate(rows):
            ids[number, : len(row)] = torch.tensor(row)
            mask[number, : len(row)] = 1
        return ids, mask

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
