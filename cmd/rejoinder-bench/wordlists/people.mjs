// Writes the names of people and places of the npm package @faker-js/faker, one per line, in the languages of the
// dictionary. Argument: the folder of the package.
import { pathToFileURL } from 'node:url';

const { allLocales } = await import(pathToFileURL(process.argv[2] + '/dist/index.js'));
const names = new Set();
const collect = (value) => {
  if (typeof value === 'string') {
    if (!value.includes('{{')) names.add(value);
  } else if (value && typeof value === 'object') {
    Object.values(value).forEach(collect);
  }
};
for (const [code, locale] of Object.entries(allLocales)) {
  if (!/^(ar|de|en|es|fr|it|nl|pl|pt|ru|sv|tr|uk)(_[A-Z]+)?$/.test(code)) continue;
  for (const key of ['first_name', 'middle_name', 'last_name']) collect(locale.person?.[key]);
  for (const key of ['city_name', 'country', 'county', 'state']) collect(locale.location?.[key]);
}
console.log([...names].sort().join('\n'));
