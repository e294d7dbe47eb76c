/** The libtorch that the setup gets when the machine has none: what the kernels are tuned on. */
export const PINNED = '2.13.0';

/** The oldest whose headers and operators the addon compiles against: Debian 12's. */
const OLDEST: Numbers = [1, 13];
/** The newest that was tried. What is newer may well work, and is tried with a warning. */
const NEWEST: Numbers = [2, 14];

/** Major and minor: libtorch changes its headers between minor versions, not between patches. */
type Numbers = readonly [major: number, minor: number];

export type Verdict =
  { readonly fits: true; readonly warning?: string } | { readonly fits: false; readonly reason: string };

/** Says whether the addon can be built on a version such as `2.13.0+cpu`, `1.13.1` or `2.15.0a0+git1234`. */
export function judge(version: string): Verdict {
  const numbers = numbersOf(version);
  if (numbers === undefined) return { fits: false, reason: `its version "${version}" cannot be read` };
  if (compare(numbers, OLDEST) < 0) {
    return { fits: false, reason: `it is libtorch ${version}, and Haste needs ${OLDEST.join('.')} or newer` };
  }
  if (compare(numbers, NEWEST) > 0) {
    const warning = `libtorch ${version} is newer than ${NEWEST.join('.')}, the newest that Haste was tried with.`;
    return { fits: true, warning };
  }
  return { fits: true };
}

function numbersOf(version: string): Numbers | undefined {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  return major === undefined || minor === undefined ? undefined : [Number(major), Number(minor)];
}

function compare(a: Numbers, b: Numbers): number {
  return a[0] - b[0] || a[1] - b[1];
}
