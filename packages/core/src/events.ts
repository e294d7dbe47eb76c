import type { Notices } from '@hastejs/plugin-api';
import { EventEmitter } from 'eventemitter3';
import { deepFreeze } from './plain-json.js';
import { reasonOf } from './reason.js';

type PhaseKind = 'aligning' | 'free';

/** What happened in a run: facts in the past tense, as plain data. */
export interface RunEventMap {
  /**
   * Before the first step: what a teacher's cache lacks. `images` counts the variants of augmentation, `done` those that are
   * there; `bytes` are still to be written, and the disk has `free`.
   */
  'teacher-cache:started': {
    readonly teacher: string;
    readonly folder: string;
    readonly images: number;
    readonly done: number;
    readonly bytes: number;
    readonly free: number;
  };
  'teacher-cache:advanced': { readonly done: number; readonly images: number };
  /** `complete` is false when it was interrupted; what is there stays. */
  'teacher-cache:ended': {
    readonly teacher: string;
    readonly folder: string;
    readonly complete: boolean;
    readonly seconds: number;
  };
  /** `step` is the number of steps already done: 0, or where a resumed run goes on. */
  'run:started': {
    readonly folder: string;
    readonly step: number;
    readonly steps: number;
    readonly backend: { readonly name: string; readonly device: string; readonly version: string };
    readonly phase: PhaseKind;
  };
  /** `losses` holds `loss/total`, `loss/denoise`, `align/<term>` and `grad_norm`; `phase` governed this step. */
  'step:completed': {
    readonly step: number;
    readonly losses: Readonly<Record<string, number>>;
    readonly seconds: number;
    readonly phase: PhaseKind;
  };
  /** `name` is `metric/<name>`. */
  'metric:measured': { readonly step: number; readonly name: string; readonly value: number };
  /** Alignment ended after `step` steps. */
  'phase:changed': { readonly step: number; readonly reason: string };
  'checkpoint:saved': { readonly step: number; readonly path: string; readonly reason: string };
  'run:finished': { readonly step: number; readonly status: 'finished' | 'interrupted' };
  'run:failed': { readonly message: string };
}
export type RunEventName = keyof RunEventMap;
export type RunListener<N extends RunEventName> = (payload: RunEventMap[N]) => void;

/**
 * The events of one run. They never steer it: payloads are frozen copies, and a listener that throws (or whose promise
 * rejects) is reported once as a warning and disturbs neither the run nor the other listeners.
 */
export class RunEvents {
  private readonly emitter = new EventEmitter<string>();
  private readonly reported = new WeakSet<object>();

  constructor(private readonly notices: Pick<Notices, 'warn'>) {}

  /** @returns a function that stops listening. */
  on<N extends RunEventName>(name: N, listener: RunListener<N>): () => void {
    const guarded = (payload: RunEventMap[N]): void => this.call(name, listener, payload);
    this.emitter.on(name, guarded);
    return () => void this.emitter.off(name, guarded);
  }

  emit<N extends RunEventName>(name: N, payload: RunEventMap[N]): void {
    this.emitter.emit(name, deepFreeze(structuredClone(payload)));
  }

  private call<N extends RunEventName>(name: N, listener: RunListener<N>, payload: RunEventMap[N]): void {
    try {
      const result = listener(payload) as unknown;
      Promise.resolve(result).catch((error: unknown) => this.report(name, listener, error));
    } catch (error) {
      this.report(name, listener, error);
    }
  }

  private report(name: RunEventName, listener: object, error: unknown): void {
    if (this.reported.has(listener)) return;
    this.reported.add(listener);
    this.notices.warn(
      `A listener of ${name} failed and was ignored (further failures of it are not shown): ${reasonOf(error)}`,
    );
  }
}
