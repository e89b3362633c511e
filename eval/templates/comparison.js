/* The comparison page: the rows that fit search and filter, a page of them at a time, drawn from the embedded data. */
(() => {
  const { get, key, onKeys, debounce } = page;
  const data = JSON.parse(get("data").textContent);
  const n = data.src.length, PER_PAGE = 20;
  const rtl = (lang) => /^(ar|fa|he|ur)\b/.test(lang);
  const make = (tag, className, ...children) => {
    const el = document.createElement(tag);
    if (className) el.className = className;
    el.append(...children);
    return el;
  };
  const controls = Object.fromEntries(["search", "metric", "first", "second", "order", "filter", "who"].map((id) => [id, get(id)]));
  const choice = () => ({ metric: +controls.metric.value, first: +controls.first.value, second: +controls.second.value });
  const score = (system, metric, i) => data.scores[system][metric][i];
  const shown = (system, metric, i) => {
    const value = score(system, metric, i);
    return value === null ? "–" : (value / 10 ** data.decimals[metric]).toFixed(data.decimals[metric]);
  };
  /* How much better the second system is than the first, in the metric's last shown digit. */
  const gain = (i, { metric, first, second }) => data.better[metric] * ((score(second, metric, i) ?? 0) - (score(first, metric, i) ?? 0));
  const spread = (i, metric) => {
    let low = Infinity, high = -Infinity;
    for (const scores of data.scores) { const value = scores[metric][i] ?? 0; low = Math.min(low, value); high = Math.max(high, value); }
    return high - low;
  };
  const quality = (i, { metric, second }) => data.better[metric] * (score(second, metric, i) ?? 0);
  const orders = {
    input: (i) => i, worst: quality, best: (i, chosen) => -quality(i, chosen), gain: (i, chosen) => -gain(i, chosen), loss: gain,
    different: (i, chosen) => -Math.abs(gain(i, chosen)), spread: (i, { metric }) => -spread(i, metric), long: (i) => -data.refs[0][i]?.length,
  };
  const hasFlag = (i, systems, test) => systems.some((s) => (data.flags[s][i] ?? []).some((f) => test(data.flagTexts[f])));
  const numbers = /[\d\u0660-\u0669]/;
  function passes(i, chosen, systems) {
    const [what, value] = controls.filter.value.split(/:(.*)/s);
    switch (what) {
      case "won": return gain(i, chosen) > 0;
      case "lost": return gain(i, chosen) < 0;
      case "numbers": return numbers.test(data.src[i]) || numbers.test(data.refs[0][i] ?? "");
      case "flagged": return hasFlag(i, systems, (flag) => flag[1] !== "info");
      case "flag": return hasFlag(i, systems, (flag) => flag[0] === value);
      case "doc": return data.docs[data.doc[i]] === value;
      default: return true;
    }
  }
  let haystack = null;
  const searchable = () => haystack ??= data.src.map((src, i) =>
    key([src, ...data.refs.map((ref) => ref[i] ?? ""), ...data.hyps.map((hyp) => hyp[i]), data.ids[i], data.docs[data.doc[i]]].join("\n")));
  let list = [], at = 0, current = -1, marking = true;
  const systemsShown = ({ first, second }) => controls.who.value === "all" ? data.systems.map((_, s) => s) : [...new Set([first, second])];

  function update() {
    const chosen = choice(), systems = systemsShown(chosen), wanted = key(controls.search.value.trim());
    const rank = orders[controls.order.value], found = wanted ? searchable() : null;
    list = [];
    for (let i = 0; i < n; i++) if (passes(i, chosen, systems) && (!found || found[i].includes(wanted))) list.push(i);
    const ranks = new Map(list.map((i) => [i, rank(i, chosen) ?? 0]));
    list.sort((a, b) => ranks.get(a) - ranks.get(b) || a - b);
    at = 0;
    current = -1;
    draw();
  }
  function draw() {
    const chosen = choice(), last = Math.min(list.length, at + PER_PAGE), pages = Math.max(1, Math.ceil(list.length / PER_PAGE));
    get("rows").replaceChildren(...list.slice(at, last).map((i) => drawRow(i, chosen)));
    get("count").textContent = list.length === n ? `${n.toLocaleString("en")} segments` : `${list.length.toLocaleString("en")} of ${n.toLocaleString("en")} segments`;
    get("empty").hidden = list.length > 0;
    get("pager").hidden = pages < 2;
    get("where").textContent = `Page ${at / PER_PAGE + 1} of ${pages}`;
    get("earlier").disabled = at === 0;
    get("later").disabled = last >= list.length;
    for (const button of document.querySelectorAll("[data-order]")) button.setAttribute("aria-pressed", String(button.dataset.order === controls.order.value));
  }
  function paragraph(lang, fill) {
    const bdi = make("bdi"), p = make("p", "txt", bdi);
    p.lang = lang;
    p.dir = rtl(lang) ? "rtl" : "ltr";
    fill(bdi);
    return p;
  }
  function drawRow(i, chosen) {
    const ref = data.refs.find((column) => column[i])?.[i] ?? "", refWords = text.words(ref);
    const link = make("a", "", `Segment ${i + 1}`), heading = make("h3", "", link), header = make("header", "", heading);
    link.href = `#seg-${i + 1}`;
    if (data.ids[i] && data.ids[i] !== String(i + 1)) { const id = make("bdi"); text.append(id, data.ids[i]); header.append(make("span", "", "id ", id)); }
    if (data.docs[data.doc[i]]) { const doc = make("bdi"); text.append(doc, data.docs[data.doc[i]]); header.append(make("span", "", "document ", doc)); }
    if (chosen.first !== chosen.second) {
      const difference = gain(i, chosen) / 10 ** data.decimals[chosen.metric], digits = data.decimals[chosen.metric];
      const word = difference > 0 ? "better" : difference < 0 ? "worse" : "level";
      const note = make("span", `gap ${difference > 0 ? "gain" : difference < 0 ? "loss" : ""}`);
      note.textContent = difference === 0 ? `level on ${data.metrics[chosen.metric]}`
        : `${data.systems[chosen.second]} ${Math.abs(difference).toFixed(digits)} ${data.metrics[chosen.metric]} ${word} than ${data.systems[chosen.first]}`;
      header.append(note);
    }
    const given = make("div", "given"), hypotheses = make("div");
    if (data.src[i]) given.append(make("div", "", make("p", "label", "Source"), paragraph(data.srcLang, (p) => text.append(p, data.src[i]))));
    data.refs.forEach((column, r) => {
      if (column[i] === null) return;
      const own = text.words(column[i]);
      const [, mask] = text.shared(text.words(data.hyps[chosen.second][i]), own);
      given.append(make("div", "", make("p", "label", data.refs.length > 1 ? `Reference ${r + 1}` : "Reference"),
        paragraph(data.tgtLang, (p) => text.appendMarked(p, column[i], mask, "missing"))));
    });
    const systems = systemsShown(chosen).sort((a, b) => data.better[chosen.metric] * ((score(b, chosen.metric, i) ?? 0) - (score(a, chosen.metric, i) ?? 0)));
    for (const s of systems) {
      const name = make("bdi"), scores = make("span", "scores"), marks = make("div", "marks"), hyp = data.hyps[s][i];
      const swatch = make("span", `key s${s % 7}`);
      swatch.setAttribute("aria-hidden", "true");
      text.append(name, data.systems[s]);
      scores.append(`${data.metrics[chosen.metric]} `, make("b", "", shown(s, chosen.metric, i)));
      const [mask] = text.shared(text.words(hyp), refWords);
      for (const f of data.flags[s][i] ?? []) {
        const [kind, severity, message] = data.flagTexts[f], tag = make("span", `tag ${severity}`);
        text.append(tag, kind);
        if (message) { tag.append(": "); text.append(tag, message); }
        marks.append(tag);
      }
      const body = hyp ? paragraph(data.tgtLang, (p) => text.appendMarked(p, hyp, mask, "extra")) : make("p", "blank", "no translation");
      hypotheses.append(make("div", `hyp${s === chosen.second && systems.length > 1 ? " chosen" : ""}`, make("p", "who", swatch, name, scores), body, ...(marks.childNodes.length ? [marks] : [])));
    }
    const row = make("article", "seg card", header, given, hypotheses);
    row.id = `seg-${i + 1}`;
    row.dataset.i = i;
    return row;
  }
  /* Bring one segment into view, whatever is filtered; false when there is none of that number. */
  function show(i) {
    if (!(i >= 0 && i < n)) return false;
    if (!list.includes(i)) { controls.search.value = controls.filter.value = ""; update(); }
    at = Math.floor(list.indexOf(i) / PER_PAGE) * PER_PAGE;
    draw();
    mark(i);
    return true;
  }
  function mark(i) {
    current = list.indexOf(i);
    for (const row of document.querySelectorAll(".seg")) row.classList.toggle("at", +row.dataset.i === i);
    const row = get(`seg-${i + 1}`);
    row.scrollIntoView({ block: "start" });
    row.querySelector("h3 a").focus({ preventScroll: true });
  }
  function go(step) {
    if (!list.length) return;
    const next = current < 0 ? (step > 0 ? at : Math.min(list.length, at + PER_PAGE) - 1) : Math.min(list.length - 1, Math.max(0, current + step));
    if (next < at || next >= at + PER_PAGE) { at = Math.floor(next / PER_PAGE) * PER_PAGE; draw(); }
    mark(list[next]);
  }
  const turn = (step) => { at += step * PER_PAGE; current = -1; draw(); get("segments").scrollIntoView({ block: "start" }); };
  const fromHash = () => { const match = /^#seg-(\d+)$/.exec(location.hash); if (match) show(+match[1] - 1); };
  function toggleDiff() {
    marking = !marking;
    get("rows").classList.toggle("diff", marking);
    get("legend").hidden = !marking;
    get("diff-button").setAttribute("aria-pressed", String(marking));
  }
  for (const control of Object.values(controls)) control.addEventListener(control === controls.search ? "input" : "change", control === controls.search ? debounce(update, 120) : update);
  for (const button of document.querySelectorAll("[data-order]")) button.addEventListener("click", () => { controls.order.value = button.dataset.order; update(); });
  get("earlier").addEventListener("click", () => turn(-1));
  get("later").addEventListener("click", () => turn(1));
  get("diff-button").addEventListener("click", toggleDiff);
  const pair = get("pair");
  pair?.addEventListener("change", () => {
    for (const panel of document.querySelectorAll("[data-pair]")) panel.hidden = panel.dataset.pair !== pair.value;
    controls.second.value = pair.value;
    update();
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#seg-']");
    if (link && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      const hash = link.getAttribute("href");
      if (show(+hash.slice(5) - 1)) history.replaceState(null, "", hash);
    }
  });
  addEventListener("hashchange", fromHash);
  onKeys({ j: () => go(1), k: () => go(-1), d: toggleDiff });
  update();
  fromHash();
})();
