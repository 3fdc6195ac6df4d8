/** The entry: as little as possible before the verb is known. */
import process from 'node:process'
import about from '../../package.json' with { type: 'json' }

const argv = process.argv.slice(2)
if (argv[0] === '--version' || argv[0] === '-V') process.stdout.write(`lswarm ${about.version}\n`)
else void import('./main.ts').then(({ main }) => main(argv))
