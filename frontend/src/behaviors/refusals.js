// The words of a refused request (#refusal) go with the next request, or with Escape.
function clear() {
  document.getElementById("refusal")?.replaceChildren();
}

document.addEventListener("htmx:before:request", clear);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") clear();
});
