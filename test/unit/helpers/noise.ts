/** Encrypted connections of one process, over memory. */
import { Duplex } from 'node:stream'
import type { TestContext } from 'node:test'
import SecretStream from '@hyperswarm/secret-stream'
import type { NoiseStream } from '../../../src/transport/noise/proving.ts'

/** Two ends of one encrypted connection, over memory. */
export async function connected(t: TestContext): Promise<[NoiseStream, NoiseStream]> {
  const [near, far] = wire()
  const initiator = new SecretStream(true, near)
  const acceptor = new SecretStream(false, far)
  const both = [initiator, acceptor] as const
  for (const stream of both) {
    stream.on('error', () => {})
    t.after(() => stream.destroy())
  }
  await Promise.all(both.map((stream) => stream.opened))
  return [initiator, acceptor]
}

function wire(): [Duplex, Duplex] {
  const ends: Duplex[] = []
  const end = (other: number) =>
    new Duplex({
      read() {},
      write(chunk, _encoding, done) {
        ends[other]?.push(chunk)
        done()
      },
      destroy(error, done) {
        ends[other]?.destroy()
        done(error)
      },
    })
  const near = end(1)
  const far = end(0)
  ends.push(near, far)
  return [near, far]
}
