// usage: node dashboard_test.mjs HINTD SCREENSHOTS
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { Hintd, scratchFolder, tokenIn } from './live_hintd.mjs';

const [program, shots] = process.argv.slice(2);
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const patience = 180_000; // for what a busy machine may take; nothing is judged by its speed

const screens = {
  overview: '/',
  templates: '/templates',
  learning: '/learning',
  safety: '/safety',
  system: '/system',
};

const scratch = scratchFolder();
const out = join(scratch.folder, 'demo');
const demo = new Hintd(
  program,
  ['demo', '--fast-mode', '--seed', '2', '--scale', '0.05', '--duration', '20', '--queries', '30',
    '--workload', 'analytical', '--data-dir', join(scratch.folder, 'data'), '--out', out, '--http', '127.0.0.1:0'],
  { HINTD_SIMULATION_BASELINE_SHARE: '0.01', HINTD_SIMULATION_LEARNING_SHARE: '0.9', HINTD_SIMULATION_EXPLORE_BUDGET_S: '1200', HINTD_SAFETY_MAX_STATEMENT_MS: '1000' },
);
let second = null;
let browser = null;
const tests = [];
const test = (name, run) => tests.push([name, run]);

const problems = [];
async function newPage(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    // A browser reports every refused request, and some are part of the tests.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      problems.push(message.text());
  });
  return page;
}

const picture = (page, name) => page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });

// Playwright's waitForFunction needs eval, which the page's policy forbids.
async function until(page, condition) {
  for (const end = Date.now() + patience; Date.now() < end; await page.waitForTimeout(50))
    if (await page.evaluate(condition)) return;
  throw new Error(`never came true: ${condition}`);
}

async function settle(page) {
  await until(page, () => document.querySelector('#link')?.textContent === 'live');
  await until(page, () => !document.querySelector('main .loading'));
}

// Contrast, names, roles: WCAG 2.1 A and AA.
async function accessible(page, what) {
  // The page's policy forbids scripts of others, so it is evaluated from outside.
  await page.evaluate((await import('node:fs')).readFileSync(axe, 'utf8'));
  const { violations } = await page.evaluate(() =>
    window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }),
  );
  assert.deepEqual(
    violations.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 160)}`),
    [],
    what,
  );
}

async function answerDialog(page, text, button) {
  await page.waitForSelector('dialog[open] input');
  await page.fill('dialog[open] input', text);
  await page.click(`dialog[open] button:has-text("${button}")`);
}

async function summary(base) {
  return (await fetch(`${base}/api/v1/summary`)).json();
}

test('every screen shows figures, and a screen reader finds its way', async (base) => {
  const page = await newPage();
  for (const [name, path] of Object.entries(screens)) {
    await page.goto(base + path);
    await settle(page);
    await page.waitForSelector('main .tile, main tbody tr');
    assert.equal(await page.locator('h1').count(), 1, name);
    assert.equal(await page.locator('nav [aria-current=page]').count(), 1, name);
    await accessible(page, name);
    await picture(page, name);
  }
  await page.context().close();
});

test('dark mode, on every screen', async (base) => {
  const page = await newPage({ colorScheme: 'dark' });
  for (const [name, path] of Object.entries(screens)) {
    await page.goto(base + path);
    await settle(page);
    await accessible(page, `${name}, dark`);
    await picture(page, `${name}-dark`);
  }
  await page.goto(base);
  await settle(page);
  await page.click('button:has-text("Theme: auto")');
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'light');
  await page.context().close();
});

test('a phone needs no sideways scrolling', async (base) => {
  const page = await newPage({ viewport: { width: 390, height: 844 }, hasTouch: true });
  for (const [name, path] of Object.entries(screens)) {
    await page.goto(base + path);
    await settle(page);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `${name} is ${wide} px too wide`);
    await picture(page, `${name}-phone`);
  }
  await page.context().close();
});

test('the list of templates is searched and sorted, and the address keeps it', async (base) => {
  const page = await newPage();
  await page.goto(`${base}/templates`);
  await settle(page);
  await page.click('th button:has-text("Template")');
  await page.waitForSelector('th[aria-sort=ascending]');
  const names = await page.locator('tbody th a').allTextContents();
  assert.deepEqual(names, [...names].sort(), 'sorted by name');
  await page.fill('#search', names[0]);
  await until(page, () => document.querySelectorAll('tbody tr').length === 1);
  assert.match(page.url(), /sort=name/);
  await page.reload();
  await settle(page);
  await until(page, () => document.querySelectorAll('tbody tr').length === 1);
  assert.equal(await page.inputValue('#search'), names[0]);
  await page.fill('#search', 'no such thing');
  await page.waitForSelector('text=No template fits');
  await page.context().close();
});

test('a chart is a table too', async (base) => {
  const page = await newPage();
  await page.goto(`${base}/learning`);
  await settle(page);
  await page.click('summary >> nth=0');
  await page.waitForSelector('details[open] tbody tr');
  await accessible(page, 'a chart as a table');
  await page.context().close();
});

test('the keyboard reaches everything', async (base) => {
  const page = await newPage();
  await page.goto(base);
  await settle(page);
  const reached = [];
  for (let i = 0; i < 12; i += 1) {
    await page.keyboard.press('Tab');
    reached.push(await page.evaluate(() => document.activeElement.textContent.trim()));
  }
  for (const name of ['Skip to the figures', 'Templates', 'System', 'Stop all hints'])
    assert.ok(reached.includes(name), `${name} not among ${reached}`);
  await page.context().close();
});

test('hints are stopped and given again, with token and reason', async (base) => {
  const page = await newPage();
  await page.goto(base);
  await settle(page);
  await page.click('#kill');
  await answerDialog(page, 'the browser test', 'Stop all hints');
  await answerDialog(page, 'a wrong token, which is refused', 'Use it');
  await answerDialog(page, tokenIn(join(out, 'dashboard.token')), 'Use it');
  await page.waitForSelector('text=Hints are stopped');
  assert.equal((await summary(base)).status.hints_on, false);
  await picture(page, 'hints-stopped');
  await page.click('#kill');
  await answerDialog(page, 'enough', 'Hint again');
  await until(page, () => document.querySelector('#kill').textContent === 'Stop all hints');
  assert.equal((await summary(base)).status.hints_on, true);
  await page.goto(`${base}/safety`);
  await page.waitForSelector('td:has-text("the browser test")');
  await page.context().close();
});

test('a change elsewhere is on the page without a reload', async (base) => {
  const page = await newPage();
  await page.goto(base);
  await settle(page);
  const headers = {
    Authorization: `Bearer ${tokenIn(join(out, 'dashboard.token'))}`,
    'Content-Type': 'application/json',
  };
  const change = (on) =>
    fetch(`${base}/api/v1/hints`, { method: 'PUT', headers, body: JSON.stringify({ on, why: 'elsewhere' }) });
  const begun = Date.now();
  assert.equal((await change(false)).status, 200);
  await page.waitForSelector('text=Hints are stopped');
  console.log(`      seen after ${Date.now() - begun} ms`);
  await change(true);
  await page.context().close();
});

test('where no stream is to be had the page polls', async (base) => {
  const page = await newPage();
  await page.route('**/api/v1/stream', (route) => route.abort());
  await page.goto(base);
  await until(page, () => document.querySelector('#link')?.textContent === 'polling');
  await page.waitForSelector('main .tile');
  await page.context().close();
});

test('a workload is handed in, tuned beside the traffic and stopped', async (base) => {
  const page = await newPage();
  await page.goto(`${base}/learning`);
  await page.evaluate((token) => sessionStorage.setItem('hintd-token', token), tokenIn(join(out, 'dashboard.token')));
  await settle(page);
  await page.click('summary:has-text("Tune a workload")');
  const endless = (i) => `SELECT count(*) FROM orders a, orders b, orders c WHERE (a.order_id + b.order_id + c.order_id) % 7 = ${i}`;
  await page.fill('#workload', Array.from({ length: 60 }, (_, i) => endless(i)).join(';\n'));
  await page.fill('#minutes', '30');
  await accessible(page, 'handing in a workload');
  await page.click('form.stack button:has-text("Tune")');
  await answerDialog(page, 'the browser test', 'Tune');
  await page.waitForSelector('td .badge:has-text("running")');
  await picture(page, 'tuning');
  await page.click('td button:has-text("Stop")');
  await answerDialog(page, 'enough', 'Stop');
  await page.waitForSelector('td .badge:not(:has-text("running"))');
  const [run] = (await (await fetch(`${base}/api/v1/tunes`)).json()).items;
  assert.equal(run.state, 'interrupted', run.detail);
  await page.context().close();
});

test('a template is pinned, rolled back and banned', async (base) => {
  const page = await newPage();
  let found = [];
  while (found.length === 0) {
    found = (await (await fetch(`${base}/api/v1/templates?state=verified&sort=total_ms`)).json()).items;
    await page.waitForTimeout(250);
  }
  const id = found[0].id;
  await page.goto(`${base}/templates/${id}`);
  await page.evaluate((token) => sessionStorage.setItem('hintd-token', token), tokenIn(join(out, 'dashboard.token')));
  await page.waitForSelector('.plan');
  await accessible(page, 'template');
  await picture(page, 'template');
  for (const [button, state] of [['Pin', 'pinned'], ['Roll back', 'rolled back'], ['Ban', 'banned']]) {
    await page.click(`button:text-is("${button}")`);
    await answerDialog(page, `to try ${button}`, button);
    await page.waitForSelector(`h1 .badge:has-text("${state}")`);
    await page.waitForSelector(`text=to try ${button}`);
    if (state === 'banned') break;
    await page.click('button:text-is("Take the order back")');
    await answerDialog(page, 'done', 'Take the order back');
    await page.waitForSelector('button:text-is("Pin")');
  }
  await picture(page, 'template-banned');
  const shown = await (await fetch(`${base}/api/v1/templates/${id}`)).json();
  assert.equal(shown.state, 'banned');
  await page.setViewportSize({ width: 390, height: 844 });
  await picture(page, 'template-phone');
  await page.context().close();
});

test('a page that is not there says so', async (base) => {
  const page = await newPage();
  await page.goto(`${base}/nothing`);
  await page.waitForSelector('text=There is no such page');
  await page.context().close();
});

// The last: it ends the demo.
test('the page outlives a restart', async (base) => {
  const page = await newPage();
  await page.goto(base);
  await settle(page);
  await demo.stop();
  await page.waitForSelector('text=hintd does not answer');
  await picture(page, 'no-connection');
  const port = new URL(base).port;
  second = new Hintd(program, ['dashboard', '--out', out, '--http', `127.0.0.1:${port}`]);
  await second.address();
  await settle(page);
  await page.waitForSelector('text=no hintd runs here');
  await picture(page, 'looked-at-only');
  await page.context().close();
});

let failed = 0;
try {
  const base = await demo.address();
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  while ((await summary(base)).queries < 30) await new Promise((resolve) => setTimeout(resolve, 100));
  for (const [name, run] of tests) {
    const begun = Date.now();
    try {
      await run(base);
      console.log(`[  OK  ] ${name} (${Date.now() - begun} ms)`);
    } catch (error) {
      failed += 1;
      console.log(`[FAILED] ${name}\n${error.stack}`);
    }
  }
  if (problems.length > 0) {
    failed += 1;
    console.log(`[FAILED] the browser's console is quiet\n${[...new Set(problems)].join('\n')}`);
  }
} finally {
  await browser?.close();
  await second?.stop();
  await demo.stop();
  scratch.remove();
}
process.exit(failed > 0 ? 1 : 0);
