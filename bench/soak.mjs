// npm run soak -- --minutes 30: constant load at half of what the machine can do, and what becomes of it over time.
import { launch } from './launch.mjs'

await launch('soak/soak.js', 'runSoak')
