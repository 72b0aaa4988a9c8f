import { get } from '../api';
import { fill, h } from '../dom';
import { count, duration, percent, words } from '../format';
import { badge, empty, failure, notice, panel, ranges, ratioCell, segments, spark, states, table } from '../parts';
import { keep, query, Refresher, type Screen } from '../screen';
import type { TemplateLine, TemplatePage } from '../types';

export function templates(): Screen {
  const given = query();
  let sort = given.get('sort') ?? 'total_ms';
  let ascending = given.get('order') === 'asc';
  let words_ = given.get('q') ?? '';
  let state = given.get('state') ?? '';
  let range = given.get('range') ?? 'all';
  let items: TemplateLine[] = [];
  let next: string | null = null;
  let total = 0;
  let pages = 1;
  const list = h('div', {}, h('p', { class: 'loading' }, 'Loading'));
  const counter = h('span', { class: 'soft small', role: 'status' });

  const address = (after: string | null, limit: number) => {
    const search = new URLSearchParams({ sort, order: ascending ? 'asc' : 'desc', limit: String(limit) });
    if (words_) search.set('q', words_);
    if (state) search.set('state', state);
    if (range !== 'all') search.set('range', range);
    if (after) search.set('after', after);
    return `templates?${search}`;
  };

  const pageSize = 50;
  let asked = 0;
  const refresher = new Refresher(async () => {
    asked += 1;
    const mine = asked;
    try {
      const page = await get<TemplatePage>(address(null, Math.min(500, pageSize * pages)));
      if (mine !== asked) return;
      items = page.items;
      next = page.next;
      total = page.count;
      draw();
    } catch (error) {
      fill(list, failure(error, () => void refresher.run()));
    }
  }, 3000);

  async function more(): Promise<void> {
    try {
      const page = await get<TemplatePage>(address(next, pageSize));
      pages += 1;
      items = [...items, ...page.items];
      next = page.next;
      draw();
    } catch (error) {
      notice(error instanceof Error ? error.message : String(error), true);
    }
  }

  function changed(): void {
    pages = 1;
    keep({ sort: sort === 'total_ms' ? '' : sort, order: ascending ? 'asc' : '', q: words_, state, range: range === 'all' ? '' : range });
    void refresher.run();
  }

  function draw(): void {
    counter.textContent = `${count(items.length)} of ${count(total)}`;
    if (items.length === 0) {
      fill(list, empty(words_ || state || range !== 'all' ? 'No template fits. Loosen the filter.' : 'No statement was seen yet. Send some traffic through hintd.'));
      return;
    }
    fill(
      list,
      table('Templates', columns, items, {
        by: sort,
        ascending,
        change: (by) => {
          ascending = by === sort ? !ascending : by === 'name' || by === 'ratio';
          sort = by;
          changed();
        },
      }),
      next ? h('p', { class: 'row' }, h('button', { type: 'button', onclick: () => void more() }, `Show ${pageSize} more`)) : null,
    );
  }

  let typing: ReturnType<typeof setTimeout>;
  const search = h('input', {
    type: 'search',
    id: 'search',
    placeholder: 'name, table, text',
    value: words_,
    oninput: () => {
      clearTimeout(typing);
      typing = setTimeout(() => {
        words_ = search.value.trim();
        changed();
      }, 200);
    },
  });
  const chooser = h(
    'select',
    {
      id: 'state',
      onchange: () => {
        state = chooser.value;
        changed();
      },
    },
    h('option', { value: '' }, 'all states'),
    states.map((each) => h('option', { value: each, selected: each === state }, words(each))),
  );
  const chosenRange = segments('Time range', ranges, range, (value) => {
    range = value;
    changed();
  });
  const element = h(
    'div',
    {},
    h('h1', {}, 'Templates'),
    h('p', { class: 'soft' }, 'Statements that differ in their literals alone, with what hintd does for each. Statements, their time, share and saved time are of the range; latencies and ratios of the whole run.'),
    panel(
      'All templates',
      h('div', { class: 'row' }, chosenRange, h('label', { for: 'search', class: 'hidden' }, 'Search'), search, h('label', { for: 'state', class: 'hidden' }, 'State'), chooser, counter),
      list,
    ),
  );
  void refresher.run();
  return { title: 'Templates', element, summary: () => refresher.poke(), leave: () => refresher.stop() };
}

const columns = [
  {
    title: 'Template',
    text: true,
    sort: 'name',
    cell: (line: TemplateLine) =>
      h(
        'div',
        { class: 'name-cell' },
        h('a', { href: `/templates/${line.id}` }, line.name),
        h('span', { class: 'mono', title: line.title }, line.title),
      ),
  },
  { title: 'State', text: true, cell: (line: TemplateLine) => badge(line.state) },
  { title: 'Hint', text: true, cell: (line: TemplateLine) => (line.hint ? words(line.hint) : '–') },
  { title: 'Hinted / default', sort: 'ratio', cell: (line: TemplateLine) => ratioCell(line.ratio) },
  { title: 'Saved', sort: 'saved_ms', cell: (line: TemplateLine) => (line.ratio ? duration(line.saved_ms) : '–') },
  {
    title: 'Total time',
    sort: 'total_ms',
    cell: (line: TemplateLine) => withShare(duration(line.total_ms), line.share),
  },
  {
    title: 'Statements, hinted',
    sort: 'queries',
    cell: (line: TemplateLine) =>
      withShare(count(line.queries), line.queries ? line.hinted / line.queries : null),
  },
  { title: 'Default p50', cell: (line: TemplateLine) => duration(line.default.p50) },
  { title: 'Hinted p50', cell: (line: TemplateLine) => duration(line.hinted_latency.p50) },
  { title: 'p95', sort: 'p95_ms', cell: (line: TemplateLine) => duration(line.hinted_latency.p95 ?? line.default.p95) },
  { title: 'Over time', cell: (line: TemplateLine) => spark(line.spark) },
];

function withShare(text: string, share: number | null): Node {
  return h('span', {}, text, h('span', { class: 'soft share' }, percent(share)));
}
