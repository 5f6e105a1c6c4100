// Keys: / search, ? overview, n new record; in a list arrows, Enter, x; in a cell Enter saves, Escape cancels.
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
};

const rowKeys = {
  Enter: (row) => window.location.assign(row.dataset.href),
  x: (row) => row.querySelector('input[type="checkbox"]')?.click(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const cell = event.target.closest("[data-cell-input]");
  if (cell && (event.key === "Enter" || event.key === "Escape") && !event.target.matches("button, textarea")) {
    event.preventDefault();
    cell.querySelector(event.key === "Enter" ? "[data-save]" : "[data-cancel]").click();
    return;
  }
  if (event.target.matches("input, select, textarea, [contenteditable]") || event.target.closest("[data-menu]")) return;
  const act = event.target.matches("tr[data-row]") && rowKeys[event.key] ? () => rowKeys[event.key](event.target) : keys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
