import { createHost, locatePackage, parseRef, readRecipe, recipeJsonSchema } from '@hastejs/core';
import { fashionMnistSource, writePng } from '@hastejs/data';
import { CATALOGUE, hubName, recipeLine } from '@hastejs/encoders';
import { Evaluator, builtins } from '@hastejs/haste';
import {
  cacheTeachers,
  chooseCheckpoint,
  readRunLog,
  readRunRecord,
  replayRun,
  reportSamples,
  sampleImages,
  sweep,
  train,
  withUntil,
} from '@hastejs/trainer';
import { cachedWeights, hubCacheFolder, pullWeights } from '@hastejs/weights';
import { checkEncoder } from './check/check-encoder.js';
import { sheetOf } from './check/panels.js';
import { contactSheet, imageAt } from './samples/sheet.js';

/** All of the framework that the commands call. It is loaded on demand, and replaced in unit tests. */
export const engine = {
  builtins,
  createHost,
  readRecipe,
  locatePackage,
  parseRef,
  recipeJsonSchema,
  train,
  cacheTeachers,
  chooseCheckpoint,
  sweep,
  withUntil,
  readRunRecord,
  readRunLog,
  replayRun,
  Evaluator,
  sampleImages,
  reportSamples,
  fashionMnistSource,
  contactSheet,
  imageAt,
  writePng,
  checkEncoder,
  sheetOf,
  catalogue: CATALOGUE,
  recipeLine,
  hubName,
  cachedWeights,
  hubCacheFolder,
  pullWeights,
};

export type Engine = typeof engine;
