import {
  type AlignmentLoss,
  HasteError,
  NO_TAPS,
  type Taps,
  type TeacherSpec,
  type TokenSite,
} from '@hastejs/plugin-api';

/**
 * What a loss looks at beside its pairs, checked against the teacher.
 * @throws HasteError LAYERS_INVALID for what the teacher does not have.
 */
export function planGuides(where: string, loss: AlignmentLoss, teacher: TeacherSpec): Taps {
  const guides = loss.reads === 'tokens' ? loss.guides?.(teacher) : undefined;
  if (!guides) return NO_TAPS;
  for (const tap of ['tokens', 'attention'] as const) {
    const lacking = guides[tap].find((site: TokenSite) => !gives(teacher, tap, site));
    if (lacking === undefined) continue;
    throw new HasteError('LAYERS_INVALID', {
      what: `The loss is guided by ${tap} of ${lacking}, which ${teacher.name} does not have.`,
      where,
      fix: `It has blocks 0 to ${teacher.blocks - 1}${teacher.offers ? `, and gives ${tap} of ${listed(teacher.offers[tap])}` : ''}.`,
    });
  }
  return guides;
}

function gives({ blocks, offers }: TeacherSpec, tap: keyof Taps, site: TokenSite): boolean {
  const offered: readonly TokenSite[] | undefined = offers?.[tap];
  if (offered) return offered.includes(site);
  return site === 'final' ? tap === 'tokens' : Number.isInteger(site) && site >= 0 && site < blocks;
}

const listed = (sites: readonly TokenSite[]): string => (sites.length === 0 ? 'none' : sites.join(', '));
