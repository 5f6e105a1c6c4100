// data-edit="key": opens an input in place. The input ([data-cell-input]) takes the focus; afterwards the button has it again.
// data-choice: where somebody else was quicker, the choice takes the focus, so that Enter pressed once more overrules nobody.
let edited = "";

const INPUT = "[data-cell-input] :is(input:not([type=hidden]), select, textarea)";

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-edit]");
  if (opener) edited = opener.dataset.edit;
});

// A double click anywhere in a cell opens it as well.
document.addEventListener("dblclick", (event) => {
  if (event.target.closest("a, button, input")) return;
  event.target.closest("td")?.querySelector("[data-edit]")?.click();
});

document.addEventListener("htmx:after:swap", () => {
  const input = document.querySelector(INPUT);
  const choice = document.querySelector("[data-cell-input] [data-choice]");
  if (choice) {
    choice.focus();
    choice.closest(".t-form-foot").scrollIntoView({ block: "nearest", inline: "nearest" });
  } else if (input) {
    input.focus();
    input.closest("form, .t-cell__form")?.scrollIntoView({ block: "nearest", inline: "nearest" });
    if (input.matches("input[type=text]")) input.select();
  } else if (edited) {
    document.querySelector(`[data-edit="${CSS.escape(edited)}"]`)?.focus();
    edited = "";
  }
});
