/** Random bytes for names that nobody else has. */
import { closeSync, openSync, readSync } from 'node:fs'
import process from 'node:process'

/** From the kernel itself where it has a file for it: loading Node's crypto costs a start 1.4 ms. */
export function randomBytes(count: number): Buffer {
  const bytes = Buffer.alloc(count)
  try {
    const fd = openSync('/dev/urandom', 'r')
    const read = readSync(fd, bytes)
    closeSync(fd)
    if (read === count) return bytes
  } catch {
    // No such file here.
  }
  return process.getBuiltinModule('node:crypto').randomBytes(count)
}
