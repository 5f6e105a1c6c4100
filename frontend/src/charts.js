// Draws a report's chart: stacked bars by period. The table beside it is its text.
import { BarChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

const COLOURS = ["#2f6fed", "#12a594", "#e8710a", "#a43bc7", "#c92a5a", "#1686c9", "#7a8699", "#2f9e4f"];

function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

// As an element, not as text: the policy of the page forbids inline styles.
function tip(figures, data, money) {
  const box = document.createElement("div");
  box.className = "t-tip";
  const title = box.appendChild(document.createElement("strong"));
  title.textContent = figures[0].axisValueLabel;
  for (const figure of figures) {
    const series = data.series[figure.seriesIndex];
    const line = box.appendChild(document.createElement("div"));
    line.textContent = `${series.name}: ${money.format(figure.value)} (${series.counts[figure.dataIndex]})`;
  }
  return box;
}

function options(data) {
  const money = new Intl.NumberFormat(data.language, { style: "currency", currency: data.currency, maximumFractionDigits: 0 });
  const short = new Intl.NumberFormat(data.language, { notation: "compact" });
  const text = { color: token("--t-muted"), fontFamily: getComputedStyle(document.body).fontFamily };
  return {
    animation: false,
    color: COLOURS,
    textStyle: text,
    grid: { left: 8, right: 8, top: 16, bottom: data.series.length > 1 ? 36 : 8, containLabel: true },
    legend: { show: data.series.length > 1, bottom: 0, icon: "roundRect", itemWidth: 12, itemHeight: 12, itemGap: 18, textStyle: text },
    tooltip: { trigger: "axis", backgroundColor: token("--t-ground"), borderColor: token("--t-line"), textStyle: { color: token("--t-text") }, formatter: (figures) => tip(figures, data, money) },
    xAxis: { type: "category", data: data.periods, axisLine: { lineStyle: { color: token("--t-line") } }, axisLabel: text },
    yAxis: { type: "value", splitLine: { lineStyle: { color: token("--t-line") } }, axisLabel: { ...text, formatter: (value) => short.format(value) } },
    series: data.series.map((one) => ({ name: one.name, type: "bar", stack: "all", barMaxWidth: 46, data: one.values })),
  };
}

export function draw(place, data) {
  const chart = init(place, null, { renderer: "svg" });
  const redraw = () => chart.setOption(options(data), true);
  redraw();
  new ResizeObserver(() => chart.resize()).observe(place);
  new MutationObserver(redraw).observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
}
