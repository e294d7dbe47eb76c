// One case: files, sides, agreement, then turns.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { AGREEMENT_STEPS, checkAgreement } from './agreement.mjs';
import { Arm } from './arm.mjs';
import { Refused } from './errors.mjs';
import { interleave } from './interleave.mjs';
import { compare } from './ratios.mjs';

const ROUNDS = 8;
const file = (path) => fileURLToPath(new URL(path, import.meta.url));

/**
 * @param job {{ name: string, title: string, spec: import('./cases.mjs').Case, threads: number, peers: object }}
 * @param settings {{ backend: string, python?: string, rounds?: number, device?: string, graphs?: boolean }}
 * @param say told what goes on.
 * @returns {Promise<{ rows: object[], left: { what: string, reason: string }[], about: string[] }>} a row for each peer; what
 *   refused, and why; what each side runs on.
 * @throws BenchError when a side dies or computes something else than ours, before anything is timed.
 */
export async function measureCase(job, settings, say) {
  const folder = await mkdtemp(join(tmpdir(), 'haste-bench-'));
  const sides = [];
  try {
    if (job.spec.recipe) {
      say('makes its weights');
      await prepare(job.name, folder);
    }
    const left = await startSides(sides, job, commands(job, folder, settings), say);
    const [ours, ...others] = sides.filter(({ first }) => first);
    // Without ours there is nothing to compare.
    const rows = ours?.arm.name === 'ours' ? await timed(ours, others, job, settings.rounds, say) : [];
    return { rows, left, about: sides.flatMap(({ about = [] }) => about) };
  } finally {
    await Promise.all(sides.map(({ arm }) => arm.close()));
    await rm(folder, { recursive: true, force: true });
  }
}

/** Writes what both sides of a case begin with. */
export async function prepare(name, folder) {
  await promisify(execFile)(process.execPath, ['--max-old-space-size=8192', file('prepare.mjs'), name, folder]);
}

/** Command lines of the sides. An operation's peer is another backend of ours; any other peer is PyTorch. */
export function commands({ name, spec, threads }, folder, { backend, python, device, graphs, limit }) {
  const node = (...args) => [process.execPath, ...args];
  const told = (rest) => JSON.stringify({ threads, device, limit, ...rest });
  if (!spec.recipe)
    return (side) => node(file('operation-arm.mjs'), told({ backend: side === 'ours' ? backend : side }));
  return (side) =>
    side === 'ours'
      ? node(file('haste-arm.mjs'), name, folder, told({ backend, graphs }))
      : [python, '-B', file('../peers/pytorch/main.py'), folder, told({ variant: side })];
}

/**
 * Starts ours, then the peers, and takes the first steps of each: they are compared, and warm it up.
 * @param sides gets every side that was started, so that it can be ended whatever happens.
 * @returns those that refused.
 */
async function startSides(sides, { title, threads, peers }, command, say) {
  const left = [];
  for (const name of ['ours', ...Object.keys(peers)]) {
    say(`starts ${name}`);
    const side = { arm: new Arm(name, command(name), threads) };
    sides.push(side);
    try {
      const { about, notes } = await side.arm.ready();
      side.about = [about, ...notes].map((line) => `${name}: ${line}`);
      side.first = (await side.arm.run(AGREEMENT_STEPS)).losses;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      left.push({ what: `${title}, ${name}`, reason: error.message });
      if (name === 'ours') return left;
    }
  }
  return left;
}

async function timed(ours, others, { name, spec, threads, peers }, rounds = spec.rounds ?? ROUNDS, say) {
  const differences = others.map(({ arm, first }) => checkAgreement(arm.name, ours.first, first));
  const arms = [ours, ...others].map(({ arm }) => arm);
  await interleave(arms, { rounds: spec.warmUp, turn: spec.turn });
  const results = await interleave(arms, { rounds, turn: spec.turn }, (round) =>
    say(`round ${round + 1} of ${rounds}`),
  );
  return others.map(({ arm }, i) => ({
    case: name,
    threads,
    peerName: arm.name,
    difference: differences[i],
    ...compare(spec.measures, results.get('ours'), results.get(arm.name), peers[arm.name]),
    raw: { ours: results.get('ours'), peer: results.get(arm.name) },
  }));
}
