"""Made-up companies that copied their deals, and how well detection finds what is true."""
