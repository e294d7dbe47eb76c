// What npm run bench -- gpu does, in its order: what is cheap and decides whether the rest makes sense comes first.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { largest } from './largest.mjs';
import { setup } from './setup.mjs';
import { steps } from './steps.mjs';
import { suite } from './suites.mjs';

const BEHAVIOUR = fileURLToPath(new URL('behaviour-arm.mjs', import.meta.url));

/**
 * @typedef {object} Found
 * @property {{ name: string, ok: boolean | null, detail: string }[]} checks null: this device cannot be asked.
 * @property {{ title: string, headers: string[], rows: unknown[][] }[]} [tables]
 * @property {string[]} [facts]
 */

/** Expected seconds are guesses for one H100 and sixteen cores. */
export const PARTS = {
  setup: { seconds: 90, run: setup },
  behaviour: { seconds: 20, run: behaviour },
  repeated: { seconds: 40, run: (context) => suite('repeated', context) },
  golden: { seconds: 60, run: (context) => suite('golden', context) },
  conformance: { seconds: 60, run: (context) => suite('conformance', context) },
  steps: { seconds: 90, run: steps },
  'xl-align': { seconds: 150, run: (context, say) => largest('aligning', context, say) },
  'xl-free': { seconds: 120, run: (context, say) => largest('free', context, say) },
};

async function behaviour({ device, quick }) {
  const settings = JSON.stringify({ device, quick, threads: 1 });
  const { stdout } = await promisify(execFile)(process.execPath, [BEHAVIOUR, settings]);
  return { checks: JSON.parse(stdout) };
}
