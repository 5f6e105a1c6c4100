// data-bulk: a list's form; shows what can be done once rows are selected. data-check-rows: ticks all rows of its table.
function refresh(form) {
  const bar = form.querySelector("[data-bulk-bar]");
  const boxes = [...form.querySelectorAll('tbody input[name="id"]')];
  const count = boxes.filter((box) => box.checked).length;
  const everything = form.querySelector("[data-everything]");
  bar.hidden = count === 0;
  if (count === 0) everything.checked = false;
  form.querySelector("[data-bulk-count]").textContent = String(count);
  const all = form.querySelector("[data-check-all]");
  all.checked = count > 0 && count === boxes.filter((box) => !box.disabled).length;
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-check-rows]")) {
    for (const box of event.target.closest("table").querySelectorAll("tbody input[type=checkbox]:not(:disabled)")) box.checked = event.target.checked;
  }
  const form = event.target.closest("[data-bulk]");
  if (!form) return;
  if (event.target.matches("[data-check-all]")) {
    for (const box of form.querySelectorAll('tbody input[name="id"]:not(:disabled)')) box.checked = event.target.checked;
  }
  refresh(form);
});

document.addEventListener("reset", (event) => {
  if (event.target.matches("[data-bulk]")) setTimeout(refresh, 0, event.target);
});
