// Holds the results of the suite against the list of exclusions.

/** What a backend must pass of the specs whose kernels it has. */
export const LEAST_SHARE = 0.98;

const MISSING_KERNEL = /Kernel '?(\w+)'? not registered/;

/**
 * @typedef {{ specs?: string[], pattern?: string, reason: string }} Exclusion `specs` by full name, or all that match
 * @param {import('./suite.mjs').Spec[]} specs
 * @param {Exclusion[]} exclusions
 * @param {boolean} whole whether all of the suite ran: only then can an exclusion be found idle
 */
export function compare(specs, exclusions, whole = true) {
  const excludes = exclusions.map(matcher);
  const isExcluded = (spec) => excludes.some((matches) => matches(spec.name));
  const ran = specs.filter(({ status }) => status !== 'pending');
  const missing = ran.filter((spec) => spec.status === 'failed' && MISSING_KERNEL.test(spec.message));
  const supported = ran.filter((spec) => !missing.includes(spec));
  const passed = supported.filter(({ status }) => status === 'passed');
  const failed = supported.filter((spec) => spec.status === 'failed' && !isExcluded(spec));
  const excluded = supported.filter((spec) => spec.status === 'failed' && isExcluded(spec));
  const share = supported.length === 0 ? 0 : passed.length / supported.length;
  const faults = [
    ...failed.map(({ name, message }) => `failed: ${name}\n    ${message.replaceAll('\n', '\n    ')}`),
    ...passed.filter(isExcluded).map(({ name }) => `excluded, but it passes: ${name}`),
    ...(whole ? idle(exclusions, excludes, specs) : []),
  ];
  if (supported.length === 0) faults.push('no spec ran');
  else if (share < LEAST_SHARE) faults.push(`${percent(share)} passed, less than ${percent(LEAST_SHARE)}`);
  return { passed, failed, excluded, pending: specs.length - ran.length, missing: kernelsOf(missing), share, faults };
}

export const percent = (share) => `${(100 * share).toFixed(2)}%`;

function matcher({ specs = [], pattern }) {
  const names = new Set(specs);
  const expression = pattern === undefined ? null : new RegExp(pattern);
  return (name) => names.has(name) || (expression?.test(name) ?? false);
}

function idle(exclusions, excludes, specs) {
  return exclusions
    .filter((_, i) => !specs.some(({ name }) => excludes[i](name)))
    .map((exclusion) => `excludes nothing: ${exclusion.pattern ?? exclusion.specs.join(', ')}`);
}

/** How many specs failed for want of each kernel. */
function kernelsOf(specs) {
  const counts = {};
  for (const { message } of specs) {
    const [, kernel] = MISSING_KERNEL.exec(message);
    counts[kernel] = (counts[kernel] ?? 0) + 1;
  }
  return counts;
}
