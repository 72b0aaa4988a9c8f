import { get } from '../api';
import { fill, h } from '../dom';
import { bytes, count, duration, moment, percent, words } from '../format';
import { empty, failure, meter, panel, table, tiles } from '../parts';
import { Refresher, type Screen } from '../screen';
import type { System } from '../types';

type Gauge = System['gauges'][0];

export function system(): Screen {
  const head = h('div', {});
  const gauges = h('div', {});
  const jobs = h('div', {});
  const log = h('div', {});
  let text = '';
  const refresher = new Refresher(async () => {
    try {
      draw(await get<System>('system'));
    } catch (error) {
      fill(head, failure(error, () => void refresher.run()));
    }
  });

  function draw(answer: System): void {
    const { store } = answer;
    fill(
      head,
      tiles([
        ['PostgreSQL', answer.server_version.replace(/^PostgreSQL /, '').split(' ')[0] || '–'],
        ['Telemetry file', bytes(store.bytes), `${bytes(store.free_bytes)} free within`],
        ['Rows', count(store.rows)],
        ['Events of this run', count(store.events)],
        ['Lost', count(store.dropped), `${count(store.failed_batches)} batches tried again`],
      ]),
    );
    fill(gauges, answer.gauges.length ? gaugeTable(answer.gauges) : empty('No hintd runs here.'));
    fill(jobs, answer.jobs.length ? jobTable(answer.jobs) : empty('No job has run yet.'));
    const lines = answer.log.join('\n');
    if (lines === text) return;
    text = lines;
    const place = h('pre', { class: 'log', tabindex: 0, 'aria-label': 'Log' }, lines);
    fill(log, lines ? place : empty('The log is empty.'));
    place.scrollTop = place.scrollHeight;
  }

  const element = h(
    'div',
    {},
    h('h1', {}, 'System'),
    h('p', { class: 'soft' }, 'What hintd itself takes, and how it fares.'),
    head,
    h(
      'div',
      { class: 'grid' },
      h('div', { class: 'whole' }, panel('Resources and queues', null, gauges)),
      h('div', { class: 'whole' }, panel('Jobs', h('span', { class: 'small soft' }, 'what ran last, what is due, and what failed'), jobs)),
      h('div', { class: 'whole' }, panel('Log', h('span', { class: 'small soft' }, 'the last 200 lines'), log)),
    ),
    h('footer', {}, h('a', { href: '/metrics', download: true }, 'Metrics'), ' · ', h('a', { href: '/api/v1/openapi.json' }, 'API'), ' · ', h('a', { href: '/api/v1/report?format=html' }, 'Report')),
  );
  void refresher.run();
  return { title: 'System', element, summary: () => refresher.poke(), leave: () => refresher.stop() };
}

function valueOf({ name, value }: Gauge): string {
  if (name.endsWith('_bytes')) return bytes(value);
  if (name.endsWith('_ratio')) return percent(value);
  if (name.endsWith('_seconds')) return duration(value * 1000);
  return count(value);
}

function gaugeTable(gauges: Gauge[]): Node {
  return table<Gauge>(
    'Resources and queues',
    [
      { title: 'What', text: true, cell: ({ name }) => words(name.replace(/_(bytes|ratio|seconds)$/, '')) },
      { title: 'Now', cell: valueOf },
      { title: 'At most', cell: (gauge) => (gauge.limit ? valueOf({ ...gauge, value: gauge.limit }) : '–') },
      { title: 'Used', text: true, cell: ({ name, value, limit }) => (limit ? meter(value / limit, words(name)) : '–') },
    ],
    gauges,
  );
}

function jobTable(jobs: System['jobs']): Node {
  return table<System['jobs'][0]>(
    'Jobs',
    [
      { title: 'Job', text: true, cell: ({ name }) => words(name) },
      { title: 'Last (UTC)', text: true, cell: ({ last }) => moment(last) },
      { title: 'Due (UTC)', text: true, cell: ({ next }) => moment(next) },
      { title: 'Detail', text: true, wrap: true, cell: ({ detail }) => detail || '–' },
    ],
    jobs,
  );
}
