import { findRedis } from '../control-plane/redis';
import { buildPrograms } from './build';

/** Have everything there that a bench runs, so that benches which start at once find it. */
export async function preparePrograms(report: (line: string) => void): Promise<void> {
  await buildPrograms(report);
  await findRedis(report);
}
