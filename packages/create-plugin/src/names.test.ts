import { CreateError } from './create-error.js';
import { PLUGIN_KINDS, kindOf } from './kinds.js';
import { nameFault, namesOf } from './names.js';

const kind = (flag: string) => kindOf(flag)!;

describe('the names of a plugin', () => {
  it.each([
    ['haste-teacher-gabor', 'teacher', 'haste-teacher-gabor', 'teacher/gabor', 'gaborTeacher'],
    ['@me/gabor-filters', 'teacher', 'gabor-filters', 'teacher/gabor-filters', 'gaborFiltersTeacher'],
    ['haste-plugin-alignment-loss-huber', 'alignment-loss', undefined, 'loss/huber', 'huberLoss'],
    ['@me/haste.3d_shapes', 'dataset', 'haste.3d_shapes', 'data/3d-shapes', 'n3dShapesData'],
    ['haste-data', 'dataset', 'haste-data', 'data/data', 'dataData'],
  ])('%s (%s)', (packageName, flag, folder, id, exportName) => {
    expect(namesOf(packageName, kind(flag))).toMatchObject({ folder: folder ?? packageName, id, exportName });
  });

  it.each([
    ['', /it is empty/],
    ['Gabor', /capital letters/],
    ['my plugin', /a space/],
    ['.hidden', /"\.hidden" is not a word/],
    ['@me', /@scope\/name/],
    ['@me/', /a part of it is empty/],
    ['@me/a/b', /@scope\/name/],
    ['../elsewhere', /not a word/],
    ['größe', /not a word/],
    ['fs', /Node has a module/],
    ['node_modules', /npm's own/],
    ['haste-plugin', /nothing is left/],
    ['a'.repeat(215), /215 characters/],
  ])('refuse %j', (packageName, why) => {
    expect(nameFault(packageName)).toMatch(why);
    expect(() => namesOf(packageName, kind('teacher'))).toThrow(CreateError);
    expect(() => namesOf(packageName, kind('teacher'))).toThrow(/Take a name such as haste-teacher-gabor/);
  });
});

describe('kinds', () => {
  it('are found however they are written', () => {
    for (const text of ['alignment-loss', 'alignmentLoss', 'Alignment Loss', 'alignment_loss', 'loss']) {
      expect(kindOf(text)).toBe(kind('alignment-loss'));
    }
    expect(kindOf('data set')?.flag).toBe('dataset');
    expect(kindOf('decoder')).toBeUndefined();
  });

  it('differ in all that names come from', () => {
    for (const key of ['flag', 'prefix', 'suffix', 'template'] as const) {
      expect(new Set(PLUGIN_KINDS.map((one) => one[key])).size).toBe(11);
    }
  });
});
