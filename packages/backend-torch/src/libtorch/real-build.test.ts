// One build for real: the compiler of this machine, a libtorch that is here, an addon of two small files that calls both.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { temporaryFiles } from '#support/temporary-files.js';
import { build } from './build.js';
import { findBuilt } from './find-built.js';
import { torchHomes } from './home.js';
import { inspect } from './inspect.js';
import { buildsIn } from './manifest.js';

const files = temporaryFiles();
const at = (name: string) => join(files.root(), name);

const HEADER = '#pragma once\n#include <string>\nstd::string nameOfFloat();\nint threads();\n';
// Names with std::string in them do not link when the ABI is not libtorch's.
const LIBTORCH = `
#include <c10/core/ScalarType.h>
#include <c10/util/Exception.h>
#include <omp.h>
#include "toy.h"
std::string nameOfFloat() {
  try {
    TORCH_CHECK(false, "no ", c10::toString(c10::ScalarType::Float));
  } catch (const c10::Error& error) {
    return error.what_without_backtrace();
  }
}
int threads() {
  int count = 0;
#pragma omp parallel num_threads(2) reduction(+ : count)
  count += 1;
  return count;
}
`;
const MODULE = `
#include <node_api.h>
#include "toy.h"
NAPI_MODULE_INIT() {
  napi_value name, count;
  napi_create_string_utf8(env, nameOfFloat().c_str(), NAPI_AUTO_LENGTH, &name);
  napi_create_int32(env, threads(), &count);
  napi_set_named_property(env, exports, "name", name);
  napi_set_named_property(env, exports, "threads", count);
  return exports;
}
`;

/** The libtorch of any earlier build: whether that build still fits does not matter here. */
const libtorch = torchHomes(process.cwd(), process.env)
  .flatMap(buildsIn)
  .map(({ manifest }) => inspect(manifest.libtorch.root))
  .flatMap((found) => ('libtorch' in found ? [found.libtorch] : []))[0];
const test = libtorch === undefined ? it.skip : it;

test('builds an addon that calls libtorch, and loads it (needs npm run setup:torch)', async () => {
  await files.write({ 'native/toy.h': HEADER, 'native/sub/libtorch.cc': LIBTORCH, 'native/module.cc': MODULE });
  const options = { home: at('home'), env: process.env, native: at('native'), say: () => undefined };
  const { addon } = await build(libtorch!, options);
  // Elsewhere than here, where other tests load libtorch too, and perhaps another one.
  const loaded = execFileSync(process.execPath, ['-p', 'JSON.stringify(require(process.argv[1]))', addon]);
  expect(JSON.parse(loaded.toString())).toEqual({ name: 'no Float', threads: 2 });
  const found = findBuilt({ env: { HASTE_TORCH_HOME: at('home') }, native: at('native') });
  expect(found).toMatchObject({ build: { addon } });
}, 60_000);

test('tells what the compiler says of a fault (needs npm run setup:torch)', async () => {
  await files.write({ 'native/fault.cc': 'int f() { return undeclared; }' });
  const options = { home: at('home'), env: process.env, native: at('native'), say: () => undefined };
  await expect(build(libtorch!, options)).rejects.toMatchObject({
    where: expect.stringMatching(/fault\.cc:1:18: error: .*undeclared/),
  });
}, 60_000);
