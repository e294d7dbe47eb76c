// What bench/step.mjs prints.
import { table } from './report.mjs';
import { CASES } from './cases.mjs';

export function printList() {
  const rows = Object.entries(CASES).map(([name, { what, threads, peers, measures }]) => [
    name,
    threads.join(', '),
    Object.entries(peers)
      .map(([peer, { must }]) => `${peer} ${measures === 'memory' ? '≤' : '≥'} ${must}`)
      .join(', '),
    what,
  ]);
  table('Cases of npm run bench -- step', ['case', 'threads', 'must', 'what'], rows, 'left');
}

/** @param about a line for what each side runs on. */
export function printMachine({ date, processor, cores, flags, memoryGib, load, system, node }, about) {
  console.log(`\n${processor}, ${cores} cores, ${memoryGib} GiB; ${flags.join(' ')}`);
  console.log(`${system}, Node ${node}, ${date}, load ${load} before`);
  for (const line of about) console.log(line);
}

export function printRows(rows) {
  const cells = rows.map((row) => [row.case, row.threads, row.peerName, ...figures(row), row.verdict]);
  const headers = ['case', 'threads', 'peer', 'ours (min)', "peer's (min)", 'ratio (of minima)', 'must', 'aim', ''];
  table('Side by side: medians in ms, memory in MiB', headers, cells);
  const peaks = rows.map(({ case: name, threads, peerName, raw }) => [
    name,
    threads,
    peerName,
    ...[raw.ours, raw.peer].map(({ peakBytes }) => (peakBytes / 2 ** 20).toFixed(0)),
    (raw.ours.peakBytes / raw.peer.peakBytes).toFixed(2),
  ]);
  table('Peak memory of the process, MiB', ['case', 'threads', 'peer', 'ours', "peer's", 'ratio'], peaks);
}

function figures({ measures, ours, peer, ratio, must, aim }) {
  const sign = measures === 'memory' ? '≤' : '≥';
  const goals = [must, aim].map((goal) => (goal === undefined ? '' : `${sign} ${goal}`));
  if (measures === 'memory') return [ours.median.toFixed(0), peer.median.toFixed(0), ratio.median.toFixed(2), ...goals];
  const both = ({ median, min }) => `${digits(median)} (${digits(min)})`;
  return [both(ours), both(peer), `${ratio.median.toFixed(2)} (${ratio.min.toFixed(2)})`, ...goals];
}

/** Three digits or more. */
const digits = (value) => value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);

export function printLeft(left) {
  if (left.length === 0) return;
  console.log('Not measured:');
  for (const { what, reason } of left) console.log(`  ${what}: ${reason}`);
}
