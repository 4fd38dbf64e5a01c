// Prints what feedsmith reads out of one file, as JSON: node read.mjs FILE
import { readFileSync } from "node:fs";
import { parseFeed, parseOpml } from "feedsmith";

const path = process.argv[2];
const parse = path.endsWith(".opml") ? parseOpml : parseFeed;
console.log(JSON.stringify(parse(readFileSync(path, "utf8"))));
