"""config.toml, the lists it names and the environment in, one frozen Settings out, or a ConfigError with every fault.

Each key is declared once, in `tables`, with its default and what would be right; messages and the README's reference
are held to these declarations. Relative paths are relative to the folder of the configuration file.
"""

from feedsvc.config.reading import load, settings_from
from feedsvc.config.settings import Polling, Settings
from feedsvc.config.tables import TABLES, OutletTable

__all__ = ["TABLES", "OutletTable", "Polling", "Settings", "load", "settings_from"]
