// Figures of a dashboard that runs: first paint, weight of the page, what the API's answers take, and
// what 200 open pages cost.
// usage: node measure.mjs ADDRESS [PID]     PID: of the hintd that serves, for its memory
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { openPages } from './open_pages.mjs';

const [base, pid] = process.argv.slice(2);
const rounds = 15;
const pages = 200;
const sorted = (values) => [...values].sort((a, b) => a - b);
const spread = (values) => {
  const order = sorted(values);
  const round = (value) => Math.round(value);
  return `median ${round(order[Math.floor(order.length / 2)])}, ${round(order[0])} to ${round(order.at(-1))}`;
};
const memory = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
const paints = [];
const figures = [];
let weight = 0;
for (let i = 0; i < rounds; i += 1) {
  const context = await browser.newContext();
  const page = await context.newPage();
  weight = 0;
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  session.on('Network.loadingFinished', ({ encodedDataLength }) => (weight += encodedDataLength));
  const begun = Date.now();
  await page.goto(base, { waitUntil: 'commit' });
  await page.waitForSelector('.tile');
  figures.push(Date.now() - begun);
  paints.push(
    await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN),
  );
  await page.waitForTimeout(200);
  await context.close();
}
await browser.close();
console.log(`first contentful paint, ms: ${spread(paints.filter(Number.isFinite))}`);
console.log(`figures on the page, ms from the call: ${spread(figures)}`);
console.log(`page and first data, KB as sent: ${(weight / 1000).toFixed(1)}`);

const busiest = (await (await fetch(`${base}/api/v1/templates?limit=1`)).json()).items[0]?.id;
for (const path of [
  'summary', 'traffic?range=24h', 'series', 'series?range=24h', 'templates', 'templates?range=7d&sort=saved_ms',
  'templates?q=table_77', `templates/${busiest}`, 'learning', 'events', 'safety/series', 'system',
]) {
  const took = [];
  for (let i = 0; i < 50; i += 1) {
    const begun = performance.now();
    await (await fetch(`${base}/api/v1/${path}`)).arrayBuffer();
    took.push(performance.now() - begun);
  }
  const order = sorted(took);
  console.log(`${path}, ms: p50 ${order[25].toFixed(1)}, p95 ${order[47].toFixed(1)}`);
}

if (pid) {
  const before = memory();
  const close = await openPages(base, pages);
  console.log(`memory, MiB: ${before.toFixed(1)}, with ${pages} open pages ${memory().toFixed(1)}`);
  close();
}
process.exit(0);
