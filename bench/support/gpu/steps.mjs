// Step times beside PyTorch, float32 and bf16, by turns: npm run bench -- step on the device, with graphs and without.
import { BenchError } from '../errors.mjs';
import { measureCase } from '../measure-case.mjs';
import { planOf } from '../step-options.mjs';
import { settingsOf } from './settings.mjs';

const CASES = [
  ['sit-s2-b8', ['eager', 'tuned']],
  ['sit-s2-b8-bf16', ['bf16', 'compile-bf16']],
];
const QUICK = [['toy', ['eager', 'bf16']]];

/** @returns tables of medians, and as a check each case's agreement. */
export async function steps(context, say) {
  const settings = { ...(await settingsOf(context)), rounds: context.quick ? 2 : 6 };
  const [rows, checks] = [[], []];
  for (const [name, peers] of context.quick ? QUICK : CASES) {
    const [job] = planOf({ case: [name], threads: settings.threads, peers }, ANY_MACHINE).plan;
    // A turn of a GPU's steps is short.
    const turn = context.quick ? 1 : 10;
    for (const graphs of [false, true]) {
      const what = `${name}${graphs ? ', graphs' : ''}`;
      try {
        const spec = { ...job.spec, turn, warmUp: 1, threads: [settings.threads] };
        const measured = await measureCase({ ...job, spec }, { ...settings, graphs }, (news) =>
          say(`${what}: ${news}`),
        );
        rows.push(...measured.rows.map((row) => cells(what, row)));
        const refused = measured.left.map(({ what: side, reason }) => `${side}: ${reason.split('\n')[0]}`);
        const agree = measured.rows.map(({ peerName, difference }) => `${peerName} to ${difference.toExponential(1)}`);
        checks.push({
          name: `agreement of ${what}`,
          ok: refused.length === 0,
          detail: [...agree, ...refused].join('; '),
        });
      } catch (error) {
        if (!(error instanceof BenchError)) throw error;
        checks.push({ name: `agreement of ${what}`, ok: false, detail: error.message });
      }
    }
  }
  const headers = ['case', 'peer', 'ours, ms', 'peer, ms', 'ratio', 'ours, MiB', 'peer, MiB'];
  return { checks, tables: [{ title: 'Step times, medians by turns', headers, rows }] };
}

/** The plan's own limits are those of a machine whose processor computes. */
const ANY_MACHINE = { cores: Infinity, freeGib: Infinity };

function cells(what, { peerName, ours, peer, ratio, raw }) {
  const mib = ({ peakBytes }) => (peakBytes / 2 ** 20).toFixed(0);
  const times = [ours.median, peer.median].map((ms) => ms.toFixed(2));
  return [what, peerName, ...times, ratio.median.toFixed(2), mib(raw.ours), mib(raw.peer)];
}
