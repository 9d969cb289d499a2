// Every example, as one fleet.
import { Fleet } from 'slipway';
import { adapters } from './adapters';
import { agentPools } from './agent-pools';
import { gateway } from './gateway';
import { kaito } from './kaito';
import { ownNodes } from './own-nodes';
import { phi3 } from './phi-3';
import { production } from './production';
import { quickstart } from './quickstart';
import { spot } from './spot';
import { tuning } from './tuning';

export function exampleFleet(): Fleet {
  const fleet = new Fleet({ repository: { url: 'https://git.example.com/ml/fleet.git' } });
  quickstart(fleet);
  phi3(fleet);
  production(fleet);
  tuning(fleet);
  adapters(fleet);
  spot(gateway(fleet));
  agentPools(fleet);
  ownNodes(fleet);
  kaito(fleet);
  return fleet;
}
