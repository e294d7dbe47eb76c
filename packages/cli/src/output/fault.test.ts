import { HasteError } from '@hastejs/plugin-api';
import { plain } from '#support/capture-io.js';
import { colorsFor } from '../io.js';
import { exitCodeOf } from '../exit-codes.js';
import { faultRecord, formatFault } from './fault.js';
import { translateSystemError } from './system-error.js';

const none = colorsFor({ write: () => true }, { NO_COLOR: '1' });
const fault = new HasteError('LAYERS_INVALID', {
  what: 'Block 12 does not exist.\nBlock 13 neither.',
  where: 'alignment.terms.feature',
  fix: 'Blocks count from 0.',
  cause: new Error('underneath'),
});

describe('an error on the screen', () => {
  it('says what, where and how to mend it, without a stack', () => {
    expect(formatFault(fault, none, false)).toBe(
      [
        'error Block 12 does not exist.',
        'Block 13 neither. [LAYERS_INVALID]',
        '  where: alignment.terms.feature',
        '  fix:   Blocks count from 0.',
        '',
      ].join('\n'),
    );
  });

  it('shows the stack and its causes with --debug', () => {
    const text = formatFault(fault, none, true);
    expect(text).toContain('fault.test.ts');
    expect(text).toMatch(/caused by:\nError: underneath/);
  });

  it('admits a bug and asks for a report', () => {
    const text = formatFault(new TypeError('x is not a function'), none, false);
    expect(text).toContain('error x is not a function [INTERNAL]');
    expect(text).toContain('--debug');
    expect(text).not.toMatch(/^ +at /m);
  });

  it('survives errors that are not errors', () => {
    expect(formatFault(null, none, true)).toContain('null');
    expect(formatFault(new Error(''), none, false)).toContain('without saying why');
  });

  it('is red on a terminal and plain otherwise', () => {
    const colors = colorsFor({ write: () => true, isTTY: true }, {});
    expect(formatFault(fault, colors, false)).toContain('\u001B[31m');
    expect(plain(formatFault(fault, colors, false))).toBe(formatFault(fault, none, false));
  });
});

describe('an error for machines', () => {
  it('has the same parts', () => {
    expect(faultRecord(new HasteError('DISK', { what: 'Full.', where: '/runs' }))).toEqual({
      event: 'error',
      code: 'DISK',
      what: 'Full.',
      where: '/runs',
    });
  });
});

describe('exit codes', () => {
  const system = (code: string) => translateSystemError(Object.assign(new Error(code), { code, path: '/runs/x' }));

  it.each([
    [new HasteError('USAGE', { what: '' }), 2],
    [new HasteError('RECIPE_INVALID', { what: '' }), 3],
    [new HasteError('CHECKPOINT_DAMAGED', { what: '' }), 3],
    [new HasteError('BACKEND_UNAVAILABLE', { what: '' }), 4],
    [new HasteError('LOSS_NOT_FINITE', { what: '' }), 1],
    [system('ENOSPC'), 4],
    [system('EROFS'), 4],
    [system('EPROTO'), 1],
    [new TypeError('bug'), 1],
    ['a string', 1],
  ])('%# is as documented', (error, code) => expect(exitCodeOf(error)).toBe(code));

  it('names the file of a full disk', () => {
    expect(formatFault(system('ENOSPC'), none, false)).toContain('error The disk is full. [DISK]\n  where: /runs/x');
  });
});
