/** z-base-32 (Zooko O'Whielacronx, 2002): five bits a digit, in an alphabet to be read aloud and typed. */
export const Z_BASE_32 = 'ybndrfg8ejkmcpqxot1uwisza345h769'

/** Eight bits a byte to five bits a digit; what is left of the last digit is zero. */
export function encodeZBase32(bytes: Uint8Array): string {
  let digits = ''
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    held = (held << 8) | byte
    for (bits += 8; bits >= 5; bits -= 5) digits += Z_BASE_32[(held >> (bits - 5)) & 31]
    held &= (1 << bits) - 1
  }
  return bits === 0 ? digits : digits + Z_BASE_32[(held << (5 - bits)) & 31]
}

/** Exactly `length` bytes, or `undefined`: each value has one spelling only. */
export function decodeZBase32(digits: string, length: number): Buffer | undefined {
  if (digits.length !== Math.ceil((length * 8) / 5)) return undefined
  const bytes = Buffer.alloc(length)
  let bits = 0
  let held = 0
  let at = 0
  for (const digit of digits) {
    const five = Z_BASE_32.indexOf(digit)
    if (five < 0) return undefined
    held = (held << 5) | five
    bits += 5
    if (bits < 8) continue
    bits -= 8
    bytes[at++] = held >> bits
    held &= (1 << bits) - 1
  }
  return held === 0 ? bytes : undefined
}
