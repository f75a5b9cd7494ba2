/** A fault that needs a world of its own. */
export interface Scenario {
  name: string
  /** How much of the time it gets, compared with the others. */
  weight: number
  run(context: ScenarioContext): Promise<ScenarioResult>
}

export interface ScenarioContext {
  seed: number
  /** Folder of the project whose apps are run, as they were built. */
  project: string
  seconds: number
  /** Folder to keep the apps' logs in. */
  logs: string
}

/** What a scenario came to; the lists say in words what was wrong, and are empty where nothing was. */
export interface ScenarioResult {
  injected: number
  acked: number
  lost: string[]
  doubled: string[]
  outOfOrder: string[]
  other: string[]
  /** Why nothing was injected. */
  skipped?: string
}
