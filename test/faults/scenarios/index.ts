import type { Scenario } from '../scenario.js'

/** Every fault that needs a world of its own. */
export const scenarios: Scenario[] = []
