// Streams as open pages hold them.
// usage: node open_pages.mjs ADDRESS COUNT SECONDS
import { pathToFileURL } from 'node:url';

// Answers how to close them.
export async function openPages(base, count) {
  const aborts = [];
  for (let i = 0; i < count; i += 1) {
    const abort = new AbortController();
    const response = await fetch(`${base}/api/v1/stream`, { signal: abort.signal });
    const reader = response.body.getReader();
    await reader.read();
    void (async () => {
      while (!(await reader.read()).done);
    })().catch(() => {});
    aborts.push(abort);
  }
  return () => aborts.forEach((abort) => abort.abort());
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [base, count, seconds] = process.argv.slice(2);
  await openPages(base, Number(count));
  console.log(`${count} pages are open`);
  setTimeout(() => process.exit(0), Number(seconds) * 1000);
}
