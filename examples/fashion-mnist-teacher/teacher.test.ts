import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from '#support/toy-run.js';

const run = promisify(execFile);
const script = (name: string, ...args: string[]) => run(process.execPath, [join(__dirname, name), ...args]);
const SHIPPED = join(__dirname, '../../packages/haste/assets/fashion-mnist-teacher');
const folder = temporaryFolder();

it('gives the same weights for the same seed, bit for bit, and others for another', async () => {
  const weights = async (name: string, seed: string): Promise<string> => {
    const small = [
      '--source',
      'shipped',
      '--backend',
      'wasm',
      '--steps',
      '3',
      '--batch',
      '4',
      '--bank',
      '40',
      '--test',
      '20',
    ];
    await script('train.mjs', ...small, '--seed', seed, '--out', folder.path(name));
    return readFile(folder.path(name, 'fashion-mnist-teacher.safetensors'), 'hex');
  };
  const first = await weights('first', '1');
  expect(await weights('again', '1')).toBe(first);
  expect(await weights('other', '2')).not.toBe(first);
}, 120_000);

it('ships weights whose patch tokens tell garments apart as well as their provenance says', async () => {
  const { accuracyOnTest } = JSON.parse(await readFile(`${SHIPPED}.json`, 'utf8'));
  const { stdout } = await script('check.mjs');
  // 500 probes have a standard error of 0.016, and a fifth of the bank costs a few points: eight in all.
  expect(JSON.parse(stdout).knnMeanPatchToken).toBeGreaterThan(accuracyOnTest.knnMeanPatchToken - 0.08);
  expect(accuracyOnTest.knnMeanPatchToken).toBeGreaterThan(0.8);
}, 120_000);
