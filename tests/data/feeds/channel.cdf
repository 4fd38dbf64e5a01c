<?xml version="1.0"?>
<!DOCTYPE Channel SYSTEM "http://www.w3c.org/Channel.dtd">
<CHANNEL HREF="https://clockwork-reel.example/" LASTMOD="1998-11-05T22:12">
  <TITLE>Clockwork Reel</TITLE>
  <ABSTRACT>Silent films, loudly praised</ABSTRACT>
  <ITEM HREF="https://clockwork-reel.example/lamplighter" LASTMOD="1998-11-05T22:12">
    <TITLE>The Lamplighter’s Debt</TITLE>
    <ABSTRACT>Four reels and not one wasted wick.</ABSTRACT>
  </ITEM>
  <ITEM HREF="https://clockwork-reel.example/omnibus">
    <TITLE>Last Omnibus to Pell</TITLE>
  </ITEM>
</CHANNEL>
