/* Untrusted text and word differences. The same rules as in Python: eval/report_page.py and eval/worddiff.py. */
const text = (() => {
  const names = {
    "\u202a": "LRE", "\u202b": "RLE", "\u202c": "PDF", "\u202d": "LRO", "\u202e": "RLO", "\u2066": "LRI", "\u2067": "RLI", "\u2068": "FSI",
    "\u2069": "PDI", "\u200b": "ZWSP", "\u2060": "WJ", "\ufeff": "BOM", "\u00ad": "SHY", "\u2028": "LSEP", "\u2029": "PSEP",
  };
  const control = /([\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u202a-\u202e\u2028\u2029\u2060\u2066-\u2069\ufeff\u00ad\ufff9-\ufffb])/;

  /* Append `raw` to `parent` as text; controls become chips that name them. */
  function append(parent, raw) {
    const parts = raw.split(control);
    parts.forEach((part, i) => {
      if (i % 2 === 0) { if (part) parent.append(part); return; }
      const chip = document.createElement("span");
      chip.className = "ctl";
      chip.dataset.c = names[part] ?? `U+${part.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
      chip.setAttribute("role", "img");
      chip.setAttribute("aria-label", `${chip.dataset.c}, neutralised`);
      parent.append(chip);
    });
  }
  const words = (raw) => raw.split(/\s+/).filter(Boolean);
  const comparisonKey = (word) => word.replace(/^[^\p{L}\p{N}_]+|[^\p{L}\p{N}_]+$/gu, "").toLowerCase() || word;

  /* Which words of each text are part of a longest common subsequence of both. */
  function shared(first, second) {
    const a = first.map(comparisonKey), b = second.map(comparisonKey), width = b.length + 1;
    const longest = new Uint16Array((a.length + 1) * width);
    for (let i = a.length - 1; i >= 0; i--)
      for (let j = b.length - 1; j >= 0; j--)
        longest[i * width + j] = a[i] === b[j] ? longest[(i + 1) * width + j + 1] + 1
          : Math.max(longest[(i + 1) * width + j], longest[i * width + j + 1]);
    const inFirst = new Array(a.length).fill(false), inSecond = new Array(b.length).fill(false);
    for (let i = 0, j = 0; i < a.length && j < b.length;) {
      if (a[i] === b[j]) { inFirst[i++] = inSecond[j++] = true; }
      else if (longest[(i + 1) * width + j] >= longest[i * width + j + 1]) i++;
      else j++;
    }
    return [inFirst, inSecond];
  }
  /* Append `raw` with its runs of words outside `mask` in a span of class `name`. */
  function appendMarked(parent, raw, mask, name) {
    let n = 0, run = "", open = false;
    const flush = () => {
      if (!run) return;
      const target = open ? document.createElement("span") : parent;
      append(target, run);
      if (open) { target.className = name; parent.append(target); }
      run = "";
    };
    const tokens = raw.match(/\s+|\S+/g) ?? [];
    tokens.forEach((token, i) => {
      const isSpace = !token.trim();
      const state = isSpace ? i > 0 && i < tokens.length - 1 && !mask[n - 1] && !mask[n] : !mask[n++];
      if (state !== open) { flush(); open = state; }
      run += token;
    });
    flush();
  }
  return { append, words, shared, appendMarked };
})();
