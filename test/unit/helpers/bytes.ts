/** Bytes cut into chunks, and properties over them. */
import fc from 'fast-check'

/** `bytes` cut into chunks of these lengths, the rest in one. */
export function chunked(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const chunks: Buffer[] = []
  let at = 0
  for (const length of lengths) {
    chunks.push(bytes.subarray(at, at + length))
    at += length
  }
  return [...chunks, bytes.subarray(at)]
}

/** Each byte for itself. */
export function byByte(bytes: Buffer): Buffer[] {
  return [...bytes].map((byte) => Buffer.of(byte))
}

/** Lengths of chunks, small ones more often. */
export const chunkLengths = fc.array(fc.oneof(fc.nat(3), fc.nat(40)), { maxLength: 60 })

/** Bytes with some of them changed, inserted, removed, or the end cut off. */
export function mutated(bytes: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> {
  const change = fc.record({
    at: fc.nat(),
    how: fc.nat(3),
    byte: fc.oneof(fc.nat(255), fc.constantFrom(0, 127, 128, 255)),
  })
  return fc.tuple(bytes, fc.array(change, { maxLength: 4 })).map(([original, changes]) => {
    const list = [...original]
    for (const { at, how, byte } of changes) {
      const place = at % (list.length + 1)
      if (how === 0) list.splice(place, 1, byte)
      else if (how === 1) list.splice(place, 0, byte)
      else if (how === 2) list.splice(place, 1)
      else list.length = place
    }
    return Buffer.from(list)
  })
}
