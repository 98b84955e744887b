// Draws every canvas[data-chart] with our colours; the table behind each holds the same figures for everyone.
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const ORDER = ["safe", "care", "green", "harmony", "warm", "clean", "party"];
const NAMED = { 党建红: "party", 关爱橙: "care", 暖心黄: "warm", 低碳绿: "green", 风气青: "clean", 安全蓝: "safe", 和谐紫: "harmony" };
const dark = () => document.documentElement.dataset.theme === "dark" || (document.documentElement.dataset.theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
const colour = (name) => (dark() && token(`${name}-ink`)) || token(name) || name;
const number = (value) => new Intl.NumberFormat(document.documentElement.lang).format(value);

function options(kind, unit, lines) {
  const axis = { grid: { color: token("line") }, ticks: { color: token("muted"), font: { size: 13 } }, border: { color: token("line") } };
  const round = kind === "share";
  return {
    responsive: true,
    maintainAspectRatio: false,
    animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? false : { duration: 200 },
    interaction: { mode: round ? "nearest" : "index", intersect: round },
    plugins: {
      legend: { display: round || lines.length > 1, position: round ? "right" : "top", align: "start", labels: { color: token("ink"), boxWidth: 12, boxHeight: 12, padding: 14, font: { size: 14 } } },
      tooltip: {
        backgroundColor: "#22201D", titleColor: "#FFFBF6", bodyColor: "#FFFBF6", padding: 10, cornerRadius: 8, bodyFont: { size: 14 },
        callbacks: { label: (item) => ` ${item.dataset.label && !round ? `${item.dataset.label} ` : `${item.label} `}${number(item.raw)}${unit ? ` ${unit}` : ""}` },
      },
    },
    scales: round ? {} : {
      x: { ...axis, stacked: kind === "stack", grid: { display: false } },
      y: { ...axis, stacked: kind === "stack", beginAtZero: true, border: { display: false }, ticks: { ...axis.ticks, precision: 0, maxTicksLimit: 6, callback: number } },
    },
  };
}

function datasets(kind, lines, labels) {
  return lines.map((line, index) => {
    const base = colour(line.colour ?? ORDER[index % ORDER.length]);
    if (kind === "share") return { label: line.label, data: line.values, backgroundColor: labels.map((label, n) => colour(line.colours?.[n] ?? NAMED[label] ?? ORDER[n % ORDER.length])), borderColor: token("card"), borderWidth: 2 };
    if (kind === "line") return { label: line.label, data: line.values, borderColor: base, backgroundColor: base, borderWidth: 2.5, pointRadius: labels.length > 20 ? 0 : 3, tension: 0.25 };
    return { label: line.label, data: line.values, backgroundColor: base, borderRadius: 4, maxBarThickness: 36 };
  });
}

function draw() {
  if (!window.Chart) return;
  Chart.defaults.font.family = token("font");
  for (const canvas of document.querySelectorAll("canvas[data-chart]")) {
    Chart.getChart(canvas)?.destroy();
    const kind = canvas.dataset.chart;
    const labels = JSON.parse(canvas.dataset.labels);
    const lines = JSON.parse(canvas.dataset.series);
    new Chart(canvas, {
      type: { line: "line", share: "doughnut" }[kind] ?? "bar",
      data: { labels, datasets: datasets(kind, lines, labels) },
      options: options(kind, canvas.dataset.unit, lines),
    });
  }
}

draw();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
document.addEventListener("htmx:afterSettle", draw);
