// A feed's whole history, by node's fetch and feedsmith: node walk.mjs URL RELATION
// RELATION: prev-archive (RFC 5005, section 4), next (section 3), or next_url (JSON Feed 1.1).
// Prints, as JSON, what each document holds: its address, and id and last change of each entry.
import { parseFeed } from "feedsmith";

const [start, relation] = process.argv.slice(2);
const found = [];
const seen = new Set();
let url = start;
while (url) {
  if (seen.has(url)) throw new Error(`${relation} leads back to ${url}`);
  seen.add(url);
  const answer = await fetch(url);
  if (answer.status !== 200) throw new Error(`${url}: answered ${answer.status}`);
  const { format, feed } = parseFeed(await answer.text());
  const entries = format === "atom" ? feed.entries : feed.items;
  found.push({ url, entries: (entries ?? []).map((entry) => [idOf(entry), changeOf(entry)]) });
  const links = format === "atom" ? feed.links : feed.atom?.links;
  const next = relation === "next_url" ? feed.next_url : links?.find((link) => link.rel === relation)?.href;
  url = next && new URL(next, url).href;
}
console.log(JSON.stringify(found));

function idOf(entry) {
  return entry.guid?.value ?? entry.id;
}

function changeOf(entry) {
  return entry.updated ?? entry.atom?.updated ?? entry.date_modified ?? entry.pubDate ?? entry.date_published ?? null;
}
