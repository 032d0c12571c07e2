"""Moved to accounts.places, below compliance in the app graph; the old name stays for those who read it here."""

from accounts.places import main_zones_for, phone_zones, zip_zones, zones_for

__all__ = ["main_zones_for", "phone_zones", "zip_zones", "zones_for"]
