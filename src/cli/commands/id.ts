/** `id` as it is typed. */
import { type Command, talking } from '../command.ts'
import * as option from '../options.ts'

export const idCommand: Command = {
  verb: 'id',
  summary: 'identities that sign, and whose name is whose',
  operands: ['ACTION', '[NAME]', '[KEY]'],
  options: talking,
  examples: [
    ['lswarm id new server', 'make an identity; its public key is printed'],
    ['lswarm id show server', 'its public key'],
    ['lswarm id list', 'all names that are known, with their keys'],
    ['lswarm id trust server "$(cat server.pub)"', 'know a name by a key from elsewhere'],
    ['lswarm id forget server', 'know it no longer'],
  ],
  run: async (context, args) =>
    (await import('../../verbs/id.ts')).id(context, {
      words: args.operands,
      json: args.get(option.common.json),
    }),
}
