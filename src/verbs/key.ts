/** `key`: makes a topic key, or says who we are to others, and prints that and nothing else. */
import { SwarmError } from '../errors.ts'
import { KeyPair } from '../gossip/key-pair.ts'
import { newWords, TopicKey } from '../key.ts'
import type { Context } from './context.ts'
import { print } from './table.ts'

export interface KeyOptions {
  /** `new` for a key of 256 bits, `word` for one of words, `id` for what others call who has the seed. */
  readonly kind: string
  /** Of our key pair, where there is a seed. */
  readonly seed: Buffer | undefined
}

export async function key(context: Context, { kind, seed }: KeyOptions): Promise<void> {
  if (kind === 'new') return print(context, `${TopicKey.random().toText()}\n`)
  if (kind === 'word') return print(context, `${await newWords()}\n`)
  if (kind === 'id' && seed !== undefined)
    return print(context, `${KeyPair.from(seed).publicKey.toString('hex')}\n`)
  if (kind === 'id') throw new SwarmError('OPTION_INVALID', 'key id takes a --seed-file')
  throw new SwarmError(
    'OPTION_INVALID',
    `key takes new, word or id, not ${JSON.stringify(kind.slice(0, 40))}`,
  )
}
