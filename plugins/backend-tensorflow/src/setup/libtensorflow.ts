import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { failed } from './tools.js';
import type { Work } from './work.js';

/** The release whose wheel holds the library. tfjs-node asks for 2.9 and runs on this one too. */
export const TENSORFLOW = '2.21.0';

/** Where {@link fetchLibtensorflow} puts it, below a setup's folder: libraries, and `include`. */
export const LIBTENSORFLOW = 'tensorflow';

/** The wheel is taken for its C++ alone, so any Python can fetch it: these name the file, not the Python that is here. */
const WHEEL = [
  ...['--python-version', '3.11', '--implementation', 'cp', '--abi', 'cp311'],
  ...['manylinux_2_27_x86_64', 'manylinux_2_17_x86_64', 'manylinux2014_x86_64'].flatMap((tag) => ['--platform', tag]),
];

/** Takes the two libraries and the headers of the C interface out of a wheel of 1.3 GB, in a few seconds. */
const UNPACK = `
import sys, zipfile
wheel, target = sys.argv[1:]
headers = tuple('tensorflow/include/' + path for path in (
    'tensorflow/c/', 'tensorflow/core/platform/ctstring', 'tsl/platform/ctstring', 'xla/tsl/c/'))
libraries = ('tensorflow/libtensorflow_cc.so.2', 'tensorflow/libtensorflow_framework.so.2')
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        if name.startswith(headers) or name in libraries:
            archive.extract(name, target)
`;

/**
 * Gets libtensorflow out of the wheel tensorflow-cpu.
 * @throws HasteError BACKEND_UNAVAILABLE if pip or the unpacking fails.
 */
export async function fetchLibtensorflow(work: Work, python: string): Promise<void> {
  const { part, env, run, signal, say } = work;
  const folder = join(part, 'wheel');
  say(`fetching tensorflow-cpu ${TENSORFLOW} by pip (270 MB)`);
  const pip = ['-m', 'pip', 'download', '--disable-pip-version-check', '--progress-bar', 'off', '--retries', '2'];
  const what = ['--no-deps', '--only-binary', ':all:', ...WHEEL, '--dest', folder, `tensorflow-cpu==${TENSORFLOW}`];
  const fetched = await run(python, [...pip, ...what], { env, signal, minutes: 30 });
  if (fetched.status !== 0) {
    const fix =
      "Look at pip's message; with a mirror, say so: PIP_INDEX_URL=https://… or PIP_FIND_LINKS=<a folder of wheels>.";
    throw failed(`pip could not fetch tensorflow-cpu ${TENSORFLOW}.`, fetched, fix);
  }
  say('unpacking the libraries and headers (860 MB)');
  const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl')) ?? '';
  const unpacked = await run(python, ['-c', UNPACK, join(folder, wheel), part], { env, signal, minutes: 10 });
  if (unpacked.status !== 0) {
    throw failed('The wheel could not be unpacked.', unpacked, 'Free some space on the disk (2 GB), and run it again.');
  }
  await rm(folder, { recursive: true });
}
