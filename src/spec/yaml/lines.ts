/** The lines of a text, split when the first one is asked for. */
export class Lines {
  private split: readonly string[] | undefined;

  constructor(private readonly text: string) {}

  /** Line `number`, counted from 1, without its end; empty beyond the last. */
  at(number: number): string {
    this.split ??= this.text.split('\n');
    return this.split[number - 1]?.replace(/\r$/, '') ?? '';
  }
}
