/* The article page: sort, filter and search the rows that the page came with; j and k walk through what is shown. */
(() => {
  const { get, key, onKeys, debounce, root } = page;
  const text = get("text"), flat = get("flat"), sort = get("sort"), filter = get("filter"), search = get("search");
  const rows = [...text.querySelectorAll(".seg")].map((el) => ({
    el, home: el.parentElement, section: el.closest(".para"), n: +el.dataset.n, risk: +el.dataset.risk,
    score: el.dataset.score === "" ? null : +el.dataset.score, length: el.querySelector(".src").textContent.length,
    flags: el.dataset.flags.split(" "), text: key([...el.querySelectorAll(".txt, .flag")].map((part) => part.textContent).join("\n")),
  }));
  const byScore = (sign) => (a, b) => (a.score === null) - (b.score === null) || sign * (a.score - b.score) || a.n - b.n;
  const orders = {
    document: (a, b) => a.n - b.n, risk: (a, b) => b.risk - a.risk || a.n - b.n, score: byScore(1), best: byScore(-1),
    length: (a, b) => b.length - a.length || a.n - b.n,
  };
  const passes = (row) => {
    const [what, value] = filter.value.split(/:(.*)/s);
    if (what === "doubt") return row.el.dataset.worst === "error" || row.el.dataset.worst === "warning";
    if (what === "flag") return row.flags.includes(value);
    return what === "" || row.el.dataset[what] === value;
  };
  let shown = rows, at = -1;

  function draw() {
    const wanted = key(search.value.trim());
    shown = rows.filter((row) => passes(row) && row.text.includes(wanted)).sort(orders[sort.value]);
    const visible = new Set(shown), inOrder = sort.value === "document";
    flat.hidden = inOrder;
    for (const row of inOrder ? rows : shown) (inOrder ? row.home : flat).append(row.el);
    for (const row of rows) row.el.hidden = !visible.has(row);
    const filled = new Set(inOrder ? shown.map((row) => row.section) : []);
    for (const section of text.querySelectorAll(".para")) section.hidden = !filled.has(section);
    get("empty").hidden = shown.length > 0;
    get("count").textContent = shown.length === rows.length ? `${rows.length} segments` : `${shown.length} of ${rows.length} segments`;
    at = -1;
  }
  function go(step) {
    if (!shown.length) return;
    const current = shown.findIndex((row) => row.el.classList.contains("at"));
    at = Math.min(shown.length - 1, Math.max(0, current < 0 ? (step > 0 ? 0 : shown.length - 1) : current + step));
    for (const row of rows) row.el.classList.toggle("at", row === shown[at]);
    shown[at].el.scrollIntoView({ block: "center" });
    shown[at].el.querySelector(".num").focus({ preventScroll: true });
  }
  function press(button, name, on) {
    root.classList.toggle(name, on);
    button.setAttribute("aria-pressed", String(name.startsWith("off") ? !on : on));
  }
  const diff = get("diff-button"), refs = get("refs-button");
  const toggleDiff = () => {
    if (!diff) return;
    press(diff, "on-diff", diff.getAttribute("aria-pressed") !== "true");
    get("legend").hidden = diff.getAttribute("aria-pressed") !== "true";
  };
  diff?.addEventListener("click", toggleDiff);
  refs?.addEventListener("click", () => press(refs, "off-refs", refs.getAttribute("aria-pressed") === "true"));
  sort.addEventListener("change", draw);
  filter.addEventListener("change", draw);
  search.addEventListener("input", debounce(draw, 80));
  onKeys({ j: () => go(1), k: () => go(-1), d: toggleDiff });
  /* A link to a segment must not land on one that a kept filter hides. */
  addEventListener("hashchange", () => {
    const row = rows.find((candidate) => `#${candidate.el.id}` === location.hash);
    if (row?.el.hidden) { search.value = filter.value = ""; draw(); row.el.scrollIntoView({ block: "center" }); }
  });
  draw();
})();
