// The command line of bench/step.mjs.
import { availableParallelism, freemem } from 'node:os';
import { parseArgs } from 'node:util';
import { CASES, caseNamed } from './cases.mjs';

export const USAGE = `npm run bench -- step [options]

  --list               the cases, and what they must reach
  --case NAME          only this one; may be given again
  --threads N          only with this many threads
  --peers A,B          instead of the case's own: eager, tuned, compile, bf16, compile-bf16
  --backend NAME       our side's backend (torch)
  --device NAME        where both sides compute: cpu or cuda (cpu)
  --graphs             on cuda: our repeated steps are one graph
  --rounds N           turns of each side (8)
  --json FILE          writes everything measured
`;

const NUMBER = /^[1-9]\d*$/;
const PEERS = ['eager', 'tuned', 'compile', 'bf16', 'compile-bf16'];
const DEVICES = ['cpu', 'cuda'];

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
      device: { type: 'string', default: 'cpu' },
      graphs: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      json: { type: 'string' },
    },
  });
  for (const name of ['threads', 'rounds']) {
    if (values[name] !== undefined && !NUMBER.test(values[name])) {
      throw new Error(`--${name} takes a number from 1 up, not '${values[name]}'.`);
    }
  }
  if (!DEVICES.includes(values.device)) {
    throw new Error(`There is no device '${values.device}', but ${DEVICES.join(' and ')}.`);
  }
  const peers = values.peers?.split(',');
  const unknown = peers?.find((peer) => !PEERS.includes(peer));
  if (unknown !== undefined) throw new Error(`There is no peer '${unknown}', but ${PEERS.join(', ')}.`);
  return {
    ...values,
    threads: values.threads && Number(values.threads),
    rounds: values.rounds && Number(values.rounds),
    peers,
  };
}

/**
 * What to measure, and what was asked for but does not fit on this machine, with the reason.
 * @returns {{ plan: { name: string, title: string, spec: object, threads: number, peers: object }[], left: { what: string, reason: string }[] }}
 * @throws Error naming the cases that there are.
 */
export function planOf({ case: names = Object.keys(CASES), threads, peers }, machine = thisMachine()) {
  const jobs = names.flatMap((name) => {
    const spec = caseNamed(name);
    const counts = threads === undefined ? spec.threads : [threads];
    return counts.map((count) => ({
      name,
      title: `${name}, ${count} thread${count === 1 ? '' : 's'}`,
      spec,
      threads: count,
      peers: peersOf(spec, peers),
    }));
  });
  const judged = jobs.map((job) => ({ job, reason: unfit(job, machine) }));
  return {
    plan: judged.filter(({ reason }) => !reason).map(({ job }) => job),
    left: judged.filter(({ reason }) => reason).map(({ job, reason }) => ({ what: job.title, reason })),
  };
}

/** An operation's peers are backends, and stay. A peer that is not the case's own has nothing to reach. */
function peersOf({ peers, recipe }, wanted) {
  if (!wanted || !recipe) return peers;
  return Object.fromEntries(wanted.map((peer) => [peer, peers[peer] ?? {}]));
}

function unfit({ spec, threads, peers }, { cores, freeGib }) {
  const gib = spec.gib * (1 + Object.keys(peers).length);
  if (threads > cores) return `this machine has ${cores} core${cores === 1 ? '' : 's'}`;
  return gib > freeGib && `its sides take ${gib.toFixed(1)} GiB, and ${freeGib.toFixed(1)} are free`;
}

const thisMachine = () => ({ cores: availableParallelism(), freeGib: freemem() / 2 ** 30 });
