import { ERROR_CODES } from './error-codes.js';
import { HasteError, isHasteError } from './errors.js';

it('says what, where and how to mend it, one line each', () => {
  const error = new HasteError('DATA_MISSING', { what: 'No images.', where: '/data', fix: 'Put some there.' });
  expect(error.message).toBe('No images. [DATA_MISSING]\n  where: /data\n  fix:   Put some there.');
  expect(error).toMatchObject({ code: 'DATA_MISSING', what: 'No images.', where: '/data', fix: 'Put some there.' });
});

it('leaves out what is not known, and indents what has several lines', () => {
  expect(new HasteError('DISK', { what: 'Full.' }).message).toBe('Full. [DISK]');
  expect(new HasteError('DISK', { what: 'Full.', where: '/a\n/b' }).message).toBe(
    'Full. [DISK]\n  where: /a\n         /b',
  );
});

it('keeps its cause', () => {
  const cause = new Error('ENOSPC');
  expect(new HasteError('DISK', { what: 'Full.', cause }).cause).toBe(cause);
  expect('cause' in new HasteError('DISK', { what: 'Full.' })).toBe(false);
});

it('is recognised by name, not by identity: a plugin may carry its own copy of the API', () => {
  let Foreign = HasteError;
  jest.isolateModules(() => {
    Foreign = (jest.requireActual('./errors.js') as { HasteError: typeof HasteError }).HasteError;
  });
  const error = new Foreign('DISK', { what: 'Full.' });
  expect(error).not.toBeInstanceOf(HasteError);
  expect(isHasteError(error)).toBe(true);
  expect(isHasteError(error, 'DISK')).toBe(true);
  expect(isHasteError(error, 'USAGE')).toBe(false);
});

it.each([[new Error('x')], [{ name: 'HasteError', code: 'DISK' }], ['DISK'], [null], [undefined]])(
  'is not confused with %p',
  (other) => expect(isHasteError(other)).toBe(false),
);

it('has a sentence for every code', () => {
  for (const [code, meaning] of Object.entries(ERROR_CODES)) {
    expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
    expect(meaning).toMatch(/^[A-Z].*\.$/);
  }
  expect(new Set(Object.values(ERROR_CODES)).size).toBe(Object.keys(ERROR_CODES).length);
});
