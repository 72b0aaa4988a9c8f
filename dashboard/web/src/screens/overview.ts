import { get } from '../api';
import { Chart } from '../chart';
import { fill, h } from '../dom';
import { clock, count, duration, moment, percent, times, words } from '../format';
import { change, empty, eventTable, failure, meter, panel, savedText, ranges, segments, tiles } from '../parts';
import { keep, query, Refresher, type Screen } from '../screen';
import type { Mode, Phase, Series, Summary, Traffic } from '../types';

export function overview(): Screen {
  let range = query().get('range') ?? 'all';
  const answer = h('div', {});
  const figures = h('div', {});
  const phases = h('div', {});
  const events = h('div', {});
  const problem = h('div', {});
  const ranged = h('div', {});
  const day = 86400;
  let long = false;
  const xText = (x: number) => clock(x, long);

  const latency = new Chart({
    title: 'Latency as users felt it over time: median and 95th percentile, under the default and under hints',
    value: duration,
    xText,
    log: true,
  });
  const saved = new Chart({
    title: 'Time saved so far, summed up over time',
    value: duration,
    xText,
  });
  const traffic = new Chart({
    title: 'Statements over time, and those of them under a hint',
    value: count,
    xText,
  });

  const refresher = new Refresher(async () => {
    try {
      const [series, traffic] = await Promise.all([
        get<Series>(`series?range=${range}`),
        get<Traffic>(`traffic?range=${range}`),
      ]);
      fill(problem);
      draw(series);
      fill(ranged, rangedOf(traffic));
    } catch (error) {
      fill(problem, failure(error, () => void refresher.run()));
    }
  });

  function draw({ columns, marks }: Series): void {
    const x = columns.t;
    long = x.length > 1 && x[x.length - 1] - x[0] > day;
    latency.show({
      x,
      marks,
      lines: [
        { label: 'default, median', color: 'default', values: columns.default_p50 },
        { label: 'default, p95', color: 'default', style: 'dashed', values: columns.default_p95 },
        { label: 'hinted, median', color: 'hinted', values: columns.hinted_p50 },
        { label: 'hinted, p95', color: 'hinted', style: 'dashed', values: columns.hinted_p95 },
      ],
    });
    saved.show({
      x,
      marks,
      lines: [{ label: 'time saved', color: 'third', values: columns.saved_sum_ms, fill: true }],
    });
    traffic.show({
      x,
      marks,
      lines: [
        { label: 'statements', color: 'default', values: columns.queries },
        { label: 'under a hint', color: 'hinted', style: 'dashed', values: columns.hinted },
      ],
    });
  }

  const element = h(
    'div',
    {},
    h('h1', {}, 'Is it helping?'),
    answer,
    figures,
    phases,
    problem,
    h(
      'div',
      { class: 'grid' },
      h(
        'div',
        { class: 'whole' },
        panel(
          'Latency',
          segments('Time range', ranges, range, (value) => {
            range = value;
            keep({ range: value === 'all' ? '' : value });
            void refresher.run();
          }),
          ranged,
          latency.element,
        ),
      ),
      h('div', { class: 'half' }, panel('Time saved', null, saved.element)),
      h('div', { class: 'half' }, panel('Statements', null, traffic.element)),
      h('div', { class: 'whole' }, panel('Latest safety events', h('a', { href: '/safety' }, 'All events'), events)),
    ),
  );
  void refresher.run();
  let seen = '';
  return {
    title: 'Overview',
    element,
    summary(summary) {
      fill(answer, answerOf(summary));
      fill(figures, figuresOf(summary));
      const key = JSON.stringify(summary.phases);
      fill(phases, summary.run.command === 'demo' ? phasesOf(summary) : null);
      fill(events, summary.safety.last.length ? eventTable(summary.safety.last) : empty('No safety event so far.'));
      if (key !== seen) refresher.poke();
      seen = key;
    },
    leave: () => refresher.stop(),
  };
}

function verdict(summary: Summary): [text: string, tone: string] {
  const { ms, half_width_ms, compared } = summary.saved.all;
  if (summary.queries === 0) return ['No statement was seen yet', 'soft'];
  if (compared === 0)
    return summary.hinted === 0
      ? ['Nothing is hinted yet', 'soft']
      : ['Too early to say', 'soft'];
  if (ms - half_width_ms > 0) return ['Yes', 'good'];
  if (ms + half_width_ms < 0) return ['No, hints cost time', 'bad'];
  return ['Not shown yet', 'soft'];
}

function answerOf(summary: Summary): Node[] {
  const { all, day } = summary.saved;
  const [text, tone] = verdict(summary);
  const figure = (label: string, value: string, note: string) =>
    h('div', {}, h('div', { class: 'label' }, label), h('div', { class: 'figure' }, value), h('div', { class: 'small soft' }, note));
  const known = all.compared > 0;
  return [
    h(
      'div',
      { class: 'panel answer' },
      h('div', {}, h('div', { class: 'label' }, 'Is it helping?'), h('div', { class: `figure ${tone}` }, text)),
      figure('Time saved', known ? duration(all.ms) : '–', known ? `${savedText(all)}, ${percent(all.share)} of the default’s` : 'hinted runs against default runs of the same statements'),
      figure('Last 24 hours', day.compared > 0 ? duration(day.ms) : '–', day.compared > 0 ? `${savedText(day)}, ${count(day.compared)} runs compared` : `${count(summary.queries_day)} statements`),
      summary.status ? modeSwitch(summary.status.mode) : h('div', {}, h('div', { class: 'label' }, 'Looked at only'), h('div', {}, 'no hintd runs here')),
    ),
    h(
      'p',
      { class: 'small soft' },
      `${summary.run.command} since ${moment(summary.run.started)} UTC, newest statement ${moment(summary.run.now)}`,
      summary.run.outcome ? `; ${summary.run.outcome}` : '',
      all.left_out > 0 ? `. ${count(all.left_out)} hinted runs had no default run of the same statement before them and are not counted as saved or lost.` : '.',
    ),
  ];
}

const modeNotes: Record<Mode, string> = {
  observe: 'Statements are watched; nothing is tried and nothing is changed.',
  advise: 'Faster plans are looked for off the users’ path; nothing is changed.',
  steer: 'Verified hints are applied.',
};

function modeSwitch(mode: Mode): HTMLElement {
  const modes: Mode[] = ['observe', 'advise', 'steer'];
  const group = segments(
    'Mode',
    modes.map((each) => [each, each]),
    mode,
    (chosen) =>
      void change(
        { title: `Mode ${chosen}`, text: modeNotes[chosen as Mode], action: `Change to ${chosen}` },
        'PUT',
        'mode',
        { mode: chosen },
      ).then((changed) => {
        if (!changed) group.replaceWith(modeSwitch(mode));
      }),
  );
  return h('div', {}, h('div', { class: 'label' }, 'Mode'), group, h('div', { class: 'small soft' }, modeNotes[mode]));
}

function figuresOf(summary: Summary): Node {
  const { default: plain, hinted } = summary.latency_ms;
  const { status, templates, safety, explorer, telemetry } = summary;
  const bound = !status
    ? ''
    : status.explorer_budget_s > 0
      ? `; at most ${duration(status.explorer_budget_s * 1000)}`
      : `; at most ${percent(status.explorer_share)} of the time`;
  return tiles([
    ['Statements', count(summary.queries), `${count(summary.failures)} failed`],
    ['Under a hint', percent(summary.queries ? summary.hinted / summary.queries : null), `${count(summary.hinted)} statements`],
    ['Default p50', duration(plain.p50), `p95 ${duration(plain.p95)}, p99 ${duration(plain.p99)}`],
    ['Hinted p50', duration(hinted.p50), `p95 ${duration(hinted.p95)}, p99 ${duration(hinted.p99)}`],
    ['Templates verified', count(templates.verified + templates.pinned), `of ${count(templates.count)} seen, ${count(templates.exploring)} exploring`],
    ['Policy', status ? `v${status.policy_version}` : '–', status ? `${count(status.policy_steered)} of ${count(status.policy_templates)} templates hinted` : ''],
    ['Taken back', count(safety.taken_back), `${status ? `${count(status.open_breakers)} breakers open, ` : ''}${count(summary.timed_out)} deadlines passed`],
    ['Exploring', duration(explorer.seconds * 1000), `${count(explorer.runs)} runs${bound}`],
    ['Telemetry lost', count(telemetry.dropped), `of ${count(telemetry.events)} events`],
  ]);
}

function rangedOf({ from, to, queries, hinted, latency_ms, saved }: Traffic): Node | null {
  if (queries === 0) return null;
  const felt = (name: 'default' | 'hinted') => {
    const found = latency_ms[name];
    return found ? `p50 ${duration(found.p50)}, p95 ${duration(found.p95)}, p99 ${duration(found.p99)}` : '–';
  };
  const gain = saved.compared > 0 ? `; saved ${savedText(saved)}` : '';
  return h(
    'p',
    { class: 'small soft' },
    `${moment(from)} to ${moment(to)} UTC: ${count(queries - hinted)} statements by default (${felt('default')}), ${count(hinted)} hinted (${felt('hinted')})${gain}. `,
    h('a', { href: `/api/v1/report?format=html${query().get('range') ? `&range=${query().get('range')}` : ''}` }, 'Report of this range'),
  );
}

function phasesOf(summary: Summary): Node {
  const { run } = summary;
  const span = run.duration_days * 86_400_000;
  const begun = run.started && run.now ? Date.parse(run.now) - Date.parse(run.started) : 0;
  const share = run.outcome ? 1 : span > 0 ? Math.min(1, begun / span) : 0;
  const first = summary.phases[0]?.latency_ms?.p95;
  const line = (phase: Phase) => {
    const p95 = phase.latency_ms?.p95;
    const gain = first && p95 && phase.name !== 'baseline' ? `, p95 ${times(p95 / first)} the baseline’s` : '';
    return h(
      'li',
      { class: phase.state, 'aria-current': phase.state === 'active' ? 'step' : null },
      h('h3', {}, words(phase.name), h('span', { class: 'soft small' }, ` ${phase.state}`)),
      phase.state === 'ahead'
        ? null
        : h('div', { class: 'small soft' }, `${count(phase.queries)} statements, p50 ${duration(phase.latency_ms?.p50)}, p95 ${duration(p95)}${gain}`),
    );
  };
  return panel(
    'The demo',
    h('span', { class: 'small soft' }, `day ${(begun / 86_400_000).toFixed(1)} of ${run.duration_days}`),
    meter(share, 'simulated time'),
    h('br'),
    h('ol', { class: 'phases' }, summary.phases.map(line)),
  );
}
