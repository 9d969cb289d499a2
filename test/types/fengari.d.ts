/** The part of fengari that the tests use; the package brings no types. */
declare module 'fengari' {
  export interface LuaState {
    readonly _lua: unique symbol;
  }
  export function to_luastring(text: string): Uint8Array;
  export const lua: {
    readonly LUA_OK: number;
    lua_pushstring(state: LuaState, text: Uint8Array): void;
    lua_pushinteger(state: LuaState, value: number): void;
    lua_pushboolean(state: LuaState, value: boolean): void;
    lua_pushnil(state: LuaState): void;
    lua_newtable(state: LuaState): void;
    lua_rawseti(state: LuaState, index: number, position: number): void;
    lua_setfield(state: LuaState, index: number, key: Uint8Array): void;
    lua_getfield(state: LuaState, index: number, key: Uint8Array): void;
    lua_setglobal(state: LuaState, name: Uint8Array): void;
    lua_pop(state: LuaState, count: number): void;
    lua_tojsstring(state: LuaState, index: number): string;
  };
  export const lauxlib: {
    luaL_newstate(): LuaState;
    luaL_dostring(state: LuaState, script: Uint8Array): number;
    luaL_requiref(state: LuaState, name: Uint8Array, open: LuaLibrary, isGlobal: 0 | 1): void;
  };
  /** Opens one of Lua's own libraries. */
  export type LuaLibrary = (state: LuaState) => number;
  export const lualib: { readonly luaopen_base: LuaLibrary; readonly luaopen_table: LuaLibrary };
}
