import { createRequire } from 'node:module'

/** The library is an optional dependency of `tintype`. */
export const skipWithoutCredentials = isInstalled() ? false : '@contentauth/c2pa-wasm is not installed'

function isInstalled(): boolean {
  try {
    createRequire(import.meta.resolve('tintype')).resolve('@contentauth/c2pa-wasm/c2pa.wasm')
    return true
  } catch {
    return false
  }
}
