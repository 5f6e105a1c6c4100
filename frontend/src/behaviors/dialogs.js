// data-menu: menus close by Escape, by a click elsewhere and when the focus leaves; arrows move through them.
// data-confirm: asks before a form is sent.
const OPEN = "details[data-menu][open]";
const STOPS = "a[href], button:not([tabindex='-1']), input:not([type=hidden]), select";

function closeOthers(place) {
  for (const menu of document.querySelectorAll(OPEN)) {
    if (!menu.contains(place)) menu.open = false;
  }
}

function step(menu, down) {
  const stops = [...menu.querySelectorAll(STOPS)].filter((one) => one.checkVisibility() && !one.classList.contains("t-hidden"));
  const here = stops.indexOf(document.activeElement);
  const next = here < 0 && !down ? stops.length - 1 : here + (down ? 1 : -1);
  (stops[next] ?? menu.querySelector("summary")).focus();
}

// A panel that would reach over the right edge opens to the left.
function place(menu) {
  const panel = menu.querySelector(".t-menu__panel");
  panel?.classList.remove("t-menu__panel--flipped");
  panel?.classList.toggle("t-menu__panel--flipped", panel.getBoundingClientRect().right > window.innerWidth);
}

document.addEventListener("toggle", (event) => event.target.matches?.(OPEN) && place(event.target), true);
document.addEventListener("click", (event) => closeOthers(event.target));
document.addEventListener("focusin", (event) => closeOthers(event.target));

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details[data-menu]") ?? document.querySelector(OPEN);
  if (!menu) return;
  if (event.key === "Escape" && menu.open) {
    menu.open = false;
    menu.querySelector("summary").focus();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (event.target.matches("select, textarea, input[type=date], input[type=number]")) return;
    event.preventDefault();
    menu.open = true;
    step(menu, event.key === "ArrowDown");
  }
});

document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});
