/** z-base-32 (Zooko O'Whielacronx, 2002) of 32 bytes: five bits a digit, in an alphabet to be read aloud and typed. */
export const Z_BASE_32 = 'ybndrfg8ejkmcpqxot1uwisza345h769'

/** The digits of 32 bytes. The last one has four bits to spare, which are zero. */
export const DIGITS = 52
const SPARE_BITS = 4n
const SPARE = (1n << SPARE_BITS) - 1n

export function encodeZBase32(bytes: Uint8Array): string {
  const value = BigInt(`0x${Buffer.from(bytes).toString('hex')}`) << SPARE_BITS
  const digits = value.toString(Z_BASE_32.length).padStart(DIGITS, '0')
  return digits.replace(/./g, (digit) => Z_BASE_32.charAt(Number.parseInt(digit, Z_BASE_32.length)))
}

/** Returns the 32 bytes, or `undefined`: each value has one spelling only. */
export function decodeZBase32(digits: string): Buffer | undefined {
  const fives = [...digits].map((digit) => Z_BASE_32.indexOf(digit))
  if (fives.length !== DIGITS || fives.includes(-1)) return undefined
  const value = fives.reduce((sum, five) => (sum << 5n) | BigInt(five), 0n)
  if ((value & SPARE) !== 0n) return undefined
  return Buffer.from((value >> SPARE_BITS).toString(16).padStart(64, '0'), 'hex')
}
