// data-points: rows of e-mails or phones. Whoever fills the last row gets another one; a row can be taken out.
function refresh(list) {
  const rows = [...list.children];
  const last = rows.at(-1);
  if (last.querySelector("input").value) {
    const next = last.cloneNode(true);
    next.querySelector("input").removeAttribute("id");
    next.querySelector("input").value = "";
    next.querySelector("select").selectedIndex = 0;
    list.append(next);
  }
  for (const row of list.children) row.querySelector("[data-remove-point]").hidden = row === list.lastElementChild;
}

document.addEventListener("input", (event) => {
  const list = event.target.closest("[data-points]");
  if (list) refresh(list);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-remove-point]");
  if (!button) return;
  const list = button.closest("[data-points]");
  button.parentElement.remove();
  list.querySelector("input").focus();
});

function refreshAll() {
  for (const list of document.querySelectorAll("[data-points]")) refresh(list);
}

document.addEventListener("htmx:after:swap", refreshAll);
refreshAll();
