// From times to ratios to verdicts.
import { median } from './report.mjs';

/**
 * How our side compares with a peer.
 * @param measures of `step` and `operation`, how many times as fast we are; of `memory`, our part of the peer's memory.
 * @param ours {{ ms: number[], peakBytes: number }}
 * @param target {{ must?: number, aim?: number }}
 */
export function compare(measures, ours, peer, target) {
  const [a, b] = measures === 'memory' ? [peakOf(ours), peakOf(peer)] : [timesOf(ours), timesOf(peer)];
  const divide = (key) => (measures === 'memory' ? a[key] / b[key] : b[key] / a[key]);
  const ratio = { median: divide('median'), min: divide('min') };
  return { measures, ours: a, peer: b, ratio, ...target, verdict: verdictOf(measures, ratio.median, target) };
}

/** `aim`, `met` or `MISSED`; nothing where nothing must be reached. */
export function verdictOf(measures, ratio, { must, aim }) {
  if (must === undefined) return '';
  const reaches = (goal) => (measures === 'memory' ? ratio <= goal : ratio >= goal);
  if (aim !== undefined && reaches(aim)) return 'aim';
  return reaches(must) ? 'met' : 'MISSED';
}

const timesOf = ({ ms }) => ({ median: median(ms), min: Math.min(...ms) });

/** MiB; a process has one peak. */
function peakOf({ peakBytes }) {
  const mib = peakBytes / 2 ** 20;
  return { median: mib, min: mib };
}
