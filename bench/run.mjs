// npm run bench: everything, or `npm run bench -- append import projector` some of it; `--quick` to see that it works.
import { launch } from './launch.mjs'

await launch('main.js', 'runBenchmarks')
