import type { SafetyEvent, Summary } from './types';

// A page of the page. Made when the user goes there, left when they go on.
export interface Screen {
  title: string;
  element: HTMLElement;
  // New figures; at most twice a second.
  summary?(summary: Summary): void;
  event?(event: SafetyEvent): void;
  leave?(): void;
}

// The part of the address that keeps filters and ranges.
export function query(): URLSearchParams {
  return new URLSearchParams(location.search);
}

export function keep(values: Record<string, string>): void {
  const search = query();
  for (const [name, value] of Object.entries(values))
    if (value) search.set(name, value);
    else search.delete(name);
  const text = search.toString();
  history.replaceState(null, '', location.pathname + (text ? `?${text}` : ''));
}

// Loads again when something changed, but never more often than that, nor while hidden.
export class Refresher {
  private last = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private busy = false;

  constructor(
    private readonly load: () => Promise<void>,
    private readonly every = 2000,
  ) {}

  poke(): void {
    if (this.timer !== undefined || this.busy || document.hidden) return;
    const wait = Math.max(0, this.last + this.every - Date.now());
    this.timer = setTimeout(() => void this.run(), wait);
  }

  async run(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.busy = true;
    this.last = Date.now();
    await this.load().finally(() => (this.busy = false));
  }

  stop(): void {
    clearTimeout(this.timer);
    this.busy = true;
  }
}
