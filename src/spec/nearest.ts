import { distance } from 'fastest-levenshtein';

/** Edits that still count as a slip of the hand, as a share of the name's length. */
const SLIP_SHARE = 0.4;
const MAX_OFFERED = 3;

/**
 * The names among `candidates` that `name` may have been meant for, best first, at most three; none when nothing is
 * near. Letter case does not count.
 */
export function nearestNames(name: string, candidates: Iterable<string>): string[] {
  const wanted = name.toLowerCase();
  const limit = Math.max(2, Math.floor(wanted.length * SLIP_SHARE));
  return [...new Set(candidates)]
    .map((candidate) => ({ candidate, edits: distance(wanted, candidate.toLowerCase()) }))
    .filter(({ edits }) => edits <= limit)
    .sort((a, b) => a.edits - b.edits || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, MAX_OFFERED)
    .map(({ candidate }) => candidate);
}

/** `did you mean a, or b?` for the names near `name`; undefined when nothing is near. */
export function didYouMean(name: string, candidates: Iterable<string>): string | undefined {
  const near = nearestNames(name, candidates);
  return near.length === 0 ? undefined : `did you mean ${near.join(', or ')}?`;
}
