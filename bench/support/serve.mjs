// The protocol of a side that is a Node process: a line of JSON for a line of JSON, until stdin ends.
import { createInterface } from 'node:readline';

/**
 * Opens a side and answers {"run": n} with the times (ms) and losses of n steps and the process's peak memory. What it
 * throws becomes an answer with `error`.
 * @param {() => Promise<{ about: string, notes?: string[], step(): Promise<Record<string, number>> }>} open
 */
export async function serve(open) {
  try {
    const side = await open();
    answer({ about: side.about, notes: side.notes ?? [] });
    for await (const line of createInterface({ input: process.stdin })) answer(await run(side, JSON.parse(line).run));
  } catch (error) {
    answer({ error: error.message, code: error.code });
  }
  process.exit(0);
}

async function run(side, steps) {
  const [ms, losses] = [[], []];
  for (let i = 0; i < steps; i++) {
    const started = performance.now();
    losses.push(await side.step());
    ms.push(performance.now() - started);
  }
  // maxRSS is in KiB.
  return { ms, losses, peakBytes: process.resourceUsage().maxRSS * 1024 };
}

function answer(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
