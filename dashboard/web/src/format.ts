// Figures as people read them: three digits that count, always with their unit.
const dash = '–';

function digits(value: number): string {
  const size = Math.abs(value);
  if (size >= 100 || value === 0) return Math.round(value).toLocaleString('en-US');
  return size >= 10 ? value.toFixed(1) : value.toFixed(2);
}

export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return dash;
  const size = Math.abs(ms);
  if (ms === 0) return '0 ms';
  if (size < 0.995) return `${digits(ms * 1000)} µs`;
  if (size < 999.5) return `${digits(ms)} ms`;
  if (size < 60_000) return `${digits(ms / 1000)} s`;
  if (size < 3_600_000) return `${digits(ms / 60_000)} min`;
  if (size < 86_400_000 * 2) return `${digits(ms / 3_600_000)} h`;
  return `${digits(ms / 86_400_000)} days`;
}

export function count(value: number | null | undefined): string {
  if (value === null || value === undefined) return dash;
  if (value >= 1e6) return `${digits(value / 1e6)} M`;
  return Math.round(value).toLocaleString('en-US');
}

export function bytes(value: number | null): string {
  if (value === null) return dash;
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${digits(value)} ${units[unit]}`;
}

export function percent(share: number | null | undefined): string {
  if (share === null || share === undefined) return dash;
  return `${(share * 100).toFixed(Math.abs(share) < 0.1 ? 1 : 0)} %`;
}

export function times(ratio: number | null | undefined): string {
  return ratio === null || ratio === undefined ? dash : `${ratio.toFixed(2)}×`;
}

// In UTC, as the API's times are and the server's log is.
export function moment(time: string | null | undefined): string {
  return time ? `${time.slice(0, 10)} ${time.slice(11, 19)}` : dash;
}

export function clock(seconds: number, withDay: boolean): string {
  const text = new Date(seconds * 1000).toISOString();
  return withDay ? `${text.slice(5, 10)} ${text.slice(11, 16)}` : text.slice(11, 16);
}

export function words(name: string): string {
  return name.replaceAll('_', ' ');
}
