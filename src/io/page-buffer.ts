/** Memory that begins at a page. */
import { wasmMemory } from './wasm.ts'

const SHORTEST_BYTES = 65_536

/**
 * Returns a buffer of `bytes` bytes, or a shorter one if memory is nearly exhausted. It begins at a
 * page where WebAssembly can be had: the kernel copies into memory that starts 16 bytes past a page,
 * as `Buffer.allocUnsafeSlow` gives it, at up to half the speed. It may hold old memory.
 * @throws RangeError when there is not even memory for 64 KiB
 */
export function pageBuffer(bytes: number): Buffer {
  const memory = wasmMemory(bytes)
  if (memory !== undefined) return Buffer.from(memory.buffer, 0, bytes)
  for (let size = bytes; ; size /= 2) {
    try {
      return Buffer.allocUnsafeSlow(size)
    } catch (error) {
      if (size <= SHORTEST_BYTES) throw error
    }
  }
}
