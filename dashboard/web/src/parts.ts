// What several screens are made of.
import { ApiProblem, keepToken, send } from './api';
import { fill, h, svg } from './dom';
import { duration, times, words } from './format';
import type { Ratio, Saved, SafetyEvent, TemplateState } from './types';
import { moment } from './format';

export function panel(title: string, side: Node | string | null, ...content: Node[]): HTMLElement {
  const heading = h('h2', {}, title);
  return h('section', { class: 'panel' }, h('div', { class: 'spread' }, heading, side), ...content);
}

export function tiles(entries: [label: string, value: Node | string, note?: string][]): HTMLElement {
  return h(
    'dl',
    { class: 'tiles' },
    entries.map(([label, value, note]) =>
      h(
        'div',
        { class: 'tile' },
        h('dt', {}, label),
        h('dd', {}, value, note ? h('div', { class: 'note' }, note) : null),
      ),
    ),
  );
}

const badges: Record<string, string> = {
  verified: 'good',
  pinned: 'good',
  approved: 'good',
  preferred: 'good',
  completed: 'good',
  banned: 'bad',
  rejected: 'bad',
  failed: 'bad',
  rolled_back: 'warn',
  exploring: 'warn',
  running: 'warn',
  interrupted: 'warn',
};

export function badge(state: string): HTMLElement {
  return h('span', { class: `badge ${badges[state] ?? ''}` }, words(state));
}

export const ranges: [value: string, text: string][] = [
  ['1h', '1 h'],
  ['24h', '24 h'],
  ['7d', '7 days'],
  ['30d', '30 days'],
  ['all', 'All'],
];

export const states: TemplateState[] = [
  'observed',
  'exploring',
  'verified',
  'pinned',
  'banned',
  'rolled_back',
];

export function savedText(saved: Saved): string {
  return `${duration(saved.ms)} ± ${duration(saved.half_width_ms)}`;
}

export function ratioCell(ratio: Ratio | null): Node {
  if (!ratio) return h('span', { class: 'soft' }, '–');
  const tone = ratio.high < 1 ? 'good' : ratio.low > 1 ? 'bad' : '';
  const word = ratio.high < 1 ? 'faster' : ratio.low > 1 ? 'slower' : 'no difference shown';
  return h(
    'span',
    { class: tone, title: `95 %: ${times(ratio.low)} to ${times(ratio.high)}, ${word}` },
    times(ratio.value),
    h('span', { class: 'soft small' }, ` ${ratio.low.toFixed(2)}–${ratio.high.toFixed(2)}`),
  );
}

// A line without axes; the figures beside it say the rest.
export function spark(values: (number | null)[]): Node {
  const known = values.filter((value): value is number => value !== null && value > 0);
  if (known.length < 2) return h('span', { class: 'soft' }, '–');
  const logs = values.map((value) => (value === null || value <= 0 ? null : Math.log(value)));
  const low = Math.log(Math.min(...known));
  const span = Math.log(Math.max(...known)) - low || 1;
  const points = logs
    .map((log, i) =>
      log === null
        ? ''
        : `${((i / Math.max(values.length - 1, 1)) * 100).toFixed(1)},${(22 - ((log - low) / span) * 18).toFixed(1)}`,
    )
    .join(' ');
  return svg(
    'svg',
    { class: 'spark', viewBox: '0 0 100 24', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    svg('polyline', { points }),
  );
}

export interface Column<Item> {
  title: string;
  text?: boolean;
  wrap?: boolean;
  sort?: string;
  cell: (item: Item) => Node | string;
}

export function table<Item>(
  caption: string,
  columns: Column<Item>[],
  items: Item[],
  sorting?: { by: string; ascending: boolean; change: (by: string) => void },
): HTMLElement {
  const heading = (column: Column<Item>) => {
    const sorted = sorting && column.sort === sorting.by;
    return h(
      'th',
      {
        scope: 'col',
        class: column.text ? 'text' : '',
        'aria-sort': sorted ? (sorting.ascending ? 'ascending' : 'descending') : null,
      },
      sorting && column.sort
        ? h(
            'button',
            { type: 'button', onclick: () => sorting.change(column.sort!) },
            column.title,
            sorted ? (sorting.ascending ? ' ↑' : ' ↓') : '',
          )
        : column.title,
    );
  };
  return h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
    h(
      'table',
      {},
      h('caption', { class: 'hidden' }, caption),
      h('thead', {}, h('tr', {}, columns.map(heading))),
      h(
        'tbody',
        {},
        items.map((item) =>
          h(
            'tr',
            {},
            columns.map((column, i) =>
              i === 0
                ? h('th', { scope: 'row', class: `text ${column.wrap ? 'wrap' : ''}` }, column.cell(item))
                : h(
                    'td',
                    { class: `${column.text ? 'text' : ''} ${column.wrap ? 'wrap' : ''}` },
                    column.cell(item),
                  ),
            ),
          ),
        ),
      ),
    ),
  );
}

export function empty(text: string): HTMLElement {
  return h('p', { class: 'empty' }, text);
}

export function failure(error: unknown, again: () => void): HTMLElement {
  return h(
    'div',
    { class: 'failure', role: 'alert' },
    h('p', {}, error instanceof Error ? error.message : String(error)),
    h('button', { type: 'button', onclick: again }, 'Try again'),
  );
}

export function eventTable(events: SafetyEvent[]): HTMLElement {
  if (events.length === 0) return empty('Nothing happened.');
  return table<SafetyEvent>(
    'Safety events',
    [
      { title: 'Time (UTC)', text: true, cell: (event) => moment(event.time) },
      { title: 'Event', text: true, cell: (event) => words(event.name) },
      {
        title: 'Template',
        text: true,
        cell: (event) =>
          event.template
            ? h('a', { href: `/templates/${event.template}` }, event.template_name || event.template)
            : '–',
      },
      { title: 'Detail', text: true, wrap: true, cell: (event) => event.detail },
    ],
    events,
  );
}

const noticeTime = 6000;

export function notice(text: string, bad = false): void {
  const element = h('div', { class: `notice ${bad ? 'bad' : ''}` }, text);
  document.querySelector('#notices')?.append(element);
  setTimeout(() => element.remove(), noticeTime);
}

interface Question {
  title: string;
  text: string;
  action: string;
  danger?: boolean;
}

// Asks for the reason, for the audit log; null when the user thinks better of it.
function ask(question: Question, label: string, kind: 'text' | 'password'): Promise<string | null> {
  return new Promise((resolve) => {
    const input = h('input', { name: 'answer', type: kind, required: true, maxlength: 500, autocomplete: 'off' });
    const dialog = h(
      'dialog',
      { 'aria-labelledby': 'question' },
      h(
        'form',
        { method: 'dialog' },
        h('h2', { id: 'question' }, question.title),
        h('p', {}, question.text),
        h('label', {}, label, input),
        h(
          'div',
          { class: 'row' },
          h('button', { class: question.danger ? 'kill' : 'primary', value: 'yes' }, question.action),
          h('button', { type: 'button', onclick: () => dialog.close('') }, 'Cancel'),
        ),
      ),
    );
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes' ? input.value : null);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

export async function askForToken(): Promise<boolean> {
  const given = await ask(
    {
      title: 'Token',
      text: 'Changes need the token of this hintd. It stands in the token file that hintd named when it started.',
      action: 'Use it',
    },
    'Token',
    'password',
  );
  if (given) keepToken(given);
  return given !== null;
}

// One change, with its reason; asks for the token where the server wants it.
export async function change(
  question: Question,
  method: string,
  path: string,
  body: Record<string, unknown>,
): Promise<boolean> {
  const why = await ask(question, 'Why (for the audit log)', 'text');
  if (why === null) return false;
  for (;;) {
    try {
      await send(method, path, { ...body, why });
      notice(`${question.title}: done`);
      return true;
    } catch (error) {
      const locked = error instanceof ApiProblem && error.status === 401;
      if (locked && (await askForToken())) continue;
      if (!locked) notice(error instanceof Error ? error.message : String(error), true);
      return false;
    }
  }
}

export function segments(
  label: string,
  choices: [value: string, text: string][],
  chosen: string,
  choose: (value: string) => void,
): HTMLElement {
  const group = h('div', { class: 'segments', role: 'group', 'aria-label': label });
  const draw = (now: string) =>
    fill(
      group,
      choices.map(([value, text]) =>
        h(
          'button',
          {
            type: 'button',
            'aria-pressed': String(value === now),
            onclick: () => {
              draw(value);
              choose(value);
            },
          },
          text,
        ),
      ),
    );
  draw(chosen);
  return group;
}

export function meter(share: number, label: string): HTMLElement {
  const filled = h('span');
  filled.style.width = `${Math.min(100, Math.max(0, share * 100))}%`;
  return h(
    'div',
    {
      class: 'meter',
      role: 'progressbar',
      'aria-label': label,
      'aria-valuemin': 0,
      'aria-valuemax': 100,
      'aria-valuenow': Math.round(share * 100),
    },
    filled,
  );
}
