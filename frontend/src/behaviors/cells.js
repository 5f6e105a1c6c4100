// th[data-cell="path"]: a column of a list that can be changed in place, in rows that can be chosen. A cell's button is made when
// its row is met, by mouse or by keyboard, from <template data-cell-button>: in every cell it would be half of the page.
import htmx from "htmx.org";

let opened = null;

const rowOf = (element) => element.closest?.("tr[data-row][data-href]");
const isEditable = (row) => row.querySelector("[name=id]:enabled") !== null;
const hasButton = (cell) => cell.querySelector(":scope > [data-edit]") !== null;

function columnOf(cell) {
  return cell.closest("table").tHead.rows[0].cells[cell.cellIndex].dataset.cell;
}

function offer(row) {
  const template = document.querySelector("template[data-cell-button]");
  if (!row || !template || !isEditable(row)) return;
  for (const cell of row.querySelectorAll("td.t-cell:not(.t-cell--open)")) {
    const column = columnOf(cell);
    if (!column || hasButton(cell)) continue;
    const button = template.content.firstElementChild.cloneNode(true);
    button.dataset.edit = `${row.dataset.row}:${column}`;
    cell.append(button);
  }
}

document.addEventListener("pointerover", (event) => offer(rowOf(event.target)));

// The rows beside it as well, so that the next Tab finds their buttons, in both directions.
document.addEventListener("focusin", (event) => {
  const row = rowOf(event.target);
  if (!row) return;
  for (const each of [row.previousElementSibling, row, row.nextElementSibling]) offer(each);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("td.t-cell > [data-edit]");
  if (!button) return;
  const cell = button.parentElement;
  opened = rowOf(cell);
  const address = `${opened.dataset.href}cell/?path=${encodeURIComponent(columnOf(cell))}`;
  htmx.ajax("GET", address, { source: button, target: cell, swap: "outerHTML" });
});

// A cell that was changed comes back without its button, which the focus returns to.
document.addEventListener("htmx:after:swap", () => {
  if (opened?.isConnected) offer(opened);
});
