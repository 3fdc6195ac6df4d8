/** Hellos for tests. */
import { randomBytes } from 'node:crypto'
import type { Hello } from '../../../src/protocol/hello.ts'

/** A valid hello of a library's peer, with these fields changed. */
export function helloOf(fields: Partial<Hello> = {}): Hello {
  return {
    kind: 'link',
    topic: '5'.repeat(64),
    peer: randomBytes(16).toString('hex'),
    name: 'alice',
    verb: 'swarm',
    server: true,
    client: true,
    observer: false,
    reads: ['raw'],
    writes: ['raw'],
    ...fields,
  }
}
