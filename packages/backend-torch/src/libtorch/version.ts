/** The libtorch that `setup:torch` gets when the machine has none: what the kernels are tuned on. */
export const PINNED = '2.13.0';

/** The oldest whose headers and operators the addon compiles against: Debian 12's. */
const OLDEST = '1.13';
/** The newest that was tried. What is newer may work, and is tried with a warning. */
const NEWEST = '2.14';

export type Verdict =
  { readonly fits: true; readonly warning?: string } | { readonly fits: false; readonly reason: string };

/** Says whether the addon can be built on a version such as `2.13.0+cpu`, `1.13.1` or `2.15.0a0+git1234`. */
export function judge(version: string): Verdict {
  const numbers = numbersOf(version);
  if (numbers === undefined) return { fits: false, reason: `its version "${version}" cannot be read` };
  if (compare(numbers, numbersOf(OLDEST)!) < 0) {
    return { fits: false, reason: `it is libtorch ${version}; Haste needs ${OLDEST} or newer` };
  }
  if (compare(numbers, numbersOf(NEWEST)!) > 0) {
    return { fits: true, warning: `libtorch ${version} is newer than ${NEWEST}, the newest that was tried` };
  }
  return { fits: true };
}

/** From 2.12 on the headers ask for C++20; compilers that know no more than C++17 serve all that is older. */
export function standardFor(version: string): 'c++17' | 'c++20' {
  const numbers = numbersOf(version);
  return numbers !== undefined && compare(numbers, [2, 12]) >= 0 ? 'c++20' : 'c++17';
}

/** Major and minor: libtorch breaks its headers between minor versions, not between patches. */
type Numbers = readonly [major: number, minor: number];

function numbersOf(version: string): Numbers | undefined {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  return major === undefined || minor === undefined ? undefined : [Number(major), Number(minor)];
}

function compare(a: Numbers, b: Numbers): number {
  return a[0] - b[0] || a[1] - b[1];
}
