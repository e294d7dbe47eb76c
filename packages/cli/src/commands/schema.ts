import { Command } from 'commander';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Act, Context } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { withHost } from '../host.js';
import { shown } from '../paths.js';

const HELP = `
The schema knows every field of a recipe and every extension with its options. Name it in a recipe
and an editor completes and checks while you type:
  JSON  "$schema": "./recipe.schema.json"
  YAML  # yaml-language-server: $schema=./recipe.schema.json

Examples:
  haste schema --out recipe.schema.json
  haste schema | jq '.properties | keys'
`;

export function schemaCommand(act: Act): Command {
  return new Command('schema')
    .description('print the JSON Schema of recipes, for editors')
    .option('--out <file>', 'write it to a file')
    .addHelpText('after', HELP)
    .action(act(schema));
}

async function schema(context: Context, { out }: { readonly out?: string }): Promise<ExitCode> {
  const { recipeJsonSchema } = await context.engine();
  return withHost(context, {}, async (host) => {
    const text = `${JSON.stringify(recipeJsonSchema(host.registry), null, 2)}\n`;
    if (out === undefined) {
      context.io.out.write(text);
    } else {
      const path = resolve(context.io.cwd, out);
      await writeFile(path, text);
      context.output.say(`wrote ${shown(path, context.io)}`);
    }
    return EXIT.ok;
  });
}
