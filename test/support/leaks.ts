import { type TensorContainer, tf } from '@hastejs/tensor';

/** Runs `f` and expects that every tensor it made was freed, except those it returns, which are freed here. */
export function expectNoLeaks(f: () => TensorContainer | void): void {
  const before = tf.memory().numTensors;
  const result = f();
  if (result) tf.dispose(result);
  expect(tf.memory().numTensors).toBe(before);
}

/** {@link expectNoLeaks} for asynchronous code. */
export async function expectNoLeaksAsync(f: () => Promise<TensorContainer | void>): Promise<void> {
  const before = tf.memory().numTensors;
  const result = await f();
  if (result) tf.dispose(result);
  expect(tf.memory().numTensors).toBe(before);
}
