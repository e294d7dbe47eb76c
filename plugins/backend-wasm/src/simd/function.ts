import {
  type Expr,
  type F32,
  type I32,
  type Int,
  type Vec,
  add,
  bitAnd,
  expr,
  fadd,
  firstLane,
  fmax,
  iadd,
  int,
  lane,
  less,
  load,
  loadSplat,
  storeCode,
  storeOneCode,
  vec,
} from './expressions.js';
import { MEMORY_COPY, OP, type Type, VOID, unsigned } from './opcodes.js';

/** A local variable. */
export interface Local<T extends Type> extends Expr<T> {
  readonly index: number;
}

/** A function of the module under construction, for calls from others. Functions return nothing: results go to memory. */
export interface FunctionRef<P extends readonly Type[]> {
  readonly index: number;
  readonly parameters: P;
}
export type Arguments<P extends readonly Type[]> = { readonly [I in keyof P]: Expr<P[I]> };

/** How the body of `forVectors` reads and writes: four floats at a time, and the last ones singly. */
export interface Lanes {
  /** Four floats, or one float four times. */
  load(address: I32): Vec;
  store(address: I32, value: Vec): void;
  /** Blanks the lanes that do not count, before a sum. */
  only(value: Vec): Vec;
}

/** Writes the body of one function, statement by statement. */
export class FunctionBuilder {
  readonly locals: Type[] = [];
  readonly code: number[] = [];

  constructor(readonly parameters: readonly Type[]) {}

  /** A variable, for loops and sums. */
  variable<T extends Type>(value: Expr<T>): Local<T> {
    const index = this.parameters.length + this.locals.push(value.type) - 1;
    const local = { ...expr(value.type, [OP.localGet], unsigned(index)), index };
    this.set(local, value);
    return local;
  }

  /** Computes a value once, for use in several places. */
  value<T extends Type>(value: Expr<T>): Expr<T> {
    return this.variable(value);
  }

  set<T extends Type>(local: Local<T>, value: Expr<T>): void {
    this.code.push(...value.code, OP.localSet, ...unsigned(local.index));
  }

  /** Goes on from `i` in steps while a whole step fits below `to`; `i` ends at the first index left over. */
  continueTo(i: Local<'i32'>, to: Int, step: Int, body: (i: I32) => void): void {
    const end = this.value(iadd(to, 1));
    this.repeat(less(iadd(i, step), end), () => {
      body(i);
      this.set(i, iadd(i, step));
    });
  }

  /** i = 0, 1, … n − 1. */
  forEach(n: Int, body: (i: I32) => void): void {
    this.continueTo(this.variable(int(0)), n, 1, body);
  }

  /** Elements 0 … n − 1, four at a time, and the last n mod 4 one at a time. The body is written out twice. */
  forVectors(n: Int, body: (i: I32, lanes: Lanes) => void): void {
    const i = this.variable(int(0));
    const whole: Lanes = { load, store: (address, value) => this.store(address, value), only: (value) => value };
    const single: Lanes = {
      load: loadSplat,
      store: (address, value) => this.storeOne(address, value),
      only: (value) => bitAnd(value, firstLane),
    };
    this.continueTo(i, n, 4, () => body(i, whole));
    this.continueTo(i, n, 1, () => body(i, single));
  }

  /** Runs `body` while the condition holds. */
  repeat(condition: I32, body: () => void): void {
    this.code.push(OP.block, VOID, OP.loop, VOID, ...condition.code, OP.i32Eqz, OP.brIf, 1);
    body();
    this.code.push(OP.br, 0, OP.end, OP.end);
  }

  when(condition: I32, body: () => void): void {
    this.code.push(...condition.code, OP.if, VOID);
    body();
    this.code.push(OP.end);
  }

  either(condition: I32, [then, otherwise]: readonly [() => void, () => void]): void {
    this.code.push(...condition.code, OP.if, VOID);
    then();
    this.code.push(OP.else);
    otherwise();
    this.code.push(OP.end);
  }

  store(address: I32, value: Vec, offset = 0): void {
    this.code.push(...storeCode(address, value, offset));
  }

  storeOne(address: I32, value: Vec): void {
    this.code.push(...storeOneCode(address, value, 0));
  }

  storeFloat(address: I32, value: F32): void {
    this.code.push(...address.code, ...value.code, OP.f32Store, 2, 0);
  }

  copyBytes(to: I32, from: I32, bytes: Int): void {
    this.code.push(...to.code, ...from.code, ...int(bytes).code, ...MEMORY_COPY);
  }

  call<const P extends readonly Type[]>(target: FunctionRef<P>, ...args: Arguments<P>): void {
    this.code.push(...args.flatMap(({ code }) => code), OP.call, ...unsigned(target.index));
  }

  /** Σ of `term` over elements 0 … n − 1. */
  sum(n: Int, term: (i: I32, lanes: Lanes) => Vec): F32 {
    const total = this.variable(vec(0));
    this.forVectors(n, (i, lanes) => this.set(total, add(total, lanes.only(term(i, lanes)))));
    return this.sumLanes(total);
  }

  /** Sum of the four lanes. */
  sumLanes(v: Vec): F32 {
    const a = this.value(v);
    return this.value(fadd(fadd(lane(a, 0), lane(a, 1)), fadd(lane(a, 2), lane(a, 3))));
  }

  maxLanes(v: Vec): F32 {
    const a = this.value(v);
    return this.value(fmax(fmax(lane(a, 0), lane(a, 1)), fmax(lane(a, 2), lane(a, 3))));
  }
}
