// data-keep-open="name": a fold that stays as it was left, on every page that has it.
function restore() {
  for (const fold of document.querySelectorAll("[data-keep-open]")) {
    fold.open = sessionStorage.getItem(`fold:${fold.dataset.keepOpen}`) === "open";
  }
}

document.addEventListener(
  "toggle",
  (event) => {
    const name = event.target.dataset?.keepOpen;
    if (name) sessionStorage.setItem(`fold:${name}`, event.target.open ? "open" : "closed");
  },
  true,
);

document.addEventListener("htmx:after:swap", restore);
restore();
