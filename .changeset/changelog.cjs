// How a changeset becomes lines of a CHANGELOG: its own words, and nothing about packages that were only released along.
module.exports = {
  getReleaseLine: async ({ summary }) => {
    const [first, ...rest] = summary.trim().split('\n');
    return [`- ${first}`, ...rest.map((line) => `  ${line}`.trimEnd())].join('\n');
  },
  getDependencyReleaseLine: async () => '',
};
