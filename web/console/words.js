// The texts of the modules in the language of the page. The English text is the key; pages in another language have
// the translations in an element, and what they lack stays English.

export const lang = document.documentElement.lang || "en";

const messages = JSON.parse(document.getElementById("messages")?.textContent || "{}");
const plural = new Intl.PluralRules(lang);

/** Fills in values: %s as they are, %d as numbers of the language, %[2]s the second one. */
const fill = (text, values) => {
  let next = 0;
  return values.length === 0 ? text : text.replace(/%(?:\[(\d)\])?([sd])/g, (_, at, verb) => {
    const value = values[at ? at - 1 : next++];
    return verb === "d" && typeof value === "number" ? value.toLocaleString(lang) : value;
  });
};

/** The text in the language of the page. */
export const t = (english, ...values) => fill(messages[english] ?? english, values);

/** The form of a text that goes with a number, of those by plural category. */
export const formOf = (forms, n) => fill(forms[plural.select(n)] ?? forms.other, [n]);

/** A text with a number, which in English has two forms. */
export const tn = (one, many, n) => formOf(messages[one] ?? (n === 1 ? { other: one } : { other: many }), n);
