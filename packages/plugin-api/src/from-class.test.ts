import type { Rng } from '@hastejs/tensor';
import { fromClass, inject } from './from-class.js';
import { Services } from './services.js';
import type { Files } from './tokens.js';

class Made {
  constructor(
    readonly options: { readonly size: number },
    @inject(Services.files) readonly files: Files,
    @inject(Services.rng) readonly rng: Rng,
  ) {}
}

it('turns marked parameters into services by name, and back into arguments by position', () => {
  const { inject: services, create } = fromClass(Made);
  expect(services).toEqual({ parameter1: Services.files, parameter2: Services.rng });
  const [files, rng] = [{ resolve: String }, { seed: 1 } as Rng];
  const made = create({ size: 3 }, { parameter2: rng, parameter1: files });
  expect(made).toBeInstanceOf(Made);
  expect([made.options, made.files, made.rng]).toEqual([{ size: 3 }, files, rng]);
});

it('takes classes that need no service, or not even options', () => {
  class Bare {
    readonly made = true;
  }
  expect(fromClass(Bare).inject).toEqual({});
  expect(fromClass(Bare).create({}, {})).toEqual({ made: true });
});

it('keeps the marks of one class from another', () => {
  class Other {
    constructor(
      readonly options: object,
      @inject(Services.notices) readonly notices: object,
    ) {}
  }
  expect(Object.values(fromClass(Other).inject)).toEqual([Services.notices]);
  expect(Object.values(fromClass(Made).inject)).toEqual([Services.files, Services.rng]);
});

it('refuses a parameter that would stay undefined', () => {
  class Forgot {
    constructor(
      readonly options: object,
      readonly files: Files,
      @inject(Services.rng) readonly rng: Rng,
    ) {}
  }
  expect(() => fromClass(Forgot)).toThrow(/Forgot does not say.*parameter 1 .*PLUGIN_INVALID.*@inject/s);
});

it('refuses a mark on the parameter that receives the options', () => {
  class Eager {
    constructor(@inject(Services.rng) readonly rng: Rng) {}
  }
  expect(() => fromClass(Eager as never)).toThrow(/Eager.*first.*options.*PLUGIN_INVALID/s);
});
