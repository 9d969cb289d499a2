import { stripVTControlCharacters } from 'node:util';

/** What became of the checks of a run. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
}

/**
 * Runs checks one after the other and says what came of each.
 *
 * A plain runner rather than jest: the checks are steps of one story on one control plane that takes signals and has
 * to be stopped in order. jest runs each file in a sandbox, stops it without asking, and hides what is going on.
 */
export class Runner {
  /** @param print where the lines go. */
  constructor(
    readonly print: (line: string) => void = (line) => {
      console.log(line);
    },
  ) {}

  #passed = 0;
  #failed = 0;

  /**
   * Run one check, named by the sentence that it proves.
   *
   * @returns whether it holds; later steps of a story may have no ground to stand on without it.
   */
  async check(sentence: string, prove: () => Promise<void>): Promise<boolean> {
    const started = Date.now();
    const seconds = (): string => ((Date.now() - started) / 1000).toFixed(1);
    try {
      await prove();
    } catch (error) {
      this.#failed++;
      this.print(`  FAIL ${sentence} (${seconds()} s)`);
      this.print(indent(stripVTControlCharacters(messageOf(error))));
      return false;
    }
    this.#passed++;
    this.print(`  ok   ${sentence} (${seconds()} s)`);
    return true;
  }

  get counts(): Counts {
    return { passed: this.#passed, failed: this.#failed };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function indent(text: string): string {
  return text.replace(/^/gm, '       ');
}
