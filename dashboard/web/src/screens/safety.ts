import { download, get } from '../api';
import { Chart } from '../chart';
import { fill, h } from '../dom';
import { clock, count, moment, words } from '../format';
import { empty, eventTable, failure, notice, panel, table, tiles } from '../parts';
import { keep, query, Refresher, type Screen } from '../screen';
import type { Anchor, AuditLine, Page, SafetyEvent, SafetySeries, Summary } from '../types';

export function safety(): Screen {
  let name = query().get('event') ?? '';
  let events: SafetyEvent[] = [];
  let next: string | null = null;
  const head = h('div', {});
  const list = h('div', {}, h('p', { class: 'loading' }, 'Loading'));
  const audit = h('div', {});
  const anchors = h('div', {});
  let long = false;
  const timeline = new Chart({
    title: 'Safety events over time, with policies and anchors marked',
    value: count,
    xText: (x) => clock(x, long),
    height: 170,
  });
  const chooser = h('select', {
    id: 'event',
    onchange: () => {
      name = chooser.value;
      keep({ event: name });
      void refresher.run();
    },
  });

  const address = (before: string | null) =>
    `events?limit=50${name ? `&name=${encodeURIComponent(name)}` : ''}${before ? `&before=${before}` : ''}`;
  const refresher = new Refresher(async () => {
    try {
      const [page, changes, baselines, series] = await Promise.all([
        get<Page<SafetyEvent>>(address(null)),
        get<Page<AuditLine>>('audit?limit=100'),
        get<Page<Anchor>>('anchors'),
        get<SafetySeries>('safety/series'),
      ]);
      events = page.items;
      next = page.next;
      draw();
      drawSeries(series);
      fill(audit, auditTable(changes.items));
      fill(anchors, anchorTable(baselines.items));
    } catch (error) {
      fill(list, failure(error, () => void refresher.run()));
    }
  });

  function drawSeries({ columns, marks }: SafetySeries): void {
    const x = columns.t;
    long = x.length > 1 && x[x.length - 1] - x[0] > 86400;
    const happened = marks.length > 0 || columns.events.some((count) => count > 0);
    timeline.show({
      x,
      marks,
      lines: !happened ? [] : [
        { label: 'safety events', color: 'default', values: columns.events },
        { label: 'taken back', color: 'third', style: 'dashed', values: columns.taken_back },
      ],
    });
  }

  function draw(): void {
    fill(
      list,
      eventTable(events),
      next
        ? h('p', {}, h('button', { type: 'button', onclick: () => void more() }, 'Show older'))
        : null,
    );
  }

  async function more(): Promise<void> {
    const page = await get<Page<SafetyEvent>>(address(next));
    events = [...events, ...page.items];
    next = page.next;
    draw();
  }

  const exports = (what: string) =>
    h(
      'span',
      { class: 'row' },
      ['csv', 'json'].map((format) =>
        h(
          'button',
          {
            type: 'button',
            onclick: () =>
              void download(`${what}?limit=all&format=${format}`, `hintd-${what}.${format}`).catch(
                (error: Error) => notice(error.message, true),
              ),
          },
          format.toUpperCase(),
        ),
      ),
    );

  let choices: string | null = null;
  function draw_choices(summary: Summary): void {
    const known = Object.keys(summary.safety.by_name);
    if (known.join() === choices) return;
    choices = known.join();
    fill(
      chooser,
      h('option', { value: '' }, 'all events'),
      known.map((each) => h('option', { value: each, selected: each === name }, words(each))),
    );
  }

  const element = h(
    'div',
    {},
    h('h1', {}, 'Safety and audit'),
    h('p', { class: 'soft' }, 'What safety did by itself, and what people changed.'),
    head,
    h(
      'div',
      { class: 'grid' },
      h('div', { class: 'whole' }, panel('Timeline', h('span', { class: 'small soft' }, 'dashed lines: policies and anchors'), timeline.element)),
      h(
        'div',
        { class: 'whole' },
        panel('Events', h('span', { class: 'row' }, h('label', { for: 'event', class: 'hidden' }, 'Event'), chooser, exports('events')), list),
      ),
      h('div', { class: 'whole' }, panel('Audit', exports('audit'), audit)),
      h('div', { class: 'whole' }, panel('Anchors', null, anchors)),
    ),
  );
  void refresher.run();
  let seen = '';
  return {
    title: 'Safety',
    element,
    summary(summary) {
      const { by_name, events: all, taken_back } = summary.safety;
      fill(
        head,
        tiles([
          ['Safety events', count(all)],
          ['Taken back', count(taken_back), 'arms, templates, policies'],
          ['Deadlines passed', count(summary.timed_out)],
          ['Server lost', count(by_name.server_lost ?? 0)],
          ['Banned', count(summary.templates.banned), 'templates'],
          ['Kill switch', summary.status ? (summary.status.hints_on ? 'hints on' : 'hints off') : '–'],
        ]),
      );
      draw_choices(summary);
      const key = `${all} ${JSON.stringify(summary.templates)} ${summary.status?.hints_on} ${summary.status?.mode}`;
      if (seen && key !== seen && events.length <= 50) refresher.poke();
      seen = key;
    },
    leave: () => refresher.stop(),
  };
}

function auditTable(lines: AuditLine[]): Node {
  if (lines.length === 0) return empty('Nobody changed anything.');
  return table<AuditLine>(
    'Audit log',
    [
      { title: 'Time (UTC)', text: true, cell: (line) => moment(line.time) },
      { title: 'Who', text: true, cell: (line) => line.actor },
      { title: 'What', text: true, cell: (line) => words(line.action) },
      { title: 'Of', text: true, cell: (line) => line.subject },
      { title: 'Why', text: true, wrap: true, cell: (line) => line.detail || '–' },
    ],
    lines,
  );
}

function anchorTable(anchors: Anchor[]): Node {
  if (anchors.length === 0)
    return empty('No anchor yet. hintd anchor create NAME pins how fast every template is.');
  return table<Anchor>(
    'Anchors',
    [
      { title: 'Anchor', text: true, cell: (anchor) => anchor.name },
      { title: 'Until (UTC)', text: true, cell: (anchor) => moment(anchor.until) },
      { title: 'Policy', cell: (anchor) => `v${anchor.policy}` },
      { title: 'Templates', cell: (anchor) => count(anchor.templates) },
    ],
    anchors,
  );
}
