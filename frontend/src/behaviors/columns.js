// data-narrow: a search box that hides the entries of the list after it which do not match.
document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-narrow]")) return;
  const wanted = event.target.value.toLocaleLowerCase();
  for (const entry of event.target.form.querySelectorAll("li")) {
    entry.hidden = !entry.textContent.toLocaleLowerCase().includes(wanted);
  }
});
