// What is wrong with a packed package as npm and TypeScript would find it: publint for its manifest and files, "are the types
// wrong" for its declarations under each way of resolving modules that people use.
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { readFile } from 'node:fs/promises';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

/**
 * Haste ships ES modules alone. TypeScript's `node10` knows no "exports" and cannot see such packages, nor has it been the
 * default of anything since 2023. CommonJS under `node16` is told that it meets an ES module: Node loads it by `require` from 20.19 on,
 * which is the oldest Node that Haste runs on. Anything else that is found there, or elsewhere, is a fault.
 */
const ACCEPTED = [
  ({ kind, resolutionKind }) => kind === 'NoResolution' && resolutionKind === 'node10',
  ({ kind, resolutionKind }) => kind === 'CJSResolvesToESM' && resolutionKind === 'node16-cjs',
];

/**
 * @param {{ tarball: string, name: string }} packed
 * @returns {Promise<string[]>} every fault, in words that name the package.
 */
export async function lintTarball({ tarball, name }) {
  const bytes = await readFile(tarball);
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const { messages, pkg } = await publint({ pack: { tarball: buffer }, strict: true });
  const analysis = checkPackage(createPackageFromTarballData(new Uint8Array(buffer)));
  const { types, problems } = await analysis;
  const faults = [
    ...messages.map((message) => `publint: ${formatMessage(message, pkg, { color: false }) ?? message.code}`),
    ...(types === false ? ['attw: the package has no types'] : wrongTypes(problems)),
  ];
  return faults.map((fault) => `${name}: ${fault}`);
}

function wrongTypes(problems) {
  return problems
    .filter((problem) => !ACCEPTED.some((accepts) => accepts(problem)))
    .map((problem) => {
      const { kind, entrypoint, resolutionKind, resolutionOption } = problem;
      const where = [entrypoint, resolutionKind ?? resolutionOption].filter(Boolean).join(', ');
      return `attw: ${kind}${where && ` (${where})`}`;
    });
}
