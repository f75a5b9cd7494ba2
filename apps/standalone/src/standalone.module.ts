import { randomUUID } from 'node:crypto'
import { type DynamicModule, Module } from '@nestjs/common'
import { CommandModule } from '../../command/src/command.module.js'
import { ProjectorModule } from '../../projector/src/projector.module.js'
import { QueryModule } from '../../query/src/query.module.js'

/** The command app, the projector and the query app in one process. */
@Module({})
export class StandaloneModule {
  static register(): DynamicModule {
    // A new group for each process: there are no other members, and after a kill -9 Kafka would keep the old one until its timeout.
    const group = `shiplog-standalone-${randomUUID()}`
    return { module: StandaloneModule, imports: [CommandModule, ProjectorModule.register({ group }), QueryModule] }
  }
}
