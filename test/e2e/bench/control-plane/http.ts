import { get as getPlain, type IncomingMessage } from 'node:http';
import { get as getTls } from 'node:https';

const TIMEOUT_MILLISECONDS = 2000;

/**
 * Ask for a page on loopback.
 *
 * @param ca certificate that an https server must show.
 * @throws unless the answer is 200.
 */
export function expectOk(url: string, ca?: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAnswer = (answer: IncomingMessage): void => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const body = Buffer.concat(chunks).toString().trim();
        if (answer.statusCode === 200) resolve();
        else reject(new Error(`${url} answers ${answer.statusCode ?? 'nothing'}: ${body}`));
      });
    };
    const options = { timeout: TIMEOUT_MILLISECONDS, ...(ca === undefined ? {} : { ca }) };
    const request = url.startsWith('https:')
      ? getTls(url, options, onAnswer)
      : getPlain(url, options, onAnswer);
    request.on('timeout', () => request.destroy(new Error(`${url} does not answer`)));
    request.on('error', reject);
  });
}
