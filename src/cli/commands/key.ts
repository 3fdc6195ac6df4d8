/** `key` as it is typed. */
import { type Command, everywhere } from '../command.ts'
import { seedFile } from '../network.ts'

export const keyCommand: Command = {
  verb: 'key',
  summary: 'make a topic key: new for one of 256 bits, word for one of ten words; id: who you are to --allow',
  operands: ['new|word|id'],
  options: [seedFile, ...everywhere],
  examples: [
    ['(umask 077; lswarm key new > key)', 'a file for --key-file, or --seed-file'],
    ['lswarm key word', 'a key to say on the telephone'],
    ['lswarm key id --seed-file seed', 'your id, for the --allow of others'],
  ],
  run: async (context, args) => {
    const file = args.get(seedFile)
    return (await import('../../verbs/key.ts')).key(context, {
      kind: args.operands[0] ?? '',
      seed: file === undefined ? undefined : await (await import('../ways.ts')).readSeed(file),
    })
  },
}
