// data-redraw: a choice after which the builder is drawn anew. data-autosubmit: a form sent on every change.
// data-poll: a part of the page that is fetched every second until it is gone or complete.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-redraw]")) {
    const form = event.target.form;
    form.requestSubmit(form.querySelector('button[value="draw"], button[value="edit"]'));
  } else if (event.target.closest("[data-autosubmit]")) {
    event.target.form.requestSubmit();
  }
});

async function poll(part) {
  const response = await fetch(window.location.href, { headers: { Accept: "text/html" } });
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html").getElementById(part.id);
  if (!fresh || !fresh.hasAttribute("data-poll")) {
    window.location.reload();
    return;
  }
  part.replaceWith(fresh);
  setTimeout(poll, 1000, fresh);
}

for (const part of document.querySelectorAll("[data-poll]")) setTimeout(poll, 700, part);
