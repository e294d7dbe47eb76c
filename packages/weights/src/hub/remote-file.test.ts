import { checksum, isInside, remoteFile } from './remote-file.js';

const SHA1 = '0'.repeat(40);
const SHA256 = 'f'.repeat(64);

it('takes the large file behind a pointer, or the file itself', () => {
  const pointer = { path: 'a', size: 9, oid: SHA1, lfs: { oid: SHA256, size: 10 } };
  expect(remoteFile(pointer)).toEqual({ path: 'a', size: 10, etag: SHA256 });
  expect(remoteFile({ path: 'a', size: 9, oid: SHA1 })).toEqual({ path: 'a', size: 9, etag: SHA1 });
});

it('hashes a small file as git does', () => {
  // printf 'hello\n' | git hash-object --stdin
  const hash = checksum({ path: 'a', size: 6, etag: SHA1 }).update('hello\n');
  expect(hash.digest('hex')).toBe('ce013625030ba8dba906f756967f9e9ca394464a');
});

it.each([{ oid: '../../up' }, { oid: SHA1, size: -1 }, { lfs: { oid: SHA1, size: 1 } }, {}])(
  'refuses what would name a blob elsewhere, or is no description: %j',
  (info) => expect(() => remoteFile({ path: 'a', size: 1, ...info })).toThrow(/it describes 'a'/),
);

it.each(['../a', 'a/../../b', '/a', 'C:\\a', 'a//b', './a', '', 'a\\b'])('%j is not inside of a repository', (path) =>
  expect(isInside(path)).toBe(false),
);

it.each(['a', 'a/b.safetensors', 'refs/pr/1', '..a'])('%j is inside', (path) => expect(isInside(path)).toBe(true));
