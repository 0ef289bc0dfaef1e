#!/usr/bin/env node
import { run } from './infrastructure/program.ts';

process.exitCode = await run(process.argv.slice(2), process.env);
