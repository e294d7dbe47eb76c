import type { Host } from '@hastejs/core';
import { fixed } from '@hastejs/haste';
import { tf } from '@hastejs/tensor';
import { forEachBackend } from '#support/backends.js';
import { tapLog, teacherLog, toyStudent } from '#support/toy.js';
import { temporaryFolder, toyAlignment, toyHost, toyRecipe, toyTrain } from '#support/toy-run.js';

const folder = temporaryFolder();
let host: Host;
beforeAll(async () => {
  host = await toyHost();
});
afterAll(() => host.close());

forEachBackend('letting go', (backend) => {
  const ref = { kind: 'backend', id: `backend/${backend}`, with: {} } as const;
  /** Trains, and notes the engine's memory after every step. */
  const watch = async (name: string, alignment: ReturnType<typeof toyAlignment> | null) => {
    const memory = new Map<number, { tensors: number; bytes: number }>();
    tapLog.length = 0;
    const before = { ...teacherLog };
    const run = await toyTrain(host, toyRecipe({ backend: ref, student: toyStudent(), alignment }), {
      folder: folder.path(`${backend}-${name}`),
      listen: (events) =>
        events.on('step:completed', ({ step }) => {
          const { numTensors, numBytes } = tf.memory();
          memory.set(step, { tensors: numTensors, bytes: numBytes });
        }),
    });
    const encoded = teacherLog.encoded - before.encoded;
    return { run, memory, encoded, disposed: teacherLog.disposed - before.disposed, taps: [...tapLog] };
  };

  it('calls the teacher in phase I only, and takes no tap after it', async () => {
    const { encoded, disposed, taps } = await watch('taps', toyAlignment(fixed({ step: 5 })));
    expect([encoded, disposed, teacherLog.alive]).toEqual([5, 1, 0]);
    expect(taps.map(({ tokens, attention }) => [tokens.length, attention.length])).toEqual([
      ...Array(5).fill([1, 2]),
      ...Array(5).fill([0, 0]),
    ]);
  });

  it('gives back the memory of teacher, projector and moments: phase II holds what plain training holds', async () => {
    const aligned = await watch('aligned', toyAlignment(fixed({ step: 5 })));
    const plain = await watch('plain', null);
    expect(aligned.memory.get(5)!.tensors).toBeGreaterThan(plain.memory.get(5)!.tensors);
    for (const step of [7, 8, 9, 10]) expect(aligned.memory.get(step)).toEqual(plain.memory.get(step));
    expect(plain.encoded).toBe(0);
    expect(tf.memory().numTensors).toBe(0);
  });

  it('draws the same noise, times and labels in phase II as plain training does', async () => {
    // Letting go before the first step is plain training: same losses, to the bit.
    const never = await watch('never', null);
    const atOnce = await watch('at-once', toyAlignment(fixed({ step: 0 })));
    expect(atOnce.encoded).toBe(0);
    expect(atOnce.run.losses).toEqual(never.run.losses);
  });
});

it('has the backend give back what it keeps for reuse, before it says that phase I is over', async () => {
  const selected = await host.selectBackend('wasm');
  const told: string[] = [];
  selected.trim = () => void told.push('trim');
  try {
    await toyTrain(host, toyRecipe({ steps: 3, alignment: toyAlignment(fixed({ step: 2 })) }), {
      folder: folder.path('trimmed'),
      listen: (events) => {
        events.on('step:completed', ({ step }) => told.push(`step ${step}`));
        events.on('phase:changed', () => told.push('phase'));
      },
    });
  } finally {
    delete selected.trim;
  }
  expect(told.slice(told.indexOf('step 1'))).toEqual(['step 1', 'step 2', 'trim', 'phase', 'step 3']);
});
