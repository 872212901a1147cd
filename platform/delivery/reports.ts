// Joins the scans of a push into one report: code scanning takes one for each tool, and what is found in one image is mostly found in all.

type Location = { physicalLocation?: { artifactLocation?: { uri?: string } } };
type Result = { ruleId: string; ruleIndex?: number; locations?: Location[] };
type Rule = { id: string };
export type Report = {
  $schema?: string;
  version: string;
  runs: { tool: { driver: { name: string; rules?: Rule[] } }; results?: Result[] }[];
};

/** Scans by what was scanned; a place in one is named after it. */
export function joinReports(reports: Readonly<Record<string, Report>>): Report {
  const rules = new Map<string, Rule>();
  const results: Result[] = [];
  for (const [scanned, { runs }] of Object.entries(reports)) {
    for (const { tool, results: found = [] } of runs) {
      for (const rule of tool.driver.rules ?? []) rules.set(rule.id, rule);
      for (const result of found) results.push(placed(result, scanned));
    }
  }
  return { version: '2.1.0', runs: [{ tool: { driver: { name: 'Trivy', rules: [...rules.values()] } }, results }] };
}

function placed(found: Result, scanned: string): Result {
  const result = { ...found };
  // It counts the rules of the scan alone; the rule's id says the same.
  delete result.ruleIndex;
  const locations = (result.locations ?? []).map((location) => {
    const uri = location.physicalLocation?.artifactLocation?.uri ?? '';
    return {
      ...location,
      physicalLocation: { ...location.physicalLocation, artifactLocation: { uri: `${scanned}/${uri}` } },
    };
  });
  return { ...result, locations };
}
