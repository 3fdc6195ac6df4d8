/** The part of blake2b 2 that `topic.ts` uses; the package ships no types. */
declare module 'blake2b' {
  interface Hash {
    update(input: Uint8Array): Hash
    digest(out: Uint8Array): Uint8Array
  }
  export default function blake2b(outBytes: number, key?: Uint8Array): Hash
}
