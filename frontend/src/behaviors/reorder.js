// data-reorder: a list whose entries can be dragged, or moved up by a button; with an address the order is kept there.
import Sortable from "sortablejs";

function keep(list) {
  if (!list.dataset.reorder) return;
  const body = new URLSearchParams({ action: "order" });
  for (const entry of list.querySelectorAll(":scope > [data-id]")) body.append("order", entry.dataset.id);
  const headers = JSON.parse(document.body.getAttribute("hx-headers:inherited"));
  fetch(list.dataset.reorder, { method: "POST", body, headers });
}

function attach() {
  for (const list of document.querySelectorAll("[data-reorder]")) {
    if (Sortable.get(list)) continue;
    Sortable.create(list, { handle: ".t-grip", animation: 120, onEnd: () => keep(list) });
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-move-up]");
  if (!button) return;
  const entry = button.closest("li");
  entry.previousElementSibling?.before(entry);
  keep(entry.closest("[data-reorder]"));
  button.focus();
});

document.addEventListener("htmx:after:swap", attach);
attach();
