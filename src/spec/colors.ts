import pc from 'picocolors';

/** Painters of text: ANSI colours, or functions that leave the text as it is. */
export type Colors = ReturnType<typeof pc.createColors>;

/**
 * Colours for what is written to `output`: on a terminal only, and not when the user asked for none (https://no-color.org).
 * A stream's `isTTY` is undefined on a pipe, which picocolors takes for "decide yourself" and colours wherever CI is set.
 */
export function colorsFor(output: { readonly isTTY?: boolean }): Colors {
  return pc.createColors(output.isTTY === true && pc.isColorSupported);
}
