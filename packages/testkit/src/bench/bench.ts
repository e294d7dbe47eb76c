import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Host, type RunScope, createHost, unguarded } from '@hastejs/core';
import {
  type AnyExtension,
  type DataSpec,
  type Kind,
  type Kinds,
  type Notices,
  type Plugin,
  type Ref,
  Services,
  type StudentSpec,
} from '@hastejs/plugin-api';
import type { ContractCase } from '../contract/case.js';
import { fakeDataSpec } from '../fakes/fake-data.js';
import { fakeStudentSpec } from '../fakes/fake-student.js';
import { asPlugin, withToolbox } from './toolbox.js';

type LooseCase = ContractCase<unknown>;
type RunKind = Exclude<Kind, 'backend'>;

/** A host with one open run in which an extension is created as a recipe creates it. Each check has a bench of its own. */
export interface Bench<K extends Kind = Kind> {
  readonly extension: AnyExtension<K>;
  readonly contractCase: LooseCase;
  readonly host: Host;
  readonly run: RunScope;
  readonly data: DataSpec;
  readonly student: StudentSpec;
  /** What it warned of. */
  readonly warnings: readonly string[];
  /** The extension with the case's options, or others. */
  ref(options?: unknown): Ref<K>;
  /**
   * Creates it, as a recipe does: options checked, services injected. Closed with the bench. It is the extension itself,
   * without the guard that a run has around its calls.
   */
  create(options?: unknown): Promise<Kinds[K]>;
  /** Closes one created extension before the bench ends. */
  release(extension: object): Promise<void>;
  /** A bench of its own for the case with a change, closed with this one. */
  another(change: LooseCase): Promise<Bench<K>>;
  /** A folder of its own, removed with the bench. */
  folder(): Promise<string>;
  close(): Promise<void>;
}

export interface BenchSource<K extends Kind> {
  readonly extension: AnyExtension<K>;
  readonly contractCase: LooseCase;
  /** Its package; absent: it is tested without. */
  readonly plugin?: Plugin | undefined;
}

/**
 * @throws HasteError PLUGIN_… for an extension that core does not accept, BACKEND_UNAVAILABLE, or what `run.provide` throws.
 */
export async function openBench<K extends Kind>({
  extension,
  contractCase,
  plugin,
}: BenchSource<K>): Promise<Bench<K>> {
  const warnings: string[] = [];
  const notices: Notices = { info: () => undefined, warn: (message) => void warnings.push(message) };
  const own = plugin ?? asPlugin(extension as AnyExtension);
  const host = await createHost({ plugins: withToolbox([own, ...(contractCase.plugins ?? [])]), notices });
  if (extension.kind !== 'backend') await host.selectBackend(backendRef(contractCase));
  const run = host.openRun(host.resolve(STILL), contractCase.files ?? process.cwd());
  const data = { ...fakeDataSpec(), ...contractCase.data };
  const student = { ...fakeStudentSpec({ input: data.image, classes: data.classes.length }), ...contractCase.student };
  run.provide(Services.data, data);
  run.provide(Services.student, student);
  const folders: string[] = [];
  const others: Bench<K>[] = [];
  const guards = new Map<object, object>();
  const ref = (options: unknown = contractCase.options ?? {}) =>
    ({ kind: extension.kind, id: extension.id, with: options }) as unknown as Ref<K>;
  return {
    ...{ extension, contractCase, host, run, data, student, warnings, ref },
    create: async (options) => {
      const guarded = await run.create(ref(options) as unknown as Ref<RunKind>);
      // As its author made it: a guard would tell of a fault before the check that is about it.
      const bare = unguarded(guarded as Kinds[K]);
      guards.set(bare, guarded);
      return bare;
    },
    release: (bare) => run.release(guards.get(bare)!),
    another: async (change) => {
      const other = await openBench({ extension, plugin, contractCase: { ...contractCase, ...change } });
      others.push(other);
      return other;
    },
    folder: async () => {
      const folder = await mkdtemp(join(tmpdir(), 'haste-testkit-'));
      folders.push(folder);
      return folder;
    },
    close: async () => {
      for (const other of others) await other.close();
      await run.close();
      await host.close();
      for (const folder of folders) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The run that is open on a bench: of fakes, and never started. */
const STILL = { name: 'contract', steps: 1, student: 'testkit/student', data: 'testkit/data' } as const;

export function backendRef({ backend = 'backend/cpu' }: Pick<LooseCase, 'backend'>): Ref<'backend'> {
  return typeof backend === 'string'
    ? { kind: 'backend', id: backend, with: {} }
    : { kind: 'backend', id: backend.id, with: backend.with ?? {} };
}
