// What open pages do to statements that go through hintd while its figures change: pgbench through a
// hintd of its own, in turn without and with pages, and the memory of both. The pages are those of
// people at other machines: here their process gives way to all others.
// usage: node busy_pages.mjs HINTD DSN PAGES ROUNDS SECONDS     (DSN: a server with pgbench's tables)
import { spawnSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Hintd, scratchFolder } from './live_hintd.mjs';

const [program, dsn, pages, rounds, seconds] = process.argv.slice(2);
const rate = 1000; // statements a second, a fraction of what two cores can do

function freePort() {
  const said = spawnSync('python3', ['-c', 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])']);
  return said.stdout.toString().trim();
}

function residentKb(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
}

function quantile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

// Latencies in us from when a statement was due.
async function load(through, folder) {
  const run = spawn('pgbench', ['-n', '-S', '-M', 'prepared', '-c', '4', '-R', rate, '-T', seconds, '-l', '--log-prefix', join(folder, 'run'), through], { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(run, 'exit');
  if (code !== 0) throw new Error(`pgbench ended with ${code}`);
  const logs = readdirSync(folder).filter((name) => name.startsWith('run')).map((name) => join(folder, name));
  const us = logs.flatMap((log) => readFileSync(log, 'utf8').trim().split('\n').map((line) => Number(line.split(' ')[2])));
  logs.forEach((log) => rmSync(log));
  return us.sort((a, b) => a - b);
}

async function openPages(base, count) {
  const script = fileURLToPath(new URL('open_pages.mjs', import.meta.url));
  const holder = spawn(process.execPath, [script, base, count, 3600], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(holder.stdout, 'data');
  setPriority(holder.pid, 19);
  return () => holder.kill();
}

const { folder, remove } = scratchFolder();
const port = freePort();
const hintd = new Hintd(program, ['serve', '--dsn', dsn, '--listen', `127.0.0.1:${port}`, '--http', '127.0.0.1:0', '--mode', 'steer', '--data-dir', join(folder, 'data')]);
try {
  const base = await hintd.address();
  const through = dsn.replace(/port=\d+/, `port=${port}`);
  await load(through, folder); // warm
  for (let round = 1; round <= Number(rounds); round += 1) {
    for (const open of round % 2 === 1 ? [0, Number(pages)] : [Number(pages), 0]) {
      const before = residentKb(hintd.process.pid);
      const close = await openPages(base, open);
      const us = await load(through, folder);
      const after = residentKb(hintd.process.pid);
      close();
      console.log(`round ${round}  ${open} pages  ${us.length} statements  p50 ${quantile(us, 0.5)} us  p99 ${quantile(us, 0.99)} us  memory ${(before / 1024).toFixed(1)} -> ${(after / 1024).toFixed(1)} MiB`);
    }
  }
} finally {
  await hintd.stop();
  remove();
}
