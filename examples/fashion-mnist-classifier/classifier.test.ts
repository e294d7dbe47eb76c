import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createHost } from '@hastejs/core';
import { judgeDataset, openClassifier } from '@hastejs/evaluation';
import { builtins, fashionMnist, sit } from '@hastejs/haste';
import { temporaryFolder } from '#support/toy-run.js';

const SHIPPED = join(__dirname, '../../packages/haste/assets/fashion-mnist-classifier');
const folder = temporaryFolder();

it('gives the same weights for the same seed, bit for bit, and others for another', async () => {
  const weights = async (name: string, seed: string): Promise<string> => {
    // The plain backend: of those that are always there, the one with gradients of convolutions.
    const small = ['--source', 'shipped', '--backend', 'cpu', '--steps', '2', '--batch', '2', '--test', '4'];
    const args = [join(__dirname, 'train.mjs'), ...small, '--seed', seed, '--out', folder.path(name)];
    await promisify(execFile)(process.execPath, args);
    return readFile(folder.path(name, 'fashion-mnist-classifier.safetensors'), 'hex');
  };
  const first = await weights('first', '1');
  expect(await weights('again', '1')).toBe(first);
  expect(await weights('other', '2')).not.toBe(first);
}, 120_000);

it('ships weights that know test images as well as their provenance says', async () => {
  const { accuracyOnTest, data } = JSON.parse(await readFile(`${SHIPPED}.json`, 'utf8'));
  expect(data.trainImages).toBe(60_000);
  expect(accuracyOnTest).toMatchObject({ images: 10_000, accuracy: expect.any(Number) });
  expect(accuracyOnTest.accuracy).toBeGreaterThan(0.9);

  const host = await createHost({ plugins: builtins });
  await host.selectBackend('wasm');
  const test = fashionMnist({ source: 'shipped', split: 'test' });
  const student = sit({ hiddenSize: 16, depth: 1, numHeads: 2, patchSize: 7 });
  const run = host.openRun(host.resolve({ name: 'check', student, data: test, steps: 1 }), __dirname);
  const classifier = await openClassifier(`${SHIPPED}.safetensors`);
  const { accuracy } = await judgeDataset(classifier, await run.create(test));
  // 2,000 images of the 10,000 have a standard error of 0.006.
  expect(Math.abs(accuracy - accuracyOnTest.accuracy)).toBeLessThan(0.02);
  classifier.dispose();
  await run.close();
  await host.close();
}, 60_000);
