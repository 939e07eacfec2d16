import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as echarts from 'echarts';

/** Where the charts go: the folder named on the command line, or build/lecture. */
const FOLDER = process.argv[2] ?? path.join(import.meta.dirname, '..', '..', 'build', 'lecture');
/** Okabe and Ito's colours, which colour-blind people can tell apart. */
export const COLOURS = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#000000'];

/** What each file of a chart has behind its name, in the order of the languages of its texts. */
const ENDINGS = ['.svg', '.es.svg'];

/**
 * Lines as SVG files, one in English and one in Spanish; a text is [English, Spanish], or the same in both.
 * `series`: { name, points: [[x, y], …] }, and optionally `color`, `dash`, `thin`, `symbols`.
 * `x` and `y`: { name, type: 'value' | 'log' | 'category' } and other options of an ECharts axis. Returns the files, a line each.
 */
export function writeChart(name, { title, x, y, series, legend = true }) {
  mkdirSync(FOLDER, { recursive: true });
  const files = ENDINGS.map((ending, language) => {
    const say = (text) => (Array.isArray(text) ? text[language] : text);
    const named = (part) => ({ ...part, name: say(part.name) });
    const texts = { title: say(title), x: named(x), y: named(y), series: series.map(named), legend };
    const file = path.join(FOLDER, name + ending);
    writeFileSync(file, svgOf(texts));
    return path.relative('', file);
  });
  return files.join('\n');
}

function svgOf({ title, x, y, series, legend }) {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: 760, height: 420 });
  const axis = { nameLocation: 'middle', nameTextStyle: { fontSize: 13 }, axisLine: { show: true } };
  chart.setOption({
    animation: false,
    backgroundColor: '#fff',
    color: COLOURS,
    textStyle: { fontFamily: 'sans-serif' },
    title: { text: title, left: 'center', top: 8, textStyle: { fontSize: 15 } },
    legend: {
      show: legend,
      orient: 'vertical',
      left: 565,
      top: 'middle',
      itemGap: 12,
      itemWidth: 34,
      itemStyle: { opacity: 0 },
    },
    grid: { left: 80, right: legend ? 210 : 30, top: 50, bottom: 55 },
    xAxis: { ...axis, nameGap: 28, ...x },
    yAxis: {
      ...axis,
      nameGap: 55,
      axisLabel: { formatter: (value) => String(Number(value.toPrecision(3))) },
      ...y,
    },
    series: series.map((line) => ({
      type: 'line',
      name: line.name,
      data: line.points,
      showSymbol: line.symbols ?? false,
      symbolSize: 7,
      lineStyle: {
        width: line.thin ? 1 : 2,
        opacity: line.thin ? 0.5 : 1,
        type: line.dash ? 'dashed' : 'solid',
      },
      ...(line.color && { color: line.color }),
    })),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}
