/** `bootstrap` as it is typed. */
import { type Command, everywhere } from '../command.ts'
import { bootstrap as bootstrapOptions } from '../network.ts'

export const bootstrapCommand: Command = {
  verb: 'bootstrap',
  summary: 'the first node of a private network; prints the option for the others',
  operands: [],
  options: [...Object.values(bootstrapOptions), ...everywhere],
  examples: [['lswarm bootstrap', 'for lswarm join room --dht --public --bootstrap HOST:49737']],
  run: async (context, args) =>
    (await import('../../verbs/bootstrap.ts')).bootstrap(context, {
      host: args.get(bootstrapOptions.host),
      port: args.get(bootstrapOptions.port),
    }),
}
