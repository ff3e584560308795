"""From a register of firms to tables of units by sectors by years, and to flows between units."""
