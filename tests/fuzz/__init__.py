"""Long runs against what we did not write: ``make fuzz``. The tests take a small share of each."""
