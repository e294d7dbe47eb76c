import { type Backend, type BackendReport, defineBackend } from '@hastejs/plugin-api';
import { z } from 'zod';
import { keptNotices, pluginOf, thrownBy } from '#support/samples.js';
import { type Host, createHost } from './host.js';

interface Sketch {
  readonly rank: number;
  readonly name?: string;
  readonly report?: Partial<BackendReport>;
  readonly options?: z.ZodObject;
  readonly onCreate?: () => void;
  readonly onProbe?: () => void;
  readonly onActivate?: () => void;
}

const there: BackendReport = { available: true, device: 'paper', version: '1' };
const missing = { available: false, reason: 'no such card', fix: 'Buy one.' };

async function hostOf(sketches: Record<string, Sketch>, notices = keptNotices()) {
  const log: string[] = [];
  const extensions = Object.entries(sketches).map(([id, sketch]) =>
    defineBackend({
      id: `backend/${id}`,
      summary: id,
      options: sketch.options ?? z.strictObject({}),
      create: (): Backend => {
        log.push(`create ${id}`);
        sketch.onCreate?.();
        return {
          name: sketch.name ?? id,
          rank: sketch.rank,
          probe: async () => {
            sketch.onProbe?.();
            return { ...there, ...sketch.report };
          },
          activate: async () => {
            log.push(`activate ${id}`);
            sketch.onActivate?.();
          },
        };
      },
    }),
  );
  const host: Host = await createHost({ plugins: [pluginOf(extensions)], notices });
  return { host, log, notices };
}
const fails = (message: string) => () => {
  throw new Error(message);
};

it('chooses the available backend of the highest rank and activates it', async () => {
  const { host, log } = await hostOf({ low: { rank: 0 }, best: { rank: 20, report: missing }, good: { rank: 10 } });
  expect((await host.selectBackend()).name).toBe('good');
  expect(log.filter((line) => line.startsWith('activate'))).toEqual(['activate good']);
});

it('lists all, best first, without activating any', async () => {
  const { host, log } = await hostOf({
    low: { rank: 0 },
    gone: { rank: 20, report: missing },
    broken: { rank: 30, onCreate: fails('no addon') },
    shy: { rank: 5, onProbe: fails('no probe') },
  });
  const found = await host.backends();
  expect(found.map(({ backend, report }) => [backend.name, report.available, report.reason])).toEqual([
    ['gone', false, 'no such card'],
    ['shy', false, 'backend/shy (sample 1.2.3) failed in probe(): no probe'],
    ['low', true, undefined],
    ['broken', false, expect.stringContaining('backend/broken (sample 1.2.3) failed while it was created: no addon')],
  ]);
  expect(log.some((line) => line.startsWith('activate'))).toBe(false);
});

it.each([['wasm'], ['backend/wasm'], ['webassembly'], [{ kind: 'backend', id: 'backend/wasm', with: {} } as const]])(
  'finds the one called %j, though another ranks higher',
  async (wanted) => {
    const { host } = await hostOf({ fast: { rank: 50 }, wasm: { rank: 1, name: 'webassembly' } });
    expect((await host.selectBackend(wanted)).name).toBe('webassembly');
  },
);

it('creates each once a process, whatever host asks', async () => {
  const { host, log } = await hostOf({ a: { rank: 1 } });
  const first = await host.selectBackend('a');
  const more = await host.withPlugins([pluginOf([], { name: 'more' })]);
  expect(await more.selectBackend()).toBe(first);
  expect(log.filter((line) => line === 'create a')).toHaveLength(1);
});

it('says what was found, and how to get what was asked for', async () => {
  const { host } = await hostOf({ card: { rank: 20, report: missing }, low: { rank: 0 } });
  const expected = {
    code: 'BACKEND_UNAVAILABLE',
    where: 'card: not available, no such card\nlow: available (paper)',
    fix: 'card: Buy one.\nUse low.',
  };
  expect(await thrownBy(() => host.selectBackend('card'))).toMatchObject(expected);
  expect(await thrownBy(() => host.selectBackend('crad'))).toMatchObject(expected);
});

it('says so when nothing can run, or nothing is loaded', async () => {
  const none = await hostOf({ card: { rank: 20, report: missing } });
  expect(await thrownBy(() => none.host.selectBackend())).toMatchObject({
    code: 'BACKEND_UNAVAILABLE',
    fix: 'card: Buy one.',
  });
  const empty = await hostOf({});
  expect((await thrownBy(() => empty.host.selectBackend())).where).toBe('no loaded plugin brings a backend');
});

it('falls back with a warning when the best does not start, but not from the one asked for', async () => {
  const sketches = { best: { rank: 9, onActivate: fails('driver too old') }, low: { rank: 0 } };
  const { host, notices } = await hostOf(sketches);
  expect((await host.selectBackend()).name).toBe('low');
  expect(notices.warnings).toEqual([expect.stringMatching(/best did not start.*driver too old/)]);
  expect(await thrownBy(() => host.selectBackend('best'))).toMatchObject({
    code: 'BACKEND_UNAVAILABLE',
    message: expect.stringContaining(
      'best did not start: backend/best (sample 1.2.3) failed in activate(): driver too old.',
    ),
  });
});

it('leaves backends that need options to those who name them', async () => {
  const options = z.strictObject({ device: z.number() });
  const { host } = await hostOf({ remote: { rank: 99, options }, low: { rank: 0 } });
  expect((await host.selectBackend()).name).toBe('low');
  const ref = { kind: 'backend', id: 'backend/remote', with: { device: 1 } } as const;
  expect((await host.selectBackend(ref)).name).toBe('remote');
});
