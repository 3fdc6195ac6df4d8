/** `key`: makes a topic key, and prints it and nothing else. */
import { SwarmError } from '../errors.ts'
import { newWords, TopicKey } from '../key.ts'
import type { Context } from './context.ts'
import { print } from './table.ts'

export interface KeyOptions {
  /** `new` for a key of 256 bits, `word` for one of words. */
  readonly kind: string
}

/** @throws SwarmError OPTION_INVALID for another kind */
export async function key(context: Context, { kind }: KeyOptions): Promise<void> {
  if (kind === 'new') return print(context, `${TopicKey.random().toText()}\n`)
  if (kind === 'word') return print(context, `${await newWords()}\n`)
  throw new SwarmError('OPTION_INVALID', `key takes new or word, not ${JSON.stringify(kind.slice(0, 40))}`)
}
