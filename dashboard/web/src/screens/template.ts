import { ApiProblem, get } from '../api';
import { Chart } from '../chart';
import { fill, h } from '../dom';
import { clock, count, duration, moment, percent, times, words } from '../format';
import { badge, change, empty, eventTable, failure, panel, ratioCell, savedText, table, tiles } from '../parts';
import { Refresher, type Screen } from '../screen';
import type { ArmEvidence, Bin, DecisionLine, Explanation, Summary, Template } from '../types';
import { planPair } from './plans';

export function templateScreen(id: string): Screen {
  const head = h('div', {}, h('p', { class: 'loading' }, 'Loading'));
  const body = h('div', {});
  const plans = h('div', {}, h('p', { class: 'loading' }, 'Asking PostgreSQL for both plans'));
  let long = false;
  let running = true;
  let last = '';
  const xText = (x: number) => clock(x, long);
  const latency = new Chart({
    title: 'Typical latency of this template over time (geometric mean), under the default and under hints',
    value: duration,
    xText,
    log: true,
  });
  const spread = new Chart({
    title: 'How many runs took how long, under the default and under hints',
    value: percent,
    xText: (x) => duration(10 ** x),
    time: false,
  });
  const sections = {
    sql: h('div', {}),
    arms: h('div', {}),
    decisions: h('div', {}),
    events: h('div', {}),
  };
  const refresher = new Refresher(async () => {
    try {
      draw(await get<Template>(`templates/${id}`));
    } catch (error) {
      const unknown = error instanceof ApiProblem && error.status === 404;
      fill(head, unknown ? empty('This template was not seen in this run.') : failure(error, () => void refresher.run()));
    }
  }, 3000);

  async function loadPlans(): Promise<void> {
    try {
      fill(plans, planPair(await get<Explanation>(`templates/${id}/plans`)));
    } catch (error) {
      fill(plans, empty(error instanceof Error ? error.message : String(error)));
    }
  }

  function draw(template: Template): void {
    fill(head, headOf(template, running, () => void refresher.run()));
    const { columns, marks } = template.over_time;
    const x = columns.t;
    long = x.length > 1 && x[x.length - 1] - x[0] > 86400;
    latency.show({
      x,
      marks,
      lines: [
        { label: 'default', color: 'default', style: 'dashed', values: columns.default },
        { label: 'hinted', color: 'hinted', values: columns.hinted },
      ],
    });
    spread.show(distribution(template.distribution));
    fill(sections.sql, h('pre', {}, template.sql));
    fill(sections.arms, armTable(template.arms));
    fill(sections.decisions, decisionTable(template.decisions));
    fill(sections.events, eventTable(template.events));
    if (body.childElementCount === 0) fill(body, layout());
  }

  function layout(): Node {
    return h(
      'div',
      { class: 'grid' },
      h('div', { class: 'half' }, panel('Latency over time', null, latency.element)),
      h('div', { class: 'half' }, panel('Distribution', h('span', { class: 'small soft' }, 'share of runs'), spread.element)),
      h('div', { class: 'whole' }, panel('Statement', h('span', { class: 'small soft' }, '$n stands for a literal'), sections.sql)),
      h('div', { class: 'whole' }, panel('Plans', h('span', { class: 'small soft' }, 'marked where they differ; rows as estimated'), plans)),
      h('div', { class: 'whole' }, panel('Evidence', h('span', { class: 'small soft' }, 'every way it was run'), sections.arms)),
      h('div', { class: 'whole' }, panel('Latest decisions', null, sections.decisions)),
      h('div', { class: 'whole' }, panel('Safety events', null, sections.events)),
    );
  }

  void refresher.run();
  void loadPlans();
  return {
    title: 'Template',
    element: h('div', {}, h('p', { class: 'crumb' }, h('a', { href: '/templates' }, 'Templates')), head, body),
    summary(summary: Summary) {
      running = summary.status !== null;
      const key = `${summary.queries} ${JSON.stringify(summary.templates)}`;
      if (key !== last) refresher.poke();
      last = key;
    },
    leave: () => refresher.stop(),
  };
}

function headOf(template: Template, running: boolean, redraw: () => void): Node[] {
  const order = (name: string, title: string, text: string, danger = false) =>
    h(
      'button',
      {
        type: 'button',
        class: danger ? 'danger' : '',
        onclick: () =>
          void change(
            { title, text, action: title, danger },
            'PUT',
            `templates/${template.id}/order`,
            { order: name },
          ).then((changed) => changed && redraw()),
      },
      title,
    );
  const actions = template.ordered
    ? [order('none', 'Take the order back', 'From now on what is learned decides again.')]
    : [
        order('pinned', 'Pin', 'The rule of this template stays as it is, whatever is learned. Safety may still take it back.'),
        order('rolled_back', 'Roll back', 'Its present hint is not used any more. Another one may still be proved.', true),
        order('banned', 'Ban', 'This template gets no hint, ever.', true),
      ];
  return [
    h(
      'div',
      { class: 'spread' },
      h('div', {}, h('h1', {}, template.name, ' ', badge(template.state)), h('p', { class: 'soft small' }, h('span', { class: 'mono' }, template.id), template.class ? ` · ${words(template.class)}` : '', ` · last seen ${moment(template.last)}`)),
      running ? h('div', { class: 'row' }, actions) : null,
    ),
    ...(template.ordered
      ? [h('p', {}, badge(template.ordered.order), ` by ${template.ordered.actor}, ${moment(template.ordered.time)}: ${template.ordered.why}`)]
      : []),
    tiles([
      ['Hinted / default', ratioCell(template.ratio), template.ratio ? 'typical latency, 95 % interval' : 'not compared yet'],
      ['Time saved', template.ratio ? duration(template.saved_ms) : '–', template.ratio ? savedText({ ms: template.saved_ms, half_width_ms: template.saved_half_width_ms, share: null, compared: 0, left_out: 0 }) : ''],
      ['Hint', template.hint ? words(template.hint) : 'none', words(template.reason)],
      ['Statements', count(template.queries), `${percent(template.queries ? template.hinted / template.queries : null)} hinted`],
      ['Share of all time', percent(template.share), duration(template.total_ms)],
      ['Default p50', duration(template.default.p50), `p95 ${duration(template.default.p95)}`],
      ['Hinted p50', duration(template.hinted_latency.p50), `p95 ${duration(template.hinted_latency.p95)}`],
      ['Deadlines passed', count(template.timed_out), `${count(template.failures)} failed`],
    ]),
  ];
}

// Both on one axis: the logarithm of the latency, ten bins a decade.
function distribution({ default: plain, hinted }: { default: Bin[]; hinted: Bin[] }) {
  const place = (bin: Bin) => Math.round(Math.log10(bin.from_ms) * 10);
  const all = [...plain, ...hinted].map(place);
  const low = Math.min(...all) - 1;
  const high = Math.max(...all) + 2;
  const x = all.length ? Array.from({ length: high - low }, (_, i) => (low + i + 0.5) / 10) : [];
  const shares = (bins: Bin[]) => {
    const total = bins.reduce((sum, bin) => sum + bin.count, 0);
    const found = new Map(bins.map((bin) => [place(bin), bin.count]));
    return x.map((_, i) => (total === 0 ? null : (found.get(low + i) ?? 0) / total));
  };
  return {
    x,
    lines: [
      { label: 'default', color: 'default' as const, style: 'dashed' as const, values: shares(plain) },
      { label: 'hinted', color: 'hinted' as const, values: shares(hinted), fill: true },
    ],
  };
}

function armTable(arms: ArmEvidence[]): Node {
  if (arms.length === 0) return empty('It was not run yet.');
  const base = arms.find((arm) => arm.arm === 'default')?.explorer_mean_ms;
  const sorted = [...arms].sort((a, b) => (a.explorer_mean_ms ?? a.mean_ms ?? 1e12) - (b.explorer_mean_ms ?? b.mean_ms ?? 1e12));
  return table<ArmEvidence>(
    'Evidence for each arm',
    [
      { title: 'Arm', text: true, cell: (arm) => words(arm.arm) },
      { title: 'Users’ runs', cell: (arm) => count(arm.users) },
      { title: 'Mean', cell: (arm) => duration(arm.mean_ms) },
      { title: 'Explorer’s runs', cell: (arm) => count(arm.explorer) },
      { title: 'Mean', cell: (arm) => duration(arm.explorer_mean_ms) },
      { title: 'Over the default', cell: (arm) => (base && arm.explorer_mean_ms ? times(arm.explorer_mean_ms / base) : '–') },
      { title: 'Fastest', cell: (arm) => duration(arm.least_ms) },
      { title: 'Stopped', cell: (arm) => count(arm.timed_out) },
      { title: 'Last (UTC)', cell: (arm) => moment(arm.last) },
    ],
    sorted,
  );
}

function decisionTable(decisions: DecisionLine[]): Node {
  if (decisions.length === 0) return empty('No decision yet.');
  return table<DecisionLine>(
    'Latest decisions',
    [
      { title: 'Time (UTC)', text: true, cell: (line) => moment(line.time) },
      { title: 'Ran under', text: true, cell: (line) => words(line.arm) },
      { title: 'Because', text: true, cell: (line) => words(line.reason) },
      { title: 'Policy', cell: (line) => `v${line.policy_version}` },
      { title: 'Latency', cell: (line) => duration(line.latency_ms) },
      { title: 'Deadline', cell: (line) => duration(line.deadline_ms) },
      { title: 'Other run', cell: (line) => (line.lost_ms > 0 ? duration(line.lost_ms) : '–') },
      {
        title: 'Outcome',
        text: true,
        wrap: true,
        cell: (line) => line.error || (line.timed_out ? 'deadline passed, served by the default' : 'done'),
      },
    ],
    decisions,
  );
}
