// The API, and the one stream of events that the page lives on.
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    detail: string,
  ) {
    super(detail);
  }
}

const tokenKey = 'hintd-token';

export function token(): string {
  return sessionStorage.getItem(tokenKey) ?? '';
}

export function keepToken(value: string): void {
  sessionStorage.setItem(tokenKey, value.trim());
}

function headers(): Record<string, string> {
  return token() ? { Authorization: `Bearer ${token()}` } : {};
}

async function checked(response: Response): Promise<Response> {
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({ detail: response.statusText }));
  throw new ApiProblem(response.status, problem.detail);
}

export async function get<Answer>(path: string, signal?: AbortSignal): Promise<Answer> {
  const response = await fetch(`/api/v1/${path}`, { headers: headers(), signal });
  return (await checked(response)).json();
}

export async function send<Answer>(method: string, path: string, body: unknown): Promise<Answer> {
  const response = await fetch(`/api/v1/${path}`, {
    method,
    headers: { ...headers(), 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  return (await checked(response)).json();
}

// A file of the API for the user to keep.
export async function download(path: string, name: string): Promise<void> {
  const response = await checked(await fetch(`/api/v1/${path}`, { headers: headers() }));
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await response.blob());
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

export type Link = 'live' | 'polling' | 'lost' | 'locked';

export interface Listener {
  on(kind: string, data: string): void;
  link(state: Link): void;
  poll(): Promise<void>;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const longestPause = 10_000;
// The server sends something every 10 s.
const silence = 25_000;

// Server-sent events over fetch, since EventSource sends no token. Where no stream is to be had
// the listener polls, and the stream is tried again.
export async function follow(listener: Listener): Promise<never> {
  let lastId = '';
  for (let wait = 500; ; wait = Math.min(wait * 2, longestPause)) {
    const abort = new AbortController();
    let alive = setTimeout(() => abort.abort(), silence);
    try {
      const response = await checked(
        await fetch('/api/v1/stream', {
          headers: { ...headers(), ...(lastId ? { 'Last-Event-ID': lastId } : {}) },
          signal: abort.signal,
        }),
      );
      if (!response.body) throw new Error('no stream');
      listener.link('live');
      wait = 500;
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = '';
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        clearTimeout(alive);
        alive = setTimeout(() => abort.abort(), silence);
        const blocks = (rest + value).split('\n\n');
        rest = blocks.pop() ?? '';
        for (const block of blocks) lastId = take(block, lastId, listener);
      }
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 401) listener.link('locked');
    }
    clearTimeout(alive);
    await listener.poll().then(
      () => listener.link('polling'),
      (error) =>
        listener.link(error instanceof ApiProblem && error.status === 401 ? 'locked' : 'lost'),
    );
    await pause(wait);
  }
}

function take(block: string, lastId: string, listener: Listener): string {
  let kind = 'message';
  let data = '';
  for (const line of block.split('\n')) {
    if (line.startsWith('id: ')) lastId = line.slice(4);
    else if (line.startsWith('event: ')) kind = line.slice(7);
    else if (line.startsWith('data: ')) data += line.slice(6);
  }
  if (data) listener.on(kind, data);
  return lastId;
}
