"use strict";
/* What every report page shares: theme, print, help, search keys, and drawing untrusted text. */
const page = (() => {
  const root = document.documentElement;
  root.classList.remove("no-js");
  const get = (id) => document.getElementById(id);

  /* theme */
  const store = {
    get() { try { return localStorage.getItem("dragoman-theme"); } catch { return null; } },
    set(value) { try { localStorage.setItem("dragoman-theme", value); } catch { /* a page opened from disk may have no storage */ } },
  };
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const label = () => { get("theme-button").textContent = isDark() ? "Light" : "Dark"; };
  const saved = store.get();
  if (saved === "dark" || saved === "light") root.dataset.theme = saved;
  const toggleTheme = () => { root.dataset.theme = isDark() ? "light" : "dark"; store.set(root.dataset.theme); label(); };
  system.addEventListener("change", label);
  get("theme-button").addEventListener("click", toggleTheme);
  get("print-button").addEventListener("click", () => print());
  get("help-button").addEventListener("click", () => get("help").showModal());
  label();

  /* Search: case, marks, tatweel and the spellings of alef, ya and ta marbuta do not matter. */
  const key = (text) => text.normalize("NFKD").toLowerCase()
    .replace(/[\p{M}\u0640]/gu, "").replace(/[\u0622\u0623\u0625\u0671]/g, "\u0627").replace(/\u0649/g, "\u064a").replace(/\u0629/g, "\u0647");

  /* Keys: `keys` maps a character to a function; typing in a field keeps its meaning. */
  const onKeys = (keys) => document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (typing && event.key === "Escape") { event.target.blur(); return; }
    if (typing || get("help").open) return;
    const act = { "?": () => get("help").showModal(), "/": () => get("search").focus(), t: toggleTheme, ...keys }[event.key];
    if (act) { event.preventDefault(); act(); }
  });

  const debounce = (act, milliseconds) => { let timer; return () => { clearTimeout(timer); timer = setTimeout(act, milliseconds); }; };
  return { get, key, onKeys, debounce, root };
})();
