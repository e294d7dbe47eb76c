import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type HostTensor, type Params, type Tensor, paramsFromHost, readSafetensors, tf } from '@hastejs/tensor';
import type { BackendName } from '#support/backends.js';
import { describeDifference } from './difference.js';

interface OutputSpec {
  readonly shape: readonly number[];
  /** For a careful float32 on a CPU. */
  readonly tol_abs: number;
  /** For other backends. */
  readonly tol_abs_loose: number;
  /** Rows [from, to) that mean nothing. */
  readonly exclude_dim0?: readonly [number, number] | null;
}

interface CaseFile {
  readonly config: Readonly<Record<string, unknown>>;
  readonly keys: {
    readonly weights: Readonly<Record<string, readonly number[]>>;
    readonly inputs: Readonly<Record<string, readonly number[]>>;
    readonly outputs: Readonly<Record<string, OutputSpec>>;
  };
  readonly integer_keys: readonly string[];
  readonly scalars_float32_run: Readonly<Record<string, unknown>>;
}

/** What a checker may read of a case, or of one part of it. */
export type GoldenInputs = Pick<GoldenCase, 'name' | 'inputs' | 'input' | 'values' | 'fact'>;

type Actual = Tensor | ArrayLike<number>;

/**
 * One case: its numbers, and the book of what was compared. A checker computes every output that the JSON lists and hands
 * it to `expect`; what it cannot compare it must `explain` by name.
 */
export class GoldenCase {
  private readonly differences: string[] = [];
  private readonly settled = new Set<string>();

  private constructor(
    readonly name: string,
    readonly backend: BackendName,
    private readonly file: CaseFile,
    private readonly tensors: ReadonlyMap<string, HostTensor>,
  ) {}

  static async open(folder: string, name: string, backend: BackendName): Promise<GoldenCase> {
    const file = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as CaseFile;
    const { tensors } = await readSafetensors(join(folder, `${name}.safetensors`));
    return new GoldenCase(name, backend, file, tensors);
  }

  get config(): Readonly<Record<string, unknown>> {
    return this.file.config;
  }

  get scalars(): Readonly<Record<string, unknown>> {
    return this.file.scalars_float32_run;
  }

  /** Any other entry of the JSON, such as `called` or `loss_weights`. */
  fact(key: string): unknown {
    return (this.file as unknown as Record<string, unknown>)[key];
  }

  get outputs(): readonly string[] {
    return Object.keys(this.file.keys.outputs);
  }

  get inputs(): readonly string[] {
    return Object.keys(this.file.keys.inputs);
  }

  /** All weights, or those under a prefix with the prefix cut off. */
  weights(prefix = ''): Params {
    const names = Object.keys(this.file.keys.weights).filter((name) => name.startsWith(prefix));
    return paramsFromHost(Object.fromEntries(names.map((name) => [name.slice(prefix.length), this.tensor(name)])));
  }

  /** All weights in host memory, as a weight file gives them. */
  hostWeights(): Record<string, HostTensor> {
    return Object.fromEntries(Object.keys(this.file.keys.weights).map((name) => [name, this.tensor(name)]));
  }

  /** An input on the backend by its full key, `in/x`; int32 where the JSON says integer. */
  input<T extends Tensor>(key: string): T {
    const { shape } = this.tensor(key);
    return tf.tensor(this.values(key), [...shape], this.isInteger(key) ? 'int32' : 'float32') as T;
  }

  /** The numbers of any key, in host memory. */
  values(key: string): Float32Array {
    return this.tensor(key).data as Float32Array;
  }

  shape(key: string): readonly number[] {
    return this.tensor(key).shape;
  }

  /** The inputs of one part of the case: `in/x` stands for `in/x.step0`, `in/attn.4` for `in/attn.step0.4`. */
  at(part: string): GoldenInputs {
    const name = (key: string): string => key.replace(/^(in\/[^.]+)/, `$1.${part}`);
    return {
      name: `${this.name}, ${part}`,
      inputs: this.inputs.filter((key) => key.includes(`.${part}`)).map((key) => key.replace(`.${part}`, '')),
      input: (key) => this.input(name(key)),
      values: (key) => this.values(name(key)),
      fact: (key) => this.fact(key),
    };
  }

  /** Compares an output; differences are collected and reported together. */
  expect(key: string, actual: Actual): void {
    const { shape, exclude_dim0 } = this.output(key);
    this.settled.add(key);
    const difference = describeDifference(actual, this.values(key), shape, this.tolerance(key), exclude_dim0 ?? null);
    if (difference) this.differences.push(`${key}: ${difference}`);
  }

  /** The absolute error that an output may have on this backend; integers have none. */
  tolerance(key: string): number {
    const { tol_abs, tol_abs_loose } = this.output(key);
    if (this.isInteger(key)) return 0;
    return this.backend === 'cpu' ? tol_abs : tol_abs_loose;
  }

  /** Settles an output that has nothing to be compared with, and says why. */
  explain(key: string, reason: string): void {
    if (reason.length < 20) throw new Error(`Say why '${key}' is not compared.`);
    this.settled.add(key);
  }

  /** A check beyond the outputs, such as a scalar or a name. */
  require(holds: boolean, message: string): void {
    if (!holds) this.differences.push(message);
  }

  /** @throws Error naming every difference and every output that nobody looked at. */
  finish(): void {
    const missed = this.outputs.filter((key) => !this.settled.has(key));
    const lines = [...this.differences, ...missed.map((key) => `${key}: not compared`)];
    if (lines.length > 0) throw new Error(`${this.name} on ${this.backend}:\n  ${lines.join('\n  ')}`);
  }

  private output(key: string): OutputSpec {
    const spec = this.file.keys.outputs[key];
    if (!spec) throw new Error(`${this.name} lists no output '${key}'.`);
    return spec;
  }

  private isInteger(key: string): boolean {
    return this.file.integer_keys.includes(key);
  }

  private tensor(key: string): HostTensor {
    const tensor = this.tensors.get(key);
    if (!tensor) throw new Error(`${this.name}.safetensors has no tensor '${key}'.`);
    return tensor;
  }
}

/** Checks one case. Tensors that it makes are freed for it. */
export type Checker = (golden: GoldenCase) => void | Promise<void>;
