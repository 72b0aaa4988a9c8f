import { download, get } from '../api';
import { fill, h } from '../dom';
import { count, duration, moment, words } from '../format';
import { badge, change, empty, notice, panel, table } from '../parts';
import type { Page, TuneRun } from '../types';

const between = 5000;

// Workloads that are tuned beside the traffic.
export function tuning(): { element: HTMLElement; load: () => Promise<void>; leave: () => void } {
  const list = h('div', {});
  let timer: ReturnType<typeof setTimeout> | undefined;
  let left = false;
  const load = async () => {
    clearTimeout(timer);
    const { items } = await get<Page<TuneRun>>('tunes');
    fill(list, items.length > 0 ? runTable(items, redraw) : empty('No workload was handed in yet.'));
    if (!left && items.some(({ state }) => state === 'running')) timer = setTimeout(redraw, between);
  };
  const redraw = () => void load().catch((error: Error) => notice(error.message, true));
  const element = panel(
    'Tuning runs',
    h('span', { class: 'small soft' }, 'hintd tune beside the traffic, one at a time'),
    list,
    form(redraw),
  );
  const leave = () => {
    left = true;
    clearTimeout(timer);
  };
  return { element, load, leave };
}

function form(redraw: () => void): HTMLElement {
  const workload = h('textarea', { id: 'workload', rows: 5, required: true, spellcheck: false, placeholder: 'SELECT ...; SELECT ...;' });
  const minutes = h('input', { id: 'minutes', type: 'number', min: 1, max: 1440, value: '10', required: true });
  return h(
    'details',
    {},
    h('summary', {}, 'Tune a workload'),
    h(
      'form',
      {
        class: 'stack',
        onsubmit: (event: Event) => {
          event.preventDefault();
          const budget = Number(minutes.value) * 60;
          void change(
            {
              title: 'Tune a workload',
              text: 'Its SELECTs are run on the server, read-only and under timeouts, until the time is over. Nothing is hinted by it: what it proves is a report and a policy file.',
              action: 'Tune',
            },
            'POST',
            'tunes',
            { workload: workload.value.trim(), budget_s: budget },
          ).then((changed) => changed && redraw());
        },
      },
      h('label', { for: 'workload' }, 'SELECT statements with ; between them, or the word pg_stat_statements'),
      workload,
      h('label', { for: 'minutes' }, 'Minutes'),
      minutes,
      h('div', { class: 'row' }, h('button', { class: 'primary' }, 'Tune')),
    ),
  );
}

function runTable(runs: TuneRun[], redraw: () => void): HTMLElement {
  const save = (run: TuneRun, what: string) =>
    h(
      'button',
      {
        type: 'button',
        onclick: () =>
          void download(`tunes/${run.id}/${what}`, `hintd-tune-${run.id}-${what}.json`).catch((error: Error) =>
            notice(error.message, true),
          ),
      },
      words(what),
    );
  const stop = (run: TuneRun) =>
    h(
      'button',
      {
        type: 'button',
        class: 'danger',
        onclick: () =>
          void change(
            { title: `Stop tuning run ${run.id}`, text: 'What it confirmed so far is kept.', action: 'Stop', danger: true },
            'POST',
            `tunes/${run.id}/stop`,
            {},
          ).then((changed) => changed && redraw()),
      },
      'Stop',
    );
  return table<TuneRun>(
    'Tuning runs',
    [
      { title: 'Run', text: true, cell: (run) => String(run.id) },
      { title: 'State', text: true, cell: (run) => badge(run.state) },
      { title: 'Begun (UTC)', text: true, cell: (run) => moment(run.started) },
      { title: 'Statements', cell: (run) => (run.statements > 0 ? count(run.statements) : 'from statistics') },
      { title: 'Budget', cell: (run) => duration(run.budget_s * 1000) },
      { title: 'How far', text: true, wrap: true, cell: (run) => run.detail || '–' },
      { title: 'Why', text: true, wrap: true, cell: (run) => run.why },
      {
        title: 'Results',
        text: true,
        cell: (run) => h('div', { class: 'row' }, run.state === 'running' ? stop(run) : [save(run, 'report'), save(run, 'policy')]),
      },
    ],
    runs,
  );
}
