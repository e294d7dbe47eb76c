#!/usr/bin/env node
// In git, so that npm can link the command before anything is built.
import '../dist/bin.js';
