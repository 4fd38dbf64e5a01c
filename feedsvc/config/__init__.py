"""config.toml, the lists it names and the environment in, one frozen Settings out, or a ConfigError with every fault.

Each key is declared once, in `tables`, with its default and what would be right; messages and the README's reference
are held to these declarations. Relative paths are relative to the folder of the configuration file.
"""

from feedsvc.config.hubs import HUB_PATH, hub_links, hubs_of, other_hubs, own_hub
from feedsvc.config.reading import load, settings_from
from feedsvc.config.settings import Polling, Scale, Settings, WebSub
from feedsvc.config.tables import TABLES, OutletTable, ScaleTable

__all__ = [
    "HUB_PATH",
    "TABLES",
    "OutletTable",
    "Polling",
    "Scale",
    "ScaleTable",
    "Settings",
    "WebSub",
    "hub_links",
    "hubs_of",
    "load",
    "other_hubs",
    "own_hub",
    "settings_from",
]
