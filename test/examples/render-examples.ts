import { adapters } from '../../examples/adapters';
import { gateway } from '../../examples/gateway';
import { agentPools } from '../../examples/agent-pools';
import { phi3 } from '../../examples/phi-3';
import { production } from '../../examples/production';
import { quickstart } from '../../examples/quickstart';
import { spot } from '../../examples/spot';
import { tuning } from '../../examples/tuning';
import { Fleet, type Rendering } from '../../src';

/** The example fleet, as examples/main.ts makes it. */
export function renderExamples(): Rendering {
  const fleet = new Fleet({ repository: { url: 'https://git.example.com/ml/fleet.git' } });
  quickstart(fleet);
  phi3(fleet);
  production(fleet);
  tuning(fleet);
  adapters(fleet);
  spot(gateway(fleet));
  agentPools(fleet);
  return fleet.render();
}
