// Writes the built page as C++: usage: node embed.mjs DIST OUT
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

function filesOf(folder) {
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name))
    .flatMap((path) => (statSync(path).isDirectory() ? filesOf(path) : [path]));
}

const [dist, out] = process.argv.slice(2);
const parts = ['#include "dashboard/assets.h"\n', 'namespace hintd::dashboard {\nnamespace {\n'];
const rows = [];
let total = 0;
filesOf(dist).forEach((file, index) => {
  const bytes = gzipSync(readFileSync(file), { level: 9 });
  total += bytes.length;
  const text = Array.from(bytes, (byte) => `\\${byte.toString(8).padStart(3, '0')}`);
  const lines = [];
  for (let i = 0; i < text.length; i += 32) lines.push(`    "${text.slice(i, i + 32).join('')}"`);
  parts.push(`constexpr char kFile${index}[] =\n${lines.join('\n')};\n`);
  const type = types[extname(file)];
  if (!type) throw new Error(`no content type for ${file}`);
  rows.push(`    {"/${relative(dist, file)}", "${type}", {kFile${index}, ${bytes.length}}},`);
});
parts.push(`constexpr Asset kAssets[] = {\n${rows.join('\n')}\n};\n`);
parts.push('}  // namespace\n\nstd::span<const Asset> assets() {\n  return kAssets;\n}\n');
parts.push('}  // namespace hintd::dashboard\n');
writeFileSync(out, parts.join('\n'));
console.log(`the page: ${(total / 1024).toFixed(1)} KiB compressed`);
