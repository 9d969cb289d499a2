import { isUtf8 } from 'node:buffer';
import type { Problem } from '../problem';

const LINE_FEED = 0x0a;
const REPLACEMENT = '\uFFFD';

/** Text of `content`, or the problem that says where it stops being UTF-8. A byte order mark is dropped. */
export function decodeText(file: string, content: Buffer | string): string | Problem {
  if (typeof content === 'string') return content.replace(/^\uFEFF/, '');
  if (!isUtf8(content)) return notUtf8(file, content);
  return new TextDecoder('utf-8').decode(content);
}

function notUtf8(file: string, content: Buffer): Problem {
  const utf16 = content.length >= 2 && [0xfffe, 0xfeff].includes(content.readUInt16BE(0));
  return {
    severity: 'error',
    code: 'not-utf-8',
    position: { file, ...firstFault(content) },
    field: '',
    message: utf16 ? 'is UTF-16, not UTF-8' : 'is not UTF-8 text',
    next: 'save the file as UTF-8',
  };
}

/** A line feed is never part of a longer UTF-8 sequence, so each line can be judged alone. */
function firstFault(content: Buffer): { line: number; column: number } {
  let start = 0;
  for (let line = 1; ; line++) {
    const end = content.indexOf(LINE_FEED, start);
    const bytes = content.subarray(start, end === -1 ? content.length : end);
    if (!isUtf8(bytes)) return { line, column: bytes.toString('utf8').indexOf(REPLACEMENT) + 1 };
    if (end === -1) return { line, column: 1 };
    start = end + 1;
  }
}
