/** What deriving a preset brought to light besides the figures. */
export class Findings {
  private readonly missingFields: string[] = [];
  private readonly assumed: string[] = [];
  private readonly refused: string[] = [];

  /** Figures that nothing in the configuration gives, by the names it might have. */
  get missing(): readonly string[] {
    return this.missingFields;
  }

  /** What was assumed, as sentence parts. */
  get assumptions(): readonly string[] {
    return this.assumed;
  }

  /** Why the model cannot be described, as sentence parts. */
  get refusals(): readonly string[] {
    return this.refused;
  }

  get isComplete(): boolean {
    return this.missingFields.length === 0 && this.refused.length === 0;
  }

  assume(text: string): void {
    if (!this.assumed.includes(text)) this.assumed.push(text);
  }

  refuse(text: string): void {
    this.refused.push(text);
  }

  /** `value`, or 1 with the field noted as missing: deriving goes on, so that one run tells all that is missing. */
  need(value: number | undefined, ...names: string[]): number {
    if (value !== undefined && Number.isSafeInteger(value) && value > 0) return value;
    const field = names.join(' or ');
    if (!this.missingFields.includes(field)) this.missingFields.push(field);
    return 1;
  }
}
