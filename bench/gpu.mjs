// Everything that only a GPU can tell, in one command: checks first, then measurements, as Markdown for docs/performance.md.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BenchError } from './support/errors.mjs';
import { markdown } from './support/gpu/markdown.mjs';
import { USAGE, parseOptions } from './support/gpu/options.mjs';
import { PARTS } from './support/gpu/parts.mjs';

export const summary =
  'all that is checked and measured on a GPU, in one call (--only, --quick, --device cpu to try it)';

export async function run(args) {
  const options = understood(args);
  if (!options) return;
  const files = await mkdtemp(join(tmpdir(), 'haste-gpu-'));
  const result = await runParts(options, files).finally(() => rm(files, { recursive: true, force: true }));
  console.log(`\n${markdown(result)}`);
  if (options.json) await writeFile(options.json, JSON.stringify(result, null, 2));
  if (result.left.length > 0 || result.checks.some(({ ok }) => ok === false)) process.exitCode = 1;
}

function understood(args) {
  try {
    return parseOptions(args, Object.keys(PARTS));
  } catch (error) {
    console.error(`${error.message}\n\n${USAGE}`);
    process.exitCode = 1;
    return null;
  }
}

/**
 * Part by part: one that fails as a whole is a failed check, and the others go on.
 * @param files a folder for what parts share.
 */
async function runParts({ only, seconds, device, quick }, files) {
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1000;
  const say = (what) => console.error(`[${elapsed().toFixed(0).padStart(4)} s] ${what}`);
  const result = { device, quick, facts: [], checks: [], tables: [], left: [] };
  for (const name of Object.keys(PARTS).filter((part) => only.includes(part))) {
    const part = PARTS[name];
    if (elapsed() + part.seconds > seconds) {
      result.left.push({ what: name, reason: `no time: ${seconds} s in all` });
      continue;
    }
    say(name);
    const {
      facts = [],
      checks,
      tables = [],
    } = await attempt(part, { device, quick, files }, (news) => say(`${name}: ${news}`), name);
    result.facts.push(...facts);
    result.checks.push(...checks);
    result.tables.push(...tables);
  }
  say('done');
  return result;
}

async function attempt(part, context, say, name) {
  try {
    return await part.run(context, say);
  } catch (error) {
    const expected = error instanceof BenchError;
    if (!expected) say(error.stack);
    return { checks: [{ name, ok: false, detail: error.message.split('\n')[0] }] };
  }
}
