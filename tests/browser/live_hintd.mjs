// A hintd that runs while the browser looks at it.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export function scratchFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'hintd-browser-'));
  chmodSync(folder, 0o755); // as root, the server runs as another user
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export class Hintd {
  constructor(program, args, settings = {}) {
    this.said = '';
    this.process = spawn(program, args, {
      env: { ...process.env, ...settings },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.ended = new Promise((resolve) => this.process.on('exit', (code) => resolve(code)));
    this.process.stderr.on('data', (bytes) => (this.said += bytes));
  }

  // The page's address, once it is said.
  async address() {
    for (;;) {
      const found = /dashboard: (http:\/\/\S+)/.exec(this.said);
      if (found) return found[1];
      if (this.process.exitCode !== null) throw new Error(`hintd ended: ${this.said}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async stop() {
    this.process.kill('SIGINT');
    return this.ended;
  }
}

export function tokenIn(file) {
  return readFileSync(file, 'utf8').trim();
}
