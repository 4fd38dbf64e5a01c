"""Figures: feedsvc against a floor and a peer, as ratios from one run. `make bench` runs all of it; Linux alone."""
