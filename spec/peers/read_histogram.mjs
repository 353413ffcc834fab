// Reads histograms with HdrHistogram's own library for JavaScript: node read_histogram.mjs TEXT...
// One line of JSON for each: counts by lowest equivalent value, the total and some percentiles.
import { decodeFromCompressedBase64 } from "hdr-histogram-js";

for (const text of process.argv.slice(2)) {
  const histogram = decodeFromCompressedBase64(text, 64, false);
  const percentiles = [1, 25, 50, 90, 95, 99, 99.9, 100].map((percent) => histogram.getValueAtPercentile(percent));
  const counts = {};
  for (let index = 0; index < histogram.countsArrayLength; index++) {
    const count = histogram.getCountAtIndex(index);
    if (count > 0) counts[histogram.valueFromIndex(index)] = count;
  }
  console.log(JSON.stringify({ total: histogram.totalCount, percentiles, counts }));
}
