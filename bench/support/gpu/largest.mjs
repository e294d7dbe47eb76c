// SiT-XL/2 at the largest batch that fits both sides. Each side has the device to itself: they could not both hold it.
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkAgreement } from '../agreement.mjs';
import { Arm } from '../arm.mjs';
import { caseNamed } from '../cases.mjs';
import { BenchError, Refused } from '../errors.mjs';
import { commands, prepare } from '../measure-case.mjs';
import { median } from '../report.mjs';
import { largestFit } from './search.mjs';
import { settingsOf } from './settings.mjs';

/** Cases by phase, and rows: of the first try, which all others are multiples of, and of the last. */
const FULL = { aligning: 'sit-xl2-align', free: 'sit-xl2-free', unit: 16, most: 1024, steps: 12, compile: true };
/** Tiny models, with an agreed end of memory that is another one on each side; a compiler would take minutes of a processor. */
const QUICK = {
  ...{ aligning: 'xl-mini-align', free: 'xl-mini-free', unit: 3, most: 96, steps: 3, compile: false },
  limits: { ours: 30, peer: 21 },
};

/** @param phase `aligning` or `free`. @returns a table of the sides at the largest batch of both. */
export async function largest(phase, context, say) {
  const plan = context.quick ? QUICK : FULL;
  const name = plan[phase];
  const settings = await settingsOf(context);
  const folder = await filesOf(plan, phase, context, say);
  const job = { name, spec: caseNamed(name), threads: settings.threads };
  const open = (side, limit) => new Arm(side, commands(job, folder, { ...settings, limit })(side), settings.threads);
  const own = await using(open('ours', plan.limits?.ours), (arm) => searched(arm, plan, say));
  const [theirs, rows, eager] = await using(open('bf16', plan.limits?.peer), async (arm) => {
    const found = await searched(arm, plan, say);
    const common = Math.min(found.rows, own.rows);
    return [found, common, common > 0 ? await measured(arm, common, plan, say) : {}];
  });
  if (rows === 0) throw new Refused(`not even ${plan.unit} rows fit: ${own.reason ?? theirs.reason}`);
  const compiled = plan.compile ? await using(open('compile-bf16'), (arm) => measured(arm, rows, plan, say)) : null;
  // First with graphs, so that what they compute from the given weights is compared, too.
  const [graphs, ours] = await using(open('ours'), async (arm) => [
    await measured(arm, rows, plan, say, true),
    await measured(arm, rows, plan, say, false),
  ]);
  const sides = [
    { title: 'ours', ...ours, losses: own.losses },
    { title: 'ours, graphs', ...graphs },
    { title: 'PyTorch eager bf16', ...eager, losses: theirs.losses },
    ...(compiled ? [{ title: 'PyTorch compile bf16', ...compiled }] : []),
  ];
  return reportOf({ name, phase, rows, own, theirs, sides });
}

/** What the sides begin with: the same in both phases, so made once. */
async function filesOf(plan, phase, { files }, say) {
  const folder = join(files, plan.aligning);
  if (!existsSync(folder)) {
    say('makes its weights');
    await mkdir(folder);
    await prepare(plan.aligning, folder);
  }
  const path = join(folder, 'case.json');
  await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), phase }));
  return folder;
}

/** A side that is ended whatever happens; one that refuses is nothing but its reason. */
async function using(arm, f) {
  try {
    await arm.ready();
    return await f(arm);
  } finally {
    await arm.close();
  }
}

/**
 * The largest batch of a side, which must be alive and well after the memory was out. Its first losses are those of the given
 * weights, whatever the rows.
 */
async function searched(arm, { unit, most }, say) {
  let losses;
  const fits = async (rows) => {
    const answer = await arm.fit(rows);
    losses ??= answer.losses;
    say(`${arm.name}: ${rows} rows ${answer.fits ? 'fit' : 'do not fit'}`);
    return answer;
  };
  const found = await largestFit(fits, { unit, most });
  return { ...found, losses, lives: found.rows > 0 && (await arm.fit(unit)).fits };
}

/** Times of a side at a batch, or why there are none. */
async function measured(arm, rows, { steps }, say, graphs) {
  say(`${arm.name}: ${rows} rows, measured${graphs ? ' with graphs' : ''}`);
  try {
    if (graphs !== undefined) await arm.graphs(graphs);
    const { fits, reason, losses } = await arm.fit(rows);
    if (!fits) return { reason };
    const { ms, peakBytes } = await arm.run(steps);
    return { losses, ms: median(ms), peakBytes, ...(await arm.calls()) };
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    return { reason: error.message.split('\n')[0] };
  }
}

function reportOf({ name, phase, rows, own, theirs, sides }) {
  const [first] = sides;
  const checks = [
    outOfMemory(`${name}, ours`, own),
    outOfMemory(`${name}, PyTorch`, theirs),
    ...sides.slice(1).map((side) => agreement(name, first, side)),
  ];
  const cells = sides.map(({ title, ms, peakBytes, calls, launches, reason }) =>
    ms === undefined
      ? [title, reason, '', '', '', '', '']
      : [
          ...[title, ms.toFixed(2), ((1000 * rows) / ms).toFixed(1), (ms / (first.ms ?? NaN)).toFixed(2)],
          ...[(peakBytes / 2 ** 20).toFixed(0), calls, launches ?? ''],
        ],
  );
  const title = `${name}, phase ${phase === 'free' ? 'II' : 'I'}, bf16, ${rows} rows (fit: ours ${own.rows}, PyTorch eager ${theirs.rows})`;
  const headers = ['side', 'ms', 'images/s', "times ours' ms", 'peak, MiB', 'operator calls', 'kernel launches'];
  return { checks, tables: [{ title, headers, rows: cells }] };
}

function outOfMemory(name, { rows, tried, reason, lives }) {
  const detail = `${rows} rows of ${tried.join(', ')}; ${reason ?? 'memory never was out'}`;
  return { name: `out of memory, and on: ${name}`, ok: lives, detail };
}

/** The batch is repeated rows, so that its losses are those of any other size. */
function agreement(name, ours, { title, losses, reason }) {
  const check = `agreement of ${name}: ${title}`;
  if (!losses || !ours.losses) return { name: check, ok: false, detail: reason ?? ours.reason };
  try {
    const relative = checkAgreement('bf16', ours.losses, losses);
    return { name: check, ok: true, detail: `to ${relative.toExponential(1)} over ${losses.length} steps` };
  } catch (error) {
    return { name: check, ok: false, detail: error.message };
  }
}
