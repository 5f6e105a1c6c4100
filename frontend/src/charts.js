// Draws a report's chart: stacked bars, lines or an area by period, a waterfall of one period. The table beside it is its text.
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

// Below this width (pixels) names are slanted, and the legend is paged instead of growing over the axis.
const NARROW = 560;
const COLORS = ["#2f6fed", "#12a594", "#e8710a", "#a43bc7", "#c92a5a", "#1686c9", "#7a8699", "#2f9e4f"];

// The classes of movements keep their colors everywhere.
const TONES = { new: "--t-accent", reactivation: "--t-teal", expansion: "--t-good-solid", contraction: "--t-warn", churn: "--t-bad-solid" };

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
    const count = series.counts ? ` (${series.counts[figure.dataIndex]})` : "";
    line.textContent = `${series.name}: ${figure.value == null ? "–" : money.format(figure.value)}${count}`;
  }
  return box;
}

function formats(data) {
  if (data.unit === "rate") {
    const rate = new Intl.NumberFormat(data.language, { style: "unit", unit: "percent", maximumFractionDigits: 1 });
    return { full: rate, short: rate };
  }
  const money = { style: "currency", currency: data.currency, maximumFractionDigits: 0 };
  return { full: new Intl.NumberFormat(data.language, money), short: new Intl.NumberFormat(data.language, { notation: "compact" }) };
}

function frame(data, names, { hasLegend, isNarrow }) {
  const { short } = formats(data);
  const text = { color: token("--t-muted"), fontFamily: getComputedStyle(document.body).fontFamily };
  return {
    animation: false,
    color: COLORS,
    textStyle: text,
    grid: { left: 8, right: 8, top: 16, bottom: hasLegend ? 36 : 8, containLabel: true },
    legend: { show: hasLegend, type: isNarrow ? "scroll" : "plain", bottom: 0, pageIconColor: token("--t-accent"), pageTextStyle: text, icon: "roundRect", itemWidth: 12, itemHeight: 12, itemGap: 18, textStyle: text },
    tooltip: { trigger: "axis", backgroundColor: token("--t-ground"), borderColor: token("--t-line"), textStyle: { color: token("--t-text") } },
    xAxis: { type: "category", data: names, axisLine: { lineStyle: { color: token("--t-line") } }, axisLabel: text },
    yAxis: { type: "value", splitLine: { lineStyle: { color: token("--t-line") } }, axisLabel: { ...text, formatter: (value) => short.format(value) } },
  };
}

function series(one, kind) {
  const tone = TONES[one.code] && kind === "stack" ? { itemStyle: { color: token(TONES[one.code]) } } : {};
  if (kind === "line" || kind === "area") {
    return { name: one.name, type: "line", data: one.values, symbolSize: 6, lineStyle: { width: 2 }, ...(kind === "area" ? { areaStyle: { opacity: 0.12 } } : {}) };
  }
  return { name: one.name, type: "bar", stack: "all", barMaxWidth: 46, data: one.values, ...tone };
}

function over(data, isNarrow) {
  const options = frame(data, data.periods, { hasLegend: data.series.length > 1, isNarrow });
  options.tooltip.formatter = (figures) => tip(figures, data, formats(data).full);
  options.series = data.series.map((one) => series(one, data.kind ?? "stack"));
  return options;
}

// Each step floats on an invisible bar: from where the one before ended. Only the steps are drawn as lengths: the axis need not begin at 0,
// so opening and closing are marks at their height.
function waterfall(data, isNarrow) {
  const { full } = formats(data);
  const tone = (step) => (step.isState ? token("--t-solid") : !step.amount ? token("--t-line") : step.amount < 0 ? token("--t-bad-solid") : token("--t-good-solid"));
  const options = frame(data, data.steps.map((step) => step.name), { hasLegend: false, isNarrow });
  const heights = data.steps.map((step) => step.to);
  const [lowest, highest] = [Math.min(...heights), Math.max(...heights)];
  const room = Math.max((highest - lowest) / 4, highest / 200);
  options.yAxis.min = lowest - room > (highest - lowest) ? Math.floor(lowest - room) : 0;
  options.yAxis.max = Math.ceil(highest + room);
  options.yAxis.axisLabel = { ...options.yAxis.axisLabel, showMinLabel: options.yAxis.min === 0, showMaxLabel: false };
  options.tooltip.show = false;
  options.xAxis.axisLabel = { ...options.xAxis.axisLabel, interval: 0, fontSize: 11, ...(isNarrow ? { rotate: 40 } : { width: 84, overflow: "break" }) };
  options.grid.top = 28;
  const base = data.steps.map((step) => Math.min(step.isState ? step.to : step.from, step.to));
  // Where there is little room, only what moved is written; opening and closing can be read off the axis.
  const written = (step) => (isNarrow && (step.isState || !step.amount) ? "" : full.format(step.amount));
  const label = { show: true, position: "top", color: token("--t-muted"), formatter: ({ dataIndex }) => written(data.steps[dataIndex]) };
  options.series = [
    { type: "bar", stack: "all", silent: true, itemStyle: { color: "transparent" }, data: base },
    { type: "bar", stack: "all", barMaxWidth: 54, barMinHeight: 3, label, data: data.steps.map((step) => ({ value: step.isState ? 0 : Math.abs(step.amount), itemStyle: { color: tone(step), borderRadius: 2 } })) },
  ];
  return options;
}

export function draw(place, data) {
  const chart = init(place, null, { renderer: "svg" });
  const redraw = () => chart.setOption((data.kind === "waterfall" ? waterfall : over)(data, place.clientWidth < NARROW), true);
  redraw();
  new ResizeObserver(() => {
    chart.resize();
    redraw();
  }).observe(place);
  new MutationObserver(redraw).observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
}
