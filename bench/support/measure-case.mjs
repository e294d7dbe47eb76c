// One case: files, sides, agreement, then turns.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { AGREEMENT_STEPS, checkAgreement } from './agreement.mjs';
import { Arm, Refused } from './arm.mjs';
import { interleave } from './interleave.mjs';
import { compare } from './ratios.mjs';

const ROUNDS = 8;
const file = (path) => fileURLToPath(new URL(path, import.meta.url));

/**
 * @param settings {{ backend: string, python: string, rounds?: number }}
 * @param say told what goes on.
 * @returns {Promise<{ rows: object[], left: { what: string, reason: string }[], about: Record<string, string> }>}
 * @throws Error when a side dies, or computes something else than ours: before anything is timed.
 */
export async function measureCase({ name, spec, threads, peers }, settings, say) {
  const folder = await mkdtemp(join(tmpdir(), 'haste-bench-'));
  const sides = [];
  const left = [];
  try {
    if (spec.recipe) {
      say('making its weights');
      await promisify(execFile)(process.execPath, [file('prepare.mjs'), name, folder]);
    }
    say('starting');
    const command = commandOf(name, spec, folder, threads, settings);
    // Without ours there is nothing to compare: its refusal is the case's.
    for (const side of ['ours', ...Object.keys(peers)]) {
      try {
        const arm = await Arm.start(side, command(side), threads);
        sides.push({ arm, first: await firstSteps(arm, say) });
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        left.push({ what: `${name}, ${threads} threads`, reason: error.message });
        if (side === 'ours') return { rows: [], left, about: {} };
      }
    }
    return { ...(await timed(sides, { name, spec, threads, peers }, settings, say)), left };
  } finally {
    for (const { arm } of sides) arm.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Command lines of the sides. An operation's peer is another backend of ours; any other peer is PyTorch. */
function commandOf(name, spec, folder, threads, { backend, python }) {
  const node = (...args) => [process.execPath, ...args, String(threads)];
  if (!spec.recipe) return (side) => node(file('operation-arm.mjs'), side === 'ours' ? backend : side);
  return (side) =>
    side === 'ours'
      ? node(file('haste-arm.mjs'), name, folder, backend)
      : [python, file('../peers/pytorch/main.py'), folder, side, String(threads)];
}

/** The steps that are compared; they also warm a side up. */
async function firstSteps(arm, say) {
  say(`first steps of ${arm.name}`);
  return (await arm.run(AGREEMENT_STEPS)).losses;
}

async function timed([ours, ...others], { name, spec, threads, peers }, { rounds = spec.rounds ?? ROUNDS }, say) {
  const agreements = Object.fromEntries(
    others.map(({ arm, first }) => [arm.name, checkAgreement(arm.name, ours.first, first)]),
  );
  const arms = [ours, ...others].map(({ arm }) => arm);
  const results = await interleave(arms, { rounds, turn: spec.turn }, (round) =>
    say(`round ${round + 1} of ${rounds}`),
  );
  const rows = others.map(({ arm }) => ({
    case: name,
    threads,
    peerName: arm.name,
    ...compare(spec.measures, results.get('ours'), results.get(arm.name), peers[arm.name]),
    difference: agreements[arm.name],
    raw: { ours: results.get('ours'), peer: results.get(arm.name) },
  }));
  const about = Object.fromEntries(arms.map(({ name: side, about, notes }) => [side, [about, ...notes].join('; ')]));
  return { rows, about };
}
