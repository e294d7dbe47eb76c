// The command line of bench/step.mjs.
import { availableParallelism, freemem } from 'node:os';
import { parseArgs } from 'node:util';
import { CASES, caseNamed } from './cases.mjs';

export const USAGE = `npm run bench -- step [options]

  --list               the cases, and what they must reach
  --case NAME          only this one; may be given again
  --threads N          only with this many threads
  --peers A,B          instead of the case's own: eager, tuned, compile, bf16
  --backend NAME       our side's backend (torch)
  --rounds N           turns of each side (8)
  --json FILE          writes everything measured
`;

const NUMBER = /^[1-9]\d*$/;

/** @throws Error in words for a person, for what is not an option, a case or a number. */
export function parseOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      list: { type: 'boolean', default: false },
      case: { type: 'string', multiple: true },
      threads: { type: 'string' },
      peers: { type: 'string' },
      backend: { type: 'string', default: 'torch' },
      rounds: { type: 'string' },
      json: { type: 'string' },
    },
  });
  for (const name of ['threads', 'rounds']) {
    if (values[name] !== undefined && !NUMBER.test(values[name])) {
      throw new Error(`--${name} takes a number from 1 up, not '${values[name]}'.`);
    }
  }
  return {
    ...values,
    threads: values.threads && Number(values.threads),
    rounds: values.rounds && Number(values.rounds),
    peers: values.peers?.split(','),
  };
}

/**
 * What to measure, and what was asked for but does not fit on this machine, with the reason.
 * @returns {{ plan: { name: string, spec: object, threads: number, peers: object }[], left: { what: string, reason: string }[] }}
 */
export function planOf({ case: names = Object.keys(CASES), threads, peers: wanted }, machine = thisMachine()) {
  const [plan, left] = [[], []];
  for (const name of names) {
    const spec = caseNamed(name);
    const peers = wanted
      ? Object.fromEntries(wanted.map((peer) => [peer, spec.peers[peer] ?? { must: 0 }]))
      : spec.peers;
    const gib = spec.gib * (1 + Object.keys(peers).length);
    for (const count of threads === undefined ? spec.threads : [threads]) {
      const what = `${name}, ${count} thread${count === 1 ? '' : 's'}`;
      if (count > machine.cores) left.push({ what, reason: `this machine has ${machine.cores} cores` });
      else if (gib > machine.freeGib) {
        left.push({ what, reason: `its sides take ${gib.toFixed(1)} GiB, and ${machine.freeGib.toFixed(1)} are free` });
      } else plan.push({ name, spec, threads: count, peers });
    }
  }
  return { plan, left };
}

/** An operation's peers are backends, and stay. A peer that is not the case's own has nothing to reach. */
function peersOf({ peers, recipe }, wanted) {
  if (!wanted || !recipe) return peers;
  return Object.fromEntries(wanted.map((peer) => [peer, peers[peer] ?? {}]));
}

const thisMachine = () => ({ cores: availableParallelism(), freeGib: freemem() / 2 ** 30 });
