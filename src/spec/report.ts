import { isWithin } from './fields';
import type { Place, Position, Problem } from './problem';

/** Knows where the fields of one document were written. */
export interface Locator {
  /** Where `field` stands; an absent field answers with its nearest parent. */
  locate(field: string): Position;
  /** Where the key of `field` stands. */
  locateKey(field: string): Position;
  /** Path of `field` as the document has it: an InferenceSet has `inference` below `spec.template`. */
  written(field: string): string;
}

/** Where `field` stands, and what it is called there. */
export function placeOf(locator: Locator, field: string): Place {
  return { position: locator.locate(field), field: locator.written(field) };
}

/** The parts of a problem that a rule may leave out. */
export interface Advice {
  readonly allowed?: string | undefined;
  readonly next?: string | undefined;
  /** Points at the field's key rather than at its value. */
  readonly atKey?: boolean;
}

/** Path of a field as the user writes it. */
export type Rename = (field: string) => string;

/** Collects the problems of one document, and knows which of its fields are unreadable already. */
export class Report {
  /** @param locator where the fields of the document stand */
  constructor(
    readonly locator: Locator,
    private readonly written: Rename = (field) => field,
    private readonly collected: Problem[] = [],
    private readonly broken = new Set<string>(),
  ) {}

  /**
   * The same report for rules that know the document's fields by other names: a KAITO InferenceSet has `inference`
   * below `spec.template`.
   */
  renamed(written: Rename): Report {
    const { locator } = this;
    const renamed: Locator = {
      locate: (field) => locator.locate(written(field)),
      locateKey: (field) => locator.locateKey(written(field)),
      written: (field) => locator.written(written(field)),
    };
    return new Report(renamed, written, this.collected, this.broken);
  }

  /** All problems, in the order in which they were found. */
  get problems(): readonly Problem[] {
    return this.collected;
  }

  /** Add an error: the document gives no Workspace or Cluster. */
  error(code: string, field: string, message: string, advice: Advice = {}): void {
    this.add('error', code, field, message, advice);
  }

  /** Add a warning: the document is read, and the reader should know this. */
  warning(code: string, field: string, message: string, advice: Advice = {}): void {
    this.add('warning', code, field, message, advice);
  }

  /** Add problems that were found elsewhere, such as in a ConfigMap. */
  take(problems: readonly Problem[]): void {
    this.collected.push(...problems);
  }

  /** Remember that `field` was given but cannot be read, so that no rule calls it missing. */
  markBroken(field: string): void {
    this.broken.add(this.written(field));
  }

  /** True when `field`, something in it, or something around it was given but cannot be read. */
  isBroken(field: string): boolean {
    const path = this.written(field);
    for (const broken of this.broken) if (isWithin(path, broken) || isWithin(broken, path)) return true;
    return false;
  }

  private add(
    severity: Problem['severity'],
    code: string,
    field: string,
    message: string,
    advice: Advice,
  ): void {
    const { allowed, next, atKey = false } = advice;
    this.collected.push({
      severity,
      code,
      position: atKey ? this.locator.locateKey(field) : this.locator.locate(field),
      field: this.written(field),
      message,
      ...(allowed !== undefined && { allowed }),
      ...(next !== undefined && { next }),
    });
  }
}

/** Locator of a document that stands in a program: everything is at its construct, and nothing below `metadata`. */
export function constructLocator(construct: string): Locator {
  const position: Position = { construct };
  return {
    locate: () => position,
    locateKey: () => position,
    written: (field) => field.replace(/^metadata\./, ''),
  };
}
