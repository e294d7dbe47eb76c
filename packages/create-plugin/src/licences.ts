/** Licences that a plugin can be begun with, by SPDX identifier; `UNLICENSED` keeps all rights. */
export const LICENCES = ['MIT', 'Apache-2.0', 'BSD-3-Clause', 'UNLICENSED'] as const;
export type Licence = (typeof LICENCES)[number];

/** In any case; undefined for one whose text is not at hand. */
export function licenceOf(text: string): Licence | undefined {
  const wanted = text.trim().toLowerCase();
  return LICENCES.find((licence) => licence.toLowerCase() === (wanted === 'none' ? 'unlicensed' : wanted));
}
