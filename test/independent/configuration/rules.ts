/** What a tenant promotes by, as its events have it. */
export interface Rules {
  environments: { name: string; aliases?: string[]; approvals?: number }[]
  allowSkipping?: boolean
  authorMayApprove?: boolean
}

export const defaultRules: Rules = {
  environments: [
    { name: 'dev', aliases: ['development'], approvals: 0 },
    { name: 'staging', aliases: ['stage'], approvals: 1 },
    { name: 'production', aliases: ['prod'], approvals: 2 },
  ],
}

/** The environment that has this name or alias. */
export function environmentOf({ environments }: Rules, name: string): Rules['environments'][number] | undefined {
  return environments.find(environment => environment.name === name || environment.aliases?.includes(name))
}
