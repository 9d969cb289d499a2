import { distance } from 'fastest-levenshtein';

/** Edits that still count as a slip of the hand, as a share of the name's length. */
const SLIP_SHARE = 0.4;
const MAX_OFFERED = 3;

/** Letters and digits that a part of a name must have to be recognised in it. */
const SHORTEST_PART = 3;

/**
 * The names among `candidates` that `name` may have been meant for, best first, at most three; none when nothing is
 * near: those that hold it as a part, hyphens and dots aside, then those that a slip of the hand may have made it from.
 * Letter case does not count.
 */
export function nearestNames(name: string, candidates: Iterable<string>): string[] {
  const wanted = name.toLowerCase();
  const part = bare(name);
  const limit = Math.max(2, Math.floor(wanted.length * SLIP_SHARE));
  return [...new Set(candidates)]
    .map((candidate) => ({
      candidate,
      holds: part.length >= SHORTEST_PART && bare(candidate).includes(part),
      edits: distance(wanted, candidate.toLowerCase()),
    }))
    .filter(({ holds, edits }) => holds || edits <= limit)
    .sort(
      (a, b) =>
        Number(b.holds) - Number(a.holds) || a.edits - b.edits || (a.candidate < b.candidate ? -1 : 1),
    )
    .slice(0, MAX_OFFERED)
    .map(({ candidate }) => candidate);
}

function bare(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** `did you mean a, or b?` for the names near `name`; undefined when nothing is near. */
export function didYouMean(name: string, candidates: Iterable<string>): string | undefined {
  return offered(nearestNames(name, candidates));
}

/** `did you mean a, or b?` for these names; undefined for none. */
export function offered(names: readonly string[]): string | undefined {
  return names.length === 0 ? undefined : `did you mean ${names.join(', or ')}?`;
}

/** `advice` behind the question whether one of `names` was meant. */
export function offeredBefore(names: readonly string[], advice: string): string {
  return [offered(names), advice].filter((part) => part !== undefined).join(' ');
}
