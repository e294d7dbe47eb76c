import {
  type AnyExtension,
  type Backend,
  type BackendReport,
  HasteError,
  type Ref,
  isHasteError,
} from '@hastejs/plugin-api';
import { type Maker, createExtension } from './create-extension.js';
import { reasonOf } from './reason.js';

/** A backend that a plugin brings, and what a look at this machine found. */
export interface FoundBackend {
  readonly extension: AnyExtension<'backend'>;
  readonly backend: Backend;
  readonly report: BackendReport;
}

/** The backends of a process: each is created once for the same options, whatever asks for it. */
export class Backends {
  private readonly created = new Map<string, Promise<Backend>>();
  /** The one chosen last; null before any is. */
  selected: Backend | null = null;

  /** Every backend that needs no options, best first. Changes nothing on the machine. */
  async find(maker: Maker): Promise<FoundBackend[]> {
    const candidates = maker.registry.ofKind('backend').map(({ extension }) => extension);
    const plain = candidates.filter(({ options }) => options.safeParse({}).success);
    const found = await Promise.all(plain.map((extension) => this.look(maker, extension)));
    return found.toSorted((a, b) => b.backend.rank - a.backend.rank);
  }

  /**
   * Chooses a backend and makes it TensorFlow.js' current one.
   * @param wanted a reference, an id, or a name (`wasm`); absent: the best available.
   * @throws HasteError BACKEND_UNAVAILABLE with what was found and how to get each.
   */
  async select(maker: Maker, wanted?: Ref<'backend'> | string): Promise<Backend> {
    this.selected = wanted === undefined ? await this.best(maker) : await this.wanted(maker, wanted);
    return this.selected;
  }

  private async wanted(maker: Maker, wanted: Ref<'backend'> | string): Promise<Backend> {
    const ref = typeof wanted === 'string' ? await this.named(maker, wanted) : wanted;
    const backend = await this.create(maker, ref);
    const report = await probe(backend);
    if (!report.available) {
      throw await this.unavailable(maker, `The backend ${backend.name} cannot run on this machine.`);
    }
    try {
      await backend.activate();
    } catch (error) {
      if (isHasteError(error) && error.code !== 'EXTENSION_FAILED') throw error;
      throw await this.unavailable(maker, `The backend ${backend.name} did not start: ${reasonOf(error)}.`);
    }
    return backend;
  }

  private async best(maker: Maker): Promise<Backend> {
    for (const { backend, report } of await this.find(maker)) {
      if (!report.available) continue;
      try {
        await backend.activate();
        return backend;
      } catch (error) {
        maker.notices.warn(`The backend ${backend.name} did not start, so the next best is used: ${reasonOf(error)}`);
      }
    }
    throw await this.unavailable(maker, 'No backend can run on this machine.');
  }

  /** By id, or by the name that the backend gives itself: a checkpoint keeps that. */
  private async named(maker: Maker, name: string): Promise<Ref<'backend'>> {
    const ids = maker.registry.ofKind('backend').map(({ extension }) => extension.id);
    const id = ids.find((candidate) => candidate === name) ?? ids.find((candidate) => candidate === `backend/${name}`);
    const byName = id ?? (await this.find(maker)).find(({ backend }) => backend.name === name)?.extension.id;
    if (byName !== undefined) return { kind: 'backend', id: byName, with: {} };
    throw await this.unavailable(maker, `There is no backend "${name}".`);
  }

  private create(maker: Maker, ref: Ref<'backend'>): Promise<Backend> {
    const key = JSON.stringify([ref.id, ref.with]);
    const creating = this.created.get(key) ?? createExtension(maker, 'backend', ref);
    this.created.set(key, creating);
    return creating;
  }

  private async look(maker: Maker, extension: AnyExtension<'backend'>): Promise<FoundBackend> {
    try {
      const backend = await this.create(maker, { kind: 'backend', id: extension.id, with: {} });
      return { extension, backend, report: await probe(backend) };
    } catch (error) {
      const report = broken(error);
      return { extension, backend: absent(extension.id, report), report };
    }
  }

  private async unavailable(maker: Maker, what: string): Promise<HasteError> {
    const found = await this.find(maker);
    const lines = found.map(({ backend, report }) =>
      report.available
        ? `${backend.name}: available (${report.device})`
        : `${backend.name}: not available${report.reason ? `, ${report.reason}` : ''}`,
    );
    const fixes = found.flatMap(({ backend, report }) => (report.fix ? [`${backend.name}: ${report.fix}`] : []));
    const others = found.filter(({ report }) => report.available).map(({ backend }) => backend.name);
    const use = others.length > 0 ? [`Use ${others.join(' or ')}.`] : [];
    return new HasteError('BACKEND_UNAVAILABLE', {
      what,
      where: lines.join('\n') || 'no loaded plugin brings a backend',
      fix: [...fixes, ...use].join('\n') || 'Add a plugin with a backend.',
    });
  }
}

async function probe(backend: Backend): Promise<BackendReport> {
  try {
    return await backend.probe();
  } catch (error) {
    return broken(error);
  }
}

function broken(error: unknown): BackendReport {
  return { available: false, device: '', version: '', reason: reasonOf(error) };
}

/** Stands for a backend that could not even be created, so that it is listed with its reason. */
function absent(id: string, report: BackendReport): Backend {
  return {
    name: id.replace(/^backend\//, ''),
    rank: Number.NEGATIVE_INFINITY,
    probe: async () => report,
    activate: async () => {
      throw new HasteError('BACKEND_UNAVAILABLE', { what: report.reason ?? `${id} cannot be created.`, where: id });
    },
  };
}
