// One run, or what is left of it, in a process of its own: so its peak memory is its own.
//
// Started with an IPC channel by children.mjs; the task is the one argument, as JSON. Ctrl-C finishes the step and saves.
import { createHost } from '@hastejs/core';
import { builtins } from '@hastejs/haste';
import { listCheckpoints, train } from '@hastejs/trainer';
import { refuseDifferent } from './identity.mjs';
import { readRecord, writeRecord } from './record.mjs';

const { arm, seed, input, folder, from, code } = JSON.parse(process.argv[2]);
const stop = new AbortController();
// The terminal signals the whole group and the parent forwards: the same press may come twice.
for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => stop.abort());
process.on('disconnect', () => stop.abort());

try {
  process.send({ done: await work() });
} catch (error) {
  process.send({ failed: error.message });
  process.exitCode = 1;
} finally {
  process.disconnect();
}

async function work() {
  const host = await createHost({ plugins: builtins });
  const recipe = host.resolve(input);
  const begun = (await listCheckpoints(folder)).some(({ whole }) => whole);
  const record = await describe(host, recipe);
  const earlier = begun ? await readRecord(folder) : null;
  if (earlier)
    refuseDifferent({ arm, seed: `${seed}, as begun` }, { arm, seed: `${seed}, now` }, earlier.was, record.was);
  const sessions = earlier?.sessions ?? [];
  const started = performance.now();
  let recorded;
  const report = await train({
    host,
    recipe,
    baseDir: process.cwd(),
    folder,
    signal: stop.signal,
    // The record is written as the run starts, so that a run that was killed says what it was, too.
    ...(begun ? { resume: true } : { fresh: true, ...(from && { fork: from }) }),
    listen: (events) => {
      events.on('run:started', () => (recorded = writeRecord(folder, { ...record, sessions })));
      followSteps(events);
    },
  });
  await recorded;
  const session = {
    seconds: (performance.now() - started) / 1000,
    peakBytes: process.resourceUsage().maxRSS * 1024,
    untilStep: report.step,
  };
  await writeRecord(folder, { ...record, sessions: [...sessions, session] });
  await host.close();
  return { step: report.step, status: report.status };
}

function followSteps(events) {
  let told = 0;
  events.on('step:completed', ({ step }) => {
    const now = performance.now();
    if (now - told < 100 && step < input.steps) return;
    told = now;
    if (process.connected) process.send({ step });
  });
}

async function describe(host, recipe) {
  const backend = await host.selectBackend(recipe.backend);
  const { device, version } = await backend.probe();
  return { arm, seed, was: { recipe, code, node: process.version, backend: { name: backend.name, device, version } } };
}
