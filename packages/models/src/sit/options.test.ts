import { SIT_PRESETS } from './config.js';
import { sitConfig, sitOptions } from './options.js';
import { sit } from './sit.js';

const DATA = { name: 'toys', image: { channels: 1, height: 28, width: 20 }, classes: ['a', 'b', 'c'] };
const CUSTOM = { hiddenSize: 96, depth: 4, numHeads: 6, patchSize: 2 };

const faults = (options: object): string[] => {
  const result = sitOptions.safeParse(options);
  return result.success ? [] : result.error.issues.map(({ message }) => message);
};

describe('student/sit options', () => {
  it('know the published sizes', () => {
    expect(Object.keys(SIT_PRESETS)).toHaveLength(12);
    expect(SIT_PRESETS['SiT-XL/2']).toEqual({ hiddenSize: 1152, depth: 28, numHeads: 16, patchSize: 2 });
    expect(SIT_PRESETS['SiT-S/8']).toEqual({ hiddenSize: 384, depth: 12, numHeads: 6, patchSize: 8 });
  });

  it('learn input and classes from the data', () => {
    const config = sitConfig(sitOptions.parse({ size: 'SiT-B/4', qkNorm: true }), DATA);
    expect(config).toMatchObject({ hiddenSize: 768, patchSize: 4, mlpRatio: 4, qkNorm: true, classes: 3 });
    expect(config.input).toEqual(DATA.image);
    expect(sitConfig(sitOptions.parse({ ...CUSTOM, classes: 10 }), DATA).classes).toBe(10);
  });

  it('give the recipe plain data', () => {
    expect(sit({ size: 'SiT-B/2' })).toEqual({ kind: 'student', id: 'student/sit', with: { size: 'SiT-B/2' } });
  });

  it.each([
    [{ size: 'SiT-B/3' }, 'SiT-B/2'],
    [{ size: 'SiT-B/2', depth: 3 }, "'SiT-B/2' already says depth"],
    [{}, "give size: 'SiT-B/2', or also hiddenSize, depth, numHeads, patchSize"],
    [{ ...CUSTOM, patchSize: undefined }, 'or also patchSize'],
    [{ ...CUSTOM, numHeads: 5 }, 'hiddenSize 96 is not divisible by numHeads 5'],
    [{ ...CUSTOM, hiddenSize: 90 }, 'hiddenSize 90 is not divisible by 4'],
    [{ ...CUSTOM, depth: 0 }, '>0'],
    [{ ...CUSTOM, deph: 4 }, 'deph'],
  ])('refuse %j', (options, message) => {
    expect(faults(options).join()).toContain(message);
  });

  it('refuse a patch that does not tile the images, with both sizes', () => {
    expect(() => sitConfig(sitOptions.parse({ ...CUSTOM, patchSize: 8 }), DATA)).toThrow(
      expect.objectContaining({
        code: 'TEACHER_MISMATCH',
        what: 'Patches of 8×8 do not tile the 28×20 images of toys.',
      }),
    );
  });
});
