// Keys: / search, ? overview, n new record; in a list arrows or j and k, Enter, x; in a cell Enter saves, Escape cancels.
// data-key="a": what the key a does in its row: a button is pressed, a field takes the focus, a folded one opens before.
// data-page-key="c": what the key c does anywhere on the page.
function rowOf(step) {
  const rows = [...document.querySelectorAll("[data-rows] tr[data-row]")];
  const here = rows.indexOf(document.activeElement.closest?.("tr[data-row]"));
  return rows[Math.min(Math.max(here + step, 0), rows.length - 1)];
}

const keys = {
  "/": () => document.querySelector("[data-search]")?.focus(),
  "?": () => document.getElementById("keyboard")?.showModal(),
  n: () => document.querySelector("[data-new]")?.click(),
  ArrowDown: () => rowOf(1)?.focus(),
  ArrowUp: () => rowOf(-1)?.focus(),
  j: () => rowOf(1)?.focus(),
  k: () => rowOf(-1)?.focus(),
};

const rowKeys = {
  Enter: (row) => row.dataset.href && window.location.assign(row.dataset.href),
  x: (row) => row.querySelector('input[type="checkbox"]')?.click(),
};

function ownKey(row, key) {
  const part = /^[a-z]$/.test(key) && row?.querySelector(`[data-key="${key}"]`);
  if (!part) return null;
  const fold = part.closest("details");
  if (fold) return () => { fold.open = true; part.focus(); };
  return part.matches("select") ? () => part.focus() : () => part.click();
}

function pageKey(key) {
  const part = /^[a-z1-9]$/.test(key) && document.querySelector(`[data-page-key="${key}"]`);
  if (!part) return null;
  // An answer that is chosen has the focus, so that Enter sends it.
  return part.matches('input[type="radio"]') ? () => { part.click(); part.focus(); } : () => part.click();
}

// A row's form says which row comes after it, so that the answer can lead there.
document.addEventListener("submit", (event) => {
  const row = event.target.closest("tr[data-row][id]");
  if (!row) return;
  const rows = [...document.querySelectorAll("[data-rows] tr[data-row][id]")];
  const here = rows.indexOf(row);
  const next = rows[here + 1] ?? rows[here - 1];
  const place = document.createElement("input");
  Object.assign(place, { type: "hidden", name: "after", value: next?.id ?? "" });
  event.target.append(place);
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const cell = event.target.closest("[data-cell-input]");
  if (cell && (event.key === "Enter" || event.key === "Escape") && !event.target.matches("button, textarea")) {
    event.preventDefault();
    cell.querySelector(event.key === "Enter" ? "[data-save]" : "[data-cancel]").click();
    return;
  }
  const row = event.target.closest?.("tr[data-row]");
  // A choice that a key has led to: Enter sends it, Escape goes back to its row.
  if (event.target.matches("select[data-key]") && (event.key === "Enter" || event.key === "Escape")) {
    event.preventDefault();
    if (event.key === "Enter") event.target.parentElement.querySelector("select ~ button").click();
    else row.focus();
    return;
  }
  const fold = event.target.closest?.("tr[data-row] details[open]");
  if (fold && event.key === "Escape") {
    fold.open = false;
    row.focus();
    return;
  }
  const isAnswer = event.target.matches('input[type="radio"]') && /^[a-z1-9]$/.test(event.key);
  const isTyping = event.target.matches("input, select, textarea, [contenteditable]") && !isAnswer;
  if (isTyping || event.target.closest("[data-menu]")) return;
  const inRow = event.target === row && rowKeys[event.key] ? () => rowKeys[event.key](row) : ownKey(row, event.key);
  const act = inRow ?? pageKey(event.key) ?? keys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
