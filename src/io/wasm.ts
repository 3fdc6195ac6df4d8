/**
 * Memories of WebAssembly. They are a help, never needed: `node --jitless` has none, and V8 reserves
 * 8 GiB or more of address space for each, which `ulimit -v` may not allow.
 */

const WASM_PAGE_BYTES = 65_536

let isRefused = false

/**
 * Returns a memory of at least `bytes` bytes, or `undefined` where none can be had. After a first
 * refusal it does not try again: V8 collects all garbage before it gives up, which takes 40 ms.
 */
export function wasmMemory(bytes: number): WebAssembly.Memory | undefined {
  if (isRefused) return undefined
  try {
    return new WebAssembly.Memory({ initial: Math.ceil(bytes / WASM_PAGE_BYTES) })
  } catch {
    isRefused = true
    return undefined
  }
}

/** True where WebAssembly can be used, by packages too. */
export function hasWebAssembly(): boolean {
  return wasmMemory(WASM_PAGE_BYTES) !== undefined
}
