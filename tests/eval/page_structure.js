/* What a screen reader needs: names of controls, one h1, headings without a jump, landmarks, unique ids, languages. */
() => {
  const faults = [];
  const all = (selector) => [...document.querySelectorAll(selector)];
  const ids = all("[id]").map((el) => el.id);
  if (new Set(ids).size !== ids.length) faults.push("repeated id");
  if (all("h1").length !== 1) faults.push("not one h1");
  let last = 0;
  for (const heading of all("h1, h2, h3, h4").filter((el) => !el.closest("dialog"))) {
    const level = Number(heading.tagName[1]);
    if (level > last + 1) faults.push(`jump to ${heading.textContent}`);
    last = level;
  }
  for (const name of ["body > .wrap > header", "main", "footer"]) if (all(name).length !== 1) faults.push(name);
  for (const el of all("input, select, textarea")) if (!el.labels.length && !el.ariaLabel) faults.push(`unlabelled ${el.id}`);
  for (const el of all("button, a[href]")) if (!(el.textContent.trim() || el.ariaLabel)) faults.push(`nameless ${el.outerHTML}`);
  for (const el of all("th")) if (!el.scope) faults.push(`th without scope ${el.textContent}`);
  for (const el of all("[dir=rtl]")) if (!el.closest("[lang=ar]")) faults.push("rtl without lang");
  for (const el of all("[style], [onclick], [onload], [onerror]")) faults.push(`inline ${el.outerHTML.slice(0, 80)}`);
  for (const el of all("svg")) {
    const isNamed = ["img", "group"].includes(el.getAttribute("role")) && el.ariaLabel;
    if (el.ariaHidden !== "true" && !isNamed) faults.push("nameless svg");
  }
  return faults;
}
