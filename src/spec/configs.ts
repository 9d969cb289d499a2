import type { Locator } from './report';
import type { Report } from './report';

/** Content of one key of a ConfigMap, as plain data, with its own positions. */
export interface ConfigContent {
  readonly value: unknown;
  readonly locator: Locator;
}

/** Keys by which KAITO reads its ConfigMaps. */
export type ConfigKey = 'inference_config.yaml' | 'training_config.yaml' | 'config.yaml';

/** The ConfigMaps that were read along with the Workspaces. */
export interface Configs {
  /**
   * Content of `key` in the ConfigMap `name`; undefined when there is none, which is then in `report` (at `field`).
   */
  find(
    namespace: string,
    name: string,
    key: ConfigKey,
    field: string,
    report: Report,
  ): ConfigContent | undefined;
}

/** In a TypeScript program there are no documents to look in. */
export const NO_CONFIGS: Configs = {
  find(_namespace, name, key, field, report) {
    report.error('config-not-found', field, `there is no ConfigMap ${JSON.stringify(name)} to be read here`, {
      next: `give the content of ${key} as an object`,
    });
    return undefined;
  },
};
