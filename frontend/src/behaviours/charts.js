// data-chart="id of json": loads the charts only where one is shown.
for (const place of document.querySelectorAll("[data-chart]")) {
  import("../charts.js").then(({ draw }) => draw(place, JSON.parse(document.getElementById(place.dataset.chart).textContent)));
}
