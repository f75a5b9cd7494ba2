import { Controller } from '@nestjs/common'
import { Ctx, EventPattern, Payload } from '@nestjs/microservices'
import type { LogBatch } from '#libs/event-log'
import { LOG_BATCH, LogContext } from './log-transport.js'
import { Projector } from './projector.js'

/** Takes the log, batch by batch. */
@Controller()
export class ProjectorController {
  constructor(private readonly projector: Projector) {}

  @EventPattern<string>(LOG_BATCH)
  projectBatch(@Payload() batch: LogBatch, @Ctx() { reader }: LogContext): Promise<void> {
    return this.projector.project(batch, reader)
  }
}
