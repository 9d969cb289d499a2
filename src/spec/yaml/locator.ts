import {
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  type Document,
  type LineCounter,
  type Node,
  type Pair,
} from 'yaml';
import { parseField, type Step } from '../fields';
import type { FilePosition } from '../problem';
import type { Locator } from '../report';

/** A place in the text of one YAML document. */
interface Place {
  readonly key: number | undefined;
  readonly value: number | undefined;
}

/** Answers where the fields of one YAML document stand, in the file that holds it. */
export class YamlLocator implements Locator {
  /**
   * @param position turns an offset in the text into a place in the file
   * @param base steps from the document's root to what fields are counted from
   */
  constructor(
    private readonly document: Document,
    private readonly position: (offset: number) => FilePosition,
    private readonly base: readonly Step[] = [],
  ) {}

  locate(field: string): FilePosition {
    const { key, value } = this.place(field);
    return this.position(value ?? key ?? 0);
  }

  locateKey(field: string): FilePosition {
    const { key, value } = this.place(field);
    return this.position(key ?? value ?? 0);
  }

  written(field: string): string {
    return field;
  }

  /** The same document, its fields counted from `steps`. */
  below(...steps: readonly Step[]): YamlLocator {
    return new YamlLocator(this.document, this.position, [...this.base, ...steps]);
  }

  /** The node of `field`, aliases followed; undefined when it is absent. */
  node(field: string): Node | undefined {
    let here = this.follow(this.document.contents);
    for (const step of [...this.base, ...parseField(field)]) here = this.follow(entry(here, step)?.value);
    return here;
  }

  private place(field: string): Place {
    let here: Node | undefined = this.document.contents ?? undefined;
    let place: Place = { key: undefined, value: here?.range?.[0] ?? this.document.range?.[0] };
    for (const step of [...this.base, ...parseField(field)]) {
      const found = entry(this.follow(here), step);
      // The nearest parent answers for what is absent, at its key: its first field has nothing to do with it.
      if (found === undefined) return { key: place.key, value: place.key ?? place.value };
      here = found.value;
      const key = found.key?.range?.[0];
      place = { key, value: startOf(here) ?? key ?? here?.range?.[0] };
    }
    return place;
  }

  private follow(node: unknown): Node | undefined {
    if (isAlias(node)) return node.resolve(this.document);
    return isScalar(node) || isCollection(node) ? node : undefined;
  }
}

/** Positions of the offsets that `counter` has counted, in `file`. */
export function positionsIn(file: string, counter: LineCounter): (offset: number) => FilePosition {
  return (offset) => {
    const { line, col } = counter.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
}

function entry(
  node: Node | undefined,
  step: Step,
): { key: Node | undefined; value: Node | undefined } | undefined {
  if (isSeq(node)) {
    const item = typeof step === 'number' ? node.items[step] : undefined;
    return asNode(item) === undefined ? undefined : { key: undefined, value: asNode(item) };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find(({ key }: Pair) => isScalar(key) && String(key.value) === String(step));
  return pair === undefined ? undefined : { key: asNode(pair.key), value: asNode(pair.value) };
}

/** Offset of a value that stands in its own right; a block below its key, and an empty value, are found by the key. */
function startOf(value: Node | undefined): number | undefined {
  if (isMap(value) || isSeq(value)) return value.flow === true ? value.range?.[0] : undefined;
  if (isScalar(value) && value.value === null && value.source === '') return undefined;
  return value?.range?.[0];
}

function asNode(value: unknown): Node | undefined {
  return isAlias(value) || isScalar(value) || isCollection(value) ? value : undefined;
}
