// data-chart="id of json": loads the charts only where one is shown, also in what was swapped in.
function drawAll() {
  for (const place of document.querySelectorAll("[data-chart]:not([data-drawn])")) {
    place.dataset.drawn = "";
    import("../charts.js").then(({ draw }) => draw(place, JSON.parse(document.getElementById(place.dataset.chart).textContent)));
  }
}
drawAll();
document.addEventListener("htmx:after:swap", drawAll);
