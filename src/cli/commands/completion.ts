/** `completion` as it is typed. */
import { type Command, talking } from '../command.ts'
import { completions } from '../installed.ts'
import { toggle } from '../option.ts'

const install = toggle({
  flag: 'install',
  summary: 'put it where that shell looks, and say where that is',
})

export const completionCommand: Command = {
  verb: 'completion',
  summary: 'what completes the lines that are typed in a shell, with the topics and peers that are there',
  operands: ['bash|zsh|fish'],
  options: [install, ...talking],
  examples: [
    ['lswarm completion bash --install', 'from then on, in each new shell'],
    ['. <(lswarm completion bash)', 'in this one'],
  ],
  run: async (context, args) =>
    (await import('../../verbs/completion.ts')).completion(context, {
      shell: args.operands[0] ?? '',
      install: args.get(install),
      scripts: completions,
    }),
}
