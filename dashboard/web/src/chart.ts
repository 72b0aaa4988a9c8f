// Lines over time, with a table of the same figures for those who do not see lines.
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { h } from './dom';
import { count } from './format';
import type { Mark } from './types';

export interface Line {
  label: string;
  color: 'hinted' | 'default' | 'third';
  style?: 'solid' | 'dashed' | 'dotted';
  values: (number | null)[];
  // Another axis than the first line's.
  right?: boolean;
  fill?: boolean;
}

export interface ChartData {
  x: number[];
  lines: Line[];
  marks?: Mark[];
}

interface Options {
  title: string; // what the chart shows, in a sentence
  value: (y: number | null | undefined) => string;
  rightValue?: (y: number | null | undefined) => string;
  xText: (x: number) => string;
  time?: boolean;
  xWhole?: boolean; // x is whole numbers
  log?: boolean;
  height?: number;
}

const wholeSteps = [1, 2, 5, 10, 20, 50, 100, 200, 500].flatMap((step) => [step, step * 1000, step * 1e6]).sort((a, b) => a - b);
const dashes = { solid: [], dashed: [6, 4], dotted: [2, 3] };

function css(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export class Chart {
  readonly element: HTMLElement;
  private readonly place = h('div', { class: 'chart' });
  private readonly legend = h('div', { class: 'legend' });
  private readonly table = h('div', { class: 'scroll', tabindex: 0 });
  private readonly tip = h('div', { class: 'tip' });
  private readonly nothing = h('p', { class: 'empty' }, 'Nothing to show yet.');
  private readonly details: HTMLDetailsElement;
  private plot: uPlot | null = null;
  private shape = '';
  private data: ChartData = { x: [], lines: [] };

  constructor(private readonly options: Options) {
    this.details = h('details', {}, h('summary', {}, 'Show as a table'), this.table);
    this.table.setAttribute('aria-label', options.title);
    this.table.setAttribute('role', 'region');
    this.details.addEventListener('toggle', () => this.fillTable());
    this.place.style.minHeight = `${this.height}px`;
    this.place.setAttribute('role', 'img');
    this.place.setAttribute('aria-label', options.title);
    this.element = h('div', {}, this.nothing, this.place, this.legend, this.details);
    this.hide(true);
    new ResizeObserver(() => this.resize()).observe(this.place);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.rebuild());
    addEventListener('theme', () => this.rebuild());
  }

  show(data: ChartData): void {
    this.data = data;
    this.hide(!data.lines.some((line) => line.values.some((value) => value !== null)));
    const shape = data.lines.map((line) => line.label + line.color).join();
    if (this.plot && shape === this.shape) {
      this.plot.setData(this.columns());
    } else {
      this.shape = shape;
      this.rebuild();
    }
    this.fillTable();
  }

  private hide(hidden: boolean): void {
    for (const part of [this.place, this.legend, this.details]) part.hidden = hidden;
    this.nothing.hidden = !hidden;
  }

  private columns(): uPlot.AlignedData {
    return [this.data.x, ...this.data.lines.map((line) => line.values)] as uPlot.AlignedData;
  }

  private get height(): number {
    return this.options.height ?? 220;
  }

  private resize(): void {
    const width = this.place.clientWidth;
    if (!this.plot && width > 0 && this.data.lines.length > 0) this.rebuild();
    else if (this.plot && width > 0) this.plot.setSize({ width, height: this.height });
  }

  private rebuild(): void {
    this.plot?.destroy();
    this.plot = null;
    const width = this.place.clientWidth;
    if (width === 0 || this.data.lines.length === 0) return;
    this.legend.replaceChildren(
      ...this.data.lines.map((line) =>
        h('span', { class: `${line.style ?? 'solid'} c-${line.color}` }, line.label),
      ),
    );
    this.plot = new uPlot(this.plotOptions(width), this.columns(), this.place);
    this.plot.over.append(this.tip);
  }

  private plotOptions(width: number): uPlot.Options {
    const { value, rightValue, xText, log, xWhole, time = true } = this.options;
    const axis = { stroke: css('--soft'), grid: { stroke: css('--rule'), width: 1 }, ticks: { show: false } };
    const whole = value === count;
    const right = this.data.lines.some((line) => line.right);
    const axes: uPlot.Axis[] = [
      { ...axis, grid: { show: false }, values: (_, ticks) => ticks.map(xText), space: 90, size: 30, ...(xWhole ? { incrs: wholeSteps } : {}) },
      { ...axis, grid: { ...axis.grid, ...(log ? { filter: decades } : {}) }, size: 68, values: (_, ticks) => ticks.map((tick) => (tick === null || (whole && !Number.isInteger(tick)) ? '' : value(tick))) },
    ];
    if (right)
      axes.push({
        ...axis,
        scale: 'right',
        side: 1,
        size: 68,
        grid: { show: false },
        values: (_, ticks) => ticks.map((tick) => (rightValue ?? value)(tick)),
      });
    return {
      width,
      height: this.height,
      tzDate: (t) => uPlot.tzDate(new Date(t * 1000), 'UTC'),
      legend: { show: false },
      cursor: { y: false, points: { size: 6 } },
      scales: {
        x: { time },
        y: log ? { distr: 3, range: (_, low, high) => logRange(low, high) } : { range: zeroRange },
        right: { range: zeroRange },
      },
      axes,
      series: [
        {},
        ...this.data.lines.map((line) => ({
          label: line.label,
          scale: line.right ? 'right' : 'y',
          stroke: css(`--${line.color}`),
          fill: line.fill ? `${css(`--${line.color}`)}1f` : undefined,
          width: 1.75,
          dash: dashes[line.style ?? 'solid'],
          points: { show: this.data.x.length < 3 },
          spanGaps: true,
        })),
      ],
      hooks: {
        drawClear: [(plot) => this.drawMarks(plot)],
        setCursor: [(plot) => this.showTip(plot)],
      },
    };
  }

  private drawMarks(plot: uPlot): void {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.textAlign = 'left';
    ctx.textBaseline = 'alphabetic';
    let free = -Infinity;
    for (const mark of this.data.marks ?? []) {
      const x = Math.round(plot.valToPos(mark.t, 'x', true));
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      ctx.strokeStyle = css('--rule');
      ctx.lineWidth = devicePixelRatio;
      ctx.setLineDash(mark.kind === 'phase' ? [] : [3, 3]);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      // Beside its line: to the right, or where the chart ends to the left.
      const gap = 4 * devicePixelRatio;
      const { width } = ctx.measureText(mark.name);
      const fits = x + gap + width <= bbox.left + bbox.width;
      const left = fits ? x + gap : x - gap - width;
      if (mark.kind === 'policy' || left < free) continue;
      ctx.fillStyle = css('--soft');
      ctx.fillText(mark.name, left, bbox.top + 3 * gap);
      free = left + width + 2 * gap;
    }
    ctx.restore();
  }

  private showTip(plot: uPlot): void {
    const index = plot.cursor.idx;
    const left = plot.cursor.left ?? -1;
    if (index === null || index === undefined || left < 0) {
      this.tip.style.display = 'none';
      return;
    }
    const { value, rightValue, xText } = this.options;
    this.tip.replaceChildren(
      h('div', { class: 'soft' }, xText(this.data.x[index])),
      ...this.data.lines.map((line) =>
        h('div', {}, `${line.label}: `, h('b', {}, (line.right ? (rightValue ?? value) : value)(line.values[index]))),
      ),
    );
    this.tip.style.display = 'block';
    const flip = left > plot.over.clientWidth / 2;
    this.tip.style.left = flip ? 'auto' : `${left + 12}px`;
    this.tip.style.right = flip ? `${plot.over.clientWidth - left + 12}px` : 'auto';
    this.tip.style.top = '8px';
  }

  // Filled only while it is open: it is as long as the chart has points.
  private fillTable(): void {
    if (!this.details.open) return;
    const { value, rightValue, xText } = this.options;
    const { x, lines } = this.data;
    this.table.replaceChildren(
      h(
        'table',
        {},
        h('caption', { class: 'hidden' }, this.options.title),
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            h('th', { class: 'text', scope: 'col' }, this.options.time === false ? 'step' : 'UTC'),
            lines.map((line) => h('th', { scope: 'col' }, line.label)),
          ),
        ),
        h(
          'tbody',
          {},
          x.map((at, i) =>
            h(
              'tr',
              {},
              h('th', { class: 'text', scope: 'row' }, xText(at)),
              lines.map((line) =>
                h('td', {}, (line.right ? (rightValue ?? value) : value)(line.values[i])),
              ),
            ),
          ),
        ),
      ),
    );
  }
}

function logRange(low: number | null, high: number | null): [number, number] {
  if (low === null || high === null || high <= 0) return [0.1, 1000];
  // A single zero must not push everything else to the top.
  const least = Math.max(low, high / 1e5);
  return [10 ** Math.floor(Math.log10(least)), 10 ** Math.ceil(Math.log10(high * 1.01))];
}

// On a logarithmic axis only the decades get a line.
const decades: uPlot.Axis.Filter = (_, splits) =>
  splits.map((split) => (Math.abs(Math.log10(split) % 1) < 1e-9 ? split : null));

const zeroRange: uPlot.Range.Function = (_, low, high) => {
  if (low === null || high === null) return [0, 1];
  const top = Math.max(high, 0);
  const bottom = Math.min(low, 0);
  const room = (top - bottom || 1) * 0.06;
  return [bottom < 0 ? bottom - room : 0, top + room];
};
