// One look at a feed, as a program subscribes with node's fetch and feedsmith: node subscribe.mjs URL STATE
// The state file keeps the validators of the last answer and what feedsmith made of its body.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseFeed } from "feedsmith";

const [url, file] = process.argv.slice(2);
const state = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
const headers = {};
if (state.etag) headers["If-None-Match"] = state.etag;
if (state.modified) headers["If-Modified-Since"] = state.modified;

const answer = await fetch(url, { headers });
if (answer.status !== 304) {
  if (!answer.ok) throw new Error(`${url}: answered ${answer.status}`);
  const document = parseFeed(await answer.text());
  const { headers: said } = answer;
  writeFileSync(file, JSON.stringify({ etag: said.get("etag"), modified: said.get("last-modified"), document }));
}
