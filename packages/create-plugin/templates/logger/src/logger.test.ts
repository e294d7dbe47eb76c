import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { templateExport } from './logger.js';

const notices = { info: () => undefined, warn: (message: string) => assert.fail(message) };

describe('the CSV log', () => {
  let folder = '';
  before(async () => void (folder = await mkdtemp(join(tmpdir(), 'logger-'))));
  after(() => rm(folder, { recursive: true, force: true }));

  const written = async (from: number, steps: readonly number[], file: string, every = 1): Promise<string> => {
    const logger = await templateExport.create({ file, every }, { notices });
    await logger.start?.({ folder, recipe: {}, step: from });
    for (const step of steps) logger.scalars(step, { 'loss/a': step / 2, 'odd, "name"': step });
    await logger.close();
    await logger.close();
    return readFile(join(folder, file), 'utf8');
  };

  it('has a line for each value, whatever its name', async () => {
    assert.equal(await written(0, [1], 'one.csv'), 'step,name,value\n1,loss/a,0.5\n1,"odd, ""name""",1\n');
  });

  it('has every n-th step if told so', async () => {
    const lines = (await written(0, [1, 2, 3, 4, 5, 6], 'third.csv', 3)).trim().split('\n');
    assert.deepEqual(
      lines.map((line) => line.split(',')[0]),
      ['step', '3', '3', '6', '6'],
    );
  });

  it('goes on where a resumed run goes on, without what came after and what was cut', async () => {
    await written(0, [1, 2, 3], 'resumed.csv');
    await appendFile(join(folder, 'resumed.csv'), '1,loss/cut');
    const lines = (await written(2, [3], 'resumed.csv')).trim().split('\n');
    assert.deepEqual(
      lines.map((line) => line.split(',')[0]),
      ['step', '1', '1', '2', '2', '3', '3'],
    );
  });
});
