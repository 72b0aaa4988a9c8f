import './style.css';
import { follow, get, type Link } from './api';
import { fill, h, svg } from './dom';
import { percent } from './format';
import { askForToken, change, notice } from './parts';
import type { Screen } from './screen';
import { learning } from './screens/learning';
import { overview } from './screens/overview';
import { safety } from './screens/safety';
import { system } from './screens/system';
import { templateScreen } from './screens/template';
import { templates } from './screens/templates';
import type { SafetyEvent, Summary } from './types';
import { words } from './format';

const places: [path: string, title: string, make: () => Screen][] = [
  ['/', 'Overview', overview],
  ['/templates', 'Templates', templates],
  ['/learning', 'Learning', learning],
  ['/safety', 'Safety', safety],
  ['/system', 'System', system],
];

const main = document.querySelector<HTMLElement>('#main')!;
const top = document.querySelector<HTMLElement>('#top')!;
let screen: Screen | null = null;
let summary: Summary | null = null;
let link: Link = 'polling';

function makeScreen(): Screen {
  const path = location.pathname.replace(/\/+$/, '') || '/';
  const one = /^\/templates\/([0-9a-f]{16})$/.exec(path);
  if (one) return templateScreen(one[1]);
  const place = places.find(([known]) => known === path);
  if (place) return place[2]();
  return {
    title: 'Not found',
    element: h('div', {}, h('h1', {}, 'There is no such page'), h('p', {}, h('a', { href: '/' }, 'To the overview'))),
  };
}

function go(): void {
  screen?.leave?.();
  screen = makeScreen();
  document.title = `${screen.title} – hintd`;
  fill(main, screen.element);
  if (summary) screen.summary?.(summary);
  drawTop();
}

const linkTexts: Record<Link, [text: string, tone: string]> = {
  live: ['live', 'good'],
  polling: ['polling', 'soft'],
  lost: ['no connection', 'bad'],
  locked: ['locked', 'bad'],
};

const themes = ['auto', 'light', 'dark'];

function theme(): string {
  return localStorage.getItem('hintd-theme') ?? 'auto';
}

function setTheme(name: string): void {
  localStorage.setItem('hintd-theme', name);
  if (name === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
  dispatchEvent(new Event('theme'));
  drawTop();
}

async function flipHints(): Promise<void> {
  const on = summary?.status?.hints_on ?? true;
  await change(
    on
      ? {
          title: 'Stop all hints',
          text: 'From the next statement on everything runs under PostgreSQL’s own plans. hintd goes on observing.',
          action: 'Stop all hints',
          danger: true,
        }
      : {
          title: 'Hint again',
          text: 'Statements run under verified hints again, as the mode allows.',
          action: 'Hint again',
        },
    'PUT',
    'hints',
    { on: !on },
  );
}

function killSwitch(): Node | null {
  const status = summary?.status;
  if (!status) return null;
  return h(
    'button',
    { type: 'button', class: status.hints_on ? 'kill' : 'kill off', id: 'kill', onclick: () => void flipHints() },
    status.hints_on ? 'Stop all hints' : 'Hint again',
  );
}

function banner(): Node | null {
  if (link === 'lost')
    return h('div', { class: 'banner bad', role: 'alert' }, summary ? 'hintd does not answer. What stands here is the last that was seen.' : 'hintd does not answer.');
  if (link === 'locked')
    return h(
      'div',
      { class: 'banner', role: 'alert' },
      'This hintd shows its figures only with its token. ',
      h('button', { type: 'button', onclick: () => void askForToken().then(() => location.reload()) }, 'Give the token'),
    );
  if (summary?.status && !summary.status.hints_on)
    return h('div', { class: 'banner bad' }, 'Hints are stopped: every statement runs under PostgreSQL’s own plan.');
  if (summary && summary.history_read < 1)
    return h('div', { class: 'banner' }, `Reading the history: ${percent(summary.history_read)}. The figures grow until it is read.`);
  return null;
}

let drawn = '';

function drawTop(): void {
  const path = location.pathname;
  const now = [path, link, theme(), summary?.status?.hints_on, summary?.status?.mode, summary?.history_read, summary?.run.outcome].join();
  if (now === drawn) return;
  drawn = now;
  const [text, tone] = linkTexts[link];
  const current = (to: string) => (to === '/' ? path === '/' : path.startsWith(to));
  const mode = summary?.status?.mode;
  const next = themes[(themes.indexOf(theme()) + 1) % themes.length];
  fill(
    top,
    h(
      'div',
      { class: 'bar' },
      h(
        'a',
        { class: 'brand', href: '/' },
        svg('svg', { viewBox: '0 0 32 32', 'aria-hidden': 'true' },
          svg('rect', { width: 32, height: 32, rx: 7, fill: '#1f5fbf' }),
          svg('path', { d: 'M7 22 13 14l4 4 8-10', fill: 'none', stroke: '#fff', 'stroke-width': 3, 'stroke-linecap': 'round', 'stroke-linejoin': 'round' })),
        'hintd',
      ),
      h(
        'nav',
        { 'aria-label': 'Screens' },
        places.map(([to, title]) => h('a', { href: to, 'aria-current': current(to) ? 'page' : null }, title)),
      ),
      h(
        'div',
        { class: 'state' },
        mode ? h('span', { class: 'badge', title: 'mode' }, mode) : null,
        h('span', { class: `dot small ${tone}`, id: 'link' }, text),
        h('button', { type: 'button', class: 'quiet small', onclick: () => setTheme(next) }, `Theme: ${theme()}`),
        killSwitch(),
      ),
    ),
    banner(),
  );
}

function take(text: string): void {
  summary = JSON.parse(text) as Summary;
  screen?.summary?.(summary);
  drawTop();
}

// Links within the page need no reload.
document.addEventListener('click', (event) => {
  const anchor = (event.target as Element).closest('a');
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey;
  if (!anchor || !plain || anchor.origin !== location.origin || anchor.hasAttribute('download')) return;
  if (anchor.hash || anchor.pathname.startsWith('/api/')) return;
  event.preventDefault();
  history.pushState(null, '', anchor.href);
  go();
  main.focus({ preventScroll: true });
  scrollTo(0, 0);
});
addEventListener('popstate', go);

setTheme(theme());
go();
void follow({
  on(kind, data) {
    if (kind === 'summary') take(data);
    if (kind === 'reset') void get<Summary>('summary').then((fresh) => take(JSON.stringify(fresh)));
    if (kind === 'event') {
      const event = JSON.parse(data) as SafetyEvent;
      screen?.event?.(event);
      if (event.name !== 'deadline_passed') notice(`${words(event.name)} ${event.template_name}`);
    }
  },
  link(state) {
    link = state;
    drawTop();
  },
  async poll() {
    take(JSON.stringify(await get<Summary>('summary')));
  },
});
