import { isScalar, LineCounter, Scalar } from 'yaml';
import type { FilePosition } from '../problem';
import type { Lines } from './lines';
import type { YamlLocator } from './locator';
import { parseWith, type ParsedText } from './parse';

/**
 * Parse the YAML that stands as text in `field` of another document, as in a ConfigMap; positions are those of the
 * outer file. Undefined when the field holds no text.
 *
 * @param lines of the whole outer file
 */
export function parseEmbedded(locator: YamlLocator, field: string, lines: Lines): ParsedText | undefined {
  const node = locator.node(field);
  if (!isScalar(node) || typeof node.value !== 'string') return undefined;
  const start = locator.locate(field);
  const counter = new LineCounter();
  const inner = node.value;
  // Only in a literal block does each line stand on a line of its own; elsewhere the start of the text has to do.
  const position =
    node.type === Scalar.BLOCK_LITERAL ? literalPositions(inner, start, lines, counter) : () => start;
  return parseWith(inner, counter, position);
}

function literalPositions(
  inner: string,
  header: FilePosition,
  lines: Lines,
  counter: LineCounter,
): (offset: number) => FilePosition {
  const innerLines = inner.split('\n');
  const sample = Math.max(
    innerLines.findIndex((line) => line.trim() !== ''),
    0,
  );
  const outerLine = lines.at(header.line + 1 + sample);
  const indent = Math.max(outerLine.length - (innerLines[sample]?.length ?? 0), 0);
  return (offset) => {
    const { line, col } = counter.linePos(offset);
    return { file: header.file, line: header.line + Math.max(line, 1), column: indent + Math.max(col, 1) };
  };
}
