import { lauxlib, lua, lualib, to_luastring, type LuaState } from 'fengari';

/**
 * As Argo CD does: run the script with `obj`, take the `status` of the table that it returns. Argo CD opens the base and the
 * table library only.
 */
export function runLua(script: string, object: unknown): { status: string; message: string } {
  const state = lauxlib.luaL_newstate();
  lauxlib.luaL_requiref(state, to_luastring('_G'), lualib.luaopen_base, 1);
  lauxlib.luaL_requiref(state, to_luastring('table'), lualib.luaopen_table, 1);
  push(state, object);
  lua.lua_setglobal(state, to_luastring('obj'));
  if (lauxlib.luaL_dostring(state, to_luastring(script)) !== lua.LUA_OK)
    throw new Error(lua.lua_tojsstring(state, -1));
  return { status: field(state, 'status'), message: field(state, 'message') };
}

function field(state: LuaState, name: string): string {
  lua.lua_getfield(state, -1, to_luastring(name));
  const value = lua.lua_tojsstring(state, -1);
  lua.lua_pop(state, 1);
  return value;
}

function push(state: LuaState, value: unknown): void {
  if (typeof value === 'string') lua.lua_pushstring(state, to_luastring(value));
  else if (typeof value === 'number') lua.lua_pushinteger(state, value);
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
