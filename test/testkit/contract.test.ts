// The machinery of contracts: skips, runners, packages.
import { describe as nodeDescribe, it as nodeIt } from 'node:test';
import { execFileSync } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import { type Server, createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Plugin, definePlugin, defineSampler } from '@hastejs/plugin-api';
import { euler } from '@hastejs/diffusion';
import {
  type Contract,
  type TestRunner,
  describeContract,
  pluginContract,
  runContract,
  samplerContract,
  startTestRun,
} from '@hastejs/testkit';
import { type Tensor, tf } from '@hastejs/tensor';
import { z } from 'zod';
import { temporaryFiles } from '#support/temporary-files.js';

const NAMES = samplerContract(euler).checks.map(({ name }) => name);
const files = temporaryFiles();

describe('skips', () => {
  it('need a reason', () => {
    expect(() => samplerContract(euler, { skip: { 'makes no tensors': ' ' } })).toThrow(
      'The check "makes no tensors" is skipped without a reason.',
    );
  });
  it('name a check that there is', () => {
    const skip = { 'makes no tensor': 'It does.' } as object;
    expect(() => samplerContract(euler, { skip })).toThrow('There is no check "makes no tensor" to skip.');
  });
  it('leave the others', async () => {
    const contract = samplerContract(euler, {
      skip: { 'makes no tensors': 'It has a table.' },
    });
    const { skipped, passed, failed } = await runContract(contract);
    expect(failed).toEqual([]);
    expect(skipped.find(({ name }) => name === 'makes no tensors')!.reason).toBe('It has a table.');
    expect(passed.length + skipped.length).toBe(NAMES.length);
  });
  it('cannot be of everything', async () => {
    const skip = Object.fromEntries(NAMES.map((name) => [name, 'I am in a hurry.']));
    const { passed, failed } = await runContract(samplerContract(euler, { skip }));
    expect(passed).toEqual([]);
    expect(failed.map(({ error }) => (error as { what?: string }).what)).toEqual(['Every check is skipped, so nothing is checked.']); // prettier-ignore
  });
});

describe('describeContract', () => {
  const contract: Contract = {
    kind: 'sampler',
    id: 'sampler/mine',
    checks: [
      { name: 'holds', run: async () => undefined },
      { name: 'is left out', skipped: 'it is slow', run: async () => undefined },
    ],
  };
  it('registers a test a check, and says why one is skipped', () => {
    const told: string[] = [];
    const it = Object.assign((name: string) => told.push(`it ${name}`), { skip: (name: string) => told.push(`skip ${name}`) }); // prettier-ignore
    const describe = (name: string, body: () => void) => (told.push(name), body());
    describeContract(contract, { describe, it });
    expect(told).toEqual([
      'sampler/mine keeps the contract of a sampler',
      'it holds',
      'skip is left out (skipped: it is slow)',
    ]);
  });
  it('takes node:test as it is, by type', () => {
    const runner: TestRunner = { describe: nodeDescribe, it: nodeIt };
    expect(Object.keys(runner)).toEqual(['describe', 'it']);
  });
  it('says what to pass where there is no runner', () => {
    const globals = globalThis as { describe?: unknown };
    const { describe } = globals;
    delete globals.describe;
    try {
      expect(() => describeContract(contract)).toThrow(/^No test runner was found among the globals\. Pass one/);
    } finally {
      globals.describe = describe;
    }
  });
});

describe('pluginContract', () => {
  const sampler = defineSampler({ id: 'sampler/mine', summary: 'My own sampler.', options: z.strictObject({}), create: () => euler.create({ steps: 100 }, {}) }); // prettier-ignore
  const twin = defineSampler({ id: 'sampler/mine', summary: 'Its twin.', options: z.strictObject({}), create: () => euler.create({ steps: 9 }, {}) }); // prettier-ignore
  const plugin = (change: Partial<Plugin> = {}) => definePlugin({ name: 'mine', version: '1.0.0', api: '^1.0.0', extensions: [sampler], ...change }); // prettier-ignore

  it('holds the package and each of its extensions', async () => {
    const contract = pluginContract(plugin());
    expect(contract).toMatchObject({ kind: 'plugin', id: 'mine' });
    expect(contract.checks[0]!.name).toBe('is a plugin that Haste accepts');
    expect(contract.checks.map(({ name }) => name)).toContain('sampler/mine ends in the data, on every path');
    const { failed, passed } = await runContract(contract);
    expect(failed).toEqual([]);
    expect(passed.length).toBeGreaterThan(12);
  });

  const broken: [string, Plugin, string, RegExp][] = [
    ['an api range of the future', plugin({ api: '^9.0.0' }), 'is a plugin that Haste accepts', /is written for plugin API \^9\.0\.0, and this is 1\./], // prettier-ignore
    ['two extensions with one id', plugin({ extensions: [sampler, twin] }), 'is a plugin that Haste accepts', /mine: defines the sampler "sampler\/mine" twice/], // prettier-ignore
    [
      'a copy of itself',
      { ...plugin() },
      'cannot be changed by who imports it',
      /^The plugin object can be written to\./,
    ],
  ];
  it.each(broken)('catches %s', async (_, own, name, says) => {
    const check = pluginContract(own).checks.find((one) => one.name === name)!;
    await expect(check.run()).rejects.toThrow(says);
  });

  it('refuses cases of extensions that are not there', () => {
    expect(() => pluginContract(plugin(), { cases: { 'sampler/yours': {} } })).toThrow('There are cases for sampler/yours, which mine does not have.'); // prettier-ignore
  });

  describe('looks at what an import does', () => {
    const leaky = globalThis as { leakedByTest?: number };
    const folder = process.cwd();
    let timer: NodeJS.Timeout | undefined;
    let server: Server | undefined;
    let tensor: Tensor | undefined;
    let backend = '';
    beforeAll(() => {
      tf.engine().registryFactory['leaked-before'] = tf.engine().registryFactory['cpu']!;
      backend = tf.getBackend();
    });
    afterAll(() => {
      clearTimeout(timer);
      server?.close();
      tensor?.dispose();
      process.chdir(folder);
      process.off('exit', NOTHING);
      delete leaky.leakedByTest;
      delete process.env['HASTE_TEST_LEAK'];
      for (const name of ['leaked', 'leaked-before']) tf.removeBackend(name);
    });

    it.each<[says: string | null, effect: () => void | Promise<unknown>]>([
      [null, () => void leaky.leakedByTest],
      ['defines the global leakedByTest', () => void (leaky.leakedByTest = 1)],
      ['listens to the process event exit', () => void process.on('exit', NOTHING)],
      ['changes process.env', () => void (process.env['HASTE_TEST_LEAK'] = '1')],
      ['changes the working directory', () => process.chdir('/')],
      ['leaves 1 timer running', () => void (timer = setTimeout(NOTHING, 1e6))],
      [null, () => clearInterval(setInterval(NOTHING, 1e6))],
      [null, () => promisify(setTimeout)(1)],
      ['leaves open TCPServerWrap', () => new Promise<void>((done) => void (server = createServer().listen(0, done)))],
      ['makes 1 tensor', () => void (tensor = tf.scalar(1))],
      ['registers the TensorFlow.js backend leaked', () => void tf.registerBackend('leaked', () => tf.backend())],
      ['makes leaked-before the TensorFlow.js backend', () => tf.setBackend('leaked-before')],
    ])('%s', async (says, effect) => {
      const contract = await pluginContract(async () => (await effect(), { default: plugin() }));
      await tf.setBackend(backend);
      const check = contract.checks.find(({ name }) => name === 'does nothing when it is imported')!;
      const found = await check.run().then(() => null, (error: { what?: string }) => error.what!); // prettier-ignore
      expect(found).toBe(says && `Importing it ${says}.`);
    });
  });
});

const NOTHING = (): void => undefined;

describe('under node:test', () => {
  it('contracts of the built package are ordinary tests', async () => {
    await files.write({ 'contract.test.mjs': NODE_TEST });
    await symlink(join(__dirname, '../../node_modules'), join(files.root(), 'node_modules'));
    const given = ['--test', '--test-reporter=tap', 'contract.test.mjs'];
    const text = execFileSync(process.execPath, given, { cwd: files.root(), encoding: 'utf8' });
    expect(text).toContain('testkit/trigger keeps the contract of a trigger');
    expect(text).toMatch(/# pass (1[0-9]|[2-9][0-9])\n# fail 0/);
    expect(text).toMatch(/# skipped 1/);
  });
});
const NODE_TEST = `
import { describe, it } from 'node:test';
import { describeContract, fakeTrigger, triggerContract } from '@hastejs/testkit';
describeContract(triggerContract(fakeTrigger, { stopsAt: 3 }), { describe, it });
`;

describe('startTestRun', () => {
  it('tells what happened, and goes on from a cut', async () => {
    const run = await startTestRun({ stopAfter: 2 });
    expect(run.report.status).toBe('interrupted');
    expect(run.events.map(({ name }) => name)).toEqual(['run:started', 'step:completed', 'step:completed', 'checkpoint:saved', 'run:finished']); // prettier-ignore
    const rest = await run.resume();
    expect([...rest.logged.keys()]).toEqual([3, 4, 5, 6]);
    expect(Object.keys(rest.logged.get(3)!)).toEqual(['loss/total', 'loss/denoise', 'align/feature', 'grad_norm']);
    expect(Object.keys(rest.logged.get(4)!)).toEqual(['loss/total', 'loss/denoise', 'grad_norm']);
    await run.close();
    expect(() => execFileSync('ls', [run.folder], { stdio: 'pipe' })).toThrow();
  });
  it('passes on what is wrong with the recipe', async () => {
    await expect(startTestRun({ recipe: { steps: 0 } })).rejects.toThrow(
      'steps: expected a number above 0, got number 0',
    );
  });
});
