import { lauxlib, lua, lualib, to_luastring, type LuaState } from 'fengari';
import { HEALTH_RULES, type HealthRule } from '../../src/gitops/engines/health';

let evaluate: (expression: string, context: Record<string, unknown>) => unknown;
beforeAll(async () => {
  ({ evaluate } = await import('@marcbachmann/cel-js'));
});

type Verdict = 'Healthy' | 'Progressing' | 'Degraded';
type Status = Record<string, unknown> | undefined;

/** As Argo CD does: run the script with `obj`, take the `status` of the table that it returns. */
function runLua(script: string, object: unknown): string {
  const state = lauxlib.luaL_newstate();
  lualib.luaL_openlibs(state);
  push(state, object);
  lua.lua_setglobal(state, to_luastring('obj'));
  if (lauxlib.luaL_dostring(state, to_luastring(script)) !== lua.LUA_OK) throw new Error(lua.lua_tojsstring(state, -1));
  lua.lua_getfield(state, -1, to_luastring('status'));
  return lua.lua_tojsstring(state, -1);
}

function push(state: LuaState, value: unknown): void {
  if (typeof value === 'string') lua.lua_pushstring(state, to_luastring(value));
  else if (typeof value === 'number') lua.lua_pushnumber(state, value);
  else if (typeof value === 'boolean') lua.lua_pushboolean(state, value);
  else if (Array.isArray(value)) {
    lua.lua_newtable(state);
    value.forEach((item, index) => {
      push(state, item);
      lua.lua_rawseti(state, -2, index + 1);
    });
  } else if (typeof value === 'object' && value !== null) {
    lua.lua_newtable(state);
    for (const [key, member] of Object.entries(value)) {
      push(state, member);
      lua.lua_setfield(state, -2, to_luastring(key));
    }
  } else lua.lua_pushnil(state);
}

/** As Flux does: inProgress, failed and current, in this order. */
function runCel(rule: HealthRule, object: { status?: Status; metadata: { generation: number } }): Verdict {
  if (object.status === undefined) return 'Progressing';
  const context = JSON.parse(JSON.stringify(object), (_, value: unknown) =>
    typeof value === 'number' ? BigInt(value) : value,
  ) as Record<string, unknown>;
  const holds = (expression: string | undefined) => expression !== undefined && evaluate(expression, context) === true;
  if (holds(rule.cel.inProgress)) return 'Progressing';
  if (holds(rule.cel.failed)) return 'Degraded';
  return holds(rule.cel.current) ? 'Healthy' : 'Progressing';
}

const CASES: readonly [string, Status, Verdict][] = [
  ['no status yet', undefined, 'Progressing'],
  ['no conditions yet', {}, 'Progressing'],
  ['another condition only', { conditions: [{ type: 'SubnetsReady', status: 'True' }] }, 'Progressing'],
  ['ready', { conditions: [{ type: 'SubnetsReady', status: 'False' }, { type: 'Ready', status: 'True' }] }, 'Healthy'],
  ['ready in an older generation', { conditions: [{ type: 'Ready', status: 'True', observedGeneration: 1 }] }, 'Progressing'],
  ['ready in this generation', { conditions: [{ type: 'Ready', status: 'True', observedGeneration: 2 }] }, 'Healthy'],
  ['refused', { conditions: [{ type: 'Ready', status: 'False', message: 'no such subnet' }] }, 'Degraded'],
  ['not known yet', { conditions: [{ type: 'Ready', status: 'Unknown' }] }, 'Progressing'],
];

describe.each(HEALTH_RULES)('$kind', (rule) => {
  test.each(CASES)('%s', (_, status, verdict) => {
    const object = { metadata: { generation: 2 }, ...(status === undefined ? {} : { status }) };
    expect(runLua(rule.lua, object)).toBe(verdict);
    expect(runCel(rule, object)).toBe(verdict);
  });
});
